"""The pages as a visitor uses them: dragged, typed into, fed right and wrong files, shared, left and found again."""

import io
import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, FilePayload, Locator, Page, expect

from core.data.tables import NoisyLine
from core.format import exactly
from core.models.regression import fit_pair
from tests.browser.conftest import at_rest

pytestmark = pytest.mark.browser
NAMES = (
    "overview",
    "threshold",
    "curves",
    "feature_maps",
    "regression",
    "norms",
    "twins",
    "when_bias_matters",
    "inside",
    "audit",
)
SLIDERS = {
    "threshold": ("bias b", "b"),
    "feature_maps": ("bias b", "b"),
    "regression": ("true intercept", "intercept"),
    "norms": ("bias b", "b"),
    "curves": ("hidden units", "units"),
    "inside": ("brightness k", "k"),
}
READY = 60_000


def opened(page: Page, address: str) -> Page:
    page.goto(address)
    expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=READY)
    expect(page.locator(".stVegaLiteChart svg, .stVegaLiteChart canvas").first).to_be_visible(timeout=READY)
    return page


def slider(page: Page, label: str) -> Locator:
    return page.get_by_role("slider", name=label, exact=True)


def field(page: Page, label: str) -> Locator:
    return page.get_by_role("spinbutton", name=f"{label}, any value")


def drag(page: Page, label: str, start: float, stop: float) -> None:
    """Press at one share of the track, move to another, and let go."""
    box = at_rest(slider(page, label))
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + start * box["width"], middle)
    page.mouse.down()
    for step in range(1, 11):
        page.mouse.move(box["x"] + (start + (stop - start) * step / 10) * box["width"], middle)
        page.wait_for_timeout(20)


@pytest.mark.parametrize(("name", "label", "parameter"), [(name, *rest) for name, rest in SLIDERS.items()])
def test_page_follows_the_finger_before_it_is_lifted_and_the_link_after(
    page: Page, server: str, name: str, label: str, parameter: str
) -> None:
    opened(page, f"{server}/{name}")
    main = page.get_by_test_id("stMain")
    before = main.inner_text()
    drag(page, label, 0.6, 0.3)
    expect(main).not_to_have_text(before)
    value = field(page, label).input_value()
    assert f"{parameter}=" not in page.url
    page.mouse.up()
    expect(page).to_have_url(re.compile(rf"[?&]{parameter}={re.escape(value)}"))


def test_what_is_said_while_dragging_is_what_core_computes(page: Page, server: str) -> None:
    opened(page, f"{server}/regression")
    drag(page, "true intercept", 0.7, 0.4)
    page.wait_for_timeout(600)
    intercept = float(field(page, "true intercept").input_value())
    table = NoisyLine(intercept=intercept).draw().frame
    pair = fit_pair(table[["x"]], table["y"])
    chart = page.locator(".stVegaLiteChart").first
    expect(chart).to_contain_text(f"MSE {exactly(pair.with_bias.mse)}")
    expect(chart).to_contain_text(f"MSE {exactly(pair.without_bias.mse)}")
    expect(page.get_by_text(pair.verdict)).to_be_visible()
    page.mouse.up()


def test_arrow_keys_move_the_slider_by_its_step(page: Page, server: str) -> None:
    opened(page, f"{server}/threshold")
    slider(page, "bias b").focus()
    page.keyboard.press("ArrowLeft")
    expect(field(page, "bias b")).to_have_value("0.95")
    expect(page).to_have_url(re.compile(r"b=0\.95"))


def test_number_field_takes_any_value_and_no_nonsense(page: Page, server: str) -> None:
    opened(page, f"{server}/threshold")
    typed = field(page, "bias b")
    typed.fill("7.25")
    typed.press("Enter")
    expect(page.get_by_text("−7.25", exact=False).first).to_be_visible()
    expect(page).to_have_url(re.compile(r"b=7\.25"))
    typed.fill("")
    typed.press_sequentially("abc")
    typed.press("Enter")
    expect(typed).to_have_value("7.25")


@pytest.mark.parametrize("nonsense", ["b=abc", "b=nan", "b=1e999", "b=", "activation=nothing", "b=<b>x</b>"])
def test_nonsense_in_a_link_opens_the_page_with_its_defaults(page: Page, server: str, nonsense: str) -> None:
    opened(page, f"{server}/threshold?{nonsense}")
    expect(field(page, "bias b")).to_have_value("1")
    expect(page).to_have_url(f"{server}/threshold")


def test_share_link_restores_every_setting(page: Page, browser: Browser, server: str) -> None:
    opened(page, f"{server}/feature_maps")
    field(page, "bias b").fill("0.2")
    field(page, "bias b").press("Enter")
    page.get_by_label("Kernel", exact=False).first.click()
    page.get_by_role("option", name="Blur").click()
    ledger = page.get_by_text("The products add up to")
    expect(ledger).to_contain_text("(0.5340 + 0.2)", timeout=READY)  # the default pixel, blurred
    page.get_by_role("spinbutton", name="row", exact=True).fill("20")
    page.keyboard.press("Enter")
    expect(ledger).to_contain_text("(0.8869 + 0.2)", timeout=READY)
    expect(page).to_have_url(re.compile("row=20"))
    other = browser.new_context().new_page()
    opened(other, page.url)
    expect(other.get_by_text("The products add up to")).to_have_text(ledger.inner_text(), timeout=READY)
    expect(field(other, "bias b")).to_have_value("0.2")
    other.context.close()


def test_settings_survive_a_switch_of_pages(page: Page, server: str) -> None:
    opened(page, f"{server}/threshold?b=-2")
    menu = page.get_by_test_id("stSidebarNav")
    menu.get_by_text("What does it do to a line?").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("A line with and without intercept", timeout=READY)
    menu.get_by_text("What does b move?").click()
    expect(field(page, "bias b")).to_have_value("-2", timeout=READY)
    expect(page).to_have_url(re.compile(r"threshold\?b=-2"))


def upload(page: Page, name: str, data: bytes) -> None:
    file: FilePayload = {"name": name, "mimeType": "application/octet-stream", "buffer": data}
    page.locator("input[type=file]").set_input_files(file)


def test_own_picture_is_shown_and_a_wrong_file_ends_in_one_sentence(page: Page, server: str) -> None:
    opened(page, f"{server}/feature_maps")
    page.get_by_label("Picture", exact=False).first.click()
    page.get_by_role("option", name="Your own picture").click()
    buffer = io.BytesIO()
    Image.linear_gradient("L").resize((40, 30)).save(buffer, "png")
    upload(page, "own.png", buffer.getvalue())
    expect(page.locator("figure").first).to_contain_text("40 × 30 pixels", timeout=READY)
    upload(page, "wrong.png", b"no picture at all")
    expect(page.get_by_text(re.compile("The file must"))).to_be_visible(timeout=READY)
    expect(page.get_by_test_id("stException")).to_have_count(0)


def test_own_picture_is_still_there_after_a_switch_of_pages(page: Page, server: str) -> None:
    opened(page, f"{server}/feature_maps")
    page.get_by_label("Picture", exact=False).first.click()
    page.get_by_role("option", name="Your own picture").click()
    buffer = io.BytesIO()
    Image.linear_gradient("L").resize((40, 30)).save(buffer, "png")
    upload(page, "own.png", buffer.getvalue())
    expect(page.locator("figure").first).to_contain_text("40 × 30 pixels", timeout=READY)
    menu = page.get_by_test_id("stSidebarNav")
    menu.get_by_text("What does b move?").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What does b move?", timeout=READY)
    menu.get_by_text("What does it do to a picture?").click()
    expect(page.get_by_text("Still using own.png.")).to_be_visible(timeout=READY)
    expect(page.locator("figure").first).to_contain_text("40 × 30 pixels", timeout=READY)


def test_own_table_is_fitted_and_a_wrong_file_ends_in_one_sentence(page: Page, server: str) -> None:
    opened(page, f"{server}/regression")
    page.get_by_label("Data", exact=False).first.click()
    page.get_by_role("option", name="Your own table").click()
    upload(page, "own.csv", "größe;preis\n1,5;10\n2,5;20\n3,5;31\n4,5;39\n".encode())
    expect(page.locator(".stVegaLiteChart").first).to_contain_text("größe", timeout=READY)
    upload(page, "wrong.csv", bytes(range(256)) * 8)
    expect(page.get_by_text(re.compile("The file must"))).to_be_visible(timeout=READY)
    expect(page.get_by_test_id("stException")).to_have_count(0)


def test_click_on_a_picture_opens_that_pixels_ledger(page: Page, server: str) -> None:
    opened(page, f"{server}/feature_maps")
    page.wait_for_timeout(2000)
    box = page.locator("figure img").nth(2).bounding_box()
    assert box
    x, y = round(box["x"] + 0.25 * box["width"]), round(box["y"] + 0.5 * box["height"])
    page.mouse.click(x, y)
    column, row = int((x - box["x"]) / box["width"] * 256), int((y - box["y"]) / box["height"] * 171)
    expect(page.get_by_role("spinbutton", name="column", exact=True)).to_have_value(str(column))
    expect(page.get_by_role("spinbutton", name="row", exact=True)).to_have_value(str(row))


WATCH_PICTURES = """() => {
  const inside = (node) => [...(node.shadowRoot?.querySelectorAll("figure img") ?? [])]
  const pictures = [...document.querySelectorAll("*")].flatMap(inside)
  window.watched = { frames: 0, empty: 0, shown: new Set() }
  const look = () => {
    window.watched.frames += 1
    window.watched.empty += pictures.filter((picture) => !picture.complete || picture.naturalWidth === 0).length
    window.watched.shown.add(pictures[2].src)
    requestAnimationFrame(look)
  }
  requestAnimationFrame(look)
  return pictures.length
}"""


def test_no_picture_is_ever_empty_while_the_slider_is_dragged(page: Page, server: str) -> None:
    opened(page, f"{server}/feature_maps")
    page.wait_for_timeout(1500)
    assert page.evaluate(WATCH_PICTURES) == 4
    drag(page, "bias b", 0.45, 0.6)
    page.wait_for_timeout(500)
    page.mouse.up()
    seen = page.evaluate("({ ...watched, shown: watched.shown.size })")
    assert seen["shown"] >= 3
    assert seen["empty"] == 0


@pytest.mark.parametrize("width", [1280, 390])
def test_larger_pictures_stay_on_the_page(browser: Browser, server: str, width: int) -> None:
    page = browser.new_context(viewport={"width": width, "height": 800}).new_page()
    opened(page, f"{server}/feature_maps?larger=true&untied=true&picture=Handwritten+3")
    expect(page.locator("figure")).to_have_count(6, timeout=READY)
    for figure in page.locator("figure").all():
        box = figure.bounding_box()
        assert box
        assert 0 <= box["x"] <= box["x"] + box["width"] <= width
    page.context.close()


def test_fields_of_the_pixel_say_the_pixel_that_is_explained(page: Page, server: str) -> None:
    opened(page, f"{server}/feature_maps?picture=Handwritten+3&row=200&column=7")
    expect(page.get_by_role("spinbutton", name="row", exact=True)).to_have_value("4")
    expect(page.get_by_role("spinbutton", name="column", exact=True)).to_have_value("7")


def test_numbers_open_as_tables_and_download_as_csv(page: Page, server: str) -> None:
    opened(page, f"{server}/regression")
    page.get_by_text("The numbers behind the charts").click()
    button = page.get_by_role("button", name="Download fits (csv)")
    expect(button).to_be_visible(timeout=READY)
    with page.expect_download() as download:
        button.click()
    text = Path(download.value.path()).read_text()
    assert text.splitlines()[0] == "arm,term,estimate,standard_error,t,p,low,high"
    assert text.splitlines()[1].startswith("with bias,intercept,2.128")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_page_fits_its_screen_calls_no_other_host_and_leaves_the_console_quiet(
    browser: Browser, server: str, name: str, width: int, theme: str
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=theme)  # type: ignore[arg-type]
    page = context.new_page()
    hosts: set[str] = set()
    complaints: list[str] = []
    page.on("request", lambda request: hosts.add(re.sub(r"^(\w+://[^/]*).*", r"\1", request.url)))
    page.on("console", lambda message: complaints.append(message.text) if "WARN" in message.text else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{server}/{name}")
    expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=READY)
    page.wait_for_timeout(2500)
    main = page.get_by_test_id("stMain")
    # charts are laid out anew once the slider has told its width, however busy the machine is
    fits = "node => node.scrollWidth <= node.clientWidth"
    page.wait_for_function(fits, arg=main.element_handle(), timeout=10_000)
    page.wait_for_timeout(1000)
    assert main.evaluate(fits)
    assert {host for host in hosts if not host.startswith(("data:", "blob:"))} <= {server, server.replace("http", "ws")}
    assert not complaints
    context.close()


def test_names_of_columns_are_text_and_never_markup(page: Page, server: str) -> None:
    opened(page, f"{server}/regression")
    page.get_by_label("Data", exact=False).first.click()
    page.get_by_role("option", name="Your own table").click()
    upload(page, "own.csv", b"**bold**;<b>x</b>\n1;5\n2;4\n3;9\n4;2\n5;8\n")
    expect(page.get_by_role("cell", name="**bold**", exact=True).first).to_be_visible(timeout=READY)
    expect(page.locator(".stVegaLiteChart").first).to_contain_text("<b>x</b>")
