"""Adam, on one flat array of parameters.

    m = b1 m + (1 - b1) g,   v = b2 v + (1 - b2) g²,   p = p - rate * m / (1 - b1^t) / (sqrt(v / (1 - b2^t)) + eps)

with b1 = .9, b2 = .999, eps = 1e-8 and t = 1, 2, ...
Source: Kingma and Ba, "Adam: a method for stochastic optimization" (2015).
"""

import math
from typing import NamedTuple

import numpy as np

from .layers import Floats

BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-8


class Moments(NamedTuple):
    """What Adam remembers, and an array to work in; each (n_parameters,)."""

    first: Floats
    second: Floats
    scratch: Floats


def start_moments(parameters: Floats) -> Moments:
    """Zeros, like the parameters."""
    return Moments(np.zeros_like(parameters), np.zeros_like(parameters), np.empty_like(parameters))


def adam_step(parameters: Floats, gradient: Floats, moments: Moments, step: int, learning_rate: float) -> None:
    """Move the parameters in place; `step` counts from 1. The gradient is used up.

    Examples
    --------
    The first step is the learning rate, whatever the size of the gradient:

    >>> parameters = np.array([1.0, 1.0])
    >>> adam_step(parameters, np.array([5.0, -0.1]), start_moments(parameters), 1, 0.5)
    >>> np.round(parameters, 6).tolist()
    [0.5, 1.5]
    """
    first, second, scratch = moments
    np.multiply(gradient, 1 - BETA_1, out=scratch)
    first *= BETA_1
    first += scratch
    np.multiply(gradient, gradient, out=gradient)
    gradient *= 1 - BETA_2
    second *= BETA_2
    second += gradient
    np.sqrt(second, out=scratch)
    scratch *= 1 / math.sqrt(1 - BETA_2**step)
    scratch += EPSILON
    np.divide(first, scratch, out=scratch)
    scratch *= learning_rate / (1 - BETA_1**step)
    parameters -= scratch
