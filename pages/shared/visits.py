"""Whose session is gone, and what goes with it: uploads in memory and on disk, and jobs about them.

Streamlit forgets a session that was left only when somebody else comes. Here the server looks by itself, and closes it
a little before Streamlit would no longer know it: minutes after its page was closed nothing of an upload is left, with
nobody else on the server.
"""

import asyncio
import functools
import math
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import IO, Any

import streamlit as st
from streamlit import runtime
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages.shared import server
from pages.shared.jobs import jobs, visitor

if sys.platform != "win32":
    import fcntl

CLOSED, LOOKED = 0.8, 0.05
"""Shares of the time that Streamlit keeps a session that was left: when we close it, and how often we look."""


@dataclass
class Visit:
    """A session, the name that its jobs know, and when it was last seen connected."""

    session: AppSession
    name: str
    seen: float = field(default_factory=time.monotonic)


VISITS: dict[str, Visit] = {}
PREFIX, LOCK = "bias-lab-", "lock"
KEEPING = Event()
"""Whether this server keeps house: not where a host runs the pages without the app."""


def goes() -> str:
    """When an upload goes."""
    after = f"gone at most {minutes_left(_kept())} minutes after you close this page"
    return f"yours alone, {after if KEEPING.is_set() else 'for this session'}"


def minutes_left(kept: float) -> int:
    """The minutes within which all is gone, where Streamlit keeps a session that was left for so many seconds."""
    collected = 20
    return max(2, math.ceil(((CLOSED + 2 * LOOKED) * kept + collected) / 60))


def _kept() -> float:
    return float(st.get_option("server.disconnectedSessionTTL"))


def note() -> None:
    """Note this session."""
    context = get_script_run_ctx()
    if context and runtime.exists() and (session := runtime.get_instance().get_app_session(context.session_id)):
        VISITS[session.id] = Visit(session, visitor())


@asynccontextmanager
async def house_keeping(_: Any) -> AsyncIterator[dict[str, Any]]:
    """Keep house on the server's event loop while it runs."""
    own_folder()
    keeping = asyncio.create_task(_keep_house())
    KEEPING.set()
    yield {}
    keeping.cancel()
    shutil.rmtree(own_folder(), ignore_errors=True)  # a signal ends the server before Python would do so


async def _keep_house() -> None:
    while True:
        await asyncio.sleep(LOOKED * _kept())
        if _close_left(CLOSED * _kept()):
            await asyncio.to_thread(server.collect)


def _close_left(most: float) -> bool:
    """Close the sessions that have been left for so many seconds; whether there was one."""
    left = []
    for visit in list(VISITS.values()):
        if runtime.get_instance().is_active_session(visit.session.id):
            visit.seen = time.monotonic()
        elif time.monotonic() - visit.seen > most:
            left.append(visit)
    for visit in left:
        del VISITS[visit.session.id]
        runtime.get_instance().close_session(visit.session.id)
        visit.session.session_state.clear()  # Streamlit holds the last session until the next one comes
        jobs().forget(visit.name)
    return bool(left)


@functools.cache
def own_folder() -> Path:
    """A folder of this server alone, which goes with it; those of servers that were killed are removed."""
    folder = tempfile.TemporaryDirectory(prefix=PREFIX)
    _KEPT_OPEN.append(folder)
    if sys.platform != "win32":
        for other in Path(tempfile.gettempdir()).glob(f"{PREFIX}*/{LOCK}"):
            with suppress(OSError), other.open() as lock:  # held by a server that lives, or somebody else's
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(other.parent)
        own = (Path(folder.name) / "new").open("w")
        fcntl.flock(own, fcntl.LOCK_EX)
        _KEPT_OPEN.append(own)
        (Path(folder.name) / "new").rename(Path(folder.name) / LOCK)  # only when it is held
    return Path(folder.name)


_KEPT_OPEN: list[IO[str] | tempfile.TemporaryDirectory[str]] = []
