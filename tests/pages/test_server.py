"""What the server's process is told does what it says."""

import os
import socket
import subprocess
import sys
from types import ModuleType

import pyarrow as pa
import pytest

from pages.shared import server
from pages.shared.server import disable_nagle

HEAPS = """
import ctypes, threading
from pages.shared.server import limit_malloc_arenas
{call}
libc = ctypes.CDLL(None)
libc.malloc.restype = libc.fopen.restype = ctypes.c_void_p
together = threading.Barrier(6)
def visitor():
    together.wait()
    libc.malloc(1000)
    together.wait()
threads = [threading.Thread(target=visitor) for _ in range(6)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
file = ctypes.c_void_p(libc.fopen(b"/dev/stdout", b"w"))
libc.malloc_info(0, file)
libc.fclose(file)
"""


def _heaps(call):
    done = subprocess.run([sys.executable, "-c", HEAPS.format(call=call)], capture_output=True, text=True, check=True)
    return done.stdout.count("<heap nr=")


@pytest.mark.skipif(sys.platform != "linux", reason="glibc alone gives each thread a heap")
def test_threads_share_two_heaps_where_each_would_have_begun_its_own():
    assert _heaps("") > 2
    assert _heaps("limit_malloc_arenas()") <= 2


HOLES = """
import ctypes
from pages.shared import server
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
blocks = [ctypes.c_void_p(libc.malloc(100_000)) for _ in range(400)]
[ctypes.memset(block, 1, 100_000) for block in blocks]
[libc.free(block) for block in blocks[:-1]]  # the last keeps the heap from becoming shorter
def held():
    return int(open("/proc/self/status").read().split("VmRSS:")[1].split()[0])
before = held()
{call}
print(before - held())
"""


def _given_back(call):
    done = subprocess.run([sys.executable, "-c", HOLES.format(call=call)], capture_output=True, text=True, check=True)
    return int(done.stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="glibc alone is asked")
@pytest.mark.parametrize("call", ["server.trim_heaps()", "server.collect()", "server.freeze_gc()"])
def test_room_between_what_is_in_use_is_given_back(call):
    """Of 40 MB, in kB: all but a few pages."""
    assert _given_back("") < 1_000
    assert _given_back(call) > 35_000


def test_heaps_are_trimmed_after_a_run_that_loaded_modules_and_after_no_other(monkeypatch):
    trimmed = []
    monkeypatch.setattr(server, "trim_heaps", lambda: trimmed.append(True))
    server.freeze_gc()
    trimmed.clear()
    server.freeze_gc()
    assert not trimmed
    monkeypatch.setitem(sys.modules, "loaded_by_this_run", ModuleType("loaded_by_this_run"))
    server.freeze_gc()
    assert trimmed


def test_arrow_takes_its_memory_from_the_systems_heap():
    """Where nobody has said otherwise."""
    asked = "import pages.shared.server, pyarrow; print(pyarrow.default_memory_pool().backend_name)"
    others = [{"ARROW_DEFAULT_MEMORY_POOL": name} for name in pa.supported_memory_backends() if name != "system"]
    for said in [{}, *others]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("ARROW_")} | said
        command = [sys.executable, "-c", asked]
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
        assert done.stdout.strip() == said.get("ARROW_DEFAULT_MEMORY_POOL", "system")


def _at_once(connection):
    return connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0


def test_nothing_else_is_held_open():
    """A copy of a pipe would keep its other end waiting for an end of file."""
    reading, writing = os.pipe()
    os.set_blocking(reading, False)  # or a failure would wait for ever
    disable_nagle()
    os.close(writing)
    assert os.read(reading, 1) == b""
    os.close(reading)


def test_connections_open_and_to_come_send_at_once():
    with socket.socket(socket.AF_INET) as listening:  # as Streamlit makes it: no protocol named
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        with socket.create_connection(listening.getsockname()), listening.accept()[0] as before:
            assert not _at_once(before)
            disable_nagle()
            assert _at_once(before)
        with socket.create_connection(listening.getsockname()), listening.accept()[0] as after:
            assert _at_once(after)
