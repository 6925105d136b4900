"""Norms against torch, finite differences and hand-worked numbers; folding and rounding of a convolution."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import InputError
from core.models.convolution import conv2d
from core.models.norms import EPS, NORMS, bias_gradient, fixed_statistics, fold, quantise

SHAPE = (3, 4, 5, 6)
seeds = st.integers(0, 2**32 - 1)
every_norm = pytest.mark.parametrize("name", NORMS)


def drawn(seed=0, shape=SHAPE):
    x, upstream = np.random.default_rng(seed).normal(size=(2, *shape))
    return x, upstream


def torch_norm(name, x, groups):
    import torch
    from torch.nn import functional as F

    sides = list(x.shape[1:])
    fixed = [torch.tensor(vector) for vector in fixed_statistics(x.shape[1])]
    return {
        "batch_norm": lambda: F.batch_norm(x, None, None, training=True),
        "batch_norm_fixed": lambda: F.batch_norm(x, *fixed, training=False),
        "instance_norm": lambda: F.instance_norm(x),
        "group_norm": lambda: F.group_norm(x, groups),
        "layer_norm": lambda: F.layer_norm(x, sides),
        "rms_norm": lambda: F.rms_norm(x, sides, eps=EPS),
        "relu_batch_norm": lambda: F.batch_norm(F.relu(x), None, None, training=True),
        "none": lambda: x,
    }[name]()


@pytest.mark.torch
@every_norm
@pytest.mark.parametrize("groups", [1, 2, 4])
def test_outputs_and_gradients_are_torchs(name, groups):
    import torch

    x, upstream = drawn()
    bias = torch.zeros(4, dtype=torch.float64, requires_grad=True)
    theirs = torch_norm(name, torch.tensor(x) + bias[:, None, None], groups)
    (theirs * torch.tensor(upstream)).sum().backward()
    norm = NORMS[name]
    np.testing.assert_allclose(norm.forward(x, groups), theirs.detach().numpy(), rtol=0, atol=1e-12)
    np.testing.assert_allclose(bias_gradient(norm, x, upstream, groups=groups), bias.grad.numpy(), atol=1e-11)


@every_norm
@pytest.mark.parametrize("groups", [1, 2, 4])
def test_gradient_of_the_bias_is_the_finite_difference(name, groups):
    x, upstream = drawn(1)
    steps = 1e-6 * np.eye(4)[:, :, None, None]
    forward = NORMS[name].forward
    differences = [np.sum(upstream * (forward(x + step, groups) - forward(x - step, groups))) / 2e-6 for step in steps]
    ours = bias_gradient(NORMS[name], x, upstream, groups=groups)
    np.testing.assert_allclose(ours, differences, rtol=1e-6, atol=1e-7)


@every_norm
def test_record_says_whether_a_bias_is_cancelled(name):
    x, upstream = drawn(2)
    norm, biased = NORMS[name], x + np.array([1.0, -0.5, 0.25, 2.0])[:, None, None]
    change = np.abs(norm.forward(biased, 2) - norm.forward(x, 2)).max()
    gradient = np.abs(bias_gradient(norm, biased, upstream, groups=2)).max()
    assert (change < 1e-12, gradient < 1e-11) == (norm.cancels, norm.cancels)
    assert (change > 0.1, gradient > 0.1) == (not norm.cancels, not norm.cancels)


@given(seeds, st.lists(st.floats(-100, 100), min_size=4, max_size=4))
@settings(max_examples=50)
def test_cancelled_bias_changes_nothing_whatever_it_is(seed, bias):
    x, _ = drawn(seed)
    biased = x + np.array(bias)[:, None, None]
    for norm in NORMS.values():
        if norm.cancels:
            np.testing.assert_allclose(norm.forward(biased, 1), norm.forward(x, 1), rtol=0, atol=1e-11)


@given(seeds, st.floats(-100, 100))
@settings(max_examples=25)
def test_what_all_channels_share_is_cancelled_by_group_and_layer_norm_too(seed, bias):
    x, _ = drawn(seed)
    for name in ("group_norm", "layer_norm"):
        forward = NORMS[name].forward
        np.testing.assert_allclose(forward(x + bias, 2), forward(x, 2), rtol=0, atol=1e-11)
    shared = np.array([3.0, 3.0, -5.0, -5.0])[:, None, None]
    forward = NORMS["group_norm"].forward
    np.testing.assert_allclose(forward(x + shared, 2), forward(x, 2), rtol=0, atol=1e-12)


def test_group_norm_of_one_channel_a_group_is_instance_norm_and_of_one_group_layer_norm():
    x, _ = drawn(3)
    group = NORMS["group_norm"].forward
    np.testing.assert_allclose(group(x, 4), NORMS["instance_norm"].forward(x, 4), rtol=0, atol=1e-14)
    np.testing.assert_allclose(group(x, 1), NORMS["layer_norm"].forward(x, 1), rtol=0, atol=1e-14)


def test_pooling_between_leaves_the_bias_to_be_cancelled_by_batch_norm():
    x, _ = drawn(4, (3, 4, 6, 6))
    biased = x + np.array([1.0, -0.5, 0.25, 2.0])[:, None, None]
    forward = NORMS["batch_norm"].forward
    for pool in (np.max, np.mean):
        small, small_biased = (pool(values.reshape(3, 4, 3, 2, 3, 2), axis=(3, 5)) for values in (x, biased))
        np.testing.assert_allclose(forward(small_biased, 1), forward(small, 1), rtol=0, atol=1e-13)


def test_fixed_mean_can_take_the_bias_up():
    x, _ = drawn(5)
    bias = np.array([1.0, -0.5, 0.25, 2.0])
    gamma, beta = np.ones(4), np.zeros(4)
    mean, variance = fixed_statistics(4)
    kernels = np.eye(4)[:, :, None, None]
    with_bias = conv2d(x, *fold(kernels, bias, gamma, beta, mean, variance))
    np.testing.assert_allclose(
        with_bias, conv2d(x, *fold(kernels, None, gamma, beta, mean - bias, variance)), rtol=0, atol=1e-13
    )
    biased = x + bias[:, None, None]
    np.testing.assert_allclose(with_bias, NORMS["batch_norm_fixed"].forward(biased, 1), rtol=0, atol=1e-13)


def test_groups_that_do_not_divide_the_channels_are_refused():
    message = "`groups` must divide the number of channels, got 3 groups and 4 channels"
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        NORMS["group_norm"].forward(drawn()[0], 3)


# Fold


def test_fold_worked_by_hand():
    weights, bias = fold([[[[2.0]]], [[[-1.0]]]], [1.0, 0.0], [3.0, 2.0], [0.5, -1.0], [4.0, 1.0], [9.0, 0.25], 0.0)
    assert weights.ravel().tolist() == [2.0, -4.0]
    assert bias.tolist() == [-2.5, -5.0]


@given(seeds, st.booleans(), st.sampled_from([0, 1, "same"]))
@settings(max_examples=50)
def test_folded_convolution_gives_what_convolution_and_norm_gave(seed, has_bias, padding):
    random = np.random.default_rng(seed)
    x, weights = random.normal(size=(2, 3, 6, 5)), random.normal(size=(4, 3, 3, 3))
    bias = random.normal(size=4) if has_bias else None
    gamma, beta, mean = random.normal(size=(3, 4))
    variance = random.uniform(0, 2, 4)
    maps = conv2d(x, weights, bias, padding=padding)
    per_channel = [vector[:, None, None] for vector in (gamma, beta, mean, np.sqrt(variance + EPS))]
    expected = per_channel[0] * (maps - per_channel[2]) / per_channel[3] + per_channel[1]
    folded = conv2d(x, *fold(weights, bias, gamma, beta, mean, variance), padding=padding)
    np.testing.assert_allclose(folded, expected, rtol=1e-9, atol=1e-6)


def test_fold_refuses_a_vector_of_another_length():
    message = "`beta` must be one number per kernel, got beta (2,) and weights (1, 1, 1, 1)"
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        fold([[[[1.0]]]], None, [1.0], [1.0, 2.0], [0.0], [1.0])


def test_fold_refuses_a_variance_below_0():
    with pytest.raises(InputError, match=r"^`variance` must not be below 0, got -1\.0$"):
        fold([[[[1.0]]]], None, [1.0], [1.0], [0.0], [-1.0])


# Eight bits


@given(seeds, st.integers(2, 16))
def test_rounded_numbers_are_few_and_no_more_than_half_a_step_away(seed, bits):
    values = np.random.default_rng(seed).normal(size=300)
    rounded = quantise(values, bits)
    step = np.abs(values).max() / (2 ** (bits - 1) - 1)
    assert np.abs(rounded - values).max() <= step / 2 * (1 + 1e-9)
    assert np.unique(rounded).size <= 2**bits - 1
    assert np.abs(rounded).max() == pytest.approx(np.abs(values).max())
    np.testing.assert_array_equal(quantise(-values, bits), -rounded)


def test_zeros_stay_zeros():
    np.testing.assert_array_equal(quantise(np.zeros((2, 2))), np.zeros((2, 2)))


def test_one_bit_is_refused():
    with pytest.raises(InputError, match=r"^`bits` must be a whole number from 2 to 32, got 1$"):
        quantise([1.0], bits=1)
