"""What the front door is made of: a photograph under one dragged b, and claims that were tested."""

import streamlit as st

from core.charts.palette import picture_url
from core.claims.claim import Answer
from core.data.kernels import KERNELS
from core.question import Found
from pages.shared import controls, draw, filtered_picture, frame, server, take_away
from pages.shared.live_maps.component import Tile, live_maps
from pages.shared.live_slider.component import live_slider

PICTURE, KERNEL, ACTIVATION = "temple", KERNELS["edges_x"].weights, "relu"
HEAVY = ("core.claims.article", "core.claims.popular_exact")
"""What brings scikit-learn and scipy: imported when somebody wants it, after the first screen."""

LESSON, HOME = frame.ROOT / "teach.md", "http://localhost:8501"


@st.fragment
def photograph() -> None:
    """One photograph and its map without and with a bias that is dragged."""
    with live_slider("bias b", key="overview.b", low=-0.2, high=0.2, step=0.005, default=-0.06) as (bias, _):
        take_away.program(picture=PICTURE, kernel=KERNEL, bias=bias, activation=ACTIVATION)
        picture = filtered_picture.sample_picture(PICTURE)
        filtered = filtered_picture.filtered(picture, KERNEL)
        pair, scale = filtered.pair(bias, ACTIVATION), filtered.scale(ACTIVATION)
        without = filtered_picture.map_without_bias(picture, KERNEL, ACTIVATION)
        live_maps(
            Tile("A photograph", "the input", filtered_picture.still_pictures(picture, KERNEL)[0]),
            Tile("Without bias", "ReLU(sum)", without, "without bias"),
            Tile("With bias", "ReLU(sum + b)", picture_url(pair.with_bias, *scale), "with bias"),
            key="overview_maps",
            shape=pair.pre.shape,
        )
        draw.text(pair.sentence)


def answer() -> Found:
    """Whether biases help on ordinary digits."""
    from core.claims.article import overview_answer

    return overview_answer()


def lesson() -> None:
    """The lesson of `teach.md`: its steps, with links to this very server, and the whole to be taken away."""
    text = LESSON.read_text(encoding="utf-8")
    with st.expander("Read its six steps"):
        st.markdown(text[text.index("## 1.") :].replace("## ", "#### ").replace(HOME, ""))
    st.download_button("Download the lesson (teach.md)", text, file_name="teach.md", mime="text/markdown", key="teach")


def _found(key: str) -> tuple[Answer, ...]:
    from core.claims import article, popular_exact

    return article.article_points() if key == "article" else popular_exact.popular_answers()


@st.fragment
def claims(label: str, *, key: str) -> None:
    """A switch, and below it the "article"'s points or the popular "answers", worked out when somebody wants them."""
    if not controls.switch(label, key=key):
        return
    with controls.refusing(st):
        with st.spinner("Working out the numbers."):
            server.load(HEAVY)
            answers = _found(key)
        for answer in answers:
            with st.container(gap=None):
                st.markdown(f"**“{answer.claim}”** &ensp; :small[:gray[{answer.heard}]]  \n{answer.in_markdown}")
                frame.link(answer.page, f"See it: {frame.PAGES[answer.page].question}", answer.link)
