import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.data.kernels import KERNELS
from core.data.pictures import SAMPLES, picture_of
from core.errors import InputError
from core.exact.feature_maps import FilteredPicture, filter_pair, filter_picture
from core.exact.pre_activation import pre_activation
from core.exact.threshold_sides import FATES
from core.models.activations import ACTIVATIONS

IDENTITY = [[1.0]]
FIVE = picture_of([[0.0, 0.1, 0.2, 0.3, 0.4]])
SAME = "With b = 0 the two maps are the same; but a zero can be trained."

sums = arrays(
    np.float64, st.tuples(st.integers(1, 6), st.integers(1, 6)), elements=st.sampled_from(np.arange(-8, 9) / 8)
)
biases = st.sampled_from(np.arange(-12, 13) / 8) | st.floats(-1.5, 1.5)


def by_hand(pre, bias):
    """Fate -> how many pixels, by the definition."""
    with_bias, without = pre + bias > 0, pre > 0
    counts = [with_bias & ~without, ~with_bias & without, with_bias & without, ~with_bias & ~without]
    return dict(zip(FATES, (int(count.sum()) for count in counts), strict=True))


# The sum


def test_pre_activation_worked_by_hand():
    picture = picture_of([[0.0, 0.5, 1.0], [0.0, 0.5, 1.0]])
    edges = [[0.0, 0.0, 0.0], [-1.0, 0.0, 1.0], [0.0, 0.0, 0.0]]
    np.testing.assert_array_equal(pre_activation(picture, edges), [[0.5, 1.0, -0.5], [0.5, 1.0, -0.5]])


def test_kernel_is_not_flipped():
    dot = SAMPLES["dot"].read()
    kernel = np.arange(9.0).reshape(3, 3)
    around = pre_activation(dot, kernel)[15:18, 15:18]
    np.testing.assert_array_equal(around, kernel[::-1, ::-1])  # the kernel's centre sees the dot from the other side


def test_pre_activation_agrees_with_scipy_for_even_and_long_pictures():
    from scipy.ndimage import correlate

    generator = np.random.default_rng(0)
    for shape, kernel_shape in (((7, 4), (3, 3)), ((1, 9), (3, 5)), ((2, 2), (5, 5))):
        pixels, kernel = generator.random(shape), generator.standard_normal(kernel_shape)
        expected = correlate(pixels, kernel, mode="constant")
        np.testing.assert_allclose(pre_activation(picture_of(pixels), kernel), expected, atol=1e-14)


def test_grey_picture_gives_the_same_sums_in_one_channel_as_in_three():
    generator = np.random.default_rng(0)
    grey, colour = generator.random((5, 6)), generator.random((3, 5, 6))
    kernel = generator.standard_normal((3, 3))
    expected = np.mean([pre_activation(picture_of(channel), kernel) for channel in colour], axis=0)
    np.testing.assert_allclose(pre_activation(picture_of(colour), kernel), expected, atol=1e-14)
    nearly_grey = np.stack([grey, grey, np.nextafter(grey, 0)])
    np.testing.assert_allclose(
        pre_activation(picture_of(nearly_grey), kernel), pre_activation(picture_of(grey), kernel), atol=1e-14
    )


@pytest.mark.parametrize("value", [0.1, 0.3, 0.7, 1 / 3])
@pytest.mark.parametrize("slug", ["edges_x", "edges_y", "laplacian", "emboss"])
def test_even_areas_give_exactly_0(slug, value):
    inner = pre_activation(picture_of(np.full((5, 5), value)), KERNELS[slug].array)[1:-1, 1:-1]
    assert not inner.any()


def test_small_sums_of_small_weights_are_kept():
    assert pre_activation(picture_of([[1.0]]), [[1e-30]])[0, 0] == 1e-30


# The maps


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("bias", [0.25, -0.06])
def test_maps_are_the_activation_of_the_sum_with_the_bias_and_without(activation, bias):
    pair = filter_pair(SAMPLES["digit_3"].read(), KERNELS["edges_x"].array, bias, activation)
    function = ACTIVATIONS[activation].function
    np.testing.assert_array_equal(pair.with_bias, function(pair.pre + bias))
    np.testing.assert_array_equal(pair.without_bias, function(pair.pre))


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_bias_0_computes_what_an_absent_bias_computes(activation):
    pair = filter_pair(SAMPLES["digit_8"].read(), KERNELS["laplacian"].array, 0.0, activation)
    np.testing.assert_array_equal(pair.with_bias, pair.without_bias)
    assert pair.sentence == SAME


def test_blank_picture_shows_the_bias_alone():
    for kernel in KERNELS.values():
        pair = filter_pair(SAMPLES["blank"].read(), kernel.array, 0.3, "relu")
        assert not pair.without_bias.any()
        assert (pair.with_bias == 0.3).all()
        assert pair.sentence == "All pixels are active only because of the bias."


def test_frame_has_one_row_per_pixel():
    frame = filter_pair(picture_of([[0.1, 0.2], [0.3, 0.4]]), IDENTITY, -0.25, "relu").to_frame()
    assert list(frame.columns) == ["row", "column", "pre_activation", "with_bias", "without_bias"]
    assert frame.iloc[2].tolist() == [1, 0, 0.3, pytest.approx(0.05), 0.3]


# What happens to the pixels


def test_fates_worked_by_hand():
    pair = filter_pair(FIVE, IDENTITY, -0.2, "relu")
    assert pair.shares == {"only with b": 0, "stopped by b": 0.4, "passes in both": 0.4, "stopped in both": 0.2}
    assert pair.share_active == {"with bias": 0.4, "without bias": 0.8}


def test_pixel_exactly_at_a_threshold_is_stopped():
    pair = FilteredPicture(np.array([[0.0, 0.25]])).pair(-0.25, "relu")
    assert pair.shares["stopped in both"] == 0.5
    assert pair.shares["stopped by b"] == 0.5


@given(sums, biases)
def test_fates_are_those_of_each_pixel(pre, bias):
    pair = FilteredPicture(pre).pair(bias, "relu")
    frame = pd.DataFrame(pair.fates())
    counts = frame.groupby("fate")["count"].sum()
    for fate, count in by_hand(pre, bias).items():
        assert counts.get(fate, 0) == count
        assert pair.shares[fate] == pytest.approx(count / pre.size)
    assert frame["count"].sum() == pre.size
    active = {"with bias": (pre + bias > 0).mean(), "without bias": (pre > 0).mean()}
    assert pair.share_active == pytest.approx(active)


@given(sums, biases)
def test_one_bias_per_position_that_is_everywhere_the_same_is_one_bias(pre, bias):
    filtered = FilteredPicture(pre)
    many = filtered.feature_map("relu", np.full(pre.shape, bias))
    np.testing.assert_array_equal(filtered.pair(bias, "relu").with_bias, many)


@given(sums, biases, biases)
def test_bins_do_not_move_with_b(pre, one, other):
    filtered = FilteredPicture(pre)
    frames = [
        pd.DataFrame(filtered.pair(bias, "relu").fates()).groupby(["start", "end"])["count"].sum()
        for bias in (one, other)
    ]
    assert frames[0].equals(frames[1])
    np.testing.assert_array_equal(np.histogram(-pre, bins=-filtered.edges[::-1])[0][::-1].sum(), frames[0].sum())


def test_cuts_are_where_the_pixels_switch():
    pair = filter_pair(FIVE, IDENTITY, -0.25, "relu")
    assert pair.cuts() == {"arm": ("with bias", "without bias"), "z": [0.25, 0.0]}


# The scale


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_scale_has_room_for_every_activation(activation):
    low, high = filter_picture(SAMPLES["digit_0"].read(), KERNELS["edges_x"].array).scale(activation)
    assert low < high


@pytest.mark.parametrize("slug", KERNELS)
@pytest.mark.parametrize("sample", ["temple", "digit_3"])
def test_scale_leaves_the_map_without_bias_a_fifth_of_its_colours(sample, slug):
    pair = filter_pair(SAMPLES[sample].read(), KERNELS[slug].array, 0.1, "relu")
    low, high = pair.filtered.scale("relu")
    assert low == 0
    assert high > np.percentile(pair.without_bias, 99) >= high / 5
    assert (pair.without_bias <= high).mean() >= 0.98


def test_scale_worked_by_hand():
    ramp = FilteredPicture(np.linspace(-1, 1, 101)[np.newaxis])  # middle 98%: -0.98 to 0.98, a sixth of it 0.327
    assert ramp.scale("relu") == pytest.approx((0, 0.98 + 1.96 / 6))
    faint = FilteredPicture(np.linspace(-0.1, 0.1, 101)[np.newaxis])  # a twentieth of the slider is wider
    assert faint.scale("relu") == pytest.approx((0, 0.098 + 0.05))


def test_scale_of_a_blank_picture_has_room_for_the_slider():
    assert filter_picture(SAMPLES["blank"].read(), IDENTITY).scale("relu") == (0, 1)


# The sentence


@pytest.mark.parametrize(
    ("bias", "activation", "sentence"),
    [
        (0.05, "relu", "20% of the pixels are active only because of the bias."),
        (-0.25, "relu", "40% of the pixels pass without the bias and are stopped by b = −0.25."),
        (-0.5, "relu", "80% of the pixels pass without the bias and are stopped by b = −0.5."),
        (0.05, "sigmoid", "20% of the pixels are above the threshold only because of the bias."),
        (
            -0.25,
            "tanh",
            "40% of the pixels are above the threshold without the bias and no longer above it with b = −0.25.",
        ),
        (
            -0.05,
            "relu",
            "b = −0.05 takes no pixel across the threshold: 80% of the pixels are active with it and without it, "
            "and their values change all the same.",
        ),
        (0.0, "relu", SAME),
    ],
)
def test_sentence_says_what_b_changed(bias, activation, sentence):
    assert filter_pair(FIVE, IDENTITY, bias, activation).sentence == sentence


@pytest.mark.parametrize(
    ("pre", "bias", "sentence"),
    [
        ([[0.5]], 0.1, "all pixels are active with it and without it, and their values change all the same."),
        ([[-0.5]], 0.1, "no pixel is active with it or without it, and the two maps are the same."),
        ([[1.0] + [-1.0] * 199], -0.1, "less than 1% of the pixels are active with it and without it, "),
    ],
)
def test_sentence_says_when_no_pixel_changes_sides(pre, bias, sentence):
    said = FilteredPicture(np.array(pre)).pair(bias, "relu").sentence
    start = f"b = {str(bias).replace('-', '−')} takes no pixel across the threshold: "
    assert said.startswith(start + sentence)


def test_sentence_does_not_round_a_few_pixels_to_none_nor_most_to_all():
    few = FilteredPicture(np.array([[-0.05] + [1.0] * 999])).pair(0.1, "relu")
    most = FilteredPicture(np.array([[1.0] + [-0.05] * 999])).pair(0.1, "relu")
    assert few.sentence == "Less than 1% of the pixels are active only because of the bias."
    assert most.sentence == "More than 99% of the pixels are active only because of the bias."


@given(sums, biases, st.sampled_from(sorted(ACTIVATIONS)))
def test_every_setting_has_maps_shares_and_one_line_of_words(pre, bias, activation):
    pair = FilteredPicture(pre).pair(bias, activation)
    assert pair.with_bias.shape == pair.without_bias.shape == pre.shape
    assert np.isfinite(pair.with_bias).all()
    assert sum(pair.shares.values()) == pytest.approx(1)
    assert pair.sentence.endswith(".")
    assert not re.search(r"nan|inf|-", pair.sentence)


# What is refused


@pytest.mark.parametrize(
    ("kernel", "message"),
    [
        (np.ones((2, 3)), "`kernel` must have odd sides, got (2, 3)"),
        (np.ones((3, 0)), "`kernel` must have odd sides, got (3, 0)"),
        (np.ones(3), "`kernel` must have odd sides, got (3,)"),
        ([[np.nan]], "`kernel` must hold numbers from −1e6 to 1e6, got [[nan]]"),
        ([[1e7]], "`kernel` must hold numbers from −1e6 to 1e6, got [[10000000.0]]"),
    ],
)
def test_kernels_that_are_none_are_refused(kernel, message):
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        filter_picture(FIVE, kernel)


def test_a_bias_that_is_no_number_is_refused():
    message = "`bias` must be a number from −1,000,000 to 1,000,000, got inf"
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        filter_pair(FIVE, IDENTITY, np.inf, "relu")


def test_unknown_activation_is_refused():
    message = f"`activation` must be one of {', '.join(ACTIVATIONS)}, got 'softmax'"
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        filter_pair(FIVE, IDENTITY, 0.0, "softmax")


def test_sums_cannot_be_written():
    with pytest.raises(ValueError, match="assignment destination is read-only"):
        filter_picture(FIVE, IDENTITY).pre[0, 0] = 1


# The slider


@pytest.mark.parametrize("slug", KERNELS)
@pytest.mark.parametrize("sample", ["temple", "flower", "digit_3", "checkerboard"])
def test_neither_end_of_the_slider_gives_a_flat_map(sample, slug):
    filtered = filter_picture(SAMPLES[sample].read(), KERNELS[slug].array)
    low, high = filtered.reach
    assert low < 0 < high <= -low
    assert (filtered.pre > -low).mean() >= 0.02
    assert (filtered.pre + high < filtered.scale("relu")[1]).mean() >= 0.8
    for bias in (low, high):
        assert np.ptp(filtered.feature_map("relu", bias)) > 0


@pytest.mark.parametrize("slug", KERNELS)
@pytest.mark.parametrize("sample", SAMPLES)
def test_ends_and_beginning_of_the_slider_are_whole_steps(sample, slug):
    filtered = filter_picture(SAMPLES[sample].read(), KERNELS[slug].array)
    steps = np.array([*filtered.reach, filtered.telling_bias]) / filtered.step
    np.testing.assert_allclose(steps, steps.round(), atol=1e-9)
    assert filtered.reach[0] <= filtered.telling_bias <= filtered.reach[1]


def test_slider_worked_by_hand():
    temple = filter_picture(SAMPLES["temple"].read(), KERNELS["edges_x"].array)
    assert (temple.reach, temple.step, temple.telling_bias) == ((-0.2, 0.2), 0.005, -0.06)
    blank = filter_picture(SAMPLES["blank"].read(), IDENTITY)
    assert (blank.reach, blank.telling_bias) == ((-1.0, 1.0), 0.3)


@given(sums, biases)
def test_decided_pixel_is_one_that_the_bias_takes_across_the_threshold_where_there_is_one(pre, bias):
    row, column = FilteredPicture(pre).decided_pixel(bias)
    between = (np.minimum(0, -bias) < pre) & (pre < np.maximum(0, -bias))
    assert between[row, column] == between.any()
    if not between.any():
        assert (row, column) == (pre.shape[0] // 2, pre.shape[1] // 2)
