"""The denoiser's gradients against finite differences and PyTorch; twins are fair; what is exact without bias."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.models import denoiser
from core.models.denoiser import denoise, start_denoiser, train_denoiser
from core.models.layers import flatten

twins = pytest.mark.parametrize("bias", [True, False], ids=["with bias", "without bias"])


def network(bias, dtype=np.float64, shift=0.1):
    """Layers whose biases are not at their start."""
    random = np.random.RandomState(0)
    parameters, layers = flatten(start_denoiser(bias=bias, random=random), dtype)
    parameters += shift * random.normal(size=parameters.shape)
    return parameters, layers


def pictures(n=3, dtype=np.float64, seed=1):
    return np.random.default_rng(seed).normal(size=(2, n, 1, 6, 5)).astype(dtype)


def patches(n=20):
    return np.random.default_rng(3).random((n, 1, 6, 5), np.float32)


def flat(layers):
    return np.concatenate(
        [layer.weights.ravel() for layer in layers] + [layer.bias for layer in layers if layer.bias is not None]
    )


def loss_and_gradients(layers, noisy, clean):
    """What one training step works out: the mean squared error, and its gradient in place of weights and biases."""
    stages = denoiser._stages(layers, noisy.shape, len(noisy))
    clean = clean.transpose(1, 2, 3, 0)
    loss = np.mean((denoiser._forward(layers, stages, noisy.transpose(1, 2, 3, 0)) - clean) ** 2)
    _, gradients = flatten(layers, layers[0].weights.dtype)
    denoiser._backward(layers, gradients, stages, clean)
    return loss, gradients


@twins
def test_gradients_are_finite_differences(bias):
    parameters, layers = network(bias)
    noisy, clean = pictures()
    gradient = flat(loss_and_gradients(layers, noisy, clean)[1])
    places = np.arange(len(parameters))
    for place in places[::7].tolist() + places[-40:].tolist():  # some of the weights, every bias
        value = parameters[place]
        sides = []
        for step in (1e-6, -1e-6):
            parameters[place] = value + step
            sides.append(loss_and_gradients(layers, noisy, clean)[0])
        parameters[place] = value
        assert gradient[place] == pytest.approx((sides[0] - sides[1]) / 2e-6, abs=2e-8)


@pytest.mark.torch
@twins
def test_outputs_and_gradients_are_torchs(bias):
    import torch

    _, layers = network(bias, np.float32)
    noisy, clean = pictures(8, np.float32)
    modules = []
    for layer in layers:
        conv = torch.nn.Conv2d(layer.weights.shape[1], len(layer.weights), 3, padding="same", bias=bias)
        conv.weight.data = torch.from_numpy(layer.weights.copy())
        if bias:
            conv.bias.data = torch.from_numpy(layer.bias.copy())
        modules += [conv, torch.nn.ReLU()]
    theirs = torch.nn.Sequential(*modules[:-1])(torch.from_numpy(noisy))
    loss = torch.nn.functional.mse_loss(theirs, torch.from_numpy(clean))
    loss.backward()
    ours, gradients = loss_and_gradients(layers, noisy, clean)
    assert ours == pytest.approx(loss.item(), rel=1e-6)
    np.testing.assert_allclose(denoise(layers, noisy), theirs.detach().numpy(), atol=1e-5)
    for conv, gradient in zip(modules[::2], gradients, strict=True):
        np.testing.assert_allclose(gradient.weights, conv.weight.grad.numpy(), atol=1e-4)
        if bias:
            np.testing.assert_allclose(gradient.bias, conv.bias.grad.numpy(), atol=1e-4)


@settings(max_examples=30)
@given(st.floats(1e-3, 1e3), st.integers(0, 99))
def test_without_bias_denoiser_is_positively_homogeneous(k, seed):
    _, layers = network(bias=False)
    noisy, _ = pictures(seed=seed)
    np.testing.assert_allclose(denoise(layers, k * noisy), k * denoise(layers, noisy), rtol=1e-9, atol=1e-9 * k)


def test_with_bias_denoiser_is_not_homogeneous():
    _, layers = network(bias=True)
    noisy, _ = pictures()
    assert not np.allclose(denoise(layers, 2 * noisy), 2 * denoise(layers, noisy))


def test_denoiser_has_2592_weights_and_33_biases_that_start_at_zero():
    with_bias, without = (start_denoiser(bias=bias, random=np.random.RandomState(0)) for bias in (True, False))
    assert [layer.weights.shape for layer in with_bias] == [(16, 1, 3, 3), (16, 16, 3, 3), (1, 16, 3, 3)]
    assert [sum(layer.weights.size for layer in layers) for layers in (with_bias, without)] == [2592, 2592]
    assert sum(layer.bias.size for layer in with_bias) == 33
    assert all((layer.bias == 0).all() for layer in with_bias)
    assert all(layer.bias is None for layer in without)


def test_untrained_twins_are_one_function():
    first, second = (train_denoiser(patches(), bias=bias, sigma=0.1, n_epochs=0, seed=4) for bias in (True, False))
    assert np.array_equal(denoise(first, patches()), denoise(second, patches()))


def test_twin_with_biases_held_at_zero_is_the_bias_free_twin_bit_for_bit(monkeypatch):
    free = train_denoiser(patches(), bias=False, sigma=0.1, n_epochs=6, seed=4)
    monkeypatch.setattr(denoiser, "_backward", _without_bias_gradients(denoiser._backward))
    held = train_denoiser(patches(), bias=True, sigma=0.1, n_epochs=6, seed=4)
    for one, other in zip(held, free, strict=True):
        assert np.array_equal(one.weights, other.weights)
        assert (one.bias == 0).all()


def _without_bias_gradients(backward):
    def wrapped(layers, gradients, *rest):
        loss = backward(layers, gradients, *rest)
        for gradient in gradients:
            gradient.bias[...] = 0
        return loss

    return wrapped


@twins
def test_same_seed_gives_the_same_denoiser_and_another_seed_another(bias):
    one, again, other = (train_denoiser(patches(), bias=bias, sigma=0.1, n_epochs=2, seed=seed) for seed in (4, 4, 5))
    assert np.array_equal(flat(one), flat(again))
    assert not np.array_equal(flat(one), flat(other))


@twins
def test_training_removes_noise_from_flat_patches(bias):
    random = np.random.default_rng(0)
    flats = np.broadcast_to(random.random((128, 1, 1, 1), np.float32), (128, 1, 8, 8))
    layers = train_denoiser(flats, bias=bias, sigma=0.1, n_epochs=40, seed=0)
    noisy = flats + 0.1 * random.standard_normal(flats.shape, np.float32)
    assert np.mean((denoise(layers, noisy) - flats) ** 2) < 0.5 * 0.1**2


def test_patch_does_not_depend_on_those_beside_it():
    _, layers = network(bias=True)
    noisy, _ = pictures()
    alone = np.concatenate([denoise(layers, picture[None]) for picture in noisy])
    np.testing.assert_allclose(denoise(layers, noisy), alone, rtol=1e-12)
