"""What does b move? The threshold of the activation: w sets how steep the switch is, b where it sits."""

import streamlit as st

from core.charts import threshold as charts
from core.exact import threshold as exact
from pages.shared import controls, draw, frame, question, take_away
from pages.shared.live_slider.component import live_slider

frame.open_page(
    "threshold",
    "One unit computes activation(*w x* + *b*). **The bias *b* slides the switch along the input**, to *x* = −*b* / "
    "*w*; *w* sets how steep it is.",
)
question.ask(
    "When b grows and w > 0, which way does the switch move?", ("to the right", "to the left", "nowhere"), exact.answer
)
with st.container(horizontal=True, vertical_alignment="bottom"):
    activation = controls.activation()
    st.markdown(controls.formula(activation))
y_low, y_high = exact.output_range(activation)


@st.fragment
def live_part() -> None:
    with (
        live_slider("bias b", key="threshold.b", low=-3.0, high=3.0, step=0.05, default=1.0) as (bias, _),
        live_slider("weight w", key="threshold.w", low=-3.0, high=3.0, step=0.05, default=1.0) as (weight, _),
    ):
        show(bias, weight)


def show(bias: float, weight: float) -> None:
    take_away.program(weight=weight, bias=bias, activation=activation)
    pair = exact.UnitPair(weight, bias, activation)
    curves = {"curves": pair.curves(), "thresholds": pair.marks()}
    draw.chart(charts.unit_curves, curves, key="unit", y_low=y_low, y_high=y_high)
    draw.text(pair.switch_sentence, "### The same from the data's side")
    bars = {"bars": pair.histogram(), "cuts": pair.cuts()}
    draw.chart(charts.fate_histogram, bars, key="histogram", counted="inputs", low=-6.0, high=6.0)
    draw.text(pair.share_sentence)
    drawn = {"Curves": curves["curves"], "Thresholds": bars["cuts"], "Histogram": bars["bars"]}
    take_away.tables(lambda: drawn)


live_part()
st.markdown(
    "**What to notice.** Drag *w* instead: the lines pivot, and the orange switch never leaves 0. Can any *w* move it? "
    "Then choose sigmoid or tanh: does *b* move their shape, or only their place?"
)
frame.link("curves", "Next: many such units together draw a curve")
take_away.bar()
