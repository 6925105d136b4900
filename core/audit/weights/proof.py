r"""That a changed file computes what the old one did: each pair of layer and norm, before and after, on random input.

At each of its places a convolution gives the product of its kernels with what they lie on, and so does a dense layer
with its one place; that product is taken here in float64 with the numbers as they stand in the two files, for 16 places
of normal random input. Where kernels are of a type that is not read here, of eight bits, normal random numbers stand in
for the product, which the change does not touch.

    evaluation    gamma (z - m) / sqrt(v + eps) + beta with the running m and v
    training      the same with the mean and variance of the 16 places
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ..module import Module
from .layers import key
from .paired_weights import NormNumbers, PairedWeights, norm_numbers
from .safetensors_file import Checkpoint, Floats

N_PLACES = 16
COLUMNS = ["layer", "norm", "evaluation", "training", "largest_output"]


@np.errstate(over="ignore", invalid="ignore", divide="ignore")
def prove(old: PairedWeights, new: PairedWeights, layers: Sequence[Module]) -> pd.DataFrame:
    """Layers and their norms as they were, against what they became; see `NewWeights.proof`."""
    rows = [(layer.name, old.pairs[layer.name].norm, *_differences(old, new, layer)) for layer in layers]
    return pd.DataFrame(rows, columns=COLUMNS)


def _differences(old: PairedWeights, new: PairedWeights, layer: Module) -> tuple[float, float, float]:
    """In evaluation and in training, and the largest output; there is no training after folding."""
    z, z_new = _outputs(old.checkpoint, layer), _outputs(new.checkpoint, layer)
    norm, eps = norm_numbers(old, layer), old.eps
    outputs = _normalise(z, norm, eps)
    largest = np.abs(outputs).max()
    if not new.has_sure_norm(layer):
        return _gap(outputs, z_new), np.nan, largest
    new_norm = norm_numbers(new, layer)
    training = _gap(_train(z, norm, eps), _train(z_new, new_norm, eps))
    return _gap(outputs, _normalise(z_new, new_norm, eps)), training, largest


def _outputs(checkpoint: Checkpoint, layer: Module) -> Floats:
    """What the layer gives at each place, (places, channels), with its bias where the file has one."""
    weight, bias = key(layer.name, "weight"), key(layer.name, "bias")
    transposed = layer.arguments.get("transposed")
    if not checkpoint.tensors[weight].readable:
        z = np.random.default_rng(0).normal(size=(N_PLACES, layer.channels or 0))
    else:
        z = _multiply_transposed(checkpoint, layer) if transposed else _multiply(checkpoint, weight)
    return z + checkpoint.read(bias) if bias in checkpoint.tensors else z


def _multiply(checkpoint: Checkpoint, weight: str) -> Floats:
    tensor = checkpoint.tensors[weight]
    x = np.random.default_rng(0).normal(size=(N_PLACES, tensor.size // tensor.shape[0]))
    return np.concatenate([x @ rows.T for _row, rows in checkpoint.rows(weight)], axis=1)


def _multiply_transposed(checkpoint: Checkpoint, layer: Module) -> Floats:
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


def _normalise(z: Floats, norm: NormNumbers, eps: float) -> Floats:
    return norm.scale * (z - norm.mean) / np.sqrt(norm.variance + eps) + norm.offset


def _train(z: Floats, norm: NormNumbers, eps: float) -> Floats:
    return _normalise(z, norm._replace(mean=z.mean(axis=0), variance=z.var(axis=0)), eps)


def _gap(one: Floats, other: Floats) -> float:
    return float(np.abs(one - other).max())
