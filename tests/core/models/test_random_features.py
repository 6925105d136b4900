"""The network of one hidden layer: what it cannot do without bias, by construction, and what it can with."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import InputError
from core.models.activations import ACTIVATIONS, threshold
from core.models.random_features import LOOSENESS, RIDGE, ShallowSettings, draw_units, fit_classes, fit_curve

HOMOGENEOUS = [name for name, entry in ACTIVATIONS.items() if entry.homogeneous]
ODD = [name for name, entry in ACTIVATIONS.items() if entry.odd]
seeds = st.integers(0, 2**32 - 1)
units = st.integers(1, 40)
powers_of_two = st.integers(-12, 12).map(lambda power: 2.0**power)  # products with these are exact


def line(seed, n=60):
    generator = np.random.default_rng(seed)
    x = generator.uniform(-3, 3, n)
    return x[:, None], np.sin(2 * x) + x + 1 + 0.1 * generator.standard_normal(n)


def plane(seed, n=60):
    generator = np.random.default_rng(seed)
    X = generator.uniform(-3, 3, (n, 2))
    return X, np.where(np.arange(n) < 2, np.arange(n), (X**2).sum(axis=1) > 4).astype(int)  # both classes, always


# Without bias


@given(seeds, units, st.sampled_from(HOMOGENEOUS), powers_of_two)
@settings(max_examples=40)
def test_without_bias_a_homogeneous_curve_is_two_rays_from_the_origin(seed, n_units, activation, k):
    net = fit_curve(ShallowSettings(n_units, activation, bias=False, seed=seed), *line(seed))
    x = np.linspace(-3, 3, 31)[:, None]
    np.testing.assert_allclose(net.output(k * x), k * net.output(x), rtol=1e-9, atol=1e-9 * k)
    left, right = net.output(np.array([[-1.0], [1.0]]))
    np.testing.assert_allclose(net.output(x), np.where(x > 0, right * x, -left * x)[:, 0], atol=1e-9)


@given(seeds, units, st.sampled_from(ODD))
@settings(max_examples=30)
def test_without_bias_an_odd_activation_makes_an_odd_curve(seed, n_units, activation):
    net = fit_curve(ShallowSettings(n_units, activation, bias=False, seed=seed), *line(seed))
    x = np.linspace(0, 4, 21)[:, None]
    np.testing.assert_array_equal(net.output(-x), -net.output(x))


@given(seeds, units, st.sampled_from([*HOMOGENEOUS, "step"]), powers_of_two)
@settings(max_examples=40)
def test_without_bias_every_decision_region_is_a_cone(seed, n_units, activation, k):
    net = fit_classes(ShallowSettings(n_units, activation, bias=False, seed=seed), *plane(seed))
    X = np.random.default_rng(seed).uniform(-3, 3, (200, 2))
    np.testing.assert_array_equal(net.labels(k * X), net.labels(X))


def test_with_bias_regions_are_no_cones():
    X, y = plane(0)
    net = fit_classes(ShallowSettings(40), X, y)
    assert (net.labels(10 * X) != net.labels(X)).any()


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_without_bias_f_of_0_is_0_just_where_the_activation_of_0_is(activation):
    net = fit_curve(ShallowSettings(30, activation, bias=False), *line(0))
    at_0 = float(ACTIVATIONS[activation].function(np.zeros(1))[0])
    np.testing.assert_allclose(net.output(np.zeros((1, 1))), at_0 * net.output_weights.sum())
    assert (at_0 == 0) == (activation not in ("sigmoid", "softplus")) == (net.output(np.zeros((1, 1)))[0] == 0)


@pytest.mark.parametrize("fit", [fit_curve, fit_classes])
def test_the_twin_has_the_same_kernels_and_no_bias_anywhere(fit):
    X, y = plane(1)
    net, twin = (fit(ShallowSettings(7, bias=bias, seed=3), X, y) for bias in (True, False))
    np.testing.assert_array_equal(net.kernels, twin.kernels)
    assert (twin.bias, twin.output_bias) == (None, None)
    assert net.bias.shape == (7,)
    assert isinstance(net.output_bias, float)
    assert net.output_bias != 0


# With bias


def test_with_bias_the_error_falls_to_the_noise_as_units_grow():
    x, x_new = (np.random.default_rng(seed).uniform(-3, 3, (2000, 1)) for seed in (0, 1))
    y = np.sin(2 * x[:, 0]) + 0.1 * np.random.default_rng(2).standard_normal(2000)
    errors = {
        bias: [
            np.sqrt(
                np.mean((fit_curve(ShallowSettings(n, bias=bias), x, y).output(x_new) - np.sin(2 * x_new[:, 0])) ** 2)
            )
            for n in (1, 5, 20, 100)
        ]
        for bias in (True, False)
    }
    assert errors[True] == sorted(errors[True], reverse=True)
    assert errors[True][-1] < 0.03  # of the curve itself: far below the noise of 0.1
    assert min(errors[False]) > 0.5


@given(seeds, units)
@settings(max_examples=30)
def test_kinks_are_the_thresholds_of_the_units_and_spread_over_the_inputs(seed, n_units):
    X, y = line(seed)
    net = fit_curve(ShallowSettings(n_units, seed=seed), X, y)
    assert net.kinks == [threshold(w, b) for w, b in zip(net.kernels[:, 0], net.bias, strict=True)]
    assert X.min() - 1e-9 <= min(net.kinks) <= max(net.kinks) <= X.max() + 1e-9
    assert fit_curve(ShallowSettings(n_units, bias=False, seed=seed), X, y).kinks == [0.0] * n_units


def test_a_relu_curve_bends_at_its_kinks_and_nowhere_else():
    net = fit_curve(ShallowSettings(6), *line(0))
    ends = np.sort([-3, *net.kinks, 3])
    for start, stop in pairwise(ends):
        inside = np.linspace(start, stop, 9)
        np.testing.assert_allclose(np.diff(net.output(inside[:, None]), 2), 0, atol=1e-9)
    bends = [np.diff(net.output(np.array([[k - 1e-3], [k], [k + 1e-3]])), 2)[0] for k in net.kinks]
    assert np.abs(bends).min() > 1e-6


def test_kinks_are_uniform_over_the_range_of_the_inputs():
    from scipy.stats import kstest

    X = np.array([[-1.0], [5.0]])
    kernels, bias = draw_units(ShallowSettings(1000), X)
    assert kstest(-bias / kernels[:, 0], "uniform", args=(-1, 6)).pvalue > 0.01
    assert kstest(kernels[:, 0], "norm").pvalue > 0.01


@given(seeds, units, st.integers(1, 40), st.booleans())
@settings(max_examples=30)
def test_the_first_units_of_a_wider_layer_are_those_of_a_narrow_one(seed, n_units, more, bias):
    X, _ = plane(seed)
    narrow, wide = (draw_units(ShallowSettings(n, bias=bias, seed=seed), X) for n in (n_units, n_units + more))
    np.testing.assert_array_equal(wide[0][:n_units], narrow[0])
    if bias:
        np.testing.assert_array_equal(wide[1][:n_units], narrow[1])
    else:
        assert narrow[1] is wide[1] is None


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("activation", ["relu", "tanh", "softplus"])
def test_output_layer_of_a_curve_solves_the_equations_of_ridge_regression(activation, bias):
    X, y = line(4)
    net = fit_curve(ShallowSettings(5, activation, bias=bias), X, y)
    hidden = ACTIVATIONS[activation].function(X @ net.kernels.T + (net.bias if bias else 0))
    middle, mean = (hidden.mean(axis=0), y.mean()) if bias else (np.zeros(5), 0.0)
    centred = hidden - middle
    v = np.linalg.solve(centred.T @ centred + RIDGE * np.eye(5), centred.T @ (y - mean))
    np.testing.assert_allclose(net.output_weights, v, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(net.output(X), (hidden - middle) @ v + mean, atol=1e-6)


@pytest.mark.parametrize("bias", [True, False])
def test_output_layer_of_classes_is_where_the_penalised_loss_has_no_slope(bias):
    X, y = plane(4, n=200)
    net = fit_classes(ShallowSettings(5, bias=bias), X, y)
    hidden = np.maximum(X @ net.kernels.T + (net.bias if bias else 0), 0)
    off = LOOSENESS * (1 / (1 + np.exp(-net.output(X))) - y)
    np.testing.assert_allclose(hidden.T @ off + net.output_weights, 0, atol=0.05 * np.abs(hidden.T @ np.abs(off)).max())
    if bias:
        assert abs(off.sum()) < 0.05 * np.abs(off).sum()


# Errors


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"n_units": 0}, "`n_units` must be a whole number from 1 to 1,000, got 0"),
        ({"n_units": 1001}, "`n_units` must be a whole number from 1 to 1,000, got 1,001"),
        ({"seed": -1}, "`seed` must be a whole number from 0 to 4,294,967,295, got −1"),
        (
            {"activation": "ReLU"},
            "`activation` must be one of relu, leaky_relu, elu, sigmoid, tanh, gelu, silu, softplus, step, identity, "
            "got 'ReLU'",
        ),
    ],
)
def test_settings_outside_their_range_are_refused(values, message):
    with pytest.raises(InputError) as caught:
        ShallowSettings(**values)
    assert str(caught.value) == message
