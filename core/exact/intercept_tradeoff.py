"""Where dropping the intercept is right: the out-of-sample error of both twins against the true intercept.

Data follow ``y = slope * x + intercept + N(0, noise)`` at n evenly spaced x. Both lines are fitted to many draws; a
fitted line's error is its expected squared error on new y at the same x, ``noise**2 + mean((fitted - true)**2)``.
Averaged over all draws, with S = sum(x**2) and C = sum((x - mean(x))**2), it is exactly ::

    with bias:     noise**2 * (1 + 2 / n)
    without bias:  noise**2 * (1 + 1 / n) + intercept**2 * C / S

The intercept costs one more coefficient's variance, noise**2 / n; leaving it out costs the squared bias of the line.
They are equal at ``|intercept| = noise * sqrt(S / (n * C))``, which is the standard error of the estimated intercept:
below one standard error the line through the origin predicts better. The slope plays no part.

Source: Hastie, Tibshirani and Friedman, *The Elements of Statistical Learning* (2009), 7.3, for the decomposition.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..arms import WITH, WITHOUT
from ..data.tables import NoisyLine
from ..format import say
from ..models.design_matrix import Floats
from ..models.regression import fit_pair
from ..question import Found

N_CROSSINGS = 4  # the curve goes from 0 to this many times the crossing
STEPS = 41  # so that the crossing itself is one of the steps
N_DRAWS = 400  # data sets; 32 MB of noise for the longest


@dataclass(frozen=True, eq=False)
class OriginCurve:
    """Both twins' out-of-sample error against the true intercept."""

    line: NoisyLine  # whose noise, rows and range of x the draws have
    crossing: float  # the true |intercept| at which both are equal, in units of y; 0 where there is no noise
    frame: pd.DataFrame

    def to_frame(self) -> pd.DataFrame:
        """One row per true intercept (from 0 up) and arm.

        Columns: intercept, arm ("with bias", "without bias"), mse (mean over the draws of the expected squared error
        on new data, squared units of y), low, high (its 95% interval over the draws), exact (its closed form).
        """
        return self.frame

    @property
    def reach(self) -> float:
        """The largest true intercept of the curve."""
        return float(self.frame["intercept"].iloc[-1])

    @property
    def verdict(self) -> str:
        """Below which true intercept the line without bias predicts better, in two sentences."""
        if self.crossing == 0:
            return "Without noise an intercept costs nothing: the line with bias is never worse."
        return (
            f"With {say(self.line.n)} points and noise of {say(self.line.noise)}, the line without bias predicts new "
            f"data better while the true intercept is smaller in size than {say(self.crossing)}, and worse beyond. "
            "That limit is one standard error of the estimated intercept."
        )


def origin_curve(line: NoisyLine) -> OriginCurve:
    """Fit both twins to 400 data sets for each of 41 true intercepts, 0 to four times the crossing.

    All intercepts share the same draws of the noise, so that the curves differ by the intercept alone; the line's own
    plays no part.

    Examples
    --------
    >>> round(origin_curve(NoisyLine()).crossing, 4)
    0.5573
    """
    edge = crossing(line)
    intercepts = np.linspace(0, N_CROSSINGS * edge or 1.0, STEPS)
    noise = np.random.RandomState(line.seed).randn(N_DRAWS, line.n) * line.noise
    arms = {
        WITH: np.broadcast_to(_errors_with(line.x, noise)[:, None], (N_DRAWS, STEPS)),
        WITHOUT: _errors_without(line.x, noise, intercepts),
    }
    frames = [
        _summarise(arm, intercepts, line.noise**2 + errors, expected_error(line, intercepts, bias=arm == WITH))
        for arm, errors in arms.items()
    ]
    return OriginCurve(line, edge, pd.concat(frames, ignore_index=True))


def crossing(line: NoisyLine) -> float:
    """The true |intercept| at which both twins are expected to predict equally well."""
    return float(line.noise * np.sqrt((line.x @ line.x) / (line.n * _squares_around_mean(line.x))))


def expected_error(line: NoisyLine, intercepts: Floats, *, bias: bool) -> Floats:
    """Expected squared error on new data, exactly. intercepts (k,) -> (k,)."""
    if bias:
        return np.full(len(intercepts), line.noise**2 * (1 + 2 / line.n))
    squared_bias: Floats = intercepts**2 * _squares_around_mean(line.x) / (line.x @ line.x)
    return line.noise**2 * (1 + 1 / line.n) + squared_bias


def _errors_with(x: Floats, noise: Floats) -> Floats:
    """Mean of (fitted - true)**2 over x, for each draw: noise (n_draws, n) -> (n_draws,)."""
    slopes = noise @ (x - x.mean()) / _squares_around_mean(x)  # how far the fitted slope is off
    squared: Floats = noise.mean(axis=1) ** 2 + slopes**2 * _squares_around_mean(x) / len(x)
    return squared


def _errors_without(x: Floats, noise: Floats, intercepts: Floats) -> Floats:
    """The same without bias, for each true intercept: -> (n_draws, k)."""
    slopes = (noise @ x)[:, None] / (x @ x) + intercepts * x.sum() / (x @ x)  # how far the slope is off
    squared: Floats = slopes**2 * (x @ x) / len(x) - 2 * slopes * intercepts * x.mean() + intercepts**2
    return squared


def _summarise(arm: str, intercepts: Floats, errors: Floats, exact: Floats) -> pd.DataFrame:
    """Mean and 95% interval over the draws: errors (n_draws, k) -> k rows."""
    mean = errors.mean(axis=0)
    half = 1.96 * errors.std(axis=0, ddof=1) / np.sqrt(len(errors))
    return pd.DataFrame(
        {"intercept": intercepts, "arm": arm, "mse": mean, "low": mean - half, "high": mean + half, "exact": exact}
    )


def _squares_around_mean(x: Floats) -> float:
    return float(((x - x.mean()) ** 2).sum())


def answer() -> Found:
    """What the page asks first, answered by its own numbers."""
    pairs = []
    for intercept in (2.0, 0.0):
        table = NoisyLine(intercept=intercept).draw().frame
        pairs.append(fit_pair(table[["x"]], table["y"]))
    wins = [pair.with_bias.mse < pair.without_bias.mse for pair in pairs]
    picked = "never the one without" if all(wins) else "it depends" if any(wins) else "never the one with"
    first, second = (f"{say(pair.with_bias.mse)} against {say(pair.without_bias.mse)}" for pair in pairs)
    return Found(
        picked,
        f"Mean squared errors {first}, and {second} where the true intercept is 0: one more number to choose never "
        "fits worse. Which predicts better is another question.",
    )
