r"""A file of weights without its redundant biases, or with each norm folded into its layer.

A norm with running statistics m and v makes of what its layer gives, z + b,

    gamma (z + b - m) / sqrt(v + eps) + beta = gamma (z - (m - b)) / sqrt(v + eps) + beta

so that the bias can go where m' = m - b takes the place of m. In training the norm subtracts the mean of the batch,
which has b in it, and m moves towards it: without b that mean, and where m moves to, are less by b, and m' = m - b
stays true from step to step. Folding instead makes one layer of both, `core.models.norms.fold`, for use after training.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pandas as pd

from ...format import say
from ..module import Module
from ..report import count
from .layers import COUNTER, STATISTICS, key
from .paired_weights import MAX_WIDTH, PairedWeights, folded_rows
from .proof import prove
from .safetensors_file import FLOATS, Checkpoint, Floats, Tensor, decode_tensor, encode_tensor
from .write import NewTensor, check_target, write_checkpoint

NOT_FLOAT = "Its numbers are not floats of 16 to 64 bits."
BIAS_NOT_FLOAT = "Its bias is not of floats, or the running mean not of floats of 16 to 64 bits."
NOT_FINITE = "The new numbers would not be finite in the file's type."
PLACE_NOT_SURE = "Names and shapes do not tell whether the norm stands after the layer or before it."
TRANSPOSED = (
    "It is, or may be, a transposed convolution: which axis holds its outputs depends on groups that the file lacks."
)
TOO_WIDE = f"It has more than {MAX_WIDTH:,} weights a filter."
NEGATIVE = "A running variance is below 0."


@dataclass(frozen=True, eq=False)
class NewWeights:
    """A file that was written: the layers that were changed, and those that could not be, each with why.

    proof has the columns layer, norm, evaluation, training (largest absolute difference of outputs before and after, in
    float64 on random input; missing where it is no question), largest_output. The lines load the file in PyTorch.
    """

    path: Path
    layers: tuple[str, ...]
    left_out: dict[str, str] = field(repr=False)
    proof: pd.DataFrame = field(repr=False)
    lines: str = field(repr=False)
    sentence: str = field(repr=False)


Change: TypeAlias = tuple[dict[str, NewTensor], set[str]]  # tensors with new numbers, and names of those that go
Plan: TypeAlias = Sequence[tuple[Module, Change | str]]  # each layer with its change, or why there is none


def move_biases(weights: PairedWeights, layers: Sequence[Module], path: str | os.PathLike[str]) -> NewWeights:
    """Write the file with each redundant bias moved into the running mean of the norm after it.

    The biases' keys are gone, the running means have new numbers of the same type, and every other tensor is copied
    byte for byte, to another file than the one that is read. A running mean in 16 bits is rounded as it is written; the
    proof has that in it.
    """
    plan = [(layer, _move_bias(weights, layer)) for layer in layers]
    new, done, left_out, proof = _write(weights, plan, path)
    names = [layer.name for layer in done]
    n_numbers = sum(weights.checkpoint.tensors[key(name, "bias")].size for name in names)
    moved = (
        f"{count(len(done), 'bias')} ({count(n_numbers, 'number')}) moved into the running mean of the norm after it"
    )
    sentence = f"{moved}{_proof_words(proof)}{_rounding_words(new, proof)}{_left_words(left_out)}."
    lines = WITHOUT_BIASES.format(layers=_listed(map(repr, names), "[]"), file=new.path.name)
    return NewWeights(new.path, tuple(names), left_out, proof, lines, sentence)


def fold_norms(weights: PairedWeights, path: str | os.PathLike[str]) -> NewWeights:
    """Write the file with each norm that has running statistics folded into the layer before it.

    The norms' keys are gone; a layer that had no bias gets one, of the type of its weights. Everything else is copied
    byte for byte. Transposed convolutions are left out, and what is said in `left_out`.
    """
    tensors, pairs = weights.checkpoint.tensors, weights.pairs
    paired = [module for module in weights.modules if module.name in pairs]
    normed = [layer for layer in paired if key(pairs[layer.name].norm, "running_mean") in tensors]
    plan = [(layer, _fold(weights, layer)) for layer in normed]
    new, done, left_out, proof = _write(weights, plan, path)
    norms = {layer.name: pairs[layer.name].norm for layer in done}
    start = f"{count(len(done), 'norm')} folded into the layer before, with eps = {weights.eps:g}"
    sentence = f"{start}{_proof_words(proof)}{_left_words(left_out)}."
    listed = _listed((f"{layer!r}: {norm!r}" for layer, norm in norms.items()), "{}")
    lines = WITHOUT_NORMS.format(norms=listed, file=new.path.name)
    return NewWeights(new.path, tuple(norms), left_out, proof, lines, sentence)


def _write(
    weights: PairedWeights, plan: Plan, path: str | os.PathLike[str]
) -> tuple[Checkpoint, list[Module], dict[str, str], pd.DataFrame]:
    """The new file, the layers that are changed in it, why others are not, and the proof."""
    left_out = {layer.name: change for layer, change in plan if isinstance(change, str)}
    changed, gone = dict[str, NewTensor](), set[str]()
    for _layer, change in plan:
        if not isinstance(change, str):
            changed |= change[0]
            gone |= change[1]
    done = [layer for layer, _change in plan if layer.name not in left_out]
    target = Path(path)
    check_target(target, weights.checkpoint)
    unproved = target.with_name(f"{target.name}.unproved")  # nothing is left of it where the proof fails
    try:
        new = write_checkpoint(unproved, weights.checkpoint, without=gone, changed=changed)
        proof = prove(weights, replace(weights, checkpoint=new), done)
        unproved.replace(target)
    finally:
        unproved.unlink(missing_ok=True)
    return replace(new, path=target), done, left_out, proof


def _move_bias(weights: PairedWeights, layer: Module) -> Change | str:
    """The bias gone, the mean less by it; or why not."""
    bias, mean = key(layer.name, "bias"), key(weights.pairs[layer.name].norm, "running_mean")
    if weights.is_wide(layer):
        return TOO_WIDE
    if not (_are_floats(weights.checkpoint, mean) and weights.checkpoint.tensors[bias].dtype in FLOATS):
        return BIAS_NOT_FLOAT
    numbers = weights.checkpoint.read(mean) - weights.checkpoint.read(bias)
    dtype = weights.checkpoint.tensors[mean].dtype
    if not _fit_finite(numbers, dtype):
        return NOT_FINITE
    return {mean: NewTensor(dtype, numbers.shape, lambda: [numbers])}, {bias}


def _fold(weights: PairedWeights, layer: Module) -> Change | str:
    """New weights and biases, the norm gone; or why not."""
    obstacle = _obstacle(weights, layer)
    if obstacle:
        return obstacle
    tensors, names = weights.checkpoint.tensors, (key(layer.name, "weight"), key(layer.name, "bias"))
    kernel, bias = tensors[names[0]], tensors.get(names[1])
    dtype, biases = bias.dtype if bias else kernel.dtype, np.empty(kernel.shape[0])
    for row, kernels, own in folded_rows(weights, layer):
        biases[row : row + len(own)] = own
        if not _fit_finite(np.array([kernels.min(), kernels.max()]), kernel.dtype):
            return NOT_FINITE
    if not _fit_finite(biases, dtype):
        return NOT_FINITE
    new_kernel = NewTensor(kernel.dtype, kernel.shape, lambda: (block for _, block, _ in folded_rows(weights, layer)))
    new_bias = NewTensor(dtype, biases.shape, lambda: [biases])
    norm = weights.pairs[layer.name].norm
    gone = {key(norm, suffix) for suffix in ("weight", "bias", COUNTER, *STATISTICS)}
    return {names[0]: new_kernel, names[1]: new_bias}, gone


def _obstacle(weights: PairedWeights, layer: Module) -> str:
    """Why a norm cannot be folded into its layer; "" where it can."""
    pair = weights.pairs[layer.name]
    if not pair.sure:
        return PLACE_NOT_SURE
    if layer.arguments.get("transposed") is not False:
        return TRANSPOSED
    if weights.is_wide(layer):
        return TOO_WIDE
    names = [key(layer.name, suffix) for suffix in ("weight", "bias")]
    names += [key(pair.norm, suffix) for suffix in ("weight", "bias", *STATISTICS)]
    if not _are_floats(weights.checkpoint, *(name for name in names if name in weights.checkpoint.tensors)):
        return NOT_FLOAT
    return NEGATIVE if weights.checkpoint.read(key(pair.norm, "running_var")).min() < 0 else ""


def _are_floats(checkpoint: Checkpoint, *names: str) -> bool:
    dtypes = {checkpoint.tensors[name].dtype for name in names}
    return dtypes <= {"F64", "F32", "F16", "BF16"}


def _fit_finite(numbers: Floats, dtype: str) -> bool:
    """Whether all numbers are finite once they are written in a type."""
    written = decode_tensor(encode_tensor(numbers, dtype), Tensor("", dtype, numbers.shape, 0, 0))
    return bool(np.isfinite(written).all())


def _proof_words(proof: pd.DataFrame) -> str:
    """The largest difference, and what it is a difference of."""
    if proof.empty:
        return ""
    if proof["evaluation"].isna().any():
        return "; no proof where weights are not finite"
    largest, most = float(proof[["evaluation", "training"]].max().max()), float(proof["largest_output"].max())
    return f"; on random input their outputs, up to {say(most)}, differ by at most {say(largest)}"


def _rounding_words(new: Checkpoint, proof: pd.DataFrame) -> str:
    """That means were rounded, where their type has so few digits that it shows."""
    short = any(new.tensors[key(norm, "running_mean")].dtype in ("F16", "BF16") for norm in proof["norm"])
    return ", most of it from rounding running means to the file's 16 bits" if short else ""


def _left_words(left_out: Mapping[str, str]) -> str:
    """How many layers are as they were, and why the first of them is."""
    if not left_out:
        return ""
    name, why = next(iter(left_out.items()))
    as_they_were = "is as it was" if len(left_out) == 1 else "are as they were"
    return f"; {count(len(left_out), 'layer')} {as_they_were}, such as `{name}`: {why[0].lower()}{why[1:].rstrip('.')}"


WITHOUT_BIASES = """from safetensors.torch import load_file

model = MyModel()  # as before; from now on you can build these layers with bias=False
for layer in {layers}:
    model.get_submodule(layer).register_parameter("bias", None)
model.load_state_dict(load_file({file!r}))
"""

WITHOUT_NORMS = """from safetensors.torch import load_file
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


def _listed(items: Iterable[str], brackets: str) -> str:
    """One line, or one a line where that would be long."""
    words = list(items)
    line = brackets[0] + ", ".join(words) + brackets[1]
    if len(line) <= 80:
        return line
    return brackets[0] + "".join(f"\n    {word}," for word in words) + f"\n{brackets[1]}"
