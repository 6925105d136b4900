"""One frozen network, five tasks: the same weights, and another column of biases for each.

A network of one hidden layer (`core.models.random_network`) is drawn once a seed; then its biases learn each task on
the same digits. All tasks use its ten outputs, those of two classes the first two. What was chosen before any run is
said in `CHOSEN`.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from ...data.digits import Floats, Labels, Split
from ...data.tasks import TASKS
from ...errors import InputError
from ...format import say
from ...models.layers import Layer
from ...models.network import share_right
from ...models.random_network import N_EPOCHS, draw_network, network_logits, train_biases, with_biases
from .experiment import Comparison, Experiment, Results, Row, percent_intervals

N_UNITS, N_CLASSES = 3000, 10
CHOSEN = f"Five tasks: chosen before any run were {say(N_UNITS)} units, and the training that the widths have."


class Asked(NamedTuple):
    """One task: its question, and its classes in words."""

    title: str
    classes: tuple[str, ...]


_NUMBERS = tuple("0123456789")
FIVE: dict[str, Asked] = {
    "digit": Asked("Which digit?", _NUMBERS),
    "odd": Asked("Odd?", ("even", "odd")),
    "at_least_5": Asked("At least 5?", ("below 5", "5 or more")),
    "much_ink": Asked("Much ink?", ("little ink", "much ink")),
    "shuffled": Asked("Which digit, with shuffled names?", _NUMBERS),
}
"""Name -> task."""


def labels_of(split: Split, seed: int) -> dict[str, tuple[Labels, Labels]]:
    """Each task's labels of the training and of the test pictures.

    Much ink is more than the median of the training pictures; the names are shuffled by the seed.
    """
    middle = float(np.median(split.X_train.sum(axis=1)))
    names = np.random.default_rng((seed, 3)).permutation(N_CLASSES)
    rules: dict[str, Callable[[Floats, Labels], Labels]] = {
        "digit": lambda _, y: y,
        "odd": lambda _, y: y % 2,
        "at_least_5": lambda _, y: (y >= N_CLASSES // 2).astype(np.intp),
        "much_ink": lambda X, _: (X.sum(axis=1) > middle).astype(np.intp),
        "shuffled": lambda _, y: names[y],
    }
    sides = ((split.X_train, split.y_train), (split.X_test, split.y_test))
    return {name: (rule(*sides[0]), rule(*sides[1])) for name, rule in rules.items()}


def experiment(n_units: int = N_UNITS, n_epochs: int = N_EPOCHS) -> Experiment:
    """Every task with its own biases and with those of the digits, for which nobody trained them.

    The rows have task, seed, own (accuracy with the biases that learned it) and others (with those that learned the
    digits); of two classes the first two outputs alone are asked.
    """
    comparisons = tuple(
        Comparison(
            "own",
            "others",
            "a column of biases of its own",
            TASKS["digits"].margin,
            where=(("task", name),),
            opening=asked.title,
        )
        for name, asked in FIVE.items()
        if name != "digit"
    )
    return Experiment("five_tasks", partial(_one_seed, n_units, n_epochs), comparisons)


def task_rows(results: Results) -> pd.DataFrame:
    """Each task's accuracy with its own biases: task (a key of `FIVE`), mean, low95, high95 (per cent)."""
    return percent_intervals(["task"], {(name,): results.values("own", task=name) for name in FIVE})


@dataclass(frozen=True, eq=False)
class Columns:
    """The frozen network of one seed and its five columns of biases, which can be swapped."""

    layers: tuple[Layer, Layer]
    split: Split
    biases: dict[str, Floats]  # task -> (n_units + n_classes,)
    seed: int

    @property
    def n_weights(self) -> int:
        """How many numbers stand still."""
        return sum(layer.weights.size for layer in self.layers)

    @property
    def reach(self) -> float:
        """The largest size of a bias in any column."""
        return max(float(np.abs(column).max()) for column in self.biases.values())

    def hidden_biases(self, task: str) -> Floats:
        """The biases of the hidden units as a picture (height, width), row by row; the last row is filled up with 0."""
        hidden = self.biases[task][: len(self.layers[0].weights)]
        width = math.ceil(math.sqrt(len(hidden)))
        height = math.ceil(len(hidden) / width)
        return np.pad(hidden, (0, width * height - len(hidden))).reshape(height, width)

    def pictures(self, n: int = 10) -> Floats:
        """The first test pictures (n, height, width)."""
        return self.split.X_test[:n].reshape(-1, *self.split.image_shape[1:])

    def answers(self, task: str, rows: slice | None = None) -> list[str]:
        """What the network answers on the test pictures with the biases of a task, in that task's words."""
        logits = self._logits(task, self.split.X_test[rows or slice(None)])
        return [FIVE[task].classes[best] for best in logits.argmax(axis=1)]

    def right(self, task: str) -> Floats:
        """1 for each test picture that the biases of a task get right in it, 1 / k for a tie of k, else 0."""
        truth = labels_of(self.split, self.seed)[task][1]
        return share_right(self._logits(task, self.split.X_test), truth)

    def sentence(self, task: str) -> str:
        """The task, how many test pictures are right, and what of the network changed."""
        found, n = self.right(task), len(self.split.X_test)
        return (
            f"{FIVE[task].title} **{say(float(found.sum()))} of {say(n)}** new pictures are right. All "
            f"{say(self.n_weights)} weights are the same for every task; only {say(len(self.biases[task]))} biases "
            "were exchanged."
        )

    def _logits(self, task: str, X: Floats) -> Floats:
        return network_logits(with_biases(self.layers, self.biases[task]), X)[:, : len(FIVE[task].classes)]


def train_columns(seed: int = 0, n_units: int = N_UNITS, n_epochs: int = N_EPOCHS) -> Columns:
    """The network of a seed, its biases trained on each task in turn."""
    split = TASKS["digits"].draw(seed)
    layers = draw_network(split.X_train.shape[1], n_units, N_CLASSES, seed=seed)
    columns = {}
    for name, (labels, _) in labels_of(split, seed).items():
        *_, (columns[name], _) = train_biases(layers, split.X_train, labels, n_epochs=n_epochs, seed=seed)
    return Columns(layers, split, columns, seed)


def columns_record(columns: Columns) -> dict[str, Any]:
    """Five significant digits of each bias, and the seed, as JSON can hold them."""
    return {
        "seed": columns.seed,
        "biases": {name: [float(f"{b:.5g}") for b in column] for name, column in columns.biases.items()},
    }


def columns_from(record: dict[str, Any]) -> Columns:
    """The columns of a record; the weights are drawn from its seed again."""
    biases = {name: np.array(record["biases"][name], np.float32) for name in FIVE}
    split, n = TASKS["digits"].draw(record["seed"]), len(biases["digit"])
    if any(len(column) != n for column in biases.values()):
        raise InputError("`record` must hold columns of one length")
    layers = draw_network(split.X_train.shape[1], n - N_CLASSES, N_CLASSES, seed=record["seed"])
    return Columns(layers, split, biases, record["seed"])


def _one_seed(n_units: int, n_epochs: int, seed: int) -> list[Row]:
    columns = train_columns(seed, n_units, n_epochs)
    digits = columns.biases["digit"]
    others = replace(columns, biases=dict.fromkeys(FIVE, digits))
    return [
        {
            "task": name,
            "seed": seed,
            "own": float(columns.right(name).mean()),
            "others": float(others.right(name).mean()),
        }
        for name in FIVE
    ]
