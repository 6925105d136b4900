"""The frame around every page: the menu, the door, the heading."""

import csv
from pathlib import Path
from typing import Literal, NamedTuple

import streamlit as st
from streamlit.navigation.page import Page

from pages.shared import server, visits

ROOT = Path(__file__).parents[2]
ICON = str(ROOT / "pages/shared/icon.png")


class Entry(NamedTuple):
    """One page: its file's name, which is its address too, its group, and what it asks and answers."""

    name: str
    group: str
    title: str  # on the page
    question: str  # in the menu
    answer: str


TABLE = Path(__file__).with_name("menu.csv").read_text(encoding="utf-8")
MENU = tuple(Entry(**row) for row in csv.DictReader(TABLE.splitlines()))
PAGES = {entry.name: entry for entry in MENU}

STYLE = Path(__file__).with_name("frame.css").read_text(encoding="utf-8")
CONTROLS = (
    *("Sidebar", "Header", "Selectbox", "NumberInput", "Checkbox", "ButtonGroup", "FileUploader", "Expander", "Button"),
    *("DownloadButton", "PageLink", "TextArea", "Radio", "MultiSelect"),
)
BARE = ", ".join([*(f'[data-testid="st{name}"]' for name in CONTROLS), '[class*="-copy_link"]'])
"""All that is chosen, pressed or followed; a live slider stays."""

HISTORY = st.components.v2.component("history", js=Path(__file__).with_name("history.js").read_text(encoding="utf-8"))
"""Keeps the browser's "back" to one entry a page."""

ADDRESS = {"overview": "home"}
"""The default page lives at the bare address, whatever it is given; its own name is left to a page that goes there."""


def run() -> None:
    """Draw the menu and the page that the address names."""
    try:
        navigate().run()
    finally:
        server.freeze_gc()  # with the modules that the page has loaded on its way


def navigate() -> Page:
    """Draw the menu, unless the address says `embed=true`, and return the page that it names."""
    server.tune_server()
    visits.note()
    st.session_state["navigated"] = True
    pages: dict[str, list[Page]] = {}
    for name, group, _, question, _ in MENU:
        path, address = ROOT / f"pages/{name}.py", ADDRESS.get(name, name)
        page = st.Page(path, title=question, url_path=address, default=name == "overview")
        pages.setdefault(group, []).append(page)
    pages[""].append(st.Page(_to_overview, title="Overview", url_path="overview", visibility="hidden"))
    return st.navigation(pages, position="hidden" if st.context.is_embedded else "sidebar", expanded=True)


def _to_overview() -> None:
    """What stands at the default page's own name."""
    st.switch_page(ROOT / "pages/overview.py")


def open_page(name: str, claim: str, *, needs: tuple[str, ...] = (), charts: bool = True) -> None:
    """Begin a page: the menu where it is missing, the title of the tab, and the heading with one claim.

    Heavy modules that the page needs, for charts Altair and pandas too, are loaded once.
    """
    if "navigated" not in st.session_state:
        # On a cold server Streamlit runs the page's file itself, without dashboard.py, and under another name for
        # which it would forget the first thing that the visitor does: run once more, through the door.
        navigate()
        st.rerun()
    st.session_state["open page"] = name
    _, kicker, title, _, _ = PAGES[name]
    st.set_page_config(page_title=f"{title} · Bias Lab", page_icon=ICON, layout="centered")
    server.load((*(("altair", "pandas") if charts else ()), *needs))
    # with controls=off in its address, a page stands in a slide or a frame
    bare = f"{BARE} {{ display: none !important; }}" if st.query_params.get("controls") == "off" else ""
    st.html(f"<style>{STYLE}{bare}</style>")
    with st.container(gap="xsmall", key="heading"):
        if kicker:
            st.caption(kicker)
        st.title(title, anchor=False)
        st.markdown(claim, unsafe_allow_html=True)  # a term in it is HTML of ours
        with st.container(height=1, border=False):  # nothing to see, and no place while it loads
            HISTORY(key="history")


def opened() -> str:
    """The page that is open, by its name in `MENU`."""
    name: str = st.session_state["open page"]
    return name


def link(
    page: str, label: str, parameters: dict[str, str] | None = None, width: Literal["stretch", "content"] = "stretch"
) -> None:
    """A way to another page, with parameters of its address."""
    st.page_link(f"pages/{page}.py", label=label, icon=":material/arrow_forward:", width=width, query_params=parameters)
