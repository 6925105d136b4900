"""How numbers are written in sentences."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.format import exactly, say


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (3.2001, "3.20"),
        (-0.5, "−0.500"),
        (0.0, "0"),
        (-0.0, "0"),
        (0.9996, "1.00"),
        (0.001, "0.00100"),
        (0.0009996, "0.00100"),
        (0.0009994, "9.99 × 10⁻⁴"),
        (12.34, "12.3"),
        (999.6, "1,000"),
        (1234.5, "1,230"),
        (-123_456.0, "−123,000"),
        (999_499.0, "999,000"),
        (999_999.0, "1.00 × 10⁶"),
        (-2.5e-300, "−2.50 × 10⁻³⁰⁰"),
        (float("nan"), "undefined"),
        (float("inf"), "infinity"),
        (float("-inf"), "−infinity"),
        (1234, "1,234"),
        (-7, "−7"),
        (np.int64(12_345_678), "12,345,678"),
        (np.float32(0.25), "0.250"),
    ],
)
def test_numbers_are_written_with_three_digits_and_counts_in_full(value, written):
    assert say(value) == written


@given(st.floats(1e-3, 999_000), st.booleans())
def test_between_a_thousandth_and_a_million_the_written_number_is_within_half_a_unit_of_the_third_digit(size, negative):
    written = say(-size if negative else size)
    assert written.startswith("−") == negative
    assert float(written.replace("−", "-").replace(",", "")) == pytest.approx(-size if negative else size, rel=0.00501)


@pytest.mark.parametrize(
    ("value", "digits", "written"), [(99_999.6, 5, "100,000"), (9999.96, 4, "10,000"), (-250_000.0, 5, "−250,000")]
)
def test_number_that_rounds_up_to_one_more_digit_has_no_power_of_ten(value, digits, written):
    assert exactly(value, digits) == written
