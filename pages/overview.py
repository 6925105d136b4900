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
st.markdown("Three questions, each answered under your finger, with the bias and without:")
for name, question, answer in (
    ("threshold", "What does b move?", "One unit, its curve, and the inputs that pass."),
    ("feature_maps", "What does it do to a picture?", "One filter over a photograph, or over yours."),
    ("regression", "What does it do to a line?", "With and without intercept, on your table too."),
):
    with st.container(gap=None):
        st.page_link(f"pages/{name}.py", label=f"**{question}**", icon=":material/arrow_forward:")
        st.caption(f"&emsp;&emsp;{answer}")

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
