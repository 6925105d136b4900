"""An experiment runs every seed alike wherever it runs, and its results say what its runs say."""

import subprocess
import sys
from functools import partial
from io import StringIO
from pathlib import Path

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


ROOT = Path(__file__).parents[4]


def nothing(_):
    return []


def nothing_new(*_):
    raise AssertionError("a seed that had ended is run again")


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


def measured(ran, fails_at, wanted, seed):
    """A run that notes its seed, and breaks off at one of them."""
    if seed == fails_at:
        raise KeyboardInterrupt
    ran.append(seed)
    return [{"arm": arm, "seed": seed, "test_accuracy": wanted / 3 + seed} for arm in "ab"]


def noted(ran, fails_at=None, wanted=1):
    """An experiment of such runs, whose settings are `wanted` alone."""
    run = partial(lambda wanted, seed: measured(ran, fails_at, wanted, seed), wanted)
    return Experiment("noted", run, (FIRST,))


def test_experiment_that_was_broken_off_goes_on_from_its_file_and_runs_no_seed_again(tmp_path):
    first, then, path = [], [], tmp_path / "runs.json"
    with pytest.raises(KeyboardInterrupt):
        run_experiment(noted(first, fails_at=5), [3, 1, 5, 2], path=path)
    assert first == [3, 1]
    found = run_experiment(noted(then), [3, 1, 5, 2], path=path)
    assert then == [5, 2]
    pd.testing.assert_frame_equal(found.runs, run_experiment(noted([]), [3, 1, 5, 2]).runs, check_exact=True)
    assert run_experiment(noted(then), [1, 5], path=path).runs["seed"].unique().tolist() == [1, 5]
    assert then == [5, 2]


def test_killed_process_leaves_a_file_that_is_gone_on_from(tmp_path):
    path = tmp_path / "runs.json"
    program = f"""
import os
from core.data.tasks import TASKS
from core.studies.experiments.bias_removal import experiment
from core.studies.experiments.experiment import run_experiment
from core.studies.paired import NetSettings
quick = NetSettings(n_filters=(3, 4), n_epochs=1, learning_rate=0.03)
run_experiment(experiment(TASKS["small_50"], quick), [0, 3], path={str(path)!r})
os.kill(os.getpid(), 9)
"""
    ended = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, check=False)
    assert ended.returncode == -9, ended.stderr
    made = EXPERIMENTS[1]
    kept = Experiment(made.name, partial(nothing_new, *made.run.args), made.comparisons)
    found = run_experiment(kept, [3, 0], path=path).runs
    pd.testing.assert_frame_equal(found, run_experiment(made, [3, 0]).runs, check_exact=True)


@pytest.mark.parametrize("made", [noted([], wanted=2), Experiment("another", noted([]).run, (FIRST,))])
def test_file_of_another_experiment_or_of_other_settings_is_refused(tmp_path, made):
    path = tmp_path / "runs.json"
    run_experiment(noted([]), [1], path=path)
    with pytest.raises(
        InputError, match=r"^`path` must be a file of the same study, got one whose (experiment|settings)"
    ):
        run_experiment(made, [1, 2], path=path)


def test_file_that_cannot_be_written_is_told_before_any_run(tmp_path):
    ran = []
    with pytest.raises(InputError, match=r"^`path` must be a file that can be written"):
        run_experiment(noted(ran), [1], path=tmp_path / "nowhere" / "runs.json")
    assert ran == []


@pytest.mark.parametrize("experiment", EXPERIMENTS, ids=lambda experiment: experiment.name)
def test_rows_come_back_from_the_file_to_the_last_bit(tmp_path, experiment):
    first = run_experiment(experiment, [3], path=tmp_path / "runs.json").runs
    again = run_experiment(experiment, [3], path=tmp_path / "runs.json").runs
    pd.testing.assert_frame_equal(again, first, check_exact=True)


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
