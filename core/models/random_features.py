"""A network of one hidden layer that is fitted at once: drawn kernels, and a fitted output layer. ::

    f(x) = sum over units i of v_i * activation(kernel_i . x + b_i) + c

The kernels are drawn from a standard normal distribution. With bias, each unit also draws a point p_i, uniformly from
the box that the training inputs span, and b_i = -kernel_i . p_i, so that the place where the unit switches runs through
p_i: the switches spread over the inputs. Only v and c are fitted, by ridge regression for a curve (f is the prediction)
and by logistic regression for two classes (label 1 where f > 0).

The twin without bias has the same kernels, no b and no c. The first n units of a wider layer are those of a layer of n.

What follows without bias, for every v: with a positively homogeneous activation f(k x) = k f(x) for k > 0, so a curve
is two rays from the origin and every decision region a cone; with an odd one f(-x) = -f(x).

Source: Rahimi and Recht, "Weighted sums of random kitchen sinks" (2008), for drawn kernels with a fitted output layer.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..checks import choice, whole
from .activations import ACTIVATIONS, threshold

Floats = NDArray[np.float64]
Labels = NDArray[np.intp]

RIDGE = 1e-3
"""Penalty on v**2 in the sum of squared errors of a curve: enough to keep v finite where units repeat each other."""
LOOSENESS = 100.0
"""`C` of the logistic regression."""
MOST_UNITS = 1000


@dataclass(frozen=True)
class ShallowSettings:
    """Settings of a network of one hidden layer; its twin differs in `bias` alone."""

    n_units: int = 20  # 1 to 1,000
    activation: str = "relu"  # a name in `core.models.activations.ACTIVATIONS`
    bias: bool = True  # whether the hidden units and the output have one
    seed: int = 0  # decides kernels and biases

    def __post_init__(self) -> None:
        whole("n_units", self.n_units, 1, MOST_UNITS)
        choice("activation", self.activation, ACTIVATIONS)
        whole("seed", self.seed, 0, 2**32 - 1)


@dataclass(frozen=True, eq=False)
class Shallow:
    """A fitted network of one hidden layer; both biases are None without bias."""

    settings: ShallowSettings
    kernels: Floats  # (n_units, n_features)
    bias: Floats | None  # (n_units,) of the hidden units
    output_weights: Floats  # (n_units,)
    output_bias: float | None

    def output(self, X: Floats) -> Floats:
        """The value f(x) of every input: X (n, n_features) -> (n,)."""
        f: Floats = _hidden(X, self.kernels, self.bias, self.settings.activation) @ self.output_weights
        return f if self.output_bias is None else f + self.output_bias

    def labels(self, X: Floats) -> Labels:
        """The class of every input, 1 where f > 0 and else 0: X (n, n_features) -> (n,)."""
        return (self.output(X) > 0).astype(np.intp)

    @property
    def kinks(self) -> list[float]:
        """Where the units of a network of one input switch, in units of x; a kernel of 0 has no such place."""
        biases = [None] * len(self.kernels) if self.bias is None else self.bias.tolist()
        places = [threshold(weight, bias) for weight, bias in zip(self.kernels[:, 0].tolist(), biases, strict=True)]
        return [place for place in places if place is not None]


def fit_curve(settings: ShallowSettings, X: Floats, y: Floats) -> Shallow:
    """Fit a curve, or a surface, y (n,) of the inputs X (n, n_features) by ridge regression.

    Examples
    --------
    >>> X = np.linspace(-3, 3, 50)[:, None]
    >>> net, twin = (fit_curve(ShallowSettings(bias=bias), X, np.abs(X[:, 0] - 1)) for bias in (True, False))
    >>> net.output(np.zeros((1, 1))).round(1), twin.output(np.zeros((1, 1)))
    (array([1.]), array([0.]))
    """
    kernels, bias = draw_units(settings, X)
    hidden = _hidden(X, kernels, bias, settings.activation)
    if not settings.bias:
        return Shallow(settings, kernels, None, _ridge(hidden, y), None)
    v = _ridge(hidden - hidden.mean(axis=0), y - y.mean())  # c, which has no penalty, takes up the means
    return Shallow(settings, kernels, bias, v, float(y.mean() - hidden.mean(axis=0) @ v))


def _ridge(hidden: Floats, y: Floats) -> Floats:
    """The v (n_units,) with the smallest sum of squared errors and `RIDGE` v**2.

    By singular values, as scikit-learn's `Ridge` finds it too: importing that takes longer than all else on the page.
    """
    left, scales, right = np.linalg.svd(hidden, full_matrices=False)
    return np.asarray(right.T @ (scales / (scales**2 + RIDGE) * (left.T @ y)), dtype=np.float64)


def fit_classes(settings: ShallowSettings, X: Floats, y: Labels) -> Shallow:
    """Fit the classes 0 and 1, y (n,), of the inputs X (n, n_features) by logistic regression.

    Examples
    --------
    >>> X = np.array([[1.0, 1.0], [2.0, 2.0]])  # on one ray, which no cone parts
    >>> [fit_classes(ShallowSettings(bias=bias), X, np.array([0, 1])).labels(X).tolist() for bias in (True, False)]
    [[0, 1], [1, 1]]
    """
    from sklearn.linear_model import LogisticRegression  # here, since importing scikit-learn takes a while

    kernels, bias = draw_units(settings, X)
    model = LogisticRegression(C=LOOSENESS, fit_intercept=settings.bias, solver="newton-cholesky")
    model.fit(_hidden(X, kernels, bias, settings.activation), y)
    return Shallow(settings, kernels, bias, model.coef_[0], float(model.intercept_[0]) if settings.bias else None)


def draw_units(settings: ShallowSettings, X: Floats) -> tuple[Floats, Floats | None]:
    """The kernels (n_units, n_features), and the biases (n_units,) that spread over the inputs X, or None."""
    kernel_draws, point_draws = np.random.default_rng(settings.seed).spawn(2)
    shape = (settings.n_units, X.shape[1])
    kernels = kernel_draws.standard_normal(shape)
    if not settings.bias:
        return kernels, None
    points = point_draws.uniform(X.min(axis=0), X.max(axis=0), shape)
    return kernels, -(kernels * points).sum(axis=1)


def _hidden(X: Floats, kernels: Floats, bias: Floats | None, activation: str) -> Floats:
    """What the hidden units give: (n, n_features) -> (n, n_units)."""
    z = X @ kernels.T
    if bias is not None:
        z += bias
    return np.asarray(ACTIVATIONS[activation].function(z), dtype=np.float64)
