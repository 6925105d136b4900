"""Draws core's charts: each spec is built once, and only its data are swapped while a slider moves."""

import csv
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import streamlit as st

from core.arms import WITH, WITHOUT, Columns
from core.charts import formula as formulas
from core.charts.palette import GAP
from core.format import for_reading
from core.models.activations import ACTIVATIONS

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from core.exact.one_pixel import PixelSum

    Rows = pd.DataFrame | Columns

TERMS = Path(__file__).with_name("terms.csv").read_text(encoding="utf-8")
NOTES = {row["term"]: row["note"] for row in csv.DictReader(TERMS.splitlines())}
"""Term -> what it means, in a sentence."""
WIDE = 704
"""Of the column of text and charts on a wide screen, in pixels."""


def chart(build: Callable[..., Any], frames: "Mapping[str, Rows]", *, key: str, **options: Any) -> None:
    """Draw one chart of `core.charts`, from its frames by name, or their columns, and its options.

    By its key, unique on the page, Streamlit knows the chart again and swaps its data in place. Another value of an
    option means another spec, so nothing that a slider moves belongs there.
    """
    spec, description = _spec(build, tuple(frames), tuple(sorted(options.items())))
    datasets = {name: _to_arrow(frame) for name, frame in frames.items()}
    height = spec.get("height", "content")
    st.vega_lite_chart({**spec, "datasets": datasets}, key=key, width="stretch", height=height, alt=description)


def _to_arrow(rows: "Rows") -> "pa.Table":
    """Columns, or a frame without its index; Streamlit's own way to a table takes four times as long."""
    import pyarrow as pa  # which comes with Streamlit, and is loaded with the first chart

    columns = rows if isinstance(rows, dict) else {name: rows[name].array for name in rows}
    return pa.table({name: pa.array(values, from_pandas=True) for name, values in columns.items()})


@lru_cache(maxsize=256)
def _spec(build: Callable[..., Any], names: tuple[str, ...], options: tuple[tuple[str, Any], ...]) -> tuple[Any, str]:
    """The chart's spec, with named data in place of frames, and its spoken description."""
    import altair as alt

    from core.charts.legible import legible

    # Not checked against Vega-Lite's schema here, which takes longer than building it: a test does, for every chart.
    made = build(**{name: alt.NamedData(name) for name in names}, **dict(options)).to_dict(validate=False)
    spec = legible(made)
    if "vconcat" in spec or "hconcat" in spec:
        spec["autosize"] = {"type": "fit-x" if "vconcat" in spec else "pad", "contains": "padding"}
    elif "facet" not in spec:  # the height is that of the whole: its place is kept while it loads, and it fits a screen
        spec["autosize"] = {"type": "fit", "contains": "padding"}
    spec["padding"] = {"right": 3}  # or the last label's last digit loses its edge
    # The chart is read aloud by its description, and in its table; a label for each mark would be made at every step.
    config = spec["config"]
    spec["config"] = {**config, "aria": False, "mark": {**config.get("mark", {}), "aria": False}}
    return spec, spec.pop("description")


def formula(entry: "PixelSum", *, above: str = "", **names: Any) -> None:
    """The number at one pixel, from the kernel to what both maps show; the page holds `STYLE` once.

    `above`: HTML of ours in the same element.
    """
    written = formulas.formula(
        entry.weights,
        entry.patch,
        total=entry.pre_activation,
        bias=entry.bias,
        outputs={WITH: entry.output, WITHOUT: entry.without_bias},
        activation=ACTIVATIONS[entry.activation].name,
        **names,
    )
    st.html(above + written)


def unfolded(label: str, *, key: str) -> Any | None:
    """A place that a visitor unfolds; None while it is shut: what stands in it is not worked out at every step."""
    place = st.expander(label, key=key, on_change="rerun")
    return place if place.open else None


def one_of(n: int, width: int) -> int:
    """The width of one of n things side by side in a column this wide; a slider that has not told it says 0."""
    return ((width or WIDE) - (n - 1) * GAP) // n


def text(*parts: str) -> None:
    """Sentences and headings of ours, in markdown, as one element: fewer elements follow a finger faster."""
    st.markdown("\n\n".join(part for part in parts if part))


def explained(*parts: str) -> None:
    """The same where a term of `terms.csv` stands in it: nothing of a visitor's may."""
    st.markdown("\n\n".join(part for part in parts if part), unsafe_allow_html=True)


def term(name: str, shown: str = "") -> str:
    """A term of terms.csv as HTML, under another word where one is shown; for text of ours alone."""
    note, word = escape(NOTES[name], quote=True), shown or name
    return f'<span class="term" tabindex="0" data-note="{note}" aria-label="{word}: {note}">{word}</span>'


def plain(*parts: str) -> None:
    """Sentences that may hold a visitor's words, such as names of columns: text, never markup."""
    st.text("\n".join(part for part in parts if part), width="stretch")


def table(frame: "pd.DataFrame", height: int | Literal["content"] = "content") -> None:
    """A small table for reading; Streamlit takes its cells for markdown, so they are escaped."""
    cells = for_reading(frame)
    for name in cells:
        cells[name] = [escaped(cell) for cell in cells[name]]
    st.table(cells, hide_index=True, height=height)


def escaped(words: str) -> str:
    """Words that may be a visitor's, so that markdown shows them as they are."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", words)


def drop_backticks(sentence: str) -> str:
    """Without the backticks, which are core's quotes for names that may be a visitor's."""
    return sentence.replace("`", "")
