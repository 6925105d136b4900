"""What single pairs say, each on its own: which lie far off the others, and the story that each would have told."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..format import say

FAR = 5  # median absolute deviations
TO_STANDARD = 1.4826  # a normal distribution's standard deviation in median absolute deviations


def outliers(differences: ArrayLike, margin: float) -> NDArray[np.bool_]:
    """Which differences lie far off the others: one collapsed run breaks a t interval.

    Far is more than 5 median absolute deviations (times 1.4826, so that they estimate a standard deviation) from the
    median, and more than the margin: where most seeds agree exactly, that deviation is 0, and one picture more is
    nothing to worry about.

    Examples
    --------
    >>> outliers([0.001, -0.002, 0.002, 0.0, -0.86], margin=0.01).tolist()
    [False, False, False, False, True]
    """
    d = np.asarray(differences, dtype=float)
    off = np.abs(d - np.median(d))
    far: NDArray[np.bool_] = off > max(FAR * TO_STANDARD * float(np.median(off)), margin)
    return far


def outlier_sentence(seeds: Sequence[int]) -> str:
    """That these seeds lie far off the others; empty if there is none."""
    if not seeds:
        return ""
    names = ", ".join(str(seed) for seed in seeds)
    which, them = (f"Seed {names} lies", "it") if len(seeds) == 1 else (f"Seeds {names} lie", "them")
    far = f"more than {FAR} median absolute deviations"
    return f"{which} far off the others ({far}): a mean and a t interval bend to {them}."


class Lottery(NamedTuple):
    """How many single pairs are on the mean's side of 0, on the other side, and at exactly 0.

    Of a mean of exactly 0 no pair is on its side, and all that are not tied count as opposite.
    """

    same: int
    opposite: int
    tied: int


def lottery(differences: ArrayLike) -> Lottery:
    """How many single pairs would have told the mean's story."""
    d = np.asarray(differences, dtype=float)
    mean = np.round(d.mean(), 12)  # or rounding could give a mean of 0 a side
    same, tied = int((d * mean > 0).sum()), int((d == 0).sum())
    return Lottery(same, len(d) - same - tied, tied)


def lottery_sentence(differences: ArrayLike, gain: str) -> str:
    """The lottery in words."""
    d = np.asarray(differences, dtype=float)
    helps, hurts, nothing = (int(count.sum()) for count in (d > 0, d < 0, d == 0))
    pairs = "1 single pair" if len(d) == 1 else f"{say(len(d))} single pairs"
    equal = f"; in {nothing} both are exactly equal" if nothing else ""
    return f"Of {pairs}, {helps} alone would have said that {gain} helps, {hurts} that it hurts{equal}."
