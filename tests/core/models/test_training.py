"""A training with some of its numbers frozen."""

import numpy as np
import pytest

from core.data.tasks import TASKS
from core.models.layers import start_layers
from core.models.training import Trainer

FROZEN = {
    "biases alone": lambda _, part: part == "bias",
    "weights alone": lambda _, part: part == "weights",
    "dense layer alone": lambda layer, _: layer == "dense",
}


def trained(learns, steps=5):
    split = TASKS["digits"].draw(0)
    images = split.X_train[:64].reshape(-1, 1, 8, 8)
    start = start_layers((1, 8, 8), (2, 3), 10, random=np.random.RandomState(0))
    trainer = Trainer(start, 0.01, learns=learns)
    before = [layer.copy() for layer in trainer.layers]
    for _ in range(steps):
        trainer.step(images, split.y_train[:64])
    return before, trainer.layers


@pytest.mark.parametrize("learns", FROZEN.values(), ids=FROZEN)
def test_what_is_frozen_stays_to_the_last_bit_and_the_rest_moves(learns):
    for before, after in zip(*trained(learns), strict=True):
        for part in ("weights", "bias"):
            same = np.array_equal(getattr(before, part), getattr(after, part))
            assert same != learns(before.name, part)


def test_all_that_learns_learns_as_without_a_rule():
    for one, other in zip(trained(lambda *_: True)[1], trained(None)[1], strict=True):
        np.testing.assert_array_equal(one.weights, other.weights)
        np.testing.assert_array_equal(one.bias, other.bias)


def test_first_step_of_what_learns_is_the_same_whatever_else_is_frozen():
    for one, other in zip(trained(FROZEN["biases alone"], 1)[1], trained(None, 1)[1], strict=True):
        np.testing.assert_array_equal(one.bias, other.bias)
