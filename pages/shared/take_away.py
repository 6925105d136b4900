"""What a visitor takes away from a page: its link, its numbers as tables, its data as files."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import streamlit as st

from core.errors import InputError
from pages.shared import controls

if TYPE_CHECKING:
    import pandas as pd

HTML = """<button type="button">Copy link</button><span role="status"></span>"""
CSS = """
button { font: 400 0.875rem var(--st-font); color: var(--st-text-color); background: var(--st-background-color);
  height: 2.5rem; padding: 0 0.75rem; cursor: pointer;
  border: 1px solid var(--st-border-color); border-radius: var(--st-button-radius); }
button:hover { border-color: var(--st-primary-color); color: var(--st-primary-color); }
button:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 2px; }
span { font: 400 0.875rem var(--st-font); color: var(--st-text-color); margin-left: 0.75rem; }
span:empty { display: none; }
"""
JS = """
export default function ({ parentElement }) {
  const [button, status] = [parentElement.querySelector("button"), parentElement.querySelector("span")]
  button.onclick = async () => {
    try {
      await navigator.clipboard.writeText(window.location.href)
      status.textContent = "Copied: it opens this page with these settings."
    } catch {
      status.textContent = "Copy the address of this page from the browser's address bar."
    }
  }
}
"""
COPY_LINK = st.components.v2.component("copy_link", html=HTML, css=CSS, js=JS)


def program(page: str, **settings: Any) -> None:
    """Note what the page shows now, as the program of `core.export` calls it: what the bar gives follows the finger."""
    st.session_state.setdefault(f"program {page}", {}).update(settings)


def bar(page: str, *, program: bool = True, of: str = "") -> None:
    """The page's address, which holds every setting that is not an upload; its program, as a file and as a notebook.

    Parameters
    ----------
    page : str
        The page's file name.
    program : bool
        False where what is shown cannot be made again by a program that runs alone.
    of : str
        The page whose program also makes what this one shows; by default it has its own.
    """
    st.divider()
    with st.container(horizontal=True):
        COPY_LINK(key=f"{page}.copy_link", width="content")
        if program:
            # A plain dict: the file is made when a visitor asks for it, outside the page's run.
            settings = st.session_state.setdefault(f"program {page}", {})
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


def tables(page: str, frames: "Callable[[], Mapping[str, pd.DataFrame]]") -> None:
    """Every number drawn on the page: as tables, and as csv files.

    Parameters
    ----------
    page : str
        The page's file name; the files are called after it.
    frames : function
        () -> mapping of title to frame; called when a visitor opens the tables.
    """
    place = st.expander("The numbers behind the charts", key=f"{page}.tables", on_change="rerun")
    if not place.open:
        return
    try:
        found = frames()
    except InputError as error:  # a recorded file is missing
        controls.refuse(place, error)
        return
    for title, frame in found.items():
        place.markdown(f"**{title}**, {len(frame):,} rows")
        place.dataframe(frame, hide_index=True, height=min(320, 36 * (len(frame) + 1) + 2))
        with place:
            file = f"{Path(page).name}_{title.lower().replace(' ', '_')}.csv"
            csv(f"Download {title[:1].lower()}{title[1:]} (csv)", frame, file)


def csv(label: str, frame: "pd.DataFrame", file: str) -> None:
    """A button that gives a frame as a csv file."""
    st.download_button(
        label, partial(_csv, frame), file_name=file, mime="text/csv", on_click="ignore", key=f"csv {file}"
    )


def _csv(frame: "pd.DataFrame") -> str:
    """The frame as a csv file, with the whole digits of every number; no text in it is a formula to a spreadsheet."""
    return frame.rename(columns=_harmless).map(_harmless).to_csv(index=False)


def _harmless(cell: Any) -> Any:
    """The cell; text that a spreadsheet would run begins with an apostrophe."""
    return f"'{cell}" if isinstance(cell, str) and cell.lstrip()[:1] in tuple("=+-@") else cell
