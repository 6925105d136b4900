"""A visitor's picture becomes a small digit: by equal areas, nothing cut off, nothing stretched."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.data.picture_sets.resize import as_digit
from core.data.pictures import picture_of

greys = st.integers(1, 40).flatmap(lambda height: arrays(float, (height, 24), elements=st.floats(0, 1)))


def test_square_picture_of_twice_the_side_is_averaged_two_by_two():
    pixels = np.arange(16.0).reshape(4, 4) / 15
    expected = pixels.reshape(2, 2, 2, 2).mean(axis=(1, 3))
    np.testing.assert_allclose(as_digit(picture_of(pixels), (1, 2, 2), dark_ink=False)[0], expected, rtol=1e-6)


def test_digit_of_the_same_size_stays_as_it_is():
    pixels = np.random.default_rng(0).uniform(size=(8, 8))
    np.testing.assert_allclose(as_digit(picture_of(pixels), (1, 8, 8), dark_ink=False)[0], pixels, rtol=1e-6)


def test_dark_ink_is_turned_round():
    np.testing.assert_allclose(as_digit(picture_of(np.full((5, 5), 0.75)), (1, 8, 8), dark_ink=True), 0.25, rtol=1e-6)


def test_colour_becomes_grey_by_luma():
    red = np.zeros((3, 4, 4))
    red[0] = 1
    np.testing.assert_allclose(as_digit(picture_of(red), (1, 8, 8), dark_ink=False), 0.299, rtol=1e-6)


@given(greys)
def test_amount_of_ink_stays_and_short_sides_are_filled_with_black(pixels):
    digit = as_digit(picture_of(pixels), (1, 8, 8), dark_ink=False)
    side = max(pixels.shape)
    assert digit.shape == (1, 8, 8)
    np.testing.assert_allclose(digit.sum() * (side / 8) ** 2, pixels.sum(), rtol=1e-4, atol=1e-4)


def test_colour_network_gets_all_three_channels_and_a_grey_picture_three_times():
    colours = np.random.default_rng(0).uniform(size=(3, 8, 8))
    np.testing.assert_allclose(as_digit(picture_of(colours), (3, 8, 8), dark_ink=False), colours, rtol=1e-6)
    grey = as_digit(picture_of(colours[0]), (3, 8, 4), dark_ink=False)
    assert grey.shape == (3, 8, 4)
    np.testing.assert_array_equal(grey[0], grey[2])
