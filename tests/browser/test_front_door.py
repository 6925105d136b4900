"""The front door as a visitor meets it: b under the finger without a scroll, and claims that lead to their pages."""

import re
from urllib.parse import parse_qsl, urljoin, urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from core.claims.article import article_points
from core.claims.popular_exact import popular_answers
from tests.browser.visitor import READY, drag, drawn, field, slider

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


ACTS = ("1 What b does", "2 Dim the light", "3 Dim b too")


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
def test_every_act_stands_on_the_first_screen_with_its_pictures_at_the_same_place(
    browser: Browser, server: str, width: int, height: int
) -> None:
    context = browser.new_context(viewport={"width": width, "height": height})
    page = opened(context.new_page(), server)
    assert bottom(page.locator(".katex").first) <= height
    places = []
    for act, sentence in zip(ACTS, ("stopped by b", "as they were trained", "picture of light 1 again"), strict=True):
        page.get_by_text(act, exact=True).click()
        assert bottom(page.get_by_text(re.compile(sentence)).last) <= height
        drawn(page)
        places.append([picture.bounding_box() for picture in page.locator("figure img").all()])
        assert all(box and box["y"] + box["height"] <= height for box in places[-1])
    assert places[0] == places[1] == places[2]
    assert not page.evaluate("document.querySelector('[data-testid=stMain]').scrollTop")
    context.close()


def test_light_reaches_both_ends_and_its_default_plays_down_once_and_stops_at_a_touch(page: Page, server: str) -> None:
    page.goto(f"{server}/?act=2+Dim+the+light")
    light = slider(page, "light k")
    expect(field(page, "light k")).to_have_value("0.03", timeout=READY)
    values = []
    for key in ("Home", *["ArrowRight"] * 5, "End"):
        light.press(key)
        values.append(field(page, "light k").input_value())
    assert (values[0], values[-1]) == ("0.02", "1")
    assert "0.03" in values
    page.get_by_role("button", name="play light k").click()
    expect(page.get_by_text(re.compile(r"^At light 0\.[1-9]"))).to_be_visible()
    light.click(position={"x": 5, "y": 20})
    expect(field(page, "light k")).to_have_value("0.02")
    expect(page).to_have_url(re.compile(r"[?&]light=0\.02"))
    expect(page.get_by_role("button", name="play light k")).to_be_visible()


@pytest.mark.release
def test_play_jumps_to_its_end_for_who_wants_nothing_to_move(browser: Browser, server: str) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    page = opened(context.new_page(), server)
    page.get_by_role("button", name="play bias b").click()
    expect(page).to_have_url(re.compile(r"b=-0\.2"), timeout=2000)
    expect(field(page, "bias b")).to_have_value("−0.2")
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
    links = page.get_by_role("link", name="See it")
    expect(links).to_have_count(len(article_points()) + len(answers), timeout=READY)
    for answer in answers:
        expect(page.get_by_text(f"“{answer.claim}”".replace("*", ""))).to_be_visible()
    found = [urljoin(server, link.get_attribute("href") or "") for link in links.all()][len(article_points()) :]
    assert [urlsplit(address).path.rsplit("/", 1)[-1] for address in found] == [
        answer.page.replace("overview", "") for answer in answers
    ]
    assert [dict(parse_qsl(urlsplit(address).query)) for address in found] == [dict(answer.link) for answer in answers]


def test_click_on_a_claims_link_takes_its_settings_along(page: Page, server: str) -> None:
    opened(page, f"{server}/?answers=true")
    claim = (
        page.get_by_test_id("stHorizontalBlock").filter(has_text="LayerNorm makes the bias before it redundant").last
    )
    claim.get_by_role("link", name="See it").click(timeout=READY)
    expect(page.get_by_role("heading", level=1)).to_have_text("Norms: what takes a bias away?", timeout=READY)
    expect(page).to_have_url(f"{server}/norms?norm=LayerNorm")
    expect(page.get_by_text("LayerNorm", exact=True).first).to_be_visible(timeout=READY)


@pytest.mark.release
def test_denoiser_of_the_ten_minutes_is_the_second_act_at_the_top_of_this_page(page: Page, server: str) -> None:
    opened(page, server).get_by_role("link", name="The denoiser").click()
    expect(page.get_by_text("Two networks learned at light 1")).to_be_in_viewport()
    expect(page.get_by_text("Noisy photograph")).to_be_in_viewport()
