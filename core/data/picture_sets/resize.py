"""Pictures of any size fitted to one size of at most 64 pixels a side: the middle cut out, then an area filter.

A picture that is wider or higher in proportion than the wanted size loses as much on both sides. What is left is
scaled with Pillow's Hamming filter, which takes means over the area that a new pixel covers and draws no halos. Scaling
is linear: it is a product with one matrix from each side, made by scaling the unit matrix.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ..pictures import Picture, to_grey
from .classes import Floats

LEAST_SIDE, MOST_SIDE = 2, 64
MOST_READ = 2_048
"""The longest side that can be shrunk: a matrix as large is made."""

Size = tuple[int, int]


def within_limits(height: float, width: float) -> Size:
    """The size (height, width) in the same proportion, at most 64 and at least 2 pixels a side.

    Examples
    --------
    >>> within_limits(28, 28), within_limits(300, 400)
    ((28, 28), (48, 64))
    """
    scale = min(1.0, MOST_SIDE / max(height, width))
    rows, columns = (max(LEAST_SIDE, round(side * scale)) for side in (height, width))
    return rows, columns


def fit_to_size(pixels: Floats, size: Size) -> Floats:
    """Pictures (..., height, width) cut and scaled to one size (height, width).

    Examples
    --------
    >>> fit_to_size(np.ones((3, 1, 50, 100), np.float32), (32, 32)).shape
    (3, 1, 32, 32)
    """
    if pixels.shape[-2:] == size:
        return pixels
    rows, columns = centre_crop((pixels.shape[-2], pixels.shape[-1]), size)
    part = pixels[..., rows, columns]
    scaled: Floats = np.matmul(_scaling(part.shape[-2], size[0]) @ part, _scaling(part.shape[-1], size[1]).T)
    return scaled


def centre_crop(have: Size, size: Size) -> tuple[slice, slice]:
    """Rows and columns of the largest middle part of a picture that has the proportions of `size`."""
    height = min(have[0], max(1, round(have[1] * size[0] / size[1])))
    width = min(have[1], max(1, round(have[0] * size[1] / size[0])))
    top, left = (have[0] - height) // 2, (have[1] - width) // 2
    return slice(top, top + height), slice(left, left + width)


@lru_cache(maxsize=64)
def _scaling(have: int, want: int) -> NDArray[np.float32]:
    """The matrix (want, have) that scales a column of pixels."""
    unit = Image.fromarray(np.eye(have, dtype=np.float32))
    return np.asarray(unit.resize((have, want), Image.Resampling.HAMMING))


def as_digit(picture: Picture, shape: tuple[int, int, int], *, dark_ink: bool) -> Floats:
    """A picture of this shape (channels, height, width): float32, from 0 to 1, light on dark; grey if it has 1 channel.

    The short sides are filled up with black, so that nothing is cut off; then the square is averaged over equal areas,
    as scikit-learn's digits were made from larger ones. Dark ink on light paper is turned round first.

    Examples
    --------
    >>> from core.data.pictures import picture_of
    >>> as_digit(picture_of([[1.0, 0.0, 0.0, 1.0]]), (1, 2, 2), dark_ink=True).tolist()
    [[[0.25, 0.25], [0.0, 0.0]]]
    """
    pixels = picture.pixels
    if shape[0] == 1 and len(pixels) == 3:
        pixels = to_grey(pixels)
    ink = np.broadcast_to(1 - pixels if dark_ink else pixels, (shape[0], *pixels.shape[1:]))
    spare = max(ink.shape[1:]) - np.array(ink.shape[1:])
    square = np.pad(ink, [(0, 0), *((int(n // 2), int(n - n // 2)) for n in spare)])
    down, across = (_areas(square.shape[-1], side) for side in shape[1:])
    return np.asarray(down @ square @ across.T, np.float32).clip(0, 1)


def _areas(n: int, side: int) -> Floats:
    """What share of each of n pixels goes into each of `side` equal parts of the line, (side, n); rows sum to 1."""
    return np.asarray(np.repeat(np.eye(n), side, axis=0).reshape(side, n, n).mean(axis=1), np.float32)
