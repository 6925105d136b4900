"""What the default studies gave: a csv file each, made by `python -m core.studies.recorded`.

Every task, and each experiment, has twenty seeds; `dimmer_light.json` is one trained pair of denoisers, `twins.json`
one of digit networks, and `dimmer_light_summary.csv` what the first page reads of `dimmer_light.csv`. A csv file begins
with lines that say on what it was made. On other processors or versions the last digits of a fit differ, so that a run
may get a picture or two more or fewer right.
"""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from ...checks import choice
from ...data.tasks import RARE_SEVEN, TASKS, Task, varied_contrast
from ...models.layers import Layer
from ...question import Found
from ...twins.report import report
from ...twins.switched_off import every_bias, switch_off
from ...twins.training import Twin, TwinSettings, twins_from
from ..dimmer_light import read_denoisers, read_recorded
from ..experiments import (
    bias_removal,
    denoiser_light,
    dimmed_digits,
    five_tasks,
    hidden_bias_start,
    last_bias_start,
    network_size,
    only_biases,
    rounded_weights,
    ten_pictures,
    weight_decay,
)
from ..experiments.experiment import Experiment, Results
from ..overview import overview
from ..study import Study, summarise

HERE = Path(__file__).parent
N_SEEDS = 20
DENOISERS, TWINS, COLUMNS = "dimmer_light", "twins", "five_columns"

STUDIES: dict[str, Task] = TASKS | {
    task.name: task for task in [varied_contrast(TASKS["digits"]), last_bias_start.LONGER]
}
"""Name of a recorded study -> its task."""

EXPERIMENTS: dict[str, Experiment] = {
    experiment.name: experiment
    for experiment in (
        *(bias_removal.experiment(TASKS[name]) for name in bias_removal.TRIED),
        *(last_bias_start.experiment(task) for task in (TASKS["long_tailed"], last_bias_start.LONGER, RARE_SEVEN)),
        hidden_bias_start.experiment(TASKS["digits"]),
        *(weight_decay.experiment(TASKS[name]) for name in ("digits", "dim_or_bright")),
        network_size.experiment(),
        denoiser_light.experiment(),
        dimmed_digits.experiment(),
        only_biases.experiment(),
        five_tasks.experiment(),
        ten_pictures.experiment(),
        rounded_weights.experiment(),
    )
}
"""Name of a recorded experiment -> the experiment."""


@lru_cache(maxsize=len(STUDIES))
def recorded(name: str) -> Study:
    """A recorded study of a task; a key of `STUDIES`.

    An InputError where there is none of this name, or its file is missing or damaged.
    """
    choice("name", name, STUDIES)
    return read_recorded(name, lambda: summarise(STUDIES[name], _runs(name).assign(task=name)))


@lru_cache(maxsize=1)
def recorded_overview() -> pd.DataFrame:
    """Every recorded study in a row, as `core.studies.overview.overview` has them; not to be changed."""
    return overview({task.title: recorded(name) for name, task in STUDIES.items()})


@lru_cache(maxsize=len(EXPERIMENTS))
def recorded_results(name: str) -> Results:
    """What a recorded experiment gave; a key of `EXPERIMENTS`. Raises as `recorded`."""
    choice("name", name, EXPERIMENTS)
    results = read_recorded(name, lambda: Results(EXPERIMENTS[name], _runs(name)))
    read_recorded(
        name, lambda: results.differences
    )  # a column or an arm that is missing is told here, and not on a page
    return results


@lru_cache(maxsize=1)
def recorded_denoisers() -> dict[str, tuple[Layer, ...]]:
    """The denoiser of seed 0 and its twin, trained: name -> layers. Raises where the file is missing or damaged."""
    return read_recorded(DENOISERS, lambda: read_denoisers(HERE))


@lru_cache(maxsize=1)
def recorded_twins() -> dict[str, Twin]:
    """The pair that the default `TwinSettings` give, trained: name -> twin. Raises as `recorded_denoisers`."""
    return read_recorded(TWINS, lambda: twins_from(_record(TWINS)))


@lru_cache(maxsize=1)
def recorded_columns() -> five_tasks.Columns:
    """The frozen network of seed 0 and its five columns of biases. Raises as `recorded_denoisers`."""
    return read_recorded(COLUMNS, lambda: five_tasks.columns_from(_record(COLUMNS)))


def answer() -> Found:
    """How many answers change without any bias: what the page of one opened network asks first."""
    pair = report(TwinSettings(), recorded_twins())
    network = switch_off(pair, every_bias(pair))
    share = len(network.changed) / len(network.answers)
    supported = "fewer than one" if share < 0.01 else "one to ten" if share <= 0.1 else "more than ten"
    return Found(supported, network.sentence)


def _runs(name: str) -> pd.DataFrame:
    """The rows of a csv file; arms are words, also "0" and "none"."""
    return pd.read_csv(HERE / f"{name}.csv", comment="#", dtype={"arm": str}, na_values=[""], keep_default_na=False)


def _record(name: str) -> Any:
    return json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))
