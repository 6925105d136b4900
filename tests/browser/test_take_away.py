"""What a visitor takes away: the program of what stands on the page now, and csv files that run nothing."""

import io
import json

import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from tests.browser.visitor import READY, choose, downloaded, opened, typed, upload

pytestmark = pytest.mark.browser


def test_program_and_notebook_hold_what_stands_on_the_page_now(page: Page, server: str) -> None:
    opened(page, f"{server}/threshold?w=2&activation=Sigmoid")
    typed(page, "bias b", "-0.35")
    expect(page.get_by_text("0.175").first).to_be_visible(timeout=READY)
    source = downloaded(page, "Program")
    for line in ("WEIGHT = 2.0", "BIAS = -0.35", 'ACTIVATION = "sigmoid"'):
        assert f"\n{line}" in source
    cells = json.loads(downloaded(page, "Notebook"))["cells"]
    assert any("BIAS = -0.35" in "".join(cell["source"]) for cell in cells)


@pytest.mark.release
def test_overviews_program_makes_its_photograph_under_the_dragged_b(page: Page, server: str) -> None:
    page.goto(f"{server}/?b=-0.1")
    expect(page.get_by_role("button", name="Program", exact=True)).to_be_visible(timeout=READY)
    source = downloaded(page, "Program")
    for line in ('PICTURE = "temple"', "BIAS = -0.1", 'ACTIVATION = "relu"'):
        assert f"\n{line}" in source


@pytest.mark.release
def test_pytorch_program_holds_the_pairs_settings_before_anything_is_trained(page: Page, server: str) -> None:
    page.goto(f"{server}/twins?pair=7&biases=In+the+convolutions")
    expect(page.get_by_role("button", name="Train both twins")).to_be_visible(timeout=READY)
    source = downloaded(page, "In PyTorch")
    for line in ("import torch", "SEED = 7", "DENSE_BIAS = False"):
        assert f"\n{line}" in source


def test_hostile_names_stay_text_on_the_page_and_in_the_csv(page: Page, server: str) -> None:
    opened(page, f"{server}/regression")
    choose(page, "Data", "Your own table")
    names = ("=HYPERLINK(1)", "<img src=x onerror=alert(1)>**b**")
    rows = "".join(f"{i};{2 * i + i % 3}\n" for i in range(9))
    upload(page, "own.csv", f"{names[0]};{names[1]}\n{rows}".encode())
    expect(page.locator(".stVegaLiteChart").first).to_contain_text("<img src=x", timeout=READY)
    assert page.locator("img[src=x]").count() == 0
    page.get_by_text("The numbers behind the charts").click()
    text = downloaded(page, "Download fits (csv)")
    cells = pd.read_csv(io.StringIO(text), dtype=str).to_numpy().ravel()
    assert "'=HYPERLINK(1)" in cells
    assert not any(str(cell).lstrip().startswith(("=", "+", "@")) for cell in cells)
    read = pd.read_csv(io.StringIO(downloaded(page, "Table as read (csv), for the program")))
    assert list(read) == ["'=HYPERLINK(1)", names[1]]
    assert f'\nX_COLUMNS = ("{read.columns[0]}",)\n' in downloaded(page, "Program")
