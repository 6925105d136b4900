"""What a visitor sees when the machine fails: a server that dies and comes back, a home that takes no file."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import free_port, running_server
from tests.browser.visitor import READY, opened, typed

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_open_page_comes_back_with_its_settings_when_the_server_is_started_again(page: Page) -> None:
    port, chart = free_port(), page.locator(".stVegaLiteChart").first
    with running_server(port) as address:
        opened(page, f"{address}/threshold?w=2&activation=Sigmoid")
        typed(page, "bias b", "-1.5")
        expect(chart).to_contain_text("with bias: x = 0.75", timeout=READY)
    with running_server(port):
        typed(page, "weight w", "3")
        expect(chart).to_contain_text("with bias: x = 0.5", timeout=READY)  # −b / w: b was kept, and the page answers
        expect(page.get_by_role("combobox", name="Activation")).to_have_value("Sigmoid")


def test_home_that_takes_no_file_stops_nothing(page: Page) -> None:
    with running_server(HOME="/proc", XDG_CACHE_HOME="/proc/cache") as address:  # where not even root can write
        opened(page, f"{address}/curves")  # scikit-learn, fits and charts
        page.goto(f"{address}/twins?epochs=1")
        page.get_by_role("button", name="Train both twins").click(timeout=READY)
        expect(page.get_by_text("test pictures the twin with bias gets").first).to_be_visible(timeout=READY)
