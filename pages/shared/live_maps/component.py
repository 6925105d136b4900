"""Pictures side by side that follow a slider without a flash, and tell which pixel was clicked.

Vega drops an image mark's picture for a frame or more each time its data change; a picture here stays until the next
one is decoded. What is drawn is core's: its palette turns every array into the picture.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import streamlit as st

from core.charts.palette import ORDER, REST

HERE = Path(__file__).parent
COMPONENT = st.components.v2.component(
    "live_maps",
    html="""<div class="maps"></div>""",
    css=(HERE / "maps.css").read_text(),
    js=(HERE / "maps.js").read_text(),
)


class Tile(NamedTuple):
    """One picture: a title, a second line that says what is drawn, a data URL, and the arm that colours the title."""

    title: str
    detail: str
    url: str
    arm: str = REST


def live_maps(*tiles: Tile, key: str, shape: tuple[int, int], pixel: tuple[int, int] | None = None) -> None:
    """Draw two or three pictures of one shape (rows, columns) side by side.

    The pixel (row, column) is ringed in all; without one none can be clicked. `clicked_pixel` takes the key, too.
    """
    rows, columns = shape
    shown = tuple(  # no list: Streamlit would load pandas to see whether it is a frame
        {"title": tile.title, "detail": tile.detail, "url": tile.url, "colour": _colour(tile.arm)} for tile in tiles
    )
    data = {"tiles": shown, "rows": rows, "columns": columns, "pixel": pixel}
    COMPONENT(key=key, data=data, on_pixel_change=lambda: None)  # without a callback there is no trigger


def clicked_pixel(keys: Sequence[str], shape: tuple[int, int]) -> tuple[int, int] | None:
    """The pixel (row, column) of one of these pairs that this run was started by a click on, or None."""
    states: list[Any] = [st.session_state.get(key) or {} for key in keys]
    place = next((state["pixel"] for state in states if state.get("pixel")), None)
    if place is None:
        return None
    row, column = (min(max(int(index), 0), size - 1) for index, size in zip(place, shape, strict=True))
    return row, column


def _colour(arm: str) -> int | None:
    """The place of an arm's colour among the theme's; None for the colour of text."""
    return None if arm == REST else ORDER.index(arm)
