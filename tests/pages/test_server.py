"""What the server's process is told does what it says."""

import os
import socket
import subprocess
import sys

import pytest

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
