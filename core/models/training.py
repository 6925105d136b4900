"""One fit in progress: parameters, gradients and Adam's moments as views into flat arrays, a step per mini-batch."""

import math
from collections.abc import Callable, Sequence
from itertools import count
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from .adam import adam_step, start_moments
from .backprop import cross_entropy
from .layers import Floats, Layer, flatten
from .network import Labels, Workspace, backward, forward, predict_logits, share_right, workspace

Learns: TypeAlias = Callable[[str, str], bool]
"""(name of a layer, "weights" or "bias") -> whether that array learns."""
GROWTH = 1000  # times 1 + the first batch's loss: an epoch's mean loss above that is a divergence


class Trainer:
    """Parameters, gradients, Adam's moments and one workspace per batch size, while a fit lasts."""

    def __init__(
        self,
        layers: tuple[Layer, ...],
        learning_rate: float,
        decay: tuple[float, float] = (0.0, 0.0),
        learns: Learns | None = None,
    ) -> None:
        """Decay is AdamW's, of weights and of biases: each step first takes rate * decay of them away.

        What does not learn is frozen, and decays neither; without a rule all learns.
        """
        self.parameters, self.layers = flatten(layers, np.float32)
        self.decay = decay
        self.gradient, self.gradients = flatten(layers, np.float32)
        self.mask = None if learns is None else learning_mask(self.layers, learns)
        self.moments = start_moments(self.parameters if self.mask is None else self.parameters[self.mask])
        self.learning_rate = learning_rate
        self.workspaces: dict[int, Workspace] = {}
        self.steps = count(1)
        self.first_loss = math.nan

    def epoch(self, images: Floats, labels: Labels, order: Labels, batch_size: int) -> tuple[float, float]:
        """One step per batch; the mean loss and accuracy of all pictures, each before its step."""
        loss, correct = 0.0, 0.0
        for start in range(0, len(order), batch_size):
            rows = order[start : start + batch_size]
            batch_loss, batch_correct = self.step(images[rows], labels[rows])
            loss += batch_loss * len(rows)
            correct += batch_correct
            if not math.isfinite(loss):
                break
        return loss / len(order), correct / len(order)

    def step(self, images: Floats, labels: Labels) -> tuple[float, float]:
        """The mean loss, and how many are right (a tie of k classes is 1 / k), before the parameters move."""
        size = len(images)
        if size not in self.workspaces:
            self.workspaces[size] = workspace(self.layers, images.shape[1:], size)
        work = self.workspaces[size]
        work.inputs[...] = images.transpose(1, 2, 3, 0)
        logits = forward(self.layers, work, training=True)
        loss, gradient = cross_entropy(logits, labels)
        if math.isnan(self.first_loss):
            self.first_loss = loss
        backward(self.layers, self.gradients, work, gradient)
        self._move()
        return loss, float(share_right(logits.T, labels).sum())

    def _move(self) -> None:
        if self.mask is None:
            self._shrink()
            adam_step(self.parameters, self.gradient, self.moments, next(self.steps), self.learning_rate)
            return
        moving = self.parameters[self.mask]
        adam_step(moving, self.gradient[self.mask], self.moments, next(self.steps), self.learning_rate)
        self.parameters[self.mask] = moving

    def _shrink(self) -> None:
        """Decoupled weight decay: Loshchilov and Hutter, "Decoupled weight decay regularization" (2019)."""
        n_weights = sum(layer.weights.size for layer in self.layers)
        parts = (self.parameters[:n_weights], self.parameters[n_weights:])
        for part, decay in zip(parts, self.decay, strict=True):
            if decay:
                part *= 1 - self.learning_rate * decay

    def divergence(self, train_loss: float, *other_losses: float) -> str:
        """Why the fit is to stop after this epoch, as a clause; empty where it is not."""
        arrays = [array for layer in self.layers for array in layer.arrays().values()]
        if not (np.isfinite([train_loss, *other_losses]).all() and all(np.isfinite(array).all() for array in arrays)):
            return "a number left float32's range"
        if train_loss > GROWTH * (1 + self.first_loss):
            return f"the loss grew more than {GROWTH}-fold"
        return ""


def learning_mask(layers: Sequence[Layer], learns: Learns) -> NDArray[np.bool_]:
    """Which of the flat parameters learn: `learns(name of the layer, "weights" or "bias")` says it of each array.

    Examples
    --------
    >>> layers = [Layer("a", "dense", np.ones((1, 2)), np.zeros(1)), Layer("b", "dense", np.ones((1, 1)), np.zeros(1))]
    >>> learning_mask(layers, lambda layer, part: part == "bias").tolist()
    [False, False, False, True, True]
    """
    weights = [(layer.weights, learns(layer.name, "weights")) for layer in layers]
    biases = [(layer.bias, learns(layer.name, "bias")) for layer in layers if layer.bias is not None]
    return np.concatenate([np.full(array.size, chosen) for array, chosen in weights + biases])


def loss_and_accuracy(layers: tuple[Layer, ...], images: Floats, labels: Labels) -> tuple[float, float]:
    """Mean loss and accuracy on pictures (n, channels, height, width)."""
    logits = predict_logits(layers, images).T
    return cross_entropy(logits, labels)[0], float(share_right(logits.T, labels).mean())
