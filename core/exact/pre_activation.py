"""The sum that a filter makes at every pixel of a picture, before bias and activation.

    z[r, c] = sum over channel, i, j of  weights[channel, i, j] * patch[channel, i, j]

The patch is the part of the picture around (r, c), 0 outside the picture (padding "same"): the sums are as many as the
pixels, and in units of the picture, in which black is 0 and white is 1. Convolution means cross-correlation.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..data.pictures import Picture
from ..errors import InputError
from ..models.convolution import conv2d

if TYPE_CHECKING:  # loaded where a frame is made: the first page makes none
    import pandas as pd

Floats = NDArray[np.float64]

LARGEST = 1_000_000
"""Of a weight or a bias: far beyond any use, and far from overflow."""


def pre_activation(picture: Picture, kernel: ArrayLike) -> Floats:
    """The sum of kernel times patch at every pixel, (height, width), before bias and activation.

    A sum that is 0 but for the rounding of its terms is 0, so that the flat parts of a picture stay at the threshold.
    The kernel is a matrix of odd sides, its weights from -1e6 to 1e6; another one is an InputError.

    Examples
    --------
    >>> from core.data.pictures import picture_of
    >>> pre_activation(picture_of([[0.0, 1.0, 1.0]]), [[-1.0, 0.0, 1.0]]).tolist()
    [[1.0, 1.0, -1.0]]
    """
    weights = channel_weights(kernel, len(picture.pixels))
    return zero_rounding(conv2d(picture.pixels[np.newaxis], weights[np.newaxis], padding="same")[0, 0], weights)


def channel_weights(kernel: ArrayLike, n_channels: int) -> Floats:
    """The filter's weights, (n_channels, kernel_h, kernel_w): the kernel over the number of channels, for each."""
    weights = np.asarray(kernel, dtype=np.float64)
    if weights.ndim != 2 or not all(side % 2 for side in weights.shape):
        raise InputError(f"`kernel` must have odd sides, got {weights.shape}", hint="Take 3 × 3 or 5 × 5.")
    if not bool(np.all(np.abs(weights) <= LARGEST)):
        raise InputError(f"`kernel` must hold numbers from −1e6 to 1e6, got {weights.tolist()}")
    return np.repeat(weights[np.newaxis] / n_channels, n_channels, axis=0)


def zero_rounding(sums: Floats, weights: Floats) -> Floats:
    """The sums with those set to 0 that are within the rounding error of n products of weights and pixels, n eps."""
    return np.where(np.abs(sums) <= weights.size * np.finfo(np.float64).eps * np.abs(weights).sum(), 0.0, sums)


def rows_of_elements(places: Sequence[str], columns: dict[str, NDArray[Any]]) -> "pd.DataFrame":
    """Arrays of one shape as a frame of one row per element: where it is, by these names, and its number in each.

    Examples
    --------
    >>> rows_of_elements(("row", "column"), {"z": np.array([[0.5, 1.0]])}).values.tolist()
    [[0.0, 0.0, 0.5], [0.0, 1.0, 1.0]]
    """
    import pandas as pd

    axes = dict(zip(places, np.indices(next(iter(columns.values())).shape), strict=True))
    return pd.DataFrame({name: values.ravel() for name, values in (axes | columns).items()})
