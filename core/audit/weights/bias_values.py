r"""What the biases in a file of weights look like, and which filters they keep from ever being active.

Before a norm with running statistics a bias is told in units of the running standard deviation too, b / sqrt(v + eps).

For inputs x between low and high, the largest that sum(w x) + b can be is found weight by weight,

    upper = b + sum over w of  w high  where w > 0,  w low  where w < 0

and is reached, since each input may take either end: a filter with upper <= 0 is never active after ReLU. Zero padding
puts zeros among the inputs, so that low is taken as at most 0 and high as at least 0; where the range contains 0 that
changes nothing, and otherwise the filter might reach less. A norm after the layer is folded into w and b first.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ...checks import number
from ...errors import InputError
from ...format import say, setting
from ..module import Module
from .layers import is_layer, key
from .paired_weights import MAX_WIDTH, Floats, PairedWeights, folded_rows
from .safetensors_file import BLOCK

N_BINS = 41
LARGEST_INPUT = 1_000_000
COLUMNS = ["layer", "kind", "count", "smallest", "largest", "zeros", "not_finite", "largest_in_deviations"]


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
        count, unknown = int(self.rows["never_active"].sum()), int(self.rows["upper"].isna().sum())
        total = len(self.rows)
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


def bias_table(weights: PairedWeights) -> pd.DataFrame:
    """A row per bias of at most a million numbers, norms' offsets among them.

    Columns: layer, kind, count, smallest and largest (values; missing where none is finite), zeros (share that is
    exactly 0), not_finite (how many), largest_in_deviations (largest |b| / sqrt(running_var + eps); missing where no
    norm with running statistics is paired).
    """
    rows = []
    for module, values in _biases(weights):
        deviations, finite = _deviations(weights, module), values[np.isfinite(values)]
        ends = (finite.min(), finite.max()) if finite.size else (math.nan, math.nan)
        relative = math.nan if deviations is None else np.abs(_in_units(values, deviations)).max()
        more = (float((values == 0).mean()), values.size - finite.size, float(relative))
        rows.append((module.name, module.kind, values.size, *map(float, ends), *more))
    return pd.DataFrame(rows, columns=COLUMNS)


def bias_bins(weights: PairedWeights, *, in_deviations: bool = False) -> pd.DataFrame:
    """How often which values occur, on one scale for all layers.

    Columns: layer, low and high (a bin's ends; 41 bins, 0 at the middle of the middle one), count (above 0). In
    deviations: values in units of the running standard deviation, and only layers with a paired norm that has one.
    """
    biases = list(_biases_in_deviations(weights) if in_deviations else _biases(weights))
    finite = [(module.name, values[np.isfinite(values)]) for module, values in biases]
    largest = max((float(np.abs(values).max(initial=0)) for _, values in finite), default=0.0) or 1.0
    edges = np.linspace(-1, 1, N_BINS + 1) * largest
    counts = [(name, np.histogram(values, edges)[0]) for name, values in finite]
    rows = [(name, edges[at], edges[at + 1], n[at]) for name, n in counts for at in np.flatnonzero(n)]
    return pd.DataFrame(rows, columns=["layer", "low", "high", "count"])


def never_active(weights: PairedWeights, *, low: float = 0.0, high: float = 1.0, layer: str = "") -> NeverActive:
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
    number("low", low, -LARGEST_INPUT, LARGEST_INPUT)
    number("high", high, low, LARGEST_INPUT)
    module = _find_layer(weights.modules, layer)
    if weights.is_wide(module):
        raise InputError(f"`layer` must have at most {MAX_WIDTH:,} weights a filter, got more in {module.kind}")
    least, most, upper = min(low, 0.0), max(high, 0.0), np.empty(module.channels or 0)
    for row, kernels, bias in folded_rows(weights, module):
        with np.errstate(invalid="ignore", over="ignore"):
            upper[row : row + len(kernels)] = np.maximum(kernels * least, kernels * most).sum(axis=1) + bias
    norm = weights.pairs[module.name].norm if weights.has_sure_norm(module) else ""
    rows = pd.DataFrame({"filter": range(len(upper)), "upper": upper, "never_active": upper <= 0})
    return NeverActive(module.name, norm, low, high, rows)


def _find_layer(modules: Sequence[Module], name: str) -> Module:
    """The layer that is meant."""
    module = next((one for one in modules if is_layer(one) and name in ("", one.name)), None)
    if module is None:
        raise InputError("`layer` must be a convolution or dense layer of the file, got none of that name")
    if module.arguments.get("transposed") is not False:
        raise InputError(f"`layer` must have its outputs on the first axis of its weights, got a {module.kind}")
    return module


def _biases(weights: PairedWeights) -> Iterator[tuple[Module, Floats]]:
    for module in weights.modules:
        tensor = weights.checkpoint.tensors.get(key(module.name, "bias"))
        if tensor and len(tensor.shape) == 1 and 0 < tensor.size <= BLOCK and tensor.readable:
            yield module, weights.checkpoint.read(tensor.name)


def _biases_in_deviations(weights: PairedWeights) -> Iterator[tuple[Module, Floats]]:
    for module, values in _biases(weights):
        deviations = _deviations(weights, module)
        if deviations is not None:
            yield module, _in_units(values, deviations)


def _in_units(values: Floats, deviations: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return values / deviations


def _deviations(weights: PairedWeights, module: Module) -> Floats | None:
    """The running standard deviation of what the paired norm gets."""
    if not weights.has_sure_norm(module):
        return None
    with np.errstate(invalid="ignore"):
        deviations: Floats = np.sqrt(
            weights.checkpoint.read(key(weights.pairs[module.name].norm, "running_var")) + weights.eps
        )
    return deviations
