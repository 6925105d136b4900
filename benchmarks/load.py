"""How the dashboard bears visitors: real websocket sessions on this machine, bounded in number and time.

`python -m benchmarks.load`: 20 visitors, then 50, then 20 while a study trains. Each opens a page, and every two
seconds for a minute runs a whole page again with another setting, over all pages in turn. A rerun is timed from the
message that asks for it to the message that the script has finished: an upper end, since a drag reruns a fragment only.
Printed: median and 95th percentile, errors, and the server's memory in the middle and at the end.
"""

import asyncio
import os
import random
import statistics
import subprocess
import sys
import time
from pathlib import Path

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

from pages.shared.frame import ADDRESS, MENU
from tests.browser.conftest import running_server

SECONDS, EVERY = 60.0, 2.0
SETTINGS = {"threshold": "b", "curves": "units", "feature_maps": "b", "regression": "intercept", "norms": "b"}
STUDY = '{"task": "digits", "n_seeds": 100, "n_epochs": 60}'


async def rerun(socket: ClientConnection, page: str, query: str) -> tuple[float, bool]:
    """Seconds of one run of a page, and whether it ended in an exception."""
    message = BackMsg()
    message.rerun_script.query_string = query
    message.rerun_script.page_name = page
    began, broken = time.perf_counter(), False
    await socket.send(message.SerializeToString())
    while True:
        data = await asyncio.wait_for(socket.recv(), 60)
        got = ForwardMsg.FromString(data if isinstance(data, bytes) else data.encode())
        broken |= got.WhichOneof("type") == "delta" and got.delta.new_element.WhichOneof("type") == "exception"
        if got.WhichOneof("type") == "script_finished":
            return time.perf_counter() - began, broken


async def visitor(address: str, number: int, times: list[float], errors: list[str]) -> None:
    """One visitor for `SECONDS`."""
    pages = [name for entries in MENU.values() for name in entries]
    chance = random.Random(number)
    try:
        async with connect(
            f"{address.replace('http', 'ws')}/_stcore/stream", subprotocols=["streamlit"], max_size=None
        ) as socket:
            await rerun(socket, ADDRESS["overview"], "")
            end = time.monotonic() + SECONDS
            step = number
            await asyncio.sleep(chance.uniform(0, EVERY))
            while time.monotonic() < end:
                page = pages[step % len(pages)]
                query = f"{SETTINGS[page]}={chance.uniform(1, 2):.2f}" if page in SETTINGS else ""
                seconds, broken = await rerun(socket, ADDRESS.get(page, page), query)
                times.append(seconds)
                if broken:
                    errors.append(f"exception on {page}")
                step += 1
                await asyncio.sleep(max(EVERY - seconds, 0))
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


async def crowd(address: str, visitors: int) -> str:
    """What so many visitors get, in a line."""
    times: list[float] = []
    errors: list[str] = []
    tasks = [asyncio.create_task(visitor(address, number, times, errors)) for number in range(visitors)]
    await asyncio.sleep(SECONDS / 2)
    middle = memory(server_of(address))
    await asyncio.gather(*tasks)
    p50, p95 = statistics.median(times), statistics.quantiles(times, n=20)[-1]
    end = memory(server_of(address))
    return (
        f"{visitors} visitors, {len(times)} reruns: median {1000 * p50:.0f} ms, 95% {1000 * p95:.0f} ms, "
        f"{len(errors)} errors {set(errors) or ''}; memory {middle:.0f} MB half-way, {end:.0f} MB at the end"
    )


def main() -> None:
    """All three crowds."""
    with running_server() as address:
        asyncio.run(crowd(address, 2))  # warm: every page has been seen
        print(asyncio.run(crowd(address, 20)), flush=True)
        print(asyncio.run(crowd(address, 50)), flush=True)
        study = subprocess.Popen(
            [sys.executable, "-m", "core.studies.child", "study", STUDY],
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
