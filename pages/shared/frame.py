"""The frame around every page: the menu, the door, the heading."""

from pathlib import Path
from typing import Literal, NamedTuple

import streamlit as st
from streamlit.navigation.page import Page

from pages.shared import server

ROOT = Path(__file__).parents[2]
ICON = str(ROOT / "pages/shared/icon.png")


class Entry(NamedTuple):
    """One page: its file's name, which is its address too, its group, and what it asks and answers."""

    name: str
    group: str
    title: str  # on the page
    question: str  # in the menu
    answer: str


MENU = (
    Entry(
        "overview",
        "",
        "What does the bias do?",
        "Overview",
        "What the bias term is, and what it is not; what the article says, and what we found.",
    ),
    Entry(
        "threshold", "Learn", "What does b move?", "What does b move?", "One unit, its curve, and the inputs that pass."
    ),
    Entry(
        "curves",
        "Learn",
        "What a small network can draw",
        "What can a small network draw?",
        "One hidden layer: the shapes within its reach, and those out of it.",
    ),
    Entry(
        "feature_maps",
        "Learn",
        "One filter over a picture",
        "What does it do to a picture?",
        "One filter over a photograph, or over yours.",
    ),
    Entry(
        "regression",
        "Learn",
        "A line with and without intercept",
        "What does it do to a line?",
        "With and without intercept, on your table too.",
    ),
    Entry(
        "norms",
        "Learn",
        "Does the norm cancel it?",
        "Does the norm cancel it?",
        "When `bias=False` before a norm is safe, and when it is not.",
    ),
    Entry(
        "twins",
        "Experiment",
        "One network and its twin",
        "Is its twin without it worse?",
        "Two networks from one start, trained while you watch; then dim the light.",
    ),
    Entry(
        "when_bias_matters",
        "Experiment",
        "When does a bias matter?",
        "When does it matter?",
        "Many tasks, twenty seeds each: where it helps, changes nothing, hurts.",
    ),
    Entry(
        "inside",
        "Experiment",
        "One trained network, opened",
        "What does each bias do?",
        "One trained network opened: every map, every bias with a switch, every score taken apart.",
    ),
    Entry(
        "audit",
        "Experiment",
        "Is bias=False safe in my network?",
        "Is bias=False safe in mine?",
        "Your own network, layer by layer, from what `print(model)` shows.",
    ),
)
PAGES = {entry.name: entry for entry in MENU}

STYLE = Path(__file__).with_name("frame.css").read_text(encoding="utf-8")
CONTROLS = (
    *("Sidebar", "Header", "Selectbox", "NumberInput", "Checkbox", "ButtonGroup", "FileUploader", "Expander", "Button"),
    *("DownloadButton", "PageLink", "TextArea", "Radio", "MultiSelect"),
)
BARE = ", ".join(
    [
        *(f'[data-testid="st{name}"]' for name in CONTROLS),
        *(f'[class*="st-key-{page}-"]' for page in PAGES),  # sliders, buttons
    ]
)
"""All that is moved, pressed or followed."""

ADDRESS = {"overview": "home"}
"""The default page lives at the bare address, whatever it is given; its own name is left to a page that goes there."""


def navigate() -> Page:
    """Draw the menu and return the page that the visitor's address names."""
    server.tune_server()
    st.session_state["navigated"] = True
    pages: dict[str, list[Page]] = {}
    for name, group, _, question, _ in MENU:
        path, address = ROOT / f"pages/{name}.py", ADDRESS.get(name, name)
        page = st.Page(path, title=question, url_path=address, default=name == "overview")
        pages.setdefault(group, []).append(page)
    pages[""].append(st.Page(_to_overview, title="Overview", url_path="overview", visibility="hidden"))
    return st.navigation(pages, expanded=True)


def _to_overview() -> None:
    """What stands at the default page's own name."""
    st.switch_page(ROOT / "pages/overview.py")


def open_page(name: str, claim: str, *, needs: tuple[str, ...] = (), charts: bool = True) -> None:
    """Begin a page: the menu where it is missing, the title of the tab, and the heading with one claim.

    Heavy modules that the page needs, for charts Altair and pandas too, are loaded once, before the collector is told
    to leave them alone.
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
    server.freeze_gc()
    # with controls=off in its address, a page stands in a slide or a frame
    bare = f"{BARE} {{ display: none !important; }}" if st.query_params.get("controls") == "off" else ""
    st.html(f"<style>{STYLE}{bare}</style>")
    with st.container(gap="xsmall", key="heading"):
        if kicker:
            st.caption(kicker)
        st.title(title, anchor=False)
        st.markdown(claim)


def opened() -> str:
    """The page that is open, by its name in `MENU`."""
    name: str = st.session_state["open page"]
    return name


def link(
    page: str, label: str, parameters: dict[str, str] | None = None, width: Literal["stretch", "content"] = "stretch"
) -> None:
    """A way to another page, with parameters of its address."""
    st.page_link(f"pages/{page}.py", label=label, icon=":material/arrow_forward:", width=width, query_params=parameters)
