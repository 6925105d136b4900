"""Is bias=False safe in my network? The visitor's own, judged layer by layer, without running any of it."""

import streamlit as st

from core.audit import answer
from pages.parts import audit as parts
from pages.parts import audit_weights
from pages.shared import controls, draw, frame, question, take_away

frame.open_page(
    "audit",
    "Paste what `print(model)` shows, or give a file of weights. **A bias does nothing where what follows takes it "
    "away**: a norm that subtracts each channel's own mean, a softmax over the keys of plain attention.",
)
question.ask(
    "In a VGG16 with batch norm, how many layers have a bias that does nothing?",
    ("none", "nearly half", "most"),
    answer,
)
choices, below = st.container(horizontal=True, vertical_alignment="bottom"), st.container()
with choices:
    weights = controls.choose("From", parts.SOURCES, key="source") == "weights"
    audit = audit_weights.from_weights(below) if weights else parts.from_printout(below)
if audit is None:
    take_away.bar(program=False)
    st.stop()
take_away.program(layers=audit.as_layers)
draw.text(audit.sentence)
parts.strip(audit)
with st.expander("What is assumed"):
    st.caption(audit.assumes)
parts.layers(audit)
draw.text("### Why")
parts.one_layer(audit)
if weights:
    draw.text("### Every bias")
    audit_weights.biases(audit)
    draw.text("### Filters that can never be active")
    audit_weights.never_active(audit)
    draw.text("### The file without what is redundant")
    audit_weights.fixes(audit)
parts.elsewhere()
take_away.tables(lambda: {"Layers": audit.to_frame()})
st.markdown(
    "**What to notice.** A norm has an offset of its own: so dropping the bias before it makes no network without "
    "bias. Which biases would you have dropped that are in use, and what follows them?"
)
frame.link("overview", "Next: what people say, each claim tested", {"answers": "true"})
take_away.bar()
