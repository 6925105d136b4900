r"""A file of weights without its redundant biases, or with each norm folded into its layer.

A norm with running statistics m and v makes of what its layer gives, z + b,

    gamma (z + b - m) / sqrt(v + eps) + beta = gamma (z - (m - b)) / sqrt(v + eps) + beta

so that the bias can go where m' = m - b takes the place of m. In training the norm subtracts the mean of the batch,
which has b in it, and m moves towards it: without b that mean, and where m moves to, are less by b, and m' = m - b
stays true from step to step. Folding instead makes one layer of both, `core.models.norms.fold`, for use after training.
"""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...format import say
from ..module import Module
from .bias_values import MAX_WIDTH, Numbers, folded_rows, is_wide, norm_numbers
from .layers import COUNTER, STATISTICS, key
from .norm_pairs import Pair
from .proof import prove_folded, prove_stripped
from .safetensors_file import NUMPY, Checkpoint, Tensor, decoded, encoded
from .write import Changed, write_checkpoint

Floats: TypeAlias = NDArray[np.float64]

NOT_FLOAT = "Its numbers are not floats of 16 to 64 bits."
NOT_FINITE = "The new numbers would not be finite in the file's type."
NOT_SURE = "Names and shapes do not tell whether the norm stands after the layer or before it."
TRANSPOSED = (
    "It is, or may be, a transposed convolution: which axis holds its outputs depends on groups that the file lacks."
)
TOO_WIDE = f"It has more than {MAX_WIDTH:,} weights a filter."
NEGATIVE = "A running variance is below 0."


@dataclass(frozen=True, eq=False)
class NewWeights:
    """A file that was written.

    Attributes
    ----------
    path : Path
    layers : tuple of str
        Those that were changed.
    left_out : dict of str to str
        Layers that could not be, and why.
    proof : frame
        Columns: layer, norm, evaluation, training (largest absolute difference of outputs before and after, in float64
        on random input; missing where it is no question), largest_output.
    lines : str
        Python that loads the file in PyTorch.
    sentence : str
        What was done, with the numbers.
    """

    path: Path
    layers: tuple[str, ...]
    left_out: dict[str, str] = field(repr=False)
    proof: pd.DataFrame = field(repr=False)
    lines: str = field(repr=False)
    sentence: str = field(repr=False)


def without_redundant(
    checkpoint: Checkpoint,
    layers: Sequence[Module],
    pairs: Mapping[str, Pair],
    path: str | os.PathLike[str],
    eps: float,
) -> NewWeights:
    """Write the file with each redundant bias moved into the running mean of the norm after it.

    The biases' keys are gone, the running means have new numbers of the same type, and every other tensor is copied
    byte for byte. A running mean in 16 bits is rounded as it is written; the proof has that in it.

    Parameters
    ----------
    layers : sequence of Module
        Those whose bias is redundant.
    path : path
        Where to; another file than the one that is read.
    """
    changed: dict[str, Changed] = {}
    gone: dict[str, str] = {}  # layer -> key of its bias
    left_out: dict[str, str] = {}
    for layer in layers:
        bias, mean = key(layer.name, "bias"), key(pairs[layer.name].norm, "running_mean")
        why = TOO_WIDE if is_wide(checkpoint, layer) else _unfloat(checkpoint, bias, mean)
        numbers = None if why else checkpoint.read(mean) - checkpoint.read(bias)
        if numbers is None or not _holds(numbers, checkpoint.tensors[mean].dtype):
            left_out[layer.name] = why or NOT_FINITE
            continue
        gone[layer.name] = bias
        changed[mean] = Changed(checkpoint.tensors[mean].dtype, numbers.shape, partial(_once, numbers))
    new = write_checkpoint(path, checkpoint, without=set(gone.values()), changed=changed)
    proof = prove_stripped(checkpoint, new, [layer for layer in layers if layer.name in gone], pairs, eps)
    return NewWeights(
        new.path,
        tuple(gone),
        left_out,
        proof,
        stripped_lines(new.path.name, list(gone)),
        _moved(checkpoint, new, gone, proof),
    )


def folded(
    checkpoint: Checkpoint,
    modules: Sequence[Module],
    pairs: Mapping[str, Pair],
    path: str | os.PathLike[str],
    eps: float,
) -> NewWeights:
    """Write the file with each norm that has running statistics folded into the layer before it.

    The norms' keys are gone; a layer that had no bias gets one, of the type of its weights. Everything else is copied
    byte for byte. Transposed convolutions are left out, and what is said in `left_out`.

    Parameters
    ----------
    modules : sequence of Module
    path : path
        Where to; another file than the one that is read.
    """
    changed: dict[str, Changed] = {}
    gone, left_out, done = set[str](), dict[str, str](), list[Module]()
    for module in modules:
        pair = pairs.get(module.name)
        if not pair or key(pair.norm, STATISTICS[0]) not in checkpoint.tensors:
            continue
        why = _obstacle(checkpoint, module, pair)
        one = {} if why else _folded(checkpoint, module, pair, eps)
        if not one:
            left_out[module.name] = why or NOT_FINITE
            continue
        changed |= one
        done.append(module)
        gone |= {key(pair.norm, suffix) for suffix in ("weight", "bias", COUNTER, *STATISTICS)}
    new = write_checkpoint(path, checkpoint, without=gone, changed=changed)
    proof = prove_folded(checkpoint, new, done, pairs, eps)
    norms = {module.name: pairs[module.name].norm for module in done}
    said = f"{_count(len(done), 'norm')} folded into the layer before, with eps = {eps:g}{_proved(proof)}."
    return NewWeights(new.path, tuple(norms), left_out, proof, folded_lines(new.path.name, norms), said)


def _folded(checkpoint: Checkpoint, module: Module, pair: Pair, eps: float) -> dict[str, Changed]:
    """New weights and biases by key; nothing where they would not be finite in their type."""
    weight, bias = (checkpoint.tensors.get(key(module.name, suffix)) for suffix in ("weight", "bias"))
    norm = norm_numbers(checkpoint, pair)
    if not weight or not norm:
        return {}
    dtype, biases = bias.dtype if bias else weight.dtype, np.empty(weight.shape[0])
    for row, weights, own in folded_rows(checkpoint, module, norm, eps):
        biases[row : row + len(own)] = own
        if not _holds(np.array([weights.min(), weights.max()]), weight.dtype):
            return {}
    if not _holds(biases, dtype):
        return {}
    kernels = Changed(weight.dtype, weight.shape, partial(_weights, checkpoint, module, norm, eps))
    return {weight.name: kernels, key(module.name, "bias"): Changed(dtype, biases.shape, partial(_once, biases))}


def _weights(checkpoint: Checkpoint, module: Module, norm: Numbers, eps: float) -> Iterator[Floats]:
    return (weights for _row, weights, _bias in folded_rows(checkpoint, module, norm, eps))


def _once(numbers: Floats) -> Iterator[Floats]:
    yield numbers


def _obstacle(checkpoint: Checkpoint, module: Module, pair: Pair) -> str:
    """Why a norm cannot be folded into its layer; "" where it can."""
    if not pair.sure:
        return NOT_SURE
    if module.arguments.get("transposed") is not False:
        return TRANSPOSED
    if is_wide(checkpoint, module):
        return TOO_WIDE
    names = [key(module.name, "weight"), key(module.name, "bias")]
    names += [key(pair.norm, suffix) for suffix in ("weight", "bias", *STATISTICS)]
    why = _unfloat(checkpoint, *(name for name in names if name in checkpoint.tensors))
    return why or (NEGATIVE if checkpoint.read(key(pair.norm, "running_var")).min() < 0 else "")


def _unfloat(checkpoint: Checkpoint, *names: str) -> str:
    floats = all(checkpoint.tensors[name].dtype in NUMPY and "F" in checkpoint.tensors[name].dtype for name in names)
    return "" if floats else NOT_FLOAT


def _holds(numbers: Floats, dtype: str) -> bool:
    """Whether all numbers are finite once they are written in a type."""
    written = decoded(encoded(numbers, dtype), Tensor("", dtype, numbers.shape, 0, 0))
    return bool(np.isfinite(written).all())


def _moved(checkpoint: Checkpoint, new: Checkpoint, gone: Mapping[str, str], proof: pd.DataFrame) -> str:
    numbers = sum(checkpoint.tensors[name].size for name in gone.values())
    said = f"{_count(len(gone), 'bias')} ({_count(numbers, 'number')}) moved into the running mean of the norm after it"
    return f"{said}{_proved(proof)}{_rounded(new, proof)}."


def _proved(proof: pd.DataFrame) -> str:
    """The largest difference, and what it is a difference of."""
    if proof.empty:
        return ""
    if proof["evaluation"].isna().any():
        return "; no proof where weights are not finite"
    largest, most = float(proof[["evaluation", "training"]].max().max()), float(proof["largest_output"].max())
    return f"; on random input their outputs, up to {say(most)}, differ by at most {say(largest)}"


def _rounded(new: Checkpoint, proof: pd.DataFrame) -> str:
    """That means were rounded, where their type has so few digits that it shows."""
    short = any(new.tensors[key(norm, "running_mean")].dtype in ("F16", "BF16") for norm in proof["norm"])
    return ", most of it from rounding running means to the file's 16 bits" if short else ""


def _count(number: int, thing: str) -> str:
    return f"{say(number)} {thing}{'' if number == 1 else 'es' if thing == 'bias' else 's'}"


STRIPPED = """from safetensors.torch import load_file

model = MyModel()  # as before; from now on you can build these layers with bias=False
for layer in {layers}:
    model.get_submodule(layer).register_parameter("bias", None)
model.load_state_dict(load_file({file!r}))
"""

FOLDED = """from safetensors.torch import load_file
from torch import nn

model = MyModel()  # as before
for layer, norm in {norms}.items():
    convolution = model.get_submodule(layer)
    convolution.bias = nn.Parameter(convolution.weight.new_zeros(len(convolution.weight)))
    parent, _, name = norm.rpartition(".")
    setattr(model.get_submodule(parent), name, nn.Identity())
model.load_state_dict(load_file({file!r}))
model.eval()  # folded norms cannot be trained
"""


def stripped_lines(file: str, layers: Sequence[str]) -> str:
    """For a file whose layers lost their bias.

    Examples
    --------
    >>> print(stripped_lines("new.safetensors", ["conv1"]).splitlines()[3])
    for layer in ['conv1']:
    """
    return STRIPPED.format(layers=_listed(map(repr, layers), "[]"), file=file)


def folded_lines(file: str, norms: Mapping[str, str]) -> str:
    """For a file whose norms, by layer, were folded."""
    pairs = (f"{layer!r}: {norm!r}" for layer, norm in norms.items())
    return FOLDED.format(norms=_listed(pairs, "{}"), file=file)


def _listed(items: Iterable[str], brackets: str) -> str:
    """One line, or one a line where that would be long."""
    words = list(items)
    line = brackets[0] + ", ".join(words) + brackets[1]
    if len(line) <= 80:
        return line
    return brackets[0] + "".join(f"\n    {word}," for word in words) + f"\n{brackets[1]}"
