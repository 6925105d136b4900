"""Where to start the last bias: at the log prior, at 0, or nowhere, where the classes are not equally frequent.

With the dense layer's bias at ``log(n_k / n)``, for n_k of n training pictures in class k, a network whose other part
of the logits is 0 gives each class its share, and its loss is the entropy of the shares, the least that a constant
answer can have. A real start adds the random logits of its weights. Three arms: "log prior", "0" and "none" (no last
bias at all); their convolutions have biases from 0 on. Without training, "0" and "none" are the same function.

Sources: Lin, Goyal, Girshick, He and Dollár, "Focal loss for dense object detection" (2017), section 3.3, where a rare
class makes the first steps unstable; A. Karpathy, "A recipe for training neural networks" (2019), "init well".
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from ...data.digits import Split
from ...data.tasks import RARE_SEVEN, TASKS, Task
from ...format import say
from ...models.network import predict_logits
from ..paired import NetSettings
from .experiment import EpochStudy, Layers, Row, epochs, measures, run_epochs

LOG_PRIOR, ZERO, NONE = "log prior", "0", "none"
ARMS = (LOG_PRIOR, ZERO, NONE)
CLOSE = 0.05
LONGER = replace(
    TASKS["long_tailed"], name="long_tailed_longer", title="Long-tailed digits, trained longer", n_epochs=75
)
# One seven found or missed moves the balanced accuracy by 1.4 points: nobody would care about one.
BALANCED_MARGIN = 0.02


@dataclass(frozen=True, eq=False)
class FirstBiasStudy(EpochStudy):
    """Three starts of the last bias; made by `run_first_bias`, or from runs that were kept.

    Attributes
    ----------
    task : Task
    runs : DataFrame
        As in `EpochStudy`, with arm "log prior", "0" or "none"; and of the test pictures test_balanced_accuracy (the
        mean of all classes' recalls) and test_rare_recall (of the class with fewest training pictures).

    Examples
    --------
    >>> study = run_first_bias(RARE_SEVEN, seeds=[0], settings=NetSettings(n_epochs=1))
    >>> study.runs["arm"].unique().tolist(), len(study.runs)
    (['log prior', '0', 'none'], 6)
    """

    COLUMNS: ClassVar[list[str]] = [*EpochStudy.COLUMNS, "test_balanced_accuracy", "test_rare_recall"]
    GAINS: ClassVar[dict[tuple[str, str], str]] = {
        (LOG_PRIOR, ZERO): "a last bias that starts at the log prior and not at 0",
        (LOG_PRIOR, NONE): "a last bias that starts at the log prior",
        (ZERO, NONE): "a last bias that starts at 0",
    }

    @property
    def margins(self) -> dict[str, float]:
        """Test accuracy; on the rare class, where "no" is right for 90%, also balanced accuracy."""
        more = {"test_balanced_accuracy": BALANCED_MARGIN} if self.task.name == RARE_SEVEN.name else {}
        return super().margins | more

    @property
    def first_losses(self) -> dict[str, float]:
        """Arm -> mean loss on the training pictures before any step."""
        return {arm: self.mean("train_loss", arm, 0) for arm in ARMS}

    @property
    def gaps(self) -> NDArray[np.float64]:
        """By epoch from 0 on: how far the mean training loss at the log prior is from that at 0, as a share of it."""
        means = self.runs.pivot_table("train_loss", "epoch", "arm")
        gaps: NDArray[np.float64] = (means[LOG_PRIOR] / means[ZERO] - 1).to_numpy()
        return gaps

    @property
    def close_after(self) -> int | None:
        """After how many epochs the mean training losses first differ by less than 5%; None for never."""
        close = np.flatnonzero(np.abs(self.gaps) < CLOSE)
        return int(close[0]) if len(close) else None

    @property
    def epochs_ahead(self) -> int:
        """How many epochs before the last one the log prior had the mean training loss that 0 ends with."""
        means = self.runs.pivot_table("train_loss", "epoch", "arm")
        reached = means.index[means[LOG_PRIOR] <= means[ZERO].iloc[-1]]
        return int(means.index[-1] - reached[0]) if len(reached) else 0

    @property
    def loss_sentence(self) -> str:
        """The first losses, when nothing is left of their difference, and how many epochs it is worth at the end."""
        log_prior, zero, none = (say(self.first_losses[arm]) for arm in ARMS)
        return (
            f"Before any step the loss is {log_prior} with the last bias at the log prior, {zero} with it at 0 and "
            f"{none} without one. {self._meeting} {self._head_start}"
        )

    @property
    def popular(self) -> str:
        """What came of "set the last bias to the log prior"."""
        return " ".join([self.loss_sentence, *(self.sentence(LOG_PRIOR, ZERO, measure) for measure in self.margins)])

    @property
    def _meeting(self) -> str:
        n_epochs, after = len(self.gaps) - 1, self.close_after
        if after is None:
            ends = " and ".join(say(self.mean("train_loss", arm)) for arm in (LOG_PRIOR, ZERO))
            return (
                f"In {_epochs(n_epochs)} the mean losses of the first two never differ by less than {CLOSE:.0%}; they "
                f"end at {ends}."
            )
        later = float(np.abs(self.gaps[after:]).max())
        stay = "and stay so" if later < CLOSE else f"though later by up to {later:.0%} again"
        return f"After {_epochs(after)} the mean losses of the first two differ by less than {CLOSE:.0%}, {stay}."

    @property
    def _head_start(self) -> str:
        last, ahead = len(self.gaps) - 1, self.epochs_ahead
        if not ahead:
            return "At the end the log prior is not an epoch ahead."
        return (
            f"At the end the log prior is {_epochs(ahead)} ahead: after {_epochs(last - ahead)} its loss is down to "
            f"what the start at 0 has after {say(last)}."
        )


def run_first_bias(
    task: Task, *, seeds: Iterable[int] = range(20), n_jobs: int | None = None, settings: NetSettings | None = None
) -> FirstBiasStudy:
    """Train from all three starts with every seed.

    Parameters
    ----------
    task : Task
        One whose classes are not equally frequent in training.
    seeds : whole numbers, 0 to 2**32 - 1
    n_jobs : int or None
        Processes, as joblib counts them.
    settings : NetSettings or None
        None: the defaults, with the task's own `n_epochs`.

    Raises
    ------
    InputError
        There is no seed, one is no whole number in the range, or one is there twice.
    """
    return run_epochs(FirstBiasStudy, one_seed, task, seeds, n_jobs, settings)


def one_seed(task: Task, seed: int, settings: NetSettings) -> list[Row]:
    """All arms with one seed: a row per arm and epoch, with the columns of `runs`."""
    split = task.draw(seed)
    begin = partial(with_log_prior, split)
    networks = {
        LOG_PRIOR: epochs(split, seed, settings, begin=begin),
        ZERO: epochs(split, seed, settings),
        NONE: epochs(split, seed, settings, arm=(True, False)),
    }
    return [
        {"arm": arm, "seed": seed, "epoch": epoch, **measures(layers, split), **_recalls(layers, split)}
        for arm, trained in networks.items()
        for epoch, layers in enumerate(trained)
    ]


def with_log_prior(split: Split, layers: Layers) -> Layers:
    """The layers, the last one's bias at the log of the classes' shares of the training pictures.

    Examples
    --------
    >>> from core.models.layers import Layer
    >>> dense = Layer("dense", "dense", np.zeros((2, 64)), np.zeros(2))
    >>> np.exp(with_log_prior(RARE_SEVEN.draw(0), (dense,))[-1].bias).round(4).tolist()
    [0.9803, 0.0197]
    """
    shares = np.bincount(split.y_train) / len(split.y_train)
    return (*layers[:-1], replace(layers[-1], bias=np.log(shares)))


def _recalls(layers: Layers, split: Split) -> dict[str, float]:
    answers = predict_logits(layers, split.X_test.reshape(-1, *split.image_shape)).argmax(axis=1)
    counts = np.bincount(split.y_train)
    recalls = [float(np.mean(answers[split.y_test == label] == label)) for label in range(len(counts))]
    return {"test_balanced_accuracy": float(np.mean(recalls)), "test_rare_recall": recalls[int(counts.argmin())]}


def _epochs(count: int) -> str:
    return "1 epoch" if count == 1 else f"{say(count)} epochs"
