"""conv2d by hand, against the sums of its equation, and against PyTorch; its properties; its errors word for word."""

import re
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import correlate2d

from core.errors import InputError
from core.models import convolution
from core.models.convolution import conv2d

thorough = settings(max_examples=200)
RAMP = np.arange(16.0).reshape(1, 1, 4, 4)


def normal(*shape, dtype=np.float64, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype(dtype)


def sums(images, kernels, bias, stride, padding, dilation):
    """The equation, one output number after the other; padding is (top, bottom, left, right)."""
    top, bottom, left, right = padding
    padded = np.pad(images, ((0, 0), (0, 0), (top, bottom), (left, right)))
    reach = [d * (size - 1) + 1 for d, size in zip(dilation, kernels.shape[2:], strict=True)]
    counts = [(padded.shape[2 + d] - reach[d]) // stride[d] + 1 for d in (0, 1)]
    maps = np.empty((len(images), len(kernels), *counts))
    for n, k, y, x in np.ndindex(maps.shape):
        at = [y * stride[0], x * stride[1]]
        patch = padded[n, :, at[0] : at[0] + reach[0] : dilation[0], at[1] : at[1] + reach[1] : dilation[1]]
        maps[n, k, y, x] = (patch * kernels[k]).sum() + bias[k]
    return maps


@st.composite
def problems(draw):
    """Images, kernels, bias and settings that fit each other; padding is a pair."""
    size = st.integers(1, 4)
    pair = st.tuples(st.integers(1, 3), st.integers(1, 3))
    kernel, stride, dilation = draw(st.tuples(size, size)), draw(pair), draw(pair)
    padding = draw(st.tuples(st.integers(0, 5), st.integers(0, 5)))
    reach = [dilation[d] * (kernel[d] - 1) + 1 for d in (0, 1)]
    height, width = (draw(st.integers(max(1, reach[d] - 2 * padding[d]), reach[d] + 6)) for d in (0, 1))
    channels, n, n_kernels, seed = draw(size), draw(size), draw(size), draw(st.integers(0, 99))
    images = normal(n, channels, height, width, seed=seed)
    kernels = normal(n_kernels, channels, *kernel, seed=seed + 100)
    return images, kernels, normal(n_kernels, seed=seed + 200), stride, padding, dilation


@pytest.fixture(params=[2**19, 1500, 30, 1], ids=str)
def bands(request, monkeypatch):
    """All the ways in which the work is cut: all pictures at once, some, bands of rows, single rows."""
    monkeypatch.setattr(convolution, "BAND", request.param)


# Worked by hand


def test_kernel_is_not_flipped():
    kernels = [[[[1.0, 0.0], [0.0, 10.0]]]]  # a pixel, and ten times the one to its lower right
    np.testing.assert_array_equal(conv2d([[[[1, 2], [3, 4]]]], kernels), [[[[41]]]])


def test_sum_runs_over_all_channels():
    images = np.stack([RAMP[0, 0], np.full((4, 4), 100.0)])[None]
    np.testing.assert_array_equal(conv2d(images, np.ones((1, 2, 1, 1))), RAMP + 100)


def test_same_padding_counts_the_neighbours_that_exist():
    counts = conv2d(np.ones((1, 1, 3, 4)), np.ones((1, 1, 3, 3)), padding="same")
    np.testing.assert_array_equal(counts, [[[[4, 6, 6, 4], [6, 9, 9, 6], [4, 6, 6, 4]]]])


def test_same_padding_of_an_even_kernel_adds_at_the_bottom_and_right():
    maps = conv2d(np.ones((1, 1, 2, 2)), np.ones((1, 1, 2, 2)), padding="same")
    np.testing.assert_array_equal(maps, [[[[4, 2], [2, 1]]]])


def test_stride_takes_every_second_row_and_third_column():
    np.testing.assert_array_equal(conv2d(RAMP, np.ones((1, 1, 1, 1)), stride=(2, 3)), [[[[0, 3], [8, 11]]]])


def test_dilation_reaches_over_a_pixel_down_and_none_to_the_right():
    maps = conv2d(RAMP, np.ones((1, 1, 2, 2)), dilation=(2, 1))
    np.testing.assert_array_equal(maps, [[[[18, 22, 26], [34, 38, 42]]]])  # 0 + 1 + 8 + 9 = 18


def test_padding_pair_is_rows_then_columns():
    maps = conv2d(np.full((1, 1, 1, 1), 5.0), np.ones((1, 1, 1, 1)), padding=(1, 2))
    np.testing.assert_array_equal(maps, [[[[0] * 5, [0, 0, 5, 0, 0], [0] * 5]]])


def test_padding_alone_can_fill_a_kernel():
    maps = conv2d(np.ones((1, 1, 1, 1)), np.ones((1, 1, 1, 1)), [7.0], padding=3, stride=2)
    np.testing.assert_array_equal(maps, np.full((1, 1, 4, 4), 7.0))  # no place hits the pixel itself


# The equation, and other libraries


@thorough
@given(problems())
def test_maps_are_the_sums_of_the_equation(problem):
    images, kernels, bias, stride, padding, dilation = problem
    maps = conv2d(images, kernels, bias, stride=stride, padding=padding, dilation=dilation)
    sides = (padding[0], padding[0], padding[1], padding[1])
    np.testing.assert_allclose(maps, sums(images, kernels, bias, stride, sides, dilation), atol=1e-12)


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("padding", [0, 3])
@pytest.mark.parametrize("dilation", [1, 2])
def test_maps_do_not_depend_on_how_the_work_is_cut(bands, stride, padding, dilation):
    images, kernels, bias = normal(3, 2, 9, 11), normal(4, 2, 3, 5), normal(4)
    maps = conv2d(images, kernels, bias, stride=stride, padding=padding, dilation=dilation)
    expected = sums(images, kernels, bias, [stride] * 2, [padding] * 4, [dilation] * 2)
    np.testing.assert_allclose(maps, expected, atol=1e-12)


@pytest.mark.parametrize("dilation", [1, 2])
def test_many_pictures_narrower_than_they_are_many_are_kept_apart(bands, dilation):
    images, kernels, bias = normal(30, 2, 5, 4), normal(3, 2, 3, 2), normal(3)
    maps = conv2d(images, kernels, bias, padding=1, dilation=dilation)
    expected = sums(images, kernels, bias, [1, 1], [1] * 4, [dilation] * 2)
    np.testing.assert_allclose(maps, expected, atol=1e-12)


@pytest.mark.parametrize("side", [1, 3, 5, 7])
def test_same_padding_agrees_with_scipy(side):
    image, kernel = normal(20, 30), normal(side, side)
    expected = correlate2d(image, kernel, mode="same")
    np.testing.assert_allclose(
        conv2d(image[None, None], kernel[None, None], padding="same")[0, 0], expected, atol=1e-12
    )


@pytest.mark.torch
@thorough
@given(problems())
def test_maps_are_those_of_torch(problem):
    import torch

    *arrays, stride, padding, dilation = problem
    options = {"stride": stride, "padding": padding, "dilation": dilation}
    expected = torch.nn.functional.conv2d(*map(torch.from_numpy, arrays), **options).numpy()
    np.testing.assert_allclose(conv2d(*arrays, **options), expected, atol=1e-12)


@pytest.mark.torch
@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")
@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize("dilation", [1, 2, (3, 1)])
@pytest.mark.parametrize("kernel", [(1, 1), (2, 2), (3, 3), (4, 3), (2, 5)])
@pytest.mark.parametrize(("dtype", "atol"), [(np.float32, 1e-5), (np.float64, 1e-12)])
def test_named_paddings_are_those_of_torch(padding, dilation, kernel, dtype, atol):
    import torch

    arrays = [normal(*shape, dtype=dtype) for shape in ((2, 3, 12, 9), (4, 3, *kernel), (4,))]
    options = {"padding": padding, "dilation": dilation}
    maps = conv2d(*arrays, **options)
    assert maps.dtype == dtype
    expected = torch.nn.functional.conv2d(*map(torch.from_numpy, arrays), **options).numpy()
    np.testing.assert_allclose(maps, expected, atol=atol)


@pytest.mark.torch
def test_colour_picture_larger_than_a_band_agrees_with_torch():
    import torch

    arrays = [normal(*shape, dtype=np.float32) for shape in ((1, 3, 300, 500), (8, 3, 7, 7), (8,))]
    expected = torch.nn.functional.conv2d(*map(torch.from_numpy, arrays), padding="same").numpy()
    np.testing.assert_allclose(conv2d(*arrays, padding="same"), expected, atol=1e-4)


# Properties


@given(problems())
def test_bias_adds_exactly_its_number_to_every_position(problem):
    images, kernels, bias, *_ = problem
    with_bias = conv2d(images, kernels, bias, padding=9)
    np.testing.assert_array_equal(with_bias, conv2d(images, kernels, padding=9) + bias[:, None, None])


@given(problems(), st.floats(0.001, 1000))
def test_without_bias_maps_scale_with_the_picture(problem, k):
    images, kernels, *_ = problem
    scaled = conv2d(k * images, kernels, padding=9)
    np.testing.assert_allclose(scaled, k * conv2d(images, kernels, padding=9), rtol=1e-9, atol=1e-12 * k)


@given(problems())
def test_without_bias_maps_add_up(problem):
    images, kernels, *_ = problem
    others = normal(*images.shape, seed=999)
    separate = conv2d(images, kernels, padding=9) + conv2d(others, kernels, padding=9)
    np.testing.assert_allclose(conv2d(images + others, kernels, padding=9), separate, atol=1e-12)


def test_without_bias_a_blank_picture_stays_blank_and_with_bias_it_shows_the_bias():
    blank, kernels, bias = np.zeros((1, 1, 5, 5)), normal(2, 1, 3, 3), np.array([0.5, -2.0])
    assert not conv2d(blank, kernels).any()
    np.testing.assert_array_equal(conv2d(blank, kernels, bias)[0, :, 1, 1], bias)


def test_bias_of_zero_is_a_bias_and_changes_nothing():
    images, kernels = normal(1, 1, 5, 5), normal(2, 1, 3, 3)
    np.testing.assert_array_equal(conv2d(images, kernels, np.zeros(2)), conv2d(images, kernels))


def test_shifting_the_picture_shifts_the_map():
    image, kernels = normal(1, 1, 12, 12), normal(1, 1, 3, 3)
    maps, shifted = conv2d(image, kernels), conv2d(np.roll(image, (2, 1), (2, 3)), kernels)
    np.testing.assert_allclose(shifted[:, :, 2:, 1:], maps[:, :, :-2, :-1], atol=1e-14)


def test_each_picture_is_seen_on_its_own(bands):
    images, kernels = normal(5, 2, 6, 6), normal(3, 2, 3, 3)
    alone = np.concatenate([conv2d(image[None], kernels, padding=1) for image in images])
    np.testing.assert_allclose(conv2d(images, kernels, padding=1), alone, atol=1e-14)


# What goes in and comes out


@pytest.mark.parametrize(
    ("images", "kernels", "bias", "result"),
    [
        (np.float32, np.float32, np.float32, np.float32),
        (np.float64, np.float64, np.float64, np.float64),
        (np.float32, np.float64, np.float32, np.float64),
        (np.float32, np.float32, np.float64, np.float64),
        (np.uint8, np.int64, np.int64, np.float64),
        (np.float32, np.int64, np.float32, np.float64),
        (np.bool_, np.float32, np.float32, np.float64),
    ],
)
def test_maps_are_float32_only_where_all_arrays_are(images, kernels, bias, result):
    arrays = np.ones((1, 1, 3, 3), images), np.ones((1, 1, 2, 2), kernels), np.ones(1, bias)
    maps = conv2d(*arrays)
    assert maps.dtype == result
    np.testing.assert_array_equal(maps, np.full((1, 1, 2, 2), 5))


def test_bytes_do_not_overflow():
    assert conv2d(np.full((1, 1, 3, 3), 255, np.uint8), np.ones((1, 1, 3, 3), np.uint8)).item() == 2295


def test_inputs_are_not_changed_and_maps_are_contiguous():
    arrays = normal(1, 1, 5, 5), normal(2, 1, 3, 3), normal(2)
    copies = [array.copy() for array in arrays]
    assert conv2d(*arrays).flags.c_contiguous
    for array, copy in zip(arrays, copies, strict=True):
        np.testing.assert_array_equal(array, copy)


def test_views_in_any_order_are_read_right():
    images, kernels = normal(6, 5, 2, 3).T, normal(3, 3, 2, 4).T[:, :, ::-1, ::-1]
    np.testing.assert_array_equal(conv2d(images, kernels), conv2d(images.copy(), kernels.copy()))


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_not_finite_spreads_to_the_positions_that_see_it_and_no_further(value):
    image = np.zeros((1, 1, 5, 5))
    image[0, 0, 2, 2] = value
    touched = ~np.isfinite(conv2d(image, normal(1, 1, 3, 3), padding="same"))
    expected = np.zeros((1, 1, 5, 5), bool)
    expected[..., 1:4, 1:4] = True
    np.testing.assert_array_equal(touched, expected)


def test_infinity_times_zero_is_nan_without_a_warning():
    assert np.isnan(conv2d(np.full((1, 1, 2, 2), np.inf), np.zeros((1, 1, 2, 2)))).all()


def test_a_megapixel_needs_at_most_12_megabytes_its_map_included():
    arrays = np.ones((1, 1, 1024, 1024), np.float32), np.ones((1, 1, 7, 7), np.float32), np.ones(1, np.float32)
    tracemalloc.start()
    conv2d(*arrays, padding="same")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak <= 12e6


# Errors

IMAGES, KERNELS = np.ones((2, 3, 8, 8)), np.ones((4, 3, 3, 3))
AXES = "`images` must be (n, channels, height, width) and `kernels` (n_kernels, channels, kernel_h, kernel_w), "


@pytest.mark.parametrize(
    ("images", "kernels", "bias", "sentence"),
    [
        (IMAGES[0], KERNELS, None, AXES + "got images (3, 8, 8) and kernels (4, 3, 3, 3)"),
        (IMAGES, KERNELS[0, 0], None, AXES + "got images (2, 3, 8, 8) and kernels (3, 3)"),
        (
            IMAGES,
            KERNELS[:, :1],
            None,
            "`kernels` must have as many channels as `images`, got images (2, 3, 8, 8) and kernels (4, 1, 3, 3)",
        ),
        (
            IMAGES[:0],
            KERNELS,
            None,
            "`images` and `kernels` must not be empty, got images (0, 3, 8, 8) and kernels (4, 3, 3, 3)",
        ),
        (
            IMAGES,
            KERNELS[:, :, :, :0],
            None,
            "`images` and `kernels` must not be empty, got images (2, 3, 8, 8) and kernels (4, 3, 3, 0)",
        ),
        (IMAGES, KERNELS, np.ones(3), "`bias` must be one number per kernel, got bias (3,) and kernels (4, 3, 3, 3)"),
        (IMAGES, KERNELS, [], "`bias` must be one number per kernel, got bias (0,) and kernels (4, 3, 3, 3)"),
        (IMAGES, KERNELS, 0.0, "`bias` must be one number per kernel, got bias () and kernels (4, 3, 3, 3)"),
        (IMAGES * 1j, KERNELS, None, "`images` must hold real numbers, got complex128"),
        (IMAGES, np.full(KERNELS.shape, "a"), None, "`kernels` must hold real numbers, got <U1"),
        ([[1.0], [1.0, 2.0]], KERNELS, None, "`images` must be one array of numbers, got rows of unequal lengths"),
    ],
)
def test_arrays_that_do_not_fit_are_named_with_their_shapes(images, kernels, bias, sentence):
    with pytest.raises(InputError, match=f"^{re.escape(sentence)}$"):
        conv2d(images, kernels, bias)


WHOLE = "must be a whole number of at least"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"stride": 0}, f"`stride` {WHOLE} 1, or a pair of them, got 0"),
        ({"stride": (1, -1)}, f"`stride` {WHOLE} 1, or a pair of them, got (1, -1)"),
        ({"stride": 1.5}, f"`stride` {WHOLE} 1, or a pair of them, got 1.5"),
        ({"dilation": (1, 2, 3)}, f"`dilation` {WHOLE} 1, or a pair of them, got (1, 2, 3)"),
        ({"dilation": None}, f"`dilation` {WHOLE} 1, or a pair of them, got None"),
        ({"padding": -1}, f"`padding` {WHOLE} 0, or a pair of them, got -1"),
        ({"padding": "full"}, '`padding` must be "valid", "same" or a number of pixels, got "full"'),
        ({"padding": "same", "stride": 2}, '`stride` must be 1 where `padding` is "same", got (2, 2)'),
        (
            {"dilation": 4, "padding": "valid"},
            "`kernels` must fit into the padded images, got kernels (4, 3, 3, 3) with dilation 4 "
            "and images (2, 3, 8, 8) with padding valid",
        ),
        (
            {"dilation": (1, 5), "padding": 1, "stride": 9},
            "`kernels` must fit into the padded images, got kernels (4, 3, 3, 3) with dilation (1, 5) "
            "and images (2, 3, 8, 8) with padding 1",
        ),
    ],
)
def test_settings_that_cannot_be_are_named_with_their_rule(options, sentence):
    with pytest.raises(InputError, match=f"^{re.escape(sentence)}$"):
        conv2d(IMAGES, KERNELS, **options)


def test_settings_may_be_numpy_integers_or_lists():
    expected = conv2d(IMAGES, KERNELS, stride=2, padding=(1, 0))
    np.testing.assert_array_equal(conv2d(IMAGES, KERNELS, stride=np.int64(2), padding=[1, 0]), expected)
