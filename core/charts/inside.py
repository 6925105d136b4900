"""A sum as steps: what each part adds, from 0 to the total."""

import altair as alt

from ..arms import WITH, WITHOUT
from .encodings import Chart, Data, colour, panel_heads, panels, row_axis
from .palette import GREY

ROW = 24  # pixels a step


def waterfall(steps: Data, *, layers: tuple[str, ...], width: int, title: str) -> Chart:
    """One row per step, each beginning where the one above it ends; a panel per network, side by side, on one scale.

    `steps`: frame of network, layer, share, start, end, source, reach; the network is "with bias" or "without bias";
    the source of a step is "data", "with bias" (a bias) or "rest" (the total, which begins at 0); reach lies on the
    axis too, so that it stands still while a slider is dragged. `layers`: from the top row to the lowest. `width`: of
    each panel, in pixels.
    """
    rows = row_axis(title_above=6, labelFontSize=12, labelPadding=8, minExtent=62)
    y = alt.Y("layer:N", title="part", sort=list(layers), axis=rows)
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
    return panels(
        alt.layer(bars, zero, numbers, held, data=steps).properties(width=width, height=ROW * len(layers)),
        column=alt.Column("network:N", sort=[WITHOUT, WITH], title=None, header=panel_heads()),
        description="Steps from 0 to the total, one row each: what the picture adds, what each bias adds, and the "
        "total in grey, without bias and with.",
    )
