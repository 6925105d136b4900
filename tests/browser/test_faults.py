"""What a visitor sees when something fails: a server that dies, a line that drops, a home that takes no file."""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from socketserver import BaseRequestHandler, ThreadingTCPServer
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import free_port, running_server
from tests.browser.visitor import READY, opened, typed, visit

pytestmark = [pytest.mark.browser, pytest.mark.slow]


class Line(ThreadingTCPServer):
    """A line to a server on this machine, which can be cut: every connection over it ends, the next ones hold."""

    def __init__(self, server: str) -> None:
        super().__init__(("127.0.0.1", 0), Connection)
        self.far = ("127.0.0.1", urlsplit(server).port)
        self.address = f"http://127.0.0.1:{self.server_address[1]}"
        self.open: list[socket.socket] = []

    def cut(self) -> int:
        """End what is connected; how many sockets that were."""
        ended, self.open = self.open, []
        for one in ended:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        return len(ended)


class Connection(BaseRequestHandler):
    def handle(self) -> None:
        line: Any = self.server
        with socket.create_connection(line.far) as far:
            line.open += [self.request, far]
            back = threading.Thread(target=pass_on, args=(far, self.request))
            back.start()
            pass_on(self.request, far)
            back.join()


def pass_on(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):  # cut
        while data := one.recv(65536):
            other.sendall(data)
        other.shutdown(socket.SHUT_WR)


@contextmanager
def line_to(server: str) -> Iterator[Line]:
    with Line(server) as line:
        threading.Thread(target=line.serve_forever).start()
        yield line
        line.shutdown()
        line.cut()


def test_training_goes_on_where_it_stands_when_the_connection_was_dropped(page: Page, server: str) -> None:
    with line_to(server) as line:
        visit(page, f"{line.address}/twins?epochs=398&pair=6")
        page.get_by_role("button", name="Train both twins").click(timeout=READY)
        step = page.get_by_text(re.compile(r"Step \d+ of 398"))
        done = int(step.inner_text(timeout=READY).split()[1])
        assert line.cut() > 0
        expect(step).not_to_have_text(re.compile(rf"Step {done} of"), timeout=READY)
        assert int(step.inner_text(timeout=READY).split()[1]) > done  # not begun anew
        line.cut()
        page.get_by_role("button", name="Cancel").click(timeout=READY)
        expect(page.get_by_text("Cancelled.")).to_be_visible(timeout=READY)


def test_open_page_comes_back_with_its_settings_when_the_server_is_started_again(page: Page) -> None:
    port, chart = free_port(), page.locator(".stVegaLiteChart").first
    with running_server(port) as address:
        opened(page, f"{address}/threshold?w=2&activation=Sigmoid")
        typed(page, "bias b", "-1.5")
        expect(chart).to_contain_text("with bias: x = 0.75", timeout=READY)
    with running_server(port):
        typed(page, "weight w", "3")
        expect(chart).to_contain_text("with bias: x = 0.5", timeout=READY)  # −b / w: b was kept, and the page answers
        expect(page.get_by_role("combobox", name="Activation")).to_have_value("Sigmoid")


def test_home_that_takes_no_file_stops_nothing(page: Page) -> None:
    with running_server(HOME="/proc", XDG_CACHE_HOME="/proc/cache") as address:  # where not even root can write
        opened(page, f"{address}/curves")  # scikit-learn, fits and charts
        page.goto(f"{address}/twins?epochs=1")
        page.get_by_role("button", name="Train both twins").click(timeout=READY)
        expect(page.get_by_text("test pictures the twin with bias gets").first).to_be_visible(timeout=READY)
