"""A question before the answer: three choices and "show me", then which choice the numbers support."""

from collections.abc import Callable
from functools import lru_cache

import streamlit as st

from core.question import Found
from pages.shared import controls, draw, frame

SHOW = "show me"


@lru_cache(maxsize=16)
def _found(answer: Callable[[], Found]) -> Found:
    return answer()


def ask(text: str, choices: tuple[str, str, str], answer: Callable[[], Found], *, part: str = "") -> None:
    """Ask the question of the page or of a part, and once somebody has chosen, work out which choice `answer` finds.

    Nothing of what a visitor says is kept beyond the session, or put into a link.
    """
    guess = st.pills(text, [*choices, SHOW], key=f"predict {frame.opened()}{part}", persist_state="session")
    if guess:
        with controls.refusing(st):
            draw.text(_found(answer).told(guess, choices))
