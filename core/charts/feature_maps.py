"""What stands around feature maps: their colour scales, the products at one pixel, and many maps as one picture.

A map is an image, not a grid of marks: `palette.picture_url` turns an array into a PNG. Pages show it through
pages/shared/live_maps, because Vega drops a picture for a frame or more whenever its data change.
"""

import math
from collections.abc import Sequence
from typing import Literal

import altair as alt
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..format import say
from .encodings import Chart, Data, panel_heads, panels
from .palette import GREY, Ramp, picture_url

CHANNELS = ("red", "green", "blue")


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


GRIDS = {"kernel": "kernel", "patch": "× patch", "product": "= products"}


def ledger_grids(cells: Data, *, side: int, size: int, n_channels: int, names: tuple[str, ...] = CHANNELS) -> Chart:
    """The products at one pixel as grids: kernel, times patch, gives products; one row a channel.

    `cells`: frame of grid, channel, kernel_row, kernel_column, value; as `grid_frame` gives it. `side`, `size`: of the
    kernel, in cells, and of one grid on the screen, in pixels. `names`: what the channels are called, from the top row
    to the lowest.
    """
    base = alt.Chart().encode(
        x=alt.X("kernel_column:O", axis=None, scale=alt.Scale(paddingInner=0.05)),
        y=alt.Y("kernel_row:O", axis=None, scale=alt.Scale(paddingInner=0.05)),
    )
    scale = alt.Scale(domainMid=0, range=["#9db9e6", "#f4f4f2", "#efb3ab"], interpolate="lab")
    squares = base.mark_rect().encode(color=alt.Color("value:Q", scale=scale, legend=None))
    numbers = base.mark_text(fontSize=min(13, size // side // 3), color="#16201c").encode(
        text=alt.Text("value:Q", format=".3~f")
    )
    named = alt.Header(labelFontSize=12) if n_channels > 1 else _no_header()
    height = size * 0.72 if n_channels == 1 else size * 0.5
    return panels(
        alt.layer(squares, numbers, data=cells).properties(width=size, height=height),
        column=alt.Column("grid:N", sort=list(GRIDS.values()), title=None, header=panel_heads()),
        row=alt.Row("channel:N", sort=list(names), title=None, header=named),
        description="The kernel's weights, the patch of the picture under them, and their products, cell by cell.",
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


def grid_frame(products: pd.DataFrame, channels: Sequence[str] = CHANNELS) -> pd.DataFrame:
    """The frame that `ledger_grids` draws, from one of channel, kernel_row, kernel_column, kernel, patch, product."""
    places = {name: np.tile(products[name], len(GRIDS)) for name in ("kernel_row", "kernel_column")}
    named = np.tile(np.array(channels)[products["channel"]], len(GRIDS))
    values = np.concatenate([products[name] for name in GRIDS])
    grids = np.repeat(list(GRIDS.values()), len(products))
    return pd.DataFrame({"channel": named, **places, "grid": grids, "value": values})


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
