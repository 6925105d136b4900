"""A network of one hidden layer whose weights are drawn and stay as they are: only its biases learn. ::

    h = ReLU(W x + b),    logits = V h + c        W (n_units, n_inputs), V (n_classes, n_units)

W and V are He-normal and frozen, b and c begin at 0. Softmax cross-entropy, Adam, in float32.
Source: Williams, Ryoo, Jiralerspong and others, "Expressivity of neural networks with random weights and learned
biases" (2024), who prove that with enough units such a network comes as near as asked to any continuous function.
"""

from collections.abc import Iterator, Sequence
from itertools import count

import numpy as np

from ..checks import whole
from .adam import adam_step, start_moments
from .backprop import add_bias, cross_entropy
from .layers import Floats, Layer, flatten, he_normal
from .network import Labels

MOST_UNITS = 10_000
BATCH, N_EPOCHS, LEARNING_RATE = 64, 100, 0.01


def draw_network(n_inputs: int, n_units: int, n_classes: int, *, seed: int = 0) -> tuple[Layer, Layer]:
    """Both layers before training, float32; the first n units of a wider one are others.

    An InputError where a number is no whole number from 1, the units above 10,000 or the seed below 0.

    Examples
    --------
    >>> [(layer.name, layer.weights.shape, layer.bias.shape) for layer in draw_network(64, 30, 10)]
    [('hidden', (30, 64), (30,)), ('dense', (10, 30), (10,))]
    """
    whole("n_inputs", n_inputs, 1)
    whole("n_units", n_units, 1, MOST_UNITS)
    whole("n_classes", n_classes, 1)
    whole("seed", seed, 0, 2**32 - 1)
    random = np.random.RandomState(seed)
    hidden = Layer("hidden", "dense", he_normal((n_units, n_inputs), random), np.zeros(n_units))
    dense = Layer("dense", "dense", he_normal((n_classes, n_units), random), np.zeros(n_classes))
    hidden, dense = flatten([hidden, dense], np.float32)[1]
    return hidden, dense


def with_biases(layers: Sequence[Layer], biases: Floats) -> tuple[Layer, Layer]:
    """The same weights with other biases (n_units + n_classes,), b first.

    Examples
    --------
    >>> hidden, dense = with_biases(draw_network(2, 3, 2), np.arange(5.0))
    >>> hidden.bias.tolist(), dense.bias.tolist()
    ([0.0, 1.0, 2.0], [3.0, 4.0])
    """
    hidden, dense = layers
    n_units = len(hidden.weights)
    return (
        Layer("hidden", "dense", hidden.weights, biases[:n_units].astype(np.float32)),
        Layer("dense", "dense", dense.weights, biases[n_units:].astype(np.float32)),
    )


def network_logits(layers: Sequence[Layer], X: Floats) -> Floats:
    """The logits (n, n_classes) of inputs (n, n_inputs).

    Examples
    --------
    >>> hidden = Layer("hidden", "dense", np.array([[1.0], [-1.0]]), np.array([0.0, 0.5]))
    >>> network_logits([hidden, Layer("dense", "dense", np.array([[1.0, 2.0]]), np.array([0.25]))], np.array([[0.25]]))
    array([[1.]])
    """
    return _forward(layers, X.T)[1].T


def train_biases(
    layers: Sequence[Layer],
    X: Floats,
    y: Labels,
    *,
    n_epochs: int = N_EPOCHS,
    learning_rate: float = LEARNING_RATE,
    seed: int = 0,
) -> Iterator[tuple[Floats, float]]:
    """After each epoch all biases (n_units + n_classes,), and the mean loss of its batches, each before its step.

    Every epoch goes over the inputs X (n, n_inputs), of labels y (n,), in a new order, in batches of 64.
    """
    hidden, dense = layers
    biases = np.concatenate([layer.bias for layer in layers if layer.bias is not None]).astype(np.float32)
    moments, steps, random = start_moments(biases), count(1), np.random.RandomState(seed)
    inputs = np.ascontiguousarray(X.T, np.float32)
    for _ in range(n_epochs):
        order, losses = random.permutation(len(X)), 0.0
        for start in range(0, len(X), BATCH):
            rows = order[start : start + BATCH]
            h, logits = _forward(with_biases((hidden, dense), biases), inputs[:, rows])
            loss, upstream = cross_entropy(logits, y[rows])
            losses += loss * len(rows)
            of_hidden = (dense.weights.T @ upstream * (h > 0)).sum(axis=1)
            adam_step(biases, np.concatenate([of_hidden, upstream.sum(axis=1)]), moments, next(steps), learning_rate)
        yield biases.copy(), losses / len(X)


def _forward(layers: Sequence[Layer], inputs: Floats) -> tuple[Floats, Floats]:
    """What the hidden units give (n_units, n), and the logits (n_classes, n), of inputs (n_inputs, n)."""
    hidden, dense = layers
    h = hidden.weights @ inputs
    add_bias(h, hidden.bias)
    np.maximum(h, 0, out=h)
    logits: Floats = dense.weights @ h
    add_bias(logits, dense.bias)
    return h, logits
