"""Charts of a small network beside its twin: without bias on the left, with on the right, on the same axes."""

from collections.abc import Callable

import altair as alt

from ..arms import WITH, WITHOUT
from .encodings import Chart, Data, arm_lines, colour, painted, panels
from .palette import DATA, REST

GAP = 20
"""Pixels between the two panels."""
SQUARE = alt.Scale(domain=[-3, 3], nice=False)


def fitted_curves(
    points: Data, curves: Data, kinks: Data, titles: Data, *, width: int, y_low: float, y_high: float
) -> Chart:
    """The points, the curve of each twin, and a tick on the axis where each hidden unit switches.

    `points`: frame of x, y; the same for both twins. `curves`: frame of arm, x, y. `kinks`: frame of arm, x. `titles`:
    frame of arm, label. `width`: of each panel, in pixels.
    """
    height = 260
    scale = alt.Scale(domain=[y_low, y_high], nice=False)
    x = alt.X("x:Q", title="input x", scale=SQUARE, axis=alt.Axis(tickCount=7))

    def panel(arm: str) -> Chart:
        y = _left_axis(arm, "y", scale, 5)
        dots = painted(points, DATA).mark_circle(size=14, opacity=0.45).encode(x=x, y=y, color=colour("ground"))
        curve = _only(arm, curves).encode(x=x, y=y, order=alt.Order("x:Q"))
        ticks = (
            _only(arm, kinks)
            .mark_tick(orient="vertical", size=12, thickness=1.5, opacity=0.8)
            .encode(x=x, y=alt.value(height - 6), color=colour("arm"))
        )
        return alt.layer(dots, arm_lines(curve, strokeWidth=3, clip=True), ticks, _title(arm, titles)).properties(
            width=width, height=height
        )

    return _beside(
        panel,
        "The points and the fitted curve, without bias on the left, a dashed line, and with on the right, "
        "a solid line; ticks on the axis mark where each hidden unit switches.",
    )


def decision_regions(points: Data, regions: Data, titles: Data, *, width: int) -> Chart:
    """The points of two classes over the region where each twin answers class 1.

    `points`: frame of x, y, label; the same for both twins; the label is 0 or 1, the class. `regions`: frame of arm, x,
    x2, y, y2; strips. `titles`: frame of arm, label. `width`: of each panel, in pixels; it is as high.
    """
    x = alt.X("x:Q", title="input 1", scale=SQUARE, axis=alt.Axis(tickCount=7))

    def panel(arm: str) -> Chart:
        y = _left_axis(arm, "input 2", SQUARE, 7)
        strips = (
            painted(regions, REST)
            .transform_filter(f"datum.arm == '{arm}'")
            .mark_rect(strokeWidth=0)
            .encode(x=x, x2="x2:Q", y=y, y2="y2:Q", color=colour("ground"))
        )
        dots = [
            painted(points, DATA)
            .transform_filter(f"datum.label == {label}")
            .mark_point(size=24, filled=filled, strokeWidth=1.5, opacity=1, clip=True)
            .encode(x=x, y=y, color=colour("ground"))
            for label, filled in ((0, False), (1, True))
        ]
        return alt.layer(strips, *dots, _title(arm, titles)).properties(width=width, height=width)

    return _beside(
        panel,
        "Points of two classes, rings and discs, over a grey region where the network answers class 1 (the "
        "discs): without bias on the left, with on the right.",
    )


def gates(cells: Data, *, names: tuple[str, ...]) -> Chart:
    """Sixteen squares of four cells, filled where a gate answers 1, and where that is out of reach without bias.

    `cells`: frame of gate, x1, x2, answer, side; the answer is 0 or 1; the side is "with bias" in a gate within reach,
    "without bias" in the cell that cannot be right, and "rest" in the others beside it. `names`: in their order.
    """
    side = 62  # of a square, in pixels: four of them stand beside each other on a phone
    axis = alt.Axis(labelFontSize=12, labelAngle=0, ticks=False, domain=False, grid=False)
    filled = (
        alt.Chart()
        .mark_rect()
        .encode(
            x=alt.X("x1:O", title="x₁", axis=axis),
            y=alt.Y("x2:O", title="x₂", sort="descending", axis=axis),
            color=colour("side"),
            fillOpacity=alt.condition("datum.answer", alt.value(1), alt.value(0.16)),
        )
    )
    head = alt.Header(
        labelFontSize=12, labelAnchor="start", labelFontWeight=600, labelExpr="replace(datum.label, ' and', ',')"
    )
    squares = panels(
        alt.layer(filled, data=cells).properties(width=side, height=side),
        facet=alt.Facet("gate:N", sort=list(names), title=None, header=head),
        columns=4,
        description="The sixteen gates of two inputs as squares of four cells, filled where the answer is 1: "
        "green where a network without bias can be the gate; grey where not, with an orange corner at (0, 0).",
    )
    # the names may be wider than their squares
    return squares.properties(bounds="flush", spacing={"row": 30, "column": 12})


def _only(arm: str, rows: Data) -> alt.Chart:
    chart: alt.Chart = alt.Chart(rows).transform_filter(f"datum.arm == '{arm}'")
    return chart


def _title(arm: str, titles: Data) -> alt.Chart:
    """A panel's title, in the colour of its arm."""
    text = _only(arm, titles).mark_text(align="left", baseline="bottom", fontSize=12, fontWeight=600)
    chart: alt.Chart = text.encode(x=alt.value(0), y=alt.value(-6), text="label:N", color=colour("arm"))
    return chart


def _left_axis(arm: str, title: str, scale: alt.Scale, ticks: int) -> alt.Y:
    """The place on y: with its numbers on the left panel alone, and a grid on both."""
    if arm == WITHOUT:
        return alt.Y("y:Q", title=title, scale=scale, axis=alt.Axis(tickCount=ticks))
    bare = alt.Axis(tickCount=ticks, labels=False, ticks=False, domain=False)
    return alt.Y("y:Q", title=None, scale=scale, axis=bare)


def _beside(panel: Callable[[str], Chart], description: str) -> Chart:
    """Both arms side by side. Not a facet: it would draw its axes anew at each step of a slider."""
    # flush: on a phone a title is longer than its panel, and would push the other one out of the page
    chart: Chart = alt.hconcat(panel(WITHOUT), panel(WITH), spacing=GAP, bounds="flush").properties(
        usermeta={"embedOptions": {"padding": 0}}, description=description
    )
    return chart
