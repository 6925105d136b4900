"""What is the bias, what is it not, and where can I touch it?"""

import streamlit as st

from pages.parts import overview as parts
from pages.shared import frame, question, take_away

frame.open_page(
    "overview",
    "The + *b* of a convolutional network in three pictures: what it does, how it fails, and why.",
    charts=False,
)
act = parts.act()
parts.story(act)
QUESTIONS = {
    "feature_maps": "What does it do?",
    "when_bias_matters": "Do I need it?",
    "audit": "Is bias=False safe in my network?",
}
with st.container(horizontal=True, gap="small"):
    for name, asked in QUESTIONS.items():
        frame.link(name, f"**{asked}**", width="content")

question.ask(
    "How many new digits does a small network read with its biases, against its twin without any?",
    ("more", "about as many", "fewer"),
    parts.answer,
)
with st.expander("Three things are called bias"):
    st.markdown(
        """
- **The bias term** is the + *b* above: a number that a network learns beside its kernels. This is the one meant here.
- **Bias against variance** is how far a model is off on average, however much data it sees. A network with bias terms
  can have less of it, or more.
- **Unfair bias** is when a system treats people unequally. Adding or dropping + *b* neither causes nor cures it.
"""
    )
st.subheader("For a class, in ten minutes", anchor=False)
parts.lesson()
st.subheader("Five points of the article behind this, and what we found", anchor=False)
parts.article()
st.subheader("Popular answers, tested", anchor=False)
parts.popular()
take_away.bar(of="feature_maps", program=act == parts.ACTS[0])
