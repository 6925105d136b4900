"""Everyone: the keyboard alone trains a pair, and who wants no motion gets none."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.visitor import READY, drawn, opened, tab_to

pytestmark = pytest.mark.browser


def test_keyboard_alone_trains_a_pair(page: Page, server: str) -> None:
    page.goto(f"{server}/twins?epochs=1")
    button = page.get_by_role("button", name="Train both twins")
    expect(button).to_be_visible(timeout=READY)
    tab_to(page, button)
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
