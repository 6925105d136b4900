"""What does b do to a picture? One filter, with its bias and without, over a photograph or the visitor's own."""

import streamlit as st

from core.charts import feature_maps as charts
from core.charts import palette, threshold
from core.exact import bias_per_position, one_pixel
from core.exact import feature_maps as exact
from pages.parts import feature_maps as parts
from pages.shared import controls, draw, filtered_picture, frame, question, take_away, uploads
from pages.shared.live_maps.component import Tile, clicked_pixel, live_maps
from pages.shared.live_slider.component import live_slider

frame.open_page("feature_maps", "A filter multiplies and adds. **Its bias then decides how much is enough.**")
question.ask(
    "What does a negative b do to the faint edges?", ("they get brighter", "they vanish", "they stay"), exact.answer
)
choices, below = st.container(horizontal=True), st.container()
with choices:
    picture = uploads.picture(below)
    kernel = controls.kernel(below)
    activation = controls.activation()
    larger = controls.switch("Larger pictures", key="larger")
if picture is None:
    st.stop()
channels, shape = len(picture.pixels), (picture.pixels.shape[1], picture.pixels.shape[2])
filtered = filtered_picture.filtered(picture, kernel)
scale = filtered.scale(activation)
name = controls.ACTIVATIONS[activation].name
PAIRS = ("still_pair", "moving_pair", "untied_pair")


@st.fragment
def live_part() -> None:
    with live_slider(
        "bias b", key="feature_maps.b", low=-1.0, high=1.0, step=0.01, default=-0.06, measure=True
    ) as dragged:
        show(*dragged)


def show(bias: float, width: int) -> None:
    pair = filtered.pair(bias, activation)
    row = st.container(gap="xsmall")
    draw.text(pair.sentence, "### Which pixels pass?")
    low, high = float(filtered.edges[0]), float(filtered.edges[-1])
    bars = {"bars": pair.fates(), "cuts": pair.cuts_frame()}
    draw.chart(threshold.fate_histogram, bars, key="histogram", counted="pixels", low=low, high=high, root=True)

    draw.text("### One pixel, product by product", ":small[Click a pixel on one of the pictures, or type its place.]")
    pixel = controls.pixel(clicked_pixel(PAIRS, shape), *shape)
    take_away.program(**uploads.picture_setting(picture), kernel=kernel, bias=bias, activation=activation)
    take_away.program(row=pixel[0], column=pixel[1])
    ledger = one_pixel.pixel_sum(picture, kernel, bias, activation, *pixel)
    size = draw.one_of(3, width) - (10 if channels > 1 else 0)
    cells = {"cells": charts.grid_frame(ledger.to_frame())}
    draw.chart(charts.ledger_grids, cells, key="ledger", side=len(kernel), size=size, n_channels=channels)
    draw.text(ledger.sentence, "### One bias per filter, or one per position?")

    with_bias = Tile("With bias", f"{name}(sum + b)", palette.picture_url(pair.with_bias, *scale), "with bias")
    with row:
        two_pairs(with_bias, pixel, width)
    if controls.switch("Show one bias per position", key="untied"):
        untied = filtered.feature_map(activation, bias_per_position.position_biases(bias, shape))
        other = Tile("One per position", f"{name}(sum + its own b)", palette.picture_url(untied, *scale))
        live_maps(with_bias._replace(title="One per filter"), other, key=PAIRS[2], shape=shape, pixel=pixel)
        draw.text("Here the biases rise from 0 at the left edge to 2 *b* at the right; their mean is *b*.")
        draw.text(bias_per_position.parameter_sentence((len(kernel), len(kernel[0])), channels, shape))
    take_away.tables(lambda: {"Maps": pair.to_frame(), "Histogram": pair.fates(), "Ledger": ledger.to_frame()})


def two_pairs(with_bias: Tile, pixel: tuple[int, int], width: int) -> None:
    """The picture and its sums, which stand still, and both maps, over their colour scales."""
    still_picture, still_sums = filtered_picture.still_pictures(picture, kernel)
    first, second = (st.container(), st.container()) if larger else st.columns(2, gap=palette.GAP)
    with first:
        size = Tile("Input", f"{shape[1]} × {shape[0]} pixels", still_picture)
        live_maps(size, Tile("Sum of products", "kernel × patch", still_sums), key=PAIRS[0], shape=shape, pixel=pixel)
    with second:
        without_bias = filtered_picture.map_without_bias(picture, kernel, activation)
        twin = Tile("Without bias", f"{name}(sum)", without_bias, "without bias")
        live_maps(with_bias, twin, key=PAIRS[1], shape=shape, pixel=pixel)
    bars = parts.map_bars(picture, kernel, activation)
    draw.chart(charts.colour_bars, {"bars": bars}, key="bars", width=draw.one_of(2, width))


live_part()
st.markdown(
    "**What to notice.** A filter has one *b*, the same at every place. Can it then make one place brighter and leave "
    "another alone? Outside the picture everything counts as 0: what does that do at its borders?"
)
take_away.bar()
