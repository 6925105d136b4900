"""How the biases of each layer of a trained network are spread, one row a layer, on one scale."""

import altair as alt

from core.charts.encodings import Chart, Data, colour
from core.charts.palette import GREY

ROW = 22  # pixels a layer


def bias_bins(bins: Data, *, layers: tuple[str, ...], title: str) -> Chart:
    """A strip per layer: the stronger its colour, the more of the layer's biases lie in that bin.

    Parameters
    ----------
    bins : frame of layer, low, high, share, side
        The ends of a bin, its share of the fullest bin of its layer (0 to 1), and "with bias".
    layers : tuple of str
        From the top row to the lowest.
    title : str
        Of the axis, with the unit.
    """
    x = alt.X("low:Q", title=title, axis=alt.Axis(tickCount=5, grid=False))
    y = alt.Y(
        "layer:N",
        title="layer",
        sort=list(layers),
        axis=alt.Axis(
            ticks=False, domain=False, labelLimit=140, titleAngle=0, titleAlign="right", titleX=-8, titleY=-8
        ),
    )
    base = alt.Chart(bins).encode(y=y)
    bars = base.mark_bar(height=ROW - 6).encode(
        x=x,
        x2="high:Q",
        color=colour("side"),
        opacity=alt.Opacity("share:Q", title="share", scale=alt.Scale(domain=[0, 1], range=[0.15, 1]), legend=None),
        tooltip=["layer:N", alt.Tooltip("low:Q", title="from"), alt.Tooltip("high:Q", title="to"), "share:Q"],
    )
    zero = base.mark_rule(color=GREY, strokeWidth=1).encode(x=alt.datum(0))
    return alt.layer(bars, zero).properties(
        height=ROW * len(layers),
        description="A row per layer: where its biases lie, darker where more of them do, on one scale around zero.",
    )
