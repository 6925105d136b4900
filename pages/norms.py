"""What takes a bias away? Each norm after it, and what else does: softmax over keys, and twelve places more."""

import streamlit as st

from core.arms import WITH, WITHOUT
from core.charts import norms as charts
from core.charts.palette import picture_url
from core.exact import attention, free_biases
from core.exact import norms as exact
from pages.shared import controls, draw, frame, question, take_away
from pages.shared.draw import term
from pages.shared.gallery import Card, gallery
from pages.shared.live_slider.component import live_slider

frame.open_page(
    "norms",
    "A norm that subtracts **each channel's own mean** takes the bias before it away, exactly, and so does **softmax "
    "over the keys of plain attention**. Most norms do not.",
)
question.ask("How many of the eight rows cancel the bias exactly?", ("two", "five", "all"), exact.answer)
with st.container(horizontal=True, vertical_alignment="bottom"):
    norm = controls.choose("Norm in the two histograms", exact.TITLES, key="norm")
    sizes = {"1": "1, all four channels", "2": "2, of two channels", "4": "4, of one channel"}
    groups = controls.choose("Groups of GroupNorm", sizes, key="groups", default="2")
folded = exact.fold_study()
ABOUT_THE_TABLE = """
*Largest change*: of any output, against *b* = 0. *Gradient of b*: the largest of the four channels', for one random
gradient at the output. A cancelled bias has none but for rounding, and learns nothing. (Adam divides a gradient by its
size, and may let such a bias drift; that changes nothing either.) A 3 × 3 convolution gives 16 digits four channels,
which get *b*, −*b* / 2, *b* / 4 and −*b* / 8: what all share would be cancelled by LayerNorm and GroupNorm too. The
fixed statistics are drawn from a seed.
"""


@st.fragment
def live_part() -> None:
    with live_slider("bias b", key="norms.b", low=-5.0, high=5.0, step=0.1, default=2.0) as (bias, _):
        show(bias)


def show(bias: float) -> None:
    take_away.program(b=bias, groups=int(groups), norm=norm)
    study = exact.norm_table(exact.NormSettings(b=bias, groups=int(groups)))
    bars = study.histogram(norm)
    stages = {"before": "before the norm: sum + b", "after": "after the norm"}
    for column, (stage, title) in zip(st.columns(2), stages.items(), strict=True):
        with column:
            draw.chart(charts.stage_histogram, {"bars": bars[bars["stage"] == stage]}, key=stage, title=title)
    draw.text(study.channel_sentence(norm))
    draw.chart(charts.output_changes, {"rows": study.to_frame()}, key="changes", titles=tuple(exact.TITLES.values()))
    draw.text(study.sentence)
    if reasons := draw.unfolded("Why: what each norm subtracts, and what *b* learns", key="norms.reasons"):
        with reasons:
            draw.table(study.reasons())
            draw.table(study.table())
            draw.text(ABOUT_THE_TABLE)
    tables = {"Norms": study.to_frame(), "Histogram": bars, "Folded biases": folded.biases}
    take_away.tables(lambda: tables | {"Elsewhere": free_biases.cases()})


@st.fragment
def keys() -> None:
    kind = controls.choose("Attention", attention.KINDS, key="attention")
    with live_slider("bias of the keys", key="norms.key_bias", low=-5.0, high=5.0, step=0.1, default=2.0) as (bias, _):
        study = attention.KeyBias(min(max(bias, -attention.LARGEST), attention.LARGEST), kind)
        gallery(
            [
                Card(
                    picture_url(study.shares[arm], 0, 1),
                    f"{arm} on the keys\nrows look at columns: {' '.join(attention.TOKENS)}",
                )
                for arm in (WITHOUT, WITH)
            ],
            size=230,
        )
        draw.text(study.sentence)


live_part()
draw.text("### In plain attention, a bias on the keys does nothing")
keys()
with st.expander("Fourteen places of a bias, each tried"):
    draw.table(free_biases.cases())
draw.text(
    "### `bias=False` before a norm",
    "**Right** before BatchNorm in training and InstanceNorm, with nothing but pooling without padding between. "
    "**Wrong** before GroupNorm, LayerNorm, RMSNorm, and where ReLU stands between: it makes another network. "
    "With fixed statistics a *new* *b* shows; the one of the training is already in their mean.",
)
with st.expander("In detail"):
    draw.text(
        "- BatchNorm's running mean holds *b* too, so leaving *b* out stays right when the trained network is used. "
        "(Pooling between them, without padding, passes *b* on as it is.)\n"
        "- GroupNorm with one channel a group is InstanceNorm; with more it subtracts only the mean of *b* over the "
        "group, LayerNorm only that over all channels, RMSNorm nothing.\n"
        "- BatchNorm with fixed statistics does not cancel *b*. It can be absorbed, though: subtract *b* from the "
        "fixed mean, and leave it out.\n"
        "- A norm with an offset of its own, beta, puts a bias back after it."
    )
draw.text("### Fold the norm, and the bias comes back")
draw.explained(f"To {term('fold')} is to make one layer of two. {folded.sentence}")
with st.expander("Three numbers, all called bias"):
    draw.text(
        "Once its statistics are fixed, BatchNorm is a scale *k* = gamma / √(variance + eps) and a shift per channel. "
        "Both go into the convolution before it: *W′* = *k W* and *b′* = beta + *k* (*b* − mean). Statistics: those of "
        "the 16 digits; gamma and beta are drawn from a seed."
    )
    draw.table(folded.biases)
draw.text(
    "**What to notice.** Choose LayerNorm and drag: channel 1 moves before it and after it. Which kinds of attention "
    "let the map move, and why?"
)
frame.link("twins", "Next: train a network beside its twin without any bias")
take_away.bar()
