r"""What the biases in a file of weights look like, and which filters they keep from ever being active.

Before a norm with running statistics a bias is told in units of the running standard deviation too, b / sqrt(v + eps).

For inputs x between low and high, the largest that sum(w x) + b can be is found weight by weight,

    upper = b + sum over w of  w high  where w > 0,  w low  where w < 0

and is reached, since each input may take either end: a filter with upper <= 0 is never active after ReLU. Zero padding
puts zeros among the inputs, so that low is taken as at most 0 and high as at least 0; where the range contains 0 that
changes nothing, and otherwise the filter might reach less. A norm after the layer is folded into w and b first.
"""

import math
from collections.abc import Iterator

import numpy as np
import pandas as pd

from ...checks import number
from ...errors import InputError
from ...format import say, setting
from ..module import Module
from .layers import is_layer, key
from .paired_weights import MAX_WIDTH, PairedWeights, folded_rows
from .safetensors_file import BLOCK, Floats

N_BINS = 41
LARGEST_INPUT = 1_000_000
COLUMNS = ["layer", "kind", "count", "smallest", "largest", "zeros", "not_finite", "largest_in_deviations"]


def bias_table(weights: PairedWeights) -> pd.DataFrame:
    """A row per bias of at most a million numbers, norms' offsets among them.

    Columns: layer, kind, count, smallest and largest (values; missing where none is finite), zeros (share that is
    exactly 0), not_finite (how many), largest_in_deviations (largest |b| / sqrt(running_var + eps); missing where no
    norm with running statistics is paired).
    """
    rows = []
    for module, values, relative in _biases(weights):
        finite = values[np.isfinite(values)]
        ends = (finite.min(), finite.max()) if finite.size else (math.nan, math.nan)
        most = math.nan if relative is None else np.abs(relative).max()
        more = (float((values == 0).mean()), values.size - finite.size, float(most))
        rows.append((module.name, module.kind, values.size, *map(float, ends), *more))
    return pd.DataFrame(rows, columns=COLUMNS)


def bias_bins(weights: PairedWeights, *, in_deviations: bool = False) -> pd.DataFrame:
    """How often which values occur, on one scale for all layers.

    Columns: layer, low and high (a bin's ends; 41 bins, 0 at the middle of the middle one), count (above 0). In
    deviations: values in units of the running standard deviation, and only layers with a paired norm that has one.
    """
    biases = [(module.name, relative if in_deviations else values) for module, values, relative in _biases(weights)]
    finite = [(name, values[np.isfinite(values)]) for name, values in biases if values is not None]
    largest = max((float(np.abs(values).max(initial=0)) for _, values in finite), default=0.0) or 1.0
    edges = np.linspace(-1, 1, N_BINS + 1) * largest
    counts = [(name, np.histogram(values, edges)[0]) for name, values in finite]
    rows = [(name, edges[at], edges[at + 1], n[at]) for name, n in counts for at in np.flatnonzero(n)]
    return pd.DataFrame(rows, columns=["layer", "low", "high", "count"])


def never_active(weights: PairedWeights, low: float = 0.0, high: float = 1.0) -> tuple[str, pd.DataFrame]:
    """Which filters of the first layer, in the proposed order, cannot give anything above 0 for any input in a range.

    The range is of what the layer gets (after normalising where a picture is normalised), from -1e6 to 1e6. A sentence,
    and a frame: filter (from 0), upper (the largest that it can give before its activation), never_active. InputError
    where low and high are no range, or the weights of the layer cannot be read filter by filter.
    """
    number("low", low, -LARGEST_INPUT, LARGEST_INPUT)
    number("high", high, low, LARGEST_INPUT)
    module = _first_layer(weights)
    least, most, upper = min(low, 0.0), max(high, 0.0), np.empty(module.channels or 0)
    for row, kernels, bias in folded_rows(weights, module):
        with np.errstate(invalid="ignore", over="ignore"):
            upper[row : row + len(kernels)] = np.maximum(kernels * least, kernels * most).sum(axis=1) + bias
    norm = f" with the norm `{weights.pairs[module.name].norm}` folded in" if weights.has_sure_norm(module) else ""
    inputs = f"inputs from {setting(low)} to {setting(high)}"
    inputs += "" if low <= 0 <= high else ", and the zeros of padding"
    rows = pd.DataFrame({"filter": range(len(upper)), "upper": upper, "never_active": upper <= 0})
    return _never_active_words(f"`{module.name}`{norm}", inputs, upper), rows


def _first_layer(weights: PairedWeights) -> Module:
    module = next(filter(is_layer, weights.modules), None)
    if module is None:
        raise InputError("`layer` must be a convolution or dense layer of the file, got none of that name")
    if module.arguments.get("transposed") is not False:
        raise InputError(f"`layer` must have its outputs on the first axis of its weights, got a {module.kind}")
    if weights.is_wide(module):
        raise InputError(f"`layer` must have at most {MAX_WIDTH:,} weights a filter, got more in {module.kind}")
    return module


def _never_active_words(layer: str, inputs: str, upper: Floats) -> str:
    """How many filters can never be active, of which layer, for which inputs."""
    count, unknown, total = int((upper <= 0).sum()), int(np.isnan(upper).sum()), len(upper)
    more = f" Of {say(unknown)} it cannot be told: their numbers are not finite." if unknown else ""
    if not count:
        return f"No filter of {layer} is found that can never be active, of {say(total)}, for {inputs}.{more}"
    return (
        f"{say(count)} of {say(total)} filters of {layer} can never be active: for {inputs}, the largest that they can "
        f"reach is not above 0.{more}"
    )


def _biases(weights: PairedWeights) -> Iterator[tuple[Module, Floats, Floats | None]]:
    """Each bias, and the same in units of the running standard deviation of what its norm gets, if it has one."""
    for module in weights.modules:
        tensor = weights.checkpoint.tensors.get(key(module.name, "bias"))
        if tensor and len(tensor.shape) == 1 and 0 < tensor.size <= BLOCK and tensor.readable:
            values, relative = weights.checkpoint.read(tensor.name), None
            if weights.has_sure_norm(module):
                variance = weights.checkpoint.read(key(weights.pairs[module.name].norm, "running_var"))
                with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
                    relative = values / np.sqrt(variance + weights.eps)
            yield module, values, relative
