"""Charts of what biases do alone: a curve that grows, one over widths, and rows of means with their intervals.

All accuracies are per cent of the test pictures, and every interval is a 95% one.
"""

from functools import partial
from typing import Any, Literal

import altair as alt

from ..arms import WITH
from .encodings import Chart, Data, along, arm_bands, colour
from .palette import GREY, REST

ACCURACY = alt.Scale(domain=[0, 100])
ROW, WORDS, MARKS = 38, -10, 6  # pixels: of a row, and from its middle to its words and to its interval
HEADS = -8  # pixels: above the first row, where the rows are named
PLACES: tuple[tuple[Literal["left", "right"], int], ...] = (("right", -8), ("left", -8), ("left", 12))
"""Where the names of the levels stand, and how far from them: the two highest at the left, where the curve is low."""
TOLD = (("mean", "mean"), ("low95", "from"), ("high95", "to"))


def learning_curve(rows: Data, *, n_epochs: int) -> Chart:
    """Accuracy after each epoch, on axes that stand still. `rows`: frame of epoch, accuracy."""
    base = (
        alt.Chart(rows)
        .transform_calculate(arm=f"'{WITH}'")
        .encode(
            x=alt.X(
                "epoch:Q", title="epoch", scale=alt.Scale(domain=[0, n_epochs], nice=False), axis=alt.Axis(grid=False)
            ),
            y=alt.Y("accuracy:Q", title="test accuracy (%)", scale=ACCURACY, axis=alt.Axis(tickCount=4)),
            color=colour("arm"),
        )
    )
    newest = base.transform_joinaggregate(newest="max(epoch)").transform_filter("datum.epoch == datum.newest")
    return alt.layer(base.mark_line(strokeWidth=3), newest.mark_point(filled=True, size=70, opacity=1)).properties(
        height=229, description="The share of test digits that are right after each epoch in which biases alone learn."
    )


def width_curve(rows: Data, marks: Data, small: Data) -> Chart:
    """Accuracy of biases alone against the number of hidden units, with its band, and where the slider stands.

    The small convolutional network is drawn as level lines with their bands, named as in `PLACES`. `rows`: frame of
    n_units, mean, low95, high95. `marks`: frame of n_units. `small`: frame of title, mean, low95, high95.
    """
    widths: list[float] = [30, 100, 300, 1000, 3000, 10000]
    units = along("n_units", "hidden units (logarithmic)", widths, digits=",", type="log")
    base = alt.Chart(rows).transform_calculate(arm=f"'{WITH}'").encode(x=units)
    low, mean = (
        alt.Y(f"{field}:Q", title="test accuracy (%)", scale=ACCURACY, axis=alt.Axis(tickCount=4, grid=False))
        for field in ("low95", "mean")
    )
    line = base.mark_line(strokeWidth=3).encode(y=mean, color=colour("arm"))
    dots = base.mark_point(filled=True, size=60, opacity=1).encode(y=mean, color=colour("arm"))
    rule = alt.Chart(marks).mark_rule(color=GREY, strokeWidth=1.5).encode(x=units)
    return alt.layer(rule, *_levels(small, low, mean), arm_bands(base, low, "high95:Q"), line, dots).properties(
        height=239,
        description="The share of test digits that are right when biases alone learn, against the number of hidden "
        "units, with 95% bands over the seeds; a vertical rule marks the width that is chosen, level lines with their "
        "bands the small convolutional network.",
    )


def _levels(small: Data, low: alt.Y, mean: alt.Y) -> list[alt.Chart]:
    """Level lines over the whole width, each with its 95% band and its name."""
    level = alt.Chart(small).encode(y=mean)
    bands = level.mark_rect(color=GREY, opacity=0.3).encode(y=low, y2="high95:Q")
    numbered = level.transform_window(place="row_number()")
    words = [
        numbered.transform_filter(f"datum.place == {place}")
        .mark_text(align=align, dy=dy, fontSize=12, color=GREY)
        .encode(x=alt.value("width" if align == "right" else 4), text="title:N")
        for place, (align, dy) in enumerate(PLACES, 1)
    ]
    return [bands, level.mark_rule(color=GREY, strokeDash=[2, 3]), *words]


def interval_rows(rows: Data, *, titles: tuple[str, ...], states: tuple[str, str]) -> Chart:
    """One row per title, two marks in each: mean accuracies with their intervals.

    `rows`: frame of title, state, mean, low95, high95. `titles`: from the top row to the lowest. `states`: the one that
    matters, as a green circle, and the other, as a grey diamond.
    """
    shapes = alt.Scale(domain=[WITH, REST], range=["circle", "diamond"])
    said = f"datum.label == '{WITH}' ? '{states[0]}' : '{states[1]}'"
    legend = alt.Legend(orient="top", values=[WITH, REST], labelExpr=said, symbolOpacity=1)
    x = partial(alt.X, title="test accuracy (%)", scale=ACCURACY, axis=alt.Axis(tickCount=5))
    base = alt.Chart(rows).encode(y=_worded_rows("network", titles))
    paint = alt.condition(f"datum.side == '{REST}'", alt.value(GREY), colour("side", legend))
    layers = []
    for state, side in zip(states, (WITH, REST), strict=True):
        of_state = base.transform_filter(f"datum.state == '{state}'").transform_calculate(side=f"'{side}'")
        interval = of_state.mark_rule(strokeWidth=2.5, yOffset=MARKS)
        mean = of_state.mark_point(filled=True, size=85, opacity=1, yOffset=MARKS)
        layers += [
            interval.encode(x=x("low95:Q"), x2="high95:Q", color=paint),
            mean.encode(
                x=x("mean:Q"),
                color=paint,
                shape=alt.Shape("side:N", title=None, scale=shapes, legend=legend),
                tooltip=[
                    "title:N",
                    "state:N",
                    *(alt.Tooltip(f"{field}:Q", title=name, format=".1f") for field, name in TOLD),
                ],
            ),
        ]
    return alt.layer(*layers).properties(
        height=ROW * len(titles) + 131,
        description=f"A row each: mean test accuracies with their 95% intervals over the seeds; {states[0]} as green "
        f"circles, {states[1]} as grey diamonds.",
    )


def _worded_rows(title: str, titles: tuple[str, ...]) -> alt.Y:
    """A row each, its words inside the plot, above its interval."""
    font: dict[str, Any] = {"labelFontSize": 12, "labelFontWeight": 600, "titleFontSize": 12}
    row: dict[str, Any] = {"labelAlign": "left", "labelPadding": -2, "labelOffset": WORDS, "labelLimit": 400}
    head: dict[str, Any] = {"titleAngle": 0, "titleAlign": "left", "titleBaseline": "middle", "titleY": HEADS}
    axis = alt.Axis(**font, **row, **head, labelFlush=False, titleX=2, ticks=False, domain=False, grid=False, zindex=1)
    return alt.Y("title:N", title=title, sort=list(titles), axis=axis)
