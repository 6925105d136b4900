"""The bytes of a table as named columns of text cells: encoding, delimiter, decimal mark and header, by content.

Every layout (delimiter and decimal mark) is tried on the first hundred lines. Its score is the share of lines that
have the usual number of cells, times the share of filled cells below the first line that are numbers; the best score
wins, and on a tie the earlier in `LAYOUTS`. The first line is a header when it holds text above a column of numbers.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress

import pandas as pd

from ..errors import InputError

MAX_ROWS = 200_000
MAX_COLUMNS = 1_000
MAX_CELLS = 2_000_000
MAX_NAME = 60
MISSING = frozenset({"", "na", "n/a", "#n/a", "nan", "null", "none", "?", "-", ".", "inf", "+inf", "-inf", "infinity"})
BLANKS = " "
LAYOUTS = tuple((delimiter, decimal) for delimiter in (",", ";", "\t", "|", BLANKS) for decimal in (".", ","))
BYTE_ORDER_MARKS = (
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
ENCODINGS = ("utf-8", "cp1252", "latin-1")
SPREADSHEETS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
NUMBER = {
    decimal: re.compile(rf"[+-]?(\d+({mark}\d*)?|{mark}\d+)([eE][+-]?\d+)?")
    for decimal, mark in ((".", r"\."), (",", ","))
}
THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+")
NOT_TEXT = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f]")
SAMPLE = 100
SAMPLE_HINT = "Keep a sample of the rows."
MOST_CELLS = MAX_COLUMNS * SAMPLE  # in the sample: a layout that would make more is not tried


def table_error(rule: str, hint: str = "") -> InputError:
    """The error for a table that breaks a rule: what `data` must be, and what it is."""
    return InputError(f"`data` must {rule}", hint=hint)


def decode_text(data: bytes) -> str:
    """The text of a file in UTF-8, UTF-16 or UTF-32 (with or without byte order mark), Windows-1252 or Latin-1.

    Examples
    --------
    >>> decode_text("größe;1\\u2212".encode("utf-16")), decode_text("größe".encode("latin-1"))
    ('größe;1-', 'größe')
    """
    if data.startswith(SPREADSHEETS):
        raise table_error("be a table of text, got a spreadsheet file", "Save the sheet as CSV first.")
    texts = decode_alike([data], _encodings(data))
    if not texts or NOT_TEXT.search(text := texts[0].removeprefix("\ufeff")):
        raise table_error("be a table of text, got binary data", "Save the table as CSV first.")
    return text.replace("\u2212", "-").replace("\xa0", " ")


def decode_alike(pieces: Sequence[bytes], encodings: Sequence[str] = ENCODINGS) -> list[str]:
    """Texts in the first of these encodings that all pieces are in; empty where there is none."""
    for encoding in encodings:
        with suppress(UnicodeDecodeError):
            return [piece.decode(encoding) for piece in pieces]
    return []


def marked_encoding(data: bytes) -> str | None:
    """The encoding that a byte order mark tells; None without one."""
    return next((encoding for mark, encoding in BYTE_ORDER_MARKS if data.startswith(mark)), None)


def is_number(cell: str, decimal: str) -> bool:
    """Whether a cell is written as a number with this decimal mark."""
    return bool(NUMBER[decimal].fullmatch(cell))


def parse_cells(text: str) -> tuple[pd.DataFrame, str]:
    """Named columns of text cells, and the decimal mark; an InputError where there are none, or too many.

    Examples
    --------
    >>> cells, decimal = parse_cells("x;x;\\n1,5;2;a\\n2,5;3;b")
    >>> list(cells), decimal
    (['x', 'x (2)', 'column 3'], ',')
    """
    lines = [line for line in re.split("\r\n|\r|\n", text) if line.strip()]
    if lines and lines[0].lower().startswith("sep="):  # how Excel names its delimiter
        lines = lines[1:]
    if not lines:
        raise table_error("not be empty", "Choose a text file with one row of numbers a line.")
    _check_at_most(MAX_ROWS, "rows", len(lines) - 1, SAMPLE_HINT)
    delimiter, decimal = _layout(lines[:SAMPLE])
    rows = _split(lines[:SAMPLE], delimiter)
    width = _usual_width(rows)[0]
    widest = max(map(len, rows))  # checked before pandas makes a column of each: there may be a million
    _check_at_most(MAX_COLUMNS, "columns", widest)
    _check_at_most(MAX_CELLS, "cells", widest * len(lines), "Keep fewer rows or columns.")
    header = ["", *rows[0]] if len(rows[0]) == width - 1 else rows[0]  # R leaves out the name above its row names
    named = _is_header(header, rows[1:], decimal)
    cells = _read(lines[int(named) :], delimiter, first_line=1 + named)
    _check_at_most(MAX_ROWS, "rows", len(cells), SAMPLE_HINT)
    return cells.set_axis(_names(header if named else [], cells.shape[1]), axis=1), decimal


def _encodings(data: bytes) -> Sequence[str]:
    if marked := marked_encoding(data):
        return [marked]
    half = len(data) // 2
    for start, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        if half and data[start::2].count(0) > 0.7 * half:  # Latin letters and digits have a zero byte in UTF-16
            return [encoding]
    return ENCODINGS


def _check_at_most(most: int, what: str, n: int, hint: str = "") -> None:
    if n > most:
        raise table_error(f"have at most {most:,} {what}, got {n:,}", hint)


def _layout(lines: Sequence[str]) -> tuple[str, str]:
    wide = {delimiter for delimiter, _ in LAYOUTS if _n_cells(lines, delimiter) > MOST_CELLS}
    scores = {layout: 0.0 if layout[0] in wide else _score(lines, *layout) for layout in LAYOUTS}
    best = max(scores, key=lambda layout: scores[layout])
    if scores[best] == 0 and wide:
        raise table_error(f"have at most {MAX_COLUMNS:,} columns, got more")
    if scores[best] == 0:
        raise table_error(
            "have at least two columns of numbers, found no delimiter that separates numbers",
            "Put one row a line, with commas, semicolons, tabs or blanks between the numbers.",
        )
    return best


def _n_cells(lines: Sequence[str], delimiter: str) -> int:
    """About how many cells there would be; a line of more than `MOST_CELLS` words is not counted to its end."""
    if delimiter == BLANKS:
        return sum(len(line.split(None, MOST_CELLS)) for line in lines)
    return sum(line.count(delimiter) for line in lines)


def _score(lines: Sequence[str], delimiter: str, decimal: str) -> float:
    rows = _split(lines, delimiter)
    width, share = _usual_width(rows)
    filled = [cell for row in rows[1:] or rows for cell in row if cell.lower() not in MISSING]
    if width < 2 or not filled:
        return 0.0
    commas = [cell for cell in filled if "," in cell]
    if delimiter == decimal and all(map(THOUSANDS.fullmatch, commas)):  # "1,234" in quotes is not 1.234
        return 0.0
    return share * sum(is_number(cell, decimal) for cell in filled) / len(filled)


def _split(lines: Sequence[str], delimiter: str) -> list[list[str]]:
    if delimiter == BLANKS:
        lines = [" ".join(line.split()) for line in lines]
    try:
        return [[cell.strip() for cell in row] for row in csv.reader(lines, delimiter=delimiter, skipinitialspace=True)]
    except csv.Error:  # a cell of more than 131,072 characters
        return []


def _usual_width(rows: list[list[str]]) -> tuple[int, float]:
    """The number of cells that most rows have, and the share of rows that have it."""
    width, count = Counter(map(len, rows)).most_common(1)[0] if rows else (0, 0)
    return width, count / max(len(rows), 1)


def _is_header(header: list[str], rows: list[list[str]], decimal: str) -> bool:
    for j, name in enumerate(header):
        below = [row[j] for row in rows if j < len(row) and row[j].lower() not in MISSING]
        over_numbers = below and sum(is_number(cell, decimal) for cell in below) >= len(below) / 2
        if over_numbers and not is_number(name, decimal) and name.lower() not in MISSING:
            return True
    return False


def _read(lines: list[str], delimiter: str, *, first_line: int) -> pd.DataFrame:
    try:
        return pd.read_csv(
            io.StringIO("\n".join(lines)),
            sep=r"\s+" if delimiter == BLANKS else delimiter,
            header=None,
            dtype=str,
            na_filter=False,
            skipinitialspace=True,
        )
    except pd.errors.ParserError as error:
        raise _uneven_rows_error(str(error), first_line) from error


def _uneven_rows_error(message: str, first_line: int) -> InputError:
    """What pandas says about rows of different lengths, in the visitor's words."""
    hint = "Look for a missing or an extra delimiter, or for a quotation mark that is never closed."
    found = re.search(r"Expected (\d+) fields in line (\d+), saw (\d+)", message)
    if found is None:
        return table_error("have as many cells in every row", hint)
    expected, line, seen = map(int, found.groups())
    return table_error(
        f"have as many cells in every row, got {expected} in the first and {seen} "
        f"in line {line + first_line - 1}, blank lines not counted",
        hint,
    )


def _names(header: list[str], width: int) -> list[str]:
    """Plain, short, different names for all columns."""
    names: dict[str, None] = {}
    same = Counter[str]()
    for j in range(width):
        plain = " ".join("".join(c if c.isprintable() else " " for c in (header + [""] * width)[j]).split())
        base = plain if len(plain) <= MAX_NAME - 8 else plain[: MAX_NAME - 9] + "…"
        name = base = base or f"column {j + 1}"
        while name in names:
            same[base] += 1
            name = f"{base} ({same[base] + 1})"
        names[name] = None
    return list(names)
