"""The program of only_biases against core."""

import re

import pytest

from core.studies.learning_biases import LearningBiases


@pytest.mark.parametrize("units", [30, 300])
def test_last_line_is_the_page(last_line, units):
    network = LearningBiases(units)
    network.go_on(600)
    line = last_line("only_biases", units=units)
    right, of, learned, stayed = _numbers(line)
    assert abs(right - network.to_frame()["accuracy"].iloc[-1] * of / 100) <= 2
    assert learned == len(network.biases)
    assert stayed == sum(layer.weights.size for layer in network.layers)


def _numbers(line):
    found = re.fullmatch(r".*: ([\d.]+) of (\d+) right \(.*\); (\d+) biases learned, (\d+) weights stayed", line)
    return tuple(float(number) for number in found.groups())
