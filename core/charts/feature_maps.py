"""What stands around feature maps: their colour scales, the products at one pixel, and many maps as one picture.

A map is an image, not a grid of marks: `palette.picture_url` turns an array into a PNG. Pages show it through
pages/shared/live_maps, because Vega drops a picture for a frame or more whenever its data change.
"""

import math
from typing import Literal

import altair as alt
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..format import say
from .encodings import Chart, Data, panels
from .palette import GREY, Ramp, picture_url


def colour_bars(bars: Data, *, width: int) -> Chart:
    """The colour scales of the maps, side by side, each with the values of its ends.

    `bars`: frame of panel, title, url, low, high; one row a scale; low and high are text. `width`: of each bar, in
    pixels.
    """
    base = alt.Chart()
    bar = base.mark_image(width=width, height=10, align="left", baseline="top", aspect=False).encode(
        x=alt.value(0), y=alt.value(18), url="url:N"
    )
    title = base.mark_text(align="left", baseline="bottom", fontSize=12, color=GREY).encode(
        x=alt.value(0), y=alt.value(13), text="title:N"
    )
    places: tuple[tuple[str, Literal["left", "right"], int], ...] = (("low", "left", 0), ("high", "right", width))
    ends = [
        base.mark_text(align=align, baseline="top", fontSize=12, color=GREY).encode(
            x=alt.value(x), y=alt.value(32), text=f"{field}:N"
        )
        for field, align, x in places
    ]
    return panels(
        alt.layer(bar, title, *ends, data=bars).properties(width=width, height=46),
        column=alt.Column("panel:O", title=None, header=_no_header()),
        description="The colour scale of each map, with the values of its ends.",
        embed={"renderer": "svg"},
    )


def _no_header() -> alt.Header:
    """The header of panels that carry none; Vega-Lite keeps the room of labels that are merely switched off."""
    return alt.Header(labels=False, labelExpr="''", labelPadding=0, labelFontSize=1)


def bar_frame(*bars: tuple[str, Ramp, float, float, bool]) -> pd.DataFrame:
    """The frame that `colour_bars` draws.

    `bars`: (title, ramp, low, high, reached); what the scale is for, and the values of its two ends. The high end
    stands for all beyond it too, and so does the low end, unless it is `reached`: the least value that there can be.
    """
    strip = np.linspace(0, 1, 256)[None, :]
    rows = [
        (panel, title, picture_url(strip, 0, 1, ramp), f"{'' if reached else '≤ '}{say(low)}", f"≥ {say(high)}")
        for panel, (title, ramp, low, high, reached) in enumerate(bars)
    ]
    return pd.DataFrame(rows, columns=["panel", "title", "url", "low", "high"])


Shape = tuple[int, int]


def mosaic(maps: NDArray[np.floating], across: int) -> NDArray[np.floating]:
    """Maps (n, height, width) as one array, `across` in a row; NaN, which is drawn as nothing, in the gaps.

    Examples
    --------
    >>> mosaic(np.array([[[1.0]], [[2.0]], [[3.0]]]), 2).tolist()
    [[1.0, nan, 2.0], [nan, nan, nan], [3.0, nan, nan]]
    """
    n, height, width = maps.shape
    down = math.ceil(n / across)
    cells = np.full((down * across, height + 1, width + 1), np.nan)
    cells[:n, :height, :width] = maps
    rows = cells.reshape(down, across, height + 1, width + 1).transpose(0, 2, 1, 3)
    return rows.reshape(down * (height + 1), across * (width + 1))[:-1, :-1]


def place_of(number: int, row: int, column: int, shape: Shape, across: int) -> Shape:
    """Where pixel (row, column) of map `number`, of maps of this shape, stands in the mosaic."""
    height, width = shape
    return number // across * (height + 1) + row, number % across * (width + 1) + column


def map_at(place: Shape, shape: Shape, across: int, n: int) -> tuple[int, int, int]:
    """The map and its pixel (number, row, column) at a place of the mosaic; a gap belongs to the map before it.

    Examples
    --------
    >>> map_at((6, 5), (4, 4), 2, 4), map_at((4, 4), (4, 4), 2, 4)
    ((3, 1, 0), (0, 3, 3))
    """
    (down, row), (right, column) = (divmod(at, side + 1) for at, side in zip(place, shape, strict=True))
    return min(down * across + right, n - 1), min(row, shape[0] - 1), min(column, shape[1] - 1)
