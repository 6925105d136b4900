"""Fifty trainings killed at random moments: each is told of, the next one works, and no process is left over.

`python -m benchmarks.faults`
"""

import json
import os
import random
import signal
import time
from pathlib import Path

from core.twins.training import TwinSettings
from pages.shared.jobs import Jobs

KILLS = 50


def command(seed: int) -> tuple[str, str]:
    """A training that no other kill has seen."""
    return "twins", json.dumps(TwinSettings(task="small_50", n_epochs=200, seed=seed).record())


def waited(condition: object, seconds: float = 60) -> bool:
    """Whether the condition came true in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():  # type: ignore[operator]
            return True
        time.sleep(0.02)
    return False


def children() -> int:
    """How many children of ours are alive."""
    tasks = Path(f"/proc/{os.getpid()}/task").glob("*/children")
    return sum(len(task.read_text().split()) for task in tasks)


def main() -> None:
    """Kill, and count."""
    jobs, chance, told, again = Jobs(), random.Random(0), 0, 0
    for seed in range(KILLS):
        job = jobs.ask(command(seed), "visitor")
        waited(lambda job=job: job.process is not None)
        time.sleep(chance.uniform(0, 3))
        if job.process and job.process.poll() is None:
            job.process.send_signal(signal.SIGKILL)
        waited(lambda job=job: job.state in ("failed", "done"))
        told += job.state in ("failed", "done")
        anew = jobs.ask(command(seed), "visitor")
        again += waited(lambda anew=anew: bool(anew.events))
        jobs.leave(anew.command, "visitor")
    waited(lambda: children() == 0, 20)
    print(f"{KILLS} kills: {told} told, {again} work again, {children()} processes left over")


if __name__ == "__main__":
    main()
