"""How the dashboard bears visitors: real websocket sessions on this machine, bounded in number and time.

`python -m benchmarks.load`: 20 visitors, then 50, then 20 while a study trains, on a server of its own;
`python -m benchmarks.load http://127.0.0.1:8500 2` the first two of them at an address behind which there are two (its
memory is not measured). They arrive within ten seconds; each moves a setting every two seconds for two minutes: opens a
page, drags its slider twice, then the next page. So each has seen all pages after about a minute, and in the second the
server's memory should stay as it is. A move of a slider is what a browser sends, the slider's new state and the
fragment to run; a page without one runs as a whole. Timed is from
the message that asks for a run to the one that the script has finished. Printed: steps a second of all visitors, median
and 95th percentile, errors, and the server's memory in the third and in the last quarter, on average.
"""

import argparse
import asyncio
import json
import os
import random
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

from pages.shared.frame import ADDRESS, MENU
from tests.browser.conftest import running_server

SECONDS, EVERY, STAY, ARRIVED = 120.0, 2.0, 3, 10.0
RANGES = {"curves": (1.0, 100.0), "overview": (-0.2, 0.2), "feature_maps": (-1.0, 1.0)}
"""Page -> between what its slider is dragged; the others between 1 and 2."""
STUDY = '{"task": "digits", "n_seeds": 100, "n_epochs": 60}'


class Slider(NamedTuple):
    """A slider of the page that a visitor sees, and the fragment that follows it."""

    widget: str
    fragment: str


class Ran(NamedTuple):
    """One run: how long it took, in seconds, whether it ended in an exception, and the sliders that it drew."""

    seconds: float
    broken: bool
    sliders: list[Slider]


async def rerun(socket: ClientConnection, page: str, slider: Slider | None = None, value: float = 1.0) -> Ran:
    """Open a page, or move one of its sliders."""
    message = BackMsg()
    message.rerun_script.page_name = page
    if slider:
        message.rerun_script.fragment_id = slider.fragment
        state = {"token": str(random.random()), "value": value, "done": True, "width": 704}
        message.rerun_script.widget_states.widgets.add(id=slider.widget, json_value=json.dumps({"value": state}))
    began, broken, sliders = time.perf_counter(), False, []
    await socket.send(message.SerializeToString())
    while True:
        data = await asyncio.wait_for(socket.recv(), 60)
        got = ForwardMsg.FromString(data if isinstance(data, bytes) else data.encode())
        kind = got.WhichOneof("type")
        if kind == "script_finished":
            return Ran(time.perf_counter() - began, broken, sliders)
        drawn = got.delta.new_element
        broken |= kind == "delta" and drawn.WhichOneof("type") == "exception"
        if kind == "delta" and drawn.bidi_component.component_name.endswith("live_slider"):
            sliders.append(Slider(drawn.bidi_component.id, got.delta.fragment_id))


async def visitor(address: str, number: int, times: list[float], errors: list[str]) -> None:
    """One visitor for `SECONDS`."""
    pages = [entry.name for entry in MENU]
    chance = random.Random(number)
    await asyncio.sleep(chance.uniform(0, ARRIVED))
    try:
        stream, cookie = f"{address.replace('http', 'ws', 1)}/_stcore/stream", {"Cookie": f"lab={chance.random()}"}
        async with connect(stream, subprotocols=["streamlit"], max_size=None, additional_headers=cookie) as socket:
            await rerun(socket, ADDRESS["overview"])
            end = time.monotonic() + SECONDS
            step, sliders = STAY * number, []
            while time.monotonic() < end:
                page = pages[step // STAY % len(pages)]
                slider = sliders[0] if sliders and step % STAY else None
                ran = await rerun(
                    socket, ADDRESS.get(page, page), slider, chance.uniform(*RANGES.get(page, (1.0, 2.0)))
                )
                sliders = ran.sliders or sliders if slider else ran.sliders
                times.append(ran.seconds)
                if ran.broken:
                    errors.append(f"exception on {page}")
                step += 1
                await asyncio.sleep(max(EVERY - ran.seconds, 0))
    except (OSError, TimeoutError) as error:
        errors.append(repr(error))


def memory(pid: int) -> float:
    """Resident megabytes of a process."""
    fields = Path(f"/proc/{pid}/status").read_text().split("VmRSS:")[1].split()
    return int(fields[0]) / 1024


def server_of(address: str) -> int:
    """The process that listens at an address."""
    found = subprocess.run(["pgrep", "-f", f"server.port {address.rsplit(':', 1)[1]}"], capture_output=True, text=True)
    return int(found.stdout.split()[0])


async def crowd(address: str, visitors: int, *, own: bool = True) -> str:
    """What so many visitors get, in a line."""
    times: list[float] = []
    errors: list[str] = []
    tasks = [asyncio.create_task(visitor(address, number, times, errors)) for number in range(visitors)]
    held = ""
    if own:
        server = server_of(address)
        await asyncio.sleep(SECONDS / 2)
        third, last = await memory_over(server, SECONDS / 4), await memory_over(server, SECONDS / 4)
        held = f"; memory {third:.0f} MB in the third quarter, {last:.0f} in the last"
    await asyncio.gather(*tasks)
    p50, p95 = statistics.median(times), statistics.quantiles(times, n=20)[-1]
    return (
        f"{visitors} visitors, {len(times)} steps, {len(times) / SECONDS:.1f} a second: median {1000 * p50:.0f} ms, "
        f"95% {1000 * p95:.0f} ms, {len(errors)} errors {set(errors) or ''}{held}"
    )


async def memory_over(pid: int, seconds: float) -> float:
    """Resident megabytes of a process, averaged over some time."""
    found = []
    for _ in range(int(seconds)):
        found.append(memory(pid))
        await asyncio.sleep(1)
    return statistics.mean(found)


def main() -> None:
    """All three crowds, or two of them at an address that is given."""
    asked = argparse.ArgumentParser()
    asked.add_argument("address", nargs="?")
    asked.add_argument("servers", nargs="?", type=int, default=1)
    given = asked.parse_args()
    if given.address:
        asyncio.run(crowd(given.address, 5, own=False))
        for visitors in (20, 50):
            print(f"{given.servers} servers: {asyncio.run(crowd(given.address, visitors, own=False))}", flush=True)
        return
    with running_server() as address:
        asyncio.run(crowd(address, 5))  # warm: every page has been seen
        print(asyncio.run(crowd(address, 20)), flush=True)
        print(asyncio.run(crowd(address, 50)), flush=True)
        study = subprocess.Popen(
            [sys.executable, "-m", "core.worker", "study", STUDY],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
        )
        assert study.stdin
        study.stdin.write(bytes(8))
        study.stdin.flush()
        print(f"while a study trains: {asyncio.run(crowd(address, 20))}", flush=True)
        study.kill()
        study.wait()


if __name__ == "__main__":
    main()
