"""Popular answers about the bias, tested: claims that people repeat, each with a verdict and the number behind it.

Here are those that exact calculations decide; `core.claims.popular_trained` holds those that trained networks
decide. A verdict is written down in claims.csv, and a test holds each against its numbers.
"""

from collections.abc import Callable
from functools import lru_cache

from ..arms import WITH, WITHOUT
from ..data.kernels import KERNELS
from ..data.pictures import SAMPLES
from ..data.tables import NoisyLine
from ..exact.bias_per_position import parameter_sentence
from ..exact.curves import curve_pair
from ..exact.intercept_tradeoff import origin_curve
from ..exact.logic_gates import gate_table
from ..exact.norms import CANCELLED, NormSettings, norm_table
from ..format import say, setting
from ..models.random_features import ShallowSettings
from ..models.regression import RegressionPair, centre, fit_pair
from .claim import Answer, claim
from .popular_trained import MEASURED

SLOPED = NoisyLine(slope=0.5, intercept=5.0)
"""A line on which dropping the intercept raises what is printed as R²."""
LAW = f"y = {setting(SLOPED.slope)} x + {setting(SLOPED.intercept)} with noise"


@lru_cache(maxsize=1)
def popular_answers() -> tuple[Answer, ...]:
    """Every claim with its verdict; worked out at the first call, and kept. Raises as `recorded`."""
    essential, *others = (make() for make in MEASURED)
    return (essential, *(make() for make in EXACT), *others)


@claim
def xor() -> str:
    learned = gate_table().set_index("gate")["without_bias"] == "exact"
    others = "XOR is among them" if learned["XOR"] else "XOR is not among them"
    return (
        f"Of the {say(len(learned))} gates of two inputs, ReLU units without any bias can be "
        f"{say(int(learned.sum()))}, and {others}: relu(x₁ − x₂) + relu(x₂ − x₁). What they cannot be is a gate "
        "that answers 1 at (0, 0), such as NAND."
    )


@claim
def more_units() -> str:
    few, many = (curve_pair(ShallowSettings(units), "absolute").errors for units in (10, 100))
    return (
        f"On the curve |x − 1| ten units with biases are off by {say(few[WITH])}, a hundred without by "
        f"{say(many[WITHOUT])}: without a bias every ReLU switches at 0, however many there are."
    )


@claim
def r2_range() -> str:
    fit = _sloped().without_bias
    return (
        f"Without intercept it can fall below 0. On {LAW} it is {say(fit.r2_centered)}: that line is farther from the "
        "points than their mean is."
    )


@claim
def r2_higher() -> str:
    pair = _sloped()
    fit, twin = pair.with_bias, pair.without_bias
    return (
        f"On {LAW}, R² as many programs print it is {say(fit.r2_centered)} with intercept and "
        f"{say(twin.r2_uncentered)} without, but the mean squared error goes up from {say(fit.mse)} to "
        f"{say(twin.mse)}. The two R² are divided by different totals."
    )


@claim
def never_drop() -> str:
    curve = origin_curve(NoisyLine())
    return curve.verdict


@claim
def centred() -> str:
    frame = NoisyLine().draw().frame
    pair = fit_pair(*centre(frame[["x"]].to_numpy(), frame["y"].to_numpy()))
    slope, twin = (float(fit.coef[0]) for fit in (pair.with_bias, pair.without_bias))
    return (
        f"For a line: with every mean at 0 the slope is {say(slope)} with intercept and {say(twin)} without. The "
        "means that were subtracted are a bias, put in by hand."
    )


@claim
def norm_follows() -> str:
    rows = norm_table(NormSettings()).rows
    cancels = rows["verdict"] == CANCELLED
    return (
        f"{' and '.join(rows['title'][cancels])} cancel *b* exactly: no output changes by more than "
        f"{say(float(rows['change'][cancels].max()))}. The others tried here do not: "
        f"{'; '.join(rows['title'][~cancels & (rows['norm'] != 'none')])}."
    )


@claim
def layer_norm() -> str:
    change = _change("layer_norm")
    return (
        f"It subtracts the mean over all channels, so only what they share goes. With *b* = "
        f"{setting(NormSettings().b)} an output still changes by up to {say(change)}."
    )


@claim
def instance_norm() -> str:
    change = _change("instance_norm")
    return (
        f"It is subtracted again: with *b* = {setting(NormSettings().b)} no output changes by more than {say(change)}, "
        "which is rounding. The norm's own offset is free, but PyTorch's InstanceNorm has one only with `affine=True`. "
        "With tracked statistics, in use, it is a norm with fixed ones, and an output changes by up to "
        f"{say(_change('batch_norm_fixed'))}."
    )


@claim
def per_pixel() -> str:
    picture, kernel = SAMPLES["temple"].read(), KERNELS["edges_x"].array
    channels, height, width = picture.pixels.shape
    return parameter_sentence((len(kernel), len(kernel)), channels, (height, width))


EXACT: tuple[Callable[[], Answer], ...] = (
    *(norm_follows, layer_norm, instance_norm),
    *(xor, more_units, per_pixel),
    *(r2_range, r2_higher, never_drop, centred),
)


@lru_cache(maxsize=1)
def _sloped() -> RegressionPair:
    frame = SLOPED.draw().frame
    return fit_pair(frame[["x"]], frame["y"])


def _change(norm: str) -> float:
    """The largest change of an output when the channels before a norm get a bias that `NormSettings` begins with."""
    return float(norm_table(NormSettings()).rows.set_index("norm")["change"][norm])
