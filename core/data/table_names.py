"""The names of a table's columns, found among the lines above its first row of numbers.

A row of names holds text above columns of numbers; of several rows the one with most text is it, of equals the last,
and units below it belong to it. Names may also be numbers, as years are: whole, rising or falling, and unlike the
numbers below. What else stands above is left out, and that is said.
"""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from ..errors import InputError
from .number_texts import is_number, is_text, quoted, share_of_numbers

UNIT = re.compile(r"[\[(].*[\])]|[nµμmcdkMG]?(m|g|s|V|A|W|N|J|K|l|L|Pa|Hz|bar|mol)[²³23]?(/\w+)?|°?[CF]|%|min|h|-|")
YEARS = range(1500, 2200)
FLOAT = re.compile(r"-?[0-9]+(\.[0-9]*)?")
HINT = (
    "Name every column, or remove the lines above the numbers; if the comma is the decimal mark, write semicolons "
    "between the cells."
)

Row = list[str]


class Names(NamedTuple):
    """The names of the columns, empty where there are none; the first row below them; and sentences on both, or
    empty ones."""

    names: Row
    first: int
    notes: tuple[str, str]


def find_names(rows: Sequence[Row], width: int, *, comments: Sequence[Row] = (), row_names: bool = True) -> Names:
    """The names of `width` columns in the first rows of a file, or in the last of the comments above them.

    Where the names are one too few, the first column can be R's names of rows; with `row_names=False` only if it holds
    text, since "1,5" may also be one number.

    Examples
    --------
    >>> find_names([["A report"], ["x", "y"], ["(m)", "(s)"], ["1", "2"]], 2)
    Names(names=['x (m)', 'y (s)'], first=3, notes=('Left out, above the numbers: 1 line, “A report”.', ''))
    """
    wide = [row for row in rows if len(row) >= width]
    numeric = [j for j in range(width) if share_of_numbers(row[j] for row in wide[len(wide) // 2 :]) >= 0.5]
    first = _first_row_of_numbers(rows, width, numeric)
    heads, below = rows[:first], [row for row in rows[first:] if len(row) == width]
    fits = {k: names for k, row in enumerate(heads) if (names := _fit(row, below, width, row_names))}
    left, names, said = [*comments, *heads], Row(), ""
    if fits:
        names, used = _best(fits)
        left = [*comments, *(row for k, row in enumerate(heads) if k not in used)]
    elif not heads and comments and (names := _fit(comments[-1], below, width, True)):
        left = [*comments[:-1]]
    elif heads and (len(heads[-1]) > 1 or not (row_names or width > 2)):
        few = f"{len(heads[-1])} name{'s' * (len(heads[-1]) > 1)}"
        raise InputError(f"`data` must have a name for each column, got {few} for {width} columns", hint=HINT)
    elif first < len(rows) and _are_names(rows[first], below[1:], numeric):
        names, first = rows[first], first + 1
        said = f"Taken for names: the first row, {', '.join(filter(None, names[:4]))}{', …' * (width > 4)}."
    return Names(names, first, (left_out([" ".join(filter(None, row)) for row in left]), said))


def _first_row_of_numbers(rows: Sequence[Row], width: int, numeric: list[int]) -> int:
    """The place of the first row with numbers in columns of numbers, and no text there unless names came before."""
    named = False
    for place, row in enumerate(rows):
        cells = [row[j] for j in numeric if j < len(row)]
        share = share_of_numbers(cells)
        if len(row) >= width and (share == 1 or (named and share >= 0.5)):
            while place and len(rows[place - 1]) == width and not any(is_text(rows[place - 1][j]) for j in numeric):
                place -= 1  # rows with gaps
            return place
        named |= len(row) >= width - 1 and any(map(is_text, cells))
    return 0


def _fit(row: Row, below: list[Row], width: int, row_names: bool) -> Row:
    """The cells of a row as one name for each column; empty where they are none."""
    full = row[:width] if not any(row[width:]) else row
    if not any(map(is_text, full)):
        return []
    if len(full) == width - 1 and below:
        if not any(cells[-1] for cells in below):  # a delimiter at the end of every line
            return [*full, ""]
        first = [cells[0] for cells in below]
        if len(set(first)) == len(first) and (row_names or not all(map(is_number, first))):
            return ["", *full]
    return full if len(full) == width else []


def _best(fits: dict[int, Row]) -> tuple[Row, list[int]]:
    """The row with most text, the last of equals, or the one above it with it if it is one of units; and where."""
    texts = {place: sum(map(is_text, row)) for place, row in fits.items()}
    alike = [place for place in fits if texts[place] == max(texts.values())]
    used = alike[-2:] if all(map(UNIT.fullmatch, fits[alike[-1]])) else alike[-1:]
    return [" ".join(filter(None, cells)) for cells in zip(*(fits[place] for place in used), strict=True)], used


def _are_names(row: Row, below: list[Row], numeric: list[int]) -> bool:
    """Whether a row of numbers is one of names: years above other numbers, whole ones above fractions they are not
    among, or whatever stands beside the empty name of an index."""
    named = [j for j in numeric if row[j]]
    names = [int(row[j]) for j in named if row[j].isdecimal()]
    if len(names) < max(2, len(named)) or len({one < other for one, other in pairwise(names)}) > 1 or not below:
        return False
    columns = [[cells[j] for cells in below if is_number(cells[j])] for j in named]
    new = all(_is_beyond(name, cells) for name, cells in zip(names, columns, strict=True))
    fractions = all(2 * sum("." in cell or "," in cell for cell in cells) >= len(cells) for cells in columns)
    counted = names == list(range(names[0], names[0] + len(names))) and names[0] in (0, 1)
    years = new and all(name in YEARS for name in names)
    indexed = not row[0] and all(cells[0] for cells in below)
    return years or indexed or (len(names) > 2 and fractions and (new or counted))


def _is_beyond(name: int, cells: list[str]) -> bool:
    sizes = [float(cell) for cell in (cell.replace(",", ".") for cell in cells) if FLOAT.fullmatch(cell)]
    return not sizes or not min(sizes) <= name <= max(sizes)


def left_out(lines: Sequence[str], where: str = "above") -> str:
    """A sentence on lines around the numbers that are left out; empty where there are none."""
    many = f"{len(lines)} line{'s' * (len(lines) > 1)}"
    return f"Left out, {where} the numbers: {many}, “{quoted(lines[0])}”." if lines else ""
