"""A study: the accuracy of every arm, seed and stress, and what the differences between arms say, seed by seed.

Two arms with one seed have the same split, starting weights and batches, so the difference is taken within each seed.
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import cast

import pandas as pd

from ..checks import choice
from ..data.tasks import Task
from ..errors import InputError
from . import seed_lottery
from .stress import PLAIN, UNDISTURBED, Stress
from .switches import BOTH, NO_BIAS, gain
from .verdicts import Difference, difference, mean_interval, paired_differences

COLUMNS = ["task", "arm", "seed", "stress", "level", "accuracy", "train_accuracy", "diverged_at"]


@dataclass(frozen=True, eq=False)
class Study:
    """Runs of several arms on one task; made by `run_study`, or by `summarise` from runs that were kept.

    Arms go by their names (`core.studies.switches.arm_name`), in the order of the runs; where two are compared and none
    is named, all biases are held against none.

    The runs have one row per arm, seed and stress with its level: task (name), arm (name), seed, stress, level,
    accuracy (on the test pictures under that stress), train_accuracy (on the training pictures, after the fit),
    diverged_at (epoch, or missing).
    """

    task: Task
    runs: pd.DataFrame

    @cached_property
    def arms(self) -> tuple[str, ...]:
        """The arms' names, in the order of the runs."""
        return tuple(self.runs["arm"].unique().tolist())

    @cached_property
    def summary(self) -> pd.DataFrame:
        """One row per pair of arms (earlier minus later), stress and level.

        Columns: arm, other, stress, level; n, mean, low95, high95, low90, high90, p_zero, p_margin, verdict and note,
        as in `core.studies.verdicts.Difference`; same, opposite, tied, as in `core.studies.seed_lottery.Lottery`;
        outliers (how many).
        """
        rows = []
        for arm, other in combinations(self.arms, 2):
            for stress, level in self._tables:
                pairs = self.pairs(arm, other, stress, level)
                what = {"arm": arm, "other": other, "stress": stress, "level": level}
                counts = seed_lottery.lottery(pairs["difference"])._asdict()
                found = vars(difference(pairs["difference"], self.task.margin))
                rows.append(what | found | counts | {"outliers": int(pairs["outlier"].sum())})
        return pd.DataFrame(rows)

    @cached_property
    def verdict(self) -> str:
        """What the first arm's difference from the last says, on the undisturbed test set."""
        if len(self.arms) < 2:
            return "One arm alone has nothing to be compared with."
        return self.sentence(self.arms[0], self.arms[-1])

    def pairs(self, arm: str = BOTH, other: str = NO_BIAS, stress: str = "none", level: float = 0.0) -> pd.DataFrame:
        """Two arms, seed by seed, for the seeds that both have.

        Columns: seed, accuracy (the first arm's), other_accuracy, difference, outlier (bool). An InputError where the
        study has no such arm, stress or level, or the arms have no seed in common.
        """
        for name in (arm, other):
            choice("arm", name, self.arms)
        if (stress, level) not in self._tables:
            raise InputError(f"`stress` must be one of the study's, with its level, got {stress!r} with {level!r}")
        both = self._tables[stress, level][[arm, other]].dropna()
        if both.empty:
            raise InputError(f"`runs` must have a seed in common for {arm} and {other}, got none")
        first, second = both.to_numpy().T
        differences = paired_differences(first, second)
        columns = {"seed": both.index, "accuracy": first, "other_accuracy": second, "difference": differences}
        return pd.DataFrame(columns | {"outlier": seed_lottery.outliers(differences, self.task.margin)})

    def difference(self, arm: str = BOTH, other: str = NO_BIAS, stress: str = "none", level: float = 0.0) -> Difference:
        """The mean difference of two arms, its intervals and verdict."""
        key = (arm, other, stress, level)
        if key not in self._differences:
            self._differences[key] = difference(self.pairs(*key)["difference"], self.task.margin)
        return self._differences[key]

    def sentence(self, arm: str = BOTH, other: str = NO_BIAS, stress: str = "none", level: float = 0.0) -> str:
        """That in words."""
        return self.difference(arm, other, stress, level).sentence(gain(arm, other), self.task.margin)

    def lottery(self, arm: str = BOTH, other: str = NO_BIAS, stress: str = "none", level: float = 0.0) -> str:
        """What the single pairs, each on its own, would have said."""
        differences = self.pairs(arm, other, stress, level)["difference"]
        return seed_lottery.lottery_sentence(differences, gain(arm, other))

    def outliers(self, arm: str = BOTH, other: str = NO_BIAS, stress: str = "none", level: float = 0.0) -> str:
        """Which seeds lie far off the others; empty if none does."""
        pairs = self.pairs(arm, other, stress, level)
        return seed_lottery.outlier_sentence(pairs.loc[pairs["outlier"], "seed"].tolist())

    def stress_curve(self, stress: str) -> pd.DataFrame:
        """Each arm's own accuracy against the level of a stress, the undisturbed one among them; levels increasing.

        Columns: arm, level, mean, low95, high95 (t interval over the seeds, not cut off at 0 and 1; missing for one
        seed). An InputError where the study has no such stress.
        """
        tables = {level: table for (name, level), table in self._tables.items() if name == stress}
        if not tables:
            raise InputError(f"`stress` must be one of the study's, got {stress!r}")
        if stress in UNDISTURBED:
            tables[UNDISTURBED[stress]] = self._tables[PLAIN]
        curves = [
            (arm, level, *mean_interval(tables[level][arm].dropna())) for arm in self.arms for level in sorted(tables)
        ]
        return pd.DataFrame(curves, columns=["arm", "level", "mean", "low95", "high95"])

    @cached_property
    def _differences(self) -> dict[tuple[str, str, str, float], Difference]:
        """Those that were asked for: a page asks again at every run."""
        return {}

    @cached_property
    def _tables(self) -> dict[Stress, pd.DataFrame]:
        """Stress and level -> accuracy, a row per seed and a column per arm."""
        wide = self.runs.set_index(["stress", "level", "seed", "arm"])["accuracy"].unstack()  # noqa: PD010
        return {cast(Stress, key): table.droplevel([0, 1]) for key, table in wide.groupby(level=[0, 1])}


def summarise(task: Task, runs: pd.DataFrame) -> Study:
    """A study from its runs alone, with the columns of `Study.runs`, such as a csv file holds.

    An InputError where there is no row, a row is there twice, or the runs are of another task.
    """
    others = runs.loc[runs["task"] != task.name, "task"]
    if len(others) or runs.empty:
        raise InputError(f"`runs` must be of the task {task.name}, got {others.iloc[0] if len(others) else 'none'}")
    if runs.duplicated(["arm", "seed", "stress", "level"]).any():
        raise InputError("`runs` must hold each arm, seed and stress once, got one of them twice")
    return Study(task, runs[COLUMNS].astype({"diverged_at": "Int64"}))
