"""The smallest size is the recorded study's network; the study says what its runs say."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from core.data.tasks import TASKS
from core.studies.experiments.experiment import Results
from core.studies.experiments.network_size import SIZES, TRIED, ends_sentence, experiment
from core.studies.paired import NetSettings, run_study

COLUMNS = ["task", "n_filters", "arm", "seed", "accuracy"]


def made_up(gaps):
    """A study whose arms differ by these on every task at every size, one per seed; more at the largest."""
    rows = [
        (task, size, arm, seed, 0.5 + (gap + 0.1 * (size == "32, 64")) * (arm == "both biases"))
        for task in TRIED
        for size in ("8, 16", "16, 32", "32, 64")
        for arm in ("both biases", "no bias")
        for seed, gap in enumerate(gaps)
    ]
    return Results(experiment(), pd.DataFrame(rows, columns=COLUMNS))


@pytest.mark.release
def test_runs_have_a_row_per_task_size_and_arm_which_are_the_paired_studys():
    runs = pd.DataFrame(experiment(n_epochs=1).run(3))
    assert list(runs) == COLUMNS
    keys = list(runs[COLUMNS[:4]].itertuples(index=False, name=None))
    assert keys == [(task, size, arm, 3) for task in TRIED for size in SIZES for arm in ("both biases", "no bias")]
    for size in ("8, 16", "16, 32"):
        settings = NetSettings(n_filters=SIZES[size], n_epochs=1)
        arms = [(True, True), (False, False)]
        study = run_study(TASKS["digits"], arms=arms, seeds=[3], settings=settings, stresses=[("none", 0)])
        ours = runs[(runs["task"] == "digits") & (runs["n_filters"] == size)]
        assert ours["accuracy"].tolist() == study.runs["accuracy"].tolist()


def test_sizes_are_what_their_names_say():
    assert SIZES == {"8, 16": (8, 16), "16, 32": (16, 32), "32, 64": (32, 64)}


def test_summary_is_scipys_paired_t_interval():
    gaps = np.random.default_rng(0).normal(0.02, 0.01, 8)
    summary = made_up(gaps).summary.set_index(["task", "n_filters"])
    assert len(summary) == 6
    row = summary.loc[("digits", "8, 16")]
    assert [row["low95"], row["high95"]] == pytest.approx(list(stats.ttest_1samp(gaps, 0).confidence_interval()))
    assert row["arm_mean"] - row["other_mean"] == pytest.approx(row["mean"])


def test_smallest_and_largest_are_told_for_each_task():
    assert ends_sentence(made_up([0.0] * 6)) == (
        "Handwritten digits: a bias gives 0.0 points in each of 6 seeds with 24 filters, and "
        "+10.0 points in each of 6 seeds with 96 filters. "
        "Dim or bright copy: a bias gives 0.0 points in each of 6 seeds with 24 filters, and "
        "+10.0 points in each of 6 seeds with 96 filters."
    )


def test_sentence_names_task_and_size():
    study = made_up([0.0] * 6)
    assert study.sentences[0] == (
        "Handwritten digits, 8 and 16 filters: a bias leaves it the same in every seed: 0.0 points in each of 6 seeds."
    )
    assert study.sentence(task="dim_or_bright", n_filters="32, 64") == (
        "Dim or bright copy, 32 and 64 filters: a bias helps: +10.0 points in each of 6 seeds."
    )
