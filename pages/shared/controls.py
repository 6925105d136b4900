"""The controls that pages share; each has its value in the share link and keeps it when the page is left."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import streamlit as st

from core.data.kernels import KERNELS
from core.errors import InputError
from core.models.activations import ACTIVATIONS
from pages.shared import draw, filtered_picture

OWN = "own"
"""The slug of "your own" in every choice."""


LINKED: dict[str, Any] = {"bind": "query-params", "persist_state": "session"}
"""How a control has its value in the share link, and keeps it when the page is left."""


def choose(label: str, titles: dict[str, str], *, key: str, default: str = "", **more: Any) -> str:
    """A select box over slugs, shown by their titles; the first is the default where none is named."""
    slugs = list(titles)
    first = slugs.index(default) if default else 0
    chosen: str = st.selectbox(label, slugs, first, titles.__getitem__, key=key, **LINKED, **more)
    return chosen


def activation() -> str:
    """The name of an activation in `core.models.activations`; the choice is the same on every page."""
    return choose("Activation", {name: entry.name for name, entry in ACTIVATIONS.items()}, key="activation")


def formula(activation: str) -> str:
    """What an activation computes, as a formula in markdown."""
    entry = ACTIVATIONS[activation]
    return rf"$\text{{{entry.name}}}(z) = {entry.formula}$"


def number(
    label: str, *, key: str, low: float, high: float, default: float, step: float, width: int = 150, **more: Any
) -> float:
    """A number field from `low` to `high`."""
    value: float = st.number_input(label, low, high, default, step, key=key, width=width, **LINKED, **more)
    return value


def whole(label: str, *, key: str, low: int, high: int, default: int, width: int = 150) -> int:
    """A field for a whole number from `low` to `high`."""
    if any(map(_is_endless, st.query_params.get_all(key))):  # Streamlit 1.67 breaks on a link that says 1e999
        st.query_params.pop(key)
        st.rerun()
    value: int = st.number_input(label, low, high, default, 1, key=key, width=width, **LINKED)
    return value


def _is_endless(text: str) -> bool:
    try:
        return math.isinf(float(text))
    except ValueError:
        return False


def switch(label: str, *, key: str) -> bool:
    """A switch, off by default."""
    return st.toggle(label, key=key, **LINKED)


def dim_biases() -> bool:
    """Whether the biases follow the light; the same on every page that has one."""
    return switch("Dim the biases too: every bias times *k*", key="dimmed")


def kernel(place: Any) -> filtered_picture.Weights:
    """A kernel by its name, or the visitor's own in number fields, drawn at `place`."""
    titles = {name: entry.title for name, entry in KERNELS.items()}
    name = choose("Kernel", titles | {OWN: "Your own numbers"}, key="kernel", default="edges_x")
    if name != OWN:
        return KERNELS[name].weights
    with place:
        side = 5 if switch("5 × 5 instead of 3 × 3", key="five") else 3
        with st.container(gap="xsmall"):
            return tuple(_kernel_row(row, side) for row in range(side))


def _kernel_row(row: int, side: int) -> tuple[float, ...]:
    """One row of number fields; the default is a vertical edge."""
    edge = {0: -1.0, side - 1: 1.0}
    with st.container(horizontal=True, wrap=False, gap="xsmall"):
        return tuple(
            st.number_input(
                f"kernel row {row + 1}, column {column + 1}",
                -1000.0,
                1000.0,
                edge.get(column, 0.0),
                None,
                format="%g",
                key=f"k{side}{row + 1}{column + 1}",
                label_visibility="collapsed",
                **LINKED,
            )
            for column in range(side)
        )


@contextmanager
def refusing(place: Any, **names: str) -> Iterator[None]:
    """Say at a place what is wrong with an input and what to do next, where what stands inside refuses it.

    The names are what the page calls parameters of core; others keep theirs.
    """
    try:
        yield
    except InputError as error:
        said = f"{error}. {error.hint}"
        for parameter, name in {"picture": "The file", "data": "The file", **names}.items():
            said = said.replace(f"`{parameter}`", name)
        place.warning(draw.escaped(draw.drop_backticks(said)))
