"""The pages as a visitor uses them: dragged, typed into, fed right and wrong files, shared, left and found again."""

import io
import re

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, Route, expect

from core.data.tables import NoisyLine
from core.exact.regression import line_figure
from core.format import exactly
from core.models.regression import fit_pair
from tests.browser.visitor import (
    CHART,
    READY,
    at_rest,
    choose,
    downloaded,
    drag,
    drawn,
    field,
    follow_menu,
    opened,
    slider,
    typed,
    upload,
    visit,
)

pytestmark = pytest.mark.browser


def test_what_is_said_while_dragging_is_what_core_computes(page: Page, server: str) -> None:
    opened(page, f"{server}/regression")
    following = page.locator("html.following")  # while it is, what waits for the server does not fade
    drag(page, "true intercept", 0.7, 0.4)
    expect(following).to_have_count(1)
    drawn(page)
    expect(following).to_have_count(0)
    intercept = float(field(page, "true intercept").input_value().replace("−", "-"))
    table = NoisyLine(intercept=intercept).draw().frame
    pair = fit_pair(table[["x"]], table["y"])
    chart = page.locator(".stVegaLiteChart").first
    expect(chart).to_contain_text(f"MSE {exactly(pair.with_bias.mse)}")
    expect(chart).to_contain_text(f"MSE {exactly(pair.without_bias.mse)}")
    expect(page.get_by_text(line_figure(pair).sentence)).to_be_visible()
    page.mouse.up()


@pytest.mark.release
def test_arrow_keys_move_the_slider_by_its_step(page: Page, server: str) -> None:
    opened(page, f"{server}/threshold")
    slider(page, "bias b").focus()
    page.keyboard.press("ArrowLeft")
    expect(field(page, "bias b")).to_have_value("0.95")
    expect(page).to_have_url(re.compile(r"b=0\.95"))


def test_number_field_takes_any_value_and_no_nonsense(page: Page, server: str) -> None:
    opened(page, f"{server}/threshold")
    typed(page, "bias b", "7.25")
    expect(page.get_by_text("−7.25", exact=False).first).to_be_visible()
    expect(page).to_have_url(re.compile(r"b=7\.25"))
    field(page, "bias b").fill("")
    field(page, "bias b").press_sequentially("abc")
    field(page, "bias b").press("Enter")
    expect(field(page, "bias b")).to_have_value("7.25")


def test_nonsense_in_a_link_opens_the_page_with_its_defaults(page: Page, server: str) -> None:
    opened(page, f"{server}/threshold?b=1e999&activation=<b>x</b>&w=nan")
    expect(field(page, "bias b")).to_have_value("1")
    expect(page).to_have_url(f"{server}/threshold")


def test_share_link_restores_every_setting(page: Page, other_page: Page, server: str) -> None:
    opened(page, f"{server}/feature_maps")
    typed(page, "bias b", "0.2")
    choose(page, "Kernel", "Blur")
    ledger = page.get_by_text("The products add up to")
    expect(ledger).to_contain_text("(0.1823 + 0.2)", timeout=READY)  # the default pixel, blurred
    page.get_by_role("spinbutton", name="row", exact=True).fill("20")
    page.keyboard.press("Enter")
    expect(ledger).to_contain_text("(0.8825 + 0.2)", timeout=READY)
    expect(page).to_have_url(re.compile("row=20"))
    opened(other_page, page.url)
    expect(other_page.get_by_text("The products add up to")).to_have_text(ledger.inner_text(), timeout=READY)
    expect(field(other_page, "bias b")).to_have_value("0.2")


@pytest.mark.release
def test_settings_survive_a_switch_of_pages(page: Page, server: str) -> None:
    opened(page, f"{server}/threshold?b=-2")
    follow_menu(page, "Regression · needs a line b?", "Regression: a line with and without intercept")
    follow_menu(page, "Threshold · what does b move?", "Threshold: what does b move?")
    expect(field(page, "bias b")).to_have_value("−2", timeout=READY)
    expect(page).to_have_url(re.compile(r"threshold\?b=-2"))


def test_own_picture_is_shown_and_a_wrong_file_ends_in_one_sentence(page: Page, server: str) -> None:
    opened(page, f"{server}/feature_maps")
    choose(page, "Picture", "Your own picture")
    buffer = io.BytesIO()
    Image.linear_gradient("L").resize((40, 30)).save(buffer, "png")
    upload(page, "own.png", buffer.getvalue())
    expect(page.locator("figure", has_text="40 × 30 pixels")).to_be_visible(timeout=READY)
    upload(page, "wrong.png", b"no picture at all")
    expect(page.get_by_text(re.compile("The file must"))).to_be_visible(timeout=READY)
    expect(page.get_by_test_id("stException")).to_have_count(0)


def test_own_picture_is_still_there_after_a_switch_of_pages(page: Page, server: str) -> None:
    opened(page, f"{server}/feature_maps")
    choose(page, "Picture", "Your own picture")
    buffer = io.BytesIO()
    Image.linear_gradient("L").resize((40, 30)).save(buffer, "png")
    upload(page, "own.png", buffer.getvalue())
    expect(page.locator("figure", has_text="40 × 30 pixels")).to_be_visible(timeout=READY)
    follow_menu(page, "Threshold · what does b move?", "Threshold: what does b move?")
    follow_menu(page, "Feature maps · what is seen?", "Feature maps: one filter over a picture")
    expect(page.get_by_text("Still using own.png.")).to_be_visible(timeout=READY)
    expect(page.locator("figure", has_text="40 × 30 pixels")).to_be_visible(timeout=READY)


def test_own_table_is_fitted_and_a_wrong_file_ends_in_one_sentence(page: Page, server: str) -> None:
    opened(page, f"{server}/regression")
    choose(page, "Data", "Your own table")
    upload(page, "own.csv", "größe;preis\n1,5;10\n2,5;20\n3,5;31\n4,5;39\n".encode())
    expect(page.locator(".stVegaLiteChart").first).to_contain_text("größe", timeout=READY)
    upload(page, "wrong.csv", bytes(range(256)) * 8)
    expect(page.get_by_text(re.compile("The file must"))).to_be_visible(timeout=READY)
    expect(page.get_by_test_id("stException")).to_have_count(0)


def test_click_on_a_picture_opens_that_pixels_ledger(page: Page, server: str) -> None:
    opened(page, f"{server}/feature_maps")
    drawn(page)
    box = page.locator("figure img").nth(1).bounding_box()
    assert box
    x, y = round(box["x"] + 0.25 * box["width"]), round(box["y"] + 0.5 * box["height"])
    page.mouse.click(x, y)
    column, row = int((x - box["x"]) / box["width"] * 256), int((y - box["y"]) / box["height"] * 171)
    expect(page.get_by_role("spinbutton", name="column", exact=True)).to_have_value(str(column))
    expect(page.get_by_role("spinbutton", name="row", exact=True)).to_have_value(str(row))
    formula = page.locator(".formula")
    before = formula.get_attribute("aria-label") or ""
    page.get_by_role("group", name="arrow keys").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("spinbutton", name="column", exact=True)).to_have_value(str(column + 1))
    expect(formula).not_to_have_attribute("aria-label", before)


def test_kernel_lies_over_the_input_under_the_pointer_and_runs_along_the_row(page: Page, server: str) -> None:
    opened(page, f"{server}/feature_maps?picture=Handwritten+3&row=2&column=1")
    drawn(page)
    kernel = page.locator("figure span.kernel")
    assert kernel.evaluate("node => [node.style.left, node.style.width]") == ["18.75%", "37.5%"]
    page.locator("figure img").nth(2).hover(position={"x": 2, "y": 2})
    assert kernel.evaluate("node => [node.style.left, node.style.top]") == ["6.25%", "6.25%"]
    page.mouse.move(0, 0)
    steps = page.evaluate("history.length")
    page.get_by_role("button", name="play along this row").click()
    expect(page).to_have_url(re.compile("column=[3-7]"), timeout=READY)
    page.get_by_role("button", name="stop", exact=True).click()
    expect(page.get_by_role("spinbutton", name="row", exact=True)).to_have_value("2")
    assert page.evaluate("history.length") == steps


WATCH_PICTURES = """() => {
  const inside = (node) => [...(node.shadowRoot?.querySelectorAll("figure img") ?? [])]
  const pictures = [...document.querySelectorAll("*")].flatMap(inside)
  window.watched = { frames: 0, empty: 0, shown: new Set() }
  const look = () => {
    window.watched.frames += 1
    window.watched.empty += pictures.filter((picture) => !picture.complete || picture.naturalWidth === 0).length
    window.watched.shown.add(pictures[3].src)
    requestAnimationFrame(look)
  }
  requestAnimationFrame(look)
  return pictures.length
}"""


def test_no_picture_is_ever_empty_while_the_slider_is_dragged(page: Page, server: str) -> None:
    opened(page, f"{server}/feature_maps")
    drawn(page)
    assert page.evaluate(WATCH_PICTURES) == 4
    drag(page, "bias b", 0.45, 0.6)
    page.mouse.move(0, 0, steps=20)
    page.mouse.up()
    drawn(page)
    seen = page.evaluate("({ ...watched, shown: watched.shown.size })")
    assert seen["shown"] >= 3
    assert seen["empty"] == 0


@pytest.mark.release
@pytest.mark.parametrize("width", [1280, 390])
def test_portrait_keeps_its_shape_and_stays_on_the_page(browser: Browser, server: str, width: int) -> None:
    page = browser.new_context(viewport={"width": width, "height": 800}).new_page()
    visit(page, f"{server}/feature_maps?untied=true&picture=Your+own+picture")
    buffer = io.BytesIO()
    Image.effect_noise((600, 900), 60).save(buffer, "png")
    upload(page, "tall.png", buffer.getvalue())
    expect(page.locator("figure div img")).to_have_count(6, timeout=READY)
    drawn(page)
    for picture in page.locator("figure div img").all():
        box = picture.bounding_box()
        assert box
        assert 0 <= box["x"] <= box["x"] + box["width"] <= width
        assert box["height"] / box["width"] == pytest.approx(256 / 171, rel=0.01)
    page.context.close()


@pytest.mark.release
def test_fields_of_the_pixel_say_the_pixel_that_is_explained(page: Page, server: str) -> None:
    opened(page, f"{server}/feature_maps?picture=Handwritten+3&row=200&column=7")
    expect(page.get_by_role("spinbutton", name="row", exact=True)).to_have_value("5")
    expect(page.get_by_role("spinbutton", name="column", exact=True)).to_have_value("7")


def test_numbers_open_as_tables_and_download_as_csv(page: Page, server: str) -> None:
    opened(page, f"{server}/regression")
    page.get_by_text("The numbers behind the charts").click()
    text = downloaded(page, "Download fits (csv)")
    assert text.splitlines()[0] == "arm,term,estimate,standard_error,t,p,low,high"
    assert text.splitlines()[1].startswith("with bias,intercept,2.128")


@pytest.mark.release
def test_names_of_columns_are_text_and_never_markup(page: Page, server: str) -> None:
    opened(page, f"{server}/regression")
    choose(page, "Data", "Your own table")
    upload(page, "own.csv", b"**bold**;<b>x</b>\n1;5\n2;4\n3;9\n4;2\n5;8\n")
    page.get_by_text("In detail").click()
    expect(page.get_by_role("cell", name="**bold**", exact=True).first).to_be_visible(timeout=READY)
    expect(page.locator(".stVegaLiteChart").first).to_contain_text("<b>x</b>")


@pytest.mark.release
def test_chart_in_full_screen_fits_its_window(page: Page, server: str) -> None:
    opened(page, f"{server}/regression")
    drawn(page)
    for frame in page.get_by_test_id("stFullScreenFrame").filter(has=page.locator(".stVegaLiteChart")).all():
        frame.hover()
        frame.get_by_label("Fullscreen").click()
        place = at_rest(frame.locator(CHART))
        assert place["y"] + place["height"] <= page.evaluate("window.innerHeight")
        page.keyboard.press("Escape")


def test_what_stands_below_a_chart_waits_there_while_it_loads(page: Page, server: str) -> None:
    waiting: list[Route] = []
    page.route("**/ArrowVegaLiteChart*.js", lambda route: waiting.append(route))
    visit(page, f"{server}/threshold")
    below = page.get_by_text("The switch sits at", exact=False)
    drawn(page)
    page.evaluate("document.fonts.ready.then(() => true)")  # a line may break elsewhere once its letters are there
    before = at_rest(below)
    assert page.locator(".stVegaLiteChart").count() == 0
    for one in waiting:
        one.continue_()
    drawn(page)
    assert at_rest(below)["y"] == pytest.approx(before["y"], abs=2)
