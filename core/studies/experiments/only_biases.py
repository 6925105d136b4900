"""What can biases do alone? Weights are drawn and frozen, and only the biases learn, in two kinds of network.

One hidden layer of `WIDTHS` units (`core.models.random_network`), and the small convolutional network of all studies,
whose biases alone, weights alone or both learn. What was chosen before any run is said in `CHOSEN`.
"""

from functools import partial

import numpy as np
import pandas as pd

from ...data.tasks import TASKS, Split, Task
from ...format import say, setting
from ...models.network import share_right
from ...models.random_network import LEARNING_RATE, N_EPOCHS, draw_network, network_logits, train_biases, with_biases
from ...models.training import Learns, loss_and_accuracy
from ..paired import NetSettings
from ..verdicts import mean_in_words
from .by_epoch import Training, epochs
from .experiment import Comparison, Experiment, Results, Row, percent_intervals

WIDTHS = (30, 100, 300, 1000, 3000, 10000)
BIASES, WEIGHTS, BOTH = "biases alone", "weights alone", "weights and biases"
CHOSEN = (
    f"Widths and the small network: chosen before any run were Adam at {setting(LEARNING_RATE)} over "
    f"{N_EPOCHS} epochs for all arms, and the widths."
)
ANSWER = "Kernels alone are enough here; biases alone only where there are many kernels to choose from."
"""What the record says to the article's first sentence (a test holds it against the numbers)."""
HIDDEN, CONVOLUTIONAL = "one hidden layer", "convolutional"
LEARNS: dict[str, Learns | None] = {
    BIASES: lambda _, part: part == "bias",
    WEIGHTS: lambda _, part: part == "weights",
    BOTH: None,
}
"""Arm of the convolutional network -> what of it learns; what does not keeps its start, 0 for a bias."""


def experiment(task: Task = TASKS["digits"], widths: tuple[int, ...] = WIDTHS, n_epochs: int = N_EPOCHS) -> Experiment:
    """Every width with its biases alone, and the convolutional network in three arms.

    The rows have net ("one hidden layer", "convolutional"), n_units (hidden units, or filters), arm, seed and accuracy
    on the test pictures, from 0 to 1.
    """
    pairs = ((BIASES, WEIGHTS, "learning biases alone and not weights alone"), (BOTH, WEIGHTS, "learning biases too"))
    where = (("net", CONVOLUTIONAL),)
    opening = "In the small convolutional network"
    comparisons = tuple(
        Comparison(arm, other, gain, task.margin, measure="accuracy", where=where, opening=opening)
        for arm, other, gain in pairs
    )
    return Experiment("only_biases", partial(_one_seed, task, widths, n_epochs), comparisons)


def width_curve(results: Results) -> pd.DataFrame:
    """Accuracy against the number of hidden units whose biases alone learn: n_units, mean, low95, high95 (per cent)."""
    widths = sorted(set(results.runs.loc[results.runs["net"] == HIDDEN, "n_units"]))
    return percent_intervals(["n_units"], {(n,): results.values("accuracy", net=HIDDEN, n_units=n) for n in widths})


def small_network(results: Results) -> pd.DataFrame:
    """The convolutional network's three arms: title, mean, low95, high95 (per cent)."""
    found = {(arm,): results.values("accuracy", net=CONVOLUTIONAL, arm=arm) for arm in LEARNS}
    return percent_intervals(["title"], found)


def short_sentence(results: Results) -> str:
    """What the convolutional network's biases alone, weights alone and both reach, said behind `ANSWER`."""
    kernels = int(results.values("n_units", net=CONVOLUTIONAL, arm=BOTH)[0])
    biases, weights, both = _small_in_words(results)
    return (
        f"The small convolutional network has {say(kernels)}: biases alone read {biases}, weights alone {weights}, "
        f"both {both}, {results.runs['seed'].nunique()} seeds."
    )


def sentence(results: Results) -> str:
    """What biases alone reach in the narrowest and the widest layer, and in the convolutional network."""
    units = results.runs.loc[results.runs["net"] == HIDDEN, "n_units"]
    few, many = (
        f"{mean_in_words(100 * results.values('accuracy', net=HIDDEN, n_units=n), '%')} with {say(n)}"
        for n in (units.min(), units.max())
    )
    small = _small_in_words(results)
    return (
        f"Biases alone get {few} hidden units right and {many} ({results.runs['seed'].nunique()} seeds). In the small "
        f"convolutional network biases alone get {small[0]}, weights alone {small[1]}, both {small[2]}."
    )


def _small_in_words(results: Results) -> list[str]:
    return [mean_in_words(100 * results.values("accuracy", net=CONVOLUTIONAL, arm=arm), "%") for arm in LEARNS]


def _one_seed(task: Task, widths: tuple[int, ...], n_epochs: int, seed: int) -> list[Row]:
    split = task.draw(seed)
    hidden = [(HIDDEN, n, BIASES, _hidden_accuracy(split, n, n_epochs, seed)) for n in widths]
    settings = NetSettings(n_epochs=n_epochs, learning_rate=LEARNING_RATE)
    filters = sum(settings.n_filters)
    small = [(CONVOLUTIONAL, filters, arm, _small_accuracy(split, arm, settings, seed)) for arm in LEARNS]
    return [
        {"net": net, "n_units": units, "arm": arm, "seed": seed, "accuracy": accuracy}
        for net, units, arm, accuracy in hidden + small
    ]


def _hidden_accuracy(split: Split, n_units: int, n_epochs: int, seed: int) -> float:
    layers = draw_network(split.X_train.shape[1], n_units, int(split.y_train.max()) + 1, seed=seed)
    trained = train_biases(layers, split.X_train, split.y_train, n_epochs=n_epochs, seed=seed)
    *_, (biases, _) = trained
    return float(np.mean(share_right(network_logits(with_biases(layers, biases), split.X_test), split.y_test)))


def _small_accuracy(split: Split, arm: str, settings: NetSettings, seed: int) -> float:
    *_, layers = epochs(split, seed, settings, Training(learns=LEARNS[arm]))
    return loss_and_accuracy(layers, split.X_test.reshape(-1, *split.image_shape), split.y_test)[1]
