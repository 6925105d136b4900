"""Ten labelled pictures under another light: what is best moved to adapt a trained network, its biases or its weights?

The small network of all studies is trained on digits as they are. Then it sees ten labelled training pictures, one a
class, under new conditions: in the dark (times 0.1) or in fog (half the contrast, plus 0.4). Biases alone, the dense
layer alone or all weights and biases take 200 steps of Adam on all ten. One arm learns nothing and needs no labels: it
multiplies every bias by the light of the same ten pictures (`core.models.layers.light_of`).

What was chosen before any run, and what was not, is said in `CHOSEN`, which the page shows.
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
from .experiment import Comparison, Experiment, Results, Row, percent_intervals, told

DARK, FOG = "dark", "fog"
LIGHT = 0.1
WEATHER: dict[str, Callable[[Floats], Floats]] = {
    DARK: lambda X: X * np.float32(LIGHT),
    FOG: lambda X: X * np.float32(0.5) + np.float32(0.4),
}
"""What happens to the light -> what becomes of the pictures."""
NAMED = {DARK: "the dark", FOG: "fog"}
TITLES = {DARK: "In the dark: a tenth of the light", FOG: "In fog: half the contrast, light added"}

UNADAPTED, DIMMED = "as trained", "biases times the light"
BIASES, DENSE, ALL = "biases alone", "dense layer alone", "all weights and biases"
LEARNS: dict[str, Learns | None] = {
    BIASES: lambda _, part: part == "bias",
    DENSE: lambda layer, _: layer == "dense",
    ALL: None,
}
RIVALS = (DENSE, ALL)
FIRST_RATES, ADDED_RATES = (0.001, 0.003, 0.01), (0.0001, 0.0003)
RATES = (*ADDED_RATES, *FIRST_RATES)
BIASES_RATE = 0.01
STEPS = 200
CHOSEN = (
    f"Ten pictures: chosen before any run were light and fog, {STEPS} steps, rate {setting(BIASES_RATE)} for the "
    f"biases, and that each rival takes the rate that is best on the test pictures, which favours the rivals, of "
    f"{', '.join(map(setting, FIRST_RATES))}. Not so {' and '.join(map(setting, ADDED_RATES))}: they were added when "
    "the rivals were best at the lower end."
)
IN_IT, BACK = "in it", "back at full light"
STATES = {"accuracy": IN_IT, "back": BACK}
"""Column of the runs -> where the adapted network is tried."""
MARGIN = TASKS["digits"].margin


def experiment(n_epochs: int | None = None, steps: int = STEPS) -> Experiment:
    """Every way to adapt, in both weathers; without a number of epochs, the task's own.

    The rows have weather, arm (with its rate, as `arm_name` gives it), seed, accuracy (on the test pictures in that
    weather) and back (on the same pictures at full light, with the network as it was adapted). Compared are the biases
    alone with each rival at each rate, by both, and last what needs no labels with the biases alone.
    """
    against_rivals = tuple(
        Comparison(
            arm_name(BIASES, BIASES_RATE),
            arm_name(rival, rate),
            f"adapting the biases alone and not {rival.replace(' alone', '')} at rate {setting(rate)}",
            MARGIN,
            measure=measure,
            where=(("weather", weather),),
            opening=TITLES[weather].split(":")[0] + (", back at full light" if measure == "back" else ""),
        )
        for measure in STATES
        for weather in WEATHER
        for rival in RIVALS
        for rate in RATES
    )
    unlabelled = Comparison(
        DIMMED,
        arm_name(BIASES, BIASES_RATE),
        "multiplying the biases by the light and not training them",
        MARGIN,
        measure="accuracy",
        where=(("weather", DARK),),
        opening=TITLES[DARK].split(":")[0],
    )
    return Experiment("ten_pictures", partial(_one_seed, n_epochs, steps), (*against_rivals, unlabelled))


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


def gain_sentences(results: Results, weather: str) -> str:
    """What biases alone gain on each rival at its best rate, there and back at full light."""
    rivals = best_arms(results, weather)[-len(RIVALS) :]
    return " ".join(results.sentence(weather=weather, other=rival, measure=at) for rival in rivals for at in STATES)


def short_sentence(results: Results) -> str:
    """What biases alone gain on each rival at its best rate, there and back, and what needs no labels on them."""
    there, back = [], []
    for weather in WEATHER:
        dense, every = best_arms(results, weather)[-len(RIVALS) :]
        gains = [told(results.difference(weather=weather, other=rival)) for rival in (every, dense)]
        there.append(f"in {NAMED[weather]} {gains[0]} and {gains[1]}")
        found = results.difference(weather=weather, other=every, measure="back")
        side = "lead" if found.mean > 0 else "trail"
        back.append(f"{side} after {NAMED[weather]}, {told(found)}: {found.verdict}")
    unlabelled = told(results.difference(weather=DARK, arm=DIMMED))
    return (
        f"Biases alone gain, on all weights and on the dense layer, {', '.join(there)}. Back at full light, against "
        f"all weights, they {'; '.join(back)}. Biases times the light, without labels, gain {unlabelled} on biases "
        f"alone. (Points, 95% interval, {results.runs['seed'].nunique()} seeds; verdicts corrected.)"
    )


def sentence(results: Results, weather: str) -> str:
    """What each arm reaches in one weather and back at full light, and what biases alone gain on each rival."""
    arms = best_arms(results, weather)
    parts = []
    for arm in arms:
        there, back = (
            mean_in_words(100 * results.values(measure, weather=weather, arm=arm), "%") for measure in STATES
        )
        parts.append(f"{arm}: {there}, back at full light {back}")
    return f"{'; '.join(parts)}. {gain_sentences(results, weather)}"


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
