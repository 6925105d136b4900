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
if picture is None:
    st.stop()
channels, rows, columns = picture.pixels.shape
filtered = cached.filtered(picture, kernel)
still_picture, still_sums = cached.still_pictures(picture, kernel)
low, high = filtered.scale(activation)


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
    larger = st.session_state.get("larger", False)
    across, tile, tall = draw.grid(width, 2 if larger else 4, rows, columns)
    pictures = st.container(gap="xsmall")
    with pictures:
        clicked = clicked_pixel(chart="maps", rows=rows, columns=columns)
    with st.container(horizontal=True):
        controls.switch("Larger pictures", key="larger")
        per_position = controls.switch("One bias per position, not per filter", key="untied")
    biases = cached.position_biases(bias, (rows, columns)) if per_position else bias
    pair = filtered.pair(biases, activation)
    st.markdown(
        cached.parameter_sentence((len(kernel), len(kernel[0])), channels, (rows, columns)) if per_position else ""
    )

    st.subheader("Which pixels pass?", anchor=False)
    draw.chart(
        curves.fate_histogram,
        {"bars": pair.fates(), "cuts": pair.cuts_frame()},
        key="histogram",
        counted="pixels",
        low=float(filtered.edges[0]),
        high=float(filtered.edges[-1]),
        root=True,
    )
    st.subheader("One pixel, product by product", anchor=False)
    st.caption("Click a pixel on any of the pictures, or type its place.")
    row, column = controls.pixel(clicked, rows, columns)
    entry = cached.ledger(picture, kernel, biases, activation, row, column)
    draw.chart(
        maps.ledger_grids,
        {"cells": maps.grid_frame(entry.to_frame())},
        key="ledger",
        side=len(kernel),
        size=draw.grid(width, 3, 1, 1, least=3)[1],
        n_channels=channels,
    )
    st.write(entry.output)

    with pictures:
        tiles = maps.panel_frame(
            ("Input", f"{columns} × {rows} pixels", "rest", still_picture),
            ("Sum of products", "kernel × patch", "rest", still_sums),
            ("With bias", f"{'ReLU'}(sum + b)", "with bias", picture_url(pair.with_bias, low, high)),
            ("Without bias", f"{'ReLU'}(sum)", "without bias", picture_url(pair.without_bias, low, high)),
            pixel=(row, column),
        )
        draw.chart(
            maps.panels, {"tiles": tiles}, key="maps", columns=across, width=tile, height=tall, rows=rows, cols=columns
        )
        draw.chart(
            maps.colour_bars,
            {"bars": cached.map_bars(picture, kernel, activation)},
            key="scales",
            columns=2,
            width=draw.grid(width, 2, 1, 1)[1],
        )
        st.markdown(pair.sentence)
    take_away.bar(
        "feature_maps",
        lambda: {"Maps": pair.to_frame(), "Histogram": pair.fates(), "Ledger": entry.to_frame()},
    )


under_the_finger()
st.markdown(
    "**What to notice.** A filter has one *b*, the same at every place and for all three colours of a picture. Can it "
    "then make one place brighter and leave another alone? Find a *b* at which only the roof's outline is left."
)
