"""A question before the answer: three choices and "show me", then which choice the numbers support."""

from collections.abc import Callable
from functools import lru_cache

import streamlit as st

from core.errors import InputError
from core.question import Found
from pages.shared import controls, draw

SHOW = "show me"


@lru_cache(maxsize=16)
def _found(answer: Callable[[], Found]) -> Found:
    return answer()


def ask(page: str, text: str, choices: tuple[str, str, str], answer: Callable[[], Found]) -> None:
    """Ask the page's question; nothing of what a visitor says is kept beyond the session, or put into a link.

    Parameters
    ----------
    page : str
    text : str
        Ends in a question mark.
    choices : tuple of str
        One of them is what `answer` finds.
    answer : callable
        Works it out, when somebody has chosen.
    """
    guess = st.pills(text, [*choices, SHOW], key=f"predict {page}", persist_state="session")
    if not guess:
        return
    try:
        draw.text(_found(answer).told(guess, choices))
    except InputError as error:
        controls.refuse(st, error)
