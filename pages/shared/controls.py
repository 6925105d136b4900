"""The controls that pages share; each has its value in the share link and keeps it when the page is left."""

import math
from collections.abc import Mapping
from dataclasses import asdict
from types import MappingProxyType
from typing import Any, NamedTuple

import streamlit as st

from core.data.kernels import KERNELS
from core.data.pictures import SAMPLES, Picture
from core.data.tables import BUILT_IN, NoisyLine, Table
from core.errors import InputError
from core.models.activations import ACTIVATIONS
from pages.shared import cached, draw

PHOTOGRAPH, EDGE_PIXEL = (171, 256), (45, 119)
"""Rows and columns of the sample photographs, and a pixel on the temple's roof."""
OWN = "own"
"""The slug of "your own" in every choice."""


def choose(label: str, titles: dict[str, str], *, key: str, default: str = "", **more: Any) -> str:
    """A select box over slugs, shown by their titles; the first is the default where none is named."""
    slugs = list(titles)
    chosen: str = st.selectbox(
        label,
        slugs,
        slugs.index(default) if default else 0,
        titles.__getitem__,
        key=key,
        bind="query-params",
        persist_state="session",
        **more,
    )
    return chosen


def activation() -> str:
    """The name of an activation in `core.models.activations`; the choice is the same on every page."""
    return choose("Activation", {name: entry.name for name, entry in ACTIVATIONS.items()}, key="activation")


def formula(activation: str) -> str:
    """What an activation computes, as a formula in markdown."""
    entry = ACTIVATIONS[activation]
    return rf"$\text{{{entry.name}}}(z) = {entry.formula}$"


def number(label: str, *, key: str, low: float, high: float, default: float, step: float, **more: Any) -> float:
    """A number field from `low` to `high`."""
    return st.number_input(
        label, low, high, default, step, key=key, bind="query-params", persist_state="session", **more
    )


def whole(label: str, *, key: str, low: int, high: int, default: int, **more: Any) -> int:
    """A field for a whole number from `low` to `high`."""
    if any(map(_is_endless, st.query_params.get_all(key))):  # Streamlit 1.67 breaks on a link that says 1e999
        st.query_params.pop(key)
        st.rerun()
    value: int = st.number_input(
        label, low, high, default, 1, key=key, bind="query-params", persist_state="session", **more
    )
    return value


def _is_endless(text: str) -> bool:
    try:
        return math.isinf(float(text))
    except ValueError:
        return False


def switch(label: str, *, key: str, **more: Any) -> bool:
    """A switch, off by default."""
    return st.toggle(label, key=key, bind="query-params", persist_state="session", **more)


def picture(place: Any) -> Picture | None:
    """A sample picture, or the visitor's own; None, with a sentence, while there is none.

    Parameters
    ----------
    place : container
        Where the uploader stands, below the row of choices.
    """
    titles = {name: sample.title for name, sample in SAMPLES.items()}
    name = choose("Picture", titles | {OWN: "Your own picture"}, key="picture")
    return own_picture(place) if name == OWN else cached.sample_picture(name)


def picture_setting(picture: Picture) -> dict[str, str]:
    """The picture as a program calls it: a sample by its slug, the visitor's own by its file name."""
    slugs = [name for name, sample in SAMPLES.items() if sample.title == picture.name]
    return {"picture": slugs[0] if slugs else picture.name}


def own_picture(place: Any) -> Picture | None:
    """The visitor's own picture; None, with a sentence, while there is none."""
    label = "Your picture (PNG, JPEG, WebP, GIF, BMP or TIFF, at most 10 MB); it stays in your session"
    file = upload(label, place, key="picture_file")
    try:
        return cached.uploaded_picture(*file) if file else None
    except InputError as error:
        refuse(place, error)
        return None


def kernel(place: Any) -> cached.Weights:
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
                bind="query-params",
                persist_state="session",
            )
            for column in range(side)
        )


def upload(label: str, place: Any, *, key: str, most: int = 10) -> tuple[bytes, str] | None:
    """An uploader and the file in it, (content, name), kept where Streamlit would forget it: on another page."""
    kept = f"kept {key}"
    file = place.file_uploader(label, key=key, max_upload_size=most, on_change=_forget, args=(kept,))
    if file is not None:
        st.session_state[kept] = (file.getvalue(), file.name)
    elif kept in st.session_state:
        place.text(f"Still using {st.session_state[kept][1]}.")
    found: tuple[bytes, str] | None = st.session_state.get(kept)
    return found


def _forget(kept: str) -> None:
    """The visitor took the file out, or put another one in."""
    st.session_state.pop(kept, None)


def refuse(place: Any, error: InputError, names: Mapping[str, str] = MappingProxyType({})) -> None:
    """Say what is wrong with an input and what to do next.

    Parameters
    ----------
    place : container
    error : InputError
    names : mapping
        Parameter of core -> what the page calls it; others keep their name.
    """
    said = f"{error}. {error.hint}"
    for parameter, name in {"picture": "The file", "data": "The file", **names}.items():
        said = said.replace(f"`{parameter}`", name)
    place.warning(draw.escaped(said.replace("`", "")))


def pixel(clicked: tuple[int, int] | None, rows: int, columns: int) -> tuple[int, int]:
    """Two fields for a pixel's row and column, counted from 0 at the top left; a click fills them.

    The default is the middle of the picture, or in the photographs a pixel on an edge; a pixel outside a smaller
    picture gives way to it.
    """
    default = EDGE_PIXEL if (rows, columns) == PHOTOGRAPH else (rows // 2, columns // 2)
    if clicked:
        st.session_state["row"], st.session_state["column"] = clicked
    elif not (st.session_state.get("row", 0) < rows and st.session_state.get("column", 0) < columns):
        st.session_state["row"], st.session_state["column"] = default
    with st.container(horizontal=True):
        row = whole("row", key="row", low=0, high=max(rows - 1, 1), default=default[0], width=140)
        column = whole("column", key="column", low=0, high=max(columns - 1, 1), default=default[1], width=140)
    return min(row, rows - 1), min(column, columns - 1)


def noisy_line(place: Any) -> NoisyLine | None:
    """The settings of the article's data, but for the intercept, which the page drags; None if they break a rule."""
    standard = NoisyLine()
    with place.expander("Slope, noise, number of points, range and seed"), st.container(horizontal=True):
        slope = number("true slope", key="slope", low=-100.0, high=100.0, default=standard.slope, step=0.5, width=150)
        noise = number("noise (sd)", key="noise", low=0.0, high=100.0, default=standard.noise, step=0.5, width=150)
        n = whole("points", key="n", low=3, high=10_000, default=standard.n, width=150)
        low = number("x from", key="from", low=-1000.0, high=1000.0, default=standard.low, step=1.0, width=150)
        high = number("x to", key="to", low=-1000.0, high=1000.0, default=standard.high, step=1.0, width=150)
        seed = whole("seed", key="seed", low=0, high=2**32 - 1, default=standard.seed, width=150)
    try:
        return NoisyLine(slope=slope, noise=noise, n=n, low=low, high=high, seed=seed)
    except InputError as error:
        refuse(place, error, {"low": "x from", "high": "x to", "noise": "noise", "n": "points"})
        return None


def data_name() -> str:
    """The name of a built-in table, or `OWN`."""
    titles = {name: entry.title for name, entry in BUILT_IN.items()}
    return choose("Data", titles | {OWN: "Your own table"}, key="data")


def table(name: str, place: Any) -> Table | None:
    """A built-in table, or the visitor's own; None, with a sentence, while there is none."""
    if name != OWN:
        return cached.built_in_table(name)
    label = "Your table (csv or other delimited text, at most 10 MB); it stays in your session"
    file = upload(label, place, key="table_file")
    if file is None:
        return None
    try:
        read = cached.uploaded_table(*file)
    except InputError as error:
        refuse(place, error)
        return None
    for note in read.notes:
        place.text(note)
    return read


def line_settings(name: str, law: NoisyLine | None, columns: "Columns", file: str) -> dict[str, Any]:
    """The data of a line as its program calls them."""
    own = {"table": file, "x_columns": columns.x, "y_column": columns.y, "drawn": columns.drawn} if name == OWN else {}
    return {"data": name} | own | (asdict(law) if law else {})


class Columns(NamedTuple):
    """Which columns of a table are fitted: several x, of which one is drawn, and y."""

    x: tuple[str, ...]
    y: str
    drawn: int
    x_title: str
    y_title: str


def columns(name: str, table: Table, place: Any) -> Columns:
    """The columns of a built-in table, or those that the visitor chooses from their own."""
    if name != OWN:
        entry = BUILT_IN[name]
        return Columns((entry.x,), entry.y, 0, entry.x_title, entry.y_title)
    names = list(table.frame.columns)
    with place.container(horizontal=True):
        y = st.selectbox("y, to be explained", names, len(names) - 1)
        others = [column for column in names if column != y]
        x = st.multiselect("x, one or more", others, others[:1]) or others[:1]
        drawn = st.selectbox("x on the axis", x) if len(x) > 1 else x[0]
    return Columns(tuple(x), y, x.index(drawn), drawn, y)
