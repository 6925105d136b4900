"""A straight line with its intercept and its twin without, from the same rows.

``fit_pair`` fits ``y = X @ coef + intercept`` and ``y = X @ coef`` and says what the intercept is worth on these data.
Which twin predicts better is judged by the intercept: the line without it does where the true one is less than one
standard error from 0. "With" is said where the whole 95% interval lies beyond; "without" cannot be shown by an interval
two standard errors wide to each side. (In nested models ``mean ± t * std / sqrt(n)`` of paired leave-one-out errors
covers the truth in 77 to 91% of samples, not in 95%.)

Of the two R² ``r2_centered`` divides by sum((y - mean(y))**2), ``r2_uncentered`` by sum(y**2), which can rise while
the fit gets worse (Kvålseth, "Cautionary note about R²", *The American Statistician* 39, 1985).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from ..arms import WITH, WITHOUT, Columns, by_arm
from ..errors import InputError
from ..format import say
from .design_matrix import Floats
from .least_squares import CONFIDENCE, LinearFit, fit_line

MAX_FEATURES = 50
SIZES = (1e-50, 1e50)
SMALLEST_SPREAD = 1e-7
CENTRED = (
    "The data are centred, every mean is 0: both lines have the same slopes. Subtracting a mean is a bias in disguise."
)


@dataclass(frozen=True, eq=False)
class RegressionPair:
    """Both fits of one table."""

    with_bias: LinearFit
    without_bias: LinearFit
    X: Floats  # (n_samples, n_features)
    y: Floats  # (n_samples,)
    names: tuple[str, ...]  # one per column of X

    @property
    def arms(self) -> dict[str, LinearFit]:
        """Both fits by the name of their arm."""
        return {WITH: self.with_bias, WITHOUT: self.without_bias}

    @property
    def centred(self) -> bool:
        """Whether every column of X, and y, has the mean 0 up to rounding."""
        table = np.column_stack([self.X, self.y])
        return bool((np.abs(table.mean(axis=0)) <= 1e-12 * np.abs(table).max(axis=0)).all())

    @property
    def with_bias_predicts_better(self) -> bool:
        """Whether the whole 95% interval of the intercept lies beyond one standard error of it, on either side of 0."""
        low, high = self.with_bias.intercept_interval or (np.nan, np.nan)
        return max(low, -high) > (self.with_bias.intercept_standard_error or 0.0)

    @property
    def verdict(self) -> str:
        """The intercept's interval, the errors on rows left out, and whether the line with it predicts better.

        Centred data are said to be so instead: their means were taken from all rows, so that none is left out.
        """
        if self.centred:
            return CENTRED
        return f"{_about_intercept(self.with_bias)} {_about_prediction(self)}"

    @property
    def r2_note(self) -> str:
        """What each R² is divided by, in three sentences."""
        fit, twin = self.with_bias, self.without_bias
        return (
            f"Divided by the spread of y around its mean, R² is {say(fit.r2_centered)} with bias and "
            f"{say(twin.r2_centered)} without. "
            f"Divided by the sum of y², it is {say(fit.r2_uncentered)} with and {say(twin.r2_uncentered)} without. "
            "Many programs print the first with an intercept and the second without one: those two cannot be compared."
        )

    @property
    def warnings(self) -> tuple[str, ...]:
        """A sentence for each slope that changes its sign, each column far from 0, and columns that nearly repeat."""
        columns = range(len(self.names))
        found = [sentence for j in columns for sentence in _about_sign(self, j) + _about_zero(self, j)]
        left = min(fit.digits for fit in self.arms.values())
        few = f"Columns that nearly repeat one another leave the coefficients about {left} digits."
        return (*found, *([few] if left < 9 else []))

    def to_frame(self) -> pd.DataFrame:
        """One row per arm and coefficient.

        Columns: arm, term ("intercept" or the column's name), estimate, standard_error, t, p (two-sided, against 0),
        low, high (95% interval).
        """
        rows = [(arm, *term) for arm, fit in self.arms.items() for term in fit.terms(self.names)]
        return pd.DataFrame(rows, columns=["arm", "term", "estimate", "standard_error", "t", "p", "low", "high"])

    def measures(self) -> pd.DataFrame:
        """One row per arm.

        Columns: arm, mse, loo_mse (squared units of y), residual_std (units of y), r2_centered, r2_uncentered,
        n_samples, degrees (rows minus coefficients).
        """
        names = ["mse", "loo_mse", "residual_std", "r2_centered", "r2_uncentered", "n_samples", "degrees"]
        rows = [{"arm": arm} | {name: getattr(fit, name) for name in names} for arm, fit in self.arms.items()]
        return pd.DataFrame(rows)

    def points(self, feature: int = 0) -> pd.DataFrame:
        """One row per arm and row of the table, as fitted.

        Columns: arm, row (from 0), x (the chosen column), y, fitted, residual, leverage, loo_error (squared).
        """
        known: Columns = {"row": np.arange(len(self.y)), "x": self.X[:, feature], "y": self.y}
        found = {
            arm: known
            | {"fitted": self.y - fit.residuals, "residual": fit.residuals}
            | {"leverage": fit.leverages, "loo_error": fit.loo_errors}
            for arm, fit in self.arms.items()
        }
        return pd.DataFrame(by_arm(found))

    def lines(self, start: float, stop: float, *, feature: int = 0, n: int = 101) -> Columns:
        """Both lines and their 95% bands along one column, as columns; the other columns of X stay at their means.

        They are: arm, x (n values from start to stop), y, low, high (pointwise 95% band of the line).
        """
        X = np.tile(self.X.mean(axis=0), (n, 1))
        X[:, feature] = np.linspace(start, stop, n)
        found = {}
        for arm, fit in self.arms.items():
            low, high = fit.band(X)
            found[arm] = {"x": X[:, feature], "y": fit.predict(X), "low": low, "high": high}
        return by_arm(found)


def fit_pair(X: ArrayLike | pd.DataFrame, y: ArrayLike, *, names: Sequence[str] = ()) -> RegressionPair:
    """Fit the line with an intercept and its twin without.

    Parameters
    ----------
    X : array or DataFrame (n_samples, n_features)
        Finite numbers, 1 to 50 columns, at least two rows more than columns. Sizes between 1e-50 and 1e50; each
        column varies by at least one part in ten million of its size.
    y : array (n_samples,)
        Finite numbers, not constant in the same sense.
    names : sequence of str
        Names of the columns; by default those of the DataFrame, or "x" (one column), or "x1", "x2", ...

    Raises
    ------
    InputError
        A shape, a number or a spread outside these limits; columns that repeat one another (a condition number
        above 1e12, columns scaled to the same length).

    Examples
    --------
    >>> pair = fit_pair([[0.0], [1.0], [2.0], [3.0]], [1.0, 2.0, 4.0, 5.0])
    >>> pair.with_bias.coef.round(6).tolist(), round(pair.with_bias.intercept, 6)
    ([1.4], 0.9)
    >>> pair.without_bias.coef.round(6).tolist(), pair.without_bias.intercept
    ([1.785714], None)
    """
    table, target = _numbers(X, "X", 2), _numbers(y, "y", 1)
    labels = _names(X, names, table.shape[1])
    _check_shapes(table, target)
    for values, label in [*zip(table.T, labels, strict=True), (target, "y")]:
        _check_values(values, label)
    fits = (fit_line(table, target, bias=True), fit_line(table, target, bias=False))
    return RegressionPair(*fits, table, target, labels)


def centre(X: ArrayLike, y: ArrayLike) -> tuple[Floats, Floats]:
    """Subtract from every column of X, and from y, its mean: then both twins have the same slopes.

    The point of the means, through which the line with an intercept passes, becomes the origin.

    Examples
    --------
    >>> pair = fit_pair(*centre([[1.0], [2.0], [3.0], [4.0]], [5.0, 7.0, 8.0, 9.0]))
    >>> pair.with_bias.coef.round(9).tolist() == pair.without_bias.coef.round(9).tolist()
    True
    """
    table, target = _numbers(X, "X", 2), _numbers(y, "y", 1)
    return table - table.mean(axis=0), target - target.mean()


def _numbers(values: ArrayLike | pd.DataFrame, name: str, dimensions: int) -> Floats:
    try:
        array = np.asarray(values)
        numbers = array.astype(float) if array.dtype.kind in "biufO" else None
    except (ValueError, TypeError):
        numbers = None
    if numbers is None:
        raise InputError(f"`{name}` must hold real numbers only")
    shape = "(n_samples, n_features)" if dimensions == 2 else "(n_samples,)"
    if numbers.ndim != dimensions or numbers.size == 0:
        raise InputError(f"`{name}` must have the shape {shape}, got {numbers.shape}")
    if not np.isfinite(numbers).all():
        raise InputError(f"`{name}` must hold finite numbers only, got {(~np.isfinite(numbers)).sum()} that are not")
    return numbers


def _names(X: ArrayLike | pd.DataFrame, names: Sequence[str], n_features: int) -> tuple[str, ...]:
    default = ["x"] if n_features == 1 else [f"x{j + 1}" for j in range(n_features)]
    found = tuple(map(str, names or (X.columns if isinstance(X, pd.DataFrame) else default)))
    if len(found) != n_features:
        raise InputError(f"`names` must hold one name per column, got {len(found)} for {n_features}")
    return found


def _check_shapes(X: Floats, y: Floats) -> None:
    n, n_features = X.shape
    if len(y) != n:
        raise InputError(f"`X` and `y` must have as many rows, got {X.shape} and {y.shape}")
    if n_features > MAX_FEATURES:
        raise InputError(f"`X` must have at most {MAX_FEATURES} columns, got {n_features}")
    if n < n_features + 2:
        raise InputError(f"`X` must have at least two rows more than columns, got the shape {X.shape}")


def _check_values(values: Floats, label: str) -> None:
    size = np.abs(values).max()
    if size and not SIZES[0] <= size <= SIZES[1]:
        raise InputError(f"`{label}` must have a largest size between 1e-50 and 1e50, got {size:.3g}")
    if np.ptp(values) <= SMALLEST_SPREAD * size:
        raise InputError(
            f"`{label}` must vary by more than one part in ten million of its size, "
            f"got values from {values.min():.9g} to {values.max():.9g}",
            hint="A constant column says nothing about a line; an offset that large should be subtracted first.",
        )


def _about_intercept(fit: LinearFit) -> str:
    low, high = fit.intercept_interval or (np.nan, np.nan)
    if fit.residual_std == 0:
        return "The line with bias passes through every point: nothing is left to judge the intercept by."
    span = f"The {CONFIDENCE:.0%} interval of the intercept, {say(low)} to {say(high)},"
    if low <= 0 <= high:
        return f"{span} contains 0: these data cannot tell it from no intercept."
    return f"{span} does not contain 0."


def _about_prediction(pair: RegressionPair) -> str:
    errors, limit = [fit.loo_mse for fit in pair.arms.values()], pair.with_bias.intercept_standard_error
    if np.isnan(errors).any():
        return "What rows left out would say cannot be said: without one of the rows there is no single best line."
    both = f"{say(errors[0])} with bias and {say(errors[1])} without"
    left_out = f"On rows left out of the fit the mean squared error is {both}."
    if not limit:
        return left_out
    if pair.with_bias_predicts_better:
        return (
            f"{left_out} The line with bias predicts better: the whole interval lies beyond one standard error "
            f"({say(limit)}), from which on an intercept pays."
        )
    return (
        f"{left_out} The interval comes within one standard error ({say(limit)}) of 0: these data do not show that the "
        "intercept is needed; where the true one is smaller than that, the line without it predicts better."
    )


def _about_sign(pair: RegressionPair, j: int) -> list[str]:
    slope, twin = float(pair.with_bias.coef[j]), float(pair.without_bias.coef[j])
    if slope * twin >= 0:
        return []
    return [f"The slope of {pair.names[j]} changes its sign: {say(slope)} with bias, {say(twin)} without."]


def _about_zero(pair: RegressionPair, j: int) -> list[str]:
    low, high = float(pair.X[:, j].min()), float(pair.X[:, j].max())
    away = max(low, -high) / (high - low)
    if away <= 1:
        return []
    return [
        f"{pair.names[j]} = 0 lies {say(away)} data ranges outside the data ({say(low)} to {say(high)}); "
        "beyond one range, take the intercept as a parameter of the line, not as a prediction."
    ]
