"""The design of a least-squares fit, made orthonormal in extended precision.

A fit has the columns ``(X - shift) / scale``, scaled to length 1; with a bias they are centred and led by a column of
ones. Modified Gram-Schmidt, each column orthogonalised twice, turns them into ``D = Q R`` (Björck, *Numerical Methods
for Least Squares Problems*, 1996, 2.4).

Limits. The numbers of a table are rounded to 16 digits, and a design of condition number K turns that rounding into a
relative error of about K * 1e-16 in the coefficients. Columns are scaled to length 1 (and with a bias centred) first;
above K = `MAX_CONDITION` fewer than four digits would be left, and the fit is refused instead. The refinement needs
``longdouble`` to be wider than ``float``, as on Linux; where it is not, ill-conditioned fits keep fewer digits.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..format import say

Floats = NDArray[np.float64]
Extended = NDArray[np.longdouble]

MAX_CONDITION = 1e12


@dataclass(frozen=True, eq=False)
class Design:
    """The design D = Q R of one fit: columns (X - shift) / scale, led by a column of ones where there is a bias."""

    shift: Extended  # (n_features,), zeros without bias
    scale: Extended  # (n_features,)
    bias: bool
    Q: Extended  # (n_samples, k)
    R_inverse: Extended  # (k, k)
    condition: float  # of the columns, scaled to length 1

    @property
    def digits(self) -> int:
        """About how many digits of the coefficients the rounding of the table leaves, at most 15."""
        return min(math.ceil(16 - math.log10(self.condition)), 15)

    def rows(self, X: Extended) -> Extended:
        """The rows of D that belong to X (n, n_features) -> (n, k)."""
        return _with_ones((X - self.shift) / self.scale, self.bias)

    def relative_errors(self, X: Extended) -> Floats:
        """Standard error of the line at X, as a multiple of the noise's standard deviation -> (n,)."""
        return lengths(self.rows(X) @ self.R_inverse, axis=1).astype(float)


def design_of(X: Floats, *, bias: bool) -> Design:
    """The design of X (n_samples, n_features); a condition number above `MAX_CONDITION` is an InputError.

    Examples
    --------
    >>> design = design_of(np.array([[1.0], [2.0], [6.0]]), bias=True)
    >>> np.round((design.Q.T @ design.Q).astype(float), 12).tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    shift = X.mean(axis=0).astype(float) if bias else np.zeros(X.shape[1])
    wide = shift.astype(np.longdouble)
    scale = lengths(X - wide, axis=0)
    Q, R = _orthogonalise(_with_ones((X - wide) / scale, bias))
    condition = _condition(R, bias)
    return Design(wide, scale, bias, Q, _inverse(R), condition)


def _orthogonalise(D: Extended) -> tuple[Extended, Extended]:
    """Modified Gram-Schmidt, twice: D (n, k) -> Q (n, k) with orthonormal columns, R (k, k) upper triangular."""
    Q, R = D.copy(), np.zeros((D.shape[1], D.shape[1]), dtype=np.longdouble)
    for j in range(D.shape[1]):
        for i in [*range(j), *range(j)]:
            share = Q[:, i] @ Q[:, j]
            R[i, j] += share
            Q[:, j] -= share * Q[:, i]
        R[j, j] = lengths(Q[:, j], axis=0)
        if R[j, j] > 0:
            Q[:, j] /= R[j, j]
    return Q, R


def _condition(R: Extended, bias: bool) -> float:
    square = R.astype(float)
    condition = float(np.linalg.cond(square / np.linalg.norm(square, axis=0)))
    if not condition <= MAX_CONDITION:
        model = "with bias" if bias else "without bias"
        raise InputError(
            f"`X` must have columns that differ enough for four digits: {model} the condition number may be "
            f"at most {say(MAX_CONDITION)}, got {say(condition)}",
            hint="Leave out a column that repeats the others.",
        )
    return condition


def _inverse(R: Extended) -> Extended:
    inverse = np.zeros_like(R)
    for j in reversed(range(len(R))):
        inverse[j] = (np.eye(len(R))[j] - R[j, j + 1 :] @ inverse[j + 1 :]) / R[j, j]
    return inverse


def _with_ones(columns: Extended, bias: bool) -> Extended:
    return np.column_stack([np.ones(len(columns), dtype=np.longdouble), columns]) if bias else columns


def lengths(vectors: Extended, *, axis: int) -> Extended:
    """Euclidean lengths along an axis."""
    result: Extended = np.sqrt((vectors**2).sum(axis=axis))
    return result
