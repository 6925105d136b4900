"""The one form of an argument's InputError: parameter, rule, value."""

import math
from collections.abc import Iterable
from numbers import Integral, Real

from .errors import InputError
from .format import MINUS


def whole(name: str, value: object, low: int, high: float = math.inf) -> None:
    """Refuse what is no whole number from `low` to `high`; True and 2.0 are none.

    Examples
    --------
    >>> whole("seed", 3, 0)
    >>> whole("n_epochs", 2.5, 0, 1000)
    Traceback (most recent call last):
    core.errors.InputError: `n_epochs` must be a whole number from 0 to 1,000, got 2.5
    """
    if isinstance(value, bool) or not isinstance(value, Integral) or not low <= int(value) <= high:
        raise InputError(f"`{name}` must be a whole number {_span(low, high)}, got {_plain(value)}")


def number(
    name: str, value: object, low: float, high: float = math.inf, *, above: bool = False, hint: str = ""
) -> None:
    """Refuse what is no finite number from `low` to `high`; with `above`, `low` itself is refused too.

    Examples
    --------
    >>> number("light", 0.5, 0.001, 1000)
    >>> number("learning_rate", 0, 0, 1, above=True)
    Traceback (most recent call last):
    core.errors.InputError: `learning_rate` must be a number above 0 and at most 1, got 0
    """
    size = float(value) if isinstance(value, Real) and not isinstance(value, bool) else math.nan
    if not (math.isfinite(size) and low <= size <= high) or (above and size == low):
        end = "" if math.isinf(high) else f" and at most {_plain(high)}"
        span = f"above {_plain(low)}{end}" if above else _span(low, high)
        raise InputError(f"`{name}` must be a number {span}, got {_plain(value)}", hint=hint)


def choice(name: str, value: object, options: Iterable[object], *, hint: str = "Choose one.") -> None:
    """Refuse what is none of the options.

    Examples
    --------
    >>> choice("activation", "relu", ["relu", "tanh"])
    >>> choice("activation", "rule", ["relu", "tanh"])
    Traceback (most recent call last):
    core.errors.InputError: `activation` must be one of relu, tanh, got 'rule'
    """
    known = list(options)
    if value not in known:
        raise InputError(f"`{name}` must be one of {', '.join(map(str, known))}, got {value!r}", hint=hint)


def _span(low: float, high: float) -> str:
    return f"of at least {_plain(low)}" if math.isinf(high) else f"from {_plain(low)} to {_plain(high)}"


def _plain(value: object) -> str:
    """A number in full, with commas and a true minus sign; anything else as Python writes it."""
    if isinstance(value, bool) or not isinstance(value, Real):
        return repr(value)
    return f"{int(value) if isinstance(value, Integral) else float(value):,}".replace("-", MINUS)
