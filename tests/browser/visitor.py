"""What a visitor does: opens a page, drags, types, uploads, waits until nothing moves any more."""

import re
from pathlib import Path

from playwright.sync_api import FilePayload, FloatRect, Locator, Page, expect

READY = 60_000
CHART = ".stVegaLiteChart svg, .stVegaLiteChart canvas"
SLIDERS = {
    "threshold": ("bias b", "b"),
    "feature_maps": ("bias b", "b"),
    "regression": ("true intercept", "intercept"),
    "norms": ("bias b", "b"),
    "curves": ("hidden units", "units"),
    "inside": ("brightness k", "k"),
}
"""Page -> the label of its slider, and the slider's parameter in a link."""


def visit(page: Page, address: str) -> Page:
    """Open an address and wait for the page's heading."""
    page.goto(address)
    expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=READY)
    return page


def opened(page: Page, address: str) -> Page:
    """Open an address and wait for its first chart."""
    visit(page, address)
    expect(page.locator(CHART).first).to_be_visible(timeout=READY)
    return page


def drawn(page: Page) -> None:
    """Wait until the script has run and nothing has changed for 0.4 s: what is stale is pale meanwhile."""
    expect(page.locator("[data-test-script-state=running], [data-stale=true]")).to_have_count(0, timeout=READY)
    page.evaluate(
        """() => new Promise(done => {
             let quiet = setTimeout(done, 400)
             const changed = () => { clearTimeout(quiet); quiet = setTimeout(done, 400) }
             const all = { subtree: true, childList: true, characterData: true, attributes: true }
             new MutationObserver(changed).observe(document.body, all)
             setTimeout(done, 30000)
           })"""
    )


def at_rest(locator: Locator) -> FloatRect:
    """Where something stands, once it has stood there for four frames: what is above it may still be growing."""
    expect(locator).to_be_visible(timeout=READY)
    locator.evaluate(
        """node => new Promise(done => {
             let before = "", same = 0
             const look = () => {
               const box = node.getBoundingClientRect(), now = [box.x, box.y, box.width, box.height].join()
               same = now === before ? same + 1 : 0
               before = now
               same > 4 ? done() : setTimeout(look, 50)
             }
             look()
           })"""
    )
    box = locator.bounding_box()
    assert box
    return box


def slider(page: Page, label: str) -> Locator:
    return page.get_by_role("slider", name=label, exact=True)


def field(page: Page, label: str) -> Locator:
    return page.get_by_role("spinbutton", name=f"{label}, any value")


def typed(page: Page, label: str, value: str) -> None:
    field(page, label).fill(value)
    field(page, label).press("Enter")


def drag(page: Page, label: str, start: float, stop: float) -> None:
    """Press at one share of the track and move to another; the finger stays down."""
    box = at_rest(slider(page, label))
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + start * box["width"], middle)
    page.mouse.down()
    page.mouse.move(box["x"] + stop * box["width"], middle, steps=10)


def tab_to(page: Page, target: Locator) -> None:
    """Press Tab until the keyboard is there, 80 times at most."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if target.evaluate("node => node === node.getRootNode().activeElement"):
            return
    raise AssertionError(f"the keyboard does not reach {target}")


def choose(page: Page, label: str, option: str) -> None:
    """Open a select box by its label and take one of its options."""
    page.get_by_label(label, exact=False).first.click()
    page.get_by_role("option", name=option).click()


def upload(page: Page, name: str, data: bytes) -> None:
    file: FilePayload = {"name": name, "mimeType": "application/octet-stream", "buffer": data}
    page.locator("input[type=file]").set_input_files(file)


def follow_menu(page: Page, entry: str, title: str) -> None:
    page.get_by_test_id("stSidebarNav").get_by_text(entry).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title, timeout=READY)


def downloaded(page: Page, button: str) -> str:
    """The text of the file that a button gives, once the page's run is over: it takes away files of the run before."""
    page.locator('[data-test-script-state="notRunning"]').wait_for(timeout=READY)
    with page.expect_download(timeout=READY) as waiting:
        page.get_by_role("button", name=button, exact=True).click()
    return Path(waiting.value.path()).read_text(encoding="utf-8")


def complaints_of(page: Page) -> list[str]:
    """A list that fills with what the page's console warns of, and with its errors."""
    found: list[str] = []
    page.on("console", lambda message: found.append(message.text) if "WARN" in message.text else None)
    page.on("pageerror", lambda error: found.append(str(error)))
    return found


def hosts_of(page: Page) -> set[str]:
    """A set that fills with the hosts that the page asks for anything."""
    found: set[str] = set()
    page.on("request", lambda request: found.add(re.sub(r"^(\w+://[^/]*).*", r"\1", request.url)))
    return found
