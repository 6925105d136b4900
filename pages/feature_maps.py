"""What does b do to a picture? One filter, with its bias and without, over a photograph or the visitor's own."""

import streamlit as st

from core.charts import formula, palette, threshold
from core.exact import bias_per_position, one_pixel
from core.exact import feature_maps as exact
from pages.parts import feature_maps as parts
from pages.shared import controls, draw, filtered_picture, frame, question, take_away, uploads
from pages.shared.live_maps.component import Tile, live_maps
from pages.shared.live_slider.component import live_slider

frame.open_page("feature_maps", "A filter multiplies and adds. **Its bias then decides how much is enough.**")
st.html(formula.STYLE)
question.ask(
    "What does a negative b do to the faint edges?", ("they get brighter", "they vanish", "they stay"), exact.answer
)
choices, below = st.container(horizontal=True), st.container()
with choices:
    picture = uploads.picture(below)
    kernel = controls.kernel(below)
    activation = controls.activation()
if picture is None:
    st.stop()
channels, shape = len(picture.pixels), (picture.pixels.shape[1], picture.pixels.shape[2])
filtered = filtered_picture.filtered(picture, kernel)
scale = filtered.scale(activation)
name = controls.ACTIVATIONS[activation].name


@st.fragment
def live_part() -> None:
    low, high = filtered.reach
    track = {"low": low, "high": high, "step": filtered.step, "default": filtered.telling_bias}
    with live_slider("bias b", key="feature_maps.b", **track, play=(high, low)) as (bias, _):
        show(bias)


def show(bias: float) -> None:
    pair = filtered.pair(bias, activation)
    above = st.container(gap="xsmall")
    place = ":small[Click a picture, move with the arrow keys, or type a place.]"
    draw.text(pair.sentence, "### One pixel, product by product", place)
    default = filtered.decided_pixel(filtered.telling_bias)
    pixel = parts.pixel(shape, default)
    take_away.program(**uploads.picture_setting(picture), kernel=kernel, bias=bias, activation=activation)
    take_away.program(row=pixel[0], column=pixel[1])
    entry = one_pixel.pixel_sum(picture, kernel, bias, activation, *pixel)
    draw.text(entry.sentence, "### Which pixels pass?")
    low, high = float(filtered.edges[0]), float(filtered.edges[-1])
    bars = {"bars": pair.fates(), "cuts": pair.cuts()}
    draw.chart(threshold.fate_histogram, bars, key="histogram", counted="pixels", low=low, high=high, root=True)

    with_map = palette.picture_url(pair.with_bias, *scale, size=1)
    with_bias = Tile("With bias", f"{name}(sum + b)", with_map, "with bias")
    with above:
        parts.four_pictures(picture, kernel, activation, with_bias, pixel, default)
        draw.formula(entry, above=parts.map_bars(picture, kernel, activation))
    if controls.switch("One bias per position, instead of one per filter", key="untied"):
        untied = filtered.feature_map(activation, bias_per_position.position_biases(bias, shape))
        other = Tile("One per position", f"{name}(sum + its own b)", palette.picture_url(untied, *scale, size=1))
        live_maps(with_bias._replace(title="One per filter"), other, key=parts.MAPS[1], shape=shape, pixel=pixel)
        draw.text("Here the biases rise from 0 at the left edge to 2 *b* at the right; their mean is *b*.")
        draw.text(bias_per_position.parameter_sentence((len(kernel), len(kernel[0])), channels, shape))
    take_away.tables(lambda: {"Maps": pair.to_frame(), "Histogram": pair.fates(), "Ledger": entry.to_frame()})


live_part()
st.markdown(
    "**What to notice.** A filter has one *b*, the same at every place. Can it then make one place brighter and leave "
    "another alone? Outside the picture everything counts as 0: what does that do at its borders?"
)
frame.link("regression", "Next: the same *b* in a line through points")
take_away.bar()
