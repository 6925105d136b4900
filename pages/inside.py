"""What do the biases of a trained network do? One network and its twin opened, layer by layer, every bias by name."""

import streamlit as st

from core.charts import formula, twins
from core.studies import recorded
from pages.parts import inside as parts
from pages.shared import controls, draw, frame, question, take_away
from pages.shared.draw import term
from pages.shared.gallery import gallery
from pages.shared.live_slider.component import live_slider

frame.open_page(
    "inside",
    "A trained network and its twin without bias, layer by layer. **Switch off any bias and see what changes.**",
    needs=("sklearn.model_selection", "scipy.stats"),
)
st.html(formula.STYLE)
question.ask(
    "Without any bias, how many of a hundred test digits change their answer?",
    ("fewer than one", "one to ten", "more than ten"),
    recorded.answer,
)
choices, below = st.container(horizontal=True, vertical_alignment="bottom"), st.container()
pair = picture = None
with controls.refusing(st), choices:
    pair = parts.pair(below)
    picture = parts.picture(pair, below) if pair else None
if pair is None or picture is None:
    take_away.bar(program=False)
    st.stop()


@st.fragment
def live_part() -> None:
    scale = {"low": 0.03, "high": 10, "step": 0.02, "default": 0.1, "play": (1.0, 0.1)}
    with live_slider("brightness k", key="inside.k", **scale, log=True, measure=True) as dragged:
        show(*dragged)


def show(k: float, width: int) -> None:
    row = st.container(horizontal=True, vertical_alignment="bottom")
    top = st.container()
    by_name = st.expander("Every bias by name, to be switched off one by one", key="inside.by_name", on_change="rerun")
    off = parts.switches(pair, row, by_name)
    with row:
        dimmed = controls.dim_biases()
    take_away.program(k=k, dim_biases=dimmed)
    network = parts.network(pair, off)
    trace = parts.trace(network, picture, k, dimmed)
    with top:
        with st.container(horizontal=True, vertical_alignment="center"):
            with st.container(width=112):
                gallery([parts.card(trace)], size=112)
            decision = {"decision": trace.decision()}
            draw.chart(twins.class_probabilities, decision, key="decision", classes=pair.task.classes)
        in_light = "" if k == 1 or off else pair.light_sentence(parts.within(k))
        draw.text(f"**{draw.escaped(trace.sentence)}**  \n{network.sentence}", in_light)
        gallery(parts.changed_pictures(network), size=77)
    if by_name.open:
        with by_name:
            draw.chart(twins.bias_bars, {"rows": network.biases()}, key="biases", **pair.bias_axes)

    draw.text("### Layer by layer", ":small[Each small square is one filter's map. Click one to enlarge it.]")
    pixel = parts.pixel(trace)
    parts.both_maps(trace, pixel)
    parts.bar(trace, pixel.layer)
    parts.enlarged(trace, pixel)
    pixel_sum = parts.pixel_sum(trace, pixel, width)
    draw.explained(f"### Where a class score, its {term('logit')}, comes from")
    shares = parts.shares(trace, width)
    drawn = {"Biases": network.biases(), "Answers": decision["decision"], "Logit": shares}
    take_away.tables(lambda: drawn | {"Products": pixel_sum.to_frame(), "Removals": parts.all_removals()})


live_part()
draw.text(
    "### “Accuracy dropped when I deleted *b*, so *b* was needed”",
    "Deleting a bias from a trained network, training without it, and folding it into the next layer are three "
    "questions. Twenty networks each:",
)
with controls.refusing(st):
    parts.removals()
draw.text(
    "**What to notice.** Take the blank picture: what does each network answer when it sees nothing? Then drag *k*: "
    "whose maps keep their pattern, and what in the sum keeps its size while the picture fades?"
)
frame.link("audit", "Next: which biases of a network of yours do nothing")
take_away.bar(program=parts.runs_alone())
