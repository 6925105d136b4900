"""A visitor's picture as one of the small pictures that a network was trained on."""

import numpy as np

from core.data.pictures import Picture
from core.data.splits import Floats

LUMA = (0.299, 0.587, 0.114)  # ITU-R BT.601


def as_digit(picture: Picture, shape: tuple[int, int, int], *, dark_ink: bool) -> Floats:
    """A picture of this shape (channels, height, width): float32, from 0 to 1, light on dark; grey if it has 1 channel.

    The short sides are filled up with black, so that nothing is cut off; then the square is averaged over equal areas,
    as scikit-learn's digits were made from larger ones.

    Parameters
    ----------
    picture : Picture
    shape : (1 or 3, height, width)
    dark_ink : bool
        Whether the picture shows dark ink on light paper, and is turned round first.

    Examples
    --------
    >>> from core.data.pictures import picture_of
    >>> as_digit(picture_of([[1.0, 0.0, 0.0, 1.0]]), (1, 2, 2), dark_ink=True).tolist()
    [[[0.25, 0.25], [0.0, 0.0]]]
    """
    pixels = picture.pixels
    if shape[0] == 1 and len(pixels) == 3:
        pixels = np.tensordot([LUMA], pixels, axes=1)
    ink = np.broadcast_to(1 - pixels if dark_ink else pixels, (shape[0], *pixels.shape[1:]))
    spare = max(ink.shape[1:]) - np.array(ink.shape[1:])
    square = np.pad(ink, [(0, 0), *((int(n // 2), int(n - n // 2)) for n in spare)])
    down, across = (_areas(square.shape[-1], side) for side in shape[1:])
    return np.asarray(down @ square @ across.T, np.float32).clip(0, 1)


def _areas(n: int, side: int) -> Floats:
    """What share of each of n pixels goes into each of `side` equal parts of the line, (side, n); rows sum to 1."""
    edges, pixels = np.linspace(0, n, side + 1), np.arange(n)
    overlap = np.minimum(edges[1:, None], pixels + 1) - np.maximum(edges[:-1, None], pixels)
    return np.asarray(overlap.clip(0) * side / n, np.float32)
