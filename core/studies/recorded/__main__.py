"""Make the recorded studies again: `python -m core.studies.recorded [NAME ...]`, all of them without a name.

About 50 minutes on two processes. What was broken off is continued from `NAME.unfinished`, which holds every run that
had ended; delete it to begin anew. At the end it prints the README's table; `table` in place of names does that alone.
"""

import json
import os
import platform
import sys
from importlib.metadata import version
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy loads

import pandas as pd

from ...checks import choice
from ...errors import InputError
from ...twins.training import TwinSettings, train_twins
from ..dimmer_light import SUMMARY
from ..experiments import five_tasks
from ..experiments.denoiser_light import psnr_curves, train_pair, verdict
from ..experiments.experiment import run_experiment
from ..overview import markdown
from ..paired import run_study
from ..switches import ALL_ARMS
from . import COLUMNS, DENOISERS, EXPERIMENTS, HERE, N_SEEDS, STUDIES, TWINS, recorded_overview

PACKAGES = ("numpy", "scipy", "scikit-learn")


def main(names: list[str]) -> None:
    """Run and keep each study, and say what it found; an InputError, before any runs, where there is none of a name."""
    every = [*STUDIES, *EXPERIMENTS, TWINS]
    chosen = [] if names == ["table"] else names or every
    for name in chosen:
        choice("NAME", name, every)
    for name in chosen:
        print(f"{name}: {make(name)}", flush=True)
    print(markdown(recorded_overview()))


def make(name: str) -> str:
    """Run one study, keep it, and say what it found."""
    if name == TWINS:
        *_, end = train_twins(TwinSettings())
        write_record(end["twins"], TWINS)
        return "one pair"
    unfinished = HERE / f"{name}.unfinished"
    if name in STUDIES:
        study = run_study(STUDIES[name], arms=ALL_ARMS, seeds=range(N_SEEDS), n_jobs=-1, path=unfinished)
        write(study.runs.drop(columns="task"), name)
        unfinished.unlink()
        return study.sentence()
    results = run_experiment(EXPERIMENTS[name], range(N_SEEDS), n_jobs=-1, path=unfinished)
    write(results.runs, name)
    unfinished.unlink()
    if name == "five_tasks":
        write_record(five_tasks.columns_record(five_tasks.train_columns()), COLUMNS)
    if name != DENOISERS:
        return " ".join(results.sentences)
    write(denoiser_summary(results.runs), SUMMARY)
    write_record(train_pair(), DENOISERS)
    return verdict(results)


def denoiser_summary(runs: pd.DataFrame) -> pd.DataFrame:
    """What the first page says of the denoisers: arm, light, mean, low95, high95 (in dB), n."""
    return psnr_curves(runs).assign(n=runs["seed"].nunique())


def write(runs: pd.DataFrame, name: str, folder: Path = HERE) -> None:
    """Keep runs as a csv file, with a head that says on what it was made."""
    packages = ", ".join(f"{package} {version(package)}" for package in PACKAGES)
    head = (
        f"# made by: python -m {__package__}\n"
        f"# on: Python {platform.python_version()}, {packages}; {platform.system()} {platform.machine()}\n"
    )
    text = runs.to_csv(index=False, float_format="%.9g")
    (folder / f"{name}.csv").write_text(head + text, encoding="utf-8")


def write_record(record: object, name: str, folder: Path = HERE) -> None:
    """Keep a trained pair as a json file."""
    (folder / f"{name}.json").write_text(json.dumps(record), encoding="utf-8")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except InputError as error:
        sys.exit(str(error))
