"""Write a .safetensors file that is another one with some tensors changed: the rest is copied byte for byte.

Nothing is held in memory but a block at a time. The tensors keep their types and the file its metadata; tensors of wide
types come first, so that each begins at a multiple of its type's size, as `safetensors` itself writes them.
"""

import json
import math
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from ...errors import InputError
from .safetensors_file import NUMPY, Checkpoint, Floats, Tensor, encode_tensor, read_checkpoint

COPY_BLOCK = 2**20  # bytes at a time
ALIGNMENT = 8


@dataclass(frozen=True, eq=False)
class NewTensor:
    """A tensor with new numbers: its float type, as "F32", and what gives them in float64, block after block."""

    dtype: str
    shape: tuple[int, ...]
    blocks: Callable[[], Iterable[Floats]]


def write_checkpoint(
    path: str | os.PathLike[str],
    source: Checkpoint,
    *,
    without: Collection[str] = (),
    changed: Mapping[str, NewTensor] | None = None,
) -> Checkpoint:
    """Write all tensors of a file but some, with some changed or added, and open what was written.

    A file that is there already is replaced once the new one is whole; InputError where it is the one that is read.
    """
    target, changed = Path(path), changed or {}
    check_target(target, source)
    tensors = _place(source, without, changed)
    part = target.with_name(f"{target.name}.part")
    try:
        with part.open("wb") as new:
            new.write(_header(tensors, source.metadata))
            for tensor in tensors:
                for block in _content(tensor.name, source, changed):
                    new.write(block)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return read_checkpoint(target)


def check_target(target: Path, source: Checkpoint) -> None:
    """InputError where it is the file that is read, or a part of it."""
    paths = {source.path, *(tensor.path for tensor in source.tensors.values() if tensor.path)}
    if target.exists() and any(target.samefile(path) for path in paths):
        raise InputError("`path` must be another file than the one that is read, got the same")


def _place(source: Checkpoint, without: Collection[str], changed: Mapping[str, NewTensor]) -> list[Tensor]:
    """The tensors with their new places, counted from the end of the header."""
    kept = [tensor for name, tensor in source.tensors.items() if name not in without and name not in changed]
    for name, new in changed.items():
        kept.append(Tensor(name, new.dtype, new.shape, 0, math.prod(new.shape) * NUMPY[new.dtype].itemsize))
    placed, start = [], 0
    for tensor in sorted(kept, key=lambda tensor: tensor.n_bytes / max(tensor.size, 1), reverse=True):
        placed.append(replace(tensor, start=start, stop=start + tensor.n_bytes))
        start += tensor.n_bytes
    return placed


def _header(tensors: list[Tensor], metadata: Mapping[str, str]) -> bytes:
    entries: dict[str, object] = {"__metadata__": dict(metadata)} if metadata else {}
    for one in tensors:
        entries[one.name] = {"dtype": one.dtype, "shape": one.shape, "data_offsets": (one.start, one.stop)}
    text = json.dumps(entries, ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-len(text) % ALIGNMENT)
    return len(text).to_bytes(8, "little") + text


def _content(name: str, source: Checkpoint, changed: Mapping[str, NewTensor]) -> Iterator[bytes]:
    """The bytes of one tensor, block by block."""
    if name in changed:
        for numbers in changed[name].blocks():
            yield encode_tensor(numbers, changed[name].dtype)
        return
    tensor = source.tensors[name]
    with (tensor.path or source.path).open("rb") as old:
        old.seek(tensor.start)
        for start in range(tensor.start, tensor.stop, COPY_BLOCK):
            yield old.read(min(COPY_BLOCK, tensor.stop - start))
