"""One number of a map, written out: what stands in the boxes and cells is what was given, and is markup of ours."""

import re

import numpy as np
import pytest

from core.arms import WITH, WITHOUT
from core.charts.formula import STYLE, formula
from core.charts.palette import DARK, LIGHT, ORDER

CELL = re.compile(r'<b style="background:(#\w{6});color:(#\w{6})">([^<]*)</b>')


def written(weights=((-0.25, 0.0, 0.5),), patch=((0.2, 0.4, 1.0),), bias=-0.06, activation="ReLU"):
    weights, patch = np.atleast_3d(np.array([weights])), np.atleast_3d(np.array([patch]))
    total = float((weights * patch).sum())
    outputs = {WITH: max(total + bias, 0.0), WITHOUT: max(total, 0.0)}
    return formula(weights, patch, total=total, bias=bias, outputs=outputs, activation=activation)


def test_formula_worked_by_hand_goes_to_its_end():
    html = written()
    cells = [text for *_, text in CELL.findall(html)]
    assert cells == ["−0.25", "0", "0.50", "0.20", "0.40", "1.00", "−0.05", "0", "0.50"]
    boxes = re.findall(r'<div class="box (\w+)">([^<]*)<strong>([^<]*)</strong>', html)
    assert boxes == [
        ("sum", "Σ, their sum", "0.450"),
        ("with", "+ b", "−0.060"),
        ("with", "ReLU", "0.390"),
        ("without", "ReLU, no b", "0.450"),
    ]


def test_weight_of_0_is_near_white_and_black_and_white_pixels_are_as_they_are():
    colours = [ground for ground, *_ in CELL.findall(written(patch=((0.0, 0.4, 1.0),)))]
    assert min(int(colours[1][place : place + 2], 16) for place in (1, 3, 5)) >= 0xF0
    assert (colours[3], colours[5]) == ("#000000", "#ffffff")
    assert colours[0] != colours[2]


def test_every_number_is_legible_on_its_ground():
    def light(colour: str) -> float:
        parts = np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)]) / 255
        linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
        return float(linear @ (0.2126, 0.7152, 0.0722))

    values = tuple(np.linspace(-1, 1, 41))
    for ground, ink, _ in CELL.findall(written(weights=(values,), patch=(tuple(np.linspace(0, 1, 41)),))):
        low, high = sorted((light(ground), light(ink)))
        assert (high + 0.05) / (low + 0.05) >= 4.5, ground


def test_three_channels_are_named_each_with_its_own_row():
    weights, patch = np.full((3, 3, 3), 1 / 3), np.ones((3, 3, 3))
    html = formula(weights, patch, total=9.0, bias=0.5, outputs={WITH: 9.5, WITHOUT: 9.0}, activation="tanh")
    assert [name for name in ("red", "green", "blue") if f"kernel ({name})" in html] == ["red", "green", "blue"]
    assert len(CELL.findall(html)) == 81


@pytest.mark.parametrize(
    ("weight", "cell"), [(1000.0, "1000"), (-12.34, "−12.3"), (1e6, "1e+06"), (0.001, "0.00"), (-0.001, "0.00")]
)
def test_any_weight_fits_its_cell(weight, cell):
    assert CELL.findall(written(weights=((weight, 0.0, 0.0),)))[0][2] == cell


def test_boxes_have_the_colours_of_their_arms():
    for arm, name in ((WITH, "with"), (WITHOUT, "without")):
        place = ORDER.index(arm)
        assert f"--{name}: light-dark({LIGHT[place]}, {DARK[place]})" in STYLE


def test_formula_is_spoken_and_holds_no_markup_of_others():
    html = written(activation="<b>x</b>")
    assert "<b>x</b>" not in html
    assert 'aria-label="The products add up to 0.450; with b = −0.060 ' in html
