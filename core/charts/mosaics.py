"""Many small maps in one picture, with gaps between them, and which map a place in it belongs to."""

import math

import numpy as np
from numpy.typing import NDArray

Shape = tuple[int, int]


def mosaic(maps: NDArray[np.floating], across: int) -> NDArray[np.floating]:
    """Maps (n, height, width) as one array, `across` in a row; NaN, which is drawn as nothing, in the gaps.

    Examples
    --------
    >>> mosaic(np.array([[[1.0]], [[2.0]], [[3.0]]]), 2).tolist()
    [[1.0, nan, 2.0], [nan, nan, nan], [3.0, nan, nan]]
    """
    n, height, width = maps.shape
    down = math.ceil(n / across)
    cells = np.full((down * across, height + 1, width + 1), np.nan)
    cells[:n, :height, :width] = maps
    rows = cells.reshape(down, across, height + 1, width + 1).transpose(0, 2, 1, 3)
    return rows.reshape(down * (height + 1), across * (width + 1))[:-1, :-1]


def place_of(number: int, row: int, column: int, shape: Shape, across: int) -> Shape:
    """Where pixel (row, column) of map `number`, of maps of this shape, stands in the mosaic.

    Examples
    --------
    >>> place_of(3, 1, 0, (4, 4), 2)
    (6, 5)
    """
    height, width = shape
    return number // across * (height + 1) + row, number % across * (width + 1) + column


def map_at(place: Shape, shape: Shape, across: int, n: int) -> tuple[int, int, int]:
    """The map and its pixel (number, row, column) at a place of the mosaic; a gap belongs to the map before it.

    Examples
    --------
    >>> map_at((6, 5), (4, 4), 2, 4), map_at((4, 4), (4, 4), 2, 4)
    ((3, 1, 0), (0, 3, 3))
    """
    (down, row), (right, column) = (divmod(at, side + 1) for at, side in zip(place, shape, strict=True))
    return min(down * across + right, n - 1), min(row, shape[0] - 1), min(column, shape[1] - 1)
