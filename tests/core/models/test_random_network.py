"""A network whose weights stay and whose biases alone learn."""

import numpy as np
import pytest

from core.data.tasks import TASKS
from core.errors import InputError
from core.models.backprop import cross_entropy
from core.models.network import share_right
from core.models.random_network import draw_network, network_logits, train_biases, with_biases


@pytest.fixture(scope="module")
def split():
    return TASKS["digits"].draw(0)


def loss(layers, biases, X, y):
    return cross_entropy(network_logits(with_biases(layers, biases), X).T.astype(float), y)[0]


def test_first_step_goes_down_the_finite_difference_of_every_bias(split):
    # Adam's first step is the rate, against the sign of the gradient
    X, y = split.X_train[:40].astype(float), split.y_train[:40]
    layers = draw_network(64, 12, 10, seed=1)
    (biases, before), *_ = train_biases(layers, X, y, n_epochs=1, learning_rate=0.01, seed=0)
    start = np.zeros(22)
    assert before == pytest.approx(loss(layers, start, X, y), rel=1e-5)
    for place in range(22):
        step = np.zeros(22)
        step[place] = 1e-2
        slope = loss(layers, start + step, X, y) - loss(layers, start - step, X, y)
        assert np.sign(slope) == -np.sign(biases[place])
        assert abs(biases[place]) == pytest.approx(0.01 if slope else 0, rel=1e-3)  # a dead unit has no slope


def test_weights_stay_to_the_last_bit_and_the_seed_draws_them(split):
    layers, again = draw_network(64, 20, 10, seed=3), draw_network(64, 20, 10, seed=3)
    *_, (biases, _) = train_biases(layers, split.X_train, split.y_train, n_epochs=2)
    for layer, drawn, trained in zip(layers, again, with_biases(layers, biases), strict=True):
        np.testing.assert_array_equal(layer.weights, drawn.weights)
        assert trained.weights is layer.weights
        np.testing.assert_array_equal(layer.bias, 0)


def test_more_units_give_the_biases_more_to_choose_from(split):
    right = []
    for n_units in (30, 1000):
        layers = draw_network(64, n_units, 10, seed=0)
        *_, (biases, _) = train_biases(layers, split.X_train, split.y_train, n_epochs=20)
        right.append(share_right(network_logits(with_biases(layers, biases), split.X_test), split.y_test).mean())
    assert right[0] < 0.4 < 0.7 < right[1]


def test_logits_are_those_of_two_layers_worked_by_hand():
    layers = with_biases(draw_network(1, 2, 1), np.array([0.5, -1.0, 2.0]))
    (w1, w2), (v1, v2) = layers[0].weights[:, 0], layers[1].weights[0]
    x = 1.5
    by_hand = v1 * max(w1 * x + 0.5, 0) + v2 * max(w2 * x - 1.0, 0) + 2.0
    assert network_logits(layers, np.array([[x]])).item() == pytest.approx(by_hand)


@pytest.mark.parametrize(
    ("sizes", "name"),
    [((0, 1, 1), "n_inputs"), ((1, 0, 1), "n_units"), ((1, 10_001, 1), "n_units"), ((1, 1, 2.0), "n_classes")],
)
def test_sizes_must_be_whole_numbers(sizes, name):
    with pytest.raises(InputError, match=f"`{name}` must be a whole number"):
        draw_network(*sizes)
