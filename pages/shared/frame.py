"""The frame around every page: the menu, the door, the heading."""

from pathlib import Path

import streamlit as st
from streamlit.navigation.page import Page

from pages.shared import server

ROOT = Path(__file__).parents[2]
ICON = str(ROOT / "pages/shared/icon.png")

MENU = {
    "": {"overview": "Overview"},
    "Learn": {
        "threshold": "What does b move?",
        "curves": "What can a small network draw?",
        "feature_maps": "What does it do to a picture?",
        "regression": "What does it do to a line?",
        "norms": "Does the norm cancel it?",
    },
    "Experiment": {
        "twins": "Is its twin without it worse?",
        "when_bias_matters": "When does it matter?",
        "inside": "What does each bias do?",
        "audit": "Is bias=False safe in mine?",
    },
}
"""Group -> file name, which is the page's address too -> the question that the page answers."""

STYLE = Path(__file__).with_name("frame.css").read_text(encoding="utf-8")
CONTROLS = (
    *("Sidebar", "Header", "Selectbox", "NumberInput", "Checkbox", "ButtonGroup", "FileUploader", "Expander", "Button"),
    *("DownloadButton", "PageLink", "TextArea", "Radio", "MultiSelect"),
)
BARE = ", ".join(
    [
        *(f'[data-testid="st{name}"]' for name in CONTROLS),
        *(f'[class*="st-key-{page}-"]' for entries in MENU.values() for page in entries),  # sliders, buttons
    ]
)
"""All that is moved, pressed or followed."""

ADDRESS = {"overview": "home"}
"""The default page lives at the bare address, whatever it is given; its own name is left to a page that goes there."""


def navigate() -> Page:
    """Draw the menu and return the page that the visitor's address names."""
    server.settle()
    st.session_state["navigated"] = True
    pages = {
        group: [
            st.Page(
                ROOT / f"pages/{name}.py", title=question, url_path=ADDRESS.get(name, name), default=name == "overview"
            )
            for name, question in entries.items()
        ]
        for group, entries in MENU.items()
    }
    pages[""].append(st.Page(_to_overview, title="Overview", url_path="overview", visibility="hidden"))
    return st.navigation(pages, expanded=True)


def _to_overview() -> None:
    """What stands at the default page's own name."""
    st.switch_page(ROOT / "pages/overview.py")


def open_page(kicker: str, title: str, claim: str, *, needs: tuple[str, ...] = (), charts: bool = True) -> None:
    """Begin a page: the menu where it is missing, the title of the tab, and the heading.

    Parameters
    ----------
    kicker : str
        "Learn" or "Experiment".
    title : str
        What the page is about, at most six words.
    claim : str
        One claim in one or two sentences, in markdown.
    needs : tuple of str
        Heavy modules that the page uses; loaded once, before the collector is told to leave them alone.
    charts : bool
        Whether it draws charts, for which Altair and pandas are loaded too.
    """
    if "navigated" not in st.session_state:
        # On a cold server Streamlit runs the page's file itself, without dashboard.py, and under another name for
        # which it would forget the first thing that the visitor does: run once more, through the door.
        navigate()
        st.rerun()
    st.set_page_config(page_title=f"{title} · Bias Lab", page_icon=ICON, layout="centered")
    server.load((*(("altair", "pandas") if charts else ()), *needs))
    server.spare_the_collector()
    st.html(f"<style>{_style()}</style>")
    with st.container(gap="xsmall", key="heading"):
        if kicker:
            st.caption(kicker)
        st.title(title, anchor=False)
        st.markdown(claim)


def _style() -> str:
    """How a page prints; with `controls=off` in its address, how it stands in a slide or a frame."""
    return STYLE + (f"{BARE} {{ display: none !important; }}" if st.query_params.get("controls") == "off" else "")
