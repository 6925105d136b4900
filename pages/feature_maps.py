"""What does b do to a picture? One filter, with its bias and without, over a photograph or the visitor's own."""

import streamlit as st

from core.charts import curves, maps
from core.charts.palette import picture_url
from pages.shared import cached, controls, draw, frame, take_away
from pages.shared.live_slider.component import live_slider
from pages.shared.pixel_click import clicked_pixel

frame.open_page(
    "Learn",
    "One filter over a picture",
    "A filter multiplies and adds. **Its bias then decides how much is enough.** "
    "Before you drag: what will a negative *b* do to the faint edges?",
)
choices, below = st.container(horizontal=True), st.container()
with choices:
    picture = controls.picture(below)
    kernel = controls.kernel(below)
    activation = controls.activation()
    larger = controls.switch("Larger pictures", key="larger")
if picture is None:
    st.stop()
channels, rows, columns = picture.pixels.shape
filtered = cached.filtered(picture, kernel)
scale = filtered.scale(activation)
name = controls.ACTIVATIONS[activation].name
Tile = tuple[str, str, str, str]


@st.fragment
def under_the_finger() -> None:
    """All that follows the slider."""
    with live_slider("bias b", key="feature_maps.b", low=-1.0, high=1.0, step=0.01, default=-0.06, measure=True) as (
        bias,
        width,
    ):
        follow(bias, width)


def follow(bias: float, width: int) -> None:
    """Draw and say all that depends on b."""
    pair = filtered.pair(bias, activation)
    pictures = st.container(gap="xsmall")
    with pictures:
        clicked = clicked_pixel(within="pictures", rows=rows, columns=columns)
    draw.text(pair.sentence, "### Which pixels pass?")
    low, high = float(filtered.edges[0]), float(filtered.edges[-1])
    bars = {"bars": pair.fates(), "cuts": pair.cuts_frame()}
    draw.chart(curves.fate_histogram, bars, key="histogram", counted="pixels", low=low, high=high, root=True)

    draw.text("### One pixel, product by product", ":small[Click a pixel on one of the pictures, or type its place.]")
    pixel = controls.pixel(clicked, rows, columns)
    ledger = cached.ledger(picture, kernel, bias, activation, *pixel)
    size = draw.tile(width, 1, 1, in_row=3)[0] - (10 if channels > 1 else 0)
    cells = {"cells": maps.grid_frame(ledger.to_frame())}
    draw.chart(maps.ledger_grids, cells, key="ledger", side=len(kernel), size=size, n_channels=channels)
    draw.text(ledger.sentence, "### One bias per filter, or one per position?")

    with_bias = ("With bias", f"{name}(sum + b)", "with bias", picture_url(pair.with_bias, *scale))
    with pictures:
        four_panels(with_bias, width, pixel)
    if controls.switch("Show one bias per position", key="untied"):
        untied = filtered.pair(cached.position_biases(bias, (rows, columns)), activation)
        other = ("One per position", f"{name}(sum + its own b)", "rest", picture_url(untied.with_bias, *scale))
        panels(("One per filter", *with_bias[1:]), other, key="untied_maps", size=tile(width, 2), pixel=pixel)
        draw.text(cached.parameter_sentence((len(kernel), len(kernel[0])), channels, (rows, columns)))
    take_away.tables(
        "feature_maps",
        lambda: {"Maps": pair.to_frame(), "Histogram": pair.fates(), "Ledger": ledger.to_frame()},
    )


def four_panels(with_bias: Tile, width: int, pixel: tuple[int, int]) -> None:
    """The picture, its sums, and both maps, over their colour scales; only the second pair moves with b."""
    still_picture, still_sums = cached.still_pictures(picture, kernel)
    without_bias = cached.map_without_bias(picture, kernel, activation)
    size = tile(width, 2 if larger else 4)
    with st.container(horizontal=True, gap=maps.GAP, key="pictures"):
        panels(
            ("Input", f"{columns} × {rows} pixels", "rest", still_picture),
            ("Sum of products", "kernel × patch", "rest", still_sums),
            key="still",
            size=size,
            pixel=pixel,
        )
        panels(
            with_bias,
            ("Without bias", f"{name}(sum)", "without bias", without_bias),
            key="maps",
            size=size,
            pixel=pixel,
        )
    bars = cached.map_bars(picture, kernel, activation)
    draw.chart(maps.colour_bars, {"bars": bars}, key="bars", width=draw.tile(width, 1, 1, in_row=2)[0])


def panels(*tiles: Tile, key: str, size: tuple[int, int], pixel: tuple[int, int]) -> None:
    """Pictures in a row, with their titles, one pixel ringed."""
    frames = {"tiles": maps.panel_frame(*tiles, pixel=pixel)}
    draw.chart(maps.panels, frames, key=key, width=size[0], height=size[1], rows=rows, cols=columns)


def tile(width: int, in_row: int) -> tuple[int, int]:
    """The size of one picture on the screen."""
    return draw.tile(width, rows, columns, in_row=in_row)


under_the_finger()
st.markdown(
    "**What to notice.** A filter has one *b*, the same at every place. Can it then make one place brighter and leave "
    "another alone? Find a *b* at which only the roof's outline is left."
)
take_away.link("feature_maps")
