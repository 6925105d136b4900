r"""What the biases in a file of weights look like, and which filters they keep from ever being active.

Before a norm with running statistics a bias is told in units of the running standard deviation too, b / sqrt(v + eps).

For inputs x between low and high, the largest that sum(w x) + b can be is found weight by weight,

    upper = b + sum over w of  w high  where w > 0,  w low  where w < 0

and is reached, since each input may take either end: a filter with upper <= 0 is never active after ReLU. Zero padding
puts zeros among the inputs, so that low is taken as at most 0 and high as at least 0; where the range contains 0 that
changes nothing, and otherwise the filter might reach less. A norm after the layer is folded into w and b first.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...errors import InputError
from ...format import say, setting
from ...models.norms import fold
from ..module import Module
from .layers import STATISTICS, is_layer, key
from .norm_pairs import Pair
from .safetensors_file import BLOCK, Checkpoint

Floats: TypeAlias = NDArray[np.float64]
Numbers: TypeAlias = tuple[Floats, Floats, Floats, Floats]  # of a norm: scale, offset, mean, variance

N_BINS = 41
LARGEST_INPUT = 1e6
MAX_WIDTH = 2**18  # weights a filter


@dataclass(frozen=True, eq=False)
class NeverActive:
    """What the filters of one layer can reach.

    Attributes
    ----------
    layer, norm : str
        norm is "" where none was folded in.
    low, high : float
        The range of the inputs, as it was asked for.
    rows : frame
        See `to_frame`.
    """

    layer: str
    norm: str
    low: float
    high: float
    rows: pd.DataFrame

    def to_frame(self) -> pd.DataFrame:
        """Columns: filter (from 0), upper (the largest that it can give before its activation), never_active."""
        return self.rows.copy()

    @property
    def sentence(self) -> str:
        """How many filters can never be active, of which layer, for which inputs."""
        count, total, unknown = (
            int(self.rows["never_active"].sum()),
            len(self.rows),
            int(self.rows["upper"].isna().sum()),
        )
        layer = f"`{self.layer}`{f' with the norm `{self.norm}` folded in' if self.norm else ''}"
        inputs = f"inputs from {setting(self.low)} to {setting(self.high)}"
        inputs += "" if self.low <= 0 <= self.high else ", and the zeros of padding"
        more = f" Of {say(unknown)} it cannot be told: their numbers are not finite." if unknown else ""
        if not count:
            return f"No filter of {layer} is found that can never be active, of {say(total)}, for {inputs}.{more}"
        return (
            f"{say(count)} of {say(total)} filters of {layer} can never be active: for {inputs}, the largest that they "
            f"can reach is not above 0.{more}"
        )


def bias_table(
    checkpoint: Checkpoint, modules: Sequence[Module], pairs: Mapping[str, Pair], eps: float
) -> pd.DataFrame:
    """A row per bias of at most a million numbers, norms' offsets among them.

    Columns: layer, kind, count, smallest and largest (values; missing where none is finite), zeros (share that is
    exactly 0), not_finite (how many), largest_in_deviations (largest |b| / sqrt(running_var + eps); missing where no
    norm with running statistics is paired).
    """
    rows = []
    for module, values in _biases(checkpoint, modules):
        deviations = _deviations(checkpoint, pairs.get(module.name), eps)
        finite = values[np.isfinite(values)]
        ends = (finite.min(), finite.max()) if finite.size else (math.nan, math.nan)
        relative = np.abs(_in_units(values, deviations)).max() if deviations is not None else math.nan
        more = (float((values == 0).mean()), values.size - finite.size, float(relative))
        rows.append((module.name, module.kind, values.size, *map(float, ends), *more))
    columns = ["layer", "kind", "count", "smallest", "largest", "zeros", "not_finite", "largest_in_deviations"]
    return pd.DataFrame(rows, columns=columns)


def bias_bins(
    checkpoint: Checkpoint,
    modules: Sequence[Module],
    pairs: Mapping[str, Pair],
    eps: float,
    in_deviations: bool = False,
) -> pd.DataFrame:
    """How often which values occur, on one scale for all layers.

    Columns: layer, low and high (a bin's ends; 41 bins, 0 at the middle of the middle one), count (above 0). In
    deviations: values in units of the running standard deviation, and only layers with a paired norm that has one.
    """
    found = []
    for module, values in _biases(checkpoint, modules):
        deviations = _deviations(checkpoint, pairs.get(module.name), eps)
        if not in_deviations or deviations is not None:
            values = _in_units(values, deviations) if in_deviations and deviations is not None else values
            found.append((module.name, values[np.isfinite(values)]))
    largest = max((float(np.abs(values).max(initial=0)) for _, values in found), default=0.0) or 1.0
    edges = np.linspace(-1, 1, N_BINS + 1) * largest
    counts = [(name, np.histogram(values, edges)[0]) for name, values in found]
    rows = [(name, edges[at], edges[at + 1], n[at]) for name, n in counts for at in np.flatnonzero(n)]
    return pd.DataFrame(rows, columns=["layer", "low", "high", "count"])


def never_active(
    checkpoint: Checkpoint,
    modules: Sequence[Module],
    pairs: Mapping[str, Pair],
    eps: float,
    *,
    low: float = 0.0,
    high: float = 1.0,
    layer: str = "",
) -> NeverActive:
    """Which filters cannot give anything above 0 for any input in a range.

    Parameters
    ----------
    low, high : float
        From -1e6 to 1e6, low not above high. Of what the layer gets, after normalising where a picture is normalised.
    layer : str
        A convolution or dense layer; "": the first in the proposed order.

    Raises
    ------
    InputError
        low and high are no range, or the layer is none whose weights can be read filter by filter.
    """
    if not -LARGEST_INPUT <= low <= high <= LARGEST_INPUT:
        raise InputError(f"`low` and `high` must be a range from -1e6 to 1e6, got {low} and {high}")
    module = _asked(modules, layer)
    if is_wide(checkpoint, module):
        raise InputError(f"`layer` must have at most {MAX_WIDTH:,} weights a filter, got more in {module.kind}")
    norm = norm_numbers(checkpoint, pairs.get(module.name))
    ends, upper = (min(low, 0.0), max(high, 0.0)), np.empty(module.channels or 0)
    for row, weights, bias in folded_rows(checkpoint, module, norm, eps):
        with np.errstate(invalid="ignore", over="ignore"):
            most = np.maximum(weights * ends[0], weights * ends[1]).sum(axis=1) + bias
        upper[row : row + len(weights)] = most
    rows = pd.DataFrame({"filter": range(len(upper)), "upper": upper, "never_active": upper <= 0})
    return NeverActive(module.name, pairs[module.name].norm if norm else "", low, high, rows)


def norm_numbers(checkpoint: Checkpoint, pair: Pair | None) -> Numbers | None:
    """Scale, offset, mean and variance of the paired norm; None where it has no running statistics, or none is sure."""
    names = [key(pair.norm, suffix) for suffix in STATISTICS] if pair and pair.sure else [""]
    if not pair or not all(name in checkpoint.tensors for name in names):
        return None
    mean, variance = (checkpoint.read(name) for name in names)
    scale, offset = (_read_or(checkpoint, key(pair.norm, suffix)) for suffix in ("weight", "bias"))
    ones, zeros = np.ones_like(mean), np.zeros_like(mean)
    return ones if scale is None else scale, zeros if offset is None else offset, mean, variance


def folded_rows(
    checkpoint: Checkpoint, module: Module, norm: Numbers | None, eps: float
) -> Iterator[tuple[int, Floats, Floats]]:
    """First row, weights (filters, numbers a filter) and biases (filters,), block by block, the norm folded in."""
    bias = _read_or(checkpoint, key(module.name, "bias"))
    for row, weights in checkpoint.rows(key(module.name, "weight")):
        part = slice(row, row + len(weights))
        own = None if bias is None else bias[part]
        if norm:
            with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
                scale, offset, mean, variance = (numbers[part] for numbers in norm)
                kernels, own = fold(weights[:, :, None, None], own, scale, offset, mean, variance, eps)
            weights = kernels[:, :, 0, 0]
        yield row, weights, np.zeros(len(weights)) if own is None else own


def _asked(modules: Sequence[Module], layer: str) -> Module:
    """The layer that is meant."""
    layers = [module for module in modules if is_layer(module)]
    found = [module for module in layers if module.name == layer] if layer else layers[:1]
    if not found:
        raise InputError("`layer` must be a convolution or dense layer of the file, got none of that name")
    if found[0].arguments.get("transposed") is not False:
        raise InputError(f"`layer` must have its outputs on the first axis of its weights, got a {found[0].kind}")
    return found[0]


def is_wide(checkpoint: Checkpoint, module: Module) -> bool:
    """Whether a filter has so many weights that a block of them would fill the memory."""
    tensor = checkpoint.tensors[key(module.name, "weight")]
    return tensor.size > MAX_WIDTH * tensor.shape[0]


def _biases(checkpoint: Checkpoint, modules: Sequence[Module]) -> Iterator[tuple[Module, Floats]]:
    for module in modules:
        tensor = checkpoint.tensors.get(key(module.name, "bias"))
        if tensor and len(tensor.shape) == 1 and 0 < tensor.size <= BLOCK and tensor.readable:
            yield module, checkpoint.read(tensor.name)


def _in_units(values: Floats, deviations: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return values / deviations


def _deviations(checkpoint: Checkpoint, pair: Pair | None, eps: float) -> Floats | None:
    """The running standard deviation of what the paired norm gets."""
    variance = _read_or(checkpoint, key(pair.norm, "running_var")) if pair and pair.sure else None
    if variance is None:
        return None
    with np.errstate(invalid="ignore"):
        deviations: Floats = np.sqrt(variance + eps)
    return deviations


def _read_or(checkpoint: Checkpoint, name: str) -> Floats | None:
    """A tensor's numbers; None where there is no such tensor."""
    return checkpoint.read(name) if name in checkpoint.tensors else None
