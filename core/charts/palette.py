"""Colours, and what they say: with bias, without bias, data. Arrays become pictures here; no chart library is loaded.

A chart takes its colours from the theme of Streamlit (`chartCategoricalColors` in .streamlit/config.toml, in the order
of `ORDER`), which are `LIGHT` and `DARK`.
"""

import base64
import io
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..arms import ARMS, WITH, WITHOUT

DATA, REST = "data", "rest"
ORDER = (*ARMS, DATA, REST)
LIGHT = ("#00785A", "#E07A00", "#3B6FB6", "#B4BCB8")
DARK = ("#3DD9A4", "#FF8A1F", "#8AB4F8", "#55615C")
GREY = "#808885"
"""Text and thin lines of no arm: at least 3.5 to 1 on both grounds."""
DASH = {WITH: [1, 0], WITHOUT: [6, 4]}
"""The second mark of each arm, beside its colour."""
DIMMED_DASH = [2, 3]
"""Of the first twin, its biases dimmed along: its colour, dotted."""
SHAPE = {WITH: "circle", WITHOUT: "diamond"}
"""The same where there is no line to dash."""

GAP = 12
"""Pixels between two pictures beside each other."""

# fmt: off
VIRIDIS = [
    "440154", "470d60", "48186a", "482374", "472d7b", "453681", "424086", "3f4989", "3b528b", "375a8d", "33638d",
    "2f6a8e", "2c728e", "297a8e", "26818e", "23898e", "21908c", "1f988b", "1f9f88", "21a685", "28ae80", "31b57b",
    "3ebc74", "4cc26c", "5dc963", "6ece58", "82d34c", "96d83f", "abdc32", "c0df24", "d5e21a", "eae51a", "fde725",
]
# fmt: on
"""Viridis (Smith, van der Walt and Firing, 2015; public domain) at 33 even steps."""
SIGNED = ["12408f", "2f5fb3", "5d86cb", "94b0de", "c9d6ec", "f4f4f2", "f1cfcb", "e39d99", "d0686a", "b43447", "8b1230"]
"""Blue, near-white at the middle, red."""
RAMPS = {"viridis": VIRIDIS, "signed": SIGNED, "grey": ["000000", "ffffff"]}

Ramp = Literal["viridis", "signed", "grey"]


def ramp_places(values: NDArray[np.floating], low: float, high: float) -> NDArray[np.uint8]:
    """Map a finite array of any shape onto the 256 places of a ramp; what lies outside [low, high] takes its end.

    Where low and high are equal everything takes the middle.

    Examples
    --------
    >>> ramp_places(np.array([[-1.0, 0.0, 0.5, 2.0]]), 0, 1).tolist()
    [[0, 0, 128, 255]]
    """
    place = (values - low) / (high - low) if high > low else np.full(values.shape, 0.5)
    places: NDArray[np.uint8] = np.clip(np.rint(place * 255), 0, 255).astype(np.uint8)
    return places


def ramp_colours(values: NDArray[np.floating], low: float, high: float, ramp: Ramp) -> list[str]:
    """The colours of some values (n,) on a ramp.

    Examples
    --------
    >>> ramp_colours(np.array([0.0, 0.5]), 0, 1, "grey")
    ['#000000', '#808080']
    """
    return ["#{:02x}{:02x}{:02x}".format(*_table(ramp)[place]) for place in ramp_places(values, low, high)]


def picture_url(
    values: NDArray[np.floating], low: float, high: float, ramp: Ramp = "viridis", *, size: int = 384
) -> str:
    """A map (height, width), or a picture (1 or 3, height, width), as the data URL of a PNG.

    It is enlarged by a whole number to at most `size` pixels a side, or drawn as it is where that is less; with 1 as it
    is, for a place that enlarges it.

    Low and high are the values of the ramp's ends, the same for maps that are compared. Three channels take no ramp.
    Of a map, what is NaN is left out and shows the page's ground.
    """
    from PIL import Image

    shown = np.squeeze(values, axis=0) if values.ndim == 3 and len(values) == 1 else values
    places = ramp_places(np.nan_to_num(shown, nan=low), low, high)
    times = max(1, size // max(places.shape[-2:]))
    enlarged = _enlarged(places, times)
    if enlarged.ndim == 3:
        image = Image.fromarray(np.ascontiguousarray(np.moveaxis(enlarged, 0, -1)))
    else:
        image = Image.fromarray(enlarged)
        image.putpalette(_table(ramp).tobytes())
        if np.isnan(shown).any():
            image = image.convert("RGBA")
            image.putalpha(Image.fromarray(_enlarged(np.where(np.isnan(shown), 0, 255).astype(np.uint8), times)))
    buffer = io.BytesIO()
    image.save(buffer, "png", compress_level=1)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


def _enlarged(places: NDArray[np.uint8], times: int) -> NDArray[np.uint8]:
    return places.repeat(times, axis=-2).repeat(times, axis=-1)


@lru_cache(maxsize=len(RAMPS))
def _table(ramp: Ramp) -> NDArray[np.uint8]:
    """The ramp as 256 colours, (256, 3)."""
    anchors = np.array([[int(colour[i : i + 2], 16) for i in (0, 2, 4)] for colour in RAMPS[ramp]])
    places = np.linspace(0, 1, len(anchors))
    channels = [np.interp(np.linspace(0, 1, 256), places, channel) for channel in anchors.T]
    table: NDArray[np.uint8] = np.rint(np.stack(channels, axis=1)).astype(np.uint8)
    return table
