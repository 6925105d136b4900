"""Where the dashboard is opened: a frame of another site, a base path, a content policy, and the way back."""

import json
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from playwright.sync_api import Browser, FilePayload, FrameLocator, Page, expect

from pages.shared.frame import ADDRESS, MENU
from tests.browser.conftest import QUIET, running_server
from tests.browser.visitor import READY, downloaded, drag, drawn, follow_menu, opened, slider, upload, visit
from tests.conftest import chromium

pytestmark = pytest.mark.browser
ADDRESSES = {f"/{'' if entry.name == 'overview' else entry.name}" for entry in MENU}
TABLE: FilePayload = {"name": "own.csv", "mimeType": "text/csv", "buffer": b"x;y\n0;1\n1;3\n2;5\n3;8\n4;9\n"}
HELD_BACK = "your browser holds back the cookie that an upload needs"


class School(BaseHTTPRequestHandler):
    """A page of another site: it shows the address after its question mark in a frame."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        frame = f'<h1>School</h1><iframe width="1000" height="700" src="{self.path.partition("?")[2]}"></iframe>'
        self.wfile.write(frame.encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def school() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), School) as serving:
        threading.Thread(target=serving.serve_forever, daemon=True).start()
        yield f"http://localhost:{serving.server_port}/"  # another host name than the dashboard's
        serving.shutdown()


def framed(page: Page, school: str, address: str) -> FrameLocator:
    page.goto(f"{school}?{address}")
    frame = page.frame_locator("iframe")
    expect(frame.get_by_role("heading", level=1)).to_be_visible(timeout=READY)
    return frame


def test_frame_of_another_site_has_no_menu_and_keeps_its_live_slider(page: Page, server: str, school: str) -> None:
    frame = framed(page, school, f"{server}/threshold?embed=true&controls=off&b=-1")
    expect(frame.get_by_role("slider", name="bias b")).to_be_visible(timeout=READY)
    expect(frame.get_by_test_id("stSidebar")).to_have_count(0)
    expect(frame.get_by_test_id("stSelectbox").first).to_be_hidden()
    frame.get_by_role("slider", name="bias b").press("ArrowRight")
    expect(frame.get_by_role("spinbutton", name="bias b")).to_have_value("−0.95")


def test_upload_in_a_frame_of_another_site_ends_in_a_sentence_with_a_link(page: Page, server: str, school: str) -> None:
    frame = framed(page, school, f"{server}/regression?embed=true&data=Your+own+table&noise=1")
    expect(frame.get_by_test_id("stAlert")).to_contain_text(HELD_BACK, timeout=READY)
    expect(frame.locator("input[type=file]")).to_have_count(0)
    address = frame.get_by_role("link", name="Open this page in a tab of its own").get_attribute("href")
    assert address
    assert urlsplit(address).path == "/regression"
    own_tab = visit(page, address)
    upload(own_tab, TABLE["name"], TABLE["buffer"])
    expect(own_tab.get_by_text("The first rows as they were read")).to_be_visible(timeout=READY)
    expect(own_tab.get_by_text(HELD_BACK)).to_have_count(0)


def test_copy_link_shows_the_pages_own_address_where_the_clipboard_is_closed(
    page: Page, server: str, school: str
) -> None:
    address = f"{server}/threshold?embed=true&b=-1"
    frame = framed(page, school, address)
    frame.get_by_role("button", name="Copy link").click(timeout=READY)
    expect(frame.locator("[role=status]", has_text="http")).to_have_text(address)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("openssl") is None, reason="a certificate needs openssl")
def test_upload_in_a_frame_works_over_https_where_the_setting_and_the_browser_allow_it(
    browser: Browser, tmp_path: Path, school: str
) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
    subprocess.run([*make, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    (tmp_path / "Default").mkdir()  # Debian's Chromium takes no cookies of third parties unless told to
    (tmp_path / "Default/Preferences").write_text(json.dumps({"profile": {"cookie_controls_mode": 0}}))
    secure = {"SSL_CERT_FILE": str(certificate), "SSL_KEY_FILE": str(key), "XSRF_COOKIE_SAME_SITE": "none"}
    with running_server(**{f"STREAMLIT_SERVER_{name}": value for name, value in secure.items()}) as server:
        start = browser.browser_type.launch_persistent_context
        own = start(tmp_path, executable_path=chromium(), args=QUIET, ignore_https_errors=True)
        frame = framed(own.new_page(), school, f"{server}/regression?embed=true&data=Your+own+table")
        frame.locator("input[type=file]").set_input_files(TABLE, timeout=READY)
        expect(frame.get_by_text("The first rows as they were read")).to_be_visible(timeout=READY)
        own.close()


def test_every_link_leads_to_a_page_under_a_base_path(page: Page) -> None:
    with running_server(STREAMLIT_SERVER_BASE_URL_PATH="lab") as server:
        page.goto(f"{server}/")
        page.get_by_text("Seven steps in 45 minutes").click(timeout=READY)
        expect(page.get_by_role("link", name="Open: w = 1, b = 1")).to_be_visible(timeout=READY)
        drawn(page)
        anchors = page.locator("a[href]").evaluate_all("all => all.map(one => one.href)")
        inside = {urlsplit(urljoin(f"{server}/", address)) for address in anchors}
        paths = {address.path for address in inside if address.netloc == urlsplit(server).netloc}
        assert paths == {f"/lab{address}" for address in ADDRESSES}
        follow_menu(page, "Regression", "Regression: a line with and without intercept")
        assert urlsplit(page.url).path == "/lab/regression"
        page.reload()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Regression", timeout=READY)


def test_back_goes_to_the_page_that_was_left_with_its_settings_at_once(page: Page, server: str) -> None:
    opened(page, f"{server}/regression?noise=1")
    drag(page, "true intercept", 0.5, 0.7)
    page.mouse.up()
    page.get_by_test_id("stSidebarNav").locator("a[href$=threshold]").click()  # before the value is back
    expect(page.get_by_role("heading", level=1)).to_contain_text("Threshold", timeout=READY)
    expect(slider(page, "weight w")).to_be_visible(timeout=READY)
    drawn(page)
    assert page.url == f"{server}/threshold"
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Regression", timeout=READY)
    left = urlsplit(page.url)
    assert left.path == "/regression"
    assert "intercept=" in left.query
    assert "noise=1" in left.query


def test_page_loaded_again_takes_up_its_training_and_what_was_cancelled_stays_so(
    page: Page, other_page: Page, server: str
) -> None:
    visit(page, f"{server}/twins?epochs=399&pair=4")
    page.get_by_role("button", name="Train both twins").click(timeout=READY)
    cancel = page.get_by_role("button", name="Cancel")
    expect(page.get_by_text(re.compile(r"Step \d+ of 399"))).to_be_visible(timeout=READY)
    page.reload()
    expect(cancel).to_be_visible(timeout=READY)
    step = page.get_by_text(re.compile(r"Step \d+ of 399"))
    done = int(step.inner_text(timeout=READY).split()[1])
    expect(step).not_to_have_text(re.compile(rf"Step {done} of"), timeout=READY)  # and it goes on
    visit(other_page, page.url)  # nobody else sees an answer unasked
    expect(other_page.get_by_role("button", name="Train both twins")).to_be_visible(timeout=READY)
    cancel.click()
    expect(page.get_by_text("Cancelled.")).to_be_visible(timeout=READY)
    page.reload()
    expect(page.get_by_role("button", name="Train both twins")).to_be_visible(timeout=READY)


def test_no_page_breaks_the_policy_with_uploads_and_downloads(browser: Browser, server: str) -> None:
    page = browser.new_context(accept_downloads=True).new_page()
    broken: list[str] = []
    page.on(
        "console", lambda message: broken.append(message.text) if "Content Security Policy" in message.text else None
    )
    visit(page, f"{server}/regression?data=Your+own+table")
    upload(page, TABLE["name"], TABLE["buffer"])
    page.get_by_text("The numbers behind the charts").click(timeout=READY)
    assert downloaded(page, "Download fits (csv)")
    assert downloaded(page, "Program")
    for name in ("overview", "feature_maps", "audit"):
        visit(page, f"{server}/{ADDRESS.get(name, name)}")
        drawn(page)
    assert broken == []
    page.context.close()
