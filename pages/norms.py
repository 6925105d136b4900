"""Does the norm cancel it? A bias before each norm: what is left of it after, and what it learns."""

import streamlit as st

from core.charts import norms as charts
from core.exact import norms as exact
from pages.shared import controls, draw, frame, question, take_away
from pages.shared.live_slider.component import live_slider

frame.open_page(
    "norms",
    "A norm that subtracts **each channel's own mean** takes the bias before it away, exactly. **Most norms do not**: "
    "they subtract another mean, or none.",
)
question.ask("How many of the eight rows cancel the bias exactly?", ("two", "five", "all"), exact.answer)
with st.container(horizontal=True, vertical_alignment="bottom"):
    norm = controls.choose("Norm in the two histograms", exact.TITLES, key="norm")
    sizes = {"1": "1, all four channels", "2": "2, of two channels", "4": "4, of one channel"}
    groups = controls.choose("Groups of GroupNorm", sizes, key="groups", default="2")
st.markdown(
    "A 3 × 3 convolution gives 16 digits four channels each. They get **different** biases: *b*, −*b* / 2, *b* / 4 "
    "and −*b* / 8. (What all channels share would be cancelled by LayerNorm and GroupNorm too.)"
)


@st.fragment
def live_part() -> None:
    with live_slider("bias b", key="norms.b", low=-5.0, high=5.0, step=0.1, default=0.5) as (bias, _):
        show(bias)


def show(bias: float) -> None:
    take_away.program(b=bias, groups=int(groups), norm=norm)
    study = exact.norm_table(exact.NormSettings(b=bias, groups=int(groups)))
    bars = study.histogram(norm)
    for stage, title in {"before": "before the norm: sum of products + b", "after": "after the norm"}.items():
        draw.chart(charts.stage_histogram, {"bars": bars[bars["stage"] == stage]}, key=stage, title=title)
    draw.text(study.channel_sentence(norm), "### All eight", study.sentence)
    draw.chart(charts.output_changes, {"rows": study.to_frame()}, key="changes", titles=tuple(exact.TITLES.values()))
    draw.table(study.table())
    draw.text(
        "*Largest change*: of any output, against *b* = 0. *Gradient of b*: the largest of the four channels', for one "
        "random gradient at the output. A cancelled bias has none but for rounding, and learns nothing. (Adam divides "
        "a gradient by its size, and may let such a bias drift; that changes nothing either.) The fixed statistics are "
        "drawn from a seed."
    )
    with st.expander("Why: what each norm subtracts"):
        draw.table(study.reasons())
    fold = {"Folded biases": folded.biases, "Eight bits": folded.rounding}
    take_away.tables(lambda: {"Norms": study.to_frame(), "Histogram": bars} | fold)


folded = exact.fold_study()
live_part()
draw.text(
    "### Rule of thumb: `bias=False` before a norm",
    "**Right** where each channel's own mean is subtracted next:",
    "- BatchNorm in training, right after. Its running mean then holds *b* too, so leaving *b* out stays right when "
    "the trained network is used. (Pooling between them, without padding, is no harm: it passes *b* on as it is.)\n"
    "- InstanceNorm, right after; GroupNorm with one channel a group is the same thing.",
    "**Wrong** elsewhere: leaving *b* out makes another network.",
    "- GroupNorm with more channels a group subtracts only the mean of *b* over the group.\n"
    "- LayerNorm subtracts only the mean of *b* over all channels.\n"
    "- RMSNorm subtracts nothing.\n"
    "- BatchNorm with fixed statistics does not cancel *b*. It can be absorbed, though: subtract *b* from the fixed "
    "mean, and leave it out.\n"
    "- ReLU, or any other activation that is not linear, between the convolution and BatchNorm.",
    "A norm with an offset of its own, beta, puts a bias back after it: a bias that is redundant is not a network "
    "without bias.",
)
draw.text(
    "### Fold: the bias comes back",
    "Once its statistics are fixed, BatchNorm is a scale *k* = gamma / √(variance + eps) and a shift per channel. Both "
    "go into the convolution before it: *W′* = *k W* and *b′* = beta + *k* (*b* − mean).",
    folded.sentence,
)
draw.table(folded.biases)
draw.text(
    "Three numbers, all called bias: the convolution's own, the norm's beta, the folded one. (Statistics: those of the "
    "16 digits; gamma and beta are drawn from a seed.)",
    "### Eight bits: what rounding the bias costs",
    "Folded layers are often rounded. Here weights and bias each get 255 even steps, from minus to plus their largest "
    "size.",
    folded.rounding_sentence,
)
draw.table(folded.rounding)
draw.text(
    "A rounded bias is off by the same amount at every position of its map, so nothing averages it out. Integer "
    "toolchains keep biases in 32 bits, so that this is rarely paid.",
    "**What to notice.** Choose LayerNorm and drag: channel 1 moves before it and after it. Then choose BatchNorm "
    "(training): what moves after it? And with GroupNorm, how many channels may a group have for *b* to be gone?",
)
take_away.bar()
