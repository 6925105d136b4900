"""Stresses: what is done to the test pictures of a network that was trained without them.

A picture X, where 1 is white, becomes ``X * level`` (contrast), ``X + level`` (brightness), ``X + level * N(0, 1)``
(noise) or 0 (blank). Nothing is clipped, so that a contrast of k is exactly k times the picture.
"""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..checks import choice

Floats = NDArray[np.float32]
Stress: TypeAlias = tuple[str, float]

PLAIN: Stress = ("none", 0.0)

STRESSES: tuple[Stress, ...] = (
    PLAIN,
    *(("contrast", k) for k in (10.0, 5.0, 2.0, 0.5, 0.2, 0.1, 0.05, 0.03)),
    *(("brightness", light) for light in (-0.3, -0.1, 0.1, 0.3)),
    *(("noise", sigma) for sigma in (0.1, 0.2, 0.4)),
    ("blank", 0.0),
)
"""Stress and level, the undisturbed test set first."""

UNDISTURBED = {"contrast": 1.0, "brightness": 0.0, "noise": 0.0}
"""The level at which a stress changes nothing."""

KINDS = ("none", "contrast", "brightness", "noise", "blank")


def apply_stress(X: Floats, stress: str, level: float, *, seed: int) -> Floats:
    """Test pictures X, a float32 array (n, n_features) that is left as it is, under a stress of `KINDS`.

    The seed is that of the noise: the same for every arm, and at every level the same grains.
    """
    choice("stress", stress, KINDS)
    # a stream of its own: the first is `varied_contrast`'s, and a task may have drawn from default_rng(seed) itself
    random = np.random.default_rng(seed).spawn(2)[1]
    match stress:
        case "contrast":
            return X * np.float32(level)
        case "brightness":
            return X + np.float32(level)
        case "noise":
            return X + np.float32(level) * random.standard_normal(X.shape, np.float32)
        case "blank":
            return np.zeros_like(X)
    return X
