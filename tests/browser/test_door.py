"""The door on a cold server: three deep links at once, each with its page, the whole menu and its settings."""

import re

import pytest
from playwright.sync_api import Browser, expect

from pages.shared.frame import MENU
from tests.browser.visitor import drawn

pytestmark = pytest.mark.browser


def test_three_deep_links_at_once_on_a_cold_server_each_show_page_menu_and_settings(
    browser: Browser, cold_server: str
) -> None:
    links = {
        "threshold?b=-1.5": ("Threshold: what does b move?", "bias b", "−1.5"),
        "feature_maps?b=0.25": ("Feature maps: one filter over a picture", "bias b", "0.25"),
        "regression?intercept=7.5": ("Regression: a line with and without intercept", "true intercept", "7.5"),
    }
    visitors = [browser.new_context().new_page() for _ in links]
    for visitor, link in zip(visitors, links, strict=True):
        visitor.goto(f"{cold_server}/{link}", wait_until="commit")
    for visitor, (link, (title, label, value)) in zip(visitors, links.items(), strict=True):
        expect(visitor.get_by_role("heading", level=1)).to_have_text(title, timeout=60_000)
        menu = visitor.get_by_test_id("stSidebarNav")
        for entry in MENU:
            expect(menu).to_contain_text(entry.group)
            expect(menu).to_contain_text(entry.question)
        expect(visitor.get_by_role("spinbutton", name=re.compile(label))).to_have_value(value, timeout=60_000)
        expect(visitor).to_have_url(f"{cold_server}/{link}")
        expect(visitor.get_by_role("dialog")).to_have_count(0)
        visitor.context.close()


def test_unknown_address_shows_a_box_over_the_overview(browser: Browser, server: str) -> None:
    visitor = browser.new_context().new_page()
    visitor.goto(f"{server}/no_such_page")
    expect(visitor.get_by_role("dialog")).to_contain_text("not found", ignore_case=True, timeout=60_000)
    expect(visitor.get_by_text("What does the bias do?")).to_be_attached()
    visitor.context.close()


@pytest.mark.slow
def test_first_thing_that_a_visitor_does_on_a_cold_server_is_done(browser: Browser, cold_server: str) -> None:
    visitor = browser.new_context().new_page()
    visitor.goto(f"{cold_server}/twins?epochs=0")
    visitor.get_by_role("button", name="Train both twins").click(timeout=60_000)
    expect(visitor.get_by_text("The pictures on which they disagree")).to_be_visible(timeout=60_000)
    visitor.context.close()


@pytest.mark.slow
def test_overview_is_found_under_its_name_too(browser: Browser, cold_server: str) -> None:
    for _ in range(2):  # on a cold server, and on a warm one
        visitor = browser.new_context().new_page()
        visitor.goto(f"{cold_server}/overview")
        expect(visitor.get_by_role("heading", level=1)).to_have_text("What does the bias do?", timeout=60_000)
        drawn(visitor)
        expect(visitor.get_by_role("dialog")).to_have_count(0)
        assert visitor.get_by_test_id("stSidebarNav").get_by_text("Overview", exact=True).count() == 1
        visitor.context.close()
