"""Every argument's error has one form, and lets through exactly what it says."""

import math
import re

import numpy as np
import pytest

from core.checks import choice, number, whole
from core.errors import InputError


@pytest.mark.parametrize("value", [0, 7, np.int64(3), 10])
def test_whole_numbers_in_the_range_pass(value):
    whole("n", value, 0, 10)


@pytest.mark.parametrize(
    ("value", "got"),
    [(-1, "\u22121"), (11, "11"), (2.0, "2.0"), (True, "True"), ("3", "'3'"), (None, "None"), (1200, "1,200")],
)
def test_anything_else_is_refused_as_no_whole_number(value, got):
    with pytest.raises(InputError, match=f"^`n` must be a whole number from 0 to 10, got {re.escape(got)}$"):
        whole("n", value, 0, 10)


def test_a_range_without_an_end_says_so():
    with pytest.raises(InputError, match=r"^`n` must be a whole number of at least 1, got 0$"):
        whole("n", 0, 1)
    with pytest.raises(InputError, match=r"^`x` must be a number of at least 1, got 0.5$"):
        number("x", 0.5, 1)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 0.0, 1.5, "1", True, 1 + 0j])
def test_a_number_above_a_limit_is_neither_the_limit_nor_without_end_nor_another_type(value):
    with pytest.raises(InputError, match=r"^`rate` must be a number above 0 and at most 1, got "):
        number("rate", value, 0, 1, above=True)


@pytest.mark.parametrize("value", [0, 0.0, 1, np.float32(0.5)])
def test_numbers_in_the_range_pass_its_ends_among_them(value):
    number("x", value, 0, 1)


def test_a_choice_names_all_options_and_what_to_do():
    choice("norm", "a", {"a": 1})
    with pytest.raises(InputError, match=r"^`norm` must be one of a, b, got 'c'$") as refused:
        choice("norm", "c", ("a", "b"))
    assert refused.value.hint == "Choose one."
