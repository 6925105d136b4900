"""How fast a page follows the finger: from the slider's input to the paint of all that depends on it, in Chromium.

Run it on an otherwise idle machine, from the project's folder: `python -m benchmarks.dragging`, with names of pages to
measure these alone.

- The floor: `benchmarks/floor.py`, the least that a page with a live slider can be, on a server of its own; a step of
  it and one of the page in turn. What a page costs is said as a ratio to it, of the time to paint and of the server's
  processor time, which holds on any machine.
- One step at a time: the slider's thumb is moved by real mouse events; a step ends with the first frame after the last
  change that it caused in the page. Median and 95th percentile over the steps; and the median for each chart alone.
- A drag: the mouse moves every 8 ms for three seconds; updates a second, and how many runs were in flight at most,
  counted on the websocket (a rerun sent, a script finished received).
- A rerun: the server's own time for one run of the whole page with warm caches, from Streamlit's tester.
"""

import os
import statistics
import sys
import time
from pathlib import Path

from playwright.sync_api import Page, WebSocket, sync_playwright
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.testing.v1 import AppTest

from benchmarks.load import server_of
from tests.browser.conftest import QUIET, running_server
from tests.conftest import chromium

PAGES = ("threshold", "feature_maps", "regression", "curves")
N_STEPS = 40
WATCH = """() => {
  window.steps = []
  let start = null, last = null
  document.addEventListener("input", () => { start = performance.now(); last = null }, true)
  const changed = () => requestAnimationFrame(() => setTimeout(() => { last = performance.now() }))
  const all = { subtree: true, childList: true, characterData: true, attributes: true }
  const main = document.querySelector("[data-testid=stMain]")
  new MutationObserver(changed).observe(main, all)
  for (const node of main.querySelectorAll("*"))  // a component's pictures stand in a root of their own
    if (node.shadowRoot?.querySelector("img")) new MutationObserver(changed).observe(node.shadowRoot, all)
  window.elapsed = () => (start !== null && last !== null ? last - start : null)
  window.forget = () => { start = null; last = null; charts = {} }
  window.charts = {}
  document.querySelectorAll(".stVegaLiteChart").forEach((chart, place) => {
    const drawn = () => setTimeout(() => { if (start !== null) charts[place] = performance.now() - start })
    new MutationObserver(() => requestAnimationFrame(drawn)).observe(chart, all)
  })
}"""


class Traffic:
    """Runs asked for and runs finished, as the websocket carries them."""

    def __init__(self) -> None:
        self.asked = self.finished = self.most = 0

    def listen(self, socket: WebSocket) -> None:
        socket.on("framesent", self.sent)
        socket.on("framereceived", self.received)

    def sent(self, payload: str | bytes) -> None:
        if isinstance(payload, bytes) and BackMsg.FromString(payload).WhichOneof("type") == "rerun_script":
            self.asked += 1
            self.most = max(self.most, self.asked - self.finished)

    def received(self, payload: str | bytes) -> None:
        if isinstance(payload, bytes) and ForwardMsg.FromString(payload).WhichOneof("type") == "script_finished":
            self.finished += 1


def open_page(page: Page, address: str, name: str) -> dict[str, float]:
    page.goto(f"{address}/{name}")
    slider = page.locator("input[type=range]").first
    slider.wait_for(timeout=60_000)
    page.wait_for_timeout(4000)
    box = slider.bounding_box()
    assert box
    return {"left": box["x"], "width": box["width"], "middle": box["y"] + box["height"] / 2}


class Hand:
    """A finger on the slider of one page, and what its steps took."""

    def __init__(self, page: Page, address: str, name: str) -> None:
        self.page, self.server = page, server_of(address)
        self.place = open_page(page, address, name)
        self.times: list[float] = []
        self.work: list[float] = []  # milliseconds of the server's processor
        self.charts: dict[str, list[float]] = {}

    def press(self) -> None:
        self.page.evaluate(WATCH)
        self.move(0.55)
        self.page.mouse.down()
        self.page.wait_for_timeout(500)

    def move(self, share: float) -> None:
        self.page.mouse.move(self.place["left"] + share * self.place["width"], self.place["middle"])

    def step(self, share: float) -> None:
        """Milliseconds from input to paint, of all and of each chart."""
        self.page.evaluate("forget()")
        before = processor_time(self.server)
        self.move(share)
        self.page.wait_for_timeout(350)
        self.work.append(processor_time(self.server) - before)
        if (elapsed := self.page.evaluate("elapsed()")) is not None:
            self.times.append(elapsed)
        for number, drawn in self.page.evaluate("charts").items():
            self.charts.setdefault(number, []).append(drawn)

    def release(self) -> None:
        self.page.mouse.up()
        self.page.wait_for_timeout(500)


def processor_time(pid: int) -> float:
    """Milliseconds of a processor that a process has had."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return 1000 * (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def steps_in_turn(floor: Hand, hand: Hand) -> None:
    """One settled step after the other, on the floor and on the page."""
    for each in (floor, hand):
        each.press()
    for step in range(N_STEPS):
        for each in (floor, hand):
            each.step(0.3 + 0.4 * ((step * 7) % N_STEPS) / N_STEPS)
    for each in (floor, hand):
        each.release()


def drag(page: Page, place: dict[str, float], traffic: Traffic, seconds: float = 3.0) -> tuple[float, int]:
    """Updates a second while the mouse moves all the time, and the most runs in flight."""
    page.mouse.move(place["left"] + 0.5 * place["width"], place["middle"])
    page.mouse.down()
    page.wait_for_timeout(500)
    traffic.most = 0
    before, start = traffic.finished, time.perf_counter()
    step = 0
    while time.perf_counter() - start < seconds:
        share = 0.5 + 0.3 * (1 if (step // 60) % 2 else -1) * (step % 60) / 60
        page.mouse.move(place["left"] + share * place["width"], place["middle"])
        page.wait_for_timeout(8)
        step += 1
    rate = (traffic.finished - before) / (time.perf_counter() - start)
    page.mouse.up()
    page.wait_for_timeout(500)
    return rate, traffic.most


def warm_rerun(name: str) -> float:
    """Milliseconds of one whole run of the page with warm caches: the median of nine."""
    root = Path(__file__).parents[1]
    test = AppTest.from_file(str(root / "dashboard.py"), default_timeout=60).run()
    test.switch_page(f"pages/{name}.py").run()
    times = []
    for _ in range(9):
        start = time.perf_counter()
        test.run()
        times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times)


def main() -> None:
    print(
        "| page | input to paint, median | p95 | times the floor | server a step | times the floor | each chart |",
        end="",
    )
    print(" updates a second | in flight at most | warm rerun |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    with (
        running_server() as address,
        running_server(script="benchmarks/floor.py") as floor_address,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium(), args=QUIET)
        for name in sys.argv[1:] or PAGES:
            floor = Hand(browser.new_page(viewport={"width": 1280, "height": 1000}), floor_address, "")
            page = browser.new_page(viewport={"width": 1280, "height": 1000})
            traffic = Traffic()
            page.on("websocket", traffic.listen)
            hand = Hand(page, address, name)
            steps_in_turn(floor, hand)
            times = sorted(hand.times)
            rate, most = drag(page, hand.place, traffic)
            median, late = statistics.median(times), times[int(0.95 * len(times))]
            work, least = statistics.mean(hand.work), statistics.mean(floor.work)
            each = ", ".join(f"{statistics.median(hand.charts[number]):.0f}" for number in sorted(hand.charts))
            print(
                f"| {name} | {median:.0f} ms | {late:.0f} ms | {median / statistics.median(floor.times):.1f} "
                f"| {work:.0f} ms | {work / least:.1f} | {each} ms | {rate:.0f} | {most} | {warm_rerun(name):.0f} ms |",
                flush=True,
            )
            floor.page.close()
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
