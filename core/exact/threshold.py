"""One unit, activation(w x + b), beside its twin activation(w x): where each switches, and how often it is active.

The unit is active where w x + b > 0. It switches at x = -b / w: w sets how steep the switch is and, by its sign, which
side is active; b sets where it is.
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..arms import ARMS, Columns
from ..checks import choice, number
from ..format import say, setting
from ..models.activations import ACTIVATIONS, threshold
from ..question import Found
from .threshold_sides import active_shares, fate_counts, fate_shares

N_INPUTS = 1000
LARGEST = 1_000_000
X_RANGE = (-4.0, 4.0)


@dataclass(frozen=True)
class UnitPair:
    """A unit and its twin without bias."""

    weight: float  # as the bias from -1e6 to 1e6
    bias: float
    activation: str  # a name in `ACTIVATIONS`

    def __post_init__(self) -> None:
        choice("activation", self.activation, ACTIVATIONS)
        number("weight", self.weight, -LARGEST, LARGEST)
        number("bias", self.bias, -LARGEST, LARGEST)

    @property
    def thresholds(self) -> dict[str, float | None]:
        """Arm -> the input x at which it switches, or None where w is 0."""
        return {arm: threshold(self.weight, bias) for arm, bias in zip(ARMS, (self.bias, 0.0), strict=True)}

    @cached_property
    def shares(self) -> dict[str, float]:
        """Fate -> share of 1,000 normal inputs that has it."""
        return fate_shares(self.weight * normal_inputs(), self.bias)

    @property
    def share_active(self) -> dict[str, float]:
        """Arm -> share of 1,000 normal inputs for which it is active."""
        return active_shares(self.shares)

    def to_frame(self) -> pd.DataFrame:
        """The two curves: x, arm, output."""
        return pd.DataFrame(self.curves())

    def curves(self) -> Columns:
        """The columns of `to_frame`."""
        switches = [x for x in self.thresholds.values() if x is not None]
        jumps = [x + step for x in switches for step in (-1e-9, 0.0, 1e-9)]  # so that a step is drawn upright
        x = np.union1d(np.linspace(*X_RANGE, 161), [x for x in jumps if X_RANGE[0] <= x <= X_RANGE[1]])
        function = ACTIVATIONS[self.activation].function
        outputs = [function(self.weight * x + bias) for bias in (self.bias, 0.0)]
        return {"x": np.tile(x, 2), "arm": np.repeat(ARMS, x.size), "output": np.concatenate(outputs)}

    def marks(self) -> Columns:
        """The thresholds that lie in the drawn range of x, as columns: arm, x, label."""
        drawn = {arm: x for arm, x in self.thresholds.items() if x is not None and X_RANGE[0] <= x <= X_RANGE[1]}
        labels = [f"{arm}: x = {setting(float(f'{x:.3g}'))}" for arm, x in drawn.items()]
        return {"arm": list(drawn), "x": list(drawn.values()), "label": labels}

    def histogram(self) -> Columns:
        """Pre-activations w x of 1,000 normal inputs by bin and fate, as columns: start, end, fate, order, count."""
        ordered = np.sort(self.weight * normal_inputs())
        width = max(0.25, float(np.abs(ordered).max()) / 100)  # as wide for every w that fits the axis
        n_bins = int(np.abs(ordered).max() / width) + 2
        return fate_counts(ordered, width * np.arange(-n_bins, n_bins + 1), self.bias)

    def cuts(self) -> Columns:
        """Both thresholds, as columns: arm, x (-b / w, None where w is 0), z (-b or 0, on the axis of w x)."""
        return {"arm": ARMS, "x": list(self.thresholds.values()), "z": [-self.bias + 0.0, 0.0]}

    @property
    def switch_sentence(self) -> str:
        """Where the unit with bias switches, and which side is active."""
        if self.weight == 0:
            output = float(ACTIVATIONS[self.activation].function(np.array([self.bias]))[0])
            return (
                "With w = 0 the input has no say: there is no threshold, and the output is "
                f"{say(output)} everywhere, whatever x is."
            )
        x = -self.bias / self.weight + 0.0
        side = "right" if self.weight > 0 else "left"
        flip = "" if self.weight > 0 else " Because w is negative, the sides are swapped."
        return (
            f"The switch sits at x = −b / w = **{setting(float(f'{x:.3g}'))}** with the bias and at x = 0 without; "
            f"w x + b is positive to the {side} of it.{flip}"
        )

    @property
    def share_sentence(self) -> str:
        """For how many inputs each twin is active."""
        with_bias, without = self.share_active.values()
        if self.weight == 0:
            passes = (
                "every input with the bias, for none without" if self.bias > 0 else "no input, with the bias or without"
            )
            return f"With w = 0 the sum w x + b is b, whatever the input: it is above 0 for {passes}."
        dead = " It is dead for all of them: no input passes, and no gradient flows." if with_bias == 0 else ""
        return (
            f"Above the threshold: **{with_bias:.1%}** of {N_INPUTS:,} normal inputs with the bias, "
            f"**{without:.1%}** without.{dead if self.activation == 'relu' else ''}"
        )


def output_range(activation: str) -> tuple[float, float]:
    """The ends of an axis of outputs that holds the activation for every bias: (low, high)."""
    function = ACTIVATIONS[activation].function
    low, high = function(np.array([-1e3, 1e3]))
    bottom = -5.0 if low < -100 else -1.5 if low < -1 else min(low, 0.0) - 0.3
    return bottom, 5.0 if high > 1 else high + 0.3


@lru_cache(maxsize=1)
def normal_inputs() -> NDArray[np.float64]:
    """The 1,000 inputs from a standard normal distribution, the same ones at every call."""
    inputs = np.random.default_rng(0).standard_normal(N_INPUTS)
    inputs.setflags(write=False)
    return inputs


KINDS = ("inputs around 0", "inputs never below 0")


@dataclass(frozen=True)
class FreshUnits:
    """The share of fresh ReLU units that no input of a sample reaches, by the bias that all of them start with.

    A unit is dead at bias b when its largest pre-activation over the sample is at most -b.
    """

    largest: dict[str, NDArray[np.float64]]  # kind of input -> each unit's largest pre-activation, (n_units,)

    def share_dead(self, bias: float) -> dict[str, float]:
        """Kind of input -> share of dead units, from 0 to 1, when all start with this bias."""
        return {kind: float(np.mean(largest <= -bias)) for kind, largest in self.largest.items()}

    @property
    def dead_sentence(self) -> str:
        """What starting at 0.1 instead of 0 changes."""
        at_zero, at_tenth = self.share_dead(0.0), self.share_dead(0.1)
        n_units = next(iter(self.largest.values())).size
        parts = [
            f"with {kind} **{_part(at_zero[kind])}** dead at b = 0{_interval(at_zero[kind], n_units)} and "
            f"**{_part(at_tenth[kind])}** at b = 0.1{_interval(at_tenth[kind], n_units)}"
            for kind in self.largest
        ]
        return f"Of {n_units:,} new ReLU units with random weights, {'; '.join(parts)}."


@lru_cache(maxsize=4)
def fresh_units(*, n_units: int = 2000, n_weights: int = 9, n_inputs: int = N_INPUTS, seed: int = 0) -> FreshUnits:
    """Draw units with He-normal weights, N(0, 2 / n_weights), and find each one's largest pre-activation.

    Nine weights are one 3x3 kernel. Inputs are standard normal, and their absolute values. Source: He et al. (2015),
    "Delving deep into rectifiers".
    """
    generator = np.random.default_rng(seed)
    weights = generator.standard_normal((n_units, n_weights)) * np.sqrt(2 / n_weights)
    inputs = generator.standard_normal((n_weights, n_inputs))
    samples = dict(zip(KINDS, (inputs, np.abs(inputs)), strict=True))
    return FreshUnits({kind: (weights @ sample).max(axis=1) for kind, sample in samples.items()})


def _part(share: float) -> str:
    """A share of units, with its verb."""
    return f"{share:.1%} are" if share else "none is"


def _interval(share: float, n: int) -> str:
    """Wilson's 95% interval of a share of n units, in brackets; nothing where none is."""
    if not share:
        return ""
    z = 1.96
    middle, reach = share + z**2 / (2 * n), z * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    low, high = (100 * (middle + side * reach) / (1 + z**2 / n) for side in (-1, 1))
    return f" (95% interval {low:.1f} to {high:.1f})"


def answer() -> Found:
    """What the page asks first, answered by its own numbers."""
    first, second = (threshold(1.0, bias) or 0.0 for bias in (1.0, 2.0))
    way = "to the left" if second < first else "to the right" if second > first else "nowhere"
    sentence = f"With w = 1 it is at {setting(first)} for b = 1, at {setting(second)} for b = 2."
    return Found(way, sentence)
