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
from ..delimited_text import decode_text, lines_of
from ..file_kinds import kind_of
from ..number_texts import quoted
from .classes import ZIP_FOLDERS, Labelled, Labels, refusal
from .pixel_values import labelled_pictures, layout_of

MAX_ROWS = 200_000
MAX_LINE = 2**20
LABELS = ("label", "labels", "class", "y", "target", "category", "emotion", "digit", "species")
NO_PIXELS = ("", "id", "index", "idx", "image_id", "filename", "file", "name", "image", "path")
COMPARED = 200
CELLS = 1_000_000  # read at once
NUMBER = re.compile("[+-]?([0-9]+([.,][0-9]*)?|[.,][0-9]+)([eE][+-]?[0-9]+)?")

HINT = "Write one picture a row, its label first and then its pixels, with a first row of names: label, p1, p2, ..."


class _Rows(NamedTuple):
    """Lines with one delimiter, where in them the label is, and what else is no pixel."""

    lines: list[str]
    delimiter: str
    decimal: str
    n_cells: int
    label: int
    others: list[int]  # before the first pixel
    notes: list[str]

    @property
    def n_pixels(self) -> int:
        return self.n_cells - 1 - len(self.others)

    def parts(self, line: str) -> tuple[str, str]:
        """The label of a line and its pixels."""
        last = self.label == self.n_cells - 1
        ends = self.others if last else (*self.others, self.label)
        *before, after = line.split(self.delimiter, max(ends, default=-1) + 1)
        after, label = after.rsplit(self.delimiter, 1) if last else (after, before[self.label])
        return label, self.delimiter.join([*(cell for k, cell in enumerate(before) if k not in ends), after])


def read_rows(data: bytes) -> Labelled:
    """The pictures of a CSV in any encoding that tables can have.

    Examples
    --------
    >>> found = read_rows(b"label,p1,p2,p3,p4\\ncat,0,0,0,255\\ndog,255,0,0,0")
    >>> found.pixels.shape, found.classes, found.labels.tolist()
    ((2, 1, 2, 2), ('cat', 'dog'), [0, 1])
    """
    lines, told = _one_pixel_a_cell(_lines(data))
    rows = _find_layout(lines)
    layout_of((rows.n_pixels,))
    names = _label_texts([rows.parts(line)[0].strip() for line in rows.lines])
    found = labelled_pictures(names, lambda kept: _blocks(rows, kept), (rows.n_pixels,), HINT)
    return found._replace(notes=(told, *rows.notes, *found.notes))


def no_table_error(kind: str = "something else", hint: str = "") -> InputError:
    """The error for bytes that are no text."""
    rule = f"be a zip of class folders, an .npz with X and y, or a CSV of pixels, got {kind}"
    return refusal(rule, f"{hint} {ZIP_FOLDERS}".strip())


def _lines(data: bytes) -> list[str]:
    if known := kind_of(data):
        raise no_table_error(*known)
    if (text := decode_text(data)) is None:
        raise no_table_error()
    if (n := max(map(text.count, "\r\n"))) > MAX_ROWS:
        raise refusal(f"have at most {MAX_ROWS:,} rows, got {n:,}", "Keep a sample of the rows.")
    lines = [line.strip(" ") for line in lines_of(text.replace('"', ""))]
    if not lines or max(map(len, lines[:2])) > MAX_LINE:
        raise refusal("have one picture a row, got no row or one of more than 1 MB", HINT)
    return lines


def _one_pixel_a_cell(lines: list[str]) -> tuple[list[str], str]:
    """Lines with a delimiter between pixels that stood in one cell, as FER2013's column "pixels" has them."""
    delimiter = _delimiter(lines[0])
    names = [name.strip().lower() for name in lines[0].split(delimiter)]
    if len(lines) < 2 or "pixels" not in names or len(names) < 2:
        return lines, ""
    place = names.index("pixels")
    label = next((k for k, name in enumerate(names) if name in LABELS), int(place == 0))
    rows = [line.split(delimiter) for line in lines[1:]]
    if any(len(row) != len(names) for row in rows):
        return lines, ""
    spread = [row[label].strip() + delimiter + delimiter.join(row[place].split()) for row in rows]
    head = delimiter.join(["label", *(f"p{k}" for k in range(spread[0].count(delimiter)))])
    return [head, *spread], _left_out({name: rows[0][k] for k, name in enumerate(names[:9]) if k not in (label, place)})


def _left_out(cells: dict[str, str]) -> str:
    """A sentence on columns that are no pixels, each with a cell; empty where there are none."""
    named = [f"{quoted(name)} (“{quoted(cell)}”)" for name, cell in cells.items()]
    return f"Left out, since it is no pixel: {', '.join(named)}." if named else ""


def _delimiter(sample: str) -> str:
    return max((";", "\t", "|", ","), key=sample.count)  # of ";" and "," as often: 0,5;0,5;cat


def _find_layout(lines: list[str]) -> _Rows:
    """Delimiter, decimal mark, which column the label is, and which are neither label nor pixel."""
    sample = lines[min(1, len(lines) - 1)]
    delimiter = _delimiter(sample)
    decimal = "," if delimiter != "," and "," in sample else "."
    if all(line.endswith(delimiter) for line in lines):
        lines = [line.removesuffix(delimiter) for line in lines]
    n_cells = lines[0].count(delimiter) + 1
    for place, line in enumerate(lines, start=1):
        if (n := line.count(delimiter) + 1) != n_cells:
            got = f"got {n_cells:,} in the first and {n:,} in row {place:,}"
            raise refusal(f"have as many cells in every row, {got}", "Look for a missing or an extra delimiter.")
    if n_cells < 3:
        got = "one cell" if n_cells == 1 else f"{n_cells} cells"
        raise refusal(f"have a label and pixels in every row, got {got}", HINT)
    names, cells = ([cell.strip() for cell in line.split(delimiter)] for line in (lines[0], sample))
    named = _is_header(names)
    if not named and not _are_counted(names, cells):
        label, said = _guess_label(lines, delimiter, 0)
        return _Rows(lines, delimiter, decimal, n_cells, label, [], [said])
    if len(lines) == 1:
        raise refusal("have one picture a row, got names of columns alone", HINT)
    told = f"Taken for names: the first row, {', '.join(map(quoted, filter(None, names[:4])))}, …"
    return _named_layout(_Rows(lines[1:], delimiter, decimal, n_cells, 0, [], ["" if named else told]), names, cells)


def _named_layout(rows: _Rows, names: list[str], cells: list[str]) -> _Rows:
    """The layout below a row of names: its label by name, and without columns of numbers of rows and the like."""
    lower = [name.lower() for name in names]
    label = next((place for place, name in enumerate(lower) if name in LABELS), None)
    others = [0] if lower[0] in NO_PIXELS or lower[0].startswith("unnamed") else []
    if label is not None:
        n_cells = range(min(3, rows.n_cells))
        others = [k for k in n_cells if k != label and (k in others or lower[k] in NO_PIXELS or not _may_be(cells[k]))]
    label, said = _guess_label(rows.lines, rows.delimiter, len(others)) if label is None else (label, "")
    left = _left_out({names[k]: cells[k] for k in others if names[k] and not lower[k].startswith("unnamed")})
    return rows._replace(label=label, others=others, notes=[*rows.notes, left, said])


def _may_be(cell: str) -> bool:
    """Whether a cell may be a pixel: a number, or missing."""
    return not cell or cell.lower() == "nan" or NUMBER.fullmatch(cell) is not None


def _is_header(cells: list[str]) -> bool:
    """Whether a first row holds names: text among the pixels, or the name of a label."""
    return not all(map(_may_be, cells[1:-1])) or any(cell.lower() in LABELS for cell in (cells[0], cells[-1]))


def _are_counted(names: list[str], cells: list[str]) -> bool:
    """Whether a first row of numbers is one of names: 0, 1, 2, …, or 0, 0.1, 0.2, …, as pandas writes numbers that
    it took for names and had to make different, above whole numbers."""
    rest = names[1:] if names[0] == "" or names[0].lower().startswith("unnamed") else names
    if any(rest == [str(k + first) for k in range(len(rest))] for first in (0, 1)):
        return True
    made = [name for name in names if "." in name]
    alone = "." not in "".join(cells) and len(set(names)) == len(names)
    return bool(made) and alone and all(name.split(".")[0] in names for name in made)


def _guess_label(lines: list[str], delimiter: str, skipped: int) -> tuple[int, str]:
    """The first or the last column for the label, and a sentence that says so."""
    some = lines[:COMPARED]
    first = _mean_difference([line.split(delimiter, skipped + 2)[skipped : skipped + 2] for line in some])
    last = _mean_difference([line.rsplit(delimiter, 2)[:0:-1] for line in some])
    label, name = (skipped, "first") if first >= last else (lines[0].count(delimiter), "last")
    return label, f"The {name} column was taken for the label, since none is named label."


def _mean_difference(pairs: list[list[str]]) -> float:
    """How far cells are from those beside them, in the mean: infinitely far where one is text."""
    texts = [[cell.strip() for cell in pair] for pair in pairs]
    if any(cell and not NUMBER.fullmatch(cell) for cell, _ in texts):
        return math.inf
    numbers = [[float(cell.replace(",", ".")) for cell in pair] for pair in texts if all(map(NUMBER.fullmatch, pair))]
    return float(np.mean([abs(cell - beside) for cell, beside in numbers])) if numbers else 0.0


def _label_texts(cells: list[str]) -> list[str]:
    """The labels; numbers that are whole as such."""
    whole = all(re.fullmatch(r"[+-]?\d+\.0*", cell, re.ASCII) for cell in set(cells) if cell)
    return [cell.split(".")[0] for cell in cells] if whole else cells


def _blocks(rows: _Rows, kept: Labels) -> Iterator[NDArray[Any]]:
    """The pixels of these rows, some at a time."""
    for some in np.array_split(kept, max(1, len(kept) * rows.n_pixels // CELLS)):
        cells = "".join(rows.parts(rows.lines[row])[1].replace(rows.delimiter, "\n") + "\n" for row in some)
        file = io.BytesIO(cells.encode())
        try:
            column = pd.read_csv(
                file, header=None, sep="\x00", dtype=np.float32, decimal=rows.decimal, skip_blank_lines=False
            )
            pixels = column[0].to_numpy().reshape(len(some), rows.n_pixels)
        except Exception as problem:  # pandas raises ValueError and its own kinds
            raise refusal("have numbers as pixels, got a cell of text", HINT) from problem
        yield pixels
