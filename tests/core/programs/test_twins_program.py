"""The programs of a pair of twins, in numpy and in PyTorch, against what the page says, to two pictures."""

from functools import cache

import numpy as np
import pytest

from core.arms import ARMS, DIMMED, WITH
from core.data.tasks import TASKS
from core.models.cnn import ConvNetClassifier
from core.twins.report import report
from core.twins.training import TwinSettings, train_twins, twins_from

TWO = 2


@cache
def expected(k=1.0, test_picture=0, dim_biases=False, **settings):
    """Per twin: right, of, per cent; disagreements; per twin: k, per cent right, picture, class, its probability."""
    chosen = TwinSettings(**settings)
    *_, end = train_twins(chosen)
    pair = report(chosen, twins_from(end["twins"]))
    n, numbers = len(pair.images), []
    for twin in ARMS:
        right = n * pair.accuracy[twin]
        numbers += [right, n, 100 * right / n]
    numbers.append(len(pair.disputed))
    decision = pair.decision(test_picture, k, dimmed=dim_biases)
    right = pair.under_light(k).set_index("arm")["accuracy"]
    if dim_biases:
        right[WITH] = right[DIMMED]
    for twin in ARMS:
        odds = decision.loc[decision["arm"] == twin, "probability"].to_numpy()
        numbers += [k, 100 * right[twin], test_picture, int(odds.argmax()), 100 * odds.max()]
    return numbers


def close(values):
    """Counts within two pictures, shares (per cent) within two pictures or two points of probability."""
    n = values[1]
    share = 100 * TWO / n + 0.05  # printed to 0.1
    tolerances = [TWO, 0, share, TWO, 0, share, 2 * TWO, *[0, share, 0, 0, TWO] * 2]
    return [pytest.approx(value, abs=tolerance, rel=1e-6) for value, tolerance in zip(values, tolerances, strict=True)]


OTHER_TASKS = ("dim_or_bright", "small_50", "grey_cards")  # of two classes, of few pictures, of no digits
SHORT = {"n_epochs": 4}
CHANGES = [  # the first five run always
    {"batch_norm": True, "conv_bias": False, "varied_contrast": True, "k": 4.0, "n_epochs": 4},
    {"k": 0.03, "dim_biases": True},
    {"dense_bias": False, "seed": 5, "test_picture": 17},
    {"n_epochs": 0},
    {"learning_rate": 0.01},
    {"conv_bias": False},
    {"batch_norm": True},
    {"varied_contrast": True},
    {"k": 0.1},
    {"k": 0.1, "dim_biases": True, "batch_norm": True, "n_epochs": 4},
]


@pytest.mark.few(5)
@pytest.mark.parametrize("changed", CHANGES, ids=str)
def test_program_gives_the_pages_numbers(numbers, changed):
    changed = SHORT | changed
    assert numbers("twins", **changed) == close(expected(**changed))


@pytest.mark.few(2)
@pytest.mark.parametrize("task", OTHER_TASKS)
def test_program_gives_the_pages_numbers_on_other_tasks(numbers, task):
    changed = {"task": task, "n_epochs": 2, "seed": 1}
    assert numbers("twins", **changed) == close(expected(**changed))


def test_a_fit_that_diverges_keeps_the_numbers_from_before(numbers):
    split = TASKS["digits"].draw(0)
    net = ConvNetClassifier(learning_rate=1e6, n_epochs=3, random_state=0).fit(split.X_train, split.y_train)
    assert net.diverged_at_ == 1
    right = int(np.sum(net.predict(split.X_test) == split.y_test))
    assert numbers("twins", learning_rate=1e6, n_epochs=3)[0] == right


def test_default_line_is_the_pages(last_line, numbers_in):
    line = last_line("twins")
    assert line.startswith("with bias: 346 of 360 right (96.1%); without bias: 345 of 360 right (95.8%); ")
    assert numbers_in(line) == close(expected())


@pytest.mark.few(5)
@pytest.mark.torch
@pytest.mark.parametrize("changed", [{"n_epochs": 20}, *CHANGES], ids=str)
def test_program_in_pytorch_gives_the_pages_numbers(numbers, changed):
    changed = SHORT | changed
    assert numbers("twins_torch", **changed) == close(expected(**changed))


@pytest.mark.few(1)
@pytest.mark.torch
@pytest.mark.parametrize("task", OTHER_TASKS)
def test_program_in_pytorch_gives_the_pages_numbers_on_other_tasks(numbers, task):
    changed = {"task": task, "n_epochs": 4}
    assert numbers("twins_torch", **changed) == close(expected(**changed))
