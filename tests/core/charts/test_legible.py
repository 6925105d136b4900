"""Text on every chart is at least 12 pixels, and 4.5 to 1 on the ground of either theme."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from core.charts.legible import ON_DARK, ON_LIGHT, SMALLEST, legible
from core.charts.palette import GREY, ORDER
from tests.core.charts.test_charts import CASES

THEME = tomllib.loads((Path(__file__).parents[3] / ".streamlit" / "config.toml").read_text())["theme"]
every_chart = pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())


def luminance(colour: str) -> float:
    """Relative luminance by WCAG 2.2."""
    shares = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def texts(node: Any) -> list[dict[str, Any]]:
    """All units of text in a spec."""
    if isinstance(node, list):
        return [unit for entry in node for unit in texts(entry)]
    if not isinstance(node, dict):
        return []
    here = [node] if isinstance(node.get("mark"), dict) and node["mark"].get("type") == "text" else []
    return here + [unit for name, value in node.items() if name != "datasets" for unit in texts(value)]


def test_contrast_of_black_on_white_is_21_to_1() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)


@pytest.mark.parametrize(("theme", "inks"), [("light", ON_LIGHT), ("dark", ON_DARK)])
def test_every_ink_is_4_5_to_1_on_its_ground(theme: str, inks: dict[str, str]) -> None:
    assert set(inks) == set(ORDER)
    for ink in inks.values():
        assert contrast(ink, THEME[theme]["backgroundColor"]) >= 4.5


@every_chart
def test_axes_heads_and_legends_are_in_ink_and_of_12_pixels(case: Any) -> None:
    config = legible(case.spec)["config"]
    for part in ("axis", "header", "legend"):
        assert config[part]["labelFontSize"] >= SMALLEST
        for name in ("labelColor", "titleColor"):
            assert {*re.findall(r"#\w{6}", config[part][name]["expr"])} == {ON_LIGHT["rest"], ON_DARK["rest"]}


@every_chart
def test_no_text_is_smaller_than_12_pixels_or_in_a_colour_of_marks(case: Any) -> None:
    for unit in texts(legible(case.spec)):
        assert unit["mark"].get("fontSize", SMALLEST) >= SMALLEST
        assert unit["mark"].get("color") != GREY
        for channel in ("color", "fill"):
            assert unit["encoding"].get(channel, {}).get("scale", {}).get("domain") != list(ORDER)


@every_chart
def test_marks_keep_their_colours_and_the_data_stay(case: Any) -> None:
    before, after = case.spec, legible(case.spec)
    assert before.get("datasets") == after.get("datasets")
    assert {**before, "config": None, "datasets": None}.keys() <= {**after, "datasets": None}.keys()
