"""The network's steps against finite differences, PyTorch and what is exact without bias."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.models.adam import adam_step, start_moments
from core.models.backprop import cross_entropy, halve_back
from core.models.layers import flatten, map_shapes, start_layers
from core.models.network import backward, forward, predict_logits, workspace

SWITCHES = [
    dict(zip(("conv_bias", "dense_bias", "batch_norm"), on, strict=True)) for on in product((True, False), repeat=3)
]
every_setting = pytest.mark.parametrize("switches", SWITCHES, ids=lambda on: "-".join(k for k in on if on[k]) or "none")


def network(switches, shape=(2, 7, 6), dtype=np.float64, n_filters=(3, 4), shift=0.5):
    """Layers whose biases, gammas and betas are not at their start."""
    random = np.random.RandomState(0)
    parameters, layers = flatten(start_layers(shape, n_filters, 3, **switches, random=random), dtype)
    parameters += shift * random.normal(size=parameters.shape)
    return parameters, layers


def pictures(shape=(2, 7, 6), n=5, dtype=np.float64, seed=1):
    return np.random.default_rng(seed).normal(size=(n, *shape)).astype(dtype), np.arange(n) % 3


def flat(layers):
    return np.concatenate(
        [layer.weights.ravel() for layer in layers] + [layer.bias for layer in layers if layer.bias is not None]
    )


def loss_and_gradients(layers, images, labels):
    """What one training step works out: loss, logits, and the gradient in place of weights and biases."""
    work = workspace(layers, images.shape[1:], len(images))
    work.inputs[...] = images.transpose(1, 2, 3, 0)
    logits = forward(layers, work, training=True)
    loss, gradient = cross_entropy(logits, labels)
    _, gradients = flatten(layers, work.inputs.dtype)
    backward(layers, gradients, work, gradient)
    return loss, logits.T, gradients


@every_setting
def test_gradients_are_finite_differences(switches):
    parameters, layers = network(switches)
    images, labels = pictures()
    gradient = flat(loss_and_gradients(layers, images, labels)[2])
    for place, value in enumerate(parameters.copy()):
        sides = []
        for step in (1e-6, -1e-6):
            parameters[place] = value + step
            sides.append(loss_and_gradients(layers, images, labels)[0])
        parameters[place] = value
        assert gradient[place] == pytest.approx((sides[0] - sides[1]) / 2e-6, abs=2e-8)


def torch_net(layers, shape):
    import torch

    blocks, modules = list(map_shapes(shape, [len(layer.weights) for layer in layers if layer.kind == "conv"])), []
    for layer in layers:
        if layer.kind == "conv":
            channels, height, width = blocks.pop(0)
            conv = torch.nn.Conv2d(channels, len(layer.weights), 3, padding="same", bias=layer.bias is not None)
            modules += [conv, torch.nn.ReLU(), torch.nn.MaxPool2d((min(height, 2), min(width, 2)))]
        elif layer.kind == "norm":
            modules.insert(-2, torch.nn.BatchNorm2d(len(layer.weights)))
        else:
            inputs, outputs = layer.weights.shape[::-1]
            modules += [torch.nn.Flatten(), torch.nn.Linear(inputs, outputs, bias=layer.bias is not None)]
    holders = [module for module in modules if hasattr(module, "weight")]
    for module, layer in zip(holders, layers, strict=True):
        module.weight.data = torch.from_numpy(layer.weights.copy())
        if layer.bias is not None:
            module.bias.data = torch.from_numpy(layer.bias.copy())
    return torch.nn.Sequential(*modules)


@pytest.mark.torch
@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 11, 6), (1, 1, 5)], ids=str)
@every_setting
def test_logits_and_gradients_are_torchs(switches, shape):
    import torch

    _, layers = network(switches, shape, np.float32, shift=0.1)
    images, labels = pictures(shape, 16, np.float32)
    net = torch_net(layers, shape)
    theirs = net(torch.from_numpy(images))
    torch.nn.functional.cross_entropy(theirs, torch.from_numpy(labels)).backward()
    _, logits, gradients = loss_and_gradients(layers, images, labels)
    np.testing.assert_allclose(logits, theirs.detach().numpy(), atol=1e-5)
    modules = [module for module in net if hasattr(module, "weight")]
    for module, gradient in zip(modules, gradients, strict=True):
        np.testing.assert_allclose(gradient.weights, module.weight.grad.numpy(), atol=1e-4)
        if gradient.bias is not None:
            np.testing.assert_allclose(gradient.bias, module.bias.grad.numpy(), atol=1e-4)
    with torch.no_grad():
        at_rest = net.eval()(torch.from_numpy(images)).numpy()
    np.testing.assert_allclose(predict_logits(layers, images), at_rest, atol=1e-5)


@settings(max_examples=30)
@given(st.floats(1e-3, 1e3), st.integers(0, 99))
def test_without_bias_network_is_positively_homogeneous(k, seed):
    _, layers = network({"conv_bias": False, "dense_bias": False})
    images, _ = pictures(seed=seed)
    np.testing.assert_allclose(predict_logits(layers, k * images), k * predict_logits(layers, images), rtol=1e-9)


def test_with_any_bias_network_is_not_homogeneous():
    images, _ = pictures()
    for switches in SWITCHES[:7]:
        if any(switches.values()):
            _, layers = network(switches)
            assert not np.allclose(predict_logits(layers, 2 * images), 2 * predict_logits(layers, images))


def test_without_bias_blank_picture_gives_exactly_zero():
    _, layers = network({"conv_bias": False, "dense_bias": False}, dtype=np.float32)
    assert (predict_logits(layers, np.zeros((3, 2, 7, 6), np.float32)) == 0).all()


def test_logits_of_a_picture_do_not_depend_on_the_others():
    _, layers = network({}, (1, 8, 8), np.float32)
    images, _ = pictures((1, 8, 8), 300, np.float32)
    alone = np.concatenate([predict_logits(layers, image[None]) for image in images])
    np.testing.assert_array_equal(predict_logits(layers, images), alone)


def test_switches_change_no_weight_of_the_start():
    starts = [start_layers((1, 8, 8), (4, 5), 3, **on, random=np.random.RandomState(3)) for on in SWITCHES]
    for start in starts:
        weights = [layer for layer in start if layer.kind != "norm"]
        for layer, first in zip(weights, (layer for layer in starts[0] if layer.kind != "norm"), strict=True):
            np.testing.assert_array_equal(layer.weights, first.weights)


def test_weights_lie_at_the_same_place_in_twins():
    flats = [
        flatten(start_layers((1, 8, 8), (4,), 3, conv_bias=on, random=np.random.RandomState(3)), float)[0]
        for on in (True, False)
    ]
    np.testing.assert_array_equal(flats[0][: -4 - 3], flats[1][:-3])
    assert (flats[0][-7:] == 0).all()


def test_gradient_of_a_pair_goes_to_the_larger_the_first_of_equals_and_never_to_a_left_out_one():
    values = np.array([1.0, 2.0, 3.0, 3.0, 9.0]).reshape(1, 1, 5, 1)
    halve_back(np.array([10.0, 20.0]).reshape(1, 1, 2, 1), 2, values)
    assert values.ravel().tolist() == [0, 10, 20, 0, 0]


def test_start_has_he_normal_weights():
    conv, dense = start_layers((16, 8, 8), (64,), 50, random=np.random.RandomState(0))
    assert conv.weights.std() == pytest.approx(np.sqrt(2 / (16 * 9)), rel=0.02)
    assert dense.weights.std() == pytest.approx(np.sqrt(2 / (64 * 16)), rel=0.02)


@pytest.mark.torch
def test_adam_is_torchs():
    import torch

    random = np.random.default_rng(0)
    ours = random.normal(size=20)
    theirs = torch.nn.Parameter(torch.from_numpy(ours.copy()))
    optimiser, moments = torch.optim.Adam([theirs], lr=0.01), start_moments(ours)
    for step in range(1, 30):
        gradient = random.normal(size=20)
        theirs.grad = torch.from_numpy(gradient.copy())
        optimiser.step()
        adam_step(ours, gradient, moments, step, 0.01)
    np.testing.assert_allclose(ours, theirs.detach().numpy(), rtol=1e-12)
