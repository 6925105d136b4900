r"""That a changed file computes what the old one did: each pair of layer and norm, before and after, on random input.

At each of its places a convolution gives the product of its kernels with what they lie on, and so does a dense layer
with its one place; that product is taken here in float64 with the numbers as they stand in the two files, for 16 places
of normal random input.

    evaluation    gamma (z - m) / sqrt(v + eps) + beta with the running m and v
    training      the same with the mean and variance of the 16 places
"""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..module import Module
from .bias_values import Numbers, norm_numbers
from .layers import key
from .norm_pairs import Pair
from .safetensors_file import Checkpoint

Floats: TypeAlias = NDArray[np.float64]

N_PLACES = 16
COLUMNS = ["layer", "norm", "evaluation", "training", "largest_output"]


@np.errstate(over="ignore", invalid="ignore", divide="ignore")
def prove_stripped(
    old: Checkpoint, new: Checkpoint, layers: Sequence[Module], pairs: Mapping[str, Pair], eps: float
) -> pd.DataFrame:
    """With the bias and the old running mean, against without and the new one; see `NewWeights.proof`."""
    rows = []
    for layer in layers:
        pair = pairs[layer.name]
        norms = norm_numbers(old, pair), norm_numbers(new, pair)
        z, z_new = _given(old, layer), _given(new, layer)
        outputs = [_evaluated(part, norm, eps) for part, norm in zip((z, z_new), norms, strict=True) if norm]
        batches = [_trained(part, norm, eps) for part, norm in zip((z, z_new), norms, strict=True) if norm]
        rows.append((layer.name, pair.norm, _gap(*outputs), _gap(*batches), np.abs(outputs[0]).max()))
    return pd.DataFrame(rows, columns=COLUMNS)


@np.errstate(over="ignore", invalid="ignore", divide="ignore")
def prove_folded(
    old: Checkpoint, new: Checkpoint, layers: Sequence[Module], pairs: Mapping[str, Pair], eps: float
) -> pd.DataFrame:
    """Layer and norm, against the one layer that they became; there is no training after folding."""
    rows = []
    for layer in layers:
        norm = norm_numbers(old, pairs[layer.name])
        if norm:
            before = _evaluated(_given(old, layer), norm, eps)
            gap = _gap(before, _given(new, layer))
            rows.append((layer.name, pairs[layer.name].norm, gap, np.nan, np.abs(before).max()))
    return pd.DataFrame(rows, columns=COLUMNS)


def _given(checkpoint: Checkpoint, layer: Module) -> Floats:
    """What the layer gives at each place, (places, channels), with its bias where the file has one."""
    weight, bias = key(layer.name, "weight"), key(layer.name, "bias")
    z = _transposed(checkpoint, layer) if layer.arguments.get("transposed") else _plain(checkpoint, weight)
    return z + checkpoint.read(bias) if bias in checkpoint.tensors else z


def _plain(checkpoint: Checkpoint, weight: str) -> Floats:
    tensor = checkpoint.tensors[weight]
    x = np.random.default_rng(0).normal(size=(N_PLACES, tensor.size // tensor.shape[0]))
    return np.concatenate([x @ rows.T for _row, rows in checkpoint.rows(weight)], axis=1)


def _transposed(checkpoint: Checkpoint, layer: Module) -> Floats:
    """Each input spreads over the outputs of its group; at a place that one number of the kernel reaches."""
    weight, channels = key(layer.name, "weight"), layer.channels or 0
    inputs, columns = checkpoint.tensors[weight].shape[:2]
    groups = channels // columns
    x = np.random.default_rng(0).normal(size=(N_PLACES, inputs))
    z = np.zeros((N_PLACES, groups, columns))
    for row, rows in checkpoint.rows(weight):
        reached = rows.reshape(len(rows), columns, -1)[:, :, 0]
        for at, numbers in enumerate(reached, start=row):
            z[:, at * groups // inputs] += x[:, at, None] * numbers
    return z.reshape(N_PLACES, channels)


def _evaluated(z: Floats, norm: Numbers, eps: float) -> Floats:
    scale, offset, mean, variance = norm
    return scale * (z - mean) / np.sqrt(variance + eps) + offset


def _trained(z: Floats, norm: Numbers, eps: float) -> Floats:
    return _evaluated(z, (*norm[:2], z.mean(axis=0), z.var(axis=0)), eps)


def _gap(one: Floats, other: Floats) -> float:
    return float(np.abs(one - other).max())
