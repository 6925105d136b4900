"""What the page of one filter is made of: four pictures, their colour scales, the pixel that is looked at."""

import streamlit as st

from core.arms import WITHOUT
from core.charts import feature_maps as charts
from core.data.pictures import Picture
from core.exact.threshold_sides import is_gate
from core.models.activations import ACTIVATIONS
from pages.shared import controls, filtered_picture
from pages.shared.live_maps.component import Layout, Tile, clicked_pixel, live_maps

MAPS = ("maps", "untied_maps")
"""The keys of what is drawn; a pixel is chosen on either."""
Place = tuple[int, int]


def map_bars(picture: Picture, kernel: filtered_picture.Weights, activation: str) -> str:
    """The colour scales of the sums of products and of both maps, as HTML."""
    z = filtered_picture.filtered(picture, kernel)
    return charts.colour_bars(
        ("Sum of products", "signed", -z.farthest, z.farthest, False),
        ("Both maps", "viridis", *z.scale(activation), is_gate(activation)),
    )


def four_pictures(
    picture: Picture, kernel: filtered_picture.Weights, activation: str, with_bias: Tile, pixel: Place, default: Place
) -> None:
    """The picture, its sums, and both maps; the kernel lies over the first and runs along a row."""
    rows, columns = picture.pixels.shape[1:]
    still_picture, still_sums = filtered_picture.still_pictures(picture, kernel)
    without = filtered_picture.map_without_bias(picture, kernel, activation)
    layout: Layout = "tall" if rows > columns else "squares"
    live_maps(
        Tile("Input", f"{columns} × {rows} pixels", still_picture, still=True),
        Tile("Sum of products", "kernel × patch", still_sums, still=True),
        Tile("Without bias", f"{ACTIVATIONS[activation].name}(sum)", without, WITHOUT, still=True),
        with_bias,
        key=MAPS[0],
        shape=(rows, columns),
        pixel=pixel,
        layout=layout,
        kernel=(len(kernel), len(kernel[0])),
        play=True,
        link=dict(zip(("row", "column"), default, strict=True)),
    )


def pixel(shape: Place, default: Place) -> Place:
    """Two fields for a pixel's row and column, counted from 0 at the top left, which a move over the pictures fills.

    While nobody has chosen one it is the default; so is a pixel outside a smaller picture.
    """
    state = st.session_state
    clicked, noted = clicked_pixel(MAPS, shape), state.get("pixel by default")
    chosen = state.get("row", 0), state.get("column", 0)
    outside = any(place >= size for place, size in zip(chosen, shape, strict=True))
    if clicked or outside or chosen == noted != default:
        state["row"], state["column"] = clicked or default
    state["pixel by default"] = default
    with st.container(horizontal=True):
        row, column = (
            controls.whole(name, key=name, low=0, high=max(size - 1, 1), default=first, width=140)
            for name, size, first in zip(("row", "column"), shape, default, strict=True)
        )
    return min(row, shape[0] - 1), min(column, shape[1] - 1)
