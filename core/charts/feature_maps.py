"""What stands around feature maps: their colour scales, and many maps as one picture.

A map is an image, not a grid of marks: `palette.picture_url` turns an array into a PNG. Pages show it through
pages/shared/live_maps, because Vega drops a picture for a frame or more whenever its data change.
"""

import math
from html import escape

import numpy as np
from numpy.typing import NDArray

from ..format import say
from .palette import RAMPS, Ramp


def colour_bars(*bars: tuple[str, Ramp, float, float, bool]) -> str:
    """The colour scales of maps as HTML, two side by side, each with the values of its ends.

    `bars`: (title, ramp, low, high, reached); what the scale is for, and the values of its two ends. The high end
    stands for all beyond it too, and so does the low end, unless it is `reached`: the least value that there can be.
    """
    drawn = "".join(_bar(*bar) for bar in bars)
    return f'<div style="display:grid;grid-template-columns:1fr 1fr;gap:12px;font-size:0.75rem">{drawn}</div>'


def _bar(title: str, ramp: Ramp, low: float, high: float, reached: bool) -> str:
    colours = ",".join(f"#{colour}" for colour in RAMPS[ramp])
    strip = f'<div style="height:10px;margin:3px 0;background:linear-gradient(to right,{colours})"></div>'
    ends = f"<span>{'' if reached else '≤ '}{say(low)}</span><span>≥ {say(high)}</span>"
    return f'<div>{escape(title)}{strip}<div style="display:flex;justify-content:space-between">{ends}</div></div>'


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
