"""The program of the norms against what the page says."""

import pytest

from core.exact.norms import NormSettings, fold_study, norm_table
from core.models.norms import NORMS


def expected(norm="batch_norm", **settings):
    study = norm_table(NormSettings(**settings))
    rows = study.to_frame()
    moved = [number for pair in rows[["change", "gradient"]].to_numpy() for number in pair]
    means = [float(maps[:, 0].mean()) for stage in ("none", norm) for maps in reversed(study.outputs[stage])]
    folded = fold_study()
    return [*moved, *means, folded.biases["folded_bias"].iloc[0]]


@pytest.mark.few(6)
@pytest.mark.parametrize(
    "changed", [{}, {"b": -3.0}, {"b": 0.0}, {"groups": 1}, {"groups": 4}, *({"norm": name} for name in NORMS)], ids=str
)
def test_program_gives_the_pages_numbers(numbers, changed):
    assert numbers("norms", **changed) == pytest.approx(expected(**changed), rel=6e-6, abs=1e-11)


def test_program_has_the_pages_norms_in_the_pages_order(printed):
    assert [line.partition(":")[0] for line in printed("norms")[:-1]] == list(NORMS)
