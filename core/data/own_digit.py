"""A visitor's picture as one of the small digits that a network was trained on."""

import numpy as np

from core.data.pictures import Picture
from core.data.splits import Floats

LUMA = (0.299, 0.587, 0.114)  # ITU-R BT.601


def as_digit(picture: Picture, side: int, *, dark_ink: bool) -> Floats:
    """Grey, light on dark, square, `side` pixels a side: float32 (1, side, side), from 0 to 1.

    The short sides are filled up with black, so that nothing is cut off or stretched; then the picture is averaged over
    equal areas, as scikit-learn's digits were made from larger ones.

    Parameters
    ----------
    picture : Picture
    side : int
        At least 1.
    dark_ink : bool
        Whether the picture shows dark ink on light paper, and is turned round first.

    Examples
    --------
    >>> from core.data.pictures import picture_of
    >>> as_digit(picture_of([[1.0, 0.0, 0.0, 1.0]]), 2, dark_ink=True).tolist()
    [[[0.25, 0.25], [0.0, 0.0]]]
    """
    grey = picture.pixels[0] if len(picture.pixels) == 1 else np.tensordot(LUMA, picture.pixels, axes=1)
    ink = 1 - grey if dark_ink else grey
    spare = max(ink.shape) - np.array(ink.shape)
    square = np.pad(ink, [(int(n // 2), int(n - n // 2)) for n in spare])
    weights = _areas(len(square), side)
    return np.asarray(weights @ square @ weights.T, np.float32)[np.newaxis].clip(0, 1)


def _areas(n: int, side: int) -> Floats:
    """What share of each of n pixels goes into each of `side` equal parts of the line, (side, n); rows sum to 1."""
    edges, pixels = np.linspace(0, n, side + 1), np.arange(n)
    overlap = np.minimum(edges[1:, None], pixels + 1) - np.maximum(edges[:-1, None], pixels)
    return np.asarray(overlap.clip(0) * side / n, np.float32)
