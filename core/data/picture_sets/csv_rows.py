"""Pictures and labels in a CSV: a row is a label and the pixels of one picture, as in MNIST's files.

The label is the column that is named label, class, y or target; in a file without names it is the first or the last
column: the one with text, or else the one that is less like the column beside it, as pixels are like their neighbours.
Rows have thousands of cells, so that the lines are
split at the label alone and all pixels are read as one long column of numbers.
"""

import io
import math
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...errors import InputError
from ..delimited_text import BYTE_ORDER_MARKS, NOT_TEXT, NUMBER
from .classes import MAX_PICTURES, Labelled, Labels, classes_of, note, spread, thinned
from .pixel_values import check_shape, pictures_from

MAX_ROWS = 200_000
MAX_LINE = 2**20
LABELS = ("label", "class", "y", "target")
COMPARED = 200
CELLS = 1_000_000  # read at once

HINT = "Write one picture a row, its label first and then its pixels, with a first row of names: label, p1, p2, ..."


class _Rows(NamedTuple):
    """Lines of bytes in ASCII's digits and one delimiter, and where in them the label is."""

    lines: list[bytes]
    delimiter: bytes
    decimal: str
    label: int
    n_cells: int
    skipped: int
    """Cells before all others that are neither label nor pixel: pandas' row numbers."""
    said: str

    def parts(self, line: bytes) -> tuple[bytes, bytes]:
        """The label of a line and its pixels."""
        if self.label == self.n_cells - 1:
            pixels, label = line.rsplit(self.delimiter, 1)
            return label, pixels.split(self.delimiter, self.skipped)[-1]
        *before, label, after = line.split(self.delimiter, self.label + 1)
        return label, self.delimiter.join([*before[self.skipped :], after])


def read_rows(data: bytes) -> Labelled:
    """The pictures of a CSV.

    Parameters
    ----------
    data : bytes
        In UTF-8, Windows-1252 or Latin-1, or with a byte order mark; cells between commas, semicolons, tabs or pipes.

    Raises
    ------
    InputError
        It is no table of numbers; rows differ in length; the pixels are no picture.

    Examples
    --------
    >>> found = read_rows(b"label,p1,p2,p3,p4\\ncat,0,0,0,255\\ndog,255,0,0,0")
    >>> found.pixels.shape, found.classes, found.labels.tolist()
    ((2, 1, 2, 2), ('cat', 'dog'), [0, 1])
    """
    rows = _rows(_lines(_eight_bits(data)))
    check_shape((rows.n_cells - 1 - rows.skipped,))
    raw = [rows.parts(line)[0] for line in rows.lines]
    names = _texts([label.strip() for label in raw])
    present = np.array([name != "" for name in names])
    if not present.any():
        raise InputError("`pictures` must have labels, got none but empty ones", hint=HINT)
    labels, classes = classes_of([name for name in names if name])
    chosen = spread(labels, MAX_PICTURES)
    kept = np.flatnonzero(present)[chosen]
    shape = (rows.n_cells - 1 - rows.skipped,)
    pixels, finite, notes = pictures_from(_blocks(rows, kept), len(kept), shape)
    left = note("the label is missing", int((~present).sum()), len(names))
    left += thinned(len(labels) - len(chosen), len(labels))
    return Labelled(pixels, labels[chosen][finite], classes, (*filter(None, [rows.said]), *left, *notes))


def _eight_bits(data: bytes) -> bytes:
    """The bytes with one for each ASCII character: UTF-16 and UTF-32 become UTF-8."""
    for mark, encoding in BYTE_ORDER_MARKS:
        if data.startswith(mark):
            try:
                data = data.decode(encoding).removeprefix("\ufeff").encode()
            except UnicodeError:
                raise no_table() from None
            break
    if NOT_TEXT.search(data[:MAX_LINE].decode("ascii", errors="ignore")) or b"\0" in data:
        raise no_table()
    return data.replace(b'"', b"") if b'"' in data else data


def no_table() -> InputError:
    """The error for bytes that are no text."""
    return InputError(
        "`pictures` must be a zip of class folders, an .npz with X and y, or a CSV of pixels, got something else",
        hint="Put the pictures of each class into a folder with its name, and zip the folders.",
    )


def _lines(data: bytes) -> list[bytes]:
    end = b"\n" if b"\n" in data else b"\r"
    if data.count(end) > MAX_ROWS:
        raise InputError(
            f"`pictures` must have at most {MAX_ROWS:,} rows, got {data.count(end):,}",
            hint="Keep a sample of the rows.",
        )
    lines = [stripped for line in data.split(end) if (stripped := line.strip(b"\r\n "))]
    if lines and lines[0].lower().startswith(b"sep="):  # how Excel names its delimiter
        lines = lines[1:]
    if not lines or max(map(len, lines[:2])) > MAX_LINE:
        raise InputError("`pictures` must have one picture a row, got no row or one of more than 1 MB", hint=HINT)
    return lines


def _rows(lines: list[bytes]) -> _Rows:
    """Delimiter, decimal mark, and which column the label is."""
    sample = lines[1] if len(lines) > 1 else lines[0]
    delimiter = max((b";", b"\t", b"|", b","), key=sample.count)  # of ";" and "," as often: 0,5;0,5;cat
    decimal = "," if delimiter != b"," and b"," in sample else "."
    n_cells = lines[0].count(delimiter) + 1
    for place, line in enumerate(lines, start=1):
        if line.count(delimiter) + 1 != n_cells:
            raise InputError(
                f"`pictures` must have as many cells in every row, got {n_cells:,} in the first and "
                f"{line.count(delimiter) + 1:,} in row {place:,}",
                hint="Look for a missing or an extra delimiter.",
            )
    if n_cells < 3:
        raise InputError(f"`pictures` must have a label and pixels in every row, got {n_cells} cells", hint=HINT)
    first = [cell.strip().decode("latin-1") for cell in lines[0].split(delimiter)]
    if not _is_header(first, decimal):
        rows = _Rows(lines, delimiter, decimal, 0, n_cells, 0, "")
        return _with_label(rows)
    rows = _Rows(lines[1:], delimiter, decimal, 0, n_cells, 0, "")
    if not rows.lines:
        raise InputError("`pictures` must have one picture a row, got names of columns alone", hint=HINT)
    skipped = int(first[0] == "" or first[0].lower().startswith("unnamed"))
    named = [place for place, name in enumerate(first) if name.lower() in LABELS]
    rows = rows._replace(skipped=skipped)
    return rows._replace(label=named[0]) if named else _with_label(rows)


def _is_header(cells: list[str], decimal: str) -> bool:
    """Whether a first row holds names: text among the pixels, "label", or 0, 1, 2, ... in order."""
    if cells == [str(place) for place in range(len(cells))]:
        return True
    inner = any(cell and not NUMBER[decimal].fullmatch(cell) and cell.lower() != "nan" for cell in cells[1:-1])
    return inner or any(cell.lower() in LABELS for cell in (cells[0], cells[-1]))


def _with_label(rows: _Rows) -> _Rows:
    """The first or the last column for the label, and a sentence that says so."""
    cells = [[cell.strip() for cell in line.split(rows.delimiter)] for line in rows.lines[:COMPARED]]
    ends = [[(row[end], row[beside]) for row in cells] for end, beside in ((rows.skipped, rows.skipped + 1), (-1, -2))]
    first, last = (_unlike(pairs, rows.decimal) for pairs in ends)
    label, name = (rows.skipped, "first") if first >= last else (rows.n_cells - 1, "last")
    return rows._replace(label=label, said=f"The {name} column was taken for the label, since none is named label.")


def _unlike(pairs: list[tuple[bytes, bytes]], decimal: str) -> float:
    """How far cells are from those beside them, in the mean: infinitely far where one is text."""
    texts = [[cell.decode("latin-1") for cell in pair] for pair in pairs]
    if any(cell and not NUMBER[decimal].fullmatch(cell) for cell, _ in texts):
        return math.inf
    numbers = [[float(cell.replace(",", ".")) for cell in pair] for pair in texts if _are_numbers(pair, decimal)]
    return float(np.mean([abs(cell - beside) for cell, beside in numbers])) if numbers else 0.0


def _are_numbers(pair: list[str], decimal: str) -> bool:
    return all(NUMBER[decimal].fullmatch(cell) for cell in pair)


def _texts(cells: list[bytes]) -> list[str]:
    """Cells in UTF-8, or else all in Windows-1252, or else all in Latin-1; numbers that are whole as such."""
    different = set(cells)
    for encoding in ("utf-8", "cp1252", "latin-1"):
        try:
            texts = {cell: cell.decode(encoding) for cell in different}
            break
        except UnicodeDecodeError:
            continue
    if all(re.fullmatch(r"[+-]?\d+\.0*", text, re.ASCII) for text in texts.values() if text):
        texts = {cell: text.split(".")[0] for cell, text in texts.items()}
    return [texts[cell] for cell in cells]


def _blocks(rows: _Rows, kept: Labels) -> Iterator[NDArray[Any]]:
    """The pixels of these rows, some at a time."""
    n_pixels = rows.n_cells - 1 - rows.skipped
    for some in np.array_split(kept, max(1, len(kept) * n_pixels // CELLS)):
        cells = b"".join(rows.parts(rows.lines[row])[1].replace(rows.delimiter, b"\n") + b"\n" for row in some)
        try:
            column = pd.read_csv(
                io.BytesIO(cells),
                header=None,
                names=["pixel"],
                sep="\x00",
                dtype=np.float32,
                decimal=rows.decimal,
                skip_blank_lines=False,
                encoding="latin-1",
            )
        except Exception as problem:  # pandas raises ValueError and its own kinds
            raise InputError("`pictures` must have numbers as pixels, got a cell of text", hint=HINT) from problem
        yield column["pixel"].to_numpy().reshape(len(some), n_pixels)
