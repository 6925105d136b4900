"""Activations against finite differences, closed forms and PyTorch; what they say of themselves, by properties."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.models.activations import ACTIVATIONS, threshold

NAMES = ("relu", "leaky_relu", "elu", "sigmoid", "tanh", "gelu", "silu", "softplus", "step", "identity")
every_activation = pytest.mark.parametrize("name", NAMES)
every_dtype = pytest.mark.parametrize("dtype", [np.float32, np.float64])
inputs = st.floats(-50, 50, allow_subnormal=False)
EXTREMES = (-1e30, -1e4, -745.0, -104.0, -88.0, -1.0, 0.0, 1.0, 88.0, 104.0, 745.0, 1e4, 1e30)


def test_activations_are_the_ten_that_were_promised():
    assert tuple(ACTIVATIONS) == NAMES


@pytest.mark.parametrize(
    ("name", "at_minus_one", "at_zero", "at_two"),
    [
        ("relu", 0, 0, 2),
        ("leaky_relu", -0.01, 0, 2),
        ("elu", math.exp(-1) - 1, 0, 2),
        ("sigmoid", 1 / (1 + math.e), 0.5, 1 / (1 + math.exp(-2))),
        ("tanh", -math.tanh(1), 0, math.tanh(2)),
        ("gelu", -(1 - math.erf(math.sqrt(0.5))) / 2, 0, 1 + math.erf(math.sqrt(2))),
        ("silu", -1 / (1 + math.e), 0, 2 / (1 + math.exp(-2))),
        ("softplus", math.log(1 + math.exp(-1)), math.log(2), math.log(1 + math.exp(2))),
        ("step", 0, 0, 1),
        ("identity", -1, 0, 2),
    ],
)
def test_function_has_the_values_of_its_closed_form(name, at_minus_one, at_zero, at_two):
    values = ACTIVATIONS[name].function([-1.0, 0.0, 2.0])
    np.testing.assert_allclose(values, [at_minus_one, at_zero, at_two], rtol=1e-15)


@every_activation
def test_derivative_is_the_slope_that_central_differences_measure(name):
    z = np.concatenate([-np.geomspace(0.01, 20, 200), np.geomspace(0.01, 20, 200)])  # no kink within h of any
    h = 1e-5
    activation = ACTIVATIONS[name]
    slope = (activation.function(z + h) - activation.function(z - h)) / (2 * h)
    np.testing.assert_allclose(activation.derivative(z), slope, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize(("name", "slope"), [("relu", 0), ("leaky_relu", 0.01), ("elu", 1), ("step", 0)])
def test_derivative_at_zero_is_the_slope_on_the_left(name, slope):
    assert ACTIVATIONS[name].derivative(0.0) == slope


@pytest.mark.torch
@every_activation
def test_function_and_derivative_are_those_of_torch(name):
    import torch
    from torch.nn import functional

    torchs = {
        "step": lambda z: torch.heaviside(z.detach(), torch.zeros_like(z)) + 0 * z,
        "identity": lambda z: z + 0,
        "softplus": lambda z: functional.softplus(z, threshold=800),  # torch cuts it off at 20 by default
        "sigmoid": torch.sigmoid,
        "tanh": torch.tanh,
    }
    z = np.array([-1e4, -30, -2.5, -1, -0.1, -0.0, 0.0, 0.1, 1, 2.5, 30, 1e4])
    tensor = torch.tensor(z, requires_grad=True)
    values = torchs.get(name, getattr(functional, name, None))(tensor)
    values.sum().backward()
    np.testing.assert_allclose(ACTIVATIONS[name].function(z), values.detach().numpy(), rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(ACTIVATIONS[name].derivative(z), tensor.grad.numpy(), rtol=1e-12, atol=1e-15)


@every_activation
@given(z=inputs, k=st.floats(0.01, 100))
def test_homogeneous_functions_scale_with_their_input(name, z, k):
    if ACTIVATIONS[name].homogeneous:
        f = ACTIVATIONS[name].function
        np.testing.assert_allclose(f(k * z), k * f(z), rtol=1e-14)


@every_activation
def test_functions_said_not_to_be_homogeneous_have_a_counterexample(name):
    f = ACTIVATIONS[name].function
    scales = all(np.allclose(f(k * z), k * f(z)) for k in (0.1, 3.0) for z in (-2.0, -0.5, 0.0, 0.5, 2.0))
    assert scales == ACTIVATIONS[name].homogeneous


@every_activation
@given(z=inputs)
def test_odd_functions_mirror_their_input(name, z):
    if ACTIVATIONS[name].odd:
        f = ACTIVATIONS[name].function
        assert f(-z) == -f(z)


@every_activation
def test_functions_said_not_to_be_odd_have_a_counterexample(name):
    f = ACTIVATIONS[name].function
    mirrors = all(np.allclose(f(-z), -f(z)) for z in (0.0, 0.5, 2.0))
    assert mirrors == ACTIVATIONS[name].odd


@every_activation
def test_flag_says_whether_what_is_not_even_is_a_straight_line(name):
    z = np.linspace(0.01, 20, 500)
    slopes = (ACTIVATIONS[name].function(z) - ACTIVATIONS[name].function(-z)) / z
    assert np.allclose(slopes, slopes[0], rtol=1e-9) == ACTIVATIONS[name].even_but_for_a_line


@every_dtype
@every_activation
def test_extreme_inputs_give_finite_values_without_any_floating_point_error(name, dtype):
    z = np.array(EXTREMES, dtype)
    with np.errstate(all="raise"):
        values, slopes = ACTIVATIONS[name].function(z), ACTIVATIONS[name].derivative(z)
    assert np.isfinite(values).all()
    assert np.isfinite(slopes).all()


@pytest.mark.parametrize(
    ("name", "left", "right"),
    [
        ("relu", 0, 1e4),
        ("leaky_relu", -100, 1e4),
        ("elu", -1, 1e4),
        ("sigmoid", 0, 1),
        ("tanh", -1, 1),
        ("gelu", 0, 1e4),
        ("silu", 0, 1e4),
        ("softplus", 0, 1e4),
        ("step", 0, 1),
        ("identity", -1e4, 1e4),
    ],
)
def test_far_out_a_function_is_its_limit(name, left, right):
    np.testing.assert_array_equal(ACTIVATIONS[name].function([-1e4, 1e4]), [left, right])


@pytest.mark.parametrize(("name", "value"), [("sigmoid", math.exp(-30)), ("gelu", -30 * 4.906713927148e-198)])
def test_left_tails_keep_their_digits(name, value):
    np.testing.assert_allclose(ACTIVATIONS[name].function(-30.0), value, rtol=1e-12)  # gelu: -30 * Phi(-30)


def test_tanh_slope_keeps_its_digits_where_tanh_has_rounded_to_one():
    np.testing.assert_allclose(ACTIVATIONS["tanh"].derivative(30.0), 4 * math.exp(-60), rtol=1e-14)


@every_dtype
@every_activation
def test_precision_and_shape_are_kept(name, dtype):
    z = np.linspace(-3, 3, 12, dtype=dtype).reshape(2, 3, 2)
    for result in (ACTIVATIONS[name].function(z), ACTIVATIONS[name].derivative(z)):
        assert result.dtype == dtype
        assert result.shape == z.shape


@every_activation
def test_whole_numbers_are_computed_in_float64(name):
    values = ACTIVATIONS[name].function(np.array([-1, 2]))
    assert values.dtype == np.float64
    np.testing.assert_array_equal(values, ACTIVATIONS[name].function([-1.0, 2.0]))


@every_activation
def test_the_input_is_never_changed_nor_returned(name):
    z = np.array([-1.0, 0.0, 1.0])
    for result in (ACTIVATIONS[name].function(z), ACTIVATIONS[name].derivative(z)):
        assert not np.shares_memory(result, z)
    np.testing.assert_array_equal(z, [-1, 0, 1])


@every_activation
def test_missing_values_stay_missing(name):
    assert np.isnan(ACTIVATIONS[name].function(np.nan))


@every_activation
def test_formulas_are_latex_in_z(name):
    formula = ACTIVATIONS[name].formula
    assert "z" in formula
    assert formula.count("{") == formula.count("}")


@given(weight=st.floats(-1e3, 1e3).filter(lambda w: abs(w) > 1e-3), bias=st.floats(-1e3, 1e3))
def test_pre_activation_is_zero_at_the_threshold(weight, bias):
    assert weight * threshold(weight, bias) + bias == pytest.approx(0, abs=1e-12 * max(1, abs(bias)))


@pytest.mark.parametrize("weight", [2.0, -2.0])
def test_relu_is_active_right_of_the_threshold_for_a_positive_weight_and_left_for_a_negative(weight):
    x = threshold(weight, 3.0) + np.array([-1.0, 1.0])
    active = ACTIVATIONS["relu"].function(weight * x + 3.0) > 0
    assert active.tolist() == ([False, True] if weight > 0 else [True, False])


@pytest.mark.parametrize("weight", [-2.0, 1e-3, 5])
def test_without_bias_the_threshold_is_zero(weight):
    assert str(threshold(weight, None)) == "0.0"
    assert str(threshold(weight, 0.0)) == "0.0"


@pytest.mark.parametrize("weight", [0, 0.0, -0.0])
@pytest.mark.parametrize("bias", [None, 3.0])
def test_without_weight_there_is_no_threshold(weight, bias):
    assert threshold(weight, bias) is None


def test_threshold_of_numpy_numbers_is_a_plain_float():
    assert type(threshold(np.float32(2), np.float32(1))) is float
