"""The layers of a network in the order in which they run, each in the row of its verdict."""

import altair as alt

from ..arms import WITH, WITHOUT
from .encodings import Chart, Data, colour, row_axis
from .palette import DATA, GREY

SIDES = {"in use": WITH, "redundant": WITHOUT, "no bias": DATA}
"""Verdict -> the colour of its marks; the others take that of the rest."""
VERDICT_ROW, LAYER_ROW = 26, 22  # pixels


def verdict_strip(rows: Data, *, verdicts: tuple[str, ...]) -> Chart:
    """One mark a layer, from the first at the left to the last at the right.

    `rows`: frame of layer, kind, order, verdict, side; the order counts from 1; the side is that of the verdict in
    `SIDES`, or "rest". `verdicts`: from the top row to the lowest.
    """
    order = alt.X(
        "order:Q", title="layers, from the first to the last", axis=alt.Axis(tickMinStep=1, format="d", grid=False)
    )
    verdict = alt.Y(
        "verdict:N", title="bias", sort=list(verdicts), scale=alt.Scale(domain=list(verdicts)), axis=row_axis(grid=True)
    )
    base = alt.Chart(rows).encode(x=order, y=verdict, tooltip=["layer:N", "kind:N", "verdict:N"])
    marks = base.mark_tick(thickness=4, size=18, cornerRadius=1).encode(color=colour("side"))
    line = base.mark_rule(color=GREY, opacity=0)  # keeps rows without a layer in the chart's height
    return alt.layer(line, marks).properties(
        height=VERDICT_ROW * len(verdicts),
        description="A mark for every layer, from the first to the last, in the row of its verdict: redundant, in use, "
        "depends, cannot see, or no bias.",
    )


def bias_bins(bins: Data, *, layers: tuple[str, ...], title: str) -> Chart:
    """A strip per layer: the stronger its colour, the more of the layer's biases lie in that bin.

    `bins`: frame of layer, low, high, share, side; the ends of a bin, its share of the fullest bin of its layer (0 to
    1), and "with bias". `layers`: from the top row to the lowest.
    """
    x = alt.X("low:Q", title=title, axis=alt.Axis(tickCount=5, grid=False))
    y = alt.Y("layer:N", title="layer", sort=list(layers), axis=row_axis(labelLimit=140))
    base = alt.Chart(bins).encode(y=y)
    bars = base.mark_bar(height=LAYER_ROW - 6).encode(
        x=x,
        x2="high:Q",
        color=colour("side"),
        opacity=alt.Opacity("share:Q", title="share", scale=alt.Scale(domain=[0, 1], range=[0.15, 1]), legend=None),
        tooltip=["layer:N", alt.Tooltip("low:Q", title="from"), alt.Tooltip("high:Q", title="to"), "share:Q"],
    )
    zero = base.mark_rule(color=GREY, strokeWidth=1).encode(x=alt.datum(0))
    return alt.layer(bars, zero).properties(
        height=LAYER_ROW * len(layers),
        description="A row per layer: where its biases lie, darker where more of them do, on one scale around zero.",
    )
