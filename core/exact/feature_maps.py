"""One filter over one picture, with its bias and without: both maps, what the bias changed, one pixel's arithmetic.

    z[r, c]              = sum over channel, i, j of  weights[channel, i, j] * patch[channel, i, j]     (pre-activation)
    with_bias[r, c]      = activation(z[r, c] + b)
    without_bias[r, c]   = activation(z[r, c])

The patch is the part of the picture around (r, c); outside the picture it is 0 (padding "same"), so maps are as large
as the picture. Sums and values are in units of the picture, in which black is 0 and white is 1.

A filter has weights for every channel and *one* bias: the visitor's kernel stands for each channel, divided by their
number, so that grey gives the same map in one channel as in three. z does not depend on b: `filter_picture` computes it
once, and `FilteredPicture.pair` is what a move of a slider costs.
"""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from ..arms import ARMS, WITHOUT, Columns
from ..checks import choice, number
from ..data.kernels import KERNELS
from ..data.pictures import SAMPLES, Picture
from ..format import setting
from ..models.activations import ACTIVATIONS
from ..question import Found
from .pre_activation import LARGEST, Floats, pre_activation, rows_of_elements
from .threshold_sides import active_shares, bin_edges, fate_counts, fate_shares, is_gate

if TYPE_CHECKING:  # loaded where a frame is made: the first page makes none
    import pandas as pd

LARGEST_BIAS = 1.0  # at either end of the slider where all sums are the same


@dataclass(frozen=True, eq=False)
class FilteredPicture:
    """All that does not depend on b: the pre-activations z, an array (height, width), read-only."""

    pre: Floats

    @cached_property
    def ordered(self) -> Floats:
        """The pre-activations in increasing order, (height * width,)."""
        ordered = np.sort(self.pre.ravel())
        ordered.setflags(write=False)  # one for all visitors, as the picture is
        return ordered

    @cached_property
    def edges(self) -> Floats:
        """Edges of the histogram's bins, (n_bins + 1,); one of them is 0, and none moves with b."""
        return np.asarray(bin_edges(self.pre), dtype=np.float64)

    def pair(self, bias: float, activation: str) -> "FilterPair":
        """The maps with one bias, from -1e6 to 1e6, and without; the activation is a name in `ACTIVATIONS`.

        Examples
        --------
        >>> pair = FilteredPicture(np.array([[0.1, 0.6, 0.9]])).pair(-0.5, "relu")
        >>> pair.with_bias.round(3).tolist(), pair.without_bias.tolist(), pair.share_active["without bias"]
        ([[0.0, 0.1, 0.4]], [[0.1, 0.6, 0.9]], 1.0)
        """
        choice("activation", activation, ACTIVATIONS)
        number("bias", bias, -LARGEST, LARGEST)
        return FilterPair(self, bias, activation)

    def feature_map(self, activation: str, bias: float | Floats = 0.0) -> Floats:
        """activation(z + bias), (height, width); the bias is one for the filter, or one for each position."""
        return np.asarray(ACTIVATIONS[activation].function(self.pre + bias))

    @cached_property
    def farthest(self) -> float:
        """The end of a symmetric scale for z: 99% of the pixels lie within; the largest |z| where that is 0, then 1."""
        sizes = np.abs(self.pre)
        return float(np.percentile(sizes, 99) or sizes.max() or 1.0)

    def scale(self, activation: str) -> tuple[float, float]:
        """The one colour scale (low, high) of both maps, the same for every b.

        It covers the activation of z - s to z + s. Here z runs over the middle 98% of the pre-activations, and over 0,
        so that the threshold is always on the scale; s is a bias that matters to this picture: a sixth of the spread of
        these z, but at least 0.05. (Room for every b would press a map of edges, whose sums are small, into the darkest
        tenth of the scale; a scale that follows b would hide what b does.) What lies beyond the scale is drawn in the
        colour of its end: say so beside the maps. Where all z are the same there is nothing to see but b, and the scale
        has room for the whole slider.
        """
        low, high = np.percentile(self.ordered, (1, 99))
        shift = max((high - low) / 6, LARGEST_BIAS / 20) if high > low else LARGEST_BIAS
        inputs = np.linspace(min(low, 0.0) - shift, max(high, 0.0) + shift, 201)
        outputs = ACTIVATIONS[activation].function(inputs)
        return float(outputs.min()), float(outputs.max())

    @cached_property
    def reach(self) -> tuple[float, float]:
        """The ends (low, high) of a slider of b, at which the map with ReLU is not flat yet; one digit each.

        At the low one at least 2% of the pixels still pass, where as many have a sum above 0; at the high one four
        fifths are not yet in the last colour of the scale. Where all sums are the same it is the whole slider.
        """
        fifth, most = np.percentile(self.pre, (80, 98))
        if self.ordered[0] == self.ordered[-1]:
            return -LARGEST_BIAS, LARGEST_BIAS
        low = _first_digit(0.93 * (most if most > 0 else self.farthest))
        return -low, min(low, _first_digit(self.scale("relu")[1] - max(fifth, 0.0)))

    @property
    def step(self) -> float:
        """The step of that slider: twenty to the lower of the powers of ten of its ends."""
        return float(f"{10.0 ** math.floor(math.log10(min(-self.reach[0], self.reach[1]))) / 20:.3g}")

    @property
    def telling_bias(self) -> float:
        """A bias to begin with: three tenths of the way to the low end; to the high one where all sums are the same."""
        low, high = self.reach
        return float(f"{0.3 * (low if self.ordered[0] < self.ordered[-1] else high):.3g}")

    def decided_pixel(self, bias: float) -> tuple[int, int]:
        """The pixel (row, column) nearest to the middle of those whose sum lies between 0 and -b, so that b decides it.

        One well between them, where there is one; the middle itself where there is none.

        Examples
        --------
        >>> FilteredPicture(np.array([[0.9, 0.06, 0.0, 0.2]])).decided_pixel(-0.1)
        (0, 1)
        """
        middle = self.pre.shape[0] // 2, self.pre.shape[1] // 2
        between = (self.pre > min(0.0, -bias)) & (self.pre < max(0.0, -bias))
        well = np.abs(self.pre + bias / 2) < 0.2 * abs(bias)
        rows, columns = np.nonzero(well if well.any() else between)
        if not rows.size:
            return middle
        nearest = np.argmin((rows - middle[0]) ** 2 + (columns - middle[1]) ** 2)
        return int(rows[nearest]), int(columns[nearest])


@dataclass(frozen=True, eq=False)
class FilterPair:
    """One filter's map with bias, and its twin without."""

    filtered: FilteredPicture
    bias: float
    activation: str

    @property
    def pre(self) -> Floats:
        """Pre-activations z, (height, width)."""
        return self.filtered.pre

    @cached_property
    def with_bias(self) -> Floats:
        """activation(z + b), (height, width)."""
        return self.filtered.feature_map(self.activation, self.bias)

    @cached_property
    def without_bias(self) -> Floats:
        """activation(z), (height, width)."""
        return self.filtered.feature_map(self.activation)

    def to_frame(self) -> "pd.DataFrame":
        """One row per pixel: row, column, pre_activation, with_bias, without_bias."""
        columns = {"pre_activation": self.pre, "with_bias": self.with_bias, "without_bias": self.without_bias}
        return rows_of_elements(("row", "column"), columns)

    def fates(self) -> Columns:
        """The histogram of z in columns, as `fate_counts` gives it: the counts add up to the number of pixels."""
        return fate_counts(self.filtered.ordered, self.filtered.edges, self.bias)

    def cuts(self) -> Columns:
        """The thresholds on the axis of z, as columns: arm, z."""
        return {"arm": ARMS, "z": [-self.bias + 0.0, 0.0]}

    @cached_property
    def shares(self) -> dict[str, float]:
        """Fate -> share of the pixels that has it, from 0 to 1."""
        return fate_shares(self.pre, self.bias)

    @property
    def share_active(self) -> dict[str, float]:
        """Arm -> share of the pixels that are above the threshold, z + b > 0 or z > 0."""
        return active_shares(self.shares)

    @property
    def sentence(self) -> str:
        """What b changed.

        "Active" is said only where the activation is 0 up to its threshold (ReLU, step); for the others, which answer
        on both sides, it says "above the threshold".
        """
        if self.bias == 0:
            return "With b = 0 the two maps are the same; but a zero can be trained."
        state = "active" if is_gate(self.activation) else "above the threshold"
        return self._moved(state) or self._unmoved(state)

    def _moved(self, state: str) -> str:
        """How many pixels take the threshold either way; empty where none does."""
        gained, lost = self.shares["only with b"], self.shares["stopped by b"]
        stopped = f"are {state} without the bias and no longer above it with"
        if state == "active":
            stopped = "pass without the bias and are stopped by"
        sentences = [
            f"{_part(gained)} are {state} only because of the bias." if gained else "",
            f"{_part(lost)} {stopped} b = {setting(self.bias)}." if lost else "",
        ]
        return " ".join(filter(None, sentences))

    def _unmoved(self, state: str) -> str:
        part = _part(self.share_active[WITHOUT])
        verb, either = ("is", "or") if part == "No pixel" else ("are", "and")
        same = np.array_equal(self.with_bias, self.without_bias)
        values = "the two maps are the same" if same else "their values change all the same"
        return (
            f"b = {setting(self.bias)} takes no pixel across the threshold: {part[0].lower()}{part[1:]} "
            f"{verb} {state} with it {either} without it, and {values}."
        )


def filter_picture(picture: Picture, kernel: ArrayLike) -> FilteredPicture:
    """Filter a picture with a kernel (kernel_h, kernel_w) of odd sides: the part of the work that no bias changes."""
    pre = pre_activation(picture, kernel)
    pre.setflags(write=False)
    return FilteredPicture(pre)


def filter_pair(picture: Picture, kernel: ArrayLike, bias: float, activation: str) -> FilterPair:
    """A picture's feature map and its twin without bias: `filter_picture` and `FilteredPicture.pair` in one."""
    return filter_picture(picture, kernel).pair(bias, activation)


def _first_digit(value: float) -> float:
    """A number above 0, rounded down to one digit."""
    power = 10.0 ** math.floor(math.log10(value))
    return float(f"{math.floor(value / power) * power:.0e}")


def _part(share: float) -> str:
    """A share of the pixels in words, at the start of a sentence."""
    if share in (0, 1):
        return "All pixels" if share else "No pixel"
    if not 0.01 <= share <= 0.99:
        return f"{'Less than 1%' if share < 0.5 else 'More than 99%'} of the pixels"
    return f"{share:.0%} of the pixels"


def answer() -> Found:
    """What the page asks first."""
    pair = filter_pair(SAMPLES["temple"].read(), KERNELS["edges_x"].weights, -0.06, "relu")
    after, before = pair.share_active.values()
    picked = "they vanish" if after < before else "they get brighter" if after > before else "they stay"
    shares = f"{before:.0%} of the pixels are active without bias, {after:.0%} with b = −0.06"
    return Found(picked, f"On the temple {shares}: the faint edges are the ones that go.")
