"""The values of arguments, and the numbers that a printed parameter holds, read from text."""

import math
import re

from ..module import Value

_SIZE = re.compile(r"(?:Parameter|Tensor) containing: \[.* of size (\d{1,9}(?:x\d{1,9}){0,63}(?![x\d])|(?=[ \]]))")
_WHOLE = re.compile(r"[+-]?\d{1,15}")
_DECIMAL = re.compile(r"[+-]?(?:\d{1,30}\.?\d{0,30}|\.\d{1,30})(?:[eE][+-]?\d{1,5})?")
_CONSTANTS: dict[str, bool | None] = {"True": True, "False": False, "None": None}


def read_value(raw: str) -> Value:
    """A number, word or flat tuple; any other text as it is."""
    inner = raw[1:-1]
    if raw[:1] + raw[-1:] in ("()", "[]") and not any(bracket in inner for bracket in "()[]{}"):
        return tuple(_scalar(part.strip()) for part in inner.split(",") if part.strip())
    return _scalar(raw)


def _scalar(raw: str) -> int | float | bool | str | None:
    if raw in _CONSTANTS:
        return _CONSTANTS[raw]
    if _WHOLE.fullmatch(raw):
        return int(raw)
    if _DECIMAL.fullmatch(raw):
        return float(raw)
    return raw[1:-1] if len(raw) > 1 and raw[0] == raw[-1] and raw[0] in "'\"" else raw


def count_bare(text: str, at: int) -> int:
    """Numbers in a parameter that is printed as a child, one where it has no axis; 0 for None and for objects."""
    size = _SIZE.match(text, at)
    return math.prod(int(side) for side in size[1].split("x") if side) if size else 0
