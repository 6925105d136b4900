"""Kernels with names: what the best-known 3 x 3 filters are made of.

Convolution means cross-correlation, as in every deep-learning library: the kernel is laid on the picture unflipped,
so "edges in x" answers positively where the picture goes from dark (left) to bright (right). Kernels that compare
neighbours are scaled so that a picture in [0, 1] gives a response in [-1, 1].
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Kernel:
    """One filter's weights for one channel."""

    title: str
    weights: tuple[tuple[float, ...], ...]  # rows; odd sides
    note: str = ""  # what it answers, and its scale

    @property
    def array(self) -> NDArray[np.float64]:
        """The weights as an array (kernel_h, kernel_w)."""
        return np.array(self.weights, dtype=np.float64)


def _divide(divisor: float, *rows: tuple[float, ...]) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(weight / divisor for weight in row) for row in rows)


KERNELS: dict[str, Kernel] = {
    "identity": Kernel("Identity", _divide(1, (0, 0, 0), (0, 1, 0), (0, 0, 0)), "the picture itself; from 0 to 1"),
    "blur": Kernel("Blur", _divide(9, (1, 1, 1), (1, 1, 1), (1, 1, 1)), "the mean of nine pixels; from 0 to 1"),
    "sharpen": Kernel(
        "Sharpen",
        _divide(1, (0, -1, 0), (-1, 5, -1), (0, -1, 0)),
        "five times the pixel minus its four neighbours; even areas keep their value, edges go from −4 to 5",
    ),
    "edges_x": Kernel(
        "Edges in x",
        _divide(4, (-1, 0, 1), (-2, 0, 2), (-1, 0, 1)),
        "Sobel over 4: positive where it gets brighter to the right; from −1 to 1",
    ),
    "edges_y": Kernel(
        "Edges in y",
        _divide(4, (-1, -2, -1), (0, 0, 0), (1, 2, 1)),
        "Sobel over 4: positive where it gets brighter downwards; from −1 to 1",
    ),
    "laplacian": Kernel(
        "Laplacian",
        _divide(4, (0, 1, 0), (1, -4, 1), (0, 1, 0)),
        "the mean of four neighbours minus the pixel: positive where it is darker than they; from −1 to 1",
    ),
    "emboss": Kernel(
        "Emboss",
        _divide(4, (-2, -1, 0), (-1, 0, 1), (0, 1, 2)),
        "the slope towards the lower right over 4; from −1 to 1. The grey that picture programs add is a bias of 0.5",
    ),
}
"""Slug -> kernel."""
