"""Cells of text as numbers: decimal mark, thousands, currency, per cent and minus signs, found for a whole column.

With every digit replaced by 0 a cell is its shape: 0,000 for 1,020, but another one for 0,125. A column has few
shapes, and a shape tells which decimal mark the cell can have. Where a column allows both ("1,020" and "980"), other
columns decide, or else how such numbers are usually written; what was chosen is said, and so is the other reading.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..format import setting

MISSING = frozenset(
    ("", "na", "n/a", "n.a.", "#n/a", "nan", "null", "none", "?", "-", "\u2212", "\u2013", "\u2014", ".", "..")
) | {"inf", "+inf", "-inf", "infinity", "#div/0!", "#value!", "#ref!"}
DASHES = "\u2013\u2014\u2012\u2010\u2011\ufe63\uff0d"  # what is written for a minus
SPACES = " \xa0\u2009\u202f\u2007'\u2019"  # what stands between thousands beside a point or a comma
MONEY = re.compile("[$€£¥₹₩₽]|EUR|USD|GBP|CHF")
DIGITS = str.maketrans("123456789", "0" * 9)
ZERO = "\1"  # the whole part of 0,125, which no text has
ZERO_BEFORE_MARK = re.compile("(?<![0-9])0(?=[.,])")
OTHER = {".": ",", ",": "."}
MOST_QUOTED = 24
SEEN = 200  # cells that are looked at for a decimal comma
OF_PROGRAMS = ZERO + "0+-\u2212eE\n"

Floats = NDArray[np.float64]


def _pattern(mark: str) -> re.Pattern[str]:
    """The shapes of numbers with this decimal mark."""
    other = re.escape(OTHER[mark])
    sign, money = f"[+\\-\u2212{DASHES}]", f"(?:{MONEY.pattern})"
    grouped = rf"0{{1,3}}(?P<mark>[{SPACES}{other}])000(?:(?P=mark)000)*|00?(?:{other}00)+{other}000"
    digits = rf"(?:(?:{grouped}|0+|{ZERO})(?:\{mark}0*)?|\{mark}0+)(?:[eE][+-]?0+)?"
    return re.compile(rf"\(?(?:{sign} ?(?:{money} ?)?|{money} ?{sign}?)?{digits} ?(?:%|{money})?\)?")


PATTERNS = {mark: _pattern(mark) for mark in ".,"}
DROPPED: dict[str, str | None] = dict.fromkeys("%)" + SPACES)
TO_MINUS: dict[str, str | None] = dict.fromkeys("(\u2212" + DASHES, "-")
PLAIN = {mark: str.maketrans({OTHER[mark]: None, mark: "."} | DROPPED | TO_MINUS) for mark in ".,"}
TWO_WAYS = re.compile("[^0]*0{1,3}[.,]000[^0.,]*")  # 1,020: whole or a fraction
WHOLE = re.compile("[^0.,]*(0+)[^0.,]*")


class Read(NamedTuple):
    """A column as it was read: numbers (n,), not finite where missing; how many cells are text, the first; a note."""

    numbers: Floats
    n_odd: int = 0
    odd: str = ""
    note: str = ""
    doubt: bool = False
    """Whether the note names two readings."""


class _Column(NamedTuple):
    """The cells of a column, their shapes, how many there are of each, and with which marks each is a number."""

    cells: Sequence[str]
    shapes: list[str]
    counts: Counter[str]
    marks: dict[str, str]

    @property
    def proof(self) -> str:
        """The decimal mark that its cells prove; "" where they allow both."""
        points, commas = (sum(self.counts[s] for s, marks in self.marks.items() if mark in marks) for mark in ".,")
        return "" if points == commas else "." if points > commas else ","

    @property
    def both(self) -> set[str]:
        """The shapes of cells that can be read in two ways."""
        return {shape for shape, marks in self.marks.items() if marks == ".," and TWO_WAYS.fullmatch(shape.strip())}

    def first(self, shapes: set[str]) -> str:
        return next(cell for cell, shape in zip(self.cells, self.shapes, strict=True) if shape in shapes).strip()


def is_number(cell: str) -> bool:
    """Whether a cell is written as a number, with either decimal mark.

    Examples
    --------
    >>> is_number("-21.419,06"), is_number("$95.50"), is_number("12.5%"), is_number("1,2,3")
    (True, True, True, False)
    """
    return bool(_marks(_shapes([cell])[0]))


def is_text(cell: str) -> bool:
    """Whether a cell is neither a number nor missing."""
    return cell.lower() not in MISSING and not is_number(cell)


def share_of_numbers(cells: Iterable[str]) -> float:
    """How many of the cells that are not missing are numbers, from 0 to 1; 0 where all are missing."""
    filled = [is_number(cell) for cell in cells if cell.lower() not in MISSING]
    return sum(filled) / max(len(filled), 1)


def read_columns(columns: Sequence[Sequence[str]], delimiter: str) -> list[Read]:
    """Every column of text as numbers; the delimiter counts where all columns allow both readings.

    Examples
    --------
    >>> read, other = read_columns([["980", "1,020"], ["1.5", "2.5"]], ";")
    >>> read.numbers.tolist(), read.note
    ([980.0, 1020.0], '1,020 was read as 1020')
    """
    reads: list[Read] = []
    proofs, waiting = set(), {}
    for place, cells in enumerate(columns):
        read, proof = _read_plain(cells)
        if read is None:
            shapes = _shapes(cells)
            counts = Counter(shapes)
            column = _Column(cells, shapes, counts, {shape: _marks(shape) for shape in counts})
            proof = column.proof
            read = _read(column, proof or ".")
            if not proof and column.both:
                waiting[place] = column
        reads.append(read)
        proofs |= {proof} - {""}
    for place, column in waiting.items():
        reads[place] = _read(column, *_choose_mark(column, proofs, delimiter))
    return reads


def _read_plain(cells: Sequence[str]) -> tuple[Read | None, str]:
    """A column that any program would read so, or one with decimal commas alone, and the mark that it proves; None
    where its cells must be looked at."""
    dotted = next((cell for cell in cells if "." in cell), "")
    commas = (cell for cell in cells[:SEEN] if "," in cell and _marks(_shapes([cell])[0]) == ",")
    comma = "" if dotted else next(commas, "")
    try:
        plain = "\0".join(cells).replace(",", ".").split("\0") if comma else cells
        numbers = np.fromiter(map(float, plain), np.float64, len(cells))
    except ValueError:
        return None, ""
    dots = (cell for cell in cells if "." in cell)
    if dotted and TWO_WAYS.fullmatch(_shapes([dotted])[0]) and all(map(TWO_WAYS.fullmatch, set(_shapes([*dots])))):
        return None, ""
    return Read(numbers, note=_as_read(comma, ",") if comma else ""), "." if dotted else "," if comma else ""


def _shapes(cells: Sequence[str]) -> list[str]:
    return ZERO_BEFORE_MARK.sub(ZERO, "\0".join(cells)).translate(DIGITS).split("\0")


@lru_cache(maxsize=10_000)
def _marks(shape: str) -> str:
    """The decimal marks with which cells of a shape are numbers."""
    plain = shape.strip()
    return "".join(mark for mark in ".," if ("0" in plain or ZERO in plain) and PATTERNS[mark].fullmatch(plain))


def _read(column: _Column, mark: str, doubt: bool = False) -> Read:
    """The numbers of a column whose cells had to be looked at."""
    fitting = {shape for shape, marks in column.marks.items() if mark in marks}
    odd = {shape for shape in column.marks if shape not in fitting and shape.strip().lower() not in MISSING}
    places = [place for place, shape in enumerate(column.shapes) if shape in fitting]
    numbers = np.full(len(column.cells), np.nan)
    numbers[places] = _floats([column.cells[place] for place in places], mark)
    n_odd = sum(column.counts[shape] for shape in odd)
    return Read(numbers, n_odd, column.first(odd) if odd else "", _note(column, fitting, mark, doubt), doubt)


def _choose_mark(column: _Column, proofs: set[str], delimiter: str) -> tuple[str, bool]:
    """The decimal mark of a column that allows both, and whether other columns leave it in doubt.

    Of fractions with as many digits each, none would be whole; of others, none would end in 0. So 980 beside 1,020
    tells of thousands, and 1020 beside it does not.
    """
    both = column.both
    here = "," if "," in column.first(both) else "."
    longest = max((len(found[1]) for shape in column.counts if (found := WHOLE.fullmatch(shape))), default=0)
    two_ways = (cell for cell, shape in zip(column.cells, column.shapes, strict=True) if shape in both)
    ends_in_0 = any(cell.rstrip(" %)").endswith("0") for cell in two_ways)
    grouped = longest == 3 or (0 < longest < 3 and ends_in_0)
    if len(proofs) == 1:
        (mark,) = proofs
        return mark, grouped and mark == here
    grouped |= here == "," and delimiter != ";" and longest < 4
    return OTHER[here] if grouped else here, True


def _floats(cells: list[str], mark: str) -> Floats:
    parts = MONEY.sub("", "\0".join(cells)).translate(PLAIN[mark]).split("\0") if cells else []
    return np.fromiter(map(float, parts), np.float64, len(parts))


def _note(column: _Column, fitting: set[str], mark: str, doubt: bool) -> str:
    """What a cell was read as, for each character that a program would not take; or both readings of one."""
    if doubt:
        cell = column.first(column.both)
        other = setting(_floats([cell], OTHER[mark])[0])
        return f"{_as_read(cell, mark)}; if {other} is meant, write {other}"
    characters = sorted(set("".join(fitting)) - set(OF_PROGRAMS) - {"." if mark == "." else ""})
    cells = [column.first({shape for shape in fitting if character in shape}) for character in characters]
    return "; ".join(_as_read(cell, mark) for cell in dict.fromkeys(cells))


def _as_read(cell: str, mark: str) -> str:
    return f"{quoted(cell)} was read as {setting(_floats([cell], mark)[0])}"


def first_five(names: Sequence[str]) -> str:
    """Names in a sentence: five of them at most, and how many more there are."""
    return ", ".join(names[:5]) + (f" and {len(names) - 5:,} more" if len(names) > 5 else "")


def quoted(cell: str, most: int = MOST_QUOTED) -> str:
    """A cell of a visitor's file in a sentence: on one line, and short.

    Examples
    --------
    >>> quoted(" a\\nb "), quoted("x" * 99)
    ('a b', 'xxxxxxxxxxxxxxxxxxxxxxx…')
    """
    plain = " ".join("".join(c if c.isprintable() else " " for c in cell[: 2 * most]).split())
    return plain if len(plain) <= most else plain[: most - 1] + "…"
