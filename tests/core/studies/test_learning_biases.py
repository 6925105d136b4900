"""Biases that learn a few epochs at a time are those that learn at once."""

import numpy as np
import pytest

from core.data.tasks import TASKS
from core.errors import InputError
from core.models.random_network import N_EPOCHS, draw_network, train_biases
from core.studies.learning_biases import LearningBiases


def test_bit_by_bit_the_biases_become_those_of_one_training():
    network, split = LearningBiases(20, seed=1), TASKS["digits"].draw(1)
    *_, (at_once, _) = train_biases(draw_network(64, 20, 10, seed=1), split.X_train, split.y_train, seed=1)
    looks = 0
    while not network.done:
        before = network.epoch
        network.go_on(0.01)
        looks += 1
        assert network.epoch > before
    assert looks > 1
    np.testing.assert_array_equal(network.biases, at_once)


def test_training_ends_and_stays_at_its_end():
    network = LearningBiases(10)
    network.go_on(600)
    assert network.done
    network.go_on(600)
    frame = network.to_frame()
    assert frame["epoch"].tolist() == list(range(N_EPOCHS + 1))
    assert f"{frame['accuracy'].iloc[-1]:.1f}%" in network.sentence


def test_ten_pictures_are_one_of_each_digit():
    shown = LearningBiases(10).answers()
    assert [digit for _, digit, _ in shown] == list(range(10))
    assert all(pixels.shape == (8, 8) for pixels, _, _ in shown)


@pytest.mark.parametrize("units", [0, 10_001, 2.5])
def test_width_outside_its_range_is_refused(units):
    with pytest.raises(InputError, match="`n_units` must be a whole number from 1 to 10,000"):
        LearningBiases(units)
