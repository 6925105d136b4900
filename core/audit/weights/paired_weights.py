"""A file of weights with its layers, each with the norm that is taken to follow it: what is read of both."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ...models.norms import fold
from ..module import Module
from .layers import STATISTICS, key
from .norm_pairs import Pair
from .safetensors_file import Checkpoint, Floats

MAX_WIDTH = 2**18  # weights a filter


@dataclass(frozen=True, eq=False)
class PairedWeights:
    """A file of weights, its modules, the pair of each layer by its name, and the eps of all norms (none is there)."""

    checkpoint: Checkpoint
    modules: tuple[Module, ...]
    pairs: Mapping[str, Pair]
    eps: float

    def read(self, module: str, suffix: str) -> Floats | None:
        """The numbers of a module's tensor; None where there is no such tensor."""
        name = key(module, suffix)
        return self.checkpoint.read(name) if name in self.checkpoint.tensors else None

    def has_sure_norm(self, layer: Module) -> bool:
        """Whether a norm with running statistics is sure to follow."""
        pair = self.pairs.get(layer.name)
        if not pair or not pair.sure:
            return False
        return all(key(pair.norm, suffix) in self.checkpoint.tensors for suffix in STATISTICS)

    def is_wide(self, layer: Module) -> bool:
        """Whether a filter has so many weights that a block of them would fill the memory."""
        tensor = self.checkpoint.tensors[key(layer.name, "weight")]
        return tensor.size > MAX_WIDTH * tensor.shape[0]


class NormNumbers(NamedTuple):
    """Of a norm with running statistics, (channels,) each."""

    scale: Floats
    offset: Floats
    mean: Floats
    variance: Floats


def norm_numbers(weights: PairedWeights, layer: Module) -> NormNumbers:
    """What the norm that surely follows a layer holds; scale 1 and offset 0 where the file has none."""
    norm = weights.pairs[layer.name].norm
    mean, variance = (weights.checkpoint.read(key(norm, suffix)) for suffix in STATISTICS)
    scale, offset = weights.read(norm, "weight"), weights.read(norm, "bias")
    ones, zeros = np.ones_like(mean), np.zeros_like(mean)
    return NormNumbers(ones if scale is None else scale, zeros if offset is None else offset, mean, variance)


def folded_rows(weights: PairedWeights, layer: Module) -> Iterator[tuple[int, Floats, Floats]]:
    """First row, kernels (filters, numbers a filter) and biases (filters,), block by block, a sure norm folded in."""
    bias = weights.read(layer.name, "bias")
    norm = norm_numbers(weights, layer) if weights.has_sure_norm(layer) else None
    for row, kernels in weights.checkpoint.rows(key(layer.name, "weight")):
        part = slice(row, row + len(kernels))
        own = None if bias is None else bias[part]
        if norm:
            numbers = NormNumbers(*(one[part] for one in norm))
            with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
                block, own = fold(kernels[:, :, None, None], own, *numbers, weights.eps)
            kernels = block[:, :, 0, 0]
        yield row, kernels, np.zeros(len(kernels)) if own is None else own
