"""Share links that are wrong in every way: the page opens with its defaults, and says nothing of it."""

import re
from functools import cache
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from pages.shared.frame import PAGES
from tests.pages.test_pages import ROOT, opened

SHOW_ALL = {
    "feature_maps": {"picture": "Your own picture", "kernel": "Your own numbers"},
    "regression": {"data": "Your own table"},
    "curves": {"curve": "Your own table"},
    "twins": {"task": "Your own pictures"},
    "when_bias_matters": {"task": "Your own pictures"},
    "inside": {"opened": "Trained on your pictures"},
    "audit": {"source": "A file of weights"},
}
"""Links under which other controls show than those that a page opens with."""
NO_VALUE = ("abc", "nan", "inf", "-inf", "1e999", "-1e999", "", "<img src=x onerror=alert(1)>", "**b** $x$ :red[y]")
NO_VALUE += ("x" * 5000, "\u202e\U0001f600", "a\0b", "[]", "{}", "None", "1,2", "0x10", "../../etc/passwd", "own", "-")
"""What no control of ours takes, so that each keeps its default."""
ODD = ("-1", "0", "1.5", "99999999999999999999", "-99999999999999999999", "1e308", "true", "1e-400", "٣", "1_0")
"""What some take and others do not."""


def parts(node: Any) -> list[Any]:
    """All elements of a page."""
    if not hasattr(node, "children"):
        return [node]
    return [part for child in node.children.values() for part in parts(child)]


def bound(test: AppTest) -> dict[str, Any]:
    """Parameter of the share link -> the value of its control, of every control on the page that has one."""
    found = {}
    for part in parts(test._tree):
        name = getattr(getattr(part, "proto", None), "query_param_key", "")
        if name:
            found[name] = test.session_state[name]
    return found


def sliders(page: str) -> list[str]:
    code = "".join(path.read_text() for path in ROOT.glob(f"pages/**/{page}.py"))
    return re.findall(rf'key="{page}\.(\w+)"', code)


def dragged(page: str, test: AppTest) -> dict[str, float]:
    """The sliders' values; they read their parameter themselves."""
    keys = {f"memory of {page}.{name}": name for name in sliders(page)}
    return {name: test.session_state[key]["value"] for key, name in keys.items() if key in test.session_state}


@cache
def settings_of(page: str) -> tuple[dict[str, Any], dict[str, float]]:
    """The settings of a page without a link."""
    test = opened(page)
    return bound(test), dragged(page, test)


@cache
def parameters(page: str) -> tuple[str, ...]:
    """The name of every parameter that the page's links may have."""
    names = {*settings_of(page)[0], *sliders(page), *SHOW_ALL.get(page, {}), "controls"}
    return tuple(sorted(names | set(bound(opened(page, **SHOW_ALL.get(page, {}))))))


def test_every_parameter_in_the_code_is_among_those_found() -> None:
    found = {name for page in PAGES for name in parameters(page)}
    code = "".join(path.read_text() for path in [*ROOT.glob("pages/*.py"), *ROOT.glob("pages/shared/*.py")])
    given = set(re.findall(r'(?:choose|number|whole|switch|_pills)\([^()]*?key="(\w+)"', code))
    elsewhere = {"in_low", "in_high", "ink", "deviations"}  # below an upload
    assert len(found) > 45
    assert given - found - elsewhere <= {"picture_number", "margin"}


def mixed(page: str, values: tuple[str, ...], turn: int) -> dict[str, Any]:
    """A link in which each parameter has another of these values."""
    return {name: values[(at + turn) % len(values)] for at, name in enumerate(parameters(page))}


@pytest.mark.release
@pytest.mark.parametrize("page", PAGES)
def test_page_opens_with_its_defaults_whatever_no_value_its_link_holds(page: str) -> None:
    for turn in range(0, len(NO_VALUE), 4):
        link = mixed(page, NO_VALUE, turn)
        test = _opens(page, link)
        assert (bound(test), dragged(page, test)) == settings_of(page), link


@pytest.mark.release
@pytest.mark.parametrize("page", PAGES)
def test_page_opens_whatever_number_its_link_holds_or_two_at_once_and_strangers_beside_them(page: str) -> None:
    for turn in range(0, len(ODD), 4):
        _opens(page, mixed(page, ODD, turn))
    strangers = {value[:60] or "none": "x" for value in (*NO_VALUE, *ODD)}
    _opens(page, {name: [value, value] for name, value in mixed(page, (*ODD, *NO_VALUE), 3).items()} | strangers)


def test_every_kind_of_control_meets_every_wrong_value() -> None:
    met: dict[str, set[str]] = {}
    for page in PAGES:
        numbers = {name for name, value in settings_of(page)[0].items() if isinstance(value, int | float)}
        for turn in range(0, len(NO_VALUE), 4):
            for name, value in mixed(page, NO_VALUE, turn).items():
                kind = "slider" if name in sliders(page) else "number" if name in numbers else "choice"
                met.setdefault(kind, set()).add(value)
    assert met == {kind: set(NO_VALUE) for kind in ("slider", "number", "choice")}


def _opens(page: str, link: dict[str, Any]) -> AppTest:
    test = opened(page, **link)
    assert not test.exception, culprits(page, link)
    assert test.title[0].value == PAGES[page].title
    return test


def culprits(page: str, link: dict[str, Any]) -> list[str]:
    """The parameters that break the page on their own."""
    return [f"{name}={value!r}"[:80] for name, value in link.items() if opened(page, **{name: value}).exception]
