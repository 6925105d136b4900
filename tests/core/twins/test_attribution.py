"""The parts of a logit: against the forward pass, gradients by finite differences, and networks worked by hand."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.exceptions import NotFittedError

from core.errors import InputError
from core.models.cnn import ConvNetClassifier
from core.models.layers import Layer
from core.models.network import predict_logits
from core.twins.attribution import bias_shares, waterfall


def fitted(shape=(1, 6, 6), seed=0, n_classes=3, **switches):
    """A network fitted for a few steps, so that no bias is 0, and pictures."""
    random = np.random.default_rng(seed)
    X = random.uniform(size=(24, int(np.prod(shape)))).astype(np.float32)
    y = np.arange(24) % n_classes
    model = ConvNetClassifier(
        image_shape=shape, **({"n_filters": (3, 4), "n_epochs": 2, "learning_rate": 0.03} | switches), random_state=seed
    )
    return model.fit(X, y), X


def by_hand(layers, image_shape, classes=(0, 1)):
    """A model with these layers in place of fitted ones."""
    X = np.arange(len(classes) * int(np.prod(image_shape)), dtype=float).reshape(len(classes), -1)
    model = ConvNetClassifier(image_shape=image_shape, n_filters=(), n_epochs=0, random_state=0).fit(X, list(classes))
    model.layers_ = tuple(layers)
    return model


def logits(model, X, layers=None):
    """The logits in float64 (n_samples, n_classes), of the model or of other layers in its place."""
    exact = [
        replace(layer, **{name: array.astype(float) for name, array in layer.arrays().items()})
        for layer in layers or model.layers_
    ]
    return predict_logits(exact, np.asarray(X, float).reshape(-1, *model.image_shape_))


def cube(shares):
    """The shares as an array (n_samples, n_classes, 1 + n_layers)."""
    sizes = [shares[column].nunique() for column in ("sample", "class", "layer")]
    return shares["share"].to_numpy().reshape(sizes)


def at_centre(*values):
    """3 x 3 kernels that multiply with a number each, (len(values), 1, 3, 3)."""
    kernels = np.zeros((len(values), 1, 3, 3))
    kernels[:, 0, 1, 1] = values
    return kernels


networks = st.fixed_dictionaries(
    {
        "shape": st.sampled_from([(1, 6, 6), (2, 5, 7), (1, 1, 9), (3, 2, 3)]),
        "seed": st.integers(0, 1000),
        "n_classes": st.integers(1, 4),
        "n_filters": st.sampled_from([(), (3,), (3, 4), (2, 3, 2)]),
        "conv_bias": st.booleans(),
        "dense_bias": st.booleans(),
        "batch_norm": st.booleans(),
    }
)


# The sum


@settings(max_examples=40)
@given(networks)
def test_parts_sum_to_the_logit(network):
    model, X = fitted(**network)
    np.testing.assert_allclose(cube(bias_shares(model, X)).sum(axis=2), logits(model, X), atol=1e-9)


@pytest.mark.parametrize("batch_norm", [False, True])
def test_parts_sum_to_the_decision_function_to_1e_5(batch_norm):
    model, X = fitted(batch_norm=batch_norm)
    sums = cube(bias_shares(model, X)).sum(axis=2)
    np.testing.assert_allclose(sums, model.decision_function(X), atol=1e-5)
    assert np.abs(sums).max() > 0.1


@settings(max_examples=15)
@given(networks)
def test_a_layer_without_bias_adds_exactly_0(network):
    network |= {"batch_norm": False, "conv_bias": False, "dense_bias": False}
    model, X = fitted(**network)
    shares = cube(bias_shares(model, X))
    assert not shares[:, :, 1:].any()
    np.testing.assert_allclose(shares[:, :, 0], logits(model, X), atol=1e-9)


def test_a_blank_picture_has_nothing_but_the_biases_parts():
    model, X = fitted()
    shares = cube(bias_shares(model, np.zeros((1, X.shape[1]))))
    assert not shares[:, :, 0].any()
    assert shares[:, :, 1:].all()


def test_each_pictures_parts_are_the_same_alone_and_among_others():
    model, X = fitted()
    alone, among = cube(bias_shares(model, X[3:4])), cube(bias_shares(model, X))
    np.testing.assert_allclose(alone[0], among[3], atol=1e-12)


# Derivatives


@pytest.mark.parametrize("batch_norm", [False, True])
def test_input_part_is_the_gradient_times_the_input(batch_norm):
    model, X = fitted(batch_norm=batch_norm)
    x, step = X[0].astype(float), 1e-6
    moved = step * np.eye(len(x))
    gradient = (logits(model, x + moved) - logits(model, x - moved)) / (2 * step)  # (n_features, n_classes)
    np.testing.assert_allclose(cube(bias_shares(model, X[:1]))[0, :, 0], x @ gradient, atol=1e-6)


def scaled(layer, by):
    """A layer whose constant is multiplied: the bias, and in a norm the running mean too."""
    grown = {name: array * by for name, array in layer.arrays().items() if name in ("bias", "mean")}
    return replace(layer, **grown)


@pytest.mark.parametrize("batch_norm", [False, True])
def test_derivative_by_the_size_of_a_layers_bias_is_its_part(batch_norm):
    model, X = fitted(batch_norm=batch_norm)
    model.layers_ = tuple(
        replace(layer, **{name: array.astype(float) for name, array in layer.arrays().items()})
        for layer in model.layers_
    )
    shares = cube(bias_shares(model, X[:4]))
    for place, layer in enumerate(model.layers_):
        up, down = (
            logits(model, X[:4], [*model.layers_[:place], scaled(layer, 1 + step), *model.layers_[place + 1 :]])
            for step in (1e-6, -1e-6)
        )
        np.testing.assert_allclose(shares[:, :, place + 1], (up - down) / 2e-6, atol=1e-6, err_msg=layer.name)
        assert np.abs(shares[:, :, place + 1]).max() > 1e-5


# By hand


def test_parts_of_a_network_worked_by_hand():
    # picture (3, 5): kernel 2 and bias 1 give (7, 11), kernel -1 and bias 4 give (1, -1).
    # the pool takes 11 = 10 + 1 (the second) and 1 = -3 + 4 (the first); both are above 0.
    convolution = Layer("conv1", "conv", at_centre(2, -1), np.array([1.0, 4.0]))
    dense = Layer("dense", "dense", np.array([[1.0, 10.0], [2.0, -1.0]]), np.array([0.5, -7.0]))
    shares = bias_shares(by_hand([convolution, dense], (1, 1, 2), ("a", "b")), [[3.0, 5.0]])
    expected = pd.DataFrame(
        [
            (0, "a", "input", 10 * 1 + -3 * 10),
            (0, "a", "conv1", 1 * 1 + 4 * 10),
            (0, "a", "dense", 0.5),
            (0, "b", "input", 10 * 2 + -3 * -1),
            (0, "b", "conv1", 1 * 2 + 4 * -1),
            (0, "b", "dense", -7),
        ],
        columns=["sample", "class", "layer", "share"],
    )
    pd.testing.assert_frame_equal(shares, expected, check_dtype=False)


def test_a_bias_behind_a_closed_relu_adds_nothing():
    convolution = Layer("conv1", "conv", at_centre(1), np.array([-4.0]))
    dense = Layer("dense", "dense", np.array([[3.0], [5.0]]), None)
    model = by_hand([convolution, dense], (1, 1, 1))
    assert not bias_shares(model, [[2.0]])["share"].any()
    assert bias_shares(model, [[6.0]])["share"].tolist() == [18, -12, 0, 30, -20, 0]


def test_a_norms_part_is_beta_minus_the_scaled_mean_and_scales_the_parts_before_it():
    # gamma / std = 6 / 2 = 3: (1 * 5 + 1 - 4) * 3 + 0.5 = 15 (input) + 3 (conv1) - 11.5 (norm1)
    convolution = Layer("conv1", "conv", at_centre(1), np.array([1.0]))
    variance = np.array([4 - 1e-5])
    norm = Layer("norm1", "norm", np.array([6.0]), np.array([0.5]), mean=np.array([4.0]), variance=variance)
    dense = Layer("dense", "dense", np.array([[1.0], [-2.0]]), None)
    shares = bias_shares(by_hand([convolution, norm, dense], (1, 1, 1)), [[5.0]])
    assert shares["layer"].tolist()[:4] == ["input", "conv1", "norm1", "dense"]
    assert shares["share"].tolist() == pytest.approx([15, 3, -11.5, 0, -30, -6, 23, 0])


def test_of_two_equal_numbers_in_a_pool_the_first_is_chosen():
    # conv1 gives x - 1 and x of each half; conv2 subtracts the one from the other: 1 - 0 where x = 1 (the first is
    # closed) and 2 - 1 where x = 2, of which the 2 - 2 is the input's and 1 the bias's
    first = Layer("conv1", "conv", at_centre(1, 1), np.array([-1.0, 0.0]))
    second = Layer("conv2", "conv", at_centre(-1, 1).reshape(1, 2, 3, 3), None)
    dense = Layer("dense", "dense", np.array([[1.0], [1.0]]), None)
    model = by_hand([first, second, dense], (1, 1, 4))
    assert bias_shares(model, [[1.0, 1.0, 2.0, 2.0]])["share"].tolist()[:4] == [1, 0, 0, 0]
    assert bias_shares(model, [[2.0, 2.0, 1.0, 1.0]])["share"].tolist()[:4] == [0, 1, 0, 0]
    # 1 at the top right and 2 at the bottom left: rows are halved first, then columns
    square = by_hand([first, second, dense], (1, 4, 4))
    picture = np.kron([[0.5, 1.0], [2.0, 0.5]], np.ones((2, 2)))
    assert bias_shares(square, picture.reshape(1, -1))["share"].tolist()[:4] == [1, 0, 0, 0]


# The waterfall


def test_waterfalls_steps_lead_from_0_to_the_logit():
    model, X = fitted()
    steps = waterfall(model.layers_, X[5].reshape(model.image_shape_), 2)
    assert steps["layer"].tolist() == ["input", "conv1", "conv2", "dense", "logit"]
    np.testing.assert_allclose(steps["end"] - steps["start"], steps["share"], atol=1e-12)
    np.testing.assert_array_equal(steps["start"], [0, *steps["end"][:3], 0])
    np.testing.assert_allclose(steps["end"].iloc[-2:], logits(model, X[5])[0, 2], atol=1e-9)


def test_waterfall_takes_one_of_the_models_classes():
    model, X = fitted(n_classes=2)
    with pytest.raises(InputError, match=re.escape("`label` must be one of 0, 1, got 2") + "$"):
        waterfall(model.layers_, X[0].reshape(model.image_shape_), 2)


def test_a_model_that_is_not_fitted_and_x_of_another_width_are_refused_as_by_predict():
    with pytest.raises(NotFittedError):
        bias_shares(ConvNetClassifier(), np.zeros((1, 4)))
    with pytest.raises(ValueError, match="X has 4 features, but ConvNetClassifier is expecting 36 features as input"):
        bias_shares(fitted()[0], np.zeros((1, 4)))
