"""Does a larger network need its biases less? The same comparison, with any bias and without, at three sizes.

Each size doubles the filters of the one before it; task, seeds and training are those of the other studies.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from functools import cached_property, partial

import pandas as pd
from joblib import Parallel, delayed  # type: ignore[import-untyped]

from ...data.tasks import TASKS, Task
from ...format import say
from ..overview import BOTH, NONE
from ..paired import NetSettings, as_seeds, one_run
from ..switches import Arm
from ..verdicts import Difference, corrected, difference, gaps

SIZES = ((8, 16), (16, 32), (32, 64))
SIZED = {name: TASKS[name] for name in ("digits", "dim_or_bright")}
COLUMNS = ["task", "n_filters", "arm", "seed", "accuracy"]


@dataclass(frozen=True, eq=False)
class SizeStudy:
    """Test accuracies at each size; made by `run_sizes`, or from runs that were kept.

    Attributes
    ----------
    runs : DataFrame
        One row per task, size, arm and seed: task (a key of `SIZED`), n_filters ("8, 16" for 8 filters and then 16),
        arm ("both biases" or "no bias"), seed, accuracy (on the test pictures).
    """

    runs: pd.DataFrame

    @cached_property
    def differences(self) -> dict[tuple[str, str], Difference]:
        """Task and n_filters -> accuracy with all biases minus without any: one family, corrected together (Holm)."""
        groups = {(str(task), str(size)): runs for (task, size), runs in self._groups()}
        tables = {key: runs.pivot_table("accuracy", "seed", "arm") for key, runs in groups.items()}
        found_gaps = {key: gaps(table[BOTH], table[NONE]) for key, table in tables.items()}
        found = corrected([difference(gap, SIZED[task].margin) for (task, _), gap in found_gaps.items()])
        return dict(zip(found_gaps, found, strict=True))

    @cached_property
    def summary(self) -> pd.DataFrame:
        """One row per task and size.

        Columns: task, n_filters; with_bias and without_bias (means); n, mean (with minus without), low95, high95,
        low90, high90, p_zero, p_margin, verdict and note, as in `core.studies.verdicts.Difference`; sentence.
        """
        rows = []
        for (task, size), runs in self._groups():
            means = runs.groupby("arm")["accuracy"].mean()
            what = {"task": task, "n_filters": size, "with_bias": means[BOTH], "without_bias": means[NONE]}
            rows.append(what | asdict(self.differences[task, size]) | {"sentence": self.sentence(task, size)})
        return pd.DataFrame(rows)

    def sentence(self, task: str, n_filters: str) -> str:
        """What a bias does on a task at a size, and its numbers."""
        found = self.differences[task, n_filters].sentence("a bias", SIZED[task].margin)
        return f"{SIZED[task].title}, {n_filters.replace(', ', ' and ')} filters: {found[0].lower()}{found[1:]}"

    @property
    def sentences(self) -> tuple[str, ...]:
        """All comparisons, in words."""
        return tuple(self.summary["sentence"])

    @property
    def popular(self) -> str:
        """What came of "large networks don't need it": the smallest and the largest size on each task."""
        told = []
        for task, rows in self.summary.groupby("task", sort=False):
            ends = [
                f"{row.numbers} with {say(sum(map(int, size.split(', '))))} filters"
                for size, row in ((size, self.differences[str(task), size]) for size in rows["n_filters"].iloc[[0, -1]])
            ]
            told.append(f"{SIZED[str(task)].title}: a bias gives {', and '.join(ends)}.")
        return " ".join(told)

    def _groups(self) -> Iterable[tuple[tuple[str, str], pd.DataFrame]]:
        return self.runs.groupby(["task", "n_filters"], sort=False)  # type: ignore[return-value]


def run_sizes(
    seeds: Iterable[int] = range(20), *, n_jobs: int | None = None, settings: NetSettings | None = None
) -> SizeStudy:
    """Train every size on every task with every seed, with all biases and without any.

    Parameters
    ----------
    seeds : whole numbers, 0 to 2**32 - 1
    n_jobs : int or None
        Processes, as joblib counts them.
    settings : NetSettings or None
        None: the defaults, with each task's own `n_epochs`. Its `n_filters` are not looked at.

    Raises
    ------
    InputError
        There is no seed, one is no whole number in the range, or one is there twice.

    Examples
    --------
    >>> study = run_sizes([0], settings=NetSettings(n_epochs=0))
    >>> study.runs["n_filters"].unique().tolist(), len(study.runs)
    (['8, 16', '16, 32', '32, 64'], 12)
    """
    found = as_seeds(seeds)
    asked = [(task, size, seed) for task in SIZED.values() for size in SIZES for seed in found]
    runs = Parallel(n_jobs)(delayed(one_pair)(task, size, seed, settings) for task, size, seed in asked)
    return SizeStudy(pd.DataFrame([row for run in runs for row in run], columns=COLUMNS))


def one_pair(
    task: Task, n_filters: tuple[int, ...], seed: int, settings: NetSettings | None = None
) -> list[dict[str, str | int | float]]:
    """One size with one seed: a row with all biases and one without any, with the columns of `SizeStudy.runs`."""
    settings = replace(settings or NetSettings(n_epochs=task.n_epochs), n_filters=n_filters)
    run = partial(one_run, task, seed=seed, settings=settings, stresses=[("none", 0.0)])
    pair = [run(Arm(True, True))[0], run(Arm(False, False))[0]]
    size = ", ".join(map(str, n_filters))
    return [{"n_filters": size} | {name: row[name] for name in COLUMNS if name != "n_filters"} for row in pair]
