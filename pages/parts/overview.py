"""What the front door is made of: a story in three acts under one hand, and claims that were tested."""

from typing import Any

import streamlit as st

from core.arms import WITH, WITHOUT
from core.charts.palette import REST, picture_url
from core.claims.claim import Answer, recorded_points
from core.data.kernels import KERNELS
from core.exact.feature_maps import FilteredPicture
from core.question import Found
from core.studies.dimmer_light import DimmedPicture
from pages.shared import controls, filtered_picture, frame, server, take_away
from pages.shared.live_maps.component import Tile, live_maps
from pages.shared.live_slider.component import live_slider

PICTURE, KERNEL, ACTIVATION = "temple", KERNELS["edges_x"].weights, "relu"
SHAPE = (171, 128)
SHOWN = (..., slice(1, 129))
"""Of the photograph's columns: without the first, at which the filter finds the edge of the picture itself."""
ACTS = ("1 What b does", "2 Dim the light", "3 Dim b too")
FORMULA = (
    r"$\small\text{output} = \text{activation}\bigl(\sum \text{input} \times \text{kernel}$"
    r":primary[$\small\boldsymbol{{}+ b}$]$\small\bigr)$"
)
LEADS = {
    ACTS[0]: f"{FORMULA} &ensp; The same *b* at every place. **Drag it.**",
    ACTS[1]: "Two networks learned at light 1 to remove noise, one with biases, one without. **Drag the light.**",
}
HEAVY = ("core.claims.popular_exact",)
"""What brings scikit-learn and scipy: imported when somebody wants it, after the first screen."""
MARKS = {"true": ":green-badge[True]", "false": ":red-badge[False]", "depends": ":violet-badge[Depends]"}
LESSON, HOME = frame.ROOT / "teach.md", "http://localhost:8501"


def act() -> str:
    """Which of the three acts is shown."""
    chosen: str = st.segmented_control(
        "Act",
        ACTS,
        default=ACTS[0],
        required=True,
        key="act",
        width="stretch",
        wrap=False,
        label_visibility="collapsed",
        **controls.LINKED,
    )
    return chosen


@st.fragment
def story(act: str) -> None:
    """A line, a slider, three pictures that stand at the same place in every act, a sentence with the numbers."""
    with st.container(key="lead"):
        along = act == ACTS[2] and st.toggle("Multiply every bias by *k*, too", True, key="along", **controls.LINKED)
        if act in LEADS:
            st.markdown(LEADS[act])
    if act == ACTS[0]:
        _what_b_does()
    else:
        _dimmed(along)


def _what_b_does() -> None:
    """One photograph and its map without and with a bias that is dragged."""
    track: dict[str, Any] = {"low": -0.2, "high": 0.2, "step": 0.005, "default": -0.06, "play": (0.0, -0.2)}
    with live_slider("bias b", key="overview.b", **track) as (bias, _):
        take_away.program(picture=PICTURE, kernel=KERNEL, bias=bias, activation=ACTIVATION)
        photograph, without = _stills()
        live_maps(
            Tile("A photograph", "the input", photograph, still=True),
            Tile("Without bias", "ReLU(sum)", without, WITHOUT, still=True),
            Tile("With bias", "ReLU(sum + b)", _map_url(bias), WITH),
            key="overview_maps",
            shape=SHAPE,
            layout="front",
        )
        _say(_filtered().pair(bias, ACTIVATION).sentence)
        st.caption(
            "One filter for vertical edges; a network learns its *b*. Counted over the whole photograph, of which the "
            "left half is shown."
        )


def _dimmed(along: bool) -> None:
    """A noisy photograph under a light that is dragged, and what the denoiser and its twin make of it."""
    track: dict[str, Any] = {"low": 0.02, "high": 1.0, "step": 0.05, "default": 0.03, "play": (1.0, 0.02), "log": True}
    with live_slider("light k", key="overview.light", **track) as (k, _), controls.refusing(st):
        seen = DimmedPicture(min(max(k, 0.001), 1000.0), along)
        noisy, without = _noisy_stills()
        live_maps(
            Tile("Noisy photograph", "left: as dark as it is", noisy, REST, still=True, light=seen.light),
            Tile("Without bias", "its twin, denoised", without, WITHOUT, still=True),
            Tile("With bias", "every bias × k" if along else "biases as trained", _denoised_url(seen), WITH),
            key="overview_maps",
            shape=SHAPE,
            layout="front",
        )
        _say(seen.sentence)
        st.caption(
            f"{seen.seeds_sentence} All but the dark side is divided by *k*, and clipped; the frame is zero padding."
        )


def _say(sentence: str) -> None:
    """The sentence with the numbers, which on a phone stands beside the small picture."""
    with st.container(key="says"):
        st.markdown(sentence)


def _filtered() -> FilteredPicture:
    return filtered_picture.filtered(filtered_picture.sample_picture(PICTURE), KERNEL)


def _map_url(bias: float = 0.0) -> str:
    filtered = _filtered()
    return picture_url(filtered.feature_map(ACTIVATION, bias)[SHOWN], *filtered.scale(ACTIVATION), size=1)


@st.cache_resource(max_entries=1, show_spinner=False)
def _stills() -> tuple[str, str]:
    """The photograph, and its map without bias."""
    photograph = filtered_picture.sample_picture(PICTURE).pixels[SHOWN]
    return picture_url(photograph, 0, 1, "grey", size=1), _map_url()


@st.cache_resource(max_entries=1, show_spinner=False)
def _noisy_stills() -> tuple[str, str]:
    """The noisy photograph, and what the twin without bias makes of it."""
    seen = DimmedPicture(1.0)
    noisy, without = (picture_url(picture, 0, 1, "grey", size=1) for picture in (seen.noisy, seen.without_bias))
    return noisy, without


@st.cache_resource(max_entries=128, show_spinner=False)
def _denoised_url(seen: DimmedPicture) -> str:
    return picture_url(seen.with_bias, 0, 1, "grey", size=1)


def answer() -> Found:
    """Whether biases help on ordinary digits."""
    from core.claims.article import overview_answer

    return overview_answer()


def lesson() -> None:
    """Ten minutes in three links; the lesson of `teach.md`, with links to this very server, to be taken away."""
    with st.container(horizontal=True, gap="small"):
        frame.link("threshold", "One unit", width="content")
        frame.link("when_bias_matters", "Dim or bright", {"task": "Dim or bright copy"}, width="content")
        frame.link("overview", "The denoiser", {"act": ACTS[1]}, width="content")
    text = LESSON.read_text(encoding="utf-8")
    with st.expander("Seven steps in 45 minutes"):
        st.markdown(text[text.index("## 1.") :].replace("## ", "#### ").replace(f"{HOME}/", "./"))
        st.download_button(
            "Download the lesson (teach.md)", text, file_name="teach.md", mime="text/markdown", key="teach"
        )


def article() -> None:
    """The article's five points, each in a row."""
    with controls.refusing(st):
        for point in recorded_points():
            _row(point, "")


@st.fragment
def popular() -> None:
    """A switch, and below it the popular answers, worked out when somebody wants them, with a filter."""
    if not controls.switch("Show the claims, each with its number", key="answers"):
        return
    with controls.refusing(st):
        with st.spinner("Working out the numbers."):
            server.load(HEAVY)
            from core.claims.popular_exact import popular_answers

            answers = popular_answers()
        kinds = {"all": f"All {len(answers)}"} | {verdict: verdict.capitalize() for verdict in MARKS}
        kind = st.segmented_control(
            "Verdict", list(kinds), default="all", format_func=kinds.__getitem__, required=True, key="verdict"
        )
        for answer in answers:
            if kind in ("all", answer.verdict):
                _row(answer, f" &ensp; :small[:gray[{answer.heard}]]")


def _row(answer: Answer, heard: str) -> None:
    on = f"Depends on {answer.on}. " if answer.on else ""
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.markdown(f"{MARKS[answer.verdict]} **“{answer.claim}”**{heard}  \n{on}{answer.finding}", width=600)
        frame.link(answer.page, "See it", answer.link, width="content")
