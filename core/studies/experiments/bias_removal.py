"""Taking a bias away: three questions that are often taken for one.

*After training* (b is deleted from the trained network) says what the other numbers rely on; *trained without*, whether
the task needs b; *folded* (what it did goes into the layer after it), that a network may lose b and not change at all.
Exactly, only a convolution's bias before a batch norm can be folded: gamma (z + b - mean) / std + beta is the same
number with mean - b in place of mean and no b. ReLU(z + b) is no function of ReLU(z), and after the dense layer comes
none. So the folded network is held against one with batch norm, from which the same biases are also deleted, unfolded.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import partial
from itertools import pairwise

import pandas as pd

from ...arms import WITH, WITHOUT
from ...data.tasks import Split, Task
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
    DELETED_NORMED: "batch norm: conv biases deleted",
    FOLDED: "batch norm: biases folded into it",
}
BIASES = {CONVOLUTIONS: "the convolution biases", DENSE: "the dense bias", EVERY_LAYER: "all biases"}


def experiment(task: Task, settings: NetSettings | None = None) -> Experiment:
    """Biases of a network of two convolutions, removed in every way.

    The rows have removal and layer (what was removed, keys of `REMOVED`), seed, accuracy (on the test pictures) and
    full_accuracy (of the network that keeps all its biases; one with batch norm for "after training, batch norm" and
    "folded"). Without settings they are the defaults, with the task's own `n_epochs`.
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
    """The layers, those named without their bias; all else stays."""
    return tuple(replace(layer, bias=None) if layer.name in names else layer for layer in layers)


def folded_into_norms(layers: Sequence[Layer], names: Collection[str]) -> Layers:
    """The layers, the bias of the convolutions named moved into the running mean of the norm that follows each."""
    folded = list(without_biases(layers, names))
    for place, (layer, norm) in enumerate(pairwise(layers), 1):
        if layer.name in names and layer.bias is not None and norm.mean is not None:
            folded[place] = replace(norm, mean=norm.mean - layer.bias)
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
