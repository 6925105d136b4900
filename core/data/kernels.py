"""Kernels with names: what the best-known 3 x 3 filters are made of.

Convolution means cross-correlation, as in every deep-learning library: the kernel is laid on the picture unflipped,
so "edges in x" answers positively where the picture goes from dark (left) to bright (right). Kernels that compare
neighbours are scaled so that a picture in [0, 1] gives a response in [-1, 1].
"""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Kernel:
    """One filter's weights for one channel."""

    title: str
    weights: tuple[tuple[float, ...], ...]  # rows; odd sides

    @property
    def array(self) -> NDArray[np.float64]:
        """The weights as an array (kernel_h, kernel_w)."""
        return np.array(self.weights, dtype=np.float64)


def _kernel(row: dict[str, str]) -> Kernel:
    """The kernel of a row in the table beside this file, where `note` says what it answers, and its scale."""
    rows = [line.split() for line in row["weights"].split("/")]
    weights = tuple(tuple(float(weight) / float(row["divisor"]) for weight in cells) for cells in rows)
    return Kernel(row["title"], weights)


_ROWS = csv.DictReader(Path(__file__).with_suffix(".csv").read_text("utf-8").splitlines())
KERNELS = {row["name"]: _kernel(row) for row in _ROWS}
"""Slug -> kernel."""
