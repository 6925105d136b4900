"""Charts of a small network beside its twin: with bias on the left, without on the right, on the same axes."""

from typing import Any

import altair as alt

from core.charts.palette import DATA, ORDER, REST, Chart, Data, arm_dash, colour

GAP = 16
"""Pixels between the two panels."""
SQUARE: dict[str, Any] = {"scale": alt.Scale(domain=[-3, 3], nice=False), "axis": alt.Axis(tickCount=7)}


def fitted_curves(marks: Data, *, width: int, y_low: float, y_high: float) -> Chart:
    """The points, the curve of each twin, and a tick on the axis where each hidden unit switches.

    Parameters
    ----------
    marks : frame of arm, kind, x, y, label
        Kinds: "point", "curve", "kink" and "title".
    width : int
        Of each panel, in pixels.
    y_low, y_high : float
        Ends of the axis of y.
    """
    height = 260
    x = alt.X("x:Q", title="input x", **SQUARE)
    y = alt.Y("y:Q", title="y", scale=alt.Scale(domain=[y_low, y_high], nice=False), axis=alt.Axis(tickCount=5))
    points = _only("point", DATA).mark_circle(size=14, opacity=0.45).encode(x=x, y=y, color=colour("ground"))
    curves = (
        _only("curve")
        .mark_line(strokeWidth=3, clip=True)
        .encode(x=x, y=y, color=colour("arm"), strokeDash=arm_dash(), order=alt.Order("x:Q"))
    )
    kinks = (
        _only("kink")
        .mark_tick(orient="vertical", size=12, thickness=1.5, opacity=0.8)
        .encode(x=x, y=alt.value(height - 6), color=colour("arm"))
    )
    return _panels(
        [points, curves, kinks, _title()],
        marks,
        width=width,
        height=height,
        description="The points and the fitted curve, with bias on the left, a solid line, and without on the right, "
        "a dashed line; ticks on the axis mark where each hidden unit switches.",
    )


def decision_regions(marks: Data, *, width: int) -> Chart:
    """The points of two classes over the region where each twin answers class 1.

    Parameters
    ----------
    marks : frame of arm, kind, x, x2, y, y2, label
        Kinds: "region", "class 0", "class 1" and "title".
    width : int
        Of each panel, in pixels; it is as high.
    """
    x, y = alt.X("x:Q", title="input 1", **SQUARE), alt.Y("y:Q", title="input 2", **SQUARE)
    region = (
        _only("region", REST).mark_rect(strokeWidth=0).encode(x=x, x2="x2:Q", y=y, y2="y2:Q", color=colour("ground"))
    )
    dots = [
        _only(kind, DATA)
        .mark_point(size=24, filled=filled, strokeWidth=1.5, opacity=1, clip=True)
        .encode(x=x, y=y, color=colour("ground"))
        for kind, filled in (("class 0", False), ("class 1", True))
    ]
    return _panels(
        [region, *dots, _title()],
        marks,
        width=width,
        height=width,
        description="Points of two classes, rings and discs, over a grey region where the network answers class 1 (the "
        "discs): with bias on the left, without on the right.",
    )


def _only(kind: str, ground: str = "") -> alt.Chart:
    """The rows of one kind, with a colour of the palette for all of them where one is named."""
    rows = alt.Chart().transform_filter(f"datum.kind == '{kind}'")
    chosen: alt.Chart = rows.transform_calculate(ground=f"'{ground}'") if ground else rows
    return chosen


def _title() -> alt.Chart:
    """Each panel's title, in the colour of its arm."""
    text = _only("title").mark_text(align="left", baseline="bottom", fontSize=13, fontWeight=600)
    titles: alt.Chart = text.encode(x=alt.value(0), y=alt.value(-6), text="label:N", color=colour("arm"))
    return titles


def _panels(layers: list[alt.Chart], marks: Data, *, width: int, height: int, description: str) -> Chart:
    """The same layers for both arms, side by side."""
    header = alt.Header(labels=False, labelExpr="''", labelPadding=0, labelFontSize=1)
    chart: Chart = (
        alt.layer(*layers, data=marks)
        .properties(width=width, height=height)
        .facet(column=alt.Column("arm:N", title=None, sort=list(ORDER[:2]), header=header))
        .properties(usermeta={"embedOptions": {"padding": 0}}, description=description)
        .configure_facet(spacing=GAP)
    )
    return chart
