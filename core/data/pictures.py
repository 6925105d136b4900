"""Pictures: bytes or the name of a sample in, numbers from 0 (black) to 1 (white) out, within stated limits.

A picture is what its file shows: turned upright as EXIF says, its first frame, transparency laid over white, at most
256 pixels on the longer side. How a file becomes numbers is in `core.data.picture_decoding`.
"""

import hashlib
import importlib.util
import math
import threading
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image

from ..errors import InputError
from .file_kinds import kind_of
from .picture_decoding import FORMAT_NAMES, WHITES, decode_picture, too_many

MAX_BYTES = 10 * 2**20
CHECKERS = np.kron(np.indices((8, 8)).sum(axis=0) % 2, np.ones((8, 8)))
LUMA = (0.299, 0.587, 0.114)

_ONE_AT_A_TIME = threading.Lock()  # the largest take almost 300 MB while they are read


@dataclass(frozen=True)
class Picture:
    """A picture; two are equal, and hash the same, when their digests are.

    Its pixels are a float64 array (channels, height, width) from 0 to 1, grey or red, green and blue, read-only.
    """

    pixels: NDArray[np.float64] = field(compare=False)
    name: str = field(compare=False)  # for people: a sample's title or a file's name
    digest: str  # of the pixels and their shape: a cache key
    note: str = field(default="", compare=False)  # what was done to show it; empty if nothing


@dataclass(frozen=True)
class Sample:
    """A built-in picture: its title, and how to read it."""

    title: str
    read: Callable[[], Picture]


def to_grey(pixels: NDArray[Any]) -> NDArray[Any]:
    """Red, green and blue (3, height, width) as grey (1, height, width), by the luma weights of ITU-R BT.601.

    Examples
    --------
    >>> to_grey(np.array([[[1.0]], [[0.0]], [[0.0]]])).tolist()
    [[[0.299]]]
    """
    return np.tensordot([LUMA], pixels, axes=1)


def picture_of(pixels: ArrayLike, name: str = "", note: str = "") -> Picture:
    """A picture from numbers from 0 to 1: (height, width), or (1 or 3, height, width); three equal channels become one.

    An InputError where the shape is another, a side is 0, or a value lies outside.

    Examples
    --------
    >>> picture_of([[0.0, 1.0]]).pixels.shape
    (1, 1, 2)
    """
    values = np.array(pixels, dtype=np.float64)
    values = values[np.newaxis] if values.ndim == 2 else values
    if values.ndim != 3 or values.shape[0] not in (1, 3) or values.size == 0:
        raise InputError(f"`pixels` must have shape (1 or 3, height, width), got {np.shape(pixels)}")
    if not bool(np.all((values >= 0) & (values <= 1))):
        raise InputError(f"`pixels` must lie between 0 and 1, got {values.min()} to {values.max()}")
    if bool((values == values[0]).all()):
        values = values[:1].copy()
    values.setflags(write=False)
    return Picture(values, name, hashlib.sha256(repr(values.shape).encode() + values.tobytes()).hexdigest(), note)


def read_picture(data: bytes, name: str = "") -> Picture:
    """Read a PNG, JPEG, WebP, GIF, BMP, TIFF or, where Pillow can, AVIF file, told by its content.

    Parameters
    ----------
    data : bytes
        The file; at most 10 MB and 40 megapixels (36 with transparency, 18 in WebP and AVIF), checked before anything
        is decoded.
    name : str
        Kept for people; it is not used to guess what the file is.

    Returns
    -------
    Picture
        At most 256 pixels on the longer side and at least 1 on each; any size down to 1 x 1 is read. Larger ones are
        shrunk by area means and a Hamming filter, which, unlike Lanczos, draws no halos that an edge kernel would find.

    Raises
    ------
    InputError
        If the file is too large, is none of these formats, breaks off, is damaged, or holds numbers whose black and
        white are not known (whole ones outside 0 to 65,535, floats outside [0, 1], LAB).

    Examples
    --------
    >>> from io import BytesIO
    >>> buffer = BytesIO()
    >>> Image.new("L", (1000, 500), 255).save(buffer, "png")
    >>> picture = read_picture(buffer.getvalue(), "white.png")
    >>> picture.pixels.shape, float(picture.pixels.min()), picture.note
    ((1, 128, 256), 1.0, 'shown at 256 × 128 of 1,000 × 500 pixels')
    """
    if len(data) > MAX_BYTES:
        raise InputError(
            f"`picture` must be at most 10 MB, got {math.ceil(len(data) / 2**20 * 10) / 10} MB",
            hint="Save it smaller: it is shown at 256 pixels.",
        )
    try:
        with _ONE_AT_A_TIME, warnings.catch_warnings():
            warnings.filterwarnings("ignore", module=r"PIL\.")  # of bombs and broken tags: checked or decided below
            decoded = decode_picture(data)
    except InputError:
        raise
    except Image.DecompressionBombError:
        raise too_many("more than 178 million") from None
    except Exception as problem:  # damaged files make Pillow raise a dozen kinds, struct.error and IndexError too
        kind, hint = kind_of(data) or ("", "")
        got = kind if hint else f"{len(data):,} bytes of {'something else or a damaged file' if data else 'nothing'}"
        raise InputError(
            f"`picture` must be a whole {FORMAT_NAMES} picture, got {got}",
            hint=hint or "Open it in a picture program, save it as PNG or JPEG, and try that file.",
        ) from problem
    pixels, notes = decoded.pixels, [decoded.note]
    if decoded.white < WHITES[-1]:
        pixels = (pixels * (WHITES[-1] / decoded.white)).clip(0, 1)
        notes.append(f"its largest number is {decoded.top:,}, so that {decoded.white:,} was taken for white")
    return picture_of(pixels, name, "; ".join(filter(None, notes)))


def _sklearn_file(path: str) -> Path:
    """A data file of the installed scikit-learn, without importing it, which takes seconds."""
    spec = importlib.util.find_spec("sklearn")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("scikit-learn is needed for the sample pictures")
    return Path(spec.submodule_search_locations[0]) / "datasets" / path


def _photograph(file: str, title: str) -> Picture:
    """A photograph of scikit-learn's (CC BY)."""
    return read_picture(_sklearn_file(f"images/{file}").read_bytes(), title)


def _grey_temple() -> Picture:
    colour = _photograph("china.jpg", "Temple")
    return picture_of(to_grey(colour.pixels), colour.name, colour.note)


def _digit(digit: int) -> Picture:
    """The first such digit of scikit-learn's 8 x 8 handwritten digits, whose values go from 0 to 16."""
    rows = np.loadtxt(_sklearn_file("data/digits.csv.gz"), delimiter=",", max_rows=100)
    row = rows[rows[:, -1] == digit][0]
    return picture_of(row[:-1].reshape(8, 8) / 16, f"Handwritten {digit}")


SAMPLES: dict[str, Sample] = {
    "temple": Sample("Temple, in grey", _grey_temple),
    "flower": Sample("Flower, in colour", lambda: _photograph("flower.jpg", "Flower")),
    **{f"digit_{digit}": Sample(f"Handwritten {digit}", partial(_digit, digit)) for digit in (0, 3, 8)},
    "ramp": Sample("Ramp, dark to bright", lambda: picture_of(np.tile(np.linspace(0, 1, 64), (64, 1)), "Ramp")),
    "checkerboard": Sample("Checkerboard", lambda: picture_of(CHECKERS, "Checkerboard")),
    "dot": Sample("One bright dot", lambda: picture_of(np.pad([[1.0]], 16), "One bright dot")),
    "blank": Sample("Blank, all black", lambda: picture_of(np.zeros((64, 64)), "Blank")),
}
"""Slug -> sample. The blank is black: its pre-activation is 0 whatever the kernel, so its map shows the bias alone."""
