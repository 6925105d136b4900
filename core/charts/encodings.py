"""What charts share: types, and the colour and the dash of each arm as Altair takes them."""

from typing import Literal

import altair as alt
import pandas as pd

from .palette import DARK, DASH, LIGHT, ORDER

Side = Literal["left", "right"]
Data = alt.NamedData | pd.DataFrame
"""A tidy frame, or the name under which one will be given."""
Chart = alt.LayerChart | alt.FacetChart | alt.HConcatChart


def colour(field: str, legend: alt.Legend | None = None) -> alt.Color:
    """The colour of a field that holds names of `ORDER`; all are in the domain, so each takes its own colour."""
    return alt.Color(f"{field}:N", title=None, scale=alt.Scale(domain=list(ORDER)), legend=legend)


def arm_dash(legend: alt.Legend | None = None) -> alt.StrokeDash:
    """The dash of field `arm`: solid with bias, dashed without."""
    scale = alt.Scale(domain=list(DASH), range=list(DASH.values()))
    return alt.StrokeDash("arm:N", title=None, scale=scale, legend=legend)


def line_legend(*names: str, columns: int = 0) -> alt.Legend:
    """A legend above the chart whose symbols are pieces of line; of both arms, where no other names are given.

    It is one row, unless it has columns.
    """
    return alt.Legend(
        orient="top",
        offset=30,
        columns=columns,
        symbolType="stroke",
        symbolStrokeWidth=3,
        symbolSize=300,
        symbolOpacity=1,
        labelLimit=400,
        values=list(names or DASH),
    )


def dressed(chart: alt.TopLevelMixin, *, dark: bool = False) -> alt.TopLevelMixin:
    """A chart with the palette written into it, for use outside Streamlit."""
    ground = "#0F1412" if dark else "#FFFFFF"
    return chart.configure_range(category=list(DARK if dark else LIGHT)).properties(background=ground)  # type: ignore[no-any-return]
