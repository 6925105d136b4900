"""One experiment: what is done with every seed, which arms are compared, and what their differences say.

One seed gives one split, one set of starting weights and one order of batches, whatever the arm; so a difference is
taken within each seed. All differences of an experiment are one family, and are corrected together (Holm).
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from ...errors import InputError
from ..paired import as_seeds, by_joblib
from ..resume_file import About, read_runs, write_runs
from ..verdicts import Difference, Floats, difference, holm_corrected, mean_interval, paired_differences, points

Row: TypeAlias = dict[str, str | int | float]


@dataclass(frozen=True)
class Comparison:
    """Two arms, and what is held against what: the first minus the second.

    The arms are names in the runs' column "arm", or columns of the runs where there is none; then no measure is looked
    at. In a training by epoch the rows of the last epoch are compared.
    """

    arm: str
    other: str
    gain: str  # what the first has, in words that "helps" or "hurts" can follow
    margin: float  # the difference that a reader would care about, in the measure's unit
    measure: str = "test_accuracy"  # column of what is compared
    where: tuple[tuple[str, Any], ...] = ()  # column and value of the rows that are compared
    opening: str = ""  # what the sentence begins with, such as "In balanced accuracy"

    @property
    def fields(self) -> dict[str, Any]:
        """Where, measure, arm and other, by name."""
        return dict(self.where) | {"measure": self.measure, "arm": self.arm, "other": self.other}


@dataclass(frozen=True)
class Experiment:
    """What is tried; its name is that of its file, too."""

    name: str
    run: Callable[[int], list[Row]]  # every arm with one seed
    comparisons: tuple[Comparison, ...]


@dataclass(frozen=True, eq=False)
class Results:
    """What an experiment gave, the rows of all seeds; made by `run_experiment`, or from runs that were kept."""

    experiment: Experiment
    runs: pd.DataFrame

    @cached_property
    def differences(self) -> dict[Comparison, Difference]:
        """Comparison -> difference, all corrected together."""
        found = {one: difference(self._paired_differences(one), one.margin) for one in self.experiment.comparisons}
        return dict(zip(found, holm_corrected(list(found.values())), strict=True))

    @cached_property
    def summary(self) -> pd.DataFrame:
        """One row per comparison, in their order.

        Columns: those of its `where`; measure, arm, other; arm_mean and other_mean; n, mean (arm minus other), low95,
        high95, low90, high90, p_zero, p_margin, verdict and note, as in `core.studies.verdicts.Difference`; sentence.
        """
        rows = []
        for one, found in self.differences.items():
            arms = self._table(one)
            means = {"arm_mean": arms[one.arm].mean(), "other_mean": arms[one.other].mean()}
            rows.append(one.fields | means | asdict(found) | {"sentence": self._sentence(one)})
        return pd.DataFrame(rows)

    @property
    def sentences(self) -> tuple[str, ...]:
        """All comparisons in words, in points of accuracy."""
        return tuple(map(self._sentence, self.experiment.comparisons))

    def difference(self, **what: object) -> Difference:
        """That of the first comparison which has these: arm, other, measure, or a column that it looks at.

        An InputError where none has all of them.
        """
        return self.differences[self._comparison(what)]

    def sentence(self, **what: object) -> str:
        """The same in words."""
        return self._sentence(self._comparison(what))

    def table(self, measure: str, epoch: int | None = None) -> pd.DataFrame:
        """Seeds down, arms across, after an epoch of the training; None is the last."""
        return self._after(epoch).pivot_table(measure, "seed", "arm")

    def values(self, measure: str, **what: object) -> Floats:
        """A column of the runs that have these, (n,), by seed."""
        rows = self.runs
        for column, value in what.items():
            rows = rows[rows[column] == value]
        return rows.sort_values("seed")[measure].to_numpy(float)

    def _comparison(self, what: dict[str, object]) -> Comparison:
        for one in self.experiment.comparisons:
            if what.items() <= one.fields.items():
                return one
        asked = ", ".join(f"{name} {value!r}" for name, value in what.items())
        raise InputError(f"`what` must be a comparison of {self.experiment.name}, got {asked}")

    def _sentence(self, one: Comparison) -> str:
        sentence = self.differences[one].sentence(one.gain, one.margin)
        return f"{one.opening}: {sentence[0].lower()}{sentence[1:]}" if one.opening else sentence

    def _paired_differences(self, one: Comparison) -> Floats:
        arms = self._table(one)
        return paired_differences(arms[one.arm], arms[one.other])

    def _table(self, one: Comparison) -> pd.DataFrame:
        """Seeds down, arms across."""
        rows = self._after(None)
        for column, value in one.where:
            rows = rows[rows[column] == value]
        return rows.pivot_table(one.measure, "seed", "arm") if "arm" in rows else rows.set_index("seed")

    def _after(self, epoch: int | None) -> pd.DataFrame:
        """The rows after an epoch, None for the last; all where the training was not followed by epoch."""
        if "epoch" not in self.runs:
            return self.runs
        return self.runs[self.runs["epoch"] == (self.runs["epoch"].max() if epoch is None else epoch)]


def percent_intervals(columns: list[str], shares: Mapping[tuple[Any, ...], Floats]) -> pd.DataFrame:
    """Means of shares (n,), one per seed, in per cent: the columns that name each, mean, low95, high95.

    The interval is a t interval over the seeds, within 0 to 100.
    """
    rows = [(*names, *np.clip(mean_interval(100 * values), 0, 100)) for names, values in shares.items()]
    return pd.DataFrame(rows, columns=[*columns, "mean", "low95", "high95"])


def told(found: Difference) -> str:
    """A difference in points and its 95% interval, for a sentence that says what they are.

    Examples
    --------
    >>> from core.studies.verdicts import difference
    >>> told(difference([0.02, 0.03, 0.03, 0.02, 0.025], margin=0.01))
    '+2.5 (+1.9 to +3.1)'
    """
    mean, low, high = map(points, (found.mean, found.low95, found.high95))
    return f"{mean} ({low} to {high})"


def run_experiment(
    experiment: Experiment,
    seeds: Iterable[int] = range(20),
    *,
    n_jobs: int | None = None,
    path: str | Path | None = None,
) -> Results:
    """Run an experiment with every seed, on as many processes as joblib makes of `n_jobs`; each has one BLAS thread.

    A seed gives the split, the starting weights, the batches and all noise, the same for all arms. With a `path`, every
    seed that has ended is kept in this file, and one that is in it already is not run again. An InputError where there
    is no seed, one is no whole number from 0 to 2**32 - 1, or one is there twice; or the file cannot be read or
    written, is damaged, or is another experiment's, or one's with other settings.
    """
    asked, about = as_seeds(seeds), _about(experiment)
    kept = [] if path is None else read_runs(path, about)
    if path is not None:
        write_runs(path, about, kept)  # a file that cannot be written is found out before any work
    done = {run[0]["seed"] for run in kept}
    for run in by_joblib([partial(_run_alone, experiment.run, seed) for seed in asked if seed not in done], n_jobs):
        kept.append(run)
        if path is not None:
            write_runs(path, about, kept)
    of_seed = {run[0]["seed"]: run for run in kept}
    return Results(experiment, pd.DataFrame([row for seed in asked for row in of_seed[seed]]))


def _about(experiment: Experiment) -> About:
    """What a file of its seeds is known by: the name, and the settings that its run was made with."""
    given = getattr(experiment.run, "args", ())
    return {"experiment": experiment.name, "settings": json.loads(json.dumps(given, default=_in_words))}


def _in_words(setting: object) -> object:
    """A task, a function or a record of settings, as JSON can hold it."""
    for name in ("name", "__qualname__"):
        if hasattr(setting, name):
            return getattr(setting, name)
    return vars(setting)


def _run_alone(run: Callable[[int], list[Row]], seed: int) -> list[Row]:
    with threadpool_limits(1):  # the last digits depend on the number of threads
        return run(seed)
