"""Work that takes a while, as a visitor sees it: a button, a place in line, progress with a time left, cancel."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from pages.shared import draw
from pages.shared.jobs import ENDED, Job, jobs, visitor

Events = list[dict[str, Any]]
Growing = Callable[[Events], None]
EVERY = 0.5  # seconds between two looks


def work(command: tuple[str, ...], button: str, growing: Growing, pictures: bytes = b"") -> Job | None:
    """The job that this command of `core.worker` names, drawn as far as it is; None while nobody has asked for it.

    While it runs, `growing` draws what it has told so far. The pictures are the visitor's own, where it is about them.
    """
    pressed = st.session_state.setdefault("pressed", set())
    job = jobs().look(command, visitor()) if command in pressed else None
    if job is not None and job.state in ("waiting", "running"):
        # Outside the fragment: a click inside it is lost while the page itself is still running.
        st.button("Cancel", key="cancel", on_click=_cancel, args=(command,))
        st.fragment(_watch, run_every=EVERY)(command, growing)
        return job
    if job is not None and job.state == "done":
        return job
    st.button(button, type="primary", on_click=_ask, args=(command, pictures))
    if st.session_state.get("cancelled") == command:
        st.caption("Cancelled.")
    elif job is not None and "error" in job.last:
        st.warning(draw.escaped(draw.drop_backticks(f"{job.last['error']}. {job.last['hint']}")))
    elif job is not None:
        st.caption("The work stopped before its end. Press again to start it anew.")
    return None


def _watch(command: tuple[str, ...], growing: Growing) -> None:
    job = jobs().look(command, visitor())
    if job is None or job.state in ENDED:
        st.rerun()
    st.progress(job.share, _progress(job))
    growing(job.events)


def _ask(command: tuple[str, ...], pictures: bytes) -> None:
    """What another visitor has had done is there at once, but only for who asks: nobody sees an answer unasked."""
    st.session_state["pressed"].add(command)
    st.session_state.pop("cancelled", None)
    jobs().ask(command, visitor(), pictures)


def _cancel(command: tuple[str, ...]) -> None:
    """Before anything is drawn, so that a busy page does not keep the work going."""
    st.session_state["pressed"].discard(command)
    st.session_state["cancelled"] = command
    jobs().leave(command, visitor())


def _progress(job: Job) -> str:
    if job.state == "waiting":
        place = jobs().place(job)
        return f"Two others are being trained; you are number {place} in line."
    if job.seconds_left is None:
        return "Starting …"
    return f"{100 * job.share:.0f}%, about {_seconds(job.seconds_left)} left"


def _seconds(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 90 else f"{seconds:.0f} s"
