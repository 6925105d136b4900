"""Pictures and labels in an .npz: a zip of arrays, whose headers are checked before any array is unpacked.

Arrays are read in blocks, and never with pickle: an array of Python objects can be a program.
Source of the format: numpy.lib.format.
"""

import io
import math
import warnings
import zipfile
from collections.abc import Iterable, Iterator
from typing import IO, Any, NamedTuple

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from ...errors import InputError
from ..number_texts import first_five, quoted
from . import zip_checks
from .classes import MAX_CLASSES, MAX_PICTURES, Labelled, Labels, refusal
from .pixel_values import labelled_pictures, layout_of

MAX_UNPACKED = 256 * 2**20
MAX_AT_ONCE = 64 * 2**20
MAX_LABEL_BYTES = 16 * 2**20
MAX_ROWS = 200_000
HEADER = 16 * 1024
BLOCK = 4 * 2**20

IMAGES = ("x", "x_train", "train_x", "train_images", "images", "image", "data", "features", "arr_0")
TARGETS = ("y", "y_train", "train_y", "train_labels", "labels", "label", "targets", "target", "arr_1")
HINT = "Save them with numpy.savez(file, X=pictures, y=labels): plain numbers, one label for each picture."


class _Array(NamedTuple):
    """One array of the file: its entry, and what its header says."""

    info: zipfile.ZipInfo
    name: str
    shape: tuple[int, ...]
    fortran: bool
    dtype: np.dtype[Any]
    start: int


def read_npz(data: bytes, archive: zipfile.ZipFile) -> Labelled:
    """The pictures of an .npz with X and y, given as bytes and as `zip_checks.open_zip` opened it.

    An InputError where X or y is missing, of another length or type, larger than 256 MB, or damaged.
    """
    infos = {info.filename.removesuffix(".npy").lower(): info for info in zip_checks.files(archive)}
    pair = [next((name for name in known if name in infos), "") for known in (IMAGES, TARGETS)]
    if not all(pair):
        raise refusal(f"be an .npz with X and y, got {_names_of(infos.values())}", HINT)
    used, rest = [infos[name] for name in pair], [infos[name] for name in sorted(set(infos) - set(pair))]
    left = f"Left out, since not {pair[0]} or {pair[1]}: {_names_of(rest)}." if rest else ""
    if wrong := next(filter(None, zip_checks.faults(used, MAX_UNPACKED)), ""):
        raise refusal(f"have arrays that can be unpacked, got one that cannot: {wrong}", HINT)
    zip_checks.check_ratio(data, used)
    try:
        with warnings.catch_warnings(action="ignore"):  # of headers that Python 2 wrote
            X, y = (_header(archive, infos[name], name) for name in pair)
            read = _read(archive, X, y)
    except InputError:
        raise
    except Exception as problem:  # a damaged zip raises half a dozen kinds
        raise zip_checks.damage_error(data) from problem
    return read._replace(notes=(left, *read.notes))


def _names_of(infos: Iterable[zipfile.ZipInfo]) -> str:
    return first_five([quoted(info.filename.removesuffix(".npy")) for info in infos])


def _read(archive: zipfile.ZipFile, X: _Array, y: _Array) -> Labelled:
    _check_headers(X, y)
    with archive.open(y.info) as file:
        values = npy.read_array(file)
    names = _one_of_each_row(values, y) if _is_one_hot(y) else _names(values.ravel(), y)
    with archive.open(X.info) as file:
        return labelled_pictures(names, lambda rows: _blocks(file, X, rows), X.shape[1:], HINT)


def _header(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> _Array:
    """What the first bytes of an array say about it; its size must be what they say."""
    with archive.open(info) as file:
        head = io.BytesIO(zip_checks.read_exactly(file, min(HEADER, info.file_size)))
    try:
        read = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}[npy.read_magic(head)]
        shape, fortran, dtype = read(head)
    except Exception as problem:  # numpy raises what its parsers raise
        raise refusal(f"have a numpy array as {name}, got something else", HINT) from problem
    array = _Array(info, name, shape, fortran, dtype, head.tell())
    if dtype.hasobject or dtype.names or dtype.subdtype:
        raise refusal(f"have plain numbers or texts as {name}, got Python objects or records", HINT)
    if min(shape, default=0) < 0 or array.start + math.prod(shape) * dtype.itemsize != info.file_size:
        raise refusal(f"have as many bytes in {name} as its header says, got {info.file_size - array.start:,}", HINT)
    return array


def _check_headers(X: _Array, y: _Array) -> None:
    """Refuse X and y that can be no pictures and their labels by their headers."""
    if X.dtype.kind not in "buif" or X.dtype.itemsize > 8:
        raise refusal(f"have real numbers as {X.name}, got {X.dtype}", HINT)
    if len(X.shape) not in (2, 3, 4) or not X.shape[0]:
        raise refusal(f"have one picture a row in {X.name}, got the shape {X.shape}", HINT)
    layout_of(X.shape[1:])
    n = X.shape[0]
    if y.shape not in ((n,), (n, 1)) and not (_is_one_hot(y) and y.shape[0] == n):
        raise refusal(f"have one label for each picture, {n:,} in all, got {y.name} of the shape {y.shape}", HINT)
    if n > MAX_ROWS or math.prod(y.shape) * y.dtype.itemsize > MAX_LABEL_BYTES:
        raise refusal(
            f"have at most {MAX_ROWS:,} labels and 16 MB of them, got {n:,}",
            f"Save {MAX_PICTURES:,} of them: more are not read.",
        )
    if X.fortran and math.prod(X.shape) * X.dtype.itemsize > MAX_AT_ONCE:
        raise refusal(
            f"be stored picture by picture if larger than 64 MB, got {X.name} stored by columns",
            "Save numpy.ascontiguousarray(X).",
        )


def _is_one_hot(y: _Array) -> bool:
    """Whether labels have a column for each class, as Keras' to_categorical writes them."""
    return len(y.shape) == 2 and 1 < y.shape[1] <= MAX_CLASSES and y.dtype.kind in "buif"


def _one_of_each_row(rows: NDArray[Any], y: _Array) -> list[str]:
    if not bool(((rows == 0) | (rows == 1)).all() and (rows.sum(axis=1) == 1).all()):
        raise refusal(f"have one label for each picture, got {y.name} of the shape {y.shape}", HINT)
    return list(map(str, rows.argmax(axis=1).tolist()))


def _names(values: NDArray[Any], y: _Array) -> list[str]:
    """Labels in words, floats that are whole numbers as such, empty where they are missing."""
    kind, plain = values.dtype.kind, values.tolist()
    if kind in "US":
        try:
            return [name.decode() if isinstance(name, bytes) else str(name) for name in plain]
        except ValueError:
            raise refusal(f"have Unicode texts as {y.name}, got others", HINT) from None
    if kind not in "buif":
        raise refusal(f"have whole numbers or texts as {y.name}, got {y.dtype}", HINT)
    if kind == "f" and not all(label != label or (abs(label) < 2**53 and label.is_integer()) for label in plain):
        raise refusal(f"have whole numbers or texts as {y.name}, got fractions", HINT)
    return ["" if label != label else str(int(label) if kind == "f" else label) for label in plain]


def _blocks(file: IO[bytes], X: _Array, rows: Labels) -> Iterator[NDArray[Any]]:
    """These rows (in increasing order), some at a time."""
    if X.fortran:
        whole = npy.read_array(file)
        for some in np.array_split(rows, max(1, whole.nbytes // BLOCK)):
            yield whole[some]
        return
    zip_checks.read_exactly(file, X.start)
    row_bytes = math.prod(X.shape[1:]) * X.dtype.itemsize
    step = max(1, BLOCK // row_bytes)
    for start in range(0, X.shape[0], step):
        count = min(step, X.shape[0] - start)
        block = np.frombuffer(zip_checks.read_exactly(file, count * row_bytes), X.dtype).reshape(count, *X.shape[1:])
        wanted = rows[(rows >= start) & (rows < start + count)] - start
        if len(wanted):
            yield block[wanted]
