"""The bytes of a table as named columns of text cells: encoding, delimiter and names, by content.

Every delimiter is tried on the first hundred lines. Its score is the share of lines that have the usual number of
cells, times the share of filled cells below the first line that are numbers; the best score wins, and on a tie the
earlier in `DELIMITERS`. What stands above the first row of numbers are names, and lines that tell what the table is.
"""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from ..errors import InputError
from .number_texts import is_text, quoted, share_of_numbers
from .table_names import find_names, left_out

MAX_ROWS = 200_000
MAX_COLUMNS = 1_000
MAX_CELLS = 2_000_000
MAX_NAME = 60
BLANKS = " "
DELIMITERS = (",", ";", "\t", "|", BLANKS)
BYTE_ORDER_MARKS = {
    "utf-8-sig": (codecs.BOM_UTF8,),
    "utf-32": (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE),  # before UTF-16's, with which one of them begins
    "utf-16": (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE),
}
ENCODINGS = ("utf-8", "cp1252", "latin-1")
JAPANESE = re.compile(rb"(?:[\x81-\x9f][\x40-\x7e\x80-\xfc]){2}")  # two signs of Shift-JIS, of which Latin has none
NOT_TEXT = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f]")
COMMENT = re.compile(r"\s*(?:#+|%+|//+)")
RULED = re.compile(r"[-=+|:\s]*[-=]{2}[-=+|:\s]*")  # a line that only draws one, as Markdown and databases do
SAMPLE = 100
ROWS_HINT = "Choose a text file with one row of numbers a line."
SAMPLE_HINT = "Keep a sample of the rows."
MOST_CELLS = MAX_COLUMNS * SAMPLE  # in the sample: a delimiter that would make more is not tried


class Cells(NamedTuple):
    """The cells below the names, column by column, what stands between them, and what is to be said of the layout."""

    names: list[str]
    columns: list[list[str]]
    delimiter: str
    notes: tuple[str, ...]


def table_error(rule: str, hint: str = "") -> InputError:
    """The error for a table that breaks a rule: what `data` must be, and what it is."""
    return InputError(f"`data` must {rule}", hint=hint)


def decode_text(data: bytes) -> str | None:
    """The text of a file in UTF-8, -16 or -32 with or without mark, Shift-JIS, Windows-1252 or Latin-1; None of others.

    Examples
    --------
    >>> decode_text("größe;1".encode("utf-16")), decode_text("größe".encode("latin-1")), decode_text(b"\\0\\1")
    ('größe;1', 'größe', None)
    """
    for encoding in _encodings(data):
        with suppress(UnicodeDecodeError):
            text = data.decode(encoding).removeprefix("\ufeff")
            return None if NOT_TEXT.search(text) else text.replace("\xa0", " ")
    return None


def lines_of(text: str) -> list[str]:
    """The lines of a text that are not blank or ruled, without the one in which Excel names its delimiter."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    lines = [line for line in lines if line and not line.isspace() and not RULED.fullmatch(line)]
    return lines[1:] if lines and lines[0].lower().startswith("sep=") else lines


def parse_cells(text: str) -> Cells:
    """Named columns of text cells; an InputError where there are none, or too many.

    Examples
    --------
    >>> cells = parse_cells("A report\\nx;x;\\n1,5;2;a\\n2,5;3;b")
    >>> cells.names, cells.delimiter, cells.notes
    (['x', 'x (2)', 'column 3'], ';', ('Left out, above the numbers: 1 line, “A report”.',))
    """
    lines = lines_of(text)
    if not lines:
        raise table_error("not be empty", ROWS_HINT)
    _check_at_most(MAX_ROWS, "rows", len(lines) - 1, SAMPLE_HINT)
    n_comments = next((k for k, line in enumerate(lines) if not COMMENT.match(line)), 0)
    comments, lines = lines[:n_comments], lines[n_comments:]
    delimiter = _find_delimiter(lines[:SAMPLE])
    rows, ends = _split(lines[:SAMPLE], delimiter)
    width = _usual_width(rows)[0]
    widest = max(map(len, rows))  # checked before pandas makes a column of each: there may be a million
    _check_at_most(MAX_COLUMNS, "columns", widest)
    _check_at_most(MAX_CELLS, "cells", widest * len(lines), "Keep fewer rows or columns.")
    plain = [_plain_comment(line, delimiter) for line in comments]
    row_names = delimiter != "," or lines[:SAMPLE][-1].lstrip().startswith('"')
    named = find_names(rows, width, comments=_split(plain, delimiter)[0], row_names=row_names)
    start = ends[named.first - 1] if named.first else 0
    end = _end_of_rows(lines, start, delimiter)
    columns = _columns(lines[start:end], delimiter, before=n_comments + start)
    _check_at_most(MAX_ROWS, "rows", len(columns[0]), SAMPLE_HINT)
    notes = filter(None, [*named.notes, left_out(lines[end:], "below")])
    return Cells(_names(named.names, len(columns)), columns, delimiter, tuple(notes))


def _end_of_rows(lines: list[str], start: int, delimiter: str) -> int:
    """Where the lines end that are no remark below the rows, a source or the like: text that is not delimited."""
    end = len(lines)
    while end > start and delimiter not in {BLANKS, *lines[end - 1]} and is_text(lines[end - 1]):
        end -= 1
    return end


def _plain_comment(line: str, delimiter: str) -> str:
    """A comment without its mark, unless the mark is the first of several names."""
    rest = COMMENT.sub("", line, count=1)
    return line if rest.startswith(delimiter) and delimiter != BLANKS else rest


def _encodings(data: bytes) -> Sequence[str]:
    if marked := [encoding for encoding, marks in BYTE_ORDER_MARKS.items() if data.startswith(marks)]:
        return marked[:1]
    half = len(data) // 2
    for start, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        # Latin letters and digits have a zero byte in UTF-16.
        if b"\0" in data and data[start::2].count(0) > 0.7 * half:
            return [encoding]
    return ("utf-8", "shift_jis", *ENCODINGS[1:]) if not data.isascii() and JAPANESE.search(data) else ENCODINGS


def _check_at_most(most: int, what: str, n: int, hint: str = "") -> None:
    if n > most:
        raise table_error(f"have at most {most:,} {what}, got {n:,}", hint)


def _find_delimiter(lines: Sequence[str]) -> str:
    wide = {delimiter for delimiter in DELIMITERS if _n_cells(lines, delimiter) > MOST_CELLS}
    scores = {delimiter: 0.0 if delimiter in wide else _score(lines, delimiter) for delimiter in DELIMITERS}
    best = max(scores, key=lambda delimiter: scores[delimiter])
    if scores[best] == 0 and wide:
        raise table_error(f"have at most {MAX_COLUMNS:,} columns, got more", "Keep fewer columns.")
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


def _score(lines: Sequence[str], delimiter: str) -> float:
    rows, _ = _split(lines, delimiter)
    width, share = _usual_width(rows)
    return share * share_of_numbers(cell for row in rows[1:] or rows for cell in row) if width > 1 else 0.0


def _split(lines: Sequence[str], delimiter: str) -> tuple[list[list[str]], list[int]]:
    """The cells of rows, and in how many lines each row and those above it end: a name in quotes can have several."""
    reader = _reader(lines, delimiter)
    try:
        found = [([cell.strip() for cell in row], reader.line_num) for row in reader]
    except csv.Error:  # a cell of more than 131,072 characters
        return [], []
    return [row for row, _ in found], [end for _, end in found]


def _reader(lines: Sequence[str], delimiter: str) -> Any:
    plain = [" ".join(line.split()) for line in lines] if delimiter == BLANKS else lines
    return csv.reader(io.StringIO("\n".join(plain)), delimiter=delimiter, skipinitialspace=True)


def _usual_width(rows: list[list[str]]) -> tuple[int, float]:
    """The number of cells, two at least, that most rows have, and the share of rows that have it."""
    widths = Counter(len(row) for row in rows if len(row) > 1)
    width, count = widths.most_common(1)[0] if widths else (0, 0)
    return width, count / max(len(rows), 1)


def _columns(lines: list[str], delimiter: str, *, before: int) -> list[list[str]]:
    """The cells of every column; `before` lines stand above the first."""
    rule = "have as many cells in every row"
    hint = "Look for a missing or an extra delimiter, or for a quotation mark that is never closed."
    reader = _reader(lines, delimiter)
    cells: list[str] = []  # of all rows: the garbage collector would go through lists of each again and again
    width = 0
    try:
        for row in reader:
            width = width or len(row)
            if len(row) > width and any(row[width:]):
                line = f"line {before + reader.line_num}, blank lines not counted"
                raise table_error(f"{rule}, got {width} in the first and {len(row)} in {line}", hint)
            cells += row if len(row) == width else [*row[:width], *[""] * (width - len(row))]
    except csv.Error:
        raise table_error("have cells of at most 131,072 characters, got a longer one", hint) from None
    columns = [cells[place::width] for place in range(width)]
    if "\n" in columns[0][-1] and not any(column[-1] for column in columns[1:]):
        raise table_error(f"{rule}, got a quotation mark that is never closed", hint)
    return columns


def _names(header: list[str], width: int) -> list[str]:
    """Plain, short, different names for all columns."""
    names: dict[str, None] = {}
    same = Counter[str]()
    for j in range(width):
        name = base = quoted((header + [""] * width)[j], MAX_NAME - 8) or f"column {j + 1}"
        while name in names:
            same[base] += 1
            name = f"{base} ({same[base] + 1})"
        names[name] = None
    return list(names)
