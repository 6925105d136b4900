"""One least-squares line with everything a statistician reads off it, or a sentence that says why not.

The model is ``y = X @ coef + intercept + noise``; without bias there is no intercept and the line passes through the
origin. scikit-learn's ``LinearRegression`` finds the coefficients. One step of iterative refinement polishes them: the
residuals are computed in ``numpy.longdouble`` and projected on an orthonormal basis Q of the design D = Q R
(modified Gram-Schmidt, each column orthogonalised twice). The same Q and R give every standard error and leverage::

    coefficients += inv(R) Q' (y - D coefficients)
    residual_std**2 = sum(residuals**2) / (n - k)                     k: number of coefficients, intercept included
    variance of a line at x = residual_std**2 * |inv(R)' d(x)|**2     d(x): the row of D that belongs to x
    leverage of row i = |Q[i]|**2                                     left out, its error is residual / (1 - leverage)

Sources: Björck, *Numerical Methods for Least Squares Problems* (1996), 2.4 and 2.9; Belsley, Kuh and Welsch,
*Regression Diagnostics* (1980), 2.1, for the leave-one-out error (PRESS).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..errors import InputError
from .design_matrix import Design, Extended, Floats, design_of, lengths

CONFIDENCE = 0.95


@dataclass(frozen=True, eq=False)
class LinearFit:
    """One fitted line.

    Attributes
    ----------
    coef : array (n_features,)
        Slopes, in units of y per unit of each column.
    intercept : float or None
        The bias; None when the model has none.
    mse : float
        Mean of the squared residuals (the sum divided by n_samples), in squared units of y.
    r2_centered : float
        1 - sum(residuals**2) / sum((y - mean(y))**2); can be negative without bias.
    r2_uncentered : float
        1 - sum(residuals**2) / sum(y**2), in [0, 1].
    standard_errors : array (n_features,)
    intercept_standard_error : float or None
    residual_std : float
        sqrt(sum(residuals**2) / degrees), an estimate of the noise's standard deviation.
    residuals : array (n_samples,)
    leverages : array (n_samples,)
        How much each row pulls its own fitted value, in [0, 1].
    loo_errors : array (n_samples,)
        Squared error of each row under the line fitted without it; NaN where that line does not exist.
    n_samples, degrees : int
        Rows, and rows minus coefficients.
    digits : int
        About how many digits of the coefficients the rounding of the table leaves, 4 to 15.
    """

    coef: Floats
    intercept: float | None
    mse: float
    r2_centered: float
    r2_uncentered: float
    standard_errors: Floats
    intercept_standard_error: float | None
    residual_std: float
    residuals: Floats
    leverages: Floats
    loo_errors: Floats
    n_samples: int
    degrees: int
    digits: int
    _design: Design

    @property
    def loo_mse(self) -> float:
        """Mean of the leave-one-out squared errors (PRESS / n_samples)."""
        return float(self.loo_errors.mean())

    @property
    def intercept_interval(self) -> tuple[float, float] | None:
        """95% interval of the intercept; None without bias."""
        if self.intercept is None or self.intercept_standard_error is None:
            return None
        *_, low, high = self._judge(self.intercept, self.intercept_standard_error)
        return low, high

    def terms(self, names: Sequence[str]) -> list[tuple[object, ...]]:
        """One row per coefficient, intercept first: name, estimate, standard error, t, p, low, high (95% interval).

        p is two-sided, against 0; t and p are NaN where the fit is exact: nothing is left to judge by.
        """
        found = list(zip(names, self.coef, self.standard_errors, strict=True))
        if self.intercept is not None:
            found = [("intercept", self.intercept, self.intercept_standard_error), *found]
        return [(name, *self._judge(estimate, error)) for name, estimate, error in found]

    def _judge(self, estimate: float, error: float) -> tuple[float, ...]:
        """Estimate, standard error, t, p, low, high of one coefficient."""
        from scipy.special import stdtr

        t = estimate / error if error > 0 else math.nan
        half = t_half_width(self.degrees) * error
        return estimate, error, t, 2 * stdtr(self.degrees, -abs(t)), estimate - half, estimate + half

    def predict(self, X: ArrayLike) -> Floats:
        """Height of the line. X (n, n_features) -> (n,); InputError for another shape."""
        points = np.asarray(X, dtype=float)
        if points.ndim != 2 or points.shape[1] != len(self.coef):
            raise InputError(f"`X` must have the shape (n, {len(self.coef)}), got {points.shape}")
        heights: Floats = points @ self.coef
        return heights if self.intercept is None else heights + self.intercept

    def band(self, X: ArrayLike) -> tuple[Floats, Floats]:
        """Pointwise 95% confidence band of the line (not of new points). X (n, n_features) -> low (n,), high (n,)."""
        heights = self.predict(X)
        errors = self._design.relative_errors(np.asarray(X, dtype=np.longdouble))
        half = t_half_width(self.degrees) * self.residual_std * errors
        return heights - half, heights + half


def fit_line(X: Floats, y: Floats, *, bias: bool) -> LinearFit:
    """Fit ``y = X @ coef (+ intercept)``, X (n_samples, n_features) and y (n_samples,), by least squares.

    A column that adds nothing to the others, or a condition number above `MAX_CONDITION`, is an InputError.

    Examples
    --------
    >>> X, y = np.array([[0.0], [1.0], [2.0]]), np.array([1.0, 2.0, 4.0])
    >>> fit = fit_line(X, y, bias=True)
    >>> float(round(fit.coef[0], 6)), round(fit.intercept, 6)
    (1.5, 0.833333)
    >>> print(fit_line(X, y, bias=False).intercept)
    None
    """
    design = design_of(X, bias=bias)
    weights, residuals = _solve(design, X, y)
    return _describe(design, weights, residuals, y)


def t_half_width(degrees: int) -> float:
    """How many standard errors a 95% interval reaches to each side, with this many degrees of freedom."""
    from scipy.special import stdtrit

    return float(stdtrit(degrees, (1 + CONFIDENCE) / 2))


def _solve(design: Design, X: Floats, y: Floats) -> tuple[Extended, Extended]:
    """Weights (k,) of the design's columns and residuals (n_samples,)."""
    D = design.rows(X.astype(np.longdouble))
    weights = _first_guess(D, y, design.bias).astype(np.longdouble)
    for _ in range(2):
        weights = weights + design.R_inverse @ (design.Q.T @ (y - D @ weights))
    return weights, _zero_if_exact(y - D @ weights, y)


def _first_guess(D: Extended, y: Floats, bias: bool) -> Floats:
    from sklearn.linear_model import LinearRegression

    columns = D[:, int(bias) :].astype(float)
    model = LinearRegression(fit_intercept=bias).fit(columns, y)
    return np.append([model.intercept_], model.coef_) if bias else np.asarray(model.coef_)


def _zero_if_exact(residuals: Extended, y: Floats) -> Extended:
    """Residuals, or zeros when all of them are smaller than the rounding of y: the fit is exact."""
    exact = np.abs(residuals).max() <= 4 * np.finfo(float).eps * np.abs(y).max()
    return np.zeros_like(residuals) if exact else residuals


def _describe(design: Design, weights: Extended, residuals: Extended, y: Floats) -> LinearFit:
    (n, k), wide = design.Q.shape, y.astype(np.longdouble)
    total, centred = residuals @ residuals, wide - wide.mean()
    noise = float(np.sqrt(total / (n - k)))
    slopes = weights[int(design.bias) :] / design.scale
    at_zero = noise * float(design.relative_errors(np.zeros((1, len(slopes)), dtype=np.longdouble))[0])
    leverages, loo_errors = _leave_one_out(design, residuals)
    return LinearFit(
        coef=slopes.astype(float),
        intercept=_intercept(weights[0] - slopes @ design.shift, y) if design.bias else None,
        mse=float(total / n),
        r2_centered=float(1 - total / (centred @ centred)),
        r2_uncentered=float(1 - total / (wide @ wide)),
        standard_errors=_slope_errors(design, noise),
        intercept_standard_error=at_zero if design.bias else None,
        residual_std=noise,
        residuals=residuals.astype(float),
        leverages=leverages,
        loo_errors=loo_errors,
        n_samples=n,
        degrees=n - k,
        digits=design.digits,
        _design=design,
    )


def _intercept(value: np.longdouble, y: Floats) -> float:
    """The intercept, or 0.0 when it is smaller than the rounding of y."""
    return 0.0 if abs(value) <= 4 * np.finfo(float).eps * np.abs(y).max() else float(value)


def _slope_errors(design: Design, noise: float) -> Floats:
    rows = design.R_inverse[int(design.bias) :]  # (n_features, k)
    return noise * (lengths(rows, axis=1) / design.scale).astype(float)


def _leave_one_out(design: Design, residuals: Extended) -> tuple[Floats, Floats]:
    """Leverages and squared leave-one-out errors, both (n_samples,)."""
    leverages = (design.Q**2).sum(axis=1)
    left = 1 - leverages
    alone = left <= 1e-12  # this row alone fixes a coefficient: without it there is no line
    errors = np.where(alone, np.nan, residuals / np.where(alone, 1, left))
    return leverages.astype(float), (errors**2).astype(float)
