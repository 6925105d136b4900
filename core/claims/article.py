"""What the article that this project grew from claims, point by point, and what was found.

The article: one bias per filter, `output = activation(sum(input * kernel) + bias)`; a line through 50 points of
y = 3x + 2 with noise, with intercept and without; and from this, that a model with a bias fits better.
"""

from functools import lru_cache

from ..arms import WITH
from ..data.kernels import KERNELS
from ..data.tables import NoisyLine
from ..exact.bias_per_position import parameter_count
from ..exact.logic_gates import gate_table
from ..exact.threshold import UnitPair
from ..format import exactly, say, setting
from ..models.regression import fit_pair
from ..question import Found
from ..studies.recorded import recorded, recorded_overview
from ..studies.verdicts import HELPS, HURTS
from .claim import Answer, claim


@lru_cache(maxsize=1)
def article_points() -> tuple[Answer, ...]:
    """The article's five points, in its order; worked out at the first call, and kept.

    Raises as `core.studies.recorded.recorded`.
    """
    return per_filter(), threshold(), more_data(), line(), better()


@claim
def per_filter() -> str:
    weights = KERNELS["edges_x"].array.size
    biases = parameter_count((3, 3), 1, (8, 8), per_position=False) - weights
    return (
        f"A 3 × 3 filter over a grey picture has {say(weights)} weights and {say(biases)} bias, shared by all places."
    )


@claim
def threshold() -> str:
    up, down = (UnitPair(weight, 1.0, "relu") for weight in (1.0, -2.0))
    return (
        f"It switches at x = −b / w: with b = 1 at {_place(up)} for w = 1, at {_place(down)} for w = −2. Silent below "
        "b, says the article; the sign is the other way round: less than −b. Its unit is the picture's: "
        "f(k x; W, k b) = k f(x; W, b)."
    )


@claim
def more_data() -> str:
    learned = (gate_table()[["with_bias", "without_bias"]] == "exact").sum()
    return (
        f"Of the logic gates of two inputs, ReLU units with biases can be {say(int(learned['with_bias']))}, without "
        f"any {say(int(learned['without_bias']))}."
    )


@claim
def line() -> str:
    frame = NoisyLine().draw().frame
    pair = fit_pair(frame[["x"]], frame["y"])
    fit, twin = pair.with_bias, pair.without_bias
    return (
        f"Slope {exactly(fit.coef[0])}, intercept {exactly(fit.intercept or 0.0)}, mean squared error "
        f"{exactly(fit.mse)}; without, slope {exactly(twin.coef[0])}, error {exactly(twin.mse)}."
    )


@claim
def better() -> str:
    verdicts = recorded_overview()["verdict"].to_list()
    tie = recorded("digits").difference().numbers
    return (
        f"On new pictures a bias helps in {verdicts.count(HELPS)} of {len(verdicts)} comparisons, chosen by hand, and "
        f"hurts in {verdicts.count(HURTS)}; on plain digits: {tie}."
    )


def _place(unit: UnitPair) -> str:
    return setting(unit.thresholds[WITH] or 0.0)


def overview_answer() -> Found:
    """Whether biases help on ordinary digits: what the overview asks first."""
    study = recorded("digits")
    choice = {HELPS: "more", HURTS: "fewer"}.get(study.difference().verdict, "about as many")
    return Found(choice, study.sentence())


def matters_answer() -> Found:
    """On how many of the recorded tasks a bias helps: what that page asks first."""
    verdicts = recorded_overview()["verdict"].to_list()
    helps, n = verdicts.count(HELPS), len(verdicts)
    choice = "on most" if helps > 0.6 * n else "on about half" if helps > 0.4 * n else "on a third or fewer"
    return Found(choice, f"It helps in {helps} of {n} comparisons, chosen by hand.")
