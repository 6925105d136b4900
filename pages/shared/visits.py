"""Whose session is gone, and what goes with it: uploads in memory and on disk, and jobs about them.

Streamlit forgets a session that was left only when somebody else comes. Here the server looks by itself, and closes it
a little before Streamlit would no longer know it, so that nothing of an upload is left `LATEST` seconds after its page
was closed, with nobody else on the server.
"""

import asyncio
import functools
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import IO, Any

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages.shared import server
from pages.shared.jobs import jobs, visitor

if sys.platform != "win32":
    import fcntl

LATEST = 180
GOES = f"gone at most {LATEST // 60} minutes after you close this page"
CLOSED, LOOKED = 0.8, 0.05
"""Shares of the time that Streamlit keeps a session that was left: when we close it, and how often we look."""

VISITS: dict[str, tuple[float, str]] = {}
"""Session -> when it was last seen connected, and the name that its jobs know."""

PREFIX, LOCK = "bias-lab-", "lock"


def note() -> None:
    """Note this session."""
    context = get_script_run_ctx()
    if context and runtime.exists():
        VISITS[context.session_id] = time.monotonic(), visitor()


@asynccontextmanager
async def house_keeping(_: Any) -> AsyncIterator[dict[str, Any]]:
    """Keep house on the server's event loop while it runs."""
    own_folder()
    keeping = asyncio.create_task(_keep_house())
    yield {}
    keeping.cancel()


async def _keep_house() -> None:
    kept = float(st.get_option("server.disconnectedSessionTTL"))
    while True:
        await asyncio.sleep(LOOKED * kept)
        if _close_left(CLOSED * kept):
            await asyncio.to_thread(server.collect)


def _close_left(most: float) -> bool:
    """Close the sessions that have been left for so many seconds; whether there was one."""
    sessions, now, before = runtime.get_instance(), time.monotonic(), len(VISITS)
    for session, (seen, name) in list(VISITS.items()):
        if sessions.is_active_session(session):
            VISITS[session] = now, name
        elif now - seen > most:
            sessions.close_session(session)
            del VISITS[session]
            jobs().forget(name)
    return len(VISITS) < before


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
