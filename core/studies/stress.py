"""Stresses: what is done to the test pictures of a network that was trained without them.

A picture X, where 1 is white, becomes ``X * level`` (contrast), ``X + level`` (brightness), ``X + level * N(0, 1)``
(noise) or 0 (blank). Nothing is clipped, so that a contrast of k is exactly k times the picture.
"""

from collections.abc import Iterable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..checks import number
from ..errors import InputError

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
LARGEST = 1_000  # of levels


def apply_stress(X: Floats, stress: str, level: float, *, seed: int) -> Floats:
    """Test pictures X, a float32 array (n, n_features) that is left as it is, under a stress of `KINDS`.

    The seed is that of the noise: the same for every arm, and at every level the same grains.
    """
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


def as_stresses(stresses: Iterable[tuple[str, float]]) -> tuple[Stress, ...]:
    """Stresses with levels that are plain floats.

    An InputError where one is no known stress with a level from -1,000 to 1,000, one is there twice, or the undisturbed
    test set is missing.

    Examples
    --------
    >>> as_stresses([("none", 0), ("contrast", 3)])
    (('none', 0.0), ('contrast', 3.0))
    """
    found = tuple(map(_as_stress, stresses))
    for place, item in enumerate(found):
        if item in found[:place]:
            raise InputError(f"`stresses` must differ from each other, got {item!r} twice")
    if PLAIN not in found:
        raise InputError(f"`stresses` must hold {PLAIN!r}, the undisturbed test set, got {found!r}")
    return found


def _as_stress(item: object) -> Stress:
    if not isinstance(item, tuple | list) or len(item) != 2 or item[0] not in KINDS:
        raise InputError(f"`stresses` must be (stress, level) with a stress of {', '.join(KINDS)}, got {item!r}")
    stress, level = item
    number(f"level of {stress}", level, -LARGEST, LARGEST)
    if level != 0 and stress in ("none", "blank"):
        raise InputError(f"`stresses` must have level 0 for {stress}, got {level!r}")
    return str(stress), float(level)
