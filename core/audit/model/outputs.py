r"""What a model gives, and how far two outputs are apart: element by element, on the scale of what the weights move.

    gap = max_i |a_i - b_i| / max(|a_i|, S),    S = max |a_i| of those that other weights move,

A mask value such as -1e10 is none of these, so it does not make the others small; the same inf or nan twice is no
change. Each tensor has its own S, that of the largest over a thousand at least: a part that is 0 but for rounding is
not looked at under a glass.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

STANDS = 1e-6  # of its size: what weights nearby move less is a constant
LEAST = 1e-3  # of the largest scale
MAX_DEPTH = 20  # of what the output is packed in

Tensors = Sequence[Any]


def floats_in(torch: Any, thing: Any, depth: int = 0) -> Iterator[Any]:
    """All tensors of floats in what a model gives."""
    if isinstance(thing, torch.Tensor):
        if thing.is_floating_point() or thing.is_complex():
            yield thing
        return
    inside: Sequence[Any] = ()
    if isinstance(thing, Mapping):
        inside = list(thing.values())
    elif isinstance(thing, tuple | list):
        inside = thing
    elif is_dataclass(thing):
        inside = [getattr(thing, one.name) for one in fields(thing)]
    for one in inside if depth < MAX_DEPTH else ():
        yield from floats_in(torch, one, depth + 1)


def scales(outputs: Tensors, others: Tensors) -> list[float]:
    """The scale of each tensor; `others` are those of other weights."""
    alike = [one.shape for one in outputs] == [one.shape for one in others]
    found = [_scale(a, b) for a, b in zip(outputs, others if alike else outputs, strict=True)]
    least = LEAST * max(found, default=0.0) or 1.0
    return [max(scale, least) for scale in found]


def _scale(one: Any, other: Any) -> float:
    if not one.numel():
        return 0.0
    size, both = one.abs(), one.abs().minimum(other.abs())
    finite = both.isfinite() & size.isfinite()
    moved = finite & ((one - other).abs() > STANDS * size)
    found = both[moved] if bool(moved.any()) else size[finite]
    return float(found.max()) if found.numel() else 0.0


def gap(before: Tensors, after: Tensors, sizes: Sequence[float]) -> float:
    """How far two outputs are apart; inf where they are not of one shape."""
    if [one.shape for one in before] != [one.shape for one in after]:
        return float("inf")
    triples = zip(before, after, sizes, strict=True)
    return max((_gap(a, b, size) for a, b, size in triples if a.numel()), default=0.0)


def _gap(before: Any, after: Any, size: float) -> float:
    same = (before == after) | (before.isnan() & after.isnan())
    far = ((after - before).abs() / before.abs().clamp(min=size)).nan_to_num(1.0, 1.0, 1.0)
    return float(far.masked_fill(same, 0.0).max())


def as_finite(before: Tensors, after: Tensors) -> bool:
    """Whether no number became inf or nan."""
    pairs = zip(before, after, strict=False)
    alike = len(before) == len(after)
    return alike and all(a.shape == b.shape and bool((b.isfinite() | ~a.isfinite()).all()) for a, b in pairs)
