"""A cold server on a port of its own, and Chromium to look at it."""

import os
import socket
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.conftest import chromium

ROOT = Path(__file__).parents[2]
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def running_server(port: int = 0, script: str = "dashboard.py", **environment: str) -> Iterator[str]:
    """Start the dashboard on 127.0.0.1, or another script, on a free port where none is named; give its address."""
    port = port or free_port()
    scheme = "https" if "STREAMLIT_SERVER_SSL_CERT_FILE" in environment else "http"
    address = f"{scheme}://127.0.0.1:{port}/{environment.get('STREAMLIT_SERVER_BASE_URL_PATH', '')}".rstrip("/")
    command = [sys.executable, "-m", "streamlit", "run", script, "--server.headless", "true"]
    place = ["--server.port", str(port), "--server.address", "127.0.0.1"]
    server = subprocess.Popen(
        [*command, *place], cwd=ROOT, env=os.environ | {"PYTHONWARNINGS": "default"} | environment
    )
    try:
        wait_until_up(f"{address}/_stcore/health")
        yield address
    finally:
        server.terminate()
        server.wait(10)


def wait_until_up(address: str) -> None:
    for _ in range(300):
        try:
            urllib.request.urlopen(address, timeout=1, context=ssl._create_unverified_context()).close()
            return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(f"no answer from {address} within 30 s")


@pytest.fixture
def cold_server() -> Iterator[str]:
    with running_server() as address:
        yield address


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    with running_server() as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium(), args=QUIET)
        yield started
        started.close()


@pytest.fixture(scope="module")
def context(browser: Browser) -> Iterator[BrowserContext]:
    """One browser for a file's tests: Streamlit's own files are fetched and compiled once."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, accept_downloads=True)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A fresh visitor at 1280 x 800."""
    page = context.new_page()
    yield page
    page.close()


@pytest.fixture
def other_page(context: BrowserContext) -> Iterator[Page]:
    """A second visitor at the same time."""
    page = context.new_page()
    yield page
    page.close()
