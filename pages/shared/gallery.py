"""Small pictures in rows, each with a line of words."""

from collections.abc import Iterable
from html import escape
from typing import NamedTuple

import streamlit as st


class Card(NamedTuple):
    """A picture as a data URL, and what stands below it."""

    url: str
    words: str = ""


def gallery(cards: Iterable[Card], *, size: int = 64) -> None:
    """Draw cards of `size` pixels in rows that wrap; words are text, never markup."""
    figures = "".join(
        f'<figure style="margin:0;width:min({size}px,100%)"><img src="{card.url}" alt="{escape(card.words)}" '
        f'style="width:100%;image-rendering:pixelated;display:block;border:1px solid rgba(128,136,133,.4)">'
        '<figcaption style="font-size:.75rem;line-height:1.25;margin-top:.2rem;white-space:pre-line">'
        f"{escape(card.words)}</figcaption></figure>"
        for card in cards
    )
    st.html(f'<div style="display:flex;flex-wrap:wrap;gap:10px">{figures}</div>')
