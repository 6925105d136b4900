"""Charts of a line with intercept and its twin without: the fit, the residuals, and where dropping it is right."""

import altair as alt

from ..arms import WITH, WITHOUT
from .encodings import Chart, Data, Side, arm_bands, arm_lines, colour, line_legend, painted
from .palette import DASH, DATA, GREY, REST

Ends = tuple[float, float]
_SIDES: tuple[tuple[str, Side, int], ...] = (("true", "right", -5), ("false", "left", 5))


def fitted_lines(
    points: Data, lines: Data, intercept: Data, legend: Data, *, x_title: str, y_title: str, x: Ends, y: Ends
) -> Chart:
    """Data, both fitted lines with their 95% bands, and the intercept as a segment on the line x = 0.

    `points`: frame of x, y. `lines`: frame of arm, x, y, low, high. `intercept`: frame of x, y, y2, label; one row: the
    segment from 0 to the intercept, at x = 0. `legend`: frame of arm, label; what stands beside each arm's mark on top
    of the chart. `x`, `y`: ends of the axes.
    """
    across = alt.X("x:Q", title=x_title, scale=alt.Scale(domain=list(x), nice=False), axis=alt.Axis(tickCount=8))
    down = alt.Y("y:Q", title=y_title, scale=alt.Scale(domain=list(y), nice=False))
    base = alt.Chart(lines).encode(x=across)
    band = arm_bands(base, alt.Y("low:Q", title=y_title), "high:Q", clip=True)
    line = arm_lines(base.encode(y=down), strokeWidth=2.5, clip=True)
    dots = (
        painted(points, DATA)
        .mark_point(filled=True, size=34, opacity=0.75, clip=True)
        .encode(x=across, y=down, color=colour("ground"), tooltip=[alt.Tooltip("x:Q"), alt.Tooltip("y:Q")])
    )
    axis = alt.Chart(intercept).mark_rule(color=GREY, strokeWidth=1).encode(x=across)
    here = painted(intercept, WITH).encode(x=across, color=colour("ground"))
    segment = here.mark_rule(strokeWidth=6, clip=True).encode(y=down, y2="y2:Q")
    name = here.mark_text(align="left", dx=7, dy=-9, fontSize=12, fontWeight=600)
    name = name.encode(y=alt.value("height"), text="label:N")
    return alt.layer(axis, band, line, dots, segment, name, *_line_names(legend)).properties(
        height=433,
        description="Scatter plot of the data with the line fitted with intercept, solid, and without, dashed and "
        "through the origin; a thick segment at x = 0 is the intercept.",
    )


def residuals(points: Data, *, x_title: str, x: Ends) -> Chart:
    """What each line leaves over, against x.

    `points`: frame of arm, x, residual.
    """
    across = alt.X("x:Q", title=x_title, scale=alt.Scale(domain=list(x), nice=False), axis=alt.Axis(tickCount=8))
    legend = alt.Legend(orient="top", values=[WITH, WITHOUT])
    zero = alt.Chart(points).transform_aggregate(rows="count()").mark_rule(color=GREY).encode(y=alt.datum(0))
    dots = (
        alt.Chart(points)
        .mark_point(filled=True, size=42, opacity=0.8)
        .encode(
            x=across,
            y=alt.Y("residual:Q", title="data minus line"),
            color=colour("arm", legend),
            shape=alt.Shape(
                "arm:N",
                title=None,
                scale=alt.Scale(domain=[WITH, WITHOUT], range=["circle", "triangle-up"]),
                legend=legend,
            ),
            tooltip=[alt.Tooltip("arm:N"), alt.Tooltip("x:Q"), alt.Tooltip("residual:Q", format=".4g")],
        )
    )
    return alt.layer(zero, dots).properties(
        height=294,
        description="Residuals of both lines against x: round with intercept, triangles without, around the zero line.",
    )


def origin_curve(curve: Data, marks: Data, *, reach: float) -> Chart:
    """The expected out-of-sample error of both lines against the true intercept, with their crossing marked.

    `curve`: frame of intercept, arm, mse, low, high. `marks`: frame of intercept, kind, label; named places on the
    axis: kind "rest" for the crossing, "data" for the present setting. `reach`: the largest intercept on the axis.
    """
    across = alt.X(
        "intercept:Q",
        title="true intercept (size)",
        scale=alt.Scale(domain=[0, reach], nice=False),
        axis=alt.Axis(tickCount=8),
    )
    error, low = (
        alt.Y(f"{field}:Q", title="mean squared error on new data", scale=alt.Scale(zero=False))
        for field in ("mse", "low")
    )
    base = alt.Chart(curve).encode(x=across)
    band = arm_bands(base, low, "high:Q", line_legend(), opacity=0.18)
    line = arm_lines(base.encode(y=error), line_legend(), strokeWidth=2.5)
    rules = []
    for kind, y, dy, dash in ((REST, 0, -8, [2, 2]), (DATA, "height", -9, [1, 0])):
        here = alt.Chart(marks).transform_filter(f"datum.kind == '{kind}'")
        rules += [here.mark_rule(strokeWidth=1.5, strokeDash=dash, color=GREY).encode(x=across)]
        rules += [
            here.transform_filter(f"(datum.intercept > {0.7 * reach}) == {late}")
            .mark_text(align=align, dx=dx, dy=dy, fontSize=12, color=GREY)
            .encode(x=across, y=alt.value(y), text="label:N")
            for late, align, dx in _SIDES
        ]
    return alt.layer(band, *rules, line).properties(
        height=370,
        description="Expected squared error on new data against the true intercept: with bias flat, without bias "
        "rising; a rule marks where they cross.",
    )


def _line_names(legend: Data) -> list[alt.Chart]:
    """A legend whose words are data: a piece of each arm's line and its label, above the plot."""
    rows = []
    for arm, y in ((WITH, -30), (WITHOUT, -12)):
        mine = alt.Chart(legend).transform_filter(f"datum.arm == '{arm}'")
        rows += [
            mine.mark_rule(strokeWidth=3, strokeDash=DASH[arm]).encode(
                x=alt.value(-40), x2=alt.value(-14), y=alt.value(y), color=colour("arm")
            ),
            mine.mark_text(align="left", baseline="middle", fontSize=13).encode(
                x=alt.value(-6), y=alt.value(y), text="label:N", color=colour("arm")
            ),
        ]
    return rows
