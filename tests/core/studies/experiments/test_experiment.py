"""An experiment runs every seed alike wherever it runs, and its results say what its runs say."""

from io import StringIO

import numpy as np
import pandas as pd
import pytest
from joblib import parallel_config
from scipy import stats
from threadpoolctl import threadpool_info, threadpool_limits

from core.data.tasks import TASKS
from core.errors import InputError
from core.studies.experiments import bias_removal, denoiser_light, weight_decay
from core.studies.experiments.experiment import Comparison, Experiment, Results, run_experiment
from core.studies.paired import NetSettings

TASK = TASKS["small_50"]
QUICK = NetSettings(n_filters=(3, 4), n_epochs=1, learning_rate=0.03)
FIRST = Comparison("a", "b", "a", 0.02)
EXPERIMENTS = [
    weight_decay.experiment(TASK, QUICK),
    bias_removal.experiment(TASK, QUICK),
    denoiser_light.experiment(n_patches=32, n_epochs=1),
]


def nothing(_):
    return []


def results(gains, *comparisons, n_epochs=2):
    """Two arms that differ by these after the last epoch, one per seed, and by half in the other measure."""
    rows = []
    for seed, gain in enumerate(gains):
        for epoch in range(n_epochs + 1):
            last = gain if epoch == n_epochs else 0.0
            rows += [("a", seed, epoch, 0.5 + last, 0.5 + last / 2), ("b", seed, epoch, 0.5, 0.5)]
    runs = pd.DataFrame(rows, columns=["arm", "seed", "epoch", "test_accuracy", "other"])
    return Results(Experiment("made up", nothing, comparisons or (FIRST,)), runs)


# What the results say


def test_summary_is_scipys_paired_t_interval_after_the_last_epoch():
    gains = np.random.default_rng(0).normal(0.02, 0.01, 8)
    row = results(gains).summary.iloc[0]
    interval = stats.ttest_1samp(gains, 0).confidence_interval()
    assert [row["low95"], row["high95"]] == pytest.approx(list(interval))
    assert (row["measure"], row["arm"], row["other"]) == ("test_accuracy", "a", "b")
    assert row["arm_mean"] - row["other_mean"] == pytest.approx(gains.mean())


def test_p_values_of_all_comparisons_are_one_family():
    gains = np.array([0.02, 0.03, 0.01, 0.04, 0.02])
    other = Comparison("a", "b", "a", 0.02, measure="other")
    alone = stats.ttest_1samp(gains, 0).pvalue
    assert results(gains, FIRST, other).summary["p_zero"].tolist() == pytest.approx([2 * alone] * 2)


def test_arms_may_be_columns_and_rows_are_those_asked_for():
    rows = [
        (where, seed, 0.9, 0.9 - 0.01 * seed * (where == "here")) for where in ("here", "there") for seed in range(6)
    ]
    runs = pd.DataFrame(rows, columns=["where", "seed", "full", "less"])
    here, there = (Comparison("less", "full", "it", 0.01, where=(("where", where),)) for where in ("here", "there"))
    found = Results(Experiment("made up", nothing, (here, there)), runs)
    assert found.difference(where="here").mean == pytest.approx(-0.025)
    assert found.difference(where="there").verdict == "equal in all seeds"
    assert found.summary["where"].tolist() == ["here", "there"]


def test_sentence_is_of_the_first_comparison_that_has_what_is_asked():
    gains = [0.02] * 5 + [0.021]
    other = Comparison("a", "b", "a", 0.02, measure="other", opening="Elsewhere")
    found = results(gains, FIRST, other)
    assert found.sentence(arm="a") == "A helps: +2.02 points, 95% interval +1.97 to +2.06, 6 seeds."
    assert found.sentence(measure="other").startswith(
        "Elsewhere: a makes no difference that matters (margin 2 points): "
    )
    assert found.sentences == (found.sentence(), found.sentence(measure="other"))
    with pytest.raises(InputError, match=r"^`what` must be a comparison of made up, got arm 'b', other 'a'$"):
        found.sentence(arm="b", other="a")


def test_table_is_of_the_last_epoch_or_the_one_asked_for_seeds_down_and_arms_across():
    last, first = (results([0.1, 0.3]).table("test_accuracy", epoch) for epoch in (None, 0))
    assert last.to_dict() == {"a": {0: 0.6, 1: 0.8}, "b": {0: 0.5, 1: 0.5}}
    assert first.to_dict() == {"a": {0: 0.5, 1: 0.5}, "b": {0: 0.5, 1: 0.5}}
    assert results([0.1, 0.3]).table("other")["a"].tolist() == [0.55, 0.65]


# How it runs


@pytest.mark.parametrize("experiment", EXPERIMENTS, ids=lambda experiment: experiment.name)
def test_same_seed_gives_the_same_runs_in_any_order_and_side_by_side(experiment):
    one = run_experiment(experiment, [0, 3]).runs
    with parallel_config(backend="threading"):
        other = run_experiment(experiment, [3, 0], n_jobs=2).runs
    assert one["seed"].unique().tolist() == [0, 3]
    order = one.columns[: one.columns.get_loc("seed") + 2].tolist()
    ours, theirs = (runs.sort_values(order, ignore_index=True) for runs in (one, other))
    pd.testing.assert_frame_equal(ours, theirs, check_exact=True)


@pytest.mark.parametrize("experiment", EXPERIMENTS, ids=lambda experiment: experiment.name)
def test_results_come_back_from_a_csv_of_the_runs(experiment):
    found = run_experiment(experiment, [0, 3])
    back = Results(experiment, pd.read_csv(StringIO(found.runs.to_csv(index=False, float_format="%.9g"))))
    pd.testing.assert_frame_equal(back.summary, found.summary, rtol=1e-6, atol=1e-6)
    assert back.sentences == found.sentences


def test_each_seed_has_one_blas_thread():
    def run(seed):
        return [{"seed": seed, "threads": pool["num_threads"]} for pool in threadpool_info()]

    with threadpool_limits(2):
        assert set(run_experiment(Experiment("threads", run, ()), [0]).runs["threads"]) == {1}


@pytest.mark.parametrize(
    ("seeds", "sentence"),
    [
        ([], "`seeds` must hold at least one seed, got none"),
        ([-1], r"`seeds\[0\]` must be a whole number from 0 to 4,294,967,295, got −1"),
        ([4, 4], "`seeds` must differ from each other, got 4 twice"),
    ],
)
def test_seeds_are_checked(seeds, sentence):
    with pytest.raises(InputError, match=f"^{sentence}$"):
        run_experiment(EXPERIMENTS[0], seeds)
