"""The threshold program against what the page says."""

import pytest

from core.exact.threshold import UnitPair
from core.models.activations import ACTIVATIONS


def expected(weight=1.0, bias=1.0, activation="relu"):
    pair = UnitPair(weight, bias, activation)
    each = zip(pair.thresholds.values(), pair.share_active.values(), strict=True)
    return [number for x, share in each for number in ((x, 100 * share) if weight else (100 * share,))]


@pytest.mark.few(8)
@pytest.mark.parametrize(
    "changed",
    [{}, {"weight": -2.0}, {"weight": 0.0}, {"weight": 0.05, "bias": 3.0}, {"bias": -0.35}, {"bias": 0.0}]
    + [{"activation": name} for name in ACTIVATIONS],
    ids=str,
)
def test_program_gives_the_pages_numbers(numbers, changed):
    assert numbers("threshold", **changed) == pytest.approx(expected(**changed), rel=6e-6, abs=1e-9)
