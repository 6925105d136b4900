"""A visitor's file of weights, opened: what its header says is checked and listed; numbers are read when asked for.

A .safetensors file is eight bytes with the length of its header (little endian), the header in JSON (name of each
tensor -> its type, shape and place), and the numbers. `safetensors` itself opens it first, and refuses places that
overlap, leave holes or lie outside the file, shapes that do not fit them, and anything that is not of the format. Here
limits come first, and names that stand there twice are refused. What numpy does not know is read too: bfloat16, the
upper half of a float32, and floats of eight bits.

Source of the format: https://github.com/huggingface/safetensors#format.
"""

import json
import math
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

from ...errors import InputError
from .float8 import OVERFLOW, decode_float8, encode_float8
from .other_formats import HINT, not_safetensors

Floats = NDArray[np.float64]

MAX_BYTES = 500 * 2**20
MAX_HEADER = 16 * 2**20
MAX_COLONS = 80_000  # in the header: four a tensor
LONG_LIST = re.compile(rb"\[[\d\s,]{10000}")
MAX_NAME = 1000
MAX_DEPTH = 25
BLOCK = 2**20  # numbers that are read at a time
NUMPY: dict[str, np.dtype[Any]] = {
    "F64": np.dtype("<f8"),
    "F32": np.dtype("<f4"),
    "F16": np.dtype("<f2"),
    "BF16": np.dtype("<u2"),
    **dict.fromkeys(OVERFLOW, np.dtype("u1")),
    **{f"{sign}{8 * size}": np.dtype(f"<{sign.lower()}{size}") for sign in "IU" for size in (1, 2, 4, 8)},
}
FLOATS = ("F64", "F32", "F16", "BF16", *OVERFLOW)


@dataclass(frozen=True)
class Tensor:
    """One tensor, "features.0.weight": its type as the format has it ("F32", "BF16", ...) and its bytes in the file.

    The path is that of its part, where a network is in several; None where it is in the one file.
    """

    name: str
    dtype: str
    shape: tuple[int, ...]
    start: int
    stop: int
    path: Path | None = None

    @property
    def size(self) -> int:
        """How many numbers it holds."""
        return math.prod(self.shape)

    @property
    def n_bytes(self) -> int:
        """How long it is in the file."""
        return self.stop - self.start

    @property
    def readable(self) -> bool:
        """Whether its numbers can be read here; not those of six bits and less, complex numbers and switches."""
        return self.dtype in NUMPY


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """A file of weights, which must stay as it is.

    Its tensors are in the order of the header, which tells nothing: writers sort it by type and name. The metadata are
    what the writer noted, {"format": "pt"}.
    """

    path: Path
    tensors: dict[str, Tensor] = field(repr=False)
    metadata: dict[str, str] = field(repr=False)

    def read(self, name: str) -> Floats:
        """All numbers of one tensor, in float64; InputError where its type cannot be read here."""
        tensor = self.tensors[name]
        return self._numbers(tensor, 0, tensor.n_bytes).reshape(tensor.shape)

    def rows(self, name: str) -> Iterator[tuple[int, Floats]]:
        """Blocks of a tensor's rows along its first axis, (rows, numbers a row) in float64, each with its first row.

        A block has about a million numbers, and at least one row.
        """
        tensor = self.tensors[name]
        count = tensor.shape[0] if tensor.size else 0
        width = tensor.size // max(count, 1)
        step = max(BLOCK // max(width, 1), 1)
        row_bytes = tensor.n_bytes // max(count, 1)
        for row in range(0, count, step):
            stop = min(row + step, count)
            yield row, self._numbers(tensor, row * row_bytes, stop * row_bytes).reshape(stop - row, width)

    def _numbers(self, tensor: Tensor, start: int, stop: int) -> Floats:
        """Those of some of a tensor's bytes."""
        with (tensor.path or self.path).open("rb") as file:
            file.seek(tensor.start + start)
            return decode_tensor(file.read(stop - start), tensor)


def read_checkpoint(path: str | os.PathLike[str], *, max_bytes: int | None = MAX_BYTES) -> Checkpoint:
    """Open a .safetensors file; nothing but its header is read.

    InputError where it is damaged or of another kind (a pickle can run any code), or larger than max_bytes, a header of
    16 MB, 20,000 tensors, and names of 1000 characters and 25 parts; OSError where there is none.

    Examples
    --------
    >>> import tempfile
    >>> from safetensors.numpy import save_file
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "model.safetensors")
    ...     save_file({"conv.weight": np.ones((8, 3, 3, 3), np.float32), "conv.bias": np.zeros(8, np.float16)}, file)
    ...     checkpoint = read_checkpoint(file)
    ...     [(tensor.name, tensor.dtype, tensor.shape) for tensor in checkpoint.tensors.values()]
    ...     checkpoint.read("conv.bias").sum().item()
    [('conv.weight', 'F32', (8, 3, 3, 3)), ('conv.bias', 'F16', (8,))]
    0.0
    """
    path = Path(path)
    size = path.stat().st_size
    if max_bytes is not None and size > max_bytes:
        raise InputError(
            f"`weights` must be at most {max_bytes // 2**20} MB, got {size / 2**20:.1f} MB",
            hint="Save the network, or a part of it, in float16.",
        )
    with path.open("rb") as file:
        length = _header_length(file.read(512), size)
        file.seek(8)
        text = file.read(length)
    _check_amount(text)
    try:
        with safe_open(path, framework="numpy"):
            entries = json.loads(text, object_pairs_hook=_unique)
    except InputError:
        raise
    except (SafetensorError, ValueError, RecursionError, OSError) as problem:
        raise InputError(f"`weights` must be a whole .safetensors file, got {_reason(problem)}", hint=HINT) from problem
    metadata = entries.pop("__metadata__", None) or {}
    return Checkpoint(path, {name: _tensor(name, entry, 8 + length) for name, entry in entries.items()}, metadata)


def decode_tensor(content: bytes, tensor: Tensor) -> Floats:
    """Bytes as float64.

    Examples
    --------
    >>> decode_tensor(bytes([0xC0, 0x3F]), Tensor("b", "BF16", (1,), 0, 2)).tolist()
    [1.5]
    """
    if not tensor.readable:
        raise InputError(
            f"`weights` must hold {tensor.name[:100]!r} as floats of 8 to 64 bits, got {tensor.dtype}",
            hint="Convert the network with `model.float()` before saving it.",
        )
    if tensor.dtype in OVERFLOW:
        return decode_float8(content, tensor.dtype)
    numbers = np.frombuffer(content, NUMPY[tensor.dtype])
    if tensor.dtype == "BF16":
        return (numbers.astype(np.uint32) << 16).view(np.float32).astype(np.float64)
    return numbers.astype(np.float64)


def encode_tensor(numbers: Floats, dtype: str) -> bytes:
    """Float64 as bytes of a float type, each number rounded to the nearest (of two as near, the even one).

    Examples
    --------
    >>> encode_tensor(np.array([1.5]), "BF16").hex()
    'c03f'
    """
    if dtype in OVERFLOW:
        return encode_float8(numbers, dtype)
    with np.errstate(over="ignore"):
        if dtype != "BF16":
            return numbers.astype(NUMPY[dtype]).tobytes()
        bits = numbers.astype(np.float32).view(np.uint32)
    return ((bits + 0x7FFF + (bits >> 16 & 1)) >> 16).astype(np.uint16).tobytes()


def _header_length(start: bytes, size: int) -> int:
    length = int.from_bytes(start[:8], "little")
    if start[8:9] != b"{" or length > size - 8:
        raise not_safetensors(start, size)
    if length > MAX_HEADER:
        raise InputError(
            f"`weights` must have a header of at most {MAX_HEADER // 2**20} MB, got {length / 2**20:.1f} MB", hint=HINT
        )
    return length


def _check_amount(text: bytes) -> None:
    """Before anything is made of it: a header of a million entries would fill the memory."""
    if text.count(b":") > MAX_COLONS:
        raise InputError(
            f"`weights` must have at most {MAX_COLONS // 4:,} tensors, got a header with more entries than they need"
        )
    if LONG_LIST.search(text):
        raise InputError("`weights` must have shapes of a few axes, got a list of thousands", hint=HINT)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise InputError("`weights` must name each tensor once, got a name that stands there twice", hint=HINT)
    return found


def _tensor(name: str, entry: dict[str, Any], start: int) -> Tensor:
    if len(name) > MAX_NAME:
        raise InputError(f"`weights` must name tensors in at most {MAX_NAME:,} characters, got {len(name):,}")
    if name.count(".") >= MAX_DEPTH:
        raise InputError(f"`weights` must name tensors in at most {MAX_DEPTH} parts, got {name.count('.') + 1}")
    if not name.isprintable():
        raise InputError("`weights` must name tensors in characters that can be printed, got some that cannot")
    first, last = entry["data_offsets"]
    return Tensor(name, entry["dtype"], tuple(entry["shape"]), start + first, start + last)


def _reason(problem: Exception) -> str:
    """The reader's words, without what the visitor wrote."""
    reason = str(problem).split(": ", 1)[-1].split("`")[0].split(" at line")[0]
    return f"a damaged one ({reason.strip()[:80]})" if reason.strip() else "a damaged one"
