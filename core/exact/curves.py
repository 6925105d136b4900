"""A network of one hidden layer beside its twin without bias: the curve and the regions that each can draw.

Both twins are fitted to the same points, with the same kernels (`core.models.random_features`). Their errors are those
on points that neither has seen.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..arms import ARMS, WITH, WITHOUT, Columns, by_arm
from ..checks import choice
from ..data.points import CURVES, NOISE, PLANES, REACH, Points
from ..format import say, setting
from ..models.activations import ACTIVATIONS
from ..models.random_features import Floats, Shallow, ShallowSettings, fit_classes, fit_curve
from ..question import Found

CELLS = (81, 61)  # rows and columns of the grid on which regions are sought

DISGUISE = "that is a constant which all units share, a bias in disguise"
DRAWN_BY = {
    "step": "one value left of 0 and another right of it, whatever the weights",
    "sigmoid": f"symmetric about the point (0, f(0)), whatever the weights. But sigmoid(0) is ½: {DISGUISE}",
}
"""Activation -> what the curve without bias is, where none of its flags says it."""
CONES = "made of cones from the origin, whatever the weights: *k x* has the label of *x* for every *k* > 0"
REGION_RULES = (
    dict.fromkeys(("relu", "leaky_relu", "step", "identity"), CONES)
    | dict.fromkeys(("elu", "gelu", "silu"), "not made of cones, as this activation is curved. But f(0, 0) is still 0")
    | {
        "tanh": "the other one's mirror image through the origin, whatever the weights, since f(−x) = −f(x)",
        "sigmoid": f"free to leave the origin: sigmoid(0) is ½, and {DISGUISE}",
        "softplus": f"free to leave the origin: softplus(0) is ln 2, and {DISGUISE}",
    }
)
"""Activation -> what each region without bias is."""


@dataclass(frozen=True, eq=False)
class CurvePair:
    """Both twins fitted to one curve."""

    points: Points
    twins: dict[str, Shallow]  # by arm
    noise: float | None = None  # standard deviation of the noise in y, where it is known

    @cached_property
    def errors(self) -> dict[str, float]:
        """Arm -> root mean squared error on the points to test on, in units of y."""
        X, y = self.points.X_test, self.points.y_test
        return {arm: float(np.sqrt(np.mean((net.output(X) - y) ** 2))) for arm, net in self.twins.items()}

    def to_frame(self) -> pd.DataFrame:
        """What each twin draws: arm, x, y."""
        return pd.DataFrame(self.curves())

    def curves(self) -> Columns:
        """The columns of `to_frame`."""
        places = {arm: _places(net) for arm, net in self.twins.items()}
        return by_arm({arm: {"x": x, "y": self.twins[arm].output(x[:, None])} for arm, x in places.items()})

    def drawn(self) -> dict[str, Columns]:
        """Columns of "points" (x, y), "curves", "kinks" (arm, x: where units switch) and "titles" (arm, label)."""
        return {
            "points": {"x": self.points.X_train[:, 0], "y": self.points.y_train},
            "curves": self.curves(),
            "kinks": by_arm({arm: {"x": net.kinks} for arm, net in self.twins.items()}),
            "titles": _titles({arm: f"error {say(error)}" for arm, error in self.errors.items()}),
        }

    @property
    def sentence(self) -> str:
        """The error of both, and what the curve without bias is."""
        activation = self.twins[WITH].settings.activation
        with_bias, without = (say(self.errors[arm]) for arm in ARMS)
        noise = "" if self.noise is None else f"; the noise alone is {setting(self.noise)}"
        return (
            f"{_units(self.twins[WITH])} On new points the curve with biases is off by **{with_bias}**, its twin "
            f"without by **{without}** (root mean squared error{noise}). Without bias "
            f"every unit switches at 0, and with {ACTIVATIONS[activation].name} the curve is {curve_rule(activation)}."
        )


@dataclass(frozen=True, eq=False)
class RegionPair:
    """Both twins fitted to two classes in the plane; the attributes are as in `CurvePair`."""

    points: Points
    twins: dict[str, Shallow]

    @cached_property
    def accuracies(self) -> dict[str, float]:
        """Arm -> share of the points to test on that get their class, 0 to 1."""
        X, y = self.points.X_test, self.points.y_test
        return {arm: float(np.mean(net.labels(X) == y)) for arm, net in self.twins.items()}

    def to_frame(self) -> pd.DataFrame:
        """Where each twin answers class 1, strips from (x, y) to (x2, y2): arm, x, x2, y, y2."""
        return pd.DataFrame(self.regions())

    def regions(self) -> Columns:
        """The columns of `to_frame`."""
        return by_arm({arm: strips(net) for arm, net in self.twins.items()})

    def drawn(self) -> dict[str, Columns]:
        """Columns of "points" (x, y, label: the class, 0 or 1), "regions", and "titles" (arm, label)."""
        X, y = self.points.X_train, self.points.y_train
        return {
            "points": {"x": X[:, 0], "y": X[:, 1], "label": y},
            "regions": self.regions(),
            "titles": _titles({arm: f"{accuracy:.1%} right" for arm, accuracy in self.accuracies.items()}),
        }

    @property
    def sentence(self) -> str:
        """The accuracy of both, and what a region without bias is."""
        activation = self.twins[WITH].settings.activation
        return (
            f"{_units(self.twins[WITH])} Of {len(self.points.y_test)} new points the network with biases gets "
            f"**{self.accuracies[WITH]:.1%}** right, its twin without **{self.accuracies[WITHOUT]:.1%}**. "
            f"Without bias and with {ACTIVATIONS[activation].name}, each region is {REGION_RULES[activation]}."
        )


def curve_rule(activation: str) -> str:
    """What the curve of one hidden layer without bias is, whatever its weights, by the activation's own flags.

    Examples
    --------
    >>> curve_rule("tanh")
    'odd, f(−x) = −f(x), whatever the weights, so it passes through the origin'
    """
    known = ACTIVATIONS[activation]
    if activation in DRAWN_BY:
        return DRAWN_BY[activation]
    if known.homogeneous:
        shape = "a straight line through the origin" if known.odd else "two rays that meet at the origin"
        return f"{shape}, whatever the weights"
    if known.odd:
        return "odd, f(−x) = −f(x), whatever the weights, so it passes through the origin"
    if not known.even_but_for_a_line:
        return "bound to pass through the origin; where else it bends, nothing binds it"
    rule = "a straight line plus an even function, f(x) − f(−x) = c x, whatever the weights: it bends at −x as at x"
    if known.function(0.0) == 0:
        return f"{rule}, and passes through the origin"
    return f"{rule}. But {activation}(0) is ln 2: {DISGUISE}"


def curve_pair(settings: ShallowSettings, curve: str) -> CurvePair:
    """Fit both twins to a curve by its name in `core.data.points.CURVES`; its points are drawn from the same seed.

    Examples
    --------
    >>> pair = curve_pair(ShallowSettings(n_units=30), "absolute")
    >>> {arm: round(error, 2) for arm, error in pair.errors.items()}
    {'with bias': 0.1, 'without bias': 0.46}
    """
    choice("curve", curve, CURVES)
    return curve_pair_of(settings, CURVES[curve].draw(settings.seed), NOISE)


def curve_pair_of(settings: ShallowSettings, points: Points, noise: float | None = None) -> CurvePair:
    """Fit both twins to points with one input; `settings` and `noise` as in `curve_pair` and `CurvePair`."""
    fits = {arm: fit_curve(twin, points.X_train, points.y_train) for arm, twin in _twins(settings)}
    return CurvePair(points, fits, noise)


def region_pair(settings: ShallowSettings, plane: str) -> RegionPair:
    """Fit both twins to two classes: as `curve_pair`, with a name in `core.data.points.PLANES`."""
    choice("plane", plane, PLANES)
    points = PLANES[plane].draw(settings.seed)
    return RegionPair(
        points, {arm: fit_classes(twin, points.X_train, points.y_train) for arm, twin in _twins(settings)}
    )


def _twins(settings: ShallowSettings) -> list[tuple[str, ShallowSettings]]:
    return [(arm, replace(settings, bias=bias)) for arm, bias in ((WITH, True), (WITHOUT, False))]


def _places(net: Shallow) -> Floats:
    """Where a curve is drawn, x increasing: its kinks too, and a step upright."""
    sides = (-1e-9, 0.0, 1e-9) if net.settings.activation == "step" else (0.0,)
    return np.union1d(np.linspace(-REACH, REACH, 121), np.add.outer(net.kinks, sides))


def _titles(results: dict[str, str]) -> Columns:
    return {"arm": list(results), "label": [f"{arm.capitalize()}: {result}" for arm, result in results.items()]}


def _units(net: Shallow) -> str:
    n = net.settings.n_units
    return f"One layer of {n} unit{'s' if n > 1 else ''}."


def strips(net: Shallow) -> Columns:
    """Where class 1 is answered, as horizontal strips: x, x2, y, y2.

    Along the middle of each strip the ends are found between grid points, as if f were straight there. Strips are a
    third higher than their rows lie apart: they overlap by a pixel, so that no seam shows.
    """
    x, rows = np.linspace(-REACH, REACH, CELLS[1]), np.linspace(-REACH, REACH, CELLS[0])
    f = net.output(np.column_stack([np.tile(x, rows.size), np.repeat(rows, x.size)])).reshape(CELLS)
    row, start, stop = positive_runs(x, f)
    half = 0.65 * (rows[1] - rows[0])
    ends = {"y": np.maximum(rows[row] - half, -REACH), "y2": np.minimum(rows[row] + half, REACH)}
    return {"x": start, "x2": stop} | ends


def positive_runs(x: Floats, f: Floats) -> tuple[NDArray[np.intp], Floats, Floats]:
    """Where f > 0 along each row of f (n_rows, n), straight between its values at x (n,): row, start, end of a stretch.

    Examples
    --------
    >>> row, start, end = positive_runs(np.array([0.0, 1.0, 2.0, 3.0]), np.array([[1.0, -1.0, -1.0, 3.0]]))
    >>> row.tolist(), start.tolist(), end.tolist()
    ([0, 0], [0.0, 2.25], [0.5, 3.0])
    """
    above = np.pad(f > 0, ((0, 0), (1, 1)))  # no stretch goes on beyond the ends
    row, after = np.nonzero(above[:, 1:] != above[:, :-1])
    ends = x[np.maximum(after - 1, 0)]
    inside = (after > 0) & (after < x.size)
    at, right = row[inside], after[inside]
    left = right - 1
    ends[inside] -= f[at, left] * (x[right] - x[left]) / (f[at, right] - f[at, left])
    return row[::2], ends[::2], ends[1::2]


def answer() -> Found:
    """What the page asks first, answered by its own numbers."""
    few = curve_pair(ShallowSettings(10), "absolute").errors[WITH]
    many = curve_pair(ShallowSettings(100), "absolute").errors[WITHOUT]
    picked = "the ten" if few < 0.9 * many else "the hundred" if many < 0.9 * few else "neither"
    return Found(picked, f"On |x − 1| the ten are off by {say(few)}, the hundred by {say(many)}.")
