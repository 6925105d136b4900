"""A sum as steps: what each part adds, from 0 to the total."""

import altair as alt

from .encodings import Chart, Data, colour
from .palette import GAP, GREY

ROW = 24  # pixels a step
SIDES = ("with bias", "without bias")


def waterfall(steps: Data, *, layers: tuple[str, ...], width: int, title: str) -> Chart:
    """One row per step, each beginning where the one above it ends; a panel per network, side by side, on one scale.

    Parameters
    ----------
    steps : frame of network, layer, share, start, end, source, reach
        The network is "with bias" or "without bias"; the source of a step is "data", "with bias" (a bias) or "rest"
        (the total, which begins at 0); reach lies on the axis too, so that it stands still while a slider is dragged.
    layers : tuple of str
        From the top row to the lowest.
    width : int
        Of each panel, in pixels.
    title : str
        Of the axis.
    """
    y = alt.Y(
        "layer:N",
        title="part",
        sort=list(layers),
        axis=alt.Axis(
            ticks=False,
            domain=False,
            labelFontSize=12,
            labelPadding=8,
            minExtent=62,
            titleAngle=0,
            titleAlign="right",
            titleX=-8,
            titleY=-6,
        ),
    )
    axis = alt.Axis(tickCount=4, grid=False)
    base = alt.Chart().encode(y=y)
    bars = base.mark_bar(height=13).encode(
        x=alt.X("start:Q", title=title, axis=axis), x2="end:Q", color=colour("source")
    )
    zero = alt.Chart().mark_rule(color=GREY, strokeWidth=1).encode(x=alt.datum(0))
    places = base.transform_calculate(right="max(datum.start, datum.end)")
    numbers = places.mark_text(align="left", dx=4, fontSize=12, color=GREY).encode(
        x="right:Q", text=alt.Text("share:Q", format="+.3~r")
    )
    held = alt.Chart().mark_point(opacity=0).encode(x="reach:Q")
    chart: Chart = (
        alt.layer(bars, zero, numbers, held, data=steps)
        .properties(width=width, height=ROW * len(layers))
        .facet(column=alt.Column("network:N", sort=list(SIDES), title=None, header=_header()))
        .properties(
            usermeta={"embedOptions": {"padding": 0}},
            description="Steps from 0 to the total, one row each: what the picture adds, what each bias adds, and the "
            "total in grey, with bias and without.",
        )
        .configure_view(stroke=None)
        .configure_facet(spacing=GAP)
    )
    return chart


def _header() -> alt.Header:
    return alt.Header(labelFontSize=13, labelAnchor="start", labelFontWeight=600)
