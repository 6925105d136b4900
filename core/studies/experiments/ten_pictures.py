"""Ten labelled pictures under another light: what is best moved to adapt a trained network, its biases or its weights?

The small network of all studies is trained on digits as they are. Then it sees ten labelled training pictures, one a
class, under new conditions: in the dark (times 0.1) or in fog (half the contrast, plus 0.4). Biases alone, the dense
layer alone or all weights and biases take 200 steps of Adam on all ten. One arm learns nothing and needs no labels: it
multiplies every bias by the light of the same ten pictures (`core.models.layers.light_of`).

Chosen before any run: the steps, the light, the fog, and that the biases take rate 0.01, while each rival takes the
rate that is best for it on the test pictures, which favours the rivals. Of these there were three, 0.001 to 0.01; two
lower ones were added when the rivals were best at the lower end, so that the best lies between others.
"""

from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd

from ...data.digits import Floats, Split
from ...data.tasks import TASKS
from ...format import setting
from ...models.layers import light_of, scale_biases
from ...models.training import Learns, Trainer, loss_and_accuracy
from ..paired import NetSettings, fitted_network
from ..switches import Arm
from ..verdicts import mean_in_words
from .by_epoch import Layers
from .experiment import Comparison, Experiment, Results, Row, percent_intervals

DARK, FOG = "dark", "fog"
LIGHT = 0.1
WEATHER: dict[str, Callable[[Floats], Floats]] = {
    DARK: lambda X: X * np.float32(LIGHT),
    FOG: lambda X: X * np.float32(0.5) + np.float32(0.4),
}
"""What happens to the light -> what becomes of the pictures."""
TITLES = {DARK: "In the dark: a tenth of the light", FOG: "In fog: half the contrast, light added"}

UNADAPTED, DIMMED = "as trained", "biases times the light"
BIASES, DENSE, ALL = "biases alone", "dense layer alone", "all weights and biases"
LEARNS: dict[str, Learns | None] = {
    BIASES: lambda _, part: part == "bias",
    DENSE: lambda layer, _: layer == "dense",
    ALL: None,
}
RIVALS = (DENSE, ALL)
RATES = (0.0001, 0.0003, 0.001, 0.003, 0.01)
BIASES_RATE = 0.01
STEPS = 200
IN_IT, BACK = "in it", "back at full light"
STATES = {"accuracy": IN_IT, "back": BACK}
"""Column of the runs -> where the adapted network is tried."""
MARGIN = TASKS["digits"].margin


def experiment(n_epochs: int | None = None, steps: int = STEPS) -> Experiment:
    """Every way to adapt, in both weathers; without a number of epochs, the task's own.

    The rows have weather, arm (with its rate, as `arm_name` gives it), seed, accuracy (on the test pictures in that
    weather) and back (on the same pictures at full light, with the network as it was adapted).
    """
    comparisons = tuple(
        Comparison(
            arm_name(BIASES, BIASES_RATE),
            arm_name(rival, rate),
            f"adapting the biases alone and not {rival.replace(' alone', '')} at rate {setting(rate)}",
            MARGIN,
            measure="accuracy",
            where=(("weather", weather),),
            opening=TITLES[weather].split(":")[0],
        )
        for weather in WEATHER
        for rival in RIVALS
        for rate in RATES
    )
    return Experiment("ten_pictures", partial(_one_seed, n_epochs, steps), comparisons)


def arm_name(what: str, rate: float) -> str:
    """What learns, and how fast.

    Examples
    --------
    >>> arm_name("biases alone", 0.01)
    'biases alone, rate 0.01'
    """
    return f"{what}, rate {setting(rate)}"


def best_arms(results: Results, weather: str) -> list[str]:
    """The arms to show: the two that need no rate, the biases at theirs, each rival at its best one."""
    runs = results.runs[results.runs["weather"] == weather]
    means = runs.groupby("arm")["accuracy"].mean()
    rivals = [max((arm_name(rival, rate) for rate in RATES), key=lambda arm: float(means[arm])) for rival in RIVALS]
    measured = [UNADAPTED, DIMMED] if DIMMED in means.index else [UNADAPTED]
    return [*measured, arm_name(BIASES, BIASES_RATE), *rivals]


def adapted_rows(results: Results, weather: str) -> pd.DataFrame:
    """The arms of `best_arms`: title, state ("in it" or "back at full light"), mean, low95, high95 (per cent)."""
    found = {
        (arm, state): results.values(measure, weather=weather, arm=arm)
        for arm in best_arms(results, weather)
        for measure, state in STATES.items()
    }
    return percent_intervals(["title", "state"], found)


def gain_sentence(results: Results, weather: str) -> str:
    """What biases alone gain on all weights and biases at their best rate."""
    return results.sentence(weather=weather, other=best_arms(results, weather)[-1])


def short_sentence(results: Results) -> str:
    """What biases alone gain on all weights and biases at their best rate, in both weathers."""
    dark, fog = (results.difference(weather=weather, other=best_arms(results, weather)[-1]) for weather in (DARK, FOG))
    return (
        f"In the dark, biases alone against all weights at their best rate: **{dark.numbers}** ({dark.verdict}); in "
        f"fog {fog.numbers} ({fog.verdict})."
    )


def sentence(results: Results, weather: str) -> str:
    """What each arm reaches in one weather and back at full light, and what biases alone gain on the best rival."""
    arms = best_arms(results, weather)
    parts = []
    for arm in arms:
        there, back = (
            mean_in_words(100 * results.values(measure, weather=weather, arm=arm), "%") for measure in STATES
        )
        parts.append(f"{arm}: {there}, back at full light {back}")
    return f"{'; '.join(parts)}. {gain_sentence(results, weather)}"


def _one_seed(n_epochs: int | None, steps: int, seed: int) -> list[Row]:
    task = TASKS["digits"]
    split = task.draw(seed)
    settings = NetSettings(n_epochs=task.n_epochs if n_epochs is None else n_epochs)
    trained = fitted_network(split, Arm(True, True), seed, settings).layers_
    return [
        {"weather": weather, "arm": arm, "seed": seed, **_measured(layers, split, weather)}
        for weather in WEATHER
        for arm, layers in _adapted(trained, split, weather, steps, seed).items()
    ]


def _adapted(trained: Layers, split: Split, weather: str, steps: int, seed: int) -> dict[str, Layers]:
    """Arm -> the network after it has seen the ten pictures."""
    ten = ten_rows(split, seed)
    images, labels = _images(WEATHER[weather](split.X_train[ten]), split), split.y_train[ten]
    found = {UNADAPTED: trained}
    if weather == DARK:  # fog is no light that all is multiplied by
        found[DIMMED] = scale_biases(trained, light_of(images, split.X_train))
    for what, learns in LEARNS.items():
        for rate in RATES:
            trainer = Trainer(trained, rate, learns=learns)
            for _ in range(steps):
                trainer.step(images, labels)
            found[arm_name(what, rate)] = trainer.layers
    return found


def ten_rows(split: Split, seed: int) -> Floats:
    """One training picture a class, drawn by the seed: their rows."""
    random = np.random.default_rng((seed, 4))
    return np.array([random.choice(np.flatnonzero(split.y_train == label)) for label in range(10)])


def _measured(layers: Layers, split: Split, weather: str) -> dict[str, float]:
    sides = {"accuracy": WEATHER[weather](split.X_test), "back": split.X_test}
    return {name: loss_and_accuracy(layers, _images(X, split), split.y_test)[1] for name, X in sides.items()}


def _images(X: Floats, split: Split) -> Floats:
    return X.reshape(-1, *split.image_shape)
