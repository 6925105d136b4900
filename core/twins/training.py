"""One network and its twin without bias, trained side by side from the same start on one task.

Both see the same split, starting weights and batches, all from one seed; biases start at 0, so that the twins start as
the same function. Training is told step by step, in records that JSON can hold, so that a child process can do it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..arms import ARMS, WITH
from ..checks import choice, number, whole
from ..data.tasks import TASKS, Split, Task, varied_contrast
from ..errors import InputError
from ..models.cnn import ConvNetClassifier
from ..models.layers import Floats, Layer, layer_from, layer_record
from ..models.network import predict_logits

ABOUT_LIGHT = (
    "On this task brightness is the question, and the labels stay as they were: an answer that changes with the light "
    "is no fault here."
)
BATCH_NORM = (
    "Batch norm keeps an offset (beta) and a running mean, which are biases under other names: what must hold of a "
    "network without any bias need not hold here."
)
DRAWN = 100
"""Epochs that a chart of the training shows, at least, where there are as many."""
MOST_EPOCHS = 400


@dataclass(frozen=True, kw_only=True)
class TaskSettings:
    """What a pair of twins and a study of many are both made from: a task and its training.

    An InputError where a setting is outside its range.
    """

    task: str = "digits"  # a name in `core.data.tasks.TASKS`, or that of `own`
    n_epochs: int = 20  # 0 to 400
    learning_rate: float = 3e-3  # above 0, at most 1
    varied_contrast: bool = False  # whether the training pictures are brightened and dimmed at random
    batch_norm: bool = False
    own: Task | None = field(default=None, compare=False, repr=False)  # the visitor's

    def __post_init__(self) -> None:
        choice("task", self.task, [self.own.name] if self.own else TASKS)
        whole("n_epochs", self.n_epochs, 0, MOST_EPOCHS)
        number("learning_rate", self.learning_rate, 0, 1, above=True)

    @property
    def the_task(self) -> Task:
        """The task, with its training pictures varied in contrast where asked."""
        task = self.own or TASKS[self.task]
        return varied_contrast(task) if self.varied_contrast else task

    def record(self) -> dict[str, Any]:
        """The settings as JSON can hold them; as keywords they give them back, with `own` beside it."""
        return {field.name: getattr(self, field.name) for field in fields(self) if field.name != "own"}


@dataclass(frozen=True, kw_only=True)
class TwinSettings(TaskSettings):
    """What one pair of twins is made from: a task and its training, with `batch_norm` in both, and these.

    The first twin has at least one of both kinds of bias, the second has none.
    """

    conv_bias: bool = True
    dense_bias: bool = True
    seed: int = 0  # to 2**32 - 1: split, starting weights and batches

    def __post_init__(self) -> None:
        super().__post_init__()
        whole("seed", self.seed, 0, 2**32 - 1)
        if not (self.conv_bias or self.dense_bias):
            raise InputError(
                "`conv_bias` or `dense_bias` must be True, got False for both",
                hint="Without either the twins are one network.",
            )

    @property
    def about_light(self) -> str:
        """What to know before dimming the pictures of a task that asks for brightness; empty for other tasks."""
        return ABOUT_LIGHT if self.the_task.about_light else ""

    @property
    def argument(self) -> str:
        """What a twin without bias must do, and why, if anything exact is known; with batch norm nothing is."""
        argument = self.the_task.argument
        return BATCH_NORM if argument and self.batch_norm else argument

    def network(self, twin: str, split: Split) -> ConvNetClassifier:
        """One of the twins, not trained yet."""
        return ConvNetClassifier(
            image_shape=split.image_shape,
            conv_bias=self.conv_bias and twin == WITH,
            dense_bias=self.dense_bias and twin == WITH,
            batch_norm=self.batch_norm,
            n_epochs=self.n_epochs,
            learning_rate=self.learning_rate,
            random_state=self.seed,
        )


def train_twins(settings: TwinSettings) -> Iterator[dict[str, Any]]:
    """Train both, epoch by epoch in turn, and tell it in what JSON can hold.

    After each epoch of both: "step", "of", "rows", a row per twin and epoch with the columns of
    `ConvNetClassifier.history_` and "twin", and "answers", what each twin says that the `watched` pictures are. At the
    end: "end" and "twins", which `twins_from` takes.
    """
    split = settings.the_task.draw(settings.seed)
    few = split.X_test[watched(split)].reshape(-1, *split.image_shape)
    networks = {twin: settings.network(twin, split) for twin in ARMS}
    test = (split.X_test, split.y_test)
    fits = {twin: network.fit_epochs(split.X_train, split.y_train, test) for twin, network in networks.items()}
    for step in range(1, settings.n_epochs + 1):
        rows = [{"twin": twin} | row for twin, fit in fits.items() if (row := next(fit, None))]
        answers = {twin: named(predict_logits(network.layers_, few)) for twin, network in networks.items()}
        yield {"step": step, "of": settings.n_epochs, "rows": rows, "answers": answers}
    yield {"end": True, "twins": {twin: _record(network) for twin, network in networks.items()}}


def watched(split: Split, n: int = 8) -> NDArray[np.intp]:
    """Which test pictures are watched while both learn: the classes in turn.

    Examples
    --------
    >>> split = TASKS["dim_or_bright"].draw(0)
    >>> split.y_test[watched(split)].tolist()
    [0, 1, 0, 1, 0, 1, 0, 1]
    """
    turn = pd.Series(split.y_test).groupby(split.y_test).cumcount().to_numpy()
    return np.lexsort((split.y_test, turn))[:n]


def named(logits: Floats) -> list[int]:
    """The class of the largest logit of each row (n, n_classes), and -1 where there is a tie.

    Examples
    --------
    >>> named(np.array([[0.0, 2.0], [1.0, 1.0]]))
    [1, -1]
    """
    tied = (logits == logits.max(axis=1, keepdims=True)).sum(axis=1) > 1
    answers: list[int] = np.where(tied, -1, logits.argmax(axis=1)).tolist()
    return answers


class Twin(NamedTuple):
    """One trained network, and a note that training diverged, and when; else an empty one."""

    layers: tuple[Layer, ...]
    note: str


def twins_from(record: dict[str, Any]) -> dict[str, Twin]:
    """Both twins from the last record of `train_twins`, by name."""
    return {
        twin: Twin(tuple(layer_from(layer) for layer in found["layers"]), found["note"])
        for twin, found in record.items()
    }


def curves_frame(events: list[dict[str, Any]]) -> pd.DataFrame:
    """What has been trained so far: epoch, arm, part ("train" or "test"), measure ("loss" or "accuracy"), value.

    Training loss and accuracy are means over an epoch's batches, each before its step; those on the test set are
    measured after the epoch. Of long trainings about a hundred epochs are kept, the newest among them.
    """
    steps = [event for event in events if "rows" in event]
    rows = [
        (int(row["epoch"]), row["twin"], part, measure, row[f"{column}_{measure}"])
        for event in steps[:: -max(1, len(steps) // DRAWN)][::-1]
        for row in event["rows"]
        for part, column in (("train", "train"), ("test", "validation"))
        for measure in ("loss", "accuracy")
    ]
    return pd.DataFrame(rows, columns=["epoch", "arm", "part", "measure", "value"])


def _record(network: ConvNetClassifier) -> dict[str, Any]:
    return {"layers": [layer_record(layer) for layer in network.layers_], "note": network.note_}
