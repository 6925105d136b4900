"""Weight decay on biases: none, on weights alone, on all, and strong on the biases.

Decoupled, as AdamW does it: each step first multiplies a parameter by ``1 - rate * decay``, and then takes Adam's step
with the gradient of the loss alone (with decay in the loss Adam would divide it out again). The strengths were fixed
before any run: 0.01 is what AdamW has by default in PyTorch, and 1 is a hundred times that. In these trainings of 450
steps of 0.003 the first can hardly show anything, and the second must: a parameter that no gradient moves keeps 99% of
its size under 0.01, and a quarter under 1.

Sources: I. Loshchilov and F. Hutter, "Decoupled weight decay regularization" (2019); that biases need no decay: for
example Goodfellow, Bengio and Courville, "Deep learning" (2016), section 7.1.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ...data.tasks import Task
from ..paired import NetSettings
from .experiment import EpochStudy, Layers, Row, epochs, measures, run_epochs

USUAL, STRONG = 0.01, 1.0
NONE, WEIGHTS, ALL = "no decay", "weights 0.01", "weights and biases 0.01"
STRONG_BIASES, STRONG_WEIGHTS, STRONG_ALL = "weights 0.01, biases 1", "weights 1", "weights and biases 1"

ARMS: dict[str, tuple[float, float]] = {
    NONE: (0.0, 0.0),
    WEIGHTS: (USUAL, 0.0),
    ALL: (USUAL, USUAL),
    STRONG_BIASES: (USUAL, STRONG),
    STRONG_WEIGHTS: (STRONG, 0.0),
    STRONG_ALL: (STRONG, STRONG),
}
"""Arm -> decay of the weights, decay of the biases."""


@dataclass(frozen=True, eq=False)
class DecayStudy(EpochStudy):
    """Six ways to decay; made by `run_decay`, or from runs that were kept.

    Attributes
    ----------
    task : Task
    runs : DataFrame
        As in `EpochStudy`, with an arm of `ARMS`; and weight_size and bias_size, the root mean square of all weights
        and of all biases, and largest_bias, in size.

    Examples
    --------
    >>> from core.data.tasks import TASKS
    >>> study = run_decay(TASKS["small_50"], seeds=[0], settings=NetSettings(n_epochs=1))
    >>> study.runs["arm"].nunique(), len(study.runs), len(study.summary)
    (6, 12, 8)
    """

    COLUMNS: ClassVar[list[str]] = [*EpochStudy.COLUMNS, "weight_size", "bias_size", "largest_bias"]
    GAINS: ClassVar[dict[tuple[str, str], str]] = {
        (WEIGHTS, NONE): "decay of the weights by 0.01",
        (ALL, NONE): "decay of weights and biases by 0.01",
        (STRONG_BIASES, NONE): "decay of the weights by 0.01 and of the biases by 1",
        (STRONG_WEIGHTS, NONE): "decay of the weights by 1",
        (STRONG_ALL, NONE): "decay of weights and biases by 1",
        (ALL, WEIGHTS): "decaying the biases too, by 0.01 like the weights,",
        (STRONG_BIASES, WEIGHTS): "decaying the biases too, by 1 beside weights by 0.01,",
        (STRONG_ALL, STRONG_WEIGHTS): "decaying the biases too, by 1 like the weights,",
    }

    @property
    def popular(self) -> str:
        """What came of "never decay biases": decay of weights alone against decay of weights and biases."""
        usual, strong = self.sentence(ALL, WEIGHTS), self.sentence(STRONG_BIASES, WEIGHTS)
        return f"{usual} {strong} {self.sentence(STRONG_ALL, STRONG_WEIGHTS)}"


def run_decay(
    task: Task, *, seeds: Iterable[int] = range(20), n_jobs: int | None = None, settings: NetSettings | None = None
) -> DecayStudy:
    """Train with each decay and every seed.

    Parameters
    ----------
    task : Task
    seeds : whole numbers, 0 to 2**32 - 1
    n_jobs : int or None
        Processes, as joblib counts them.
    settings : NetSettings or None
        None: the defaults, with the task's own `n_epochs`.

    Raises
    ------
    InputError
        There is no seed, one is no whole number in the range, or one is there twice.
    """
    return run_epochs(DecayStudy, one_seed, task, seeds, n_jobs, settings)


def one_seed(task: Task, seed: int, settings: NetSettings) -> list[Row]:
    """All arms with one seed: a row per arm and epoch, with the columns of `runs`."""
    split = task.draw(seed)
    return [
        {"arm": arm, "seed": seed, "epoch": epoch, **measures(layers, split), **sizes(layers)}
        for arm, decay in ARMS.items()
        for epoch, layers in enumerate(epochs(split, seed, settings, decay=decay))
    ]


def sizes(layers: Layers) -> dict[str, float]:
    """The root mean square of all weights and of all biases, and the largest bias in size.

    Examples
    --------
    >>> from core.models.layers import Layer
    >>> sizes((Layer("dense", "dense", np.ones((2, 2)), np.array([3.0, -4.0])),))
    {'weight_size': 1.0, 'bias_size': 3.5355339059327378, 'largest_bias': 4.0}
    """
    weights = np.concatenate([layer.weights.ravel() for layer in layers]).astype(float)
    biases = np.concatenate([layer.bias for layer in layers if layer.bias is not None]).astype(float)
    return {
        "weight_size": float(np.sqrt(np.mean(weights**2))),
        "bias_size": float(np.sqrt(np.mean(biases**2))),
        "largest_bias": float(np.abs(biases).max()),
    }
