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

from collections.abc import Callable, Collection, Iterable, Sequence
from copy import copy
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import TypeAlias

import numpy as np
import pandas as pd
from joblib import Parallel, delayed  # type: ignore[import-untyped]
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from ...data.tasks import Split, Task
from ...errors import InputError
from ...models.cnn import ConvNetClassifier
from ...models.layers import Layer
from ..paired import NetSettings, as_seeds
from ..switches import Arm
from ..verdicts import HELPS, HURTS, Difference, corrected, difference, gaps

AFTER, WITHOUT, AFTER_NORMED, FOLDED = "after training", "trained without", "after training, batch norm", "folded"
CONVOLUTIONS, DENSE, ALL = "convolutions", "dense", "all"
COLUMNS = ["removal", "layer", "seed", "accuracy", "full_accuracy"]

RETRAINED = {CONVOLUTIONS: Arm(False, True), DENSE: Arm(True, False), ALL: Arm(False, False)}
TOLD = ((AFTER, ALL), (WITHOUT, ALL), (AFTER_NORMED, CONVOLUTIONS), (FOLDED, CONVOLUTIONS))
GAINS = {
    AFTER: "deleting {} after training",
    WITHOUT: "leaving out {} from the start",
    AFTER_NORMED: "deleting {} after training in a network with batch norm",
    FOLDED: "folding {} into the batch norm",
}
TITLES = {
    AFTER: "all biases deleted after training",
    WITHOUT: "trained without any bias",
    AFTER_NORMED: "with batch norm: convolution biases deleted",
    FOLDED: "with batch norm: the same, folded into it",
}
BIASES = {CONVOLUTIONS: "the convolution biases", DENSE: "the dense bias", ALL: "all biases"}

Row: TypeAlias = dict[str, str | int | float]
Remove: TypeAlias = Callable[[Sequence[Layer], Collection[str]], tuple[Layer, ...]]


@dataclass(frozen=True, eq=False)
class Removals:
    """Accuracies with and without the removed biases; made by `run_removals`, or from runs that were kept.

    Attributes
    ----------
    task : Task
    runs : DataFrame
        One row per seed, removal and layer: removal ("after training", "trained without", "after training, batch norm"
        or "folded"), layer (what was removed: "conv1", "conv2", "convolutions", "dense" or "all"), seed, accuracy (on
        the test pictures), full_accuracy (of the network that keeps all its biases; one with batch norm for "after
        training, batch norm" and "folded").
    """

    task: Task
    runs: pd.DataFrame

    @cached_property
    def differences(self) -> dict[tuple[str, str], Difference]:
        """Removal and layer -> accuracy minus full accuracy: one family, corrected together (Holm)."""
        groups = {(str(removal), str(layer)): runs for (removal, layer), runs in self._groups()}
        losses = [gaps(runs["accuracy"], runs["full_accuracy"]) for runs in groups.values()]
        found = corrected([difference(loss, self.task.margin) for loss in losses])
        return dict(zip(groups, found, strict=True))

    @cached_property
    def summary(self) -> pd.DataFrame:
        """One row per removal and layer, in the order of the runs.

        Columns: removal, layer; accuracy and full_accuracy (means); n, mean (of accuracy minus full accuracy), low95,
        high95, low90, high90, p_zero, p_margin, verdict ("hurts" where the removal costs accuracy) and note, as in
        `core.studies.verdicts.Difference`; sentence.
        """
        means = {key: runs[["accuracy", "full_accuracy"]].mean().to_dict() for key, runs in self._groups()}
        rows = []
        for (removal, layer), found in self.differences.items():
            what = {"removal": removal, "layer": layer} | means[removal, layer]
            rows.append(what | asdict(found) | {"sentence": self.sentence(removal, layer)})
        return pd.DataFrame(rows)

    @cached_property
    def told(self) -> pd.DataFrame:
        """The questions side by side: title, mean, low95, high95 (points of accuracy), verdict, side (who wins).

        The side is "with bias" where the removal costs accuracy, "without bias" where it gains, else "rest".
        """
        found = self.summary.set_index(["removal", "layer"]).loc[[key for key in TOLD if key in self.differences]]
        points = 100 * found[["mean", "low95", "high95"]].reset_index(drop=True)
        sides = found["verdict"].map({HURTS: "with bias", HELPS: "without bias"}).fillna("rest")
        titles = [TITLES[removal] for removal, _ in found.index]
        return points.assign(title=titles, verdict=found["verdict"].to_list(), side=sides.to_list())

    @cached_property
    def sentences(self) -> tuple[str, ...]:
        """What removing all that can be removed does, a sentence per question."""
        return tuple(self.sentence(*key) for key in TOLD if key in self.differences)

    @property
    def verdict(self) -> str:
        """The same in one string."""
        return " ".join(self.sentences)

    def sentence(self, removal: str, layer: str) -> str:
        """What one removal does, and its numbers.

        Raises
        ------
        InputError
            The runs have no such removal of this layer.
        """
        if (removal, layer) not in self.differences:
            raise InputError(f"`layer` must be one that the runs have with its removal, got {layer!r} with {removal!r}")
        biases = BIASES.get(layer, f"{layer}'s biases")
        return self.differences[removal, layer].sentence(GAINS[removal].format(biases), self.task.margin)

    def _groups(self) -> Iterable[tuple[tuple[str, str], pd.DataFrame]]:
        return self.runs.groupby(["removal", "layer"], sort=False)  # type: ignore[return-value]


def run_removals(
    task: Task, *, seeds: Iterable[int] = range(20), n_jobs: int | None = None, settings: NetSettings | None = None
) -> Removals:
    """Train with every seed, and remove biases in every way.

    Parameters
    ----------
    task : Task
    seeds : whole numbers, 0 to 2**32 - 1
        Each gives the split, the starting weights and the batches, the same for all networks.
    n_jobs : int or None
        Processes, as joblib counts them.
    settings : NetSettings or None
        None: the defaults, with the task's own `n_epochs`.

    Raises
    ------
    InputError
        There is no seed, one is no whole number in the range, or one is there twice.

    Examples
    --------
    >>> from core.data.tasks import TASKS
    >>> found = run_removals(TASKS["small_50"], seeds=[0], settings=NetSettings(n_epochs=1))
    >>> list(found.runs), len(found.runs)
    (['removal', 'layer', 'seed', 'accuracy', 'full_accuracy'], 14)
    """
    settings = settings or NetSettings(n_epochs=task.n_epochs)
    runs = Parallel(n_jobs)(delayed(one_seed)(task, seed, settings) for seed in as_seeds(seeds))
    return Removals(task, pd.DataFrame([row for run in runs for row in run], columns=COLUMNS))


def one_seed(task: Task, seed: int, settings: NetSettings) -> list[Row]:
    """All removals with one seed: a row for each, with the columns of `Removals.runs`."""
    with threadpool_limits(1):  # the last digits depend on the number of threads
        split = task.draw(seed)
        full, normed = (_fitted(split, Arm(True, True, norm), seed, settings) for norm in (False, True))
        convs = [layer.name for layer in full.layers_ if layer.kind == "conv"]
        of_convs = {name: [name] for name in convs} | {CONVOLUTIONS: convs}
        of_all = of_convs | {DENSE: [DENSE], ALL: [*convs, DENSE]}
        retrained = {layer: _fitted(split, arm, seed, settings) for layer, arm in RETRAINED.items()}
        return [
            *_rows(AFTER, full, _changed(full, without_biases, of_all), split, seed),
            *_rows(WITHOUT, full, retrained, split, seed),
            *_rows(AFTER_NORMED, normed, _changed(normed, without_biases, of_convs), split, seed),
            *_rows(FOLDED, normed, _changed(normed, folded_into_norms, of_convs), split, seed),
        ]


def without_biases(layers: Sequence[Layer], names: Collection[str]) -> tuple[Layer, ...]:
    """The layers, those named without their bias; all else stays.

    Examples
    --------
    >>> dense = Layer("dense", "dense", np.eye(2), np.ones(2))
    >>> without_biases([dense], ["dense"])[0].bias is None, without_biases([dense], [])[0].bias.tolist()
    (True, [1.0, 1.0])
    """
    return tuple(replace(layer, bias=None) if layer.name in names else layer for layer in layers)


def folded_into_norms(layers: Sequence[Layer], names: Collection[str]) -> tuple[Layer, ...]:
    """The layers, the bias of the convolutions named moved into the running mean of the norm that follows each.

    Raises
    ------
    InputError
        A layer named is not followed by a batch norm.

    Examples
    --------
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


def _fitted(split: Split, arm: Arm, seed: int, settings: NetSettings) -> ConvNetClassifier:
    model = ConvNetClassifier(image_shape=split.image_shape, **arm._asdict(), **asdict(settings), random_state=seed)
    return model.fit(split.X_train, split.y_train)


def _changed(full: ConvNetClassifier, remove: Remove, biases: dict[str, list[str]]) -> dict[str, ConvNetClassifier]:
    """Copies of a network with other layers: what was removed -> network."""
    changed = {layer: copy(full) for layer in biases}
    for layer, model in changed.items():
        model.layers_ = remove(full.layers_, biases[layer])
    return changed


def _rows(
    removal: str, full: ConvNetClassifier, changed: dict[str, ConvNetClassifier], split: Split, seed: int
) -> list[Row]:
    of_full = _accuracy(full, split)
    rows: list[Row] = []
    for layer, model in changed.items():
        accuracies = {"accuracy": _accuracy(model, split), "full_accuracy": of_full}
        rows.append({"removal": removal, "layer": layer, "seed": seed, **accuracies})
    return rows


def _accuracy(model: ConvNetClassifier, split: Split) -> float:
    return float(np.mean(model.predict(split.X_test) == split.y_test))
