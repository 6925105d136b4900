"""Popular answers about the bias, tested: claims that people repeat, each with a verdict and the number behind it.

Here are those that exact calculations decide; `core.claims.popular_trained` holds those that trained networks
decide. A verdict is written down, and a test holds each against its numbers. A claim that was not tested here is left
out.
"""

from collections.abc import Callable
from functools import lru_cache

from ..arms import WITH, WITHOUT
from ..data.kernels import KERNELS
from ..data.pictures import SAMPLES
from ..data.tables import NoisyLine
from ..exact.bias_per_position import parameter_sentence
from ..exact.curves import curve_pair
from ..exact.intercept_tradeoff import OriginSettings, origin_curve
from ..exact.logic_gates import gate_table
from ..exact.norms import CANCELLED, NormSettings, norm_table
from ..format import say, setting
from ..models.random_features import ShallowSettings
from ..models.regression import RegressionPair, centre, fit_pair
from .claim import Answer
from .popular_trained import MEASURED

SLOPED = NoisyLine(slope=0.5, intercept=5.0)
"""A line on which dropping the intercept raises what is printed as R²."""
LAW = f"y = {setting(SLOPED.slope)} x + {setting(SLOPED.intercept)} with noise"
LINK = {"slope": setting(SLOPED.slope), "intercept": setting(SLOPED.intercept)}


@lru_cache(maxsize=1)
def popular_answers() -> tuple[Answer, ...]:
    """Every claim with its verdict; worked out at the first call, and kept.

    Raises
    ------
    InputError
        The file of a recorded study is missing or damaged.

    Examples
    --------
    >>> answers = {answer.claim: answer for answer in popular_answers()}
    >>> answers["XOR is impossible without a bias."].verdict
    'false'
    """
    essential, *others = (make() for make in MEASURED)
    return (essential, *(make() for make in EXACT), *others)


def _xor() -> Answer:
    learned = gate_table().set_index("gate")["without_bias"] == "exact"
    others = "XOR is among them" if learned["XOR"] else "XOR is not among them"
    return Answer(
        "XOR is impossible without a bias.",
        "first lessons on neural networks",
        "false",
        "",
        f"Of the {say(len(learned))} gates of two inputs, ReLU units without any bias can be "
        f"{say(int(learned.sum()))}, and {others}: relu(x₁ − x₂) + relu(x₂ − x₁). What they cannot be is a gate "
        "that answers 1 at (0, 0), such as NAND.",
        "curves",
        {"plane": "XOR of the signs"},
    )


def _more_units() -> Answer:
    few, many = (curve_pair(ShallowSettings(units), "absolute").errors for units in (10, 100))
    return Answer(
        "More units make up for missing biases.",
        "threads on small networks",
        "false",
        "",
        f"On the curve |x − 1| ten units with biases are off by {say(few[WITH])}, a hundred without by "
        f"{say(many[WITHOUT])}: without a bias every ReLU switches at 0, however many there are.",
        "curves",
        {"units": "100"},
    )


def _r2_range() -> Answer:
    fit = _sloped().without_bias
    return Answer(
        "R² lies between 0 and 1.",
        "course notes on linear regression",
        "false",
        "",
        f"Without intercept it can fall below 0. On {LAW} it is {say(fit.r2_centered)}: that line is farther from the "
        "points than their mean is.",
        "regression",
        LINK,
    )


def _r2_higher() -> Answer:
    pair = _sloped()
    fit, twin = pair.with_bias, pair.without_bias
    return Answer(
        "R² is higher without intercept, so that line fits better.",
        "outputs of statistics programs, side by side",
        "false",
        "",
        f"On {LAW}, R² as many programs print it is {say(fit.r2_centered)} with intercept and "
        f"{say(twin.r2_uncentered)} without, but the mean squared error goes up from {say(fit.mse)} to "
        f"{say(twin.mse)}. The two R² are divided by different totals.",
        "regression",
        LINK,
    )


def _never_drop() -> Answer:
    curve = origin_curve(OriginSettings())
    return Answer(
        "Never drop the intercept.",
        "textbooks on regression",
        "depends",
        "how far the true intercept is from 0",
        curve.verdict,
        "regression",
        {"intercept": "0"},
    )


def _centred() -> Answer:
    frame = NoisyLine().draw().frame
    pair = fit_pair(*centre(frame[["x"]].to_numpy(), frame["y"].to_numpy()))
    slope, twin = (float(fit.coef[0]) for fit in (pair.with_bias, pair.without_bias))
    return Answer(
        "Centred data need no intercept.",
        "course notes on preparing data",
        "true",
        "",
        f"For a line: with every mean at 0 the slope is {say(slope)} with intercept and {say(twin)} without. The "
        "means that were subtracted are a bias, put in by hand.",
        "regression",
        {"centred": "true"},
    )


def _norm_follows() -> Answer:
    rows = norm_table(NormSettings()).rows
    cancels = rows["verdict"] == CANCELLED
    return Answer(
        "A norm follows, so set bias=False.",
        "threads on “bias=False before batch norm”",
        "depends",
        "which norm, and what stands between",
        f"{' and '.join(rows['title'][cancels])} cancel *b* exactly: no output changes by more than "
        f"{say(float(rows['change'][cancels].max()))}. The others tried here do not: "
        f"{'; '.join(rows['title'][~cancels & (rows['norm'] != 'none')])}.",
        "norms",
        {"norm": "GroupNorm"},
    )


def _layer_norm() -> Answer:
    change = _change("layer_norm")
    return Answer(
        "LayerNorm makes the bias before it redundant.",
        "reviews of transformer code",
        "false",
        "",
        f"It subtracts the mean over all channels, so only what they share goes. With *b* = "
        f"{setting(NormSettings().b)} an output still changes by up to {say(change)}.",
        "norms",
        {"norm": "LayerNorm"},
    )


def _instance_norm() -> Answer:
    change = _change("instance_norm")
    return Answer(
        "Keep a bias before InstanceNorm; it adds freedom.",
        "networks for style transfer, written with the default bias=True",
        "false",
        "",
        f"It is subtracted again: with *b* = {setting(NormSettings().b)} no output changes by more than {say(change)}, "
        "which is rounding. The freedom lies in the norm's own offset.",
        "norms",
        {"norm": "InstanceNorm"},
    )


def _per_pixel() -> Answer:
    picture, kernel = SAMPLES["temple"].read(), KERNELS["edges_x"].array
    channels, height, width = picture.pixels.shape
    return Answer(
        "A convolution has one bias per pixel.",
        "first drawings of a feature map",
        "false",
        "",
        parameter_sentence((len(kernel), len(kernel)), channels, (height, width)),
        "feature_maps",
        {"untied": "true"},
    )


EXACT: tuple[Callable[[], Answer], ...] = (
    *(_norm_follows, _layer_norm, _instance_norm),
    *(_xor, _more_units, _per_pixel),
    *(_r2_range, _r2_higher, _never_drop, _centred),
)


@lru_cache(maxsize=1)
def _sloped() -> RegressionPair:
    frame = SLOPED.draw().frame
    return fit_pair(frame[["x"]], frame["y"])


def _change(norm: str) -> float:
    """The largest change of an output when the channels before a norm get a bias that `NormSettings` begins with."""
    return float(norm_table(NormSettings()).rows.set_index("norm")["change"][norm])
