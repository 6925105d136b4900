"""Is bias=False safe in my network? The visitor's own, judged layer by layer, without running any of it."""

import streamlit as st

from pages.shared import audited, draw, frame, predict, take_away

frame.open_page(
    "Experiment",
    "Is bias=False safe in my network?",
    "Paste what `print(model)` shows. **A bias is redundant only where a norm that subtracts each channel's own mean "
    "follows at once.**",
)
predict.first("audit")
choices, below = st.container(), st.container()
with choices:
    audit = audited.from_printout(below)
if audit is None:
    take_away.bar("audit")
    st.stop()
draw.text(audit.sentence)
audited.strip(audit)
st.caption(audit.assumes)
draw.text("### Layer by layer")
audited.layers(audit)
draw.text("### Why")
audited.one_layer(audit)
with st.expander("The same question in your own tests"):
    st.code(audited.IN_YOUR_TESTS, language="python")
take_away.tables("audit", lambda: {"Layers": audit.to_frame()})
st.markdown(
    "**What to notice.** A norm has an offset of its own: so dropping the bias before it makes no network without "
    "bias. Which biases would you have dropped that are in use, and what follows them?"
)
take_away.bar("audit")
