"""Everyone: axe finds nothing serious of ours, the keyboard alone does each page's main task, motion is respected."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import at_rest
from tests.browser.test_pages_in_use import NAMES, READY, SLIDERS, field, opened, slider

pytestmark = pytest.mark.browser
OURS = "[data-testid=stMain]"
"""All but Streamlit's own frame: the menu beside it is its own, and a list of links that axe does not like."""
OF_STREAMLIT = "scrollable-region-focusable"
"""Its tables scroll sideways on a phone; Chromium lets the keyboard into what scrolls, which axe does not know."""


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 390)])
def test_axe_finds_nothing_serious_or_critical(
    browser: Browser, server: str, name: str, theme: str, width: int
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{server}/{name}")
    expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=READY)
    drawn(page)
    found = Axe().run(page, context=OURS, options={"resultTypes": ["violations"]}).response["violations"]
    serious = {
        violation["id"]: [node["target"] for node in violation["nodes"]][:3]
        for violation in found
        if violation["impact"] in ("serious", "critical") and violation["id"] != OF_STREAMLIT
    }
    context.close()
    assert serious == {}


def drawn(page: Page) -> None:
    """Wait until nothing has changed for a second, for half a minute at most: what is stale is pale meanwhile."""
    expect(page.locator("[data-test-script-state=running], [data-stale=true]")).to_have_count(0, timeout=READY)
    page.evaluate(
        """() => new Promise(done => {
             let quiet = setTimeout(done, 1000)
             const changed = () => { clearTimeout(quiet); quiet = setTimeout(done, 1000) }
             const all = { subtree: true, childList: true, characterData: true, attributes: true }
             new MutationObserver(changed).observe(document.body, all)
             setTimeout(done, 30000)
           })"""
    )


COMPARISON = {"feature_maps": "figure >> nth=3", "norms": ".stVegaLiteChart >> nth=1"}
"""What ends a page's comparison of both twins; on the others it is the first chart."""
PHONE, HEADER = 844, 60


@pytest.mark.parametrize(("name", "label"), [(name, label) for name, (label, _) in SLIDERS.items()])
def test_slider_and_comparison_stand_on_one_screen_of_a_phone(
    browser: Browser, server: str, name: str, label: str
) -> None:
    page = browser.new_context(viewport={"width": 390, "height": PHONE}).new_page()
    opened(page, f"{server}/{name}")
    drawn(page)
    above = at_rest(slider(page, label))
    below = at_rest(page.locator(COMPARISON.get(name, ".stVegaLiteChart >> nth=0")))
    page.context.close()
    assert above["y"] < below["y"]
    assert below["y"] + below["height"] - above["y"] < PHONE - HEADER


@pytest.mark.parametrize(("name", "label"), [(name, label) for name, (label, _) in SLIDERS.items()])
def test_keyboard_alone_reaches_and_moves_what_the_page_is_about(
    page: Page, server: str, name: str, label: str
) -> None:
    opened(page, f"{server}/{name}")
    before = field(page, label).input_value()
    for _ in range(80):
        page.keyboard.press("Tab")
        if slider(page, label).evaluate("node => node === node.getRootNode().activeElement"):
            break
    page.keyboard.press("ArrowRight")
    expect(field(page, label)).not_to_have_value(before)


def test_keyboard_alone_trains_a_pair(page: Page, server: str) -> None:
    page.goto(f"{server}/twins?epochs=1")
    button = page.get_by_role("button", name="Train both twins")
    expect(button).to_be_visible(timeout=READY)
    for _ in range(80):
        page.keyboard.press("Tab")
        if button.evaluate("node => node === document.activeElement"):
            break
    page.keyboard.press("Enter")
    expect(page.get_by_text(re.compile("test pictures the twin with bias gets")).first).to_be_visible(timeout=READY)


def test_who_wants_no_motion_gets_none(browser: Browser, server: str) -> None:
    context = browser.new_context(reduced_motion="reduce")
    page = opened(context.new_page(), f"{server}/threshold")
    drawn(page)
    moving = page.evaluate(
        """() => [...document.querySelectorAll('*')].filter(node => {
             const style = getComputedStyle(node)
             return [style.animationDuration, style.transitionDuration].some(
               time => time.split(',').some(part => parseFloat(part) > 0.01))
           }).length"""
    )
    context.close()
    assert moving == 0
