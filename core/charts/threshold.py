"""Charts of one unit: its curve and its twin's, and the histogram of pre-activations by fate."""

import altair as alt

from ..arms import WITH
from .encodings import Chart, Data, Side, arm_lines, bin_words, colour, line_legend
from .palette import DASH, ORDER

_SIDES: tuple[tuple[str, Side, int], ...] = (("true", "right", 2), ("false", "left", -2))

FATES = ("only with b", "stopped by b", "passes in both", "stopped in both")


def unit_curves(curves: Data, thresholds: Data, *, y_low: float, y_high: float) -> Chart:
    """A unit's output over its input, with and without bias, the threshold of each marked and named.

    `curves`: frame of x, arm, output. `thresholds`: frame of arm, x, label.
    """
    x = alt.X("x:Q", title="input x", scale=alt.Scale(domain=[-4, 4], nice=False), axis=alt.Axis(tickCount=9))
    y = alt.Y("output:Q", title="output", scale=alt.Scale(domain=[y_low, y_high], nice=False))
    lines = arm_lines(alt.Chart(curves).encode(x=x, y=y), line_legend(), strokeWidth=3, clip=True)
    return alt.layer(
        lines, *_named_rules(thresholds, "x", x, low=-4, high=4, text="label", legend=line_legend())
    ).properties(
        height=380,
        description="Output of one unit against its input, with bias as a solid line and without as a dashed line; "
        "a vertical rule marks the threshold of each.",
    )


def fate_histogram(bars: Data, cuts: Data, *, counted: str, low: float, high: float, root: bool = False) -> Chart:
    """How many pre-activations fall where, coloured by what the bias does to them.

    `bars`: frame of start, end, fate, order, count. `cuts`: frame of arm, z; both thresholds on the axis of
    pre-activations. `counted`: what is counted: "inputs", "pixels". `low`, `high`: ends of the axis of pre-activations,
    the same for every bias. `root`: whether counts stand on a square-root scale.
    """
    x = alt.X(
        "start:Q",
        title="sum of products, before the bias",
        scale=alt.Scale(domain=[low, high], nice=False),
        axis=alt.Axis(grid=False),
    )
    columns = (
        alt.Chart(bars)
        .transform_stack(
            stack="count", groupby=["start"], sort=[alt.SortField("order")], as_=["beneath", "top"], offset="zero"
        )
        .mark_bar(clip=True, binSpacing=0.5)
        .encode(
            x=x,
            x2="end:Q",
            y=alt.Y(
                "beneath:Q",
                title=f"{counted} (square-root scale)" if root else counted,
                scale=alt.Scale(type="sqrt" if root else "linear"),
                axis=alt.Axis(tickCount=4),
            ),
            y2="top:Q",
            color=alt.Color(
                "fate:N",
                title=None,
                scale=alt.Scale(domain=list(FATES)),
                legend=alt.Legend(orient="top", symbolType="square", columns=2, offset=30),
            ),
            tooltip=bin_words("fate", counted, 3),
        )
    )
    z = alt.X("z:Q", scale=alt.Scale(domain=[low, high], nice=False))
    return alt.layer(columns, *_named_rules(cuts, "z", z, low=low, high=high, text="arm")).properties(
        height=313,
        description=f"Histogram of the sums of products of all {counted}, coloured by what the bias does to them; "
        "vertical rules mark the threshold with bias, at minus b, and without, at 0.",
    )


def _named_rules(
    data: Data, field: str, x: alt.X, *, low: float, high: float, text: str, legend: alt.Legend | None = None
) -> list[alt.Chart]:
    """A rule at each arm's threshold, dashed without bias, with its name above it, on two heights."""
    near, far = (low * 3 + high) / 4, (low + high * 3) / 4
    inside = (
        alt.Chart(data)
        .transform_filter(f"datum.{field} >= {low} && datum.{field} <= {high}")
        .transform_joinaggregate(leftmost=f"min({field})", rightmost=f"max({field})")
        .transform_calculate(
            left=f"datum.{field} > {far} || (datum.{field} > {near} && datum.{field} == datum.leftmost"
            f" && (datum.leftmost < datum.rightmost || datum.arm == '{WITH}'))"
        )
    )
    stroke = colour("arm", legend) if legend else alt.Stroke("arm:N", scale=alt.Scale(domain=list(ORDER)), legend=None)
    rules = [
        inside.transform_filter(f"datum.arm == '{arm}'").mark_rule(strokeWidth=2, strokeDash=dash).encode(x, stroke)
        for arm, dash in DASH.items()
    ]
    fill = colour("arm", legend) if legend else alt.Fill("arm:N", scale=alt.Scale(domain=list(ORDER)), legend=None)
    labels = [
        inside.transform_filter(f"datum.arm == '{arm}' && datum.left == {left}")
        .mark_text(align=align, dx=dx, y=y, fontSize=12, fontWeight=600)
        .encode(x, fill, text=f"{text}:N")
        for arm, y in zip(DASH, (-20, -7), strict=True)
        for left, align, dx in _SIDES
    ]
    return rules + labels
