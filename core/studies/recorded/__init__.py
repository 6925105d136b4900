"""What the default studies gave: a csv file each, made by `python -m core.studies.recorded`.

Every task with twenty seeds, all arms and all stresses, and the digits once more with varied contrast in training; the
denoiser under dimmer light with twenty seeds, and one trained pair of them (`dimmer_light.json`); biases taken away in
every way, twenty times on two tasks; other first biases, weight decay and larger networks, twenty times each; one
trained pair of digit networks (`twins.json`). A csv file begins with lines that say on what it was made. On other
processors or versions the last digits of a fit differ, so that a run may get a picture or two more or fewer right.
"""

import json
import platform
from collections.abc import Callable
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd

from ...arms import WITH
from ...data.tasks import RARE_SEVEN, TASKS, Task, varied_contrast
from ...errors import InputError
from ...models.layers import Layer
from ...question import Found
from ...twins.report import report
from ...twins.switched_off import opened
from ...twins.training import Twin, TwinSettings, trained
from ..experiments.bias_removal import COLUMNS as REMOVED
from ..experiments.bias_removal import Removals
from ..experiments.denoiser_light import COLUMNS, DenoiserStudy, trained_pair
from ..experiments.experiment import AnyStudy
from ..experiments.hidden_bias_start import FirstHiddenStudy
from ..experiments.last_bias_start import LONGER, FirstBiasStudy
from ..experiments.network_size import COLUMNS as SIZED
from ..experiments.network_size import SizeStudy
from ..experiments.weight_decay import DecayStudy
from ..study import Study, summarise

HERE = Path(__file__).parent
PACKAGES = ("numpy", "scipy", "scikit-learn")
N_SEEDS = 20
DENOISERS = "dimmer_light"
TWINS = "twins"
SIZES = "sizes"
Made = TypeVar("Made")

STUDIES: dict[str, Task] = TASKS | {task.name: task for task in [varied_contrast(TASKS["digits"])]}
"""Name of a recorded study -> its task."""
REMOVALS: dict[str, Task] = {f"removals_{name}": TASKS[name] for name in ("digits", "dim_or_bright")}
"""Name of a recorded study of removals -> its task."""
FIRST_BIASES: dict[str, Task] = {f"first_bias_{task.name}": task for task in (TASKS["long_tailed"], LONGER, RARE_SEVEN)}
"""Name of a recorded study of the last bias's start -> its task."""
FIRST_HIDDEN: dict[str, Task] = {"first_hidden_digits": TASKS["digits"]}
"""Name of a recorded study of the other biases' start -> its task."""
DECAYS: dict[str, Task] = {f"decay_{name}": TASKS[name] for name in ("digits", "dim_or_bright")}
"""Name of a recorded study of weight decay -> its task."""


@lru_cache(maxsize=len(STUDIES))
def recorded(name: str) -> Study:
    """A recorded study.

    Raises
    ------
    InputError
        There is none of this name, or its file is missing or damaged.

    Examples
    --------
    >>> study = recorded("digits")
    >>> study.arms[0], study.runs["seed"].nunique()
    ('both biases', 20)
    """
    if name not in STUDIES:
        raise InputError(f"`name` must be one of {', '.join(STUDIES)}, got {name!r}")
    return _read(name, lambda: summarise(STUDIES[name], _runs(name).assign(task=name)))


@lru_cache(maxsize=1)
def recorded_denoisers() -> DenoiserStudy:
    """The recorded study of a denoiser under dimmer light.

    Raises
    ------
    InputError
        Its file is missing or damaged.
    """
    return _read(DENOISERS, lambda: DenoiserStudy(_runs(DENOISERS)[COLUMNS]))


@lru_cache(maxsize=1)
def recorded_pair() -> dict[str, tuple[Layer, ...]]:
    """The denoiser of seed 0 and its twin, trained: name -> layers.

    Raises
    ------
    InputError
        The file is missing or damaged.
    """
    return _read(DENOISERS, lambda: trained_pair(_record(DENOISERS)))


@lru_cache(maxsize=len(REMOVALS))
def recorded_removals(task: str) -> Removals:
    """The recorded study of what taking biases away does on a task.

    Raises
    ------
    InputError
        There is none of this task, or its file is missing or damaged.

    Examples
    --------
    >>> recorded_removals("digits").runs["seed"].nunique()
    20
    """
    name = f"removals_{task}"
    asked = _task(REMOVALS, name, task)
    return _read(name, lambda: Removals(asked, _runs(name)[REMOVED]))


@lru_cache(maxsize=len(FIRST_BIASES))
def recorded_first_bias(task: str) -> FirstBiasStudy:
    """The recorded study of where the last bias starts.

    Parameters
    ----------
    task : str
        "long_tailed", "long_tailed_longer" or "rare_seven".

    Raises
    ------
    InputError
        There is none of this task, or its file is missing or damaged.

    Examples
    --------
    >>> recorded_first_bias("rare_seven").runs["seed"].nunique()
    20
    """
    return _by_epoch(FirstBiasStudy, FIRST_BIASES, f"first_bias_{task}", task)


@lru_cache(maxsize=len(FIRST_HIDDEN))
def recorded_first_hidden(task: str = "digits") -> FirstHiddenStudy:
    """The recorded study of where the biases before ReLU start; "digits" is its one task. Raises as the one above."""
    return _by_epoch(FirstHiddenStudy, FIRST_HIDDEN, f"first_hidden_{task}", task)


@lru_cache(maxsize=len(DECAYS))
def recorded_decay(task: str) -> DecayStudy:
    """The recorded study of weight decay on "digits" or "dim_or_bright". Raises as the two above."""
    return _by_epoch(DecayStudy, DECAYS, f"decay_{task}", task)


@lru_cache(maxsize=1)
def recorded_sizes() -> SizeStudy:
    """The recorded study of larger networks.

    Raises
    ------
    InputError
        Its file is missing or damaged.
    """
    return _read(SIZES, lambda: SizeStudy(_runs(SIZES)[SIZED]))


@lru_cache(maxsize=1)
def recorded_twins() -> dict[str, Twin]:
    """The pair that the default `TwinSettings` give, trained: name -> twin.

    Raises
    ------
    InputError
        The file is missing or damaged.
    """
    return _read(TWINS, lambda: trained(_record(TWINS)))


def made_on(name: str) -> str:
    """The lines that say on what a file was made."""
    lines = (HERE / f"{name}.csv").read_text(encoding="utf-8").splitlines()
    return "\n".join(line.removeprefix("# ") for line in lines if line.startswith("#"))


def write(runs: pd.DataFrame, name: str, folder: Path = HERE) -> None:
    """Keep runs as a csv file, with a head that says on what it was made."""
    packages = ", ".join(f"{package} {version(package)}" for package in PACKAGES)
    head = (
        "# made by: python -m core.studies.recorded\n"
        f"# on: Python {platform.python_version()}, {packages}; {platform.system()} {platform.machine()}\n"
    )
    text = runs.to_csv(index=False, float_format="%.9g")
    (folder / f"{name}.csv").write_text(head + text, encoding="utf-8")


def _by_epoch(kind: type[AnyStudy], studies: dict[str, Task], name: str, task: str) -> AnyStudy:
    asked = _task(studies, name, task)
    return _read(name, lambda: kind(asked, _runs(name)[kind.COLUMNS]))


def _task(studies: dict[str, Task], name: str, task: str) -> Task:
    if name not in studies:
        known = ", ".join(task.name for task in studies.values())
        raise InputError(f"`task` must be one of {known}, got {task!r}")
    return studies[name]


def _runs(name: str) -> pd.DataFrame:
    """The rows of a csv file; arms are words, also "0" and "none"."""
    return pd.read_csv(HERE / f"{name}.csv", comment="#", dtype={"arm": str}, na_values=[""], keep_default_na=False)


def _record(name: str) -> Any:
    return json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))


def _read(name: str, make: Callable[[], Made]) -> Made:
    """What is made of a file, or one sentence where the file is missing or damaged."""
    try:
        return make()
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError(
            f"`name` must be a study whose file can be read, got {name!r}",
            hint="python -m core.studies.recorded makes the files again.",
        ) from None


def answer() -> Found:
    """What the page asks first, answered by its own numbers."""
    pair = report(TwinSettings(), recorded_twins())
    network = opened(
        pair,
        [
            (layer.name, i)
            for layer in pair.twins[WITH].layers
            if layer.bias is not None
            for i in range(len(layer.bias))
        ],
    )
    share = len(network.changed) / len(network.answers)
    choice = "fewer than one" if share < 0.01 else "one to ten" if share <= 0.1 else "more than ten"
    return Found(choice, network.sentence)
