import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.kernels import KERNELS
from core.data.pictures import SAMPLES, picture_of
from core.errors import InputError
from core.exact.feature_maps import filter_pair
from core.exact.one_pixel import pixel_sum
from core.models.activations import ACTIVATIONS

COLOUR = picture_of(np.random.default_rng(0).random((3, 6, 5)))
GREY = picture_of(np.random.default_rng(1).random((6, 5)))


def test_ledger_worked_by_hand():
    picture = picture_of([[0.5, 1.0], [0.25, 0.75]])
    entry = pixel_sum(picture, [[1, 2, 3], [4, 5, 6], [7, 8, 9]], -2.0, "relu", 1, 1)
    frame = entry.to_frame()
    assert list(frame.columns) == ["channel", "kernel_row", "kernel_column", "kernel", "patch", "product", "padding"]
    assert frame["patch"].tolist() == [0.5, 1.0, 0, 0.25, 0.75, 0, 0, 0, 0]
    assert frame["product"].tolist() == [0.5, 2.0, 0, 1.0, 3.75, 0, 0, 0, 0]
    assert frame["padding"].tolist() == [False, False, True, False, False, True, True, True, True]
    assert (entry.pre_activation, entry.shifted, entry.output, entry.without_bias) == (7.25, 5.25, 5.25, 7.25)


@given(
    st.sampled_from([COLOUR, GREY]),
    st.sampled_from(sorted(KERNELS)),
    st.floats(-2, 2),
    st.sampled_from(sorted(ACTIVATIONS)),
    st.integers(0, 5),
    st.integers(0, 4),
)
def test_rows_add_up_to_the_numbers_on_the_maps(picture, slug, bias, activation, row, column):
    kernel = KERNELS[slug].array
    pair = filter_pair(picture, kernel, bias, activation)
    entry = pixel_sum(picture, kernel, bias, activation, row, column)
    frame = entry.to_frame()
    assert len(frame) == kernel.size * len(picture.pixels)
    assert frame["product"].sum() == pytest.approx(pair.pre[row, column], abs=1e-12)
    assert entry.pre_activation == pytest.approx(pair.pre[row, column], abs=1e-12)
    assert entry.output == pytest.approx(pair.with_bias[row, column], abs=1e-12)
    assert entry.without_bias == pytest.approx(pair.without_bias[row, column], abs=1e-12)


def test_colour_picture_has_a_third_of_the_kernel_in_each_channel():
    frame = pixel_sum(COLOUR, [[0.0, 3.0, 0.0]], 0.0, "relu", 2, 2).to_frame()
    assert frame["channel"].tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2]
    assert frame["kernel"].tolist() == [0, 1, 0] * 3


def test_ledger_of_an_even_area_adds_up_to_exactly_0_like_the_map():
    entry = pixel_sum(picture_of(np.full((5, 5), 0.3)), KERNELS["laplacian"].array, 0.0, "relu", 2, 2)
    assert entry.pre_activation == 0


def test_dot_in_the_middle_has_no_padding_around_it():
    assert not pixel_sum(SAMPLES["dot"].read(), KERNELS["blur"].array, 0.0, "relu", 16, 16).to_frame()["padding"].any()


@pytest.mark.parametrize(
    ("row", "column", "message"),
    [
        (6, 0, "`row` must be a whole number from 0 to 5, got 6"),
        (-1, 0, "`row` must be a whole number from 0 to 5, got −1"),
        (0, 5, "`column` must be a whole number from 0 to 4, got 5"),
    ],
)
def test_pixel_outside_the_picture_is_refused(row, column, message):
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        pixel_sum(GREY, [[1.0]], 0.0, "relu", row, column)
