"""A study is what its runs say: pairs by seed, curves by stress, and a table of every difference."""

import numpy as np
import pandas as pd
import pytest

from core.data.tasks import TASKS
from core.errors import InputError
from core.studies.study import COLUMNS, summarise
from core.studies.verdicts import difference

TASK = TASKS["digits"]
ARMS = ("both biases", "dense bias only", "no bias")
STRESSES = (("none", 0.0), ("contrast", 0.1), ("contrast", 10.0), ("noise", 0.2), ("blank", 0.0))


def made(arms=ARMS, seeds=range(6)):
    """Runs with made-up accuracies: counts of 360."""
    random = np.random.default_rng(0)
    rows = [
        ("digits", arm, seed, stress, level, random.integers(300, 360) / 360, 1.0, None)
        for arm in arms
        for seed in seeds
        for stress, level in STRESSES
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


STUDY = summarise(TASK, made())


def accuracies(arm, stress="none", level=0.0):
    runs = STUDY.runs.query("arm == @arm and stress == @stress and level == @level").sort_values("seed")
    return runs["accuracy"].to_numpy()


def test_summary_has_a_row_per_pair_of_arms_and_stress_earlier_minus_later():
    assert len(STUDY.summary) == 3 * 5
    pairs = STUDY.summary[["arm", "other"]].drop_duplicates().itertuples(index=False, name=None)
    assert list(pairs) == [(ARMS[0], ARMS[1]), (ARMS[0], ARMS[2]), (ARMS[1], ARMS[2])]
    for row in STUDY.summary.itertuples():
        d = accuracies(row.arm, row.stress, row.level) - accuracies(row.other, row.stress, row.level)
        found = difference(np.round(d, 12), TASK.margin)
        assert (row.n, row.mean, row.low95, row.high90) == (6, found.mean, found.low95, found.high90)
        assert (row.p_zero, row.p_margin, row.verdict, row.note) == (
            found.p_zero,
            found.p_margin,
            found.verdict,
            found.note,
        )
        assert (row.same, row.opposite, row.tied) == (
            int((d * d.mean() > 0).sum()),
            int((d * d.mean() < 0).sum()),
            int((d == 0).sum()),
        )


def test_summary_has_the_columns_that_pages_read():
    what, counts = ["arm", "other", "stress", "level"], ["same", "opposite", "tied", "outliers"]
    said = ["n", "mean", "low95", "high95", "low90", "high90", "p_zero", "p_margin", "verdict", "note"]
    assert list(STUDY.summary) == what + said + counts


def test_pairs_are_matched_by_seed_whatever_the_order_of_the_runs():
    shuffled = summarise(TASK, made().sample(frac=1, random_state=3))
    pairs = shuffled.pairs("both biases", "no bias", "contrast", 0.1)
    assert pairs["seed"].tolist() == list(range(6))
    assert np.array_equal(pairs["accuracy"], accuracies("both biases", "contrast", 0.1))
    assert np.array_equal(pairs["other_accuracy"], accuracies("no bias", "contrast", 0.1))


def test_equal_differences_are_equal_after_subtraction_too():
    runs = made(arms=("both biases", "no bias"), seeds=range(5))
    runs["accuracy"] = [
        (k + 3 * (arm == "both biases")) / 360 for arm, k in zip(runs["arm"], runs["seed"], strict=True)
    ]
    differences = summarise(TASK, runs).pairs("both biases", "no bias")["difference"]
    assert len(set(differences)) == 1


def test_collapsed_run_is_marked_counted_and_said():
    runs = made()
    runs.loc[(runs["arm"] == "both biases") & (runs["seed"] == 4) & (runs["stress"] == "none"), "accuracy"] = 0.1
    study = summarise(TASK, runs)
    assert study.pairs("both biases", "no bias")["outlier"].tolist() == [False] * 4 + [True, False]
    assert study.summary.query("stress == 'none'")["outliers"].tolist() == [1, 1, 0]
    assert study.outliers("both biases", "no bias").startswith("Seed 4 lies far off the others")
    assert study.outliers("dense bias only", "no bias") == ""


def test_verdict_is_about_the_first_arm_and_the_last_undisturbed():
    assert STUDY.arms == ARMS
    assert STUDY.verdict == STUDY.difference("both biases", "no bias").sentence("a bias", 0.01)
    assert "a convolution bias" in STUDY.sentence("both biases", "dense bias only")
    assert "that a dense bias helps" in STUDY.lottery("dense bias only", "no bias", "contrast", 10.0)


def test_one_arm_alone_has_no_differences():
    study = summarise(TASK, made(arms=("no bias",)))
    assert study.summary.empty
    assert study.verdict == "One arm alone has nothing to be compared with."
    assert len(study.stress_curve("contrast")) == 3


def test_contrast_curve_has_the_undisturbed_set_at_1_and_scipys_interval():
    from scipy import stats

    curve = STUDY.stress_curve("contrast")
    assert list(curve) == ["arm", "level", "mean", "low95", "high95"]
    assert curve["arm"].tolist() == [arm for arm in ARMS for _ in range(3)]
    assert curve["level"].tolist() == [0.1, 1.0, 10.0] * 3
    for row in curve.itertuples():
        values = accuracies(row.arm, "none") if row.level == 1 else accuracies(row.arm, "contrast", row.level)
        low, high = stats.ttest_1samp(values, 0).confidence_interval(0.95)
        assert (row.mean, row.low95, row.high95) == pytest.approx((values.mean(), low, high))


def test_noise_curve_begins_undisturbed_at_0_and_blank_is_one_point():
    assert STUDY.stress_curve("noise")["level"].tolist() == [0.0, 0.2] * 3
    assert STUDY.stress_curve("blank")["level"].tolist() == [0.0] * 3


def test_single_seed_has_means_and_no_intervals():
    study = summarise(TASK, made(seeds=[7]))
    assert study.stress_curve("contrast")[["low95", "high95"]].isna().all(axis=None)
    assert study.verdict.startswith("1 seed is too few to say what a bias does")


def test_seeds_that_only_one_arm_has_are_left_out():
    runs = made()
    study = summarise(TASK, runs[(runs["arm"] != "no bias") | (runs["seed"] > 1)])
    assert study.pairs("both biases", "no bias")["seed"].tolist() == [2, 3, 4, 5]
    assert study.difference("both biases", "dense bias only").n == 6


def test_study_comes_back_from_csv_to_the_last_bit(tmp_path):
    STUDY.runs.to_csv(tmp_path / "runs.csv", index=False)
    again = summarise(TASK, pd.read_csv(tmp_path / "runs.csv"))
    pd.testing.assert_frame_equal(again.runs, STUDY.runs, check_exact=True)
    pd.testing.assert_frame_equal(again.summary, STUDY.summary, check_exact=True)
    assert again.verdict == STUDY.verdict


def test_diverged_at_is_a_whole_number_or_missing():
    runs = made().assign(diverged_at=[3, *[None] * 89])
    found = summarise(TASK, runs).runs["diverged_at"]
    assert (found.dtype, found[0], found.isna().sum()) == ("Int64", 3, 89)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda runs: runs.assign(task="blank"), "`runs` must be of the task digits, got blank"),
        (lambda runs: runs[:0], "`runs` must be of the task digits, got none"),
        (
            lambda runs: pd.concat([runs, runs[:1]]),
            "`runs` must hold each arm, seed and stress once, got one of them twice",
        ),
    ],
)
def test_runs_that_make_no_study_are_told(change, sentence):
    with pytest.raises(InputError) as caught:
        summarise(TASK, change(made()))
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("ask", "sentence"),
    [
        (
            lambda: STUDY.pairs("all", "no bias"),
            "`arm` must be one of both biases, dense bias only, no bias, got 'all'",
        ),
        (
            lambda: STUDY.pairs("both biases", "no bias", "contrast", 3.0),
            "`stress` must be one of the study's, with its level, got 'contrast' with 3.0",
        ),
        (lambda: STUDY.stress_curve("rain"), "`stress` must be one of the study's, got 'rain'"),
    ],
)
def test_what_a_study_has_not_is_told(ask, sentence):
    with pytest.raises(InputError) as caught:
        ask()
    assert str(caught.value) == sentence
