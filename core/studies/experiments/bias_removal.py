"""Taking a bias away: three questions that are often taken for one.

*After training*: b is deleted from the trained network, whose other numbers were fitted beside it. *Trained without*:
the network never had it, and fitted its other numbers without. *Folded*: b is deleted, and what it did is put into the
layer after it. The first says what the other numbers rely on, the second whether the task needs b, and the third that
a network may lose a bias and not change at all.

What can be folded exactly, in convolution -> (batch norm) -> ReLU -> max pool per block and a dense layer at the end:

- A convolution's bias before a batch norm: gamma (z + b - mean) / std + beta is the same number with mean - b in place
  of mean and no b (fixed running statistics, as in use after training).
- A convolution's bias before ReLU: not. ReLU(z + b) is no function of ReLU(z); and where z + b stays above 0, so that
  it is ReLU(z) + b, the next convolution sees b inside the picture and 0 on its padded rim, which no one bias gives.
- The dense layer's bias: not, since no layer comes after it.

So the folded network has batch norm and is held against a full network with batch norm; to show what folding saves,
the same biases are also deleted from that network and not folded.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import partial

import pandas as pd

from ...arms import WITH, WITHOUT
from ...data.tasks import Split, Task
from ...errors import InputError
from ...models.layers import Layer
from ...models.training import loss_and_accuracy
from ..overview import verdict_rows
from ..paired import NetSettings, fitted_network
from ..switches import Arm
from ..verdicts import HELPS, HURTS
from .by_epoch import Layers
from .experiment import Comparison, Experiment, Results, Row

TRIED = ("digits", "dim_or_bright")

DELETED, RETRAINED = "after training", "trained without"
DELETED_NORMED, FOLDED = "after training, batch norm", "folded"
CONVOLUTIONS, DENSE, EVERY_LAYER = "convolutions", "dense", "all"

OF_CONVOLUTIONS = {"conv1": ("conv1",), "conv2": ("conv2",), CONVOLUTIONS: ("conv1", "conv2")}
LAYERS = OF_CONVOLUTIONS | {DENSE: (DENSE,), EVERY_LAYER: ("conv1", "conv2", DENSE)}
"""What is removed -> the layers whose bias it is."""
NEVER_HAD = {CONVOLUTIONS: (False, True), DENSE: (True, False), EVERY_LAYER: (False, False)}
"""What is removed -> the switches (conv_bias, dense_bias) of the network that never had it."""
REMOVED: dict[str, Collection[str]] = {
    DELETED: LAYERS,
    RETRAINED: NEVER_HAD,
    DELETED_NORMED: OF_CONVOLUTIONS,
    FOLDED: OF_CONVOLUTIONS,
}
"""Removal -> all that is removed so."""

ENDS = ((DELETED, EVERY_LAYER), (RETRAINED, EVERY_LAYER), (DELETED_NORMED, CONVOLUTIONS), (FOLDED, CONVOLUTIONS))
"""Each removal of all that it can remove: what is told."""
GAINS = {
    DELETED: "deleting {} after training",
    RETRAINED: "leaving out {} from the start",
    DELETED_NORMED: "deleting {} after training in a network with batch norm",
    FOLDED: "folding {} into the batch norm",
}
TITLES = {
    DELETED: "all biases deleted after training",
    RETRAINED: "trained without any bias",
    DELETED_NORMED: "with batch norm: convolution biases deleted",
    FOLDED: "with batch norm: the same, folded into it",
}
BIASES = {CONVOLUTIONS: "the convolution biases", DENSE: "the dense bias", EVERY_LAYER: "all biases"}


def experiment(task: Task, settings: NetSettings | None = None) -> Experiment:
    """Biases of a network of two convolutions, removed in every way.

    The rows have removal and layer (what was removed, keys of `REMOVED`), seed, accuracy (on the test pictures) and
    full_accuracy (of the network that keeps all its biases; one with batch norm for "after training, batch norm" and
    "folded"). Without settings they are the defaults, with the task's own `n_epochs`.

    Examples
    --------
    >>> from core.data.tasks import TASKS
    >>> rows = experiment(TASKS["small_50"], NetSettings(n_epochs=1)).run(0)
    >>> len(rows), list(rows[0])
    (14, ['removal', 'layer', 'seed', 'accuracy', 'full_accuracy'])
    """
    settings = settings or NetSettings(n_epochs=task.n_epochs)
    comparisons = tuple(
        Comparison(
            "accuracy",
            "full_accuracy",
            gain=GAINS[removal].format(BIASES.get(layer, f"{layer}'s biases")),
            margin=task.margin,
            measure="accuracy",
            where=(("removal", removal), ("layer", layer)),
        )
        for removal, layers in REMOVED.items()
        for layer in layers
    )
    return Experiment(f"removals_{task.name}", partial(_one_seed, task, settings), comparisons)


def removal_table(results: Results) -> pd.DataFrame:
    """Every removal: the summary, with the means as accuracy and full_accuracy."""
    means = {"arm_mean": "accuracy", "other_mean": "full_accuracy"}
    return results.summary.drop(columns=["measure", "arm", "other"]).rename(columns=means)


def removal_rows(results: Results) -> pd.DataFrame:
    """The questions side by side, as `core.studies.overview.verdict_rows`; a removal that hurts speaks for the bias."""
    found = {TITLES[removal]: results.difference(removal=removal, layer=layer) for removal, layer in ENDS}
    return verdict_rows(found, sides={HURTS: WITH, HELPS: WITHOUT})


def removal_sentences(results: Results) -> tuple[str, ...]:
    """What removing all that can be removed does, a sentence per question."""
    return tuple(results.sentence(removal=removal, layer=layer) for removal, layer in ENDS)


def without_biases(layers: Sequence[Layer], names: Collection[str]) -> Layers:
    """The layers, those named without their bias; all else stays.

    Examples
    --------
    >>> import numpy as np
    >>> dense = Layer("dense", "dense", np.eye(2), np.ones(2))
    >>> without_biases([dense], ["dense"])[0].bias is None, without_biases([dense], [])[0].bias.tolist()
    (True, [1.0, 1.0])
    """
    return tuple(replace(layer, bias=None) if layer.name in names else layer for layer in layers)


def folded_into_norms(layers: Sequence[Layer], names: Collection[str]) -> Layers:
    """The layers, the bias of the convolutions named moved into the running mean of the norm that follows each.

    An InputError where a layer named is not followed by a batch norm.

    Examples
    --------
    >>> import numpy as np
    >>> one = np.ones(1)
    >>> convolution = Layer("conv1", "conv", np.ones((1, 1, 3, 3)), np.array([0.5]))
    >>> norm = Layer("norm1", "norm", one, one, mean=np.array([2.0]), variance=one)
    >>> convolution, norm = folded_into_norms([convolution, norm], ["conv1"])
    >>> convolution.bias is None, norm.mean.tolist()
    (True, [1.5])
    """
    folded = list(without_biases(layers, names))
    for place, layer in enumerate(layers):
        if layer.name not in names:
            continue
        norm = folded[place + 1] if place + 1 < len(layers) else layer
        if norm.kind != "norm" or norm.mean is None:
            raise InputError(
                f"`names` must be layers that a batch norm follows, got {layer.name!r}",
                hint="Past a ReLU, or past the last layer, a bias cannot be moved exactly.",
            )
        if layer.bias is not None:
            folded[place + 1] = replace(norm, mean=norm.mean - layer.bias)
    return tuple(folded)


def _one_seed(task: Task, settings: NetSettings, seed: int) -> list[Row]:
    split = task.draw(seed)
    rows: list[Row] = []
    for removal, (full, changed) in _networks(split, settings, seed).items():
        of_full = _accuracy(full, split)
        for layer, layers in changed.items():
            accuracies = {"accuracy": _accuracy(layers, split), "full_accuracy": of_full}
            rows.append({"removal": removal, "layer": layer, "seed": seed, **accuracies})
    return rows


def _networks(split: Split, settings: NetSettings, seed: int) -> dict[str, tuple[Layers, dict[str, Layers]]]:
    """Removal -> the full network, and what is removed -> the network without."""

    def trained(*switches: bool) -> Layers:
        return fitted_network(split, Arm(*switches), seed, settings).layers_

    full, normed = trained(True, True), trained(True, True, True)
    return {
        DELETED: (full, {layer: without_biases(full, names) for layer, names in LAYERS.items()}),
        RETRAINED: (full, {layer: trained(*arm) for layer, arm in NEVER_HAD.items()}),
        DELETED_NORMED: (normed, {layer: without_biases(normed, names) for layer, names in OF_CONVOLUTIONS.items()}),
        FOLDED: (normed, {layer: folded_into_norms(normed, names) for layer, names in OF_CONVOLUTIONS.items()}),
    }


def _accuracy(layers: Layers, split: Split) -> float:
    return loss_and_accuracy(layers, split.X_test.reshape(-1, *split.image_shape), split.y_test)[1]
