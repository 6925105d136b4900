"""Work that takes a while, as a visitor sees it: a button, a place in line, progress with a time left, cancel."""

import hashlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Lock
from typing import Any

import streamlit as st

from pages.shared import draw
from pages.shared.jobs import ENDED, Job, jobs, steps_of, visitor

Events = list[dict[str, Any]]
Growing = Callable[[Events], None]
Ahead = Callable[[], Iterator[dict[str, Any]]]
EVERY = 0.5  # seconds between two looks
ASKED = st.components.v2.component("asked", js=Path(__file__).with_name("asked.js").read_text(encoding="utf-8"))
SOONER, SLICE = 0.2, 0.1  # the same where this server works ahead, and how long it works at each


def work(
    command: tuple[str, ...],
    button: str,
    growing: Growing,
    pictures: bytes = b"",
    *,
    place: Any = st,
    ahead: Ahead | None = None,
) -> Job | None:
    """The job that this command of `core.worker` names, drawn as far as it is; None while nobody has asked for it.

    While it runs, `growing` draws what it has told so far. The pictures are the visitor's own, where it is about them.
    The button, and "Cancel" after it, stand at the `place`. A child takes seconds to start: `ahead` gives the same
    steps, and this server takes the first of them itself until the child tells its own.
    """
    pressed = _pressed(command)
    job = jobs().look(command, visitor()) if command in pressed else None
    if job is not None and job.state in ("waiting", "running"):
        # Outside the fragment: a click inside it is lost while the page itself is still running.
        place.button("Cancel", key="cancel", on_click=_cancel, args=(command,))
        st.fragment(_watch, run_every=SOONER if ahead else EVERY)(command, growing, ahead)
        return job
    if job is not None and job.state == "done":
        return job
    place.button(button, type="primary", on_click=ask, args=(command, pictures))
    if st.session_state.get("cancelled") == command:
        st.caption("Cancelled.")
    elif job is not None and "error" in job.last:
        st.warning(draw.escaped(draw.drop_backticks(f"{job.last['error']}. {job.last['hint']}")))
    elif job is not None:
        st.caption("The work stopped before its end. Press again to start it anew.")
    return None


def _pressed(command: tuple[str, ...]) -> set[tuple[str, ...]]:
    """What this visitor has asked for, in this tab before the page was loaded again too."""
    pressed: set[tuple[str, ...]] = st.session_state.setdefault("pressed", set())
    told = (st.session_state.get("asked_before") or {}).get("value")
    before = st.session_state.setdefault("before", set(told)) if told else set()
    if _tag(command) in before:  # once: it may be cancelled
        before.remove(_tag(command))
        pressed.add(command)
    ASKED(key="asked_before", data=sorted(map(_tag, pressed)), on_value_change=lambda: None)
    return pressed


def _tag(command: tuple[str, ...]) -> str:
    return hashlib.sha256(repr(command).encode()).hexdigest()[:16]


def _watch(command: tuple[str, ...], growing: Growing, ahead: Ahead | None) -> None:
    job = jobs().look(command, visitor())
    if job is None or job.state in ENDED:
        st.session_state.pop("ahead", None)
        st.rerun()
    events = max(job.events, _steps_ahead(job, ahead) if ahead else [], key=len)
    done, of = steps_of(events)
    st.progress(done / of if of else 0.0, _progress(job, done, of))
    growing(events)


def _steps_ahead(job: Job, ahead: Ahead) -> Events:
    """The steps that this server has taken itself; some more of them while the child has not told any.

    None at the first look, which is a part of the page's own run: a click is lost while that lasts.
    """
    asked, steps, events, turn = st.session_state.get("ahead") or ((), iter(()), [], Lock())
    if asked != job.command:
        st.session_state["ahead"] = (job.command, ahead(), [], Lock())
        return []
    if not turn.acquire(blocking=False):  # the page was loaded again while its last run takes a step
        return events
    end = time.monotonic() + SLICE
    try:
        while job.state == "running" and not job.events and time.monotonic() < end:
            step = next(steps, None)
            if step is None or "of" not in step:
                break
            events.append(step)
    finally:
        turn.release()
    return events


def ask(command: tuple[str, ...], pictures: bytes) -> None:
    """What another visitor has had done is there at once, but only for who asks: nobody sees an answer unasked."""
    st.session_state["pressed"].add(command)
    st.session_state["asked"] = command
    st.session_state.pop("cancelled", None)
    jobs().ask(command, visitor(), pictures)


def _cancel(command: tuple[str, ...]) -> None:
    """Before anything is drawn, so that a busy page does not keep the work going."""
    st.session_state["pressed"].discard(command)
    st.session_state["cancelled"] = command
    jobs().leave(command, visitor())


def _progress(job: Job, done: int, of: int) -> str:
    if job.state == "waiting":
        place = jobs().place(job)
        return f"Two others are being trained; you are number {place} in line."
    if not of:
        return "Starting …"
    left = "" if job.seconds_left is None else f", about {_seconds(job.seconds_left)} left"
    return f"Step {done} of {of}{left}"


def _seconds(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 90 else f"{seconds:.0f} s"
