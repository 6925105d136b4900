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
    pair = filtered.pair(bias, activation)
    name = controls.ACTIVATIONS[activation].name
    pictures = st.container(gap="xsmall")
    with pictures:
        clicked = clicked_pixel(within="pictures", rows=rows, columns=columns)
    draw.text(pair.sentence, "### Which pixels pass?")
    draw.chart(
        curves.fate_histogram,
        {"bars": pair.fates(), "cuts": pair.cuts_frame()},
        key="histogram",
        counted="pixels",
        low=float(filtered.edges[0]),
        high=float(filtered.edges[-1]),
        root=True,
    )
    draw.text("### One pixel, product by product", ":small[Click a pixel on one of the pictures, or type its place.]")
    pixel = controls.pixel(clicked, rows, columns)
    ledger = cached.ledger(picture, kernel, bias, activation, *pixel)
    draw.chart(
        maps.ledger_grids,
        {"cells": maps.grid_frame(ledger.to_frame())},
        key="ledger",
        side=len(kernel),
        size=draw.tile(width, 1, 1, in_row=3)[0] - (10 if channels > 1 else 0),
        n_channels=channels,
    )
    draw.text(ledger.sentence, "### One bias per filter, or one per position?")
    per_position = controls.switch("Show one bias per position", key="untied")

    def panels(*tiles: tuple[str, str, str, str], key: str, large: bool) -> None:
        """Pictures in a row, with their titles."""
        tile, tall = draw.tile(width, rows, columns, in_row=2 if large else 4)
        draw.chart(
            maps.panels,
            {"tiles": maps.panel_frame(*tiles, pixel=pixel)},
            key=key,
            width=tile,
            height=tall,
            rows=rows,
            cols=columns,
        )

    with_bias = ("With bias", f"{name}(sum + b)", "with bias", picture_url(pair.with_bias, low, high))
    with pictures:
        still_picture, still_sums = cached.still_pictures(picture, kernel)
        without_bias = cached.map_without_bias(picture, kernel, activation)
        with st.container(horizontal=True, gap=maps.GAP, key="pictures"):  # two charts: one stands still
            panels(
                ("Input", f"{columns} × {rows} pixels", "rest", still_picture),
                ("Sum of products", "kernel × patch", "rest", still_sums),
                key="still",
                large=larger,
            )
            panels(
                with_bias,
                ("Without bias", f"{name}(sum)", "without bias", without_bias),
                key="maps",
                large=larger,
            )
        bars = cached.map_bars(picture, kernel, activation)
        draw.chart(maps.colour_bars, {"bars": bars}, key="bars", width=draw.tile(width, 1, 1, in_row=2)[0])

    if per_position:
        untied = filtered.pair(cached.position_biases(bias, (rows, columns)), activation)
        title = ("One per position", f"{name}(sum + its own b)", "rest", picture_url(untied.with_bias, low, high))
        panels(("One per filter", *with_bias[1:]), title, key="untied_maps", large=True)
        draw.text(cached.parameter_sentence((len(kernel), len(kernel[0])), channels, (rows, columns)))
    take_away.tables(
        "feature_maps",
        lambda: {"Maps": pair.to_frame(), "Histogram": pair.fates(), "Ledger": ledger.to_frame()},
    )


under_the_finger()
st.markdown(
    "**What to notice.** A filter has one *b*, the same at every place. Can it then make one place brighter and leave "
    "another alone? Find a *b* at which only the roof's outline is left."
)
take_away.link("feature_maps")
