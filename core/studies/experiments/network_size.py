"""Does a larger network need its biases less? The same comparison, with any bias and without, at three sizes.

Each size doubles the filters of the one before it; task, seeds and training are those of the other studies.
"""

from functools import partial

from ...data.tasks import TASKS
from ..paired import NetSettings, one_run
from ..stress import PLAIN
from ..switches import BOTH, NO_BIAS, Arm
from .experiment import Comparison, Experiment, Results, Row

TRIED = ("digits", "dim_or_bright")
SIZES = {"8, 16": (8, 16), "16, 32": (16, 32), "32, 64": (32, 64)}
"""Filters in words -> filters of each convolution."""


def experiment(n_epochs: int | None = None) -> Experiment:
    """All biases against none, at every size on every task.

    The rows have task, n_filters (a key of `SIZES`), arm, seed and accuracy (on the test pictures). Without a number of
    epochs, it is each task's own.
    """
    comparisons = tuple(_comparison(name, size) for name in TRIED for size in SIZES)
    return Experiment("sizes", partial(_one_seed, n_epochs), comparisons)


def ends_sentence(results: Results) -> str:
    """What a bias gives at the smallest size and at the largest, on each task."""
    smallest, *_, largest = SIZES
    sentences = []
    for name in TRIED:
        ends = [
            f"{results.difference(task=name, n_filters=size).numbers} with {sum(SIZES[size])} filters"
            for size in (smallest, largest)
        ]
        sentences.append(f"{TASKS[name].title}: a bias gives {', and '.join(ends)}.")
    return " ".join(sentences)


def _comparison(name: str, size: str) -> Comparison:
    task, filters = TASKS[name], " and ".join(map(str, SIZES[size]))
    return Comparison(
        BOTH,
        NO_BIAS,
        gain="a bias",
        margin=task.margin,
        measure="accuracy",
        where=(("task", name), ("n_filters", size)),
        opening=f"{task.title}, {filters} filters",
    )


def _one_seed(n_epochs: int | None, seed: int) -> list[Row]:
    return [
        _row(name, size, Arm(*biases), seed, n_epochs)
        for name in TRIED
        for size in SIZES
        for biases in ((True, True), (False, False))
    ]


def _row(name: str, size: str, arm: Arm, seed: int, n_epochs: int | None) -> Row:
    task = TASKS[name]
    settings = NetSettings(SIZES[size], task.n_epochs if n_epochs is None else n_epochs)
    (run,) = one_run(task, arm, seed, settings, [PLAIN])
    return {"task": name, "n_filters": size} | {column: run[column] for column in ("arm", "seed", "accuracy")}
