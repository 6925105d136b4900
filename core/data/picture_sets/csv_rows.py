"""Pictures and labels in a CSV: a row is a label and the pixels of one picture, as in MNIST's files.

The label is the column that is named label, class, y or target; in a file without names it is the first or the last
column: the one with text, or else the one that is less like the column beside it, as pixels are like their neighbours.
Rows have thousands of cells, so that the lines are split at the label alone and all pixels are read as one long column.
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
from ..delimited_text import NOT_TEXT, decode_alike, is_number, marked_encoding
from .classes import ZIP_FOLDERS, Labelled, Labels, refusal
from .pixel_values import check_shape, labelled_pictures

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
    n_cells: int
    skipped: int
    """Cells before all others that are neither label nor pixel: pandas' row numbers."""
    label: int
    note: str
    """Where the label's place was guessed."""

    @property
    def n_pixels(self) -> int:
        return self.n_cells - 1 - self.skipped

    def parts(self, line: bytes) -> tuple[bytes, bytes]:
        """The label of a line and its pixels."""
        if self.label == self.n_cells - 1:
            pixels, label = line.rsplit(self.delimiter, 1)
            return label, pixels.split(self.delimiter, self.skipped)[-1]
        *before, label, after = line.split(self.delimiter, self.label + 1)
        return label, self.delimiter.join([*before[self.skipped :], after])


def read_rows(data: bytes) -> Labelled:
    """The pictures of a CSV in UTF-8, Windows-1252 or Latin-1, or with a byte order mark.

    Examples
    --------
    >>> found = read_rows(b"label,p1,p2,p3,p4\\ncat,0,0,0,255\\ndog,255,0,0,0")
    >>> found.pixels.shape, found.classes, found.labels.tolist()
    ((2, 1, 2, 2), ('cat', 'dog'), [0, 1])
    """
    rows = _find_layout(_lines(_to_ascii_based(data)))
    check_shape((rows.n_pixels,))
    names = _label_texts([rows.parts(line)[0].strip() for line in rows.lines])
    found = labelled_pictures(names, lambda kept: _blocks(rows, kept), (rows.n_pixels,), HINT)
    return found._replace(notes=(*filter(None, [rows.note]), *found.notes))


def _to_ascii_based(data: bytes) -> bytes:
    """The bytes with one for each ASCII character: UTF-16 and UTF-32 become UTF-8."""
    if marked := marked_encoding(data):
        try:
            data = data.decode(marked).removeprefix("\ufeff").encode()
        except UnicodeError:
            raise no_table_error() from None
    if NOT_TEXT.search(data[:MAX_LINE].decode("ascii", errors="ignore")) or b"\0" in data:
        raise no_table_error()
    return data.replace(b'"', b"") if b'"' in data else data


def no_table_error() -> InputError:
    """The error for bytes that are no text."""
    return refusal(
        "be a zip of class folders, an .npz with X and y, or a CSV of pixels, got something else", ZIP_FOLDERS
    )


def _lines(data: bytes) -> list[bytes]:
    end = b"\n" if b"\n" in data else b"\r"
    if data.count(end) > MAX_ROWS:
        raise refusal(f"have at most {MAX_ROWS:,} rows, got {data.count(end):,}", "Keep a sample of the rows.")
    lines = [stripped for line in data.split(end) if (stripped := line.strip(b"\r\n "))]
    if lines and lines[0].lower().startswith(b"sep="):  # how Excel names its delimiter
        lines = lines[1:]
    if not lines or max(map(len, lines[:2])) > MAX_LINE:
        raise refusal("have one picture a row, got no row or one of more than 1 MB", HINT)
    return lines


def _find_layout(lines: list[bytes]) -> _Rows:
    """Delimiter, decimal mark, and which column the label is."""
    sample = lines[1] if len(lines) > 1 else lines[0]
    delimiter = max((b";", b"\t", b"|", b","), key=sample.count)  # of ";" and "," as often: 0,5;0,5;cat
    decimal = "," if delimiter != b"," and b"," in sample else "."
    n_cells = lines[0].count(delimiter) + 1
    for place, line in enumerate(lines, start=1):
        if line.count(delimiter) + 1 != n_cells:
            raise refusal(
                f"have as many cells in every row, got {n_cells:,} in the first and "
                f"{line.count(delimiter) + 1:,} in row {place:,}",
                "Look for a missing or an extra delimiter.",
            )
    if n_cells < 3:
        raise refusal(f"have a label and pixels in every row, got {n_cells} cells", HINT)
    names = [cell.strip().decode("latin-1") for cell in lines[0].split(delimiter)]
    if not _is_header(names, decimal):
        return _Rows(lines, delimiter, decimal, n_cells, 0, *_guess_label(lines, delimiter, decimal, 0))
    if len(lines) == 1:
        raise refusal("have one picture a row, got names of columns alone", HINT)
    skipped = int(names[0] == "" or names[0].lower().startswith("unnamed"))
    label = next((place for place, name in enumerate(names) if name.lower() in LABELS), None)
    found = _guess_label(lines[1:], delimiter, decimal, skipped) if label is None else (label, "")
    return _Rows(lines[1:], delimiter, decimal, n_cells, skipped, *found)


def _is_header(cells: list[str], decimal: str) -> bool:
    """Whether a first row holds names: text among the pixels, "label", or 0, 1, 2, ... in order."""
    if cells == [str(place) for place in range(len(cells))]:
        return True
    inner = any(cell and not is_number(cell, decimal) and cell.lower() != "nan" for cell in cells[1:-1])
    return inner or any(cell.lower() in LABELS for cell in (cells[0], cells[-1]))


def _guess_label(lines: list[bytes], delimiter: bytes, decimal: str, skipped: int) -> tuple[int, str]:
    """The first or the last column for the label, and a sentence that says so."""
    some = lines[:COMPARED]
    first = _mean_difference([line.split(delimiter, skipped + 2)[skipped : skipped + 2] for line in some], decimal)
    last = _mean_difference([line.rsplit(delimiter, 2)[:0:-1] for line in some], decimal)
    label, name = (skipped, "first") if first >= last else (lines[0].count(delimiter), "last")
    return label, f"The {name} column was taken for the label, since none is named label."


def _mean_difference(pairs: list[list[bytes]], decimal: str) -> float:
    """How far cells are from those beside them, in the mean: infinitely far where one is text."""
    texts = [[cell.strip().decode("latin-1") for cell in pair] for pair in pairs]
    if any(cell and not is_number(cell, decimal) for cell, _ in texts):
        return math.inf
    pairs_of_numbers = [pair for pair in texts if all(is_number(cell, decimal) for cell in pair)]
    numbers = [[float(cell.replace(",", ".")) for cell in pair] for pair in pairs_of_numbers]
    return float(np.mean([abs(cell - beside) for cell, beside in numbers])) if numbers else 0.0


def _label_texts(cells: list[bytes]) -> list[str]:
    """Cells in UTF-8, or else all in Windows-1252, or else all in Latin-1; numbers that are whole as such."""
    different = list(set(cells))
    texts = dict(zip(different, decode_alike(different), strict=True))
    if all(re.fullmatch(r"[+-]?\d+\.0*", text, re.ASCII) for text in texts.values() if text):
        texts = {cell: text.split(".")[0] for cell, text in texts.items()}
    return [texts[cell] for cell in cells]


def _blocks(rows: _Rows, kept: Labels) -> Iterator[NDArray[Any]]:
    """The pixels of these rows, some at a time."""
    for some in np.array_split(kept, max(1, len(kept) * rows.n_pixels // CELLS)):
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
            raise refusal("have numbers as pixels, got a cell of text", HINT) from problem
        yield column["pixel"].to_numpy().reshape(len(some), rows.n_pixels)
