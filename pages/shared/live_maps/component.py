"""Pictures side by side that follow a slider without a flash, and tell which pixel is looked at.

Vega drops an image mark's picture for a frame or more each time its data change; a picture here stays until the next
one is decoded. What is drawn is core's: its palette turns every array into the picture.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

import streamlit as st

from core.charts.palette import ORDER, REST

HERE = Path(__file__).parent
COMPONENT = st.components.v2.component(
    "live_maps",
    html="""<div class="maps"></div><button type="button" hidden></button>""",
    css=(HERE / "maps.css").read_text(),
    js=(HERE / "maps.js").read_text(),
)
Layout = Literal["row", "squares", "tall", "front"]
"""Side by side; two by two; two by two on a phone alone; side by side, the first below the other two on a phone."""


class Tile(NamedTuple):
    """One picture: a title, a second line that says what is drawn, a data URL, and the arm that colours the title.

    One that stands `still` while a slider moves is sent once. `light`: how much of it is left on the picture's left
    side, which is then parted by a white line; None where all of it is as it is.
    """

    title: str
    detail: str
    url: str
    arm: str = REST
    still: bool = False
    light: float | None = None


def live_maps(
    *tiles: Tile,
    key: str,
    shape: tuple[int, int],
    pixel: tuple[int, int] | None = None,
    layout: Layout = "row",
    kernel: tuple[int, int] | None = None,
    play: bool = False,
    link: dict[str, int] | None = None,
) -> None:
    """Draw pictures of one shape (rows, columns) beside each other.

    The pixel (row, column) is marked in all, and moved by a click, by arrow keys and by `play`, once along its row;
    without one there is none to move. `clicked_pixel` takes the key, too. A kernel of (rows, columns) lies over the
    first picture, and follows the pointer over any. `link`: what row and column are called in the share link, each with
    the value that leaves none, where they are.
    """
    # tuples, no lists or dicts: Streamlit would load pandas to see whether one is a frame
    stills = tuple((_name(tile), tile.url) for tile in tiles if tile.still)
    shown = tuple(
        {
            "title": tile.title,
            "detail": tile.detail,
            "url": "" if tile.still else tile.url,
            "still": _name(tile),
            "colour": _colour(tile.arm),
            "light": tile.light,
        }
        for tile in tiles
    )
    data = {"tiles": shown, "rows": shape[0], "columns": shape[1], "pixel": pixel}
    with st.container(gap=None):
        if stills:  # an element of its own: Streamlit does not send again what has not changed
            COMPONENT(key=f"{key}_stills", data={"stills": stills}, height=1)
        COMPONENT(
            key=key,
            data=data | {"layout": layout, "kernel": kernel, "play": play, "link": tuple((link or {}).items())},
            on_pixel_change=lambda: None,  # without a callback there is no trigger
        )


def clicked_pixel(keys: Sequence[str], shape: tuple[int, int]) -> tuple[int, int] | None:
    """The pixel (row, column) of one of these pairs that this run was started by a move to, or None."""
    states: list[Any] = [st.session_state.get(key) or {} for key in keys]
    place = next((state["pixel"] for state in states if state.get("pixel")), None)
    if place is None:
        return None
    row, column = (min(max(int(index), 0), size - 1) for index, size in zip(place, shape, strict=True))
    return row, column


def _name(tile: Tile) -> str:
    """By which a picture that was sent is found again."""
    return f"{hash(tile.url):x}" if tile.still else ""


def _colour(arm: str) -> int | None:
    """The place of an arm's colour among the theme's; None for the colour of text."""
    return None if arm == REST else ORDER.index(arm)
