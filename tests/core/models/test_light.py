"""A bias has the unit of the picture: f(k x; W, k b) = k f(x; W, b), where it holds and where it does not."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import InputError
from core.models.activations import ACTIVATIONS
from core.models.backprop import EPSILON
from core.models.convolution import conv2d
from core.models.denoiser import denoise, start_denoiser
from core.models.layers import Layer, light_of, scale_biases, start_layers
from core.models.network import predict_logits

lights = st.floats(-3, 3).map(lambda power: 10.0**power)
seeds = st.integers(0, 2**32 - 1)


def drawn(layers, random):
    """The layers with every bias and every statistic of a norm away from where training starts."""

    def moved(layer):
        arrays = {"bias": random.normal(size=len(layer.weights))}
        if layer.kind == "norm":
            arrays |= {
                "mean": random.normal(size=len(layer.weights)),
                "variance": random.uniform(0.5, 2, len(layer.weights)),
            }
        return replace(layer, **arrays)

    return tuple(map(moved, layers))


def network(seed, shape=(2, 7, 6), n_filters=(3, 4), **switches):
    random = np.random.RandomState(seed)
    return drawn(start_layers(shape, n_filters, 3, random=random, **switches), random), random.normal(size=(4, *shape))


@settings(max_examples=60)
@given(seed=seeds, k=lights, n_filters=st.lists(st.integers(1, 4), max_size=3))
def test_network_whose_biases_follow_light_gives_k_times_its_logits(seed, k, n_filters):
    layers, images = network(seed, n_filters=tuple(n_filters))
    logits = predict_logits(layers, images)
    np.testing.assert_allclose(
        predict_logits(scale_biases(layers, k), k * images), k * logits, rtol=1e-12, atol=1e-12 * k * abs(logits).max()
    )


@settings(max_examples=20)
@given(seed=seeds, k=lights)
def test_denoiser_whose_biases_follow_light_gives_k_times_its_picture(seed, k):
    random = np.random.RandomState(seed)
    layers, noisy = drawn(start_denoiser(bias=True, random=random), random), random.normal(size=(2, 1, 9, 8))
    clean = denoise(layers, noisy)
    np.testing.assert_allclose(
        denoise(scale_biases(layers, k), k * noisy), k * clean, rtol=1e-12, atol=1e-12 * k * abs(clean).max()
    )


def test_biases_that_stay_break_the_identity():
    layers, images = network(0)
    assert np.abs(predict_logits(layers, 0.1 * images) - 0.1 * predict_logits(layers, images)).max() > 0.1


@settings(max_examples=20)
@given(seed=seeds, k=lights)
def test_behind_a_norm_that_follows_the_light_all_is_as_before_up_to_its_eps(seed, k):
    layers, images = network(seed, batch_norm=True)
    conv, norm, *rest = scale_biases(layers, k)
    assert all(after is before for after, before in zip(rest, layers[2:], strict=True))
    before = layers[1]
    np.testing.assert_array_equal(norm.bias, before.bias)
    np.testing.assert_allclose(norm.mean, k * before.mean)
    np.testing.assert_allclose(norm.variance, k**2 * before.variance)
    # what eps, which does not dim, takes away is all that differs
    without_eps = norm.weights * np.sqrt(norm.variance + EPSILON) / (k * np.sqrt(before.variance + EPSILON))
    found = predict_logits((conv, replace(norm, weights=without_eps), *rest), k * images)
    np.testing.assert_allclose(found, predict_logits(layers, images), rtol=1e-9, atol=1e-10)


OFF = {  # how far off the maps are at k = 0.1 and at k = 10, in their largest number
    "sigmoid": (6.4, 0.90),
    "tanh": (6.8, 0.90),
    "gelu": (0.16, 0.016),
    "silu": (0.26, 0.026),
    "elu": (0.48, 0.086),
    "softplus": (0.59, 0.059),
    "step": (9.0, 0.90),
}


@pytest.mark.parametrize(("place", "k"), list(enumerate([0.1, 10.0])))
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_only_homogeneous_activations_follow_the_light_and_the_others_are_off_by_this_much(name, place, k):
    random = np.random.default_rng(0)
    x, kernels, bias = random.normal(size=(1, 2, 5, 5)), random.normal(size=(3, 2, 3, 3)), random.normal(size=3)
    act = ACTIVATIONS[name].function
    expected = k * act(conv2d(x, kernels, bias))
    error = np.abs(act(conv2d(k * x, kernels, k * bias)) - expected).max() / np.abs(expected).max()
    assert set(OFF) == {other for other, entry in ACTIVATIONS.items() if not entry.homogeneous}
    assert error < 1e-12 if ACTIVATIONS[name].homogeneous else error == pytest.approx(OFF[name][place], rel=0.05)


@settings(max_examples=20)
@given(seed=seeds, k=lights, name=st.sampled_from([name for name, entry in ACTIVATIONS.items() if entry.homogeneous]))
def test_average_pooling_behind_any_homogeneous_activation_follows_the_light(seed, k, name):
    random = np.random.default_rng(seed)
    conv = Layer("conv1", "conv", random.normal(size=(3, 2, 3, 3)), random.normal(size=3))
    dense = Layer("dense", "dense", random.normal(size=(4, 3 * 2 * 2)), random.normal(size=4))

    def logits(layers, images):
        maps = ACTIVATIONS[name].function(conv2d(images, layers[0].weights, layers[0].bias, padding="same"))
        pooled = maps.reshape(*maps.shape[:2], 2, 2, 2, 2).mean(axis=(3, 5))
        return pooled.reshape(len(images), -1) @ layers[1].weights.T + layers[1].bias

    images = random.normal(size=(5, 2, 4, 4))
    expected = k * logits((conv, dense), images)
    found = logits(scale_biases((conv, dense), k), k * images)
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12 * abs(expected).max())


def test_clipped_pictures_do_not_follow_the_light():
    layers, images = network(0)
    images = np.abs(images)
    images /= images.max()
    bright, logits = np.minimum(4 * images, 1), predict_logits(layers, images)
    assert np.abs(predict_logits(scale_biases(layers, 4), bright) - 4 * logits).max() > 0.1 * np.abs(4 * logits).max()


def test_absent_bias_stays_absent_and_weights_stay():
    layers, _ = network(0)
    bare = tuple(replace(layer, bias=None) for layer in layers)
    assert all(layer.bias is None for layer in scale_biases(bare, 0.5))
    assert all(a.weights is b.weights for a, b in zip(scale_biases(layers, 0.5), layers, strict=True))


def test_float32_stays_float32():
    layer = Layer("dense", "dense", np.ones((1, 1), np.float32), np.ones(1, np.float32))
    assert scale_biases([layer], 0.3)[0].bias.dtype == np.float32


@pytest.mark.parametrize("k", [0, -1.0, np.nan, np.inf, True, "1"])
def test_light_must_be_above_0(k):
    with pytest.raises(InputError, match="`k` must be a number above 0, got"):
        scale_biases([], k)


def test_norm_needs_statistics():
    norm = Layer("norm1", "norm", np.ones(1), np.zeros(1))
    with pytest.raises(InputError, match="`layers` must have running statistics in every norm, got none in norm1"):
        scale_biases([norm], 0.5)


@given(k=lights, seed=seeds)
def test_light_of_dimmed_pictures_is_their_factor(k, seed):
    pictures = np.random.default_rng(seed).random((3, 4))
    assert light_of(k * pictures, pictures) == pytest.approx(k, rel=1e-12)


@pytest.mark.parametrize(
    ("pictures", "reference", "name", "mean"),
    [
        ([0.0, 0.0], [1.0], "pictures", "0.0"),
        ([], [1.0], "pictures", "0.0"),
        ([1.0], [-1.0], "reference", "-1.0"),
        ([np.nan], [1.0], "pictures", "nan"),
    ],
)
def test_black_pictures_tell_no_light(pictures, reference, name, mean):
    with pytest.raises(InputError, match=f"`{name}` must be pictures whose mean is above 0, got {mean}"):
        light_of(pictures, reference)
