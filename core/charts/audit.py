"""The layers of a network in the order in which they run, each in the row of its verdict."""

import altair as alt

from ..arms import WITH, WITHOUT
from .encodings import Chart, Data, colour, row_axis
from .palette import DATA, GREY, REST, SHAPE

SIDES = {"in use": WITH, "redundant": WITHOUT, "absorbed": DATA}
"""Verdict -> the colour of its layers; the others take that of the rest."""
SHAPES = {"redundant": SHAPE[WITHOUT], "absorbed": "triangle-down", "depends": "cross", "cannot see": "circle"}
"""Verdict -> the mark above its layers, beside the colour; the others have none."""
SIGNS = {"redundant": "◆", "absorbed": "▼", "depends": "✚", "cannot see": "●"}
"""The same marks as the legend writes them."""
STRIP, LAYER_ROW = 44, 22  # pixels


def verdict_strip(rows: Data, *, verdicts: tuple[str, ...]) -> Chart:
    """The network as a strip: a cell a layer, from the first at the left to the last at the right, a mark above some.

    `rows`: frame of layer, kind, order, verdict, side; the order counts from 1; the side is that of the verdict in
    `SIDES`, or "rest". `verdicts`: those that occur, as the legend has them from the left.
    """
    ends = {"start": "datum.order - 0.47", "end": "datum.order + 0.47", "low": "0", "high": "1", "above": "1.35"}
    base = alt.Chart(rows).transform_calculate(**ends).encode(tooltip=["layer:N", "kind:N", "verdict:N"])
    axis = alt.Axis(tickMinStep=1, format="d", grid=False)
    x = alt.X("start:Q", title="layers, from the first to the last", axis=axis, scale=alt.Scale(nice=False, zero=False))
    y = alt.Y("low:Q", axis=None, scale=alt.Scale(domain=[0, 1.6]))
    bare = alt.condition("datum.verdict == 'no bias'", alt.value(0.45), alt.value(1))
    paint = colour("side", _legend(verdicts))
    cells = base.mark_rect().encode(x=x, x2="end:Q", y=y, y2="high:Q", color=paint, opacity=bare)
    marks = [
        base.transform_filter(f"datum.verdict == '{verdict}'")
        .mark_point(filled=True, size=40, shape=shape, opacity=1)
        .encode(x=alt.X("order:Q"), y=alt.Y("above:Q", axis=None), color=paint)
        for verdict, shape in SHAPES.items()
        if verdict in verdicts
    ]
    return alt.layer(cells, *marks).properties(
        height=STRIP + 124,
        description="The network as a strip, a cell for every layer from the first to the last, in the colour of its "
        f"verdict, a mark above some of them: {', '.join(verdicts)}.",
    )


def _legend(verdicts: tuple[str, ...]) -> alt.Legend:
    """The colours that occur, each named by its verdicts."""
    names: dict[str, list[str]] = {}
    for verdict in verdicts:
        names.setdefault(SIDES.get(verdict, REST), []).append(f"{SIGNS.get(verdict, '')} {verdict}".strip())
    words = ", ".join(f"'{side}': '{', '.join(some)}'" for side, some in names.items())
    expression = f"{{{words}}}[datum.label]"
    return alt.Legend(orient="top", values=list(names), labelExpr=expression, symbolType="square", labelLimit=300)


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
        height=LAYER_ROW * len(layers) + 96,
        description="A row per layer: where its biases lie, darker where more of them do, on one scale around zero.",
    )
