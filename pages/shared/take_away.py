"""What a visitor takes away from a page: its link, its numbers as tables, its data as files."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import streamlit as st

from pages.shared import controls, draw, frame

if TYPE_CHECKING:
    import pandas as pd

HERE = Path(__file__).parent
COPY_LINK = st.components.v2.component(
    "copy_link",
    html="""<button type="button">Copy link</button><span role="status"></span>""",
    css=(HERE / "copy_link.css").read_text(),
    js=(HERE / "copy_link.js").read_text(),
)


def program(**settings: Any) -> None:
    """Note what the page shows now, as the program of `core.export` calls it: what the bar gives follows the finger."""
    _settings().update(settings)


def _settings() -> dict[str, Any]:
    noted: dict[str, Any] = st.session_state.setdefault(f"program {frame.opened()}", {})
    return noted


def bar(*, program: bool = True, of: str = "") -> None:
    """The page's address, which holds every setting that is not an upload; its program, as a file and as a notebook.

    There is no program where what is shown cannot be made again by one that runs alone; it may be that `of` another
    page, which makes what this one shows too.
    """
    page = frame.opened()
    st.divider()
    with st.container(horizontal=True):
        COPY_LINK(key=f"{page}.copy_link", width="content")
        if program:
            settings = _settings()  # a plain dict: the file is made when a visitor asks for it, outside the page's run
            _download("Program", of or page, settings, "py")
            _download("Notebook", of or page, settings, "ipynb")
            if page == "twins":
                _download("In PyTorch", "twins_torch", settings, "py")


def _download(label: str, page: str, settings: dict[str, Any], kind: Literal["py", "ipynb"]) -> None:
    def make() -> str:
        from core import export  # which reads every program

        return (export.program if kind == "py" else export.notebook)(page, **settings)

    st.download_button(
        label,
        make,
        file_name=f"{page}.{kind}",
        mime="text/x-python" if kind == "py" else "application/x-ipynb+json",
        on_click="ignore",
        key=f"{page}.{kind}",
        help="A whole program with these settings, which needs nothing of ours: its last line prints these numbers.",
    )


def tables(frames: "Callable[[], Mapping[str, draw.Rows]]") -> None:
    """Every number drawn on the page, by title, worked out when a visitor opens them: as tables, and as csv files."""
    page = frame.opened()
    place = draw.unfolded("The numbers behind the charts", key=f"{page}.tables")
    if not place:
        return
    import pandas as pd  # after the first page's run, which needs none

    with controls.refusing(place), place:  # a recorded file may be missing
        for title, columns in frames().items():
            rows = pd.DataFrame(columns)
            st.markdown(f"**{title}**, {len(rows):,} rows")
            st.dataframe(rows, hide_index=True, height=min(320, 36 * (len(rows) + 1) + 2))
            file = f"{page}_{title.lower().replace(' ', '_')}.csv"
            csv(f"Download {title[:1].lower()}{title[1:]} (csv)", rows, file)


def csv(label: str, rows: "pd.DataFrame", file: str) -> None:
    """A button that gives a frame as a csv file."""
    st.download_button(
        label, partial(_csv, rows), file_name=file, mime="text/csv", on_click="ignore", key=f"csv {file}"
    )


def _csv(rows: "pd.DataFrame") -> str:
    """The frame as a csv file, with the whole digits of every number; no text in it is a formula to a spreadsheet."""
    return rows.rename(columns=harmless).map(harmless).to_csv(index=False)


def harmless(cell: Any) -> Any:
    """The cell; text that a spreadsheet would run begins with an apostrophe."""
    return f"'{cell}" if isinstance(cell, str) and cell.lstrip()[:1] in tuple("=+-@") else cell
