"""The two sides of every comparison, always in the same words, and their rows one below the other."""

from collections.abc import Mapping
from typing import Any

import numpy as np

WITH, WITHOUT = ARMS = ("with bias", "without bias")
DIMMED = "biases dimmed along"
"""The first twin, every bias times the light k: f(k x; W, k b) = k f(x; W, b)."""

Columns = dict[str, Any]
"""Name -> as many values each: what a chart takes that follows a finger. A frame of it takes longer than all else."""


def by_arm(found: Mapping[str, Columns]) -> Columns:
    """The rows of each arm, below those of the arm before, as columns: first the arm, then those that they share.

    Examples
    --------
    >>> rows = by_arm({WITH: {"x": [1, 2]}, WITHOUT: {"x": [3]}})
    >>> rows["arm"].tolist(), rows["x"].tolist()
    (['with bias', 'with bias', 'without bias'], [1, 2, 3])
    """
    names = list(next(iter(found.values())))
    arms = np.repeat(list(found), [len(columns[names[0]]) for columns in found.values()])
    return {"arm": arms} | {name: np.concatenate([columns[name] for columns in found.values()]) for name in names}
