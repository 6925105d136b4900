"""Which biases did a conversion lose, add, set to zero or change? Two files of weights, told apart by their names.

Numbers are compared in float64. One that is only rounded, as a conversion to 16 or 8 bits does, is no change: it is
called rounded where rounding the old number to the new type gives the new one.
"""

import os
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ...format import say
from ..report import count
from .layers import is_bias
from .parts import open_parts
from .safetensors_file import FLOATS, Checkpoint, Floats, Tensor, decode_tensor, encode_tensor

LOST, NEW, ZERO, CHANGED, ROUNDED = "lost", "new", "zero", "changed", "rounded"


class BiasChange(NamedTuple):
    """A bias that is not the same in both files, and by how much at most; None where that is no question."""

    name: str
    found: str
    largest: float | None


@dataclass(frozen=True)
class Difference:
    """The biases that differ, in the order of their names, how many there are, and what became of all tensors."""

    changes: tuple[BiasChange, ...]
    n_biases: int
    n_tensors: int
    lost: tuple[str, ...]  # tensors of any kind
    new: tuple[str, ...]

    @property
    def is_same(self) -> bool:
        """Whether no bias differs by more than rounding, and no tensor is lost or new."""
        return not (self.lost or self.new or any(change.found != ROUNDED for change in self.changes))

    @property
    def sentence(self) -> str:
        """How many biases are lost, new, zero, changed or rounded, and how many tensors of all."""
        counts = Counter(change.found for change in self.changes)
        found = [f"{say(counts[one])} {one}" for one in (LOST, NEW, ZERO, CHANGED, ROUNDED) if counts[one]]
        biases = f"Of {count(self.n_biases, 'bias')}: {', '.join(found) if found else 'all the same'}."
        gone = f"{say(len(self.lost))} of {count(self.n_tensors, 'tensor')} {_is(self.lost)} lost" if self.lost else ""
        added = f"{count(len(self.new), 'tensor')} {_is(self.new)} new" if self.new else ""
        more = " and ".join(part for part in (gone, added) if part)
        return f"{biases} {more}." if more else biases


def compare_checkpoints(one: str | os.PathLike[str], other: str | os.PathLike[str]) -> Difference:
    """Compare the biases of two networks' weights, each a file, an index, a part or a folder; see `parts`.

    Examples
    --------
    >>> import tempfile
    >>> from safetensors.numpy import save_file
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_file({"a.bias": np.ones(2), "b.bias": np.ones(2), "b.weight": np.ones(2)}, f"{folder}/1.safetensors")
    ...     save_file({"a.bias": np.zeros(2), "b.weight": np.ones(2)}, f"{folder}/2.safetensors")
    ...     found = compare_checkpoints(f"{folder}/1.safetensors", f"{folder}/2.safetensors")
    >>> [(change.name, change.found) for change in found.changes]
    [('a.bias', 'zero'), ('b.bias', 'lost')]
    >>> found.sentence
    'Of 2 biases: 1 lost, 1 zero. 1 of 3 tensors is lost.'
    """
    old, new = open_parts(Path(one)), open_parts(Path(other))
    names = sorted(name for name in old.keys() | new.keys() if is_bias(name.rpartition(".")[2]))
    changes = (_compare(name, old.get(name), new.get(name)) for name in names)
    lost, added = sorted(old.keys() - new.keys()), sorted(new.keys() - old.keys())
    differing = tuple(change for change in changes if change)
    return Difference(differing, sum(name in old for name in names), len(old), tuple(lost), tuple(added))


def _is(names: tuple[str, ...]) -> str:
    return "is" if len(names) == 1 else "are"


def _compare(name: str, old: Checkpoint | None, new: Checkpoint | None) -> BiasChange | None:
    """What became of one bias; None where it is the same."""
    if old is None or new is None:
        return BiasChange(name, LOST if new is None else NEW, None)
    before, after = old.tensors[name], new.tensors[name]
    if before.shape != after.shape:
        return BiasChange(name, CHANGED, None)
    if not (before.readable and after.readable):
        same = before.dtype == after.dtype and _bytes(old, before) == _bytes(new, after)
        was_zero, is_zero = _is_zero(old, before), _is_zero(new, after)
        return None if same or (was_zero and is_zero) else BiasChange(name, ZERO if is_zero else CHANGED, None)
    return _compare_numbers(name, old.read(name), new.read(name), after)


def _compare_numbers(name: str, before: Floats, after: Floats, tensor: Tensor) -> BiasChange | None:
    if np.array_equal(before, after, equal_nan=True):
        return None
    gaps = np.abs(before - after)
    largest = float(gaps.max()) if np.isfinite(gaps).all() else None
    if not after.any():
        return BiasChange(name, ZERO, largest)
    stays = np.array_equal(np.isfinite(before), np.isfinite(after))  # what overflows is not rounded
    if stays and tensor.dtype in FLOATS and np.array_equal(_rounded(before, tensor), after, equal_nan=True):
        return BiasChange(name, ROUNDED, largest)
    return BiasChange(name, CHANGED, largest)


def _rounded(numbers: Floats, tensor: Tensor) -> Floats:
    return decode_tensor(encode_tensor(numbers, tensor.dtype), tensor).reshape(numbers.shape)


def _is_zero(checkpoint: Checkpoint, tensor: Tensor) -> bool:
    """Whether all numbers are 0; where they cannot be read all their bytes are, but of F8_E8M0, which has no 0."""
    if tensor.readable:
        return not checkpoint.read(tensor.name).any()
    return tensor.dtype != "F8_E8M0" and not any(_bytes(checkpoint, tensor))


def _bytes(checkpoint: Checkpoint, tensor: Tensor) -> bytes:
    with checkpoint.path.open("rb") as file:
        file.seek(tensor.start)
        return file.read(tensor.n_bytes)
