"""Does the norm cancel it? A bias added to the maps of a real convolution, before each norm of `core.models.norms`.

Four 3 x 3 kernels, He-normal from a seed, "same" padding, slide over 16 of scikit-learn's digits: x is (16, 4, 8, 8).
The channels get b, -b / 2, b / 4 and -b / 8: a bias that is equal in all channels would be subtracted by LayerNorm and
GroupNorm too, and show nothing. The same convolution is then folded with a BatchNorm.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from ..arms import ARMS
from ..checks import choice, number
from ..data.digits import digits
from ..format import say, setting
from ..models.convolution import conv2d
from ..models.norms import NORMS, Floats, bias_gradient, fold
from ..question import Found

STAGES = ("before", "after")
PATTERN = np.array([1.0, -0.5, 0.25, -0.125])[:, None, None]  # the channels' biases, over b
N_PICTURES = 16
LARGEST = 1_000_000
SAME = 1e-9
BINS = np.linspace(-8, 8, 65)
CANCELLED, NOT_CANCELLED = "cancelled exactly", "not cancelled"
TITLES = {name: norm.title for name, norm in NORMS.items()}
"""Norm -> as a reader writes it, in the order of the rows."""


@dataclass(frozen=True)
class NormSettings:
    """What is chosen."""

    b: float = 0.5  # from -1e6 to 1e6; the four channels get b, -b / 2, b / 4 and -b / 8
    groups: int = 2  # of GroupNorm: 1, 2 or 4
    seed: int = 0  # draws pictures, kernels, the upstream gradient, and the scale and offset of the folded norm

    def __post_init__(self) -> None:
        number("b", self.b, -LARGEST, LARGEST)
        choice("groups", self.groups, (1, 2, 4), hint="It must divide the four channels.")


@dataclass(frozen=True, eq=False)
class NormStudy:
    """What each norm makes of one bias.

    `rows` has one row per norm: norm, title, change (the largest of any output against b = 0), gradient (the largest
    size of a channel's), verdict, axes, reason.
    """

    settings: NormSettings
    outputs: dict[str, tuple[Floats, Floats]]  # norm -> (output with b, output without), each (16, 4, 8, 8)
    rows: pd.DataFrame

    def to_frame(self) -> pd.DataFrame:
        """A copy of `rows`."""
        return self.rows.copy()

    def table(self) -> pd.DataFrame:
        """What moves with b: norm (its title), largest_change, gradient_of_b, verdict."""
        titles = {"title": "norm", "change": "largest_change", "gradient": "gradient_of_b", "verdict": "verdict"}
        return self.rows[list(titles)].rename(columns=titles)

    def reasons(self) -> pd.DataFrame:
        """What does not: norm (its title), mean_taken_over, why."""
        titles = {"title": "norm", "axes": "mean_taken_over", "reason": "why"}
        return self.rows[list(titles)].rename(columns=titles)

    def histogram(self, norm: str) -> pd.DataFrame:
        """Values of the first channel, which gets b itself, by bin: norm, stage, arm, start, end, count.

        Values beyond -8 and 8 are in no bin.
        """
        frames = [
            pd.DataFrame({"norm": norm, "stage": stage, "arm": arm, "start": BINS[:-1], "end": BINS[1:], "count": n})
            for stage, values in self._stages(norm).items()
            for arm, n in zip(ARMS, (np.histogram(one, BINS)[0] for one in values), strict=True)
        ]
        return pd.concat(frames, ignore_index=True)

    def _stages(self, norm: str) -> dict[str, tuple[Floats, Floats]]:
        """Stage -> the first channel's values with b and without."""
        sums = _material(self.settings.seed).sums
        pairs = (sums + self.settings.b, sums), self.outputs[norm]
        return {stage: (pair[0][:, 0], pair[1][:, 0]) for stage, pair in zip(STAGES, pairs, strict=True)}

    def channel_sentence(self, norm: str) -> str:
        """Where the first channel's mean goes before and after a norm."""
        (before, before_0), (after, after_0) = (
            tuple(_say_mean(float(values.mean())) for values in pair) for pair in self._stages(norm).values()
        )
        gone = sum(int((np.abs(pair[0]) > BINS[-1]).sum()) for pair in self._stages(norm).values())
        beyond = f" Beyond the axis, and not drawn: {say(gone)} values with *b*." if gone else ""
        return (
            f"The mean of channel 1 goes from {before_0} to **{before}** before the norm, and from {after_0} to "
            f"**{after}** after it.{beyond}"
        )

    @property
    def sentence(self) -> str:
        """Which norms cancel b, counted."""
        titles = self.rows["title"][self.rows["verdict"] == CANCELLED].tolist()
        named = ", ".join(titles[:-1]) + " and " + titles[-1]
        largest = self.rows["change"][self.rows["verdict"] == CANCELLED].max()
        if self.settings.b == 0:
            moved = "Now *b* is 0, and there is nothing to cancel; the verdicts are those of *b* = 1 and −1."
        else:
            moved = f"There the largest change of any output at *b* = {setting(self.settings.b)} is {say(largest)}: "
            moved += "the rounding of the computer's numbers." if largest else "none at all."
        return f"**{len(titles)} of {len(self.rows)} cancel it**: {named}. {moved}"


def norm_table(settings: NormSettings) -> NormStudy:
    """Add b to the maps before each norm, and look what is left of it after.

    Whether a norm cancels is found at b = 1 and b = -1, whatever b is chosen: at 0 there is nothing to cancel.

    Examples
    --------
    >>> study = norm_table(NormSettings(b=2.0, groups=4))
    >>> study.rows["title"][study.rows["verdict"] == "cancelled exactly"].tolist()
    ['BatchNorm (training)', 'InstanceNorm', 'GroupNorm']
    """
    material = _material(settings.seed)
    biased = material.sums + settings.b * PATTERN
    outputs, rows = {}, []
    for name, norm in NORMS.items():
        without, cancels = _output_without_bias(name, settings.groups, settings.seed)
        outputs[name] = norm.forward(biased, settings.groups), without
        gradient = bias_gradient(norm, biased, material.upstream, groups=settings.groups)
        rows.append(
            {
                "norm": name,
                "title": norm.title,
                "change": _largest_change(*outputs[name]),
                "gradient": float(np.abs(gradient).max()),
                "verdict": CANCELLED if cancels else NOT_CANCELLED,
                "axes": norm.axes,
                "reason": _reason(name, settings.groups),
            }
        )
    return NormStudy(settings, outputs, pd.DataFrame(rows))


@dataclass(frozen=True, eq=False)
class _Material:
    """Pictures (16, 1, 8, 8), kernels (4, 1, 3, 3), sums of products and an upstream gradient (16, 4, 8, 8)."""

    pictures: Floats
    kernels: Floats
    sums: Floats
    upstream: Floats


@lru_cache(maxsize=8)
def _material(seed: int) -> _Material:
    random = np.random.default_rng(seed)
    pictures = digits(seed).X_train[:N_PICTURES].reshape(N_PICTURES, 1, 8, 8).astype(np.float64)
    kernels = random.normal(0.0, np.sqrt(2 / 9), (len(PATTERN), 1, 3, 3))
    sums = conv2d(pictures, kernels, padding="same").astype(np.float64)
    return _Material(pictures, kernels, sums, random.normal(size=sums.shape))


@lru_cache(maxsize=64)
def _output_without_bias(name: str, groups: int, seed: int) -> tuple[Floats, bool]:
    """A norm's output without b, and whether b = 1 and b = -1 leave it as it is."""
    sums, forward = _material(seed).sums, NORMS[name].forward
    plain = forward(sums, groups)
    changes = [_largest_change(forward(sums + sign * PATTERN, groups), plain) for sign in (1, -1)]
    return plain, max(changes) < SAME * float(np.abs(plain).max())


def _largest_change(one: Floats, other: Floats) -> float:
    return float(np.abs(one - other).max())


def _say_mean(value: float) -> str:
    """A mean in a sentence; what is 0 but for rounding is 0."""
    return say(value if abs(value) > 1e-12 else 0.0)


def _reason(name: str, groups: int) -> str:
    if name == "group_norm" and groups == len(PATTERN):
        return f"One channel a group: this is InstanceNorm. {NORMS['instance_norm'].reason}"
    return NORMS[name].reason


@dataclass(frozen=True, eq=False)
class FoldStudy:
    """The convolution, without a bias, and a BatchNorm with fixed statistics after it, folded into one convolution."""

    biases: pd.DataFrame  # channel, conv_bias ("none"), batch_norm_beta, folded_bias
    difference: float  # the largest between the folded outputs and those of convolution and norm

    @property
    def sentence(self) -> str:
        """That there is a bias now."""
        folded, beta = self.biases["folded_bias"], self.biases["batch_norm_beta"]
        return (
            f"**Your `bias=False` layer has a bias after folding**: {say(folded.iloc[0])} in channel 1, where the "
            f"convolution has none and the norm's beta is {say(beta.iloc[0])}. The outputs are those of convolution "
            f"and norm: the largest difference is {say(self.difference)}."
        )


@lru_cache(maxsize=8)
def fold_study(seed: int = 0) -> FoldStudy:
    """Fold the convolution with a norm whose statistics are the batch's; gamma and beta are drawn from the seed.

    Examples
    --------
    >>> fold_study().difference < 1e-6
    True
    """
    material, random = _material(seed), np.random.default_rng(seed)
    mean, variance = material.sums.mean(axis=(0, 2, 3)), material.sums.var(axis=(0, 2, 3))
    gamma, beta = random.uniform(0.5, 1.5, len(mean)), random.normal(0.0, 0.5, len(mean))
    weights, bias = fold(material.kernels, None, gamma, beta, mean, variance)
    maps = conv2d(material.pictures, weights, bias, padding="same")
    normed = NORMS["batch_norm"].forward(material.sums, 1) * gamma[:, None, None] + beta[:, None, None]
    channels = np.arange(1, len(beta) + 1)
    biases = {"channel": channels, "conv_bias": "none", "batch_norm_beta": beta, "folded_bias": bias}
    return FoldStudy(pd.DataFrame(biases), float(np.abs(maps - normed).max()))


def answer() -> Found:
    """What the page asks first, answered by its own numbers."""
    verdicts = norm_table(NormSettings()).to_frame()["verdict"]
    count = int((verdicts == CANCELLED).sum())
    picked = "two" if count == 2 else "all" if count == len(verdicts) else "five"
    return Found(picked, f"{count} of {len(verdicts)} cancel it exactly: those that subtract each channel's own mean.")
