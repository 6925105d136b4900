"""Digits in a dim light, read by a network whose biases stay as they were trained, or are dimmed along.

The small network of all studies learns digits at full light. At light k its logits are k times what they were once
every bias is multiplied by k, too (`core.models.layers.scale_biases`), so that no answer changes but by rounding.
Chosen before any run: light 0.03, the dimmest of `core.studies.stress`.
"""

from functools import partial

import numpy as np
import pandas as pd

from ...arms import DIMMED, WITH
from ...data.tasks import TASKS, Split
from ...format import say, setting
from ...models.layers import scale_biases
from ...models.network import predict_logits, share_right
from ..paired import NetSettings, fitted_network
from ..switches import BOTH, Arm
from ..verdicts import mean_in_words
from .by_epoch import Layers
from .experiment import Comparison, Experiment, Results, Row

LIGHT = 0.03


def experiment(n_epochs: int | None = None) -> Experiment:
    """Both ways at the dim light; without a number of epochs, the task's own.

    The rows have arm ("with bias", "biases dimmed along"), seed, accuracy (on the test pictures in that light), changed
    (how many of its answers differ from those at full light) and n (of how many).
    """
    task = TASKS["digits"]
    gain = "dimming the biases along"
    found = Comparison(DIMMED, WITH, gain, task.margin, measure="accuracy", opening=f"At light {setting(LIGHT)}")
    return Experiment("dimmed_digits", partial(_one_seed, n_epochs), (found,))


def sentence(results: Results) -> str:
    """What is right at the dim light either way, and how many answers change."""
    stays, along = (mean_in_words(100 * results.values("accuracy", arm=arm), "%") for arm in (WITH, DIMMED))
    lost, changed = (int(results.values("changed", arm=arm).sum()) for arm in (WITH, DIMMED))
    n = int(results.values("n", arm=DIMMED).sum())
    return (
        f"Digits at light {setting(LIGHT)}, {results.runs['seed'].nunique()} seeds: {stays} right; with every bias "
        f"times {setting(LIGHT)}, too, {along}. Of {say(n)} answers {say(changed)} then differ from those at full "
        f"light, {say(lost)} where the biases stay."
    )


def dimmed_along(rows: pd.DataFrame) -> pd.DataFrame:
    """The network with both biases, dimmed along, against contrast: what it is at contrast 1, at every level.

    `rows` are those of `core.studies.overview.under_stress` by contrast, which clips nothing and adds nothing: so this
    is exact but for rounding, and needs no run. Not so with batch norm, whose eps stays as it is. Columns: level, mean,
    low95, high95 (per cent).
    """
    mine = rows[rows["arm"] == BOTH]
    full = mine[mine["level"] == 1].iloc[0]
    return mine.assign(**{name: full[name] for name in ("mean", "low95", "high95")}).drop(columns="arm")


def _one_seed(n_epochs: int | None, seed: int) -> list[Row]:
    task = TASKS["digits"]
    split = task.draw(seed)
    settings = NetSettings(n_epochs=task.n_epochs if n_epochs is None else n_epochs)
    trained = fitted_network(split, Arm(True, True), seed, settings).layers_
    full = _logits(trained, split, 1.0).argmax(axis=1)
    rows: list[Row] = []
    for arm, layers in {WITH: trained, DIMMED: scale_biases(trained, LIGHT)}.items():
        logits = _logits(layers, split, LIGHT)
        accuracy, changed = share_right(logits, split.y_test).mean(), np.sum(logits.argmax(axis=1) != full)
        rows.append({"arm": arm, "seed": seed, "accuracy": float(accuracy), "changed": int(changed), "n": len(full)})
    return rows


def _logits(layers: Layers, split: Split, light: float) -> np.ndarray:
    return predict_logits(layers, split.X_test.reshape(-1, *split.image_shape) * np.float32(light))
