"""What a first visit costs: seconds from `streamlit run` to a page that can be used, and the server's memory.

`python -m benchmarks.cold_start`: an empty Streamlit page and the dashboard, each started anew, in turn, in one run;
then the first visit of every page on a server that has shown none of them, and its memory after the overview, after all
pages, and with fifty more sessions.
"""

import asyncio
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright
from websockets.asyncio.client import connect

from benchmarks.load import memory, rerun, server_of
from pages.shared.frame import ADDRESS, MENU
from tests.browser.conftest import QUIET, ROOT, running_server, wait_until_up
from tests.conftest import chromium

EMPTY = 'import streamlit as st\nst.title("Empty")\n'
LADEN = "import altair, pandas\n" + EMPTY
ROUNDS = 5
CHART = ".stVegaLiteChart svg, .stVegaLiteChart canvas"
SEEN = {"overview": "img[src^=data]", "twins": "button:has-text('Train both twins')"}
"""Page -> what a visitor waits for, where it is no chart."""
SESSIONS = 50


@contextmanager
def empty_server(source: str, port: int) -> Iterator[str]:
    """A Streamlit server with one small page."""
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "app.py"
        script.write_text(source)
        address = f"http://127.0.0.1:{port}"
        options = ["--server.headless", "true", "--server.address", "127.0.0.1", "--server.port", str(port)]
        command = [sys.executable, "-m", "streamlit", "run", str(script), *options]
        server = subprocess.Popen(
            [*command, "--browser.gatherUsageStats", "false"], cwd=ROOT, stdout=subprocess.DEVNULL
        )
        try:
            wait_until_up(f"{address}/_stcore/health")
            yield address
        finally:
            server.terminate()
            server.wait(10)


def shown(browser: Browser, address: str, *, picture: str = "") -> None:
    """Open an address and wait for its heading, and for what is below it: the last thing that a visitor waits for."""
    page = browser.new_page()
    page.goto(address)
    page.get_by_role("heading", level=1).wait_for(timeout=60_000)
    if picture:
        page.locator(picture).first.wait_for(timeout=60_000)
    page.close()


def started(browser: Browser, server: object, *, picture: str = "") -> tuple[float, float]:
    """Seconds from the start to a page that can be used, and megabytes then."""
    began = time.perf_counter()
    with server as address:  # type: ignore[attr-defined]
        shown(browser, address, picture=picture)
        return time.perf_counter() - began, memory(server_of(address))


async def sessions(address: str) -> list[object]:
    """Fifty sessions that stay open."""
    found = []
    for _ in range(SESSIONS):
        socket = await connect(
            f"{address.replace('http', 'ws')}/_stcore/stream", subprotocols=["streamlit"], max_size=None
        )
        await rerun(socket, ADDRESS["overview"])
        found.append(socket)
    return found


async def memory_of_sessions(address: str) -> float:
    """Megabytes more with fifty sessions."""
    before = memory(server_of(address))
    kept = await sessions(address)
    more = memory(server_of(address)) - before
    for socket in kept:
        await socket.close()  # type: ignore[attr-defined]
    return more


def main() -> None:
    """Print it all."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=QUIET)
        rounds = [
            (
                started(browser, empty_server(EMPTY, 8801)),
                started(browser, empty_server(LADEN, 8802)),
                started(browser, running_server(), picture=SEEN["overview"]),
            )
            for _ in range(ROUNDS)
        ]
        empty, laden, ours = 0, 1, 2
        seconds = [statistics.median(round[i][0] for round in rounds) for i in range(3)]
        sizes = [statistics.median(round[i][1] for round in rounds) for i in range(3)]
        slower, larger = seconds[ours] / seconds[empty], sizes[ours] / sizes[laden]
        print(
            f"start to a page in use: empty {seconds[empty]:.2f} s, overview {seconds[ours]:.2f} s, {slower:.2f} times"
        )
        print(f"memory: altair and pandas {sizes[laden]:.0f} MB, overview {sizes[ours]:.0f} MB, {larger:.2f} times")
        with running_server() as address:
            for name in [entry.name for entry in MENU]:
                began = time.perf_counter()
                shown(browser, f"{address}/{ADDRESS.get(name, name)}", picture=SEEN.get(name, CHART))
                print(f"first visit of {name}: {time.perf_counter() - began:.2f} s", flush=True)
            print(f"memory after all pages: {memory(server_of(address)):.0f} MB")
            with ThreadPoolExecutor(1) as pool:  # Playwright has a loop of its own in this thread
                more = pool.submit(asyncio.run, memory_of_sessions(address)).result()
            print(f"{SESSIONS} more sessions: {more:.0f} MB more")
        browser.close()


if __name__ == "__main__":
    main()
