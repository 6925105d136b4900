"""What charts share: types, the colour and the dash of each arm as Altair takes them, and the marks made of these.

Each chart is a function of tidy frames, or of `alt.NamedData` in their place. Its height, in pixels, is that of the
whole, with axes and legend, where it is one plot; of each panel, where there are several.
"""

from typing import Any, Literal

import altair as alt
import pandas as pd

from ..arms import DIMMED, WITH
from .palette import DASH, DIMMED_DASH, GAP, ORDER, SHAPE

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
    symbols: dict[str, Any] = {"symbolType": "stroke", "symbolStrokeWidth": 3, "symbolSize": 300, "symbolOpacity": 1}
    return alt.Legend(orient="top", offset=30, columns=columns, labelLimit=400, values=list(names or DASH), **symbols)


def bin_words(named: str, counted: str, digits: int) -> list[alt.Tooltip]:
    """What a bar of a histogram says under the pointer: its name, its count and the ends of its bin."""
    ends = [
        alt.Tooltip(f"{end}:Q", title=word, format=f".{digits}f") for end, word in (("start", "from"), ("end", "to"))
    ]
    return [alt.Tooltip(f"{named}:N"), alt.Tooltip("count:Q", title=counted, format=","), *ends]


def painted(rows: Data, name: str) -> alt.Chart:
    """Rows that all take one colour of the palette: that of their field `ground`, which holds this name."""
    chart: alt.Chart = alt.Chart(rows).transform_calculate(ground=f"'{name}'")
    return chart


def along(field: str, title: str, values: list[float], *, digits: str = "~g", **scale: Any) -> alt.X:
    """An axis across with these numbers on it, such as one of light or contrast."""
    axis = alt.Axis(values=values, format=digits, grid=False)
    return alt.X(f"{field}:Q", title=title, scale=alt.Scale(nice=False, **scale), axis=axis)


def row_axis(*, title_above: int = 8, **more: Any) -> alt.Axis:
    """The names of rows, without lines, under a title that stands at the left above them."""
    bare: dict[str, Any] = {"ticks": False, "domain": False, "titleAngle": 0, "titleAlign": "right", "titleX": -8}
    return alt.Axis(**bare, titleY=-title_above, **more)


def arm_lines(base: alt.Chart, legend: alt.Legend | None = None, **mark: Any) -> alt.Chart:
    """A line for each arm, in its colour and with its dash; the base gives the place."""
    lines: alt.Chart = base.mark_line(**mark).encode(color=colour("arm", legend), strokeDash=arm_dash(legend))
    return lines


def arm_bands(
    base: alt.Chart, low: alt.Y, high: str, legend: alt.Legend | None = None, *, opacity: float = 0.14, **mark: Any
) -> alt.Chart:
    """A band for each arm, from `low` to the field `high`, faint in its colour; the base gives the place across."""
    bands: alt.Chart = base.mark_area(opacity=opacity, **mark).encode(y=low, y2=high, color=colour("arm", legend))
    return bands


def arm_points(base: alt.Chart, size: int) -> list[alt.Chart]:
    """A point in each arm's own shape; layers, since a scale of shapes would make the legend of lines one of points."""
    return [
        base.transform_filter(f"datum.arm == '{arm}'").mark_point(filled=True, size=size, shape=shape, opacity=1)
        for arm, shape in SHAPE.items()
    ]


def dimmed_line(along_it: Data, x: alt.X, y: alt.Y, at: str, legend: alt.Legend | None = None) -> list[alt.Chart]:
    """The curve of the first twin with its biases dimmed along: its colour, dotted, named where field `at` is least."""
    base = alt.Chart(along_it).transform_calculate(arm=f"'{WITH}'", label=f"'{DIMMED}'")
    base = base.encode(x=x, y=y, color=colour("arm", legend or line_legend()))
    least = base.transform_joinaggregate(least=f"min({at})").transform_filter(f"datum.{at} == datum.least")
    name = least.mark_text(align="left", dx=4, dy=-9, fontSize=12).encode(text="label:N")
    return [base.mark_line(strokeDash=DIMMED_DASH, strokeWidth=2.5), name]


def panels(chart: alt.LayerChart | alt.FacetChart, *, description: str, **facets: Any) -> alt.FacetChart:
    """A panel for each value of a field, side by side or below each other, without frames around them."""
    faceted: alt.FacetChart = (
        chart.facet(**facets)
        .properties(usermeta={"embedOptions": {"padding": 0}}, description=description)
        .configure_view(stroke=None)
        .configure_facet(spacing=GAP)
    )
    return faceted


def panel_heads() -> alt.Header:
    """The names of panels, at their left edge."""
    return alt.Header(labelFontSize=13, labelAnchor="start", labelFontWeight=600)
