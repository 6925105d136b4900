"""Every page, wide and light, and on a phone and dark: it fits, is quiet, open to all, and follows the finger.

A page is opened once for all that is asked of it; at last its window becomes a phone's.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from pages.shared.frame import PAGES
from tests.browser.visitor import SLIDERS, at_rest, complaints_of, drag, drawn, field, hosts_of, slider, tab_to, visit

pytestmark = pytest.mark.browser
OURS = "[data-testid=stMain]"
"""All but Streamlit's own frame: the menu beside it is its own, and a list of links that axe does not like."""
COMPARISON = {"feature_maps": "figure >> nth=3", "norms": ".stVegaLiteChart >> nth=1"}
"""What ends a page's comparison of both twins; on the others it is the first chart."""
PHONE, HEADER = 844, 60


@dataclass
class Visit:
    """An open page, and what it has asked for and complained of since its first request."""

    name: str
    page: Page
    hosts: set[str]
    complaints: list[str]


@pytest.fixture(scope="module")
def wide_context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, color_scheme="light")
    yield context
    context.close()


@pytest.fixture(scope="module")
def wide(wide_context: BrowserContext, server: str, request: pytest.FixtureRequest) -> Iterator[Visit]:
    page = wide_context.new_page()
    found = Visit(request.param, page, hosts_of(page), complaints_of(page))
    visit(page, f"{server}/{found.name}")
    drawn(page)
    yield found
    page.close()


@pytest.fixture(scope="module")
def phone(wide: Visit) -> Visit:
    """The same page once its window has become a phone's, in the dark."""
    wide.page.set_viewport_size({"width": 390, "height": PHONE})
    wide.page.emulate_media(color_scheme="dark")
    drawn(wide.page)
    return wide


on_every_page = pytest.mark.parametrize("wide", PAGES, indirect=True)
with_its_slider = pytest.mark.parametrize("wide", SLIDERS, indirect=True)


CHARTS_FIT = """() => [...document.querySelectorAll(".stVegaLiteChart")].every((chart) => {
  const drawn = chart.querySelector("svg, canvas")
  return drawn && drawn.getBoundingClientRect().right <= chart.getBoundingClientRect().right + 1
})"""
"""No chart is wider than its place in the column."""


def is_as_it_should(found: Visit, server: str, other_theme: str) -> None:
    """In both themes it fits and nothing is complained of; no other host was asked for anything."""
    main = found.page.get_by_test_id("stMain").element_handle()
    fits = "node => node.scrollWidth <= node.clientWidth"
    found.page.wait_for_function(fits, arg=main)
    found.page.emulate_media(color_scheme=other_theme)  # type: ignore[arg-type]
    drawn(found.page)
    found.page.wait_for_function(fits, arg=main)
    found.page.wait_for_function(CHARTS_FIT)
    hosts = {host for host in found.hosts if not host.startswith(("data:", "blob:"))}
    assert hosts <= {server, server.replace("http", "ws")}
    assert found.complaints == []


def serious(page: Page) -> dict[str, list[object]]:
    """What axe calls serious or critical: rule -> the first three places."""
    expect(page.locator(".st-key-history")).to_have_css("display", "none")  # our style is there, too
    expect(page.locator("label:empty")).to_have_count(0)  # and every slider has its name
    found = Axe().run(page, context=OURS, options={"resultTypes": ["violations"]}).response["violations"]
    return {
        violation["id"]: [node["target"] for node in violation["nodes"]][:3]
        for violation in found
        if violation["impact"] in ("serious", "critical")
    }


@on_every_page
def test_axe_finds_nothing_serious_on_a_wide_screen(wide: Visit) -> None:
    assert serious(wide.page) == {}


@on_every_page
def test_page_fits_a_wide_screen_in_both_themes_calls_no_other_host_and_leaves_the_console_quiet(
    wide: Visit, server: str
) -> None:
    is_as_it_should(wide, server, "dark")


@on_every_page
def test_page_takes_four_screens_at_most(wide: Visit) -> None:
    block = wide.page.get_by_test_id("stMainBlockContainer")
    assert block.evaluate("node => node.getBoundingClientRect().height") <= 4 * 800


@with_its_slider
def test_keyboard_alone_reaches_and_moves_what_the_page_is_about(wide: Visit) -> None:
    label, _ = SLIDERS[wide.name]
    before = field(wide.page, label).input_value()
    tab_to(wide.page, slider(wide.page, label))
    wide.page.keyboard.press("ArrowRight")
    expect(field(wide.page, label)).not_to_have_value(before)


@with_its_slider
def test_page_follows_the_finger_before_it_is_lifted_and_the_link_after(wide: Visit) -> None:
    page, (label, parameter) = wide.page, SLIDERS[wide.name]
    drawn(page)
    main, link = page.get_by_test_id("stMain"), page.url
    before = main.inner_text()
    drag(page, label, 0.6, 0.3)
    expect(main).not_to_have_text(before)
    value = field(page, label).input_value().replace("−", "-")
    assert page.url == link
    page.mouse.up()
    expect(page).to_have_url(re.compile(rf"[?&]{parameter}={re.escape(value)}"))


@pytest.mark.release
@on_every_page
def test_axe_finds_nothing_serious_on_a_phone(phone: Visit) -> None:
    assert serious(phone.page) == {}


@on_every_page
def test_page_fits_a_phone_in_both_themes_calls_no_other_host_and_leaves_the_console_quiet(
    phone: Visit, server: str
) -> None:
    is_as_it_should(phone, server, "light")


@with_its_slider
def test_slider_and_comparison_stand_on_one_screen_of_a_phone(phone: Visit) -> None:
    label, _ = SLIDERS[phone.name]
    above = at_rest(slider(phone.page, label))
    below = at_rest(phone.page.locator(COMPARISON.get(phone.name, ".stVegaLiteChart >> nth=0")))
    assert above["y"] < below["y"]
    assert below["y"] + below["height"] - above["y"] < PHONE - HEADER
