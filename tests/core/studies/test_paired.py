"""Runs are paired by their seed, equal to the last bit wherever they run, and are never run twice or lost."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from core.data.tasks import TASKS, Task
from core.errors import InputError
from core.models.cnn import ConvNetClassifier
from core.studies import paired
from core.studies.paired import NetSettings, one_run, run_study, runs_frame, study_runs
from core.studies.stress import STRESSES, apply_stress
from core.studies.switches import ALL_ARMS, FOUR, Arm, arm_name

ROOT = Path(__file__).parents[3]
TASK = TASKS["small_50"]
PAIR = (Arm(True, True), Arm(False, False))
QUICK = {"settings": NetSettings(n_epochs=3), "stresses": [("none", 0.0), ("contrast", 0.1), ("noise", 0.2)]}


def quick(**changes):
    return run_study(TASK, **(QUICK | {"arms": PAIR, "seeds": range(5)} | changes))


@pytest.fixture(scope="module")
def study():
    return quick()


def same(one, other):
    pd.testing.assert_frame_equal(one.runs, other.runs, check_exact=True)
    pd.testing.assert_frame_equal(one.summary, other.summary, check_exact=True)
    return one.verdict == other.verdict


# What a run is


@pytest.mark.parametrize("arm", ALL_ARMS, ids=arm_name)
def test_run_is_a_fit_of_the_classifier_measured_under_every_stress(arm):
    split = TASK.draw(2)
    with threadpool_limits(1):  # as a run is fitted
        model = ConvNetClassifier(**arm._asdict(), n_epochs=3, random_state=2).fit(split.X_train, split.y_train)
    run = one_run(TASK, arm, 2, NetSettings(n_epochs=3))
    assert [(row["stress"], row["level"]) for row in run] == list(STRESSES)
    for row in run:
        X = apply_stress(split.X_test, row["stress"], row["level"], seed=2)
        assert row["accuracy"] == model.score(X, split.y_test)
        assert row["train_accuracy"] == model.score(split.X_train, split.y_train)
        assert (row["task"], row["arm"], row["seed"], row["diverged_at"]) == ("small_50", arm_name(arm), 2, None)


def test_rows_of_a_run_can_be_json():
    run = one_run(TASK, Arm(True, True), 0, NetSettings(n_epochs=1))
    assert json.loads(json.dumps(run, allow_nan=False)) == run


def test_untrained_arms_are_one_function_so_every_seed_is_a_tie():
    study = quick(arms=FOUR, settings=NetSettings(n_epochs=0))
    assert (study.summary["verdict"] == "equal in all seeds").all()
    assert study.verdict == "A bias leaves it the same in every seed: 0.0 points in each of 5 seeds."


def test_diverged_run_is_kept_and_says_when():
    study = quick(settings=NetSettings(n_epochs=5, learning_rate=1e6))
    assert study.runs["diverged_at"].notna().any()
    assert study.runs["accuracy"].between(0, 1).all()


def test_net_without_bias_tells_no_dark_card_from_a_light_one_and_a_bias_does():
    study = run_study(
        TASKS["grey_cards"], arms=PAIR, seeds=range(5), settings=NetSettings(n_epochs=8), stresses=[("none", 0.0)]
    )
    pairs = study.pairs("both biases", "no bias")
    assert pairs["other_accuracy"].tolist() == pytest.approx([0.5] * 5, abs=0.005)
    assert pairs["accuracy"].min() > 0.9
    assert study.verdict.startswith("A bias helps: +")


def test_swapped_labels_of_digit_or_blank_give_the_same_difference():
    task = TASKS["blank"]

    def swapped(seed):
        split = task.draw(seed)
        return replace(split, y_train=1 - split.y_train, y_test=1 - split.y_test)

    other = replace(task, name="swapped", classes=task.classes[::-1], draw=swapped)
    net = {"arms": PAIR, "seeds": range(3), "settings": NetSettings(n_epochs=3), "stresses": [("none", 0.0)]}
    there, back = (run_study(each, **net).pairs("both biases", "no bias") for each in (task, other))
    assert there["other_accuracy"].tolist() == back["other_accuracy"].tolist() == [0.75] * 3
    assert there["accuracy"].tolist() == back["accuracy"].tolist() == [1.0] * 3


# The default settings


def test_default_length_of_training_is_the_tasks():
    run = next(study_runs(replace(TASK, n_epochs=2), arms=PAIR, seeds=[1]))
    assert run == one_run(TASK, Arm(True, True), 1, NetSettings(n_epochs=2))


def test_runs_are_in_the_order_of_arms_seeds_and_stresses(study):
    runs = quick(seeds=[4, 0, 2], arms=[(False, False), (True, True)]).runs
    assert runs["arm"].tolist() == ["no bias"] * 9 + ["both biases"] * 9
    assert runs["seed"].tolist() == ([0] * 3 + [2] * 3 + [4] * 3) * 2
    assert runs["stress"].tolist() == ["none", "contrast", "noise"] * 6
    kept = study.runs[study.runs["seed"].isin([0, 2, 4])].sort_values(["arm", "seed"], ascending=[False, True])
    assert runs["accuracy"].tolist() == kept["accuracy"].tolist()


def test_runs_come_seed_by_seed_so_that_a_broken_study_has_pairs():
    runs = study_runs(TASK, **QUICK, arms=PAIR, seeds=[7, 3])
    assert [(run[0]["seed"], run[0]["arm"]) for run in runs] == [
        (7, "both biases"),
        (7, "no bias"),
        (3, "both biases"),
        (3, "no bias"),
    ]


# Wherever it runs


def test_two_processes_give_what_one_gives(study):
    assert same(quick(n_jobs=2), study)


def test_run_has_one_blas_thread_wherever_it_is():
    # with two, the first layer's gradients of a wide net come out another way in their last digits
    seen = []

    def draw(seed):
        seen.extend(pool["num_threads"] for pool in threadpool_info())
        return TASK.draw(seed)

    with threadpool_limits(2):
        one_run(replace(TASK, draw=draw), PAIR[0], 0, NetSettings(n_epochs=0))
        assert {pool["num_threads"] for pool in threadpool_info()} == {2}
    assert set(seen) == {1}


@pytest.mark.slow
def test_dask_cluster_of_two_workers_gives_what_one_process_gives(study):
    distributed = pytest.importorskip("distributed", reason="distributed is not installed (tests/requirements.txt)")
    cluster = distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address="127.0.0.1:0", host="127.0.0.1"
    )
    with cluster, distributed.Client(cluster) as client, joblib.parallel_config(backend="dask"):
        spread = quick()
        logs = client.run(os.getpid)
    assert len(set(logs.values()) - {os.getpid()}) == 2
    assert same(spread, study)


def test_study_that_is_left_in_the_middle_stops_its_work():
    runs = study_runs(TASK, **QUICK, arms=PAIR, seeds=range(200), n_jobs=2)
    next(runs)
    start = time.monotonic()
    runs.close()
    assert time.monotonic() - start < 5


# The file


def refuse(*_):
    raise AssertionError("a finished run was run again")


def test_finished_runs_are_not_run_again(tmp_path, study, monkeypatch):
    assert same(quick(path=tmp_path / "study.json"), study)
    monkeypatch.setattr(paired, "one_run", refuse)
    assert same(quick(path=str(tmp_path / "study.json")), study)


def test_more_seeds_and_arms_continue_the_same_file(tmp_path, study, monkeypatch):
    path = tmp_path / "study.json"
    few = quick(path=path, seeds=[1, 3], arms=PAIR[:1])
    assert few.runs["seed"].unique().tolist() == [1, 3]
    ran = []
    monkeypatch.setattr(paired, "one_run", lambda *args: ran.append(args[1:3]) or one_run(*args))
    assert same(quick(path=path), study)
    assert len(ran) == 8
    assert not {(PAIR[0], 1), (PAIR[0], 3)} & set(ran)
    assert same(quick(path=path, seeds=[1, 3], arms=PAIR[:1]), few)


def test_runs_that_the_file_holds_come_first(tmp_path):
    path = tmp_path / "study.json"
    quick(path=path, seeds=[3])
    runs = study_runs(TASK, **QUICK, arms=PAIR, seeds=[1, 3], path=path)
    assert [run[0]["seed"] for run in runs] == [3, 3, 1, 1]


@pytest.mark.slow
def test_study_killed_in_the_middle_and_continued_is_the_unbroken_one(tmp_path):
    path = tmp_path / "study.json"
    settings = {"settings": NetSettings(n_epochs=60), "seeds": range(3), "stresses": [("none", 0.0), ("noise", 0.2)]}
    code = (
        "import sys; from core.data.tasks import TASKS; from core.studies.paired import *\n"
        f"run_study(TASKS['small_50'], path=sys.argv[1], **{settings!r})"
    )
    child = subprocess.Popen([sys.executable, "-c", code, path], cwd=ROOT)
    try:
        finished = wait_for_runs(path, 3, child)
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait()
    kept = json.loads(path.read_text())["runs"]
    assert 3 <= finished <= len(kept) < 12
    assert same(run_study(TASK, path=path, **settings), run_study(TASK, **settings))


def wait_for_runs(path, n, child):
    """How many runs are in the file, once there are n."""
    for _ in range(2000):
        assert child.poll() is None, "the study ended before it could be killed"
        if path.exists() and len(runs := json.loads(path.read_text())["runs"]) >= n:
            return len(runs)
        time.sleep(0.01)
    raise AssertionError("no runs in 20 seconds")


def test_file_of_other_settings_is_refused_before_any_work(tmp_path, monkeypatch):
    path = tmp_path / "study.json"
    quick(path=path, seeds=[0])
    monkeypatch.setattr(paired, "one_run", refuse)
    with pytest.raises(InputError) as caught:
        study_runs(TASK, **(QUICK | {"settings": NetSettings(n_epochs=4)}), path=path)
    assert str(caught.value) == "`path` must be a file of the same study, got one whose n_epochs is 3, not 4"


def test_file_that_cannot_be_written_is_told_before_any_work(tmp_path, monkeypatch):
    monkeypatch.setattr(paired, "one_run", refuse)
    path = tmp_path / "nowhere" / "study.json"
    with pytest.raises(InputError) as caught:
        quick(path=path)
    assert (
        str(caught.value) == f"`path` must be a file that can be written, got {str(path)!r} (No such file or directory)"
    )


def test_setting_that_the_classifier_refuses_leaves_a_file_for_the_right_one(tmp_path, study):
    path = tmp_path / "study.json"
    with pytest.raises(InputError) as caught:
        quick(path=path, settings=NetSettings(n_epochs=-1))
    assert str(caught.value) == "`n_epochs` must be a whole number of at least 0, got −1"
    assert same(quick(path=path), study)


def test_classifiers_error_in_a_worker_arrives_whole():
    with pytest.raises(InputError) as caught:
        quick(settings=NetSettings(learning_rate=0.0), n_jobs=2)
    assert str(caught.value) == "`learning_rate` must be a number above 0, got 0.0"


# Your own task, and what is refused


def test_task_of_your_own_needs_a_name_a_margin_and_a_draw(study):
    mine = Task("mine", "My digits", "Which digit?", 0.5, TASK.classes, TASK.draw)
    found = run_study(mine, **QUICK, arms=PAIR, seeds=range(5), n_jobs=2)
    assert found.runs["accuracy"].tolist() == study.runs["accuracy"].tolist()
    assert (found.runs["task"] == "mine").all()
    assert found.verdict.startswith("A bias makes no difference that matters (margin 50 points)")


def test_frame_of_runs_does_not_depend_on_the_order_in_which_they_ended(study):
    runs = list(study_runs(TASK, **QUICK, arms=PAIR, seeds=range(5)))
    shuffled = [runs[place] for place in np.random.default_rng(0).permutation(len(runs))]
    pd.testing.assert_frame_equal(runs_frame(shuffled, PAIR), study.runs, check_exact=True)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"seeds": []}, "`seeds` must hold at least one seed, got none"),
        ({"seeds": [0, 1.0]}, "`seeds[1]` must be a whole number from 0 to 4,294,967,295, got 1.0"),
        ({"seeds": [True]}, "`seeds[0]` must be a whole number from 0 to 4,294,967,295, got True"),
        ({"seeds": [-1]}, "`seeds[0]` must be a whole number from 0 to 4,294,967,295, got −1"),
        ({"seeds": [2**32]}, "`seeds[0]` must be a whole number from 0 to 4,294,967,295, got 4,294,967,296"),
        ({"seeds": [3, 4, 3]}, "`seeds` must differ from each other, got 3 twice"),
        ({"arms": []}, "`arms` must hold at least one arm, got none"),
        (
            {"stresses": [("noise", 0.1)]},
            "`stresses` must hold ('none', 0.0), the undisturbed test set, got (('noise', 0.1),)",
        ),
    ],
)
def test_argument_that_breaks_its_rule_is_told_at_once(changes, sentence):
    with pytest.raises(InputError) as caught:
        study_runs(TASK, **changes)
    assert str(caught.value) == sentence


def test_numpy_seeds_are_seeds():
    assert quick(seeds=np.arange(2)).runs["seed"].unique().tolist() == [0, 1]


def test_backend_that_gives_all_back_at_the_end_will_do(study):
    with joblib.parallel_config(backend="multiprocessing", n_jobs=2):
        assert same(quick(), study)


# Work spread by a function of one's own


def backwards(items):
    return (item() for item in reversed(items))


def test_study_is_the_same_to_the_last_bit_whoever_spreads_the_work(study):
    assert same(quick(compute=backwards), study)


def test_what_a_function_of_ones_own_finished_is_in_the_file(study, tmp_path):
    def broken(items):
        yield items[0]()
        raise OSError("the cluster is gone")

    path = tmp_path / "study.json"
    with pytest.raises(OSError, match="the cluster is gone"):
        quick(compute=broken, path=path)
    assert len(json.loads(path.read_text())["runs"]) == 1
    asked = []
    assert same(quick(compute=lambda items: asked.extend(items) or backwards(items), path=path), study)
    assert len(asked) == 2 * 5 - 1


def test_result_that_is_missing_is_told():
    with pytest.raises(InputError, match="`compute` must give one result a work item, got 9 of 10"):
        quick(compute=lambda items: backwards(items[1:]))


def test_work_is_spread_in_one_way():
    with pytest.raises(InputError, match="`n_jobs` must be None where `compute` spreads the work"):
        quick(compute=backwards, n_jobs=2)


@pytest.mark.slow
def test_ray_finishes_a_study_one_of_whose_workers_was_killed(study, tmp_path):
    (on_ray,) = re.findall(r"^def on_ray.*?\n\n", README, flags=re.DOTALL | re.MULTILINE)
    program = tmp_path / "over_ray.py"
    program.write_text(RAY.replace("ON_RAY", on_ray))
    environment = os.environ | {"RAY_USAGE_STATS_ENABLED": "0", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, str(program), str(tmp_path)]
    subprocess.run(command, cwd=tmp_path, env=environment, check=True, capture_output=True, timeout=240)
    assert (tmp_path / "killed").is_file()
    kept = json.loads((tmp_path / "study.json").read_text())["runs"]
    assert same(replace(study, runs=runs_frame(kept, PAIR)), study)


README = (ROOT / "README.md").read_text(encoding="utf-8")
RAY = """
import functools, os, pathlib, signal, sys
import ray
from core.data.tasks import TASKS
from core.studies.paired import NetSettings, run_study

MARK = pathlib.Path(sys.argv[1]) / "killed"

ON_RAY
def killing(item, mark):
    if not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return item()


if __name__ == "__main__":
    ray.init(num_cpus=2, include_dashboard=False, object_store_memory=80_000_000, log_to_driver=False)
    quick = {"settings": NetSettings(n_epochs=3), "stresses": [("none", 0.0), ("contrast", 0.1), ("noise", 0.2)]}
    spread = lambda items: on_ray([functools.partial(killing, item, MARK) for item in items])
    arms, path = ((True, True), (False, False)), sys.argv[1] + "/study.json"
    run_study(TASKS["small_50"], arms=arms, seeds=range(5), compute=spread, path=path, **quick)
"""
