"""The layers of a file of weights: its tensors put together by name, told apart by shape, and put in an order.

    conv.weight (8, 3, 3, 3), conv.bias (8,)                       ->  Conv2d, 8 outputs, 3 inputs a group
    bn.weight (8,), bn.bias (8,), bn.running_mean, bn.running_var  ->  BatchNorm
    norm.weight (8,), norm.bias (8,)                               ->  a norm that keeps no statistics: LayerNorm, ...
    norm.gamma (8,), norm.beta (8,)                                ->  the same, as older files call them

A transposed convolution's weights are (inputs, outputs / groups, ...): where the sides differ, the length of the bias
tells it. The header's order means nothing, so that names are sorted instead: numbers as numbers, layers before norms of
the same name, stems first and heads last.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TypeAlias

from ..module import Module, Value
from .safetensors_file import Checkpoint, Tensor

STATISTICS = ("running_mean", "running_var")
COUNTER = "num_batches_tracked"
KNOWN_SUFFIXES = frozenset(("weight", "bias", COUNTER, *STATISTICS))
MAX_NORM = 2**17  # channels
BATCH_NORM, PLAIN_NORM, UNKNOWN_KIND = "BatchNorm", "norm without statistics", "unknown"

LAYER_WORDS = re.compile(
    r"(?<![a-z])(?:(?:de|up|t)?conv(?:olution)?(?:_?transposed?)?(?:[123]d)?|linear|dense|lin|fc)(?=s?(?![a-z]))"
)
NORM_WORDS = re.compile(r"(?<![a-z])(?:batch_?norm(?:[123]d)?|bnorm|norm|bn)(?=s?(?![a-z]))")
TRANSPOSED_WORDS = re.compile(r".*(?:deconv|transpose)|up|tconv")
FIRST = re.compile(r"(?:stem|inc|input|embed|encoder|features|backbone|patch_embed)", re.ASCII)
LAST = re.compile(r"(?:fc[0-9]*|classifiers?|heads?|outc?|out_?conv|outputs?|logits|final)(?:_[a-z]+)?", re.ASCII)
PIECES = re.compile(r"([0-9]+)")

Told: TypeAlias = tuple[str, int | None, int | None, dict[str, Value]]  # kind, inputs, channels, arguments


def read_layers(checkpoint: Checkpoint) -> tuple[Module, ...]:
    """The modules that hold the tensors, in the order that their names suggest.

    kind is "Conv1d" to "Conv3d" and their transposed kin, "Linear", "Embedding", "BatchNorm" (any norm with running
    statistics), "norm without statistics" or "unknown". inputs of a convolution are those of one group. arguments:
    transposed (None: the shape does not tell), counted (a norm has `num_batches_tracked`).
    """
    groups: dict[str, dict[str, Tensor]] = {}
    for name, tensor in checkpoint.tensors.items():
        prefix, dot, suffix = name.rpartition(".")
        if not prefix and (dot or suffix not in KNOWN_SUFFIXES):
            prefix, suffix = name, ""  # ".weight", or "cls_token", a number of the model's own
        groups.setdefault(prefix, {})[suffix] = tensor
    modules = [_module(prefix, group) for prefix, group in groups.items()]
    return tuple(sorted(modules, key=_order))


def resolve_transposed(modules: Sequence[Module]) -> tuple[Module, ...]:
    """Convolutions whose shape does not tell are plain ones, unless their name or a neighbour speaks for the other.

    Those of which neither can be said keep `transposed` None, and are called "Conv2d or ConvTranspose2d".
    """
    certain = {_above(module) for module in modules if module.arguments.get("transposed")}
    return tuple(_resolve(module, certain) for module in modules)


def is_bias(suffix: str) -> bool:
    """Whether a module's tensor of this name is added: bias, in_proj_bias, beta."""
    return "bias" in suffix or suffix == "beta"


def is_layer(module: Module) -> bool:
    """Whether it is linear, with weights of its own: a convolution or a dense layer."""
    return module.kind == "Linear" or module.kind.startswith("Conv")


def is_norm(module: Module) -> bool:
    """Whether it holds a number, or several, per channel, as norms do."""
    return module.kind.startswith(BATCH_NORM) or module.kind == PLAIN_NORM


def key(module: str, suffix: str) -> str:
    """The name of a module's tensor, "conv.bias"; the model itself is ""."""
    return f"{module}.{suffix}" if module else suffix


def pattern(name: str) -> str:
    """A name with its numbers blotted out, "layer#.#.conv#": what a block's copies have in common."""
    return PIECES.sub("#", name)


def is_head(name: str) -> bool:
    """Whether a part of the name says that it is the end."""
    return any(LAST.fullmatch(part) for part in name.lower().split("."))


def is_called_transposed(name: str) -> bool:
    """Whether the last word of the name, as of "up1.deconv", says that the layer is a transposed convolution."""
    words = [part for part in name.lower().split(".") if not part.isdecimal()]
    return bool(words and TRANSPOSED_WORDS.match(words[-1]))


def transpose_to_give(module: Module, channels: int) -> Module:
    """The layer if it must be a transposed convolution to give so many channels; itself where it need not."""
    if channels == module.channels or not module.kind.startswith("Conv") or "Transpose" in module.kind:
        return module
    rows, columns = module.channels or 0, module.inputs or 0
    if module.bias_parameters or not columns or channels % columns or rows % max(channels // columns, 1):
        return module
    kind = module.kind.replace("Conv", "ConvTranspose")
    told = {**module.arguments, "transposed": True}
    return replace(module, kind=kind, inputs=rows, channels=channels, arguments=told)


def _module(name: str, group: dict[str, Tensor]) -> Module:
    """What a group of tensors is, by their names and shapes."""
    trained = sum(tensor.size for suffix, tensor in group.items() if suffix not in (COUNTER, *STATISTICS))
    biases = sum(tensor.size for suffix, tensor in group.items() if is_bias(suffix))
    kind, inputs, channels, arguments = _told(name, group, biases) or (UNKNOWN_KIND, None, None, {})
    return Module(name, kind, trained, biases, inputs, channels, arguments)


def _told(name: str, group: dict[str, Tensor], biases: int) -> Told | None:
    if set(group) == {"gamma", "beta"}:  # gamma alone is a scale
        return _told(name, {"weight": group["gamma"], "bias": group["beta"]}, biases)
    weight, bias = group.get("weight"), group.get("bias")
    if KNOWN_SUFFIXES.issuperset(group) and all(one in group for one in STATISTICS):
        return _batch_norm(group)
    plain = set(group) <= {"weight", "bias"} and weight and (bias is None or len(bias.shape) == 1)
    if not weight or not plain or min(weight.shape, default=0) == 0:
        return None
    if len(weight.shape) == 1 and biases in (0, weight.size) and 1 < weight.size <= MAX_NORM:
        return PLAIN_NORM, weight.size, weight.size, {}
    return _layer(name, weight.shape, biases) if 2 <= len(weight.shape) <= 5 and (bias is None or biases) else None


def _batch_norm(group: dict[str, Tensor]) -> Told | None:
    shapes = {tensor.shape for suffix, tensor in group.items() if suffix != COUNTER}
    shape = next(iter(shapes))
    if len(shapes) > 1 or len(shape) != 1 or not 0 < shape[0] <= MAX_NORM:
        return None
    return BATCH_NORM, shape[0], shape[0], {"counted": COUNTER in group}


def _layer(name: str, shape: tuple[int, ...], n_biases: int) -> Told | None:
    """A layer whose shape says so."""
    (rows, columns), dims = shape[:2], len(shape) - 2
    if dims == 0:
        kind = "Embedding" if "embed" in name.lower() and not n_biases else "Linear"
        return (kind, columns, rows, {"transposed": False}) if n_biases in (0, rows) else None
    if n_biases in (0, rows):
        told = None if rows == columns or not n_biases else False  # a transposed one of one group would do too
        return f"Conv{dims}d", columns, rows, {"transposed": told}
    if n_biases % columns or rows % (n_biases // columns):
        return None
    return f"ConvTranspose{dims}d", rows, n_biases, {"transposed": True}


def _resolve(module: Module, certain: set[str]) -> Module:
    if module.arguments.get("transposed", False) is not None:
        return module
    if not is_called_transposed(module.name) and _above(module) not in certain:
        return replace(module, arguments={**module.arguments, "transposed": False})
    same = bool(module.bias_parameters) or module.channels == module.inputs
    kind = f"{module.kind} or {module.kind.replace('Conv', 'ConvTranspose')}"
    return replace(module, kind=kind, channels=module.channels if same else None)


def _above(module: Module) -> str:
    return pattern(module.name.rpartition(".")[0])


def _order(module: Module) -> tuple[object, ...]:
    """Stems, then names part by part with numbers as numbers, then heads; a layer before a norm of the same name."""
    parts = tuple(_part(part) for part in module.name.lower().split("."))
    return parts, is_norm(module), module.name


@lru_cache(maxsize=1000)
def _part(part: str) -> tuple[object, ...]:
    rank = 0 if FIRST.fullmatch(part) else 2 if LAST.fullmatch(part) else 1
    rest = NORM_WORDS.sub("", LAYER_WORDS.sub("", part)) if rank == 1 else part
    pieces = (piece for piece in PIECES.split(rest) if piece.strip("_"))
    return rank, tuple((0, int(piece), "") if piece.isdecimal() else (1, 0, piece) for piece in pieces)
