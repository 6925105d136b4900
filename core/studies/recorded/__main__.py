"""Make the recorded studies again: `python -m core.studies.recorded [NAME ...]`, all of them without a name.

About 35 minutes on two processes. At the end it prints the README's table; `table` in place of names does that alone.
"""

import json
import os
import sys
from collections.abc import Callable

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy loads

from ...data.tasks import Task
from ...twins.training import TwinSettings, train_twins
from ..experiments.bias_removal import run_removals
from ..experiments.denoiser_light import run_denoiser, train_pair
from ..experiments.experiment import EpochStudy
from ..experiments.hidden_bias_start import run_first_hidden
from ..experiments.last_bias_start import run_first_bias
from ..experiments.network_size import run_sizes
from ..experiments.weight_decay import run_decay
from ..overview import markdown, overview
from ..paired import run_study
from ..switches import ALL
from . import (
    DECAYS,
    DENOISERS,
    FIRST_BIASES,
    FIRST_HIDDEN,
    HERE,
    N_SEEDS,
    REMOVALS,
    SIZES,
    STUDIES,
    TWINS,
    recorded,
    write,
)

BY_EPOCH: tuple[tuple[Callable[..., EpochStudy], dict[str, Task]], ...] = (
    (run_first_bias, FIRST_BIASES),
    (run_first_hidden, FIRST_HIDDEN),
    (run_decay, DECAYS),
)


def main(names: list[str]) -> None:
    """Run and keep each study, and say what it found."""
    by_epoch = [name for _, tasks in BY_EPOCH for name in tasks]
    for name in [] if names == ["table"] else names or [*STUDIES, *REMOVALS, *by_epoch, SIZES, DENOISERS, TWINS]:
        print(f"{name}: {_made(name)}", flush=True)
    print(markdown(overview({task.title: recorded(name) for name, task in STUDIES.items()})))


def _made(name: str) -> str:
    if name in REMOVALS:
        return _removals(name)
    for run, tasks in BY_EPOCH:
        if name in tasks:
            return _by_epoch(run(tasks[name], seeds=range(N_SEEDS), n_jobs=-1), name)
    return {DENOISERS: _denoisers, TWINS: _twins, SIZES: _sizes}.get(name, lambda: _study(name))()


def _removals(name: str) -> str:
    found = run_removals(REMOVALS[name], seeds=range(N_SEEDS), n_jobs=-1)
    write(found.runs, name)
    return found.verdict


def _by_epoch(found: EpochStudy, name: str) -> str:
    write(found.runs, name)
    return " ".join(found.sentences)


def _sizes() -> str:
    found = run_sizes(range(N_SEEDS), n_jobs=-1)
    write(found.runs, SIZES)
    return " ".join(found.sentences)


def _twins() -> str:
    *_, end = train_twins(TwinSettings())
    (HERE / f"{TWINS}.json").write_text(json.dumps(end["twins"]), encoding="utf-8")
    return "one pair"


def _study(name: str) -> str:
    study = run_study(STUDIES[name], arms=ALL, seeds=range(N_SEEDS), n_jobs=-1)
    write(study.runs.drop(columns="task"), name)
    return study.sentence("both biases", "no bias")


def _denoisers() -> str:
    study = run_denoiser(range(N_SEEDS), n_jobs=-1)
    write(study.runs, DENOISERS)
    (HERE / f"{DENOISERS}.json").write_text(json.dumps(train_pair()), encoding="utf-8")
    return study.verdict


if __name__ == "__main__":
    main(sys.argv[1:])
