"""The biases of one random network learning digits while somebody looks on: a few epochs at a time, when asked.

The network, its seed and its training are those of the record (`core.studies.experiments.only_biases`).
"""

import threading
import time

import numpy as np
import pandas as pd

from ..data.tasks import TASKS
from ..format import percent, say
from ..models.layers import Floats
from ..models.network import share_right
from ..models.random_network import N_EPOCHS, draw_network, network_logits, train_biases, with_biases

SHOWN = 10
"""Test pictures that are answered under the eye: the first of each class."""


class LearningBiases:
    """One hidden layer of `n_units` drawn units (1 to 10,000), frozen, whose biases learn for 100 epochs.

    Several may look at one at the same time.
    """

    def __init__(self, n_units: int = 1000, seed: int = 0) -> None:
        self.split = TASKS["digits"].draw(seed)
        self.layers = draw_network(self.split.X_train.shape[1], n_units, SHOWN, seed=seed)
        self.biases: Floats = np.zeros(n_units + SHOWN, np.float32)
        self.shown = [int(np.flatnonzero(self.split.y_test == digit)[0]) for digit in range(SHOWN)]
        self._steps = train_biases(self.layers, self.split.X_train, self.split.y_train, seed=seed)
        self._right = [self._share()]
        self._lock = threading.Lock()

    @property
    def epoch(self) -> int:
        """How many are done."""
        return len(self._right) - 1

    @property
    def done(self) -> bool:
        """Whether all epochs are."""
        return self.epoch == N_EPOCHS

    def go_on(self, seconds: float) -> None:
        """Train whole epochs, one at least, until this time has passed or all are done."""
        end = time.perf_counter() + seconds
        with self._lock:
            while not self.done:
                self.biases, _ = next(self._steps)
                self._right.append(self._share())
                if time.perf_counter() >= end:
                    return

    def to_frame(self) -> pd.DataFrame:
        """The share of test pictures that are right after each epoch: epoch (from 0), accuracy (per cent)."""
        return pd.DataFrame({"epoch": range(len(self._right)), "accuracy": 100 * np.array(self._right)})

    def answers(self) -> list[tuple[Floats, int, int]]:
        """The pictures shown: pixels (height, width), the digit that it is, the digit that the network answers."""
        X = self.split.X_test[self.shown]
        best = self._logits(X).argmax(axis=1)
        _, height, width = self.split.image_shape
        return [(x.reshape(height, width), digit, int(best[digit])) for digit, x in enumerate(X)]

    @property
    def sentence(self) -> str:
        """How many learn, how many stand still, and what that gives."""
        still = sum(layer.weights.size for layer in self.layers)
        return (
            f"After {self.epoch} epoch{'s' * (self.epoch != 1)}: **{percent(self._right[-1])}** of "
            f"{say(len(self.split.X_test))} new digits are right. {say(len(self.biases))} biases learn; all "
            f"{say(still)} weights stay as they were drawn."
        )

    def _share(self) -> float:
        return float(np.mean(share_right(self._logits(self.split.X_test), self.split.y_test)))

    def _logits(self, X: Floats) -> Floats:
        return network_logits(with_biases(self.layers, self.biases), X)
