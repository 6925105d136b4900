"""What is the bias, what is it not, and where can I touch it?"""

import streamlit as st

from pages.shared import frame

frame.open_page(
    "",
    "What does the bias do?",
    "A filter in a convolutional network multiplies and adds. Then it adds one more number, the same at every place of "
    "the picture. **That number is its bias, and it decides how much is enough.**",
)
st.markdown(
    r"#### $\small\text{output} = \text{activation}\bigl(\sum \text{input} \times \text{kernel}$"
    r":primary[$\small\boldsymbol{{}+ b}$]$\small\bigr)$",
    text_alignment="center",
)
ANSWERS = {
    "threshold": "One unit, its curve, and the inputs that pass.",
    "curves": "One hidden layer: the shapes within its reach, and those out of it.",
    "feature_maps": "One filter over a photograph, or over yours.",
    "regression": "With and without intercept, on your table too.",
    "norms": "When `bias=False` before a norm is safe, and when it is not.",
    "twins": "Two networks from one start, trained while you watch; then dim the light.",
    "when_bias_matters": "Many tasks, twenty seeds each: where it helps, changes nothing, hurts.",
    "audit": "Your own network, layer by layer, from what `print(model)` shows.",
    "inside": "One trained network opened: every map, every bias with a switch, every score taken apart.",
}
INTRODUCTIONS = {
    "Learn": "Questions that are answered exactly, under your finger, with the bias and without:",
    "Experiment": "Questions that only many trained networks can answer, with an interval and a verdict:",
}
for group, introduction in INTRODUCTIONS.items():
    st.markdown(introduction)
    for name, question in frame.MENU[group].items():
        with st.container(gap=None):
            st.page_link(f"pages/{name}.py", label=f"**{question}**", icon=":material/arrow_forward:")
            st.caption(f"&emsp;&emsp;{ANSWERS[name]}")

st.subheader("Three things are called bias", anchor=False)
st.markdown(
    """
- **The bias term** is the + *b* above: a number that a network learns beside its kernels. This is the one meant here.
- **Bias against variance** is how far a model is off on average, however much data it sees. A network with bias terms
  can have less of it, or more.
- **Unfair bias** is when a system treats people unequally. Adding or dropping + *b* neither causes nor cures it.
"""
)
st.subheader("What is claimed, and what is not", anchor=False)
st.markdown(
    """
It is often written that a model with a bias fits better. On the data it is fitted to, the best model with a bias is
never worse than the best one without: dropping it only takes a choice away. Whether it *predicts* better is another
question, and the answer is not always yes. Each page here shows both twins, made from the same data, so that you can
see when the bias helps, when it does nothing, and when the model is better off without it.
"""
)
