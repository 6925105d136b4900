"""Charts of a bias before a norm: one channel's values at one stage, with and without b, and what b changes in all."""

import altair as alt

from .encodings import Chart, Data, arm_lines, bin_words, colour, line_legend, painted, row_axis
from .palette import DATA, GREY

WORDS = 90  # pixels that a verdict takes


def stage_histogram(bars: Data, *, title: str) -> Chart:
    """How often each value of the first channel is met, with bias and without.

    `bars`: frame of start, end, count, arm.
    """
    base = alt.Chart(bars).encode(
        x=alt.X("start:Q", title=title, scale=alt.Scale(domain=[-8, 8], nice=False), axis=alt.Axis(tickCount=9)),
        y=alt.Y("count:Q", title="values", axis=alt.Axis(tickCount=4)),
        tooltip=bin_words("arm", "values", 2),
    )
    lines = arm_lines(base, line_legend(), strokeWidth=2.5, interpolate="step-after", clip=True)
    return alt.layer(lines).properties(
        height=270,
        description=f"Histogram of the values of channel 1, {title}: "
        "a solid line with the bias, a dashed line without it.",
    )


def output_changes(rows: Data, *, titles: tuple[str, ...]) -> Chart:
    """The largest change that b makes in an output, one bar a norm, with the verdict beside it.

    `rows`: frame of title, change, verdict. `titles`: the norms from top to bottom, as `title` names them.
    """
    y = alt.Y("title:N", title="norm", sort=list(titles), axis=row_axis(labelLimit=260))
    x = alt.X("change:Q", title="largest change of an output", axis=alt.Axis(tickCount=5, grid=False))
    base = painted(rows, DATA)
    bars = base.mark_bar(clip=True, height=12).encode(
        x=x,
        y=y,
        color=colour("ground"),
        tooltip=[
            alt.Tooltip("title:N", title="norm"),
            alt.Tooltip("change:Q", title="largest change", format=".3g"),
            alt.Tooltip("verdict:N"),
        ],
    )
    words = base.mark_text(align="left", dx=6, fontSize=12, color=GREY).encode(x=x, y=y, text="verdict:N")
    room = (  # for the words behind the longest bar
        base.transform_joinaggregate(most="max(change)")
        .transform_calculate(held=f"datum.most * width / max(width - {WORDS}, 1)")
        .mark_point(opacity=0)
        .encode(x="held:Q", y=y)
    )
    return alt.layer(bars, words, room).properties(
        height=26 * len(titles) + 77,
        description="The largest change that the bias makes in any output of each norm, as bars; "
        "the norms that cancel it have none.",
    )
