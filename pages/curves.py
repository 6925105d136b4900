"""What can a small network draw? A curve, two classes and a logic gate, with biases and without."""

import streamlit as st

from core.charts import curves as charts
from core.exact import curves as exact
from core.exact import logic_gates
from core.models.random_features import ShallowSettings
from pages.parts import curves as parts
from pages.shared import controls, draw, frame, question, take_away
from pages.shared.live_slider.component import live_slider

frame.open_page(
    "curves",
    "A curve drawn by ReLU units bends where a unit switches. **Biases spread these places; without any, every unit "
    "switches at 0.**",
)
question.ask(
    "Which draws |x − 1| better: ten units with biases, or a hundred without?",
    ("the ten", "the hundred", "neither"),
    exact.answer,
)
with st.container(horizontal=True, vertical_alignment="bottom"):
    activation = controls.activation()
    curve = controls.choose("Curve", parts.CURVE_TITLES, key="curve")
    plane = controls.choose("Two classes", parts.PLANE_TITLES, key="plane")
    seed = controls.whole("seed", key="units_seed", low=0, high=2**32 - 1, default=0, width=130)
below = st.container()
own = parts.own_curve(below, seed) if curve == controls.OWN else None
if curve == controls.OWN and own is None:
    st.stop()
y_low, y_high = parts.ends(curve)
AXIS = 35  # pixels of each half that the axis of y and its title take


@st.fragment
def live_part() -> None:
    with live_slider("hidden units", key="curves.units", low=1, high=100, step=1, default=20, measure=True) as dragged:
        show(parts.whole_units(dragged.value), draw.one_of(2, dragged.width) - AXIS)


def show(units: int, panel: int) -> None:
    take_away.program(units=units, activation=activation, curve=curve, plane=plane, seed=seed)
    settings = ShallowSettings(units, activation, seed=seed)
    curves = parts.fitted(settings, curve, own)
    lines = curves.drawn()
    draw.chart(charts.fitted_curves, lines, key="curves", width=panel, y_low=y_low, y_high=y_high)
    draw.text(
        curves.sentence, ":small[Ticks on the axis: where each unit switches, *x* = −*b* / *w*.]", "### Two classes"
    )
    regions = parts.fitted_regions(settings, plane)
    areas = regions.drawn()
    draw.chart(charts.decision_regions, areas, key="regions", width=panel)
    draw.text(regions.sentence, ":small[Discs are class 1, rings class 0; on grey ground the network answers class 1.]")
    of_curve = {"Curves": lines["curves"], "Where units switch": lines["kinks"], "Points of the curve": lines["points"]}
    of_plane = {"Regions": areas["regions"], "Points of two classes": areas["points"]}
    take_away.tables(lambda: of_curve | of_plane | {"Gates": logic_gates.gate_table()})


live_part()
draw.text("### Half of the gates of two inputs need a bias")
squares, words = st.columns(2)
with squares:
    draw.chart(charts.gates, {"cells": logic_gates.gate_cells()}, key="gates", names=logic_gates.GATES)
with words:
    draw.text(
        logic_gates.gate_sentence(),
        ":small[Each square is a gate: x₁ across, x₂ up, filled where it answers 1. Green: possible without any bias. "
        "Orange: the corner that makes it impossible.]",
    )
with st.expander("In detail: the units, the weights, the rule"):
    draw.table(logic_gates.gate_table())
    draw.text(
        "*Answers*: what the gate answers at (0, 0), (0, 1), (1, 0) and (1, 1). *Weights*: of relu(x₁), relu(x₂), "
        "relu(x₁ − x₂) and relu(x₂ − x₁), in this order. Nothing here is luck: these four units are chosen by hand, "
        "and their weights solved for. On the three other inputs they reach any three values, so all that is lost "
        "without bias is lost at (0, 0).",
        "*XOR is impossible without a bias* is a popular answer, and wrong for ReLU: |x₁ − x₂| = relu(x₁ − x₂) + "
        "relu(x₂ − x₁) is XOR, exactly, with no bias anywhere. What is impossible is NAND.",
        "The rule is that a gate answers 1 where f > 0.5. Had it been f > −0.5, the other half of the gates would be "
        "learned: a cut that is not 0 takes over a part of the bias. And the proof needs activation(0) = 0: units of "
        "sigmoid give ½ at (0, 0), and those of softplus ln 2.",
        "Hidden kernels of the curve and the regions are drawn from a seed, and biases so that the ticks spread "
        "evenly; only the output layer is fitted. Both sides have the same kernels and the same points.",
    )
draw.text(
    "**What to notice.** Choose |x − 1| and drag from 1 to 100: where do the ticks go on the right? Then choose tanh: "
    "which curve, and which two classes, can its twin without bias draw well?"
)
frame.link("feature_maps", "Next: the same *b* in a filter over a photograph")
take_away.bar()
