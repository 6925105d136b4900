"""The front door as a visitor meets it: b under the finger without a scroll, and claims that lead to their pages."""

import re
from urllib.parse import parse_qsl, urljoin, urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from core.claims.popular_exact import popular_answers
from tests.browser.visitor import READY, drag

pytestmark = pytest.mark.browser


def opened(page: Page, address: str) -> Page:
    page.goto(address)
    expect(page.get_by_role("heading", level=1)).to_have_text("What does the bias do?", timeout=READY)
    expect(page.locator("figure img")).to_have_count(3, timeout=READY)
    return page


def picture(page: Page, title: str) -> Locator:
    return page.locator("figure", has=page.get_by_text(title, exact=True)).locator("img")


def bottom(thing: Locator) -> float:
    expect(thing).to_be_visible(timeout=READY)
    box = thing.bounding_box()
    assert box
    return box["y"] + box["height"]


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (390, 844)])
def test_formula_slider_maps_and_three_questions_stand_on_the_first_screen(
    browser: Browser, server: str, width: int, height: int
) -> None:
    context = browser.new_context(viewport={"width": width, "height": height})
    page = opened(context.new_page(), server)
    things = [
        page.locator(".katex").first,
        page.get_by_role("slider", name="bias b", exact=True),
        *(picture(page, title) for title in ("A photograph", "Without bias", "With bias")),
        *(page.get_by_test_id("stMain").get_by_role("link", name=name) for name in ("Do I need it", "in my network")),
    ]
    assert max(map(bottom, things)) <= height
    assert not page.evaluate("document.querySelector('[data-testid=stMain]').scrollTop")
    context.close()


def test_dragging_b_changes_the_map_with_bias_alone_before_the_finger_is_lifted(page: Page, server: str) -> None:
    opened(page, server)
    titles = ("A photograph", "Without bias", "With bias")
    before = [picture(page, title).get_attribute("src") for title in titles]
    drag(page, "bias b", 0.35, 0.8)
    expect(page.get_by_text("active only because of the bias")).to_be_visible(timeout=READY)
    expect(picture(page, "With bias")).not_to_have_attribute("src", before[2] or "")
    assert [picture(page, title).get_attribute("src") for title in titles[:2]] == before[:2]
    page.mouse.up()
    expect(page).to_have_url(re.compile(r"[?&]b=0\.1"))


def test_popular_answers_open_by_one_click_with_links_to_their_pages_and_settings(page: Page, server: str) -> None:
    opened(page, server)
    page.get_by_text("Show the claims, each with its number").click()
    answers = popular_answers()
    links = page.get_by_role("link", name=re.compile("^See it|See it:"))
    expect(links).to_have_count(len(answers), timeout=READY)
    for answer in answers:
        expect(page.get_by_text(f"“{answer.claim}”".replace("*", ""))).to_be_visible()
    found = [urljoin(server, link.get_attribute("href") or "") for link in links.all()]
    assert [urlsplit(address).path.rsplit("/", 1)[-1] for address in found] == [answer.page for answer in answers]
    assert [dict(parse_qsl(urlsplit(address).query)) for address in found] == [dict(answer.link) for answer in answers]


def test_click_on_a_claims_link_takes_its_settings_along(page: Page, server: str) -> None:
    opened(page, f"{server}/?answers=true")
    claim = page.get_by_test_id("stVerticalBlock").filter(has_text="LayerNorm makes the bias before it redundant").last
    claim.get_by_role("link", name="See it").click(timeout=READY)
    expect(page.get_by_role("heading", level=1)).to_have_text("Does the norm cancel it?", timeout=READY)
    expect(page).to_have_url(f"{server}/norms?norm=LayerNorm")
    expect(page.get_by_text("LayerNorm", exact=True).first).to_be_visible()
