"""What a bias does to each of many pre-activations z: which pass the threshold, with it and without.

With bias a unit is active where z + b > 0, without where z > 0, so the two thresholds on the axis of z are -b and 0
and every value has one of four fates.
"""

import numpy as np
from numpy.typing import NDArray

from ..arms import WITH, WITHOUT, Columns
from ..models.activations import ACTIVATIONS

Floats = NDArray[np.floating]

FATES = ("only with b", "stopped by b", "passes in both", "stopped in both")
"""In the palette's order: the colour of with bias, of without bias, of data, and grey."""


def is_gate(activation: str) -> bool:
    """Whether the activation is 0 up to its threshold, and never below 0: ReLU and the step."""
    return not np.any(ACTIVATIONS[activation].function(np.array([-1.0, -1e-3])))


def bin_edges(values: Floats, n_bins: int = 60) -> Floats:
    """Edges of equal bins over all values, one edge at exactly 0, so that they stay where they are while b moves.

    The values are of any shape. The first edge (n_edges,) lies below every value, the last at or above every value.

    Examples
    --------
    >>> bin_edges(np.array([-1.0, 2.0]), n_bins=3).tolist()
    [-2.0, -1.0, 0.0, 1.0, 2.0]
    """
    low, high = min(float(values.min()), 0.0), max(float(values.max()), 0.0)
    if (high - low) / n_bins == 0:  # nothing but zeros: room for a threshold on both sides
        low, high = -1.0, 1.0
    width = (high - low) / n_bins
    edges = np.arange(np.floor(low / width + 1e-9) - 1, np.ceil(high / width - 1e-9) + 1) * width
    return edges if edges[-1] >= high else np.append(edges, edges[-1] + width)  # rounding may leave the last edge short


def fate_counts(ordered: Floats, edges: Floats, bias: float) -> Columns:
    """How many values of each bin have which fate, as columns: start and end of the bin, fate, order, count.

    The pre-activations (n,) increase; the edges are as `bin_edges` gives them; the order is the fate's place in
    `FATES`. Only rows with a count are there.

    Examples
    --------
    >>> z = np.array([-0.5, 0.5, 1.5])
    >>> counted = fate_counts(z, np.array([-1.0, 0.0, 1.0, 2.0]), bias=-1.0)
    >>> counted["start"].tolist(), counted["fate"].tolist(), counted["count"].tolist()
    ([-1.0, 0.0, 1.0], ['stopped in both', 'stopped by b', 'passes in both'], [1, 1, 1])
    """
    cuts = np.union1d(edges, [cut for cut in (0.0, -bias) if edges[0] < cut < edges[-1]])
    counts = np.diff(np.searchsorted(ordered, cuts, side="right"))
    start, counts = cuts[:-1][counts > 0], counts[counts > 0]
    order = fate_places(start >= -bias, start >= 0)
    bins = np.searchsorted(edges, start, side="right") - 1
    ends = {"start": edges[bins], "end": edges[bins + 1]}
    return ends | {"fate": np.array(FATES)[order], "order": order, "count": counts}


def fate_shares(values: Floats, bias: float) -> dict[str, float]:
    """The share of values, in any order, from 0 to 1, that has each fate.

    Examples
    --------
    >>> fate_shares(np.array([-3.0, -1.0, 1.0, 3.0]), bias=2.0)["only with b"]
    0.25
    """
    order = fate_places(values > -bias, values > 0)
    return {fate: float(np.mean(order == place)) for place, fate in enumerate(FATES)}


def active_shares(shares: dict[str, float]) -> dict[str, float]:
    """Arm -> the share of values that pass its threshold, from the share of each fate."""
    both = shares["passes in both"]
    return {WITH: both + shares["only with b"], WITHOUT: both + shares["stopped by b"]}


def fate_places(with_bias: NDArray[np.bool_], without: NDArray[np.bool_]) -> NDArray[np.intp]:
    """The place in `FATES` of values that pass, or not, with bias and without."""
    return np.where(with_bias, np.where(without, 2, 0), np.where(without, 1, 3))
