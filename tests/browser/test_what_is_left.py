"""What an upload leaves behind: nothing, minutes after its page was closed or once a killed server is started again."""

import json
import os
import signal
import tempfile
import time
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from benchmarks.load import memory, server_of
from pages.shared import visits
from tests.browser.conftest import free_port, running_server
from tests.browser.visitor import READY, drawn, visit

pytestmark = [pytest.mark.browser, pytest.mark.slow]
KEPT = 10.0  # seconds that Streamlit keeps a session that was left, here; `config.toml` says how many elsewhere
MB = 2**20


def weights(megabytes: int) -> bytes:
    """A file with one layer, as safetensors are written."""
    count = megabytes * MB // 4
    layer = {"fc.weight": {"dtype": "F32", "shape": [1, count], "data_offsets": [0, 4 * count]}}
    head = json.dumps(layer).encode()
    return len(head).to_bytes(8, "little") + head + bytes(4 * count)


def wait_until(condition: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not so after {seconds:.0f} s"
        time.sleep(0.2)


def files(folder: Path) -> list[Path]:
    return list(folder.rglob("*.safetensors"))


def audited(page: Page, server: str, megabytes: int) -> Page:
    """The audit page with a file of weights."""
    visit(page, f"{server}/audit?source=A+file+of+weights")
    with tempfile.NamedTemporaryFile(suffix=".safetensors") as file:
        file.write(weights(megabytes))
        file.flush()
        page.locator("input[type=file]").set_input_files(file.name, timeout=READY)
        expect(page.get_by_text("Every bias")).to_be_visible(timeout=READY)
    return page


def test_three_minutes_are_promised_and_a_session_is_closed_while_streamlit_knows_it() -> None:
    settings = tomllib.loads(Path(".streamlit/config.toml").read_text(encoding="utf-8"))
    assert visits.minutes_left(settings["server"]["disconnectedSessionTTL"]) == 3
    assert visits.CLOSED + 2 * visits.LOOKED < 1


def test_folder_and_bytes_go_when_the_page_is_closed_and_nobody_else_comes(browser: Browser, tmp_path: Path) -> None:
    settings = {"TMPDIR": str(tmp_path), "STREAMLIT_SERVER_DISCONNECTED_SESSION_TTL": str(int(KEPT))}
    with running_server(**settings) as server:
        page = browser.new_context().new_page()
        audited(page, server, 1)
        expect(page.get_by_text("gone at most 2 minutes after you close this page")).to_be_visible()
        page.context.close()
        wait_until(lambda: files(tmp_path) == [], 2 * KEPT)
        before = memory(server_of(server))
        page = audited(browser.new_context().new_page(), server, 100)
        assert files(tmp_path)
        during = memory(server_of(server))
        assert during > before + 90
        time.sleep(KEPT)
        assert files(tmp_path), "the page is still open"
        page.context.close()
        wait_until(lambda: files(tmp_path) == [] and memory(server_of(server)) < before + 20, 2 * KEPT)


def test_killed_server_leaves_nothing_after_its_next_start_and_says_that_it_needs_the_file_again(
    browser: Browser, tmp_path: Path
) -> None:
    port = free_port()
    page = browser.new_context().new_page()
    with running_server(port, TMPDIR=str(tmp_path)) as server, running_server(TMPDIR=str(tmp_path)) as other:
        audited(page, server, 1)
        drawn(page)
        second = audited(browser.new_context().new_page(), other, 1)
        os.kill(server_of(server), signal.SIGKILL)
        assert len(files(tmp_path)) == 2
        with running_server(port, TMPDIR=str(tmp_path)):
            assert len(files(tmp_path)) == 1  # that of the server which lives
            page.get_by_text("show me").click(timeout=READY)  # the first thing that the page asks of the new server
            expect(page.get_by_text("it needs the file once more")).to_be_visible(timeout=READY)
        second.context.close()
    page.context.close()
