"""A question before the answer: three choices and "show me", then which choice the numbers support."""

import streamlit as st

from core.errors import InputError
from core.studies.predictions import QUESTIONS
from pages.shared import controls, draw

SHOW = "show me"


@st.cache_resource(max_entries=64, show_spinner=False)
def _answered(page: str, guess: str) -> str:
    return QUESTIONS[page].answered(guess)


def first(page: str) -> None:
    """Ask the page's question; nothing of what a visitor says is kept beyond the session, or put into a link."""
    question = QUESTIONS[page]
    guess = st.pills(question.text, [*question.choices, SHOW], key=f"predict {page}", persist_state="session")
    if not guess:
        return
    try:
        draw.text(_answered(page, guess))
    except InputError as error:
        controls.refuse(st, error)
