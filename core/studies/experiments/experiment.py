"""Studies that follow a training epoch by epoch: other starts and other rules of learning than the estimator offers.

One seed gives one split, one set of starting weights and one order of batches, whatever the arm, and these are the ones
that `core.models.cnn.ConvNetClassifier` has: with nothing changed, the layers are the same to the last bit (a test
holds them against each other).
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import ClassVar, TypeAlias, TypeVar

import numpy as np
import pandas as pd
from joblib import Parallel, delayed  # type: ignore[import-untyped]
from scipy import stats
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from ...data.tasks import Split, Task
from ...errors import InputError
from ...models.layers import Layer, start_layers
from ...models.training import Trainer, measured
from ..paired import NetSettings, as_seeds
from ..switches import Arm
from ..verdicts import Difference, corrected, difference, gaps

Layers: TypeAlias = tuple[Layer, ...]
Row: TypeAlias = dict[str, str | int | float]
Seed: TypeAlias = Callable[[Task, int, NetSettings], list[Row]]

INDEX = ["arm", "seed", "epoch"]
MEASURED = ["train_loss", "test_loss", "train_accuracy", "test_accuracy"]


def epochs(
    split: Split,
    seed: int,
    settings: NetSettings,
    *,
    arm: tuple[bool, ...] = (True, True),
    begin: Callable[[Layers], Layers] = tuple,
    decay: tuple[float, float] = (0.0, 0.0),
) -> Iterator[Layers]:
    """Train a network, and give its layers before any step and then after each epoch.

    Parameters
    ----------
    split : Split
        Its training side holds every class from 0 on.
    seed : int
        Of starting weights and batches.
    settings : NetSettings
    arm : (conv_bias, dense_bias) or (conv_bias, dense_bias, batch_norm)
    begin : callable, layers -> layers
        Changes the start.
    decay : (of weights, of biases)
        Decoupled, as in AdamW.

    Yields
    ------
    tuple of Layer
        Always the same arrays, which the next epoch changes.

    Examples
    --------
    >>> from core.data.tasks import TASKS
    >>> networks = epochs(TASKS["small_50"].draw(0), 0, NetSettings(n_epochs=2))
    >>> [float(abs(layers[-1].bias).max()) > 0 for layers in networks]
    [False, True, True]
    """
    random = np.random.RandomState(seed)
    n_classes = int(split.y_train.max()) + 1
    start = start_layers(split.image_shape, settings.n_filters, n_classes, **Arm(*arm)._asdict(), random=random)
    trainer = Trainer(begin(start), settings.learning_rate, decay)
    images = split.X_train.reshape(-1, *split.image_shape)
    yield trainer.layers
    for _ in range(settings.n_epochs):
        order = random.permutation(len(images))
        trainer.epoch(images, split.y_train, order, settings.batch_size)
        yield trainer.layers


def measures(layers: Layers, split: Split) -> dict[str, float]:
    """Mean loss and accuracy on the training and on the test pictures: the columns of `MEASURED`."""
    train_loss, train_accuracy = measured(layers, split.X_train.reshape(-1, *split.image_shape), split.y_train)
    test_loss, test_accuracy = measured(layers, split.X_test.reshape(-1, *split.image_shape), split.y_test)
    return dict(zip(MEASURED, (train_loss, test_loss, train_accuracy, test_accuracy), strict=True))


@dataclass(frozen=True, eq=False)
class EpochStudy:
    """Arms that are trained with the same seeds, measured after every epoch and compared after the last.

    Attributes
    ----------
    task : Task
    runs : DataFrame
        One row per arm, seed and epoch (0 is before any step): arm, seed, epoch, train_loss, test_loss,
        train_accuracy, test_accuracy, and what else the study measures.
    """

    task: Task
    runs: pd.DataFrame

    COLUMNS: ClassVar[list[str]] = [*INDEX, *MEASURED]
    GAINS: ClassVar[dict[tuple[str, str], str]]
    """(arm, other arm) -> what the first has, in words that "helps" or "hurts" can follow."""

    @property
    def margins(self) -> dict[str, float]:
        """What is compared after the last epoch, and by how much it must differ to matter."""
        return {"test_accuracy": self.task.margin}

    @cached_property
    def differences(self) -> dict[tuple[str, str, str], Difference]:
        """Measure, arm, other arm -> arm minus other after the last epoch: one family, corrected together (Holm)."""
        keys = [(measure, *pair) for measure in self.margins for pair in self.GAINS]
        found = [
            difference(gaps(self._last(measure)[arm], self._last(measure)[other]), self.margins[measure])
            for measure, arm, other in keys
        ]
        return dict(zip(keys, corrected(found), strict=True))

    @cached_property
    def summary(self) -> pd.DataFrame:
        """One row per measure and pair of arms.

        Columns: measure, arm, other; arm_mean and other_mean; n, mean (arm minus other), low95, high95, low90, high90,
        p_zero, p_margin, verdict and note, as in `core.studies.verdicts.Difference`; sentence.
        """
        rows = []
        for (measure, arm, other), found in self.differences.items():
            means = {"arm_mean": self.mean(measure, arm), "other_mean": self.mean(measure, other)}
            what = {"measure": measure, "arm": arm, "other": other} | means
            rows.append(what | asdict(found) | {"sentence": self.sentence(arm, other, measure)})
        return pd.DataFrame(rows)

    @property
    def sentences(self) -> tuple[str, ...]:
        """All comparisons, in words."""
        return tuple(self.summary["sentence"])

    def curves(self) -> pd.DataFrame:
        """What was measured, epoch by epoch: columns arm, epoch, measure, mean, low95, high95.

        The band is the t interval over the seeds; missing for a single seed.
        """
        tall = self.runs.melt(INDEX, var_name="measure")
        found = tall.groupby(["measure", "arm", "epoch"], sort=False)["value"].agg(["mean", "sem", "count"])
        half = stats.t.ppf(0.975, found["count"] - 1) * found["sem"]
        bands = found.assign(low95=found["mean"] - half, high95=found["mean"] + half)
        return bands.reset_index()[["arm", "epoch", "measure", "mean", "low95", "high95"]]

    def mean(self, measure: str, arm: str, epoch: int | None = None) -> float:
        """The mean over the seeds, after an epoch; None is the last."""
        return float(self._last(measure, epoch)[arm].mean())

    def sentence(self, arm: str, other: str, measure: str = "test_accuracy") -> str:
        """What one arm has over another after the last epoch, and its numbers.

        Raises
        ------
        InputError
            The two are not compared.
        """
        key = (measure, arm, other)
        if key not in self.differences:
            raise InputError(f"`arm` must be one that is compared with the other, got {arm!r} with {other!r}")
        told = self.differences[key].sentence(self.GAINS[arm, other], self.margins[measure])
        if measure == "test_accuracy":
            return told
        return f"In {measure.removeprefix('test_').replace('_', ' ')}: {told[0].lower()}{told[1:]}"

    def _last(self, measure: str, epoch: int | None = None) -> pd.DataFrame:
        """Seeds down, arms across."""
        here = self.runs["epoch"] == (self.runs["epoch"].max() if epoch is None else epoch)
        return self.runs[here].pivot_table(measure, "seed", "arm")


AnyStudy = TypeVar("AnyStudy", bound=EpochStudy)


def run_epochs(
    kind: type[AnyStudy],
    one_seed: Seed,
    task: Task,
    seeds: Iterable[int],
    n_jobs: int | None,
    settings: NetSettings | None,
) -> AnyStudy:
    """A study of this kind: all arms with every seed, one BLAS thread each.

    Raises
    ------
    InputError
        There is no seed, one is no whole number in the range, or one is there twice.
    """
    settings = settings or NetSettings(n_epochs=task.n_epochs)
    runs = Parallel(n_jobs)(delayed(_alone)(one_seed, task, seed, settings) for seed in as_seeds(seeds))
    return kind(task, pd.DataFrame([row for run in runs for row in run], columns=kind.COLUMNS))


def _alone(one_seed: Seed, task: Task, seed: int, settings: NetSettings) -> list[Row]:
    with threadpool_limits(1):  # the last digits depend on the number of threads
        return one_seed(task, seed, settings)
