"""A visitor's study: told run by run, continued from what is kept, and the same as `run_study` gives."""

import json
import tempfile
from pathlib import Path

import pandas as pd
import pytest

from core.data.tasks import TASKS
from core.errors import InputError
from core.studies.paired import NetSettings, run_study
from core.studies.switches import ALL_ARMS, FOUR
from core.studies.visitor_study import StudySettings, run_live, study_so_far

QUICK = StudySettings(task="small_50", n_seeds=5, n_epochs=1)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_runs_that_were_told_make_the_study_that_run_study_gives():
    events = json.loads(json.dumps(list(run_live(QUICK)), allow_nan=False))
    assert [event.get("step") for event in events] == [*range(1, 21), None]
    here = study_so_far(QUICK, events)
    expected = run_study(TASKS["small_50"], seeds=range(5), settings=NetSettings(n_epochs=1))
    pd.testing.assert_frame_equal(here.runs, expected.runs)
    assert here.verdict == expected.verdict


def test_study_with_more_seeds_goes_on_from_what_is_kept(folder: Path):
    list(run_live(QUICK))
    (kept,) = (folder / "bias-lab").iterdir()
    before = json.loads(kept.read_text())
    list(run_live(StudySettings(task="small_50", n_seeds=6, n_epochs=1)))
    assert list((folder / "bias-lab").iterdir()) == [kept]
    after = json.loads(kept.read_text())
    assert len(json.dumps(after)) > len(json.dumps(before))


def test_study_runs_where_nothing_can_be_kept(folder: Path):
    (folder / "bias-lab").write_text("a file in the way")
    assert list(run_live(QUICK))[-1] == {"end": True}


def test_study_runs_anew_where_what_was_kept_is_damaged(folder: Path):
    expected = list(run_live(QUICK))
    (kept,) = (folder / "bias-lab").iterdir()
    kept.write_text("half a fi")
    assert list(run_live(QUICK)) == expected


def test_nothing_can_be_said_before_a_seed_has_both_twins():
    events = list(run_live(QUICK))
    assert study_so_far(QUICK, events[:3]) is None
    assert study_so_far(QUICK, events[:4]).runs["seed"].unique().tolist() == [0]


def test_batch_norm_adds_its_arms():
    assert (QUICK.arms, StudySettings(batch_norm=True).arms) == (FOUR, ALL_ARMS)


def test_varied_contrast_changes_the_task_and_keeps_its_margin():
    task = StudySettings(varied_contrast=True).the_task
    assert (task.name, task.margin) == ("digits+contrast", 0.01)


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ({"task": "cats"}, f"`task` must be one of {', '.join(TASKS)}, got 'cats'"),
        ({"n_seeds": 4}, "`n_seeds` must be a whole number from 5 to 100, got 4"),
        ({"n_epochs": 401}, "`n_epochs` must be a whole number from 0 to 400, got 401"),
        ({"learning_rate": 2.0}, "`learning_rate` must be a number above 0 and at most 1, got 2.0"),
    ],
)
def test_setting_outside_its_rule_is_refused(setting, sentence):
    with pytest.raises(InputError) as error:
        StudySettings(**setting)
    assert str(error.value) == sentence
