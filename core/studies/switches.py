"""Arms: the settings of the switches that a study compares.

The convolutions and the dense layer each have biases or not; batch norm, which brings biases of its own (its beta and
running mean), is a third switch.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

from ..errors import InputError


class Arm(NamedTuple):
    """One setting of the switches. A plain tuple, ``(True, False)``, will do wherever an arm is asked for."""

    conv_bias: bool
    dense_bias: bool
    batch_norm: bool = False


FOUR = (Arm(True, True), Arm(True, False), Arm(False, True), Arm(False, False))
"""Every setting of the two biases, without batch norm."""

ALL_ARMS = (*FOUR, Arm(True, True, True), Arm(False, True, True), Arm(False, False, True))
"""Those, and with batch norm: all biases, none before the norm, none but the norm's own."""

BOTH, NO_BIAS = "both biases", "no bias"
NAMES = {
    (True, True): BOTH,
    (True, False): "convolution biases only",
    (False, True): "dense bias only",
    (False, False): NO_BIAS,
}


def arm_name(arm: tuple[bool, ...]) -> str:
    """An arm in words."""
    conv_bias, dense_bias, batch_norm = Arm(*arm)
    return NAMES[conv_bias, dense_bias] + (", batch norm" if batch_norm else "")


def as_arms(arms: Iterable[Any]) -> tuple[Arm, ...]:
    """Arms from plain tuples.

    An InputError where there is none, one is no tuple of two or three switches, or one is there twice.
    """
    found = tuple(_as_arm(arm) for arm in arms)
    if not found:
        raise InputError("`arms` must hold at least one arm, got none")
    for place, arm in enumerate(found):
        if arm in found[:place]:
            raise InputError(f'`arms` must differ from each other, got "{arm_name(arm)}" twice')
    return found


def _as_arm(arm: Any) -> Arm:
    if isinstance(arm, tuple) and len(arm) in (2, 3) and all(isinstance(switch, bool) for switch in arm):
        return Arm(*arm)
    raise InputError(f"`arms` must be tuples (conv_bias, dense_bias, batch_norm) of True and False, got {arm!r}")


def gain(arm: str, other: str) -> str:
    """What the first of two arms, by their names, has more of, in words that "helps" or "hurts" can follow.

    Examples
    --------
    >>> gain("both biases", "no bias"), gain("both biases", "convolution biases only")
    ('a bias', 'a dense bias')
    >>> gain("no bias", "no bias, batch norm")
    '“no bias” in place of “no bias, batch norm”'
    """
    more = tuple(int(has) - int(had) for has, had in zip(ARM_NAMED[arm], ARM_NAMED[other], strict=True))
    return _GAINS.get(more, f"“{arm}” in place of “{other}”")


ARM_NAMED = {arm_name(arm): arm for norm in (False, True) for arm in (Arm(*biases, norm) for biases in NAMES)}
"""An arm's name -> the arm."""

_GAINS: dict[tuple[int, ...], str] = {
    (1, 1, 0): "a bias",
    (1, 0, 0): "a convolution bias",
    (0, 1, 0): "a dense bias",
    (0, 0, 1): "batch norm",
}
