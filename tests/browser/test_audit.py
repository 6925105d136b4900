"""The audit as a visitor uses it: a pasted printout, a file of weights, pairs corrected, a new file taken away."""

from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect
from safetensors.numpy import load, save

from tests.browser.visitor import READY, drawn, opened, upload, visit

pytestmark = pytest.mark.browser
NORM = "BatchNorm2d(8, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)"


def weights() -> bytes:
    random = np.random.default_rng(0)
    numbers = {
        "features.0.weight": random.standard_normal((4, 1, 3, 3)),
        "features.0.bias": np.array([0.5, -9.0, 1.0, 2.0]),
        "features.1.weight": np.ones(4),
        "features.1.bias": np.zeros(4),
        "features.1.running_mean": np.ones(4),
        "features.1.running_var": np.ones(4),
    }
    return save(
        {name: array.astype(np.float32) for name, array in numbers.items()}
        | {"features.1.num_batches_tracked": np.array(7)}
    )


def test_pasted_printout_is_judged_and_nonsense_ends_in_one_sentence(page: Page, server: str) -> None:
    page.goto(f"{server}/audit?network=Your+own+printout")
    box = page.get_by_label("What print(model) shows in PyTorch", exact=False)
    box.fill(f"Net(\n  (c): Conv2d(3, 8, kernel_size=(3, 3), stride=(1, 1))\n  (n): {NORM}\n)")
    box.press("Control+Enter")
    expect(page.get_by_text("have a redundant bias").or_(page.get_by_text("has a redundant bias"))).to_be_visible(
        timeout=READY
    )
    box.fill("Net(\n  (c): Conv2d(3, 8")
    box.press("Control+Enter")
    expect(page.get_by_text("The printout must", exact=False)).to_be_visible(timeout=READY)
    expect(page.get_by_test_id("stException")).to_have_count(0)


@pytest.mark.release
def test_page_is_short_and_names_only_verdicts_that_occur(page: Page, server: str) -> None:
    opened(page, f"{server}/audit")
    drawn(page)
    words = page.locator("[data-testid=stMain]").inner_text().split()
    assert len(words) <= 350
    page.get_by_text("Layer by layer").click()
    verdicts = page.get_by_role("radiogroup", name="Show only")
    expect(verdicts).to_have_text("redundantin use", timeout=READY)
    expect(page.locator("table").get_by_role("row")).to_have_count(30)  # the head, and 29 layers


@pytest.mark.release
def test_how_to_get_a_printout_is_said_where_there_is_none(page: Page, server: str) -> None:
    visit(page, f"{server}/audit?network=Your+own+printout")
    expect(page.get_by_text("print(model)  # copy all that it shows")).to_be_visible(timeout=READY)


def test_file_of_weights_is_judged_and_written_anew_without_its_redundant_bias(page: Page, server: str) -> None:
    page.goto(f"{server}/audit?source=A+file+of+weights")
    expect(page.locator("input[type=file]")).to_be_attached(timeout=READY)
    upload(page, "mine.safetensors", weights())
    expect(page.get_by_text("1 layer has a redundant bias")).to_be_visible(timeout=READY)
    page.get_by_role("button", name="Write it without the redundant biases").click()
    button = page.get_by_role("button", name="Download without_redundant.safetensors")
    expect(button).to_be_visible(timeout=READY)
    with page.expect_download(timeout=READY) as waiting:
        button.click()
    written, before = load(Path(waiting.value.path()).read_bytes()), load(weights())
    assert set(before) - set(written) == {"features.0.bias"}
    np.testing.assert_allclose(written["features.1.running_mean"], 1 - before["features.0.bias"])


@pytest.mark.release
def test_pickle_is_refused_with_the_way_out(page: Page, server: str) -> None:
    page.goto(f"{server}/audit?source=A+file+of+weights")
    expect(page.locator("input[type=file]")).to_be_attached(timeout=READY)
    upload(page, "model.pt", b"\x80\x02}q\x00.")
    expect(page.get_by_text("pickle", exact=False).first).to_be_visible(timeout=READY)
    expect(page.get_by_test_id("stException")).to_have_count(0)
