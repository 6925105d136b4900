"""What the server's process is told: Streamlit leaves these as they are, and every visitor waits for them."""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy loads: small work on a busy machine is 6 times faster
os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")  # before pyarrow loads: its own holds 9 MB for 2 in use

import ctypes
import gc
import importlib
import socket
import stat
import sys
import time
from dataclasses import dataclass, field

import streamlit as st

COLLECTED_EVERY = 60.0
OPEN_FILES = "/dev/fd"
C_LIBRARY = ctypes.CDLL(None) if sys.platform == "linux" else None


@st.cache_resource(show_spinner=False, max_entries=1)
def tune_server() -> None:
    """Keep two heaps, and send at once."""
    limit_malloc_arenas()
    disable_nagle()


def limit_malloc_arenas() -> None:
    """Have glibc share two heaps among all threads, where it would begin one for each visitor's and give none back."""
    arena_max = -8  # M_ARENA_MAX in malloc.h
    if C_LIBRARY and hasattr(C_LIBRARY, "mallopt"):
        C_LIBRARY.mallopt(arena_max, 2)


def trim_heaps() -> None:
    """Have glibc give back whole pages that it holds free between others in use; the next work asks for them anew."""
    if C_LIBRARY and hasattr(C_LIBRARY, "malloc_trim"):
        C_LIBRARY.malloc_trim(0)


def disable_nagle() -> None:
    """Send small messages at once, on the connections that are open and on those that the listening socket will open.

    Streamlit's socket does not say that it speaks TCP, so asyncio, which does this for every one that does, passes it
    by; the second message of an answer then waits until the other end has acknowledged the first. Chromium on the
    same machine does so at once; others take up to 40 ms.
    """
    for name in os.listdir(OPEN_FILES) if os.path.isdir(OPEN_FILES) else ():
        try:
            if stat.S_ISSOCK(os.stat(int(name)).st_mode):
                with socket.socket(fileno=os.dup(int(name))) as one:
                    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError:  # no socket of TCP, or closed since
            continue


@st.cache_resource(show_spinner=False, max_entries=16)
def load(modules: tuple[str, ...]) -> None:
    """Import heavy modules."""
    for module in modules:
        importlib.import_module(module)


@dataclass
class Tidied:
    """When the collector last ran over everything, and how many modules there were when heaps were last trimmed."""

    at: float = field(default_factory=time.monotonic)
    modules: int = 0


def freeze_gc() -> None:
    """Take all that is there out of the collector's sight: Streamlit collects after every run, over everything.

    What has died since is collected once every `COLLECTED_EVERY` seconds. Heaps are trimmed then, and after a run that
    loaded modules: trimmed after every run, each would wait 2 ms for pages that it had a moment before.
    """
    last = _last_tidied()
    if time.monotonic() - last.at > COLLECTED_EVERY:
        last.at = time.monotonic()
        collect()
    gc.freeze()
    if len(sys.modules) > last.modules:
        last.modules = len(sys.modules)
        trim_heaps()


def collect() -> None:
    """Collect over everything, what was taken out of sight too, and give the room back."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    trim_heaps()


@st.cache_resource(show_spinner=False, max_entries=1)
def _last_tidied() -> Tidied:
    return Tidied()
