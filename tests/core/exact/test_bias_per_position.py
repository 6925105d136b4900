import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.kernels import KERNELS
from core.data.pictures import picture_of
from core.exact.bias_per_position import parameter_count, parameter_sentence, position_biases
from core.exact.feature_maps import filter_picture


@given(st.floats(-3, 3), st.integers(1, 9), st.integers(1, 9))
def test_biases_by_position_have_mean_b_and_go_from_0_to_2_b(bias, height, width):
    biases = position_biases(bias, (height, width))
    assert biases.shape == (height, width)
    assert biases.mean() == pytest.approx(bias)
    if width > 1:
        assert (biases[:, 0] == 0).all()
        assert (biases[:, -1] == 2 * bias).all()


def test_one_bias_moves_along_with_the_picture_and_one_per_position_does_not():
    pixels = np.zeros((9, 12))
    pixels[3:6, 2:5] = np.random.default_rng(0).random((3, 3))
    here, there = picture_of(pixels), picture_of(np.roll(pixels, 4, axis=1))
    for biases, moves_along in ((0.3, True), (position_biases(0.3, pixels.shape), False)):
        sums = [filter_picture(picture, KERNELS["blur"].array) for picture in (here, there)]
        maps = [z.feature_map("relu", biases) for z in sums]
        assert np.allclose(np.roll(maps[0], 4, axis=1), maps[1], atol=1e-12) is moves_along


@pytest.mark.parametrize(
    ("channels", "per_position", "count"), [(1, False, 10), (3, False, 28), (1, True, 9 + 64), (3, True, 27 + 64)]
)
def test_parameters_are_weights_of_every_channel_and_biases(channels, per_position, count):
    assert parameter_count((3, 3), channels, (8, 8), per_position=per_position) == count


def test_sentence_counts_both_choices():
    assert parameter_sentence((3, 3), 3, (171, 256)) == (
        "One bias per filter: 27 weights + 1 bias = 28 parameters. "
        "One per position: 27 weights + 43,776 biases = 43,803 parameters, "
        "and the same pattern gets another answer in another place: "
        "the map no longer moves along when the picture is moved."
    )
