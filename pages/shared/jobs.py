"""Long work in child processes: two at a time, the rest in line, shared by all who ask for the same.

A job is a command that prints a JSON line per step. Pages ask for it and then look at it twice a second; looking is
also how a page says that it is still there: a job that nobody has looked at for a few seconds is ended. A child ends by
itself when our process is gone, since its standard input closes (`core.worker`). What ended jobs told is kept.
"""

import json
import os
import subprocess
import sys
import threading
import time
import uuid
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import streamlit as st

ROOT = Path(__file__).parents[2]
AT_ONCE = 2
GONE = 20.0  # seconds without a look after which a page counts as left: one that is loaded again is back before
KEPT = 32  # ended jobs whose lines are kept
TICK = 0.5
SETTLING = 0.5  # seconds after the first line in which no pace is measured

State = Literal["waiting", "running", "done", "cancelled", "failed"]
ENDED: tuple[State, ...] = ("done", "cancelled", "failed")


@dataclass(eq=False)
class Job:
    """One child process, before, while and after it runs.

    Its pace is measured from half a second after the first line on, since a study that goes on tells all that it has
    kept at once.
    """

    command: tuple[str, ...]  # what `python -m core.worker` gets; also what makes two jobs the same
    state: State = "waiting"
    events: list[dict[str, Any]] = field(default_factory=list)  # the lines that it has printed
    looks: dict[str, float] = field(default_factory=dict)  # visitor -> when they last looked
    first: float = 0.0
    paced: tuple[float, int] | None = None  # when the measuring began, and the steps done by then
    process: subprocess.Popen[bytes] | None = None
    pictures: bytes = field(default=b"", repr=False)  # a visitor's own, until the child has them

    @property
    def last(self) -> dict[str, Any]:
        """The newest line; empty before the first."""
        return self.events[-1] if self.events else {}

    @property
    def steps(self) -> tuple[int, int]:
        """Steps done, and steps in all; (0, 0) before the first."""
        return steps_of(self.events)

    @property
    def seconds_left(self) -> float | None:
        """What is left at the pace so far; None before a pace is known."""
        done, of = self.steps
        if self.state != "running" or self.paced is None or done <= self.paced[1]:
            return None
        return (time.monotonic() - self.paced[0]) * (of - done) / (done - self.paced[1])

    def tell(self, event: dict[str, Any]) -> None:
        """Take the next line."""
        self.events.append(event)
        now = time.monotonic()
        self.first = self.first or now
        if self.paced is None and now - self.first > SETTLING:
            self.paced = (now, self.steps[0])


def steps_of(events: list[dict[str, Any]]) -> tuple[int, int]:
    """Steps done, and steps in all; (0, 0) before the first."""
    counted = [event for event in events[-3:] if event.get("of")]
    return (counted[-1]["step"], counted[-1]["of"]) if counted else (0, 0)


class Jobs:
    """All jobs of this server."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.jobs: OrderedDict[tuple[str, ...], Job] = OrderedDict()
        threading.Thread(target=self._keep_house, daemon=True, name="jobs").start()

    def ask(self, command: tuple[str, ...], visitor: str, pictures: bytes = b"") -> Job:
        """The job that runs this command: one that is there, or a new one at the end of the line."""
        with self.lock:
            job = self.jobs.get(command)
            if job is None or job.state in ("cancelled", "failed"):
                self.jobs.pop(command, None)
                job = self.jobs[command] = Job(command, pictures=pictures)
            job.looks[visitor] = time.monotonic()
            self._begin_waiting()
            return job

    def look(self, command: tuple[str, ...], visitor: str) -> Job | None:
        """The job, if it was asked for; its visitor is noted as still there while it lasts."""
        with self.lock:
            job = self.jobs.get(command)
            if job and job.state not in ENDED:
                job.looks[visitor] = time.monotonic()
            return job

    def place(self, job: Job) -> int:
        """How many jobs are before this one in the line, counted from 1; 0 when it no longer waits."""
        with self.lock:
            waiting = self._in("waiting")
            return waiting.index(job) + 1 if job in waiting else 0

    def leave(self, command: tuple[str, ...], visitor: str) -> None:
        """The visitor cancels; the job ends unless somebody else wants it too."""
        with self.lock:
            job = self.jobs.get(command)
            if job and job.state not in ENDED:
                job.looks.pop(visitor, None)
                self._end_left(job)

    def forget(self, visitor: str) -> None:
        """The visitor is gone: so is every job that was theirs alone, with what it told."""
        with self.lock:
            for command in [command for command in self.jobs if visitor in command[2:]]:
                self.leave(command, visitor)
                del self.jobs[command]

    def _keep_house(self) -> None:
        while True:
            time.sleep(TICK)
            with self.lock:
                for job in self._in("waiting", "running"):
                    now = time.monotonic()
                    job.looks = {visitor: seen for visitor, seen in job.looks.items() if now - seen < GONE}
                    self._end_left(job)
                self._begin_waiting()
                self._forget_oldest()

    def _in(self, *states: State) -> list[Job]:
        return [job for job in self.jobs.values() if job.state in states]

    def _end_left(self, job: Job) -> None:
        if not job.looks:
            job.state, job.pictures = "cancelled", b""
            if job.process:
                job.process.kill()

    def _begin_waiting(self) -> None:
        free = AT_ONCE - len(self._in("running"))
        for job in self._in("waiting")[: max(free, 0)]:
            self._begin(job)

    def _begin(self, job: Job) -> None:
        job.state = "running"
        try:
            job.process = subprocess.Popen(  # noqa: S603 (our own module, no shell)
                [sys.executable, "-m", "core.worker", *job.command],
                cwd=ROOT,
                env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        except OSError:
            job.state, job.pictures = "failed", b""
            return
        threading.Thread(target=self._read, args=(job, job.process), daemon=True).start()

    def _read(self, job: Job, process: subprocess.Popen[bytes]) -> None:
        """Give the child what is the visitor's, and collect what it prints until it ends."""
        with process:
            _hand_over(job, process)
            for line in process.stdout or ():
                try:
                    job.tell(json.loads(line))
                except ValueError:  # killed in the middle of a line
                    break
        with self.lock:
            if job.state == "running":
                whole = process.returncode == 0 and job.last.get("end") and "error" not in job.last
                job.state = "done" if whole else "failed"
            self._begin_waiting()

    def _forget_oldest(self) -> None:
        ended = self._in(*ENDED)
        for job in ended[: max(len(ended) - KEPT, 0)]:
            del self.jobs[job.command]


def _hand_over(job: Job, process: subprocess.Popen[bytes]) -> None:
    pictures, job.pictures = job.pictures, b""
    try:
        if process.stdin:
            process.stdin.write(len(pictures).to_bytes(8, "big") + pictures)
            process.stdin.flush()
    except OSError:  # the child is gone already
        pass


@st.cache_resource(show_spinner=False, max_entries=1)
def jobs() -> Jobs:
    """The one registry of this server."""
    return Jobs()


def visitor() -> str:
    """A name for this session, which no other has."""
    name: str = st.session_state.setdefault("visitor", uuid.uuid4().hex)
    return name
