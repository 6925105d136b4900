"""One pixel of a feature map, product by product: kernel times patch, their sum, + b, the activation.

    z = sum of weight * patch,    with bias: activation(z + b),    without: activation(z)

The products add up to the number that the maps of `core.exact.feature_maps` show at that pixel.
"""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from ..checks import choice, number, whole
from ..data.pictures import Picture
from ..format import exactly, setting
from ..models.activations import ACTIVATIONS
from .pre_activation import LARGEST, Floats, channel_weights, rows_of_elements, zero_rounding


@dataclass(frozen=True, eq=False)
class PixelSum:
    """What one number of a map is made of."""

    weights: Floats  # (channels, kernel_h, kernel_w); for a colour picture the kernel over 3 in each channel
    patch: Floats  # the same shape: the picture around the pixel, 0 outside the picture
    padding: NDArray[np.bool_]  # (kernel_h, kernel_w), True where the patch lies outside the picture
    bias: float
    activation: str

    @property
    def pre_activation(self) -> float:
        """z, the sum of the products, before bias and activation; 0 if it is 0 but for rounding."""
        total = math.fsum((self.weights * self.patch).ravel())
        return float(zero_rounding(np.array(total), self.weights))

    @property
    def shifted(self) -> float:
        """z + b."""
        return self.pre_activation + self.bias

    @property
    def output(self) -> float:
        """activation(z + b): the number on the map with bias."""
        return self._activate(self.shifted)

    @property
    def without_bias(self) -> float:
        """activation(z): the number on the map without bias."""
        return self._activate(self.pre_activation)

    def _activate(self, value: float) -> float:
        return float(ACTIVATIONS[self.activation].function(np.array([value]))[0])

    @property
    def sentence(self) -> str:
        """The sum, and what each twin makes of it, in markdown; four digits."""
        name, z = ACTIVATIONS[self.activation].name, exactly(self.pre_activation, 4)
        added = f"{'−' if self.bias < 0 else '+'} {setting(abs(self.bias))}"
        return (
            f"The products add up to z = {z}. With the bias the map shows {name}({z} {added}) = "
            f"**{exactly(self.output, 4)}**, without it {name}({z}) = **{exactly(self.without_bias, 4)}**."
        )

    def to_frame(self) -> pd.DataFrame:
        """One row per product: channel, kernel_row, kernel_column, kernel (the weight), patch, product, padding."""
        columns = {
            "kernel": self.weights,
            "patch": self.patch,
            "product": self.weights * self.patch,
            "padding": np.broadcast_to(self.padding, self.weights.shape),
        }
        return rows_of_elements(("channel", "kernel_row", "kernel_column"), columns)


def pixel_sum(picture: Picture, kernel: ArrayLike, bias: float, activation: str, row: int, column: int) -> PixelSum:
    """Write down how the number at one pixel of the map comes about, row and column counted from 0 at the top left.

    Examples
    --------
    >>> from core.data.pictures import picture_of
    >>> entry = pixel_sum(picture_of([[0.25, 1.0]]), [[-1.0, 0.0, 1.0]], -0.5, "relu", 0, 0)
    >>> entry.to_frame()[["patch", "product", "padding"]].values.tolist()
    [[0.0, -0.0, True], [0.25, 0.0, False], [1.0, 1.0, False]]
    >>> entry.pre_activation, entry.bias, entry.output, entry.without_bias
    (1.0, -0.5, 0.5, 1.0)
    """
    channels, height, width = picture.pixels.shape
    for name, place, size in (("row", row, height), ("column", column, width)):
        whole(name, place, 0, size - 1)
    weights = channel_weights(kernel, channels)
    top, left = weights.shape[1] // 2, weights.shape[2] // 2
    window = (slice(row, row + weights.shape[1]), slice(column, column + weights.shape[2]))
    margins = ((top, top), (left, left))
    patch = np.pad(picture.pixels, ((0, 0), *margins))[:, *window]
    padding = np.pad(np.zeros((height, width), dtype=bool), margins, constant_values=True)[window]
    choice("activation", activation, ACTIVATIONS)
    number("bias", bias, -LARGEST, LARGEST)
    return PixelSum(weights, patch, padding, bias, activation)
