"""Twins and studies as a visitor uses them: guessed, trained, dialled, cancelled, left, shared."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.visitor import READY, complaints_of, drag, drawn, field, follow_menu, slider, typed, visit

pytestmark = pytest.mark.browser


def trained(page: Page, address: str) -> Page:
    visit(page, address)
    button = page.get_by_role("button", name="Train both twins")
    result = page.get_by_role("heading", name="The pictures on which they disagree")
    expect(button.or_(result).first).to_be_visible(timeout=READY)
    if button.is_visible():
        button.click()
    expect(result).to_be_visible(timeout=READY)
    return page


def test_twins_are_trained_and_the_guess_is_held_against_them(page: Page, server: str) -> None:
    visit(page, f"{server}/twins?pair=11&epochs=8")
    page.get_by_text("The twin without", exact=True).click()
    page.get_by_role("button", name="Train both twins").click()
    expect(page.get_by_text("You guessed the twin without")).to_be_visible(timeout=READY)
    expect(
        page.get_by_text(re.compile(r"Of 720 test pictures the twin with bias gets \d+ right")).first
    ).to_be_visible()


def test_dial_dims_every_picture_and_the_twin_without_bias_keeps_its_answers(page: Page, server: str) -> None:
    trained(page, f"{server}/twins?pair=11&epochs=8")
    sentence = page.get_by_text(re.compile("Of all test pictures")).last
    before = re.findall(r"([\d.]+)% without", sentence.inner_text())
    typed(page, "brightness k", "0.05")
    expect(sentence).to_contain_text("times 0.05", timeout=10_000)
    after = re.findall(r"([\d.]+)% without", sentence.inner_text())
    assert abs(float(before[0]) - float(after[0])) < 0.6
    expect(page).to_have_url(re.compile(r"[?&]k=0\.05"))


def test_training_shows_within_a_second_and_then_the_light_goes_down_once_by_itself(page: Page, server: str) -> None:
    visit(page, f"{server}/twins?pair=21&epochs=8")
    page.get_by_role("button", name="Train both twins").click()
    expect(page.get_by_text(re.compile(r"Step \d+ of 8"))).to_be_visible(timeout=READY)
    expect(page.get_by_text("with: ✓").first).to_be_visible()
    expect(field(page, "brightness k")).to_have_value("0.03", timeout=READY)
    typed(page, "brightness k", "1")
    drawn(page)
    expect(field(page, "brightness k")).to_have_value("1")
    expect(page.get_by_role("button", name="Train with seed 22")).to_be_visible()


@pytest.mark.release
def test_page_follows_the_finger_on_the_dial(page: Page, server: str) -> None:
    trained(page, f"{server}/twins?pair=11")
    label = "brightness k"
    slider(page, label).scroll_into_view_if_needed(timeout=READY)
    expect(field(page, label)).to_have_value("0.03", timeout=READY)
    sentence = page.get_by_text(re.compile("Of all test pictures")).last
    before = sentence.inner_text(timeout=READY)
    drag(page, label, 0.6, 0.3)
    expect(sentence).not_to_have_text(before)
    page.mouse.up()
    slider(page, label).press("ArrowLeft")
    value = field(page, label).input_value()
    expect(page).to_have_url(re.compile(rf"[?&]k={re.escape(value)}(&|$)"))


@pytest.mark.release
def test_result_survives_a_switch_of_pages(page: Page, server: str) -> None:
    trained(page, f"{server}/twins?pair=11")
    follow_menu(page, "Threshold · what does b move?", "Threshold: what does b move?")
    follow_menu(page, "Twins · with b or without?", "Twins: one network with biases, one without")
    expect(page.get_by_role("heading", name="The pictures on which they disagree")).to_be_visible(timeout=READY)


@pytest.mark.release
def test_share_link_opens_the_same_pair_and_what_is_trained_is_shared(
    page: Page, other_page: Page, server: str
) -> None:
    trained(page, f"{server}/twins?pair=11")
    other = visit(other_page, page.url)
    button = other.get_by_role("button", name="Train both twins")
    expect(button).to_be_visible(timeout=READY)  # nobody sees an answer before they asked
    button.click()
    expect(other.get_by_role("heading", name="The pictures on which they disagree")).to_be_visible(timeout=10_000)


@pytest.mark.release
def test_cancel_of_one_visitor_leaves_the_work_to_the_other_and_a_cancelled_one_can_be_asked_for_again(
    page: Page, other_page: Page, server: str
) -> None:
    link = f"{server}/twins?task=Dim+or+bright+copy&epochs=400&pair=4"
    visitors = [page, other_page]
    for visitor in visitors:
        visit(visitor, link)
        visitor.get_by_role("button", name="Train both twins").click(timeout=READY)
        expect(visitor.get_by_role("button", name="Cancel")).to_be_visible(timeout=READY)
    visitors[1].get_by_role("button", name="Cancel").click()
    expect(visitors[1].get_by_text("Cancelled.")).to_be_visible(timeout=READY)
    expect(visitors[0].get_by_role("progressbar")).to_be_visible()
    visitors[0].get_by_role("button", name="Cancel").click()
    expect(visitors[0].get_by_text("Cancelled.")).to_be_visible(timeout=READY)
    expect(visitors[0].get_by_role("button", name="Train both twins")).to_be_visible()


@pytest.mark.release
def test_settings_out_of_range_in_a_link_open_the_page_with_defaults(page: Page, server: str) -> None:
    visit(page, f"{server}/twins?pair=-3&epochs=1e9&rate=nan&task=cats&biases=no&batch_norm=perhaps&k=-1")
    expect(page.get_by_role("button", name="Train both twins")).to_be_visible(timeout=READY)
    expect(page.get_by_test_id("stException")).to_have_count(0)


@pytest.mark.release
def test_settings_of_a_pair_go_along_to_the_study_of_many_seeds(page: Page, server: str) -> None:
    trained(page, f"{server}/twins?pair=11&epochs=3&task=Digits+on+grey")
    page.get_by_role("link", name="Next: one pair proves nothing").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("When a bias matters", timeout=READY)
    page.get_by_text("Run it here").click(timeout=READY)
    expect(page.get_by_role("spinbutton", name="epochs")).to_have_value("3", timeout=READY)
    expect(page.get_by_text("Which digit is this, on a grey ground")).to_be_visible()


@pytest.mark.release
def test_trained_twins_leave_the_console_quiet_and_fit_a_phone(browser: Browser, server: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, color_scheme="dark")
    page = context.new_page()
    complaints = complaints_of(page)
    trained(page, f"{server}/twins?pair=12")
    drawn(page)
    assert page.get_by_test_id("stMain").evaluate("node => node.scrollWidth <= node.clientWidth")
    assert not complaints
    context.close()


@pytest.mark.release
def test_all_tasks_stand_on_the_first_screen(page: Page, server: str) -> None:
    visit(page, f"{server}/when_bias_matters")
    chart = page.locator(".stVegaLiteChart").first
    expect(chart).to_contain_text("Dim or bright copy", timeout=READY)
    expect(chart).to_contain_text("no difference that matters")


def test_study_runs_here_and_stands_beside_the_record(page: Page, server: str) -> None:
    visit(page, f"{server}/when_bias_matters?task=Digits,+50+to+learn+from&seeds=5&epochs_400=1")
    page.get_by_text("Run it here").click(timeout=READY)
    drawn(page)
    page.get_by_role("button", name="Run 5 seeds").click(timeout=READY)
    expect(page.get_by_text("Here, 5 seeds").first).to_be_visible(timeout=READY)
    expect(page.get_by_text(re.compile("Of 5 single pairs"))).to_be_visible()
