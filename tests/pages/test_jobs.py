"""Work in child processes: shared, two at a time, cancelled, left, killed and asked for again."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from core.twins.training import MOST_EPOCHS, TwinSettings, twins_from
from pages.shared import jobs as module
from pages.shared import progress
from pages.shared.jobs import Job, Jobs

ROOT = Path(__file__).parents[2]


def command(**settings: object) -> tuple[str, str]:
    return "twins", json.dumps(TwinSettings(**settings).record())  # type: ignore[arg-type]


SHORT = command(task="small_50", n_epochs=2)
LONG = [command(task="dim_or_bright", n_epochs=MOST_EPOCHS, seed=seed) for seed in range(3)]  # never done here


def wait_for(condition: Callable[[], bool]) -> None:
    """Return once the condition holds; ten minutes end a test that hangs, and no machine is that busy."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < 600, "waited in vain"
        time.sleep(0.02)


def alive(job: Job) -> bool:
    return job.process is not None and job.process.poll() is None


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Iterator[Jobs]:
    monkeypatch.setattr(module, "GONE", 60.0)
    jobs = Jobs()
    yield jobs
    for asked, job in list(jobs.jobs.items()):
        for visitor in list(job.looks):
            jobs.leave(asked, visitor)


def test_job_tells_every_epoch_and_then_both_twins(registry: Jobs) -> None:
    job = registry.ask(SHORT, "a")
    wait_for(lambda: job.state == "done")
    assert [event.get("step") for event in job.events] == [1, 2, None]
    assert twins_from(job.last["twins"]).keys() == {"with bias", "without bias"}
    assert registry.look(SHORT, "b") is job


def test_two_visitors_who_ask_for_the_same_share_one_process(registry: Jobs) -> None:
    first, second = registry.ask(LONG[0], "a"), registry.ask(LONG[0], "b")
    assert first is second
    registry.leave(LONG[0], "a")
    assert alive(first)
    registry.leave(LONG[0], "b")
    wait_for(lambda: not alive(first))
    assert first.state == "cancelled"


def test_third_job_waits_in_line_and_runs_when_one_ends(registry: Jobs) -> None:
    running = [registry.ask(asked, "a") for asked in LONG[:2]]
    third, fourth = registry.ask(LONG[2], "b"), registry.ask(SHORT, "c")
    assert (third.state, registry.place(third), registry.place(fourth)) == ("waiting", 1, 2)
    registry.leave(LONG[0], "a")
    wait_for(lambda: third.state == "running")
    assert (registry.place(third), registry.place(fourth)) == (0, 1)
    assert alive(running[1])


def test_job_that_nobody_looks_at_any_more_is_ended(registry: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "GONE", 1.0)
    job = registry.ask(LONG[0], "a")
    wait_for(lambda: registry.look(LONG[0], "a") is not None and bool(job.events))
    wait_for(lambda: not alive(job))
    assert job.state == "cancelled"


@pytest.mark.slow
def test_killed_child_is_a_failed_job_and_asking_again_begins_anew(registry: Jobs) -> None:
    job = registry.ask(LONG[0], "a")
    wait_for(lambda: len(job.events) > 1)
    assert job.process
    job.process.kill()
    wait_for(lambda: job.state == "failed")
    again = registry.ask(LONG[0], "a")
    assert again is not job
    wait_for(lambda: bool(again.events))


def test_time_left_follows_from_the_share_that_is_done() -> None:
    job = Job(SHORT, state="running", events=[{"step": 30, "of": 100}], paced=(time.monotonic() - 30, 20))
    assert job.steps == (30, 100)
    assert job.seconds_left == pytest.approx(30 / 10 * 70, abs=1)
    assert Job(SHORT).seconds_left is None


def test_what_is_told_at_once_does_not_count_for_the_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([100.0, 100.1, 100.2, 102.6])
    job = Job(SHORT, state="running")
    monkeypatch.setattr(module.time, "monotonic", lambda: next(clock))
    for step in (1, 80, 81):
        job.tell({"step": step, "of": 100})
    assert job.paced is None
    job.tell({"step": 82, "of": 100})
    assert job.paced == (102.6, 82)


@pytest.mark.release
def test_settings_that_break_a_rule_end_in_a_sentence(registry: Jobs) -> None:
    job = registry.ask(("twins", '{"seed": -1}'), "a")
    wait_for(lambda: job.state == "failed")
    assert job.last["error"] == "`seed` must be a whole number from 0 to 4,294,967,295, got −1"


@pytest.mark.slow
def test_child_does_not_outlive_the_one_who_started_it() -> None:
    program = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-m', 'core.worker', *sys.argv[1:]], stdin=subprocess.PIPE,"
        " stdout=subprocess.PIPE)\n"
        "child.stdin.write(bytes(8)); child.stdin.flush(); child.stdout.readline()\n"
        "print(child.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", program, *LONG[0]], cwd=ROOT, stdout=subprocess.PIPE)
    with parent:
        assert parent.stdout
        child = int(parent.stdout.readline())
        os.kill(child, 0)
        parent.send_signal(signal.SIGKILL)
    wait_for(lambda: not _exists(child))


def _exists(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.release
def test_thirty_who_press_train_with_ten_settings_all_get_theirs_two_at_a_time(registry: Jobs) -> None:
    asked = [command(task="small_50", n_epochs=1, seed=student % 10) for student in range(30)]
    jobs = [registry.ask(each, f"student {student}") for student, each in enumerate(asked)]
    assert len({id(job) for job in jobs}) == 10
    places = [registry.place(job) for job in jobs]
    assert sorted(set(places)) == list(range(9))
    assert all((job.state == "waiting") == (place > 0) for job, place in zip(jobs, places, strict=True))
    most = 0

    def all_done() -> bool:
        nonlocal most
        most = max(most, sum(alive(job) for job in registry.jobs.values()))
        return all(job.state == "done" for job in jobs)

    wait_for(all_done)
    assert most == module.AT_ONCE


def test_page_that_is_loaded_again_leaves_the_step_alone_that_its_last_run_takes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(progress.st, "session_state", {})
    job: Any = SimpleNamespace(command=("a",), state="running", events=[])
    meanwhile = []

    def ahead() -> Iterator[dict[str, Any]]:
        meanwhile.append(list(progress._steps_ahead(job, ahead)))  # as another run of the page would
        yield {"of": 1}

    assert progress._steps_ahead(job, ahead) == []
    assert progress._steps_ahead(job, ahead) == [{"of": 1}]
    assert meanwhile == [[]]
