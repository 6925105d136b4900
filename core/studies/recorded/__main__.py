"""Make the recorded studies again: `python -m core.studies.recorded [NAME ...]`, all of them without a name.

About half an hour on two processes. At the end it prints the README's table; `table` in place of names does that alone.
"""

import json
import os
import sys

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy loads

from core.studies.arms import ALL
from core.studies.dimmer_light import run_denoiser, train_pair
from core.studies.matters import markdown, overview
from core.studies.paired import run_study
from core.studies.recorded import DENOISERS, HERE, N_SEEDS, REMOVALS, STUDIES, TWINS, recorded, write
from core.studies.removals import run_removals
from core.studies.twins import TwinSettings, train_twins


def main(names: list[str]) -> None:
    """Run and keep each study, and say what it found."""
    for name in [] if names == ["table"] else names or [*STUDIES, *REMOVALS, DENOISERS, TWINS]:
        print(f"{name}: {_made(name)}", flush=True)
    print(markdown(overview({task.title: recorded(name) for name, task in STUDIES.items()})))


def _made(name: str) -> str:
    if name in REMOVALS:
        return _removals(name)
    return {DENOISERS: _denoisers, TWINS: _twins}.get(name, lambda: _study(name))()


def _removals(name: str) -> str:
    found = run_removals(REMOVALS[name], seeds=range(N_SEEDS), n_jobs=-1)
    write(found.runs, name)
    return found.verdict


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
