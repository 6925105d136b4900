"""What a small network is to draw: curves of one input, and two classes in the plane, each drawn from a seed.

Curves are y = target(x) + N(0, 0.1) at x uniform on [-3, 3]. Points of the plane lie in the square from -3 to 3 (a
blob's can be just outside); moons, circles and blobs are scikit-learn's. Every draw has 200 points to fit and 200 to
test on.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError

Floats = NDArray[np.float64]
Drawn = tuple[Floats, NDArray[np.intp]]

REACH = 3.0
"""Inputs lie between -3 and 3."""
N = 200
"""Points to fit; as many to test on."""
NOISE = 0.1
"""Standard deviation of the noise on every curve."""
OWN_HEIGHT = 2.0
"""The largest size of y in points of a visitor's own."""
FEWEST = 10
BLOBS = {"centers": [(0.7, 0.7), (1.8, 1.8)], "cluster_std": 0.3}  # up and to the right of the origin, in a row


@dataclass(frozen=True, eq=False)
class Points:
    """The points of one draw: X (200, n_features), and as y (200,) the values of a curve, or classes 0 and 1."""

    X_train: Floats
    y_train: NDArray[Any]
    X_test: Floats
    y_test: NDArray[Any]


@dataclass(frozen=True)
class Curve:
    """A curve to be drawn."""

    title: str
    function: Callable[[Floats], Floats]  # x (n,) -> y (n,), without noise

    def draw(self, seed: int) -> Points:
        """Points of the curve with noise.

        Examples
        --------
        >>> points = CURVES["sine"].draw(0)
        >>> points.X_train.shape, points.y_train.shape, round(float(np.abs(points.X_train).max()), 1)
        ((200, 1), (200,), 3.0)
        """
        generator = np.random.default_rng(seed)
        x = generator.uniform(-REACH, REACH, 2 * N)
        y = self.function(x) + NOISE * generator.standard_normal(2 * N)
        return _halves(x[:, None], y)

    @property
    def ends(self) -> tuple[float, float]:
        """The ends of an axis of y that has room around the curve."""
        y = self.function(np.linspace(-REACH, REACH, 601))
        return float(y.min()) - 1, float(y.max()) + 1


@dataclass(frozen=True)
class Plane:
    """Two classes in the plane."""

    title: str
    points: Callable[[int], Drawn]  # seed -> X (400, 2) and y (400,), in any order

    def draw(self, seed: int) -> Points:
        """Points of both classes, mixed.

        Examples
        --------
        >>> points = PLANES["circles"].draw(0)
        >>> points.X_train.shape, sorted(set(points.y_train.tolist()))
        ((200, 2), [0, 1])
        """
        X, y = self.points(seed)
        order = np.random.default_rng(seed).permutation(len(X))
        return _halves(X[order], y[order])


def own_points(x: ArrayLike, y: ArrayLike, seed: int) -> Points:
    """Points of a visitor's own: half to fit and half to test on, at random, at most 200 of each.

    x is scaled so that its largest size is 3, y so that its largest is 2. Neither is moved: 0 stays 0, since what a
    network without bias can draw depends on where 0 is. x and y (n,) are finite; fewer than 10 points are refused, and
    an axis on which all are 0.

    Examples
    --------
    >>> points = own_points(np.arange(-5, 6), np.ones(11), seed=0)
    >>> len(points.X_train), len(points.X_test), float(points.y_train[0])
    (6, 5, 2.0)
    """
    columns = np.column_stack([x, y]).astype(float)
    if len(columns) < FEWEST:
        raise InputError(f"`data` must have at least {FEWEST} rows, got {len(columns)}", hint="Choose another table.")
    for name, column in zip("xy", columns.T, strict=True):
        if not column.any():
            raise InputError(
                f"`{name}` must not be 0 everywhere, got {len(column)} zeros", hint="Choose another column."
            )
    scaled = columns / np.abs(columns).max(axis=0) * [REACH, OWN_HEIGHT]
    chosen = np.random.default_rng(seed).permutation(scaled)[: 2 * N]
    return _halves(chosen[:, :1], chosen[:, 1])


def _halves(X: Floats, y: NDArray[Any]) -> Points:
    half = (len(y) + 1) // 2
    return Points(X[:half], y[:half], X[half:], y[half:])


def _from_sklearn(maker: str, stretch: float, centre: tuple[float, float], seed: int, **more: Any) -> Drawn:
    """Points of a maker in `sklearn.datasets`, moved so that `centre` lies at the origin, then stretched."""
    from sklearn import datasets  # here, since importing scikit-learn takes a while

    X, y = getattr(datasets, maker)(2 * N, random_state=seed, **more)
    return stretch * (X - centre), y


def _xor(seed: int) -> Drawn:
    """Class 1 where the signs of the two inputs differ."""
    X = np.random.default_rng(seed).uniform(-2.5, 2.5, (2 * N, 2))
    return X, (X[:, 0] * X[:, 1] < 0).astype(np.intp)


def _spirals(seed: int) -> Drawn:
    """Two arms, each a turn and a half around the origin, opposite to each other."""
    generator = np.random.default_rng(seed)
    y = np.repeat([0, 1], N)
    turn = np.sqrt(generator.uniform(0.02, 1, 2 * N)) * 3 * np.pi
    radius = 2.5 * turn / (3 * np.pi)
    angle = turn + np.pi * y
    X = radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return X + 0.08 * generator.standard_normal(X.shape), y


CURVES: dict[str, Curve] = {
    "absolute": Curve("|x − 1|", lambda x: np.abs(x - 1)),
    "sine": Curve("Sine, sin(2x)", lambda x: np.sin(2 * x)),
    "step": Curve("Step at x = 1", lambda x: np.heaviside(x - 1, 0)),
    "parabola": Curve("Parabola, x² / 3", lambda x: x**2 / 3),
}
"""Name -> curve."""
PLANES: dict[str, Plane] = {
    "circles": Plane("Circles", lambda seed: _from_sklearn("make_circles", 2, (0, 0), seed, noise=0.1, factor=0.5)),
    "moons": Plane("Moons", lambda seed: _from_sklearn("make_moons", 1.5, (0.5, 0.25), seed, noise=0.15)),
    "xor": Plane("XOR of the signs", _xor),
    "blobs": Plane("Offset blobs", lambda seed: _from_sklearn("make_blobs", 1, (0, 0), seed, **BLOBS)),
    "spirals": Plane("Spirals", _spirals),
}
"""Name -> two classes."""
