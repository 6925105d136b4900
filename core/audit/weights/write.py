"""Write a .safetensors file that is another one with some tensors changed: the rest is copied byte for byte.

Nothing is held in memory but a block at a time. The tensors keep their types and the file its metadata; tensors of wide
types come first, so that each begins at a multiple of its type's size, as `safetensors` itself writes them.
"""

import json
import os
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from ...errors import InputError
from .safetensors_file import NUMPY, Checkpoint, Tensor, encoded, read_checkpoint

COPIED = 2**20  # bytes at a time
ALIGNED = 8


@dataclass(frozen=True, eq=False)
class Changed:
    """A tensor with new numbers.

    Attributes
    ----------
    dtype : str
        A float type, "F32".
    shape : tuple of int
    blocks : callable
        () -> its numbers in float64, block after block.
    """

    dtype: str
    shape: tuple[int, ...]
    blocks: Callable[[], Iterator[NDArray[np.float64]]]


def write_checkpoint(
    path: str | os.PathLike[str],
    source: Checkpoint,
    *,
    without: Collection[str] = (),
    changed: Mapping[str, Changed] | None = None,
) -> Checkpoint:
    """Write all tensors of a file but some, with some changed or added, and open what was written.

    Parameters
    ----------
    path : path
        Replaced if it is there, once the new file is whole.
    source : Checkpoint
    without : collection of str
        Tensors that are left out.
    changed : mapping of str to Changed
        Tensors that get new numbers, or are new.

    Raises
    ------
    InputError
        `path` is the file that is read.
    """
    target, changed = Path(path), changed or {}
    if target.exists() and target.samefile(source.path):
        raise InputError("`path` must be another file than the one that is read, got the same")
    tensors = _placed(source, without, changed)
    part = target.with_name(f"{target.name}.part")
    try:
        with source.path.open("rb") as old, part.open("wb") as new:
            new.write(_header(tensors, source.metadata))
            for tensor in tensors:
                for block in _content(tensor.name, old, source, changed):
                    new.write(block)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return read_checkpoint(target)


def _placed(source: Checkpoint, without: Collection[str], changed: Mapping[str, Changed]) -> list[Tensor]:
    """The tensors with their new places, counted from the end of the header."""
    kept = [tensor for name, tensor in source.tensors.items() if name not in without and name not in changed]
    new = [Tensor(name, one.dtype, one.shape, 0, _n_bytes(one)) for name, one in changed.items()]
    placed, start = [], 0
    for tensor in sorted([*kept, *new], key=_width, reverse=True):
        stop = start + tensor.stop - tensor.start
        placed.append(Tensor(tensor.name, tensor.dtype, tensor.shape, start, stop))
        start = stop
    return placed


def _n_bytes(one: Changed) -> int:
    return Tensor("", one.dtype, one.shape, 0, 0).size * NUMPY[one.dtype].itemsize


def _width(tensor: Tensor) -> float:
    """Bytes a number."""
    return (tensor.stop - tensor.start) / max(tensor.size, 1)


def _header(tensors: list[Tensor], metadata: Mapping[str, str]) -> bytes:
    entries: dict[str, object] = {"__metadata__": dict(metadata)} if metadata else {}
    for one in tensors:
        entries[one.name] = {"dtype": one.dtype, "shape": one.shape, "data_offsets": (one.start, one.stop)}
    text = json.dumps(entries, ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-len(text) % ALIGNED)
    return len(text).to_bytes(8, "little") + text


def _content(name: str, old: IO[bytes], source: Checkpoint, changed: Mapping[str, Changed]) -> Iterator[bytes]:
    """The bytes of one tensor, block by block."""
    if name in changed:
        for numbers in changed[name].blocks():
            yield encoded(numbers, changed[name].dtype)
        return
    tensor = source.tensors[name]
    old.seek(tensor.start)
    for start in range(tensor.start, tensor.stop, COPIED):
        yield old.read(min(COPIED, tensor.stop - start))
