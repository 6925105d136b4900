"""The figure of a regression pair in columns: points, both lines from x = 0 on, the intercept, the legend's words."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..arms import Columns, by_arm
from ..data.tables import NoisyLine, drawn_rows
from ..format import exactly, say, setting
from ..models.regression import CENTRED, RegressionPair
from .intercept_tradeoff import OriginCurve

Ends = tuple[float, float]
MEASURES = {
    "mse": "mean squared error",
    "loo_mse": "left-out error, mean square",
    "residual_std": "residual standard deviation",
    "r2_centered": "R² around the mean",
    "r2_uncentered": "R² around 0",
    "n_samples": "rows",
    "degrees": "degrees of freedom",
}
"""Column of `RegressionPair.measures` -> what it is called."""


@dataclass(frozen=True, eq=False)
class LineFigure:
    """One column of a regression pair, ready to draw."""

    pair: RegressionPair
    feature: int  # the column of X on the axis; the others stay at their means
    x: Ends  # of the axes
    y: Ends

    def lines(self) -> Columns:
        """Both lines with their bands over the whole axis: arm, x, y, low, high."""
        return self.pair.lines(*self.x, feature=self.feature, n=41)

    def points(self) -> Columns:
        """The rows that are drawn: x, y."""
        rows, _ = drawn_rows(len(self.pair.y))
        return {"x": self.pair.X[rows, self.feature], "y": self.pair.y[rows]}

    def residuals(self) -> Columns:
        """What each line leaves over at the rows that are drawn: arm, x, residual."""
        rows, _ = drawn_rows(len(self.pair.y))
        x = self.pair.X[rows, self.feature]
        return by_arm({arm: {"x": x, "residual": fit.residuals[rows]} for arm, fit in self.pair.arms.items()})

    @property
    def note(self) -> str:
        """What is not drawn: rows beyond a sample, and the other columns where there are some."""
        _, sample = drawn_rows(len(self.pair.y))
        others = (
            "The other columns stand at their means here, so that the line without bias need not pass through the "
            "origin of this picture."
        )
        return " ".join(filter(None, [sample, others if len(self.pair.names) > 1 else ""]))

    @property
    def sentence(self) -> str:
        """What the intercept does to the error on these points, and what may be said of others."""
        pair, fit = self.pair, self.pair.with_bias
        if pair.centred:
            return CENTRED
        errors = [one.mse for one in pair.arms.values()]
        lower = 1 - errors[0] / errors[1] if errors[1] else 0.0
        by = f"{100 * lower:.0f}% lower" if lower >= 0.005 else "less than 1% lower" if lower > 0 else "the same"
        if fit.residual_std == 0:
            unseen = "The line with it goes through every point, so that these data cannot say what others would do."
        elif pair.with_bias_predicts_better:
            unseen = "On points that neither line has seen, the line with it is closer, as far as these data tell."
        else:
            unseen = "On points that neither line has seen, these data cannot tell them apart."
        return (
            f"With the intercept the mean squared error on these {say(len(pair.y))} points is {say(errors[0])}, "
            f"without {say(errors[1])}: {by}. {unseen}"
        )

    def intercept(self) -> Columns:
        """The segment at x = 0 from 0 to where the line with bias crosses it: x, y, y2, label."""
        row = self.pair.X.mean(axis=0)
        row[self.feature] = 0.0
        height = float(self.pair.with_bias.predict([row])[0])
        name = "intercept" if len(self.pair.names) == 1 else "at x = 0"
        return {"x": [0.0], "y": [height], "y2": [0.0], "label": [f"{name} {exactly(height)}"]}

    def legend(self) -> Columns:
        """The equation and the MSE of each line, five digits: arm, label."""
        labels = []
        for arm, fit in self.pair.arms.items():
            slopes = f"{exactly(fit.coef[0])} x" if len(fit.coef) == 1 else f"{len(fit.coef)} slopes"
            constant = "" if fit.intercept is None else f" + {exactly(fit.intercept)}".replace("+ −", "− ")
            labels.append(f"{arm}: {slopes}{constant}, MSE {exactly(fit.mse)}")
        return {"arm": list(self.pair.arms), "label": labels}


def coefficients(pair: RegressionPair) -> pd.DataFrame:
    """Both fits in words, one row per line and coefficient: line, of, estimate, standard error, 95% interval."""
    rows = [
        (row["arm"], row["term"], *map(say, (row["estimate"], row["standard_error"])), _span(row["low"], row["high"]))
        for row in pair.to_frame().to_dict("records")
    ]
    return pd.DataFrame(rows, columns=["line", "of", "estimate", "standard error", "95% interval"])


def _span(low: float, high: float) -> str:
    return f"{say(low)} to {say(high)}"


def measures(pair: RegressionPair) -> pd.DataFrame:
    """How well both lines fit, one row per measure: measure, "with bias", "without bias"."""
    found = {row.pop("arm"): row for row in pair.measures().to_dict("records")}
    rows = [{"measure": word} | {arm: say(row[name]) for arm, row in found.items()} for name, word in MEASURES.items()]
    return pd.DataFrame(rows)


def line_figure(pair: RegressionPair, feature: int = 0, *, room: Ends | None = None) -> LineFigure:
    """Lay out the figure so that the data, x = 0 and y = 0 are on it.

    `room` is a range of y to have on the axis in any case, so that it stays still while a setting moves.
    """
    return LineFigure(pair, feature, _axis_ends(pair.X[:, feature]), _axis_ends(np.append(pair.y, room or ())))


def room_of(line: NoisyLine, intercepts: Ends) -> Ends:
    """The range of y that a noisy line can need, whatever intercept in a range is chosen: (low, high)."""
    ends = [line.slope * x + intercept for x in (line.low, line.high) for intercept in intercepts]
    return min(ends) - 2.5 * line.noise, max(ends) + 2.5 * line.noise


def _axis_ends(values: NDArray[np.float64]) -> Ends:
    """The ends of an axis that shows the values and 0, with a margin."""
    low, high = min(0.0, float(values.min())), max(0.0, float(values.max()))
    margin = 0.06 * (high - low)
    return low - margin, high + margin


def origin_marks(curve: OriginCurve, intercept: float) -> Columns:
    """Two places on the axis of true intercepts: intercept, kind ("rest" or "data"), label.

    The crossing of both curves, and the size of the present intercept where it lies on the axis.
    """
    here = abs(intercept)
    marks = [(curve.crossing, "rest", f"equal at {say(curve.crossing)}")]
    marks += [(here, "data", f"the slider: {setting(here)}")] if here <= curve.reach else []
    return dict(zip(("intercept", "kind", "label"), zip(*marks, strict=True), strict=True))
