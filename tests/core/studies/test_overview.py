"""Frames of what studies found: counted by hand on made-up runs."""

import numpy as np
import pandas as pd
import pytest

from core.data.tasks import TASKS
from core.studies import overview
from core.studies.study import Study, summarise
from core.studies.verdicts import for_new_data, holm_corrected

LEVELS = [("none", 0.0), ("contrast", 0.1)]


def made_up(task: str, with_bias: list[float], without: list[float], dim: float = 0.5) -> Study:
    rows = [
        (task, arm, seed, stress, level, share if stress == "none" else dim, 1.0, None)
        for arm, shares in (("both biases", with_bias), ("no bias", without))
        for seed, share in enumerate(shares)
        for stress, level in LEVELS
    ]
    columns = ["task", "arm", "seed", "stress", "level", "accuracy", "train_accuracy", "diverged_at"]
    return summarise(TASKS.get(task, TASKS["digits"]), pd.DataFrame(rows, columns=columns))


HELPS = made_up("blank", [0.99, 1.0, 0.98, 0.99, 1.0], [0.5] * 5)
TIE = made_up("digits", [0.970, 0.971, 0.969, 0.970, 0.970], [0.971, 0.970, 0.970, 0.969, 0.970])
HURTS = made_up("own_ink", [0.5, 0.52, 0.51, 0.5, 0.49], [0.8, 0.81, 0.8, 0.79, 0.8])


def test_overview_goes_from_what_helps_most_to_what_hurts_most():
    table = overview.overview({"tie": TIE, "hurts": HURTS, "helps": HELPS})
    assert table["title"].tolist() == ["helps", "tie", "hurts"]
    assert table["verdict"].tolist() == ["helps", "no difference that matters", "hurts"]
    assert table["side"].tolist() == ["with bias", "rest", "without bias"]
    assert table["mean"].tolist() == pytest.approx([49.2, 0.0, -29.6])
    assert table["margin_high"].tolist() == [1.0, 1.0, 1.0]
    assert table["steps"].tolist() == [900, 460, 460]


def test_verdicts_of_the_overview_are_corrected_together():
    found = [study.difference("both biases", "no bias") for study in (HELPS, TIE, HURTS)]
    table = overview.overview({"a": HELPS, "b": TIE, "c": HURTS}).set_index("title")
    assert table.loc[["a", "b", "c"], "verdict"].tolist() == [each.verdict for each in holm_corrected(found)]


def test_rows_for_new_data_are_nadeau_and_bengios():
    studies = {"a": HELPS, "b": TIE, "c": HURTS}
    table = overview.overview(studies).set_index("title").loc[list(studies)]
    sizes = [(2874, 720), (1437, 360), (1437, 360)]
    found = [
        for_new_data(study.difference("both biases", "no bias"), 0.01, *size)
        for study, size in zip(studies.values(), sizes, strict=True)
    ]
    assert table["new_low95"].tolist() == pytest.approx([100 * each.low95 for each in found])
    assert table["new_high95"].tolist() == pytest.approx([100 * each.high95 for each in found])
    assert table["new_verdict"].tolist() == [each.verdict for each in holm_corrected(found)]
    assert (table["new_low95"] < table["low95"]).all()
    assert (table["new_high95"] > table["high95"]).all()


def test_verdicts_for_new_data_are_corrected_together():
    weak = made_up("digits", [0.93, 0.945, 0.915, 0.945, 0.915], [0.9] * 5)
    for n, found in ((1, "helps"), (2, "cannot tell")):
        table = overview.overview({str(number): weak for number in range(n)})
        assert set(table["verdict"]) == {"helps"}
        assert set(table["new_verdict"]) == {found}


def test_strip_holds_four_test_pictures_of_classes_in_turn():
    dim, bright = TASKS["dim_or_bright"].examples(per_class=2)
    shown = overview.strip(TASKS["dim_or_bright"])
    assert shown.shape == (8, 4 * 8 + 3)
    for place, picture in enumerate((dim[1][0], bright[1][0], dim[1][1], bright[1][1])):
        assert (shown[:, 9 * place : 9 * place + 8] == picture[0]).all()
    assert np.isnan(shown[:, 8::9]).all()


def test_table_says_that_all_seeds_gave_the_same():
    studies = {"Level": made_up("blank", [1.0] * 5, [0.75] * 5), "Ink": HURTS}
    first, second = overview.markdown(overview.overview(studies)).splitlines()[2:]
    assert first == "| Level | 900 | +25.0 | +25.0 in every seed | 1 | helps | +25.0 in every seed | helps |"
    assert "in every seed" not in second


def test_twins_of_a_seed_have_a_row_each_in_per_cent():
    frame = overview.twins_by_seed(HURTS)
    assert frame.query("seed == 1")[["arm", "accuracy"]].to_numpy().tolist() == [
        ["with bias", pytest.approx(52)],
        ["without bias", pytest.approx(81)],
    ]


def test_each_arm_is_held_against_the_one_without_bias():
    frame = overview.against_none(HELPS)
    assert frame["title"].tolist() == ["both biases"]
    assert frame["mean"].tolist() == pytest.approx([49.2])
    assert frame[["verdict", "margin_low", "margin_high"]].to_numpy().tolist() == [["helps", -1.0, 1.0]]


def test_stress_curve_is_in_per_cent_and_holds_the_undisturbed_level():
    frame = overview.under_stress(HELPS, "contrast", ("no bias",))
    assert frame[["arm", "level", "mean"]].to_numpy().tolist() == [["no bias", 0.1, 50], ["no bias", 1.0, 50]]
    wide = overview.under_stress(made_up("digits", [1.0, 0.2, 0.9, 1.0, 1.0], [0.9] * 5), "contrast")
    assert wide["high95"].max() <= 100


def test_remedy_sentence_says_all_three_at_one_contrast():
    plain = made_up("digits", [0.97] * 5, [0.96] * 5, dim=0.4)
    varied = made_up("digits", [0.95] * 5, [0.95] * 5, dim=0.9)
    assert overview.remedy_sentence(plain, varied) == (
        "At contrast 0.1 the biased network gets 40.0% right, its twin without 40.0%. Trained on pictures of "
        "varied contrast, the biased one gets 90.0%, and 95.0% instead of 97.0% at full contrast."
    )
