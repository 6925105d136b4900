"""What is the bias, what is it not, and where can I touch it?"""

import streamlit as st

from pages.parts import overview as parts
from pages.shared import draw, frame, question, take_away

frame.open_page(
    "overview",
    "A filter in a convolutional network multiplies and adds; then it adds one more number, the same at every place. "
    "**That number is its bias, and it decides how much is enough.**",
    charts=False,
)
st.markdown(
    r"$\small\text{output} = \text{activation}\bigl(\sum \text{input} \times \text{kernel}$"
    r":primary[$\small\boldsymbol{{}+ b}$]$\small\bigr)$",
    text_alignment="center",
)
parts.photograph()
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
draw.text(
    "### The answer in three sentences",
    "A bias moves the threshold: a filter with ReLU answers only where its sum of products exceeds −*b*. A network "
    "needs one where the answer changes when the whole picture is multiplied by one number; where it hangs on a shape, "
    "a network and its twin without bias are mostly level, and under other light than in training the bias can do "
    "harm. Right before a norm that subtracts each channel's own mean it does nothing and can be left out; it is not "
    "the only such place.",
    "### Three things are called bias",
    """
- **The bias term** is the + *b* above: a number that a network learns beside its kernels. This is the one meant here.
- **Bias against variance** is how far a model is off on average, however much data it sees. A network with bias terms
  can have less of it, or more.
- **Unfair bias** is when a system treats people unequally. Adding or dropping + *b* neither causes nor cures it.
""",
    "### What the article says, and what we found",
    "This dashboard grew from an article that ends: therefore a model with a bias fits better. On the data it is "
    "fitted to, the best model with a bias is never worse than the best one without: dropping it only takes a choice "
    "away. Whether it *predicts* better is another question.",
)
parts.claims("Show its five points, each with our number", key="article")
draw.text(
    "### Popular answers, tested",
    "“XOR is impossible without a bias”, “R² lies between 0 and 1”, “a norm follows, so set bias=False”: what people "
    "repeat, where it is heard, and what the numbers say. What we could not measure is left out.",
)
parts.claims("Show the claims, each with its number", key="answers")

st.subheader("All pages", anchor=False)
INTRODUCTIONS = {
    "Learn": "Questions that are answered exactly, under your finger, with the bias and without:",
    "Experiment": "Questions that only many trained networks can answer, with an interval and a verdict:",
}
for group, introduction in INTRODUCTIONS.items():
    st.markdown(introduction)
    for entry in frame.MENU:
        if entry.group == group:
            with st.container(gap=None, key=f"answer-{entry.name}"):
                frame.link(entry.name, f"**{entry.question}**")
                st.caption(entry.answer)
st.subheader("For a class", anchor=False)
st.markdown("Six steps in 45 minutes: a link, a question, what the class will see, the usual misconception.")
parts.lesson()
take_away.bar(of="feature_maps")
