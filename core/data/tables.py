"""Tables of numbers: a visitor's file read by its content, the built-in ones, and a sample to plot.

A file is bytes; its encoding, delimiter, names and the way in which numbers are written are found from the bytes alone.
What was left out, or read in another way than a program would, is said in `Table.notes`, one sentence each, with a cell
of the file. Every cell counts as a number, as missing (empty, NA, NaN, null, ?, -, or infinite), or as text; a column
is text when more than one in ten of its cells that are not missing are text.
"""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..checks import number, whole
from ..errors import InputError
from ..format import MINUS, setting
from .delimited_text import ROWS_HINT, Cells, decode_text, parse_cells, table_error
from .file_kinds import kind_of
from .number_texts import Read, first_five, quoted, read_columns

MAX_BYTES = 10 * 1024 * 1024
MIN_ROWS = 3
SMALLEST_RANGE = 0.001
DRAWN_ROWS = 2_000
MOST_NOTES = 5
HUBBLE = Path(__file__).with_name("hubble_1929.csv")


@dataclass(frozen=True, eq=False)
class Table:
    """Numbers with named columns: finite floats, at least 3 rows and 2 columns, names of at most 60 characters."""

    frame: pd.DataFrame
    name: str  # what the visitor called it
    digest: str  # SHA-256 of the bytes, or of the settings: equal digests, equal frames
    notes: tuple[str, ...]  # what was left out, one sentence each

    def first_rows(self, rows: int = 3, columns: int = 8) -> pd.DataFrame:
        """The first rows in full digits, as text; of more than eight columns the first seven and the last.

        Examples
        --------
        >>> read_table(b"x;y\\n1,5;-1020\\n2;4\\n3;6").first_rows(1).to_dict("list")
        {'x': ['1.5'], 'y': ['−1020']}
        """
        names = list(self.frame)
        shown = names if len(names) <= columns else [*names[: columns - 1], names[-1]]
        return self.frame[shown].head(rows).map(setting)


@dataclass(frozen=True)
class NoisyLine:
    """Settings of the article's data: y = slope * x + intercept + N(0, noise), x evenly spaced on [low, high].

    No number is beyond a million in size, and high exceeds low by at least 0.001; another setting is an InputError. The
    seed is for numpy's legacy generator: 42 gives the article's numbers.

    Examples
    --------
    >>> NoisyLine(n=3, noise=0.0).draw().frame.to_numpy().tolist()
    [[0.0, 2.0], [5.0, 17.0], [10.0, 32.0]]
    """

    slope: float = 3.0
    intercept: float = 2.0
    noise: float = 2.0  # standard deviation
    n: int = 50  # rows, 3 to 10,000
    low: float = 0.0
    high: float = 10.0
    seed: int = 42

    def __post_init__(self) -> None:
        for name in ("slope", "intercept", "low", "high"):
            number(name, getattr(self, name), -1_000_000, 1_000_000)
        number("noise", self.noise, 0, 1_000_000)
        whole("n", self.n, MIN_ROWS, 10_000)
        whole("seed", self.seed, 0, 2**32 - 1)
        if not self.high - self.low >= SMALLEST_RANGE:
            ends = f"{self.low} to {self.high}".replace("-", MINUS)
            raise InputError(f"`high` must exceed `low` by at least {SMALLEST_RANGE}, got {ends}")

    @property
    def x(self) -> NDArray[np.float64]:
        """The x of every draw, (n,)."""
        return np.linspace(self.low, self.high, self.n)

    def draw(self) -> Table:
        """The table, columns x and y. The noise is drawn at once, after x, as in the article."""
        noise = np.random.RandomState(self.seed).randn(self.n) * self.noise
        frame = pd.DataFrame({"x": self.x, "y": self.slope * self.x + self.intercept + noise})
        return Table(frame, "A line with noise", sha256(repr(self).encode()).hexdigest(), ())


@dataclass(frozen=True)
class BuiltIn:
    """A table that comes with the dashboard."""

    title: str
    x_title: str  # what its two columns are, with units
    y_title: str
    read: Callable[[], Table]


def read_table(data: bytes, name: str = "") -> Table:
    """Read the numbers of a text file: comma, semicolon, tab, pipe or blanks between cells, decimal point or comma.

    Thousands set apart, currency, per cent and dashes for a minus sign are read; where a column can be read in two ways
    and no other one decides, the note names both.

    Parameters
    ----------
    data : bytes
        At most 10 MB, 200,000 rows, 1,000 columns and 2,000,000 cells; UTF-8, UTF-16, Shift-JIS or Latin-1.
    name : str
        The file's name, for the reader only.

    Raises
    ------
    InputError
        Nothing in it, not text, too large, rows of different lengths, names of some columns alone, fewer than two
        columns of numbers, fewer than three complete rows.

    Examples
    --------
    >>> table = read_table(b"city;size;price\\nUlm;1,5;10\\nBonn;2,5;\\nKiel;3,5;30\\nJena;4,5;40")
    >>> table.frame.to_numpy().tolist()
    [[1.5, 10.0], [3.5, 30.0], [4.5, 40.0]]
    >>> print(*table.notes, sep="\\n")
    size: 1,5 was read as 1.5.
    Left out, since it holds text: city (“Ulm”).
    Left out, since a value is missing: 1 of 4 rows.
    """
    if len(data) > MAX_BYTES:
        raise table_error(f"be at most 10 MB, got {len(data) / 1024**2:.1f} MB", "Keep fewer rows or columns.")
    if known := kind_of(data):
        kind, hint = known
        raise table_error(f"be a table of text, got {kind}", hint or ROWS_HINT)
    if (text := decode_text(data)) is None:
        raise table_error("be a table of text, got binary data", "Save the table as CSV first.")
    cells = parse_cells(text)
    numbers, notes = _numeric_columns(cells)
    frame, more = _complete_rows(numbers)
    return Table(frame, name, sha256(data).hexdigest(), (*cells.notes, *notes, *more))


def drawn_rows(n: int) -> tuple[NDArray[np.intp], str]:
    """Which of n rows to draw, at most 2,000 and always the same, in their order; a sentence, "" where it is all rows.

    Examples
    --------
    >>> rows, note = drawn_rows(5000)
    >>> len(rows), note
    (2000, '2,000 of 5,000 rows are drawn; the fits use every row.')
    """
    if n <= DRAWN_ROWS:
        return np.arange(n), ""
    rows = np.random.default_rng(0).choice(n, size=DRAWN_ROWS, replace=False)
    return np.sort(rows), f"{DRAWN_ROWS:,} of {n:,} rows are drawn; the fits use every row."


def _numeric_columns(cells: Cells) -> tuple[pd.DataFrame, list[str]]:
    """The columns of numbers, not finite where missing, and what was left out or read in another way."""
    read = dict(zip(cells.names, read_columns(cells.columns, cells.delimiter), strict=True))
    known = {name: int(np.isfinite(column.numbers).sum()) for name, column in read.items()}
    text = [name for name, column in read.items() if column.n_odd > (column.n_odd + known[name]) / 10]
    sparse = [name for name in read if name not in text and known[name] < len(cells.columns[0]) / 2]
    kept = {name: column for name, column in read.items() if name not in {*text, *sparse}}
    notes = _notes_on_numbers(kept)
    if text:
        first = f"{text[0]} (“{quoted(read[text[0]].odd)}”)"
        notes.append(f"Left out, since it holds text: {first_five([first, *text[1:]])}.")
    if sparse := [name for name in sparse if known[name] or not name.startswith("column ")]:
        notes.append(f"Left out, since more than half of it is missing: {first_five(sparse)}.")
    if odd := [column for column in kept.values() if column.n_odd]:
        n = sum(column.n_odd for column in odd)
        notes.append(f"Counted as missing: {n:,} cell{'s' * (n > 1)} with text, “{quoted(odd[0].odd)}”.")
    if len(kept) < 2:
        raise table_error(
            f"have at least two columns of numbers, got {len(kept)}",
            " ".join([*notes, "Write numbers alone into the cells of two columns."]),
        )
    return pd.DataFrame({name: column.numbers for name, column in kept.items()}), notes


def _notes_on_numbers(columns: dict[str, Read]) -> list[str]:
    """What cells were read as, those first that may mean something else."""
    told = sorted((name for name in columns if columns[name].note), key=lambda name: not columns[name].doubt)
    n = sum(columns[name].doubt for name in told)
    shown = told[: max(n, MOST_NOTES)]
    more = len(told) - len(shown)
    rest = [f"So were cells of {more} other column{'s' * (more > 1)}."] if more else []
    return [f"{name}: {columns[name].note}." for name in shown] + rest


def _complete_rows(numbers: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """The rows without a missing value, and how many were dropped."""
    complete = numbers.where(np.isfinite(numbers)).dropna(ignore_index=True)
    dropped = len(numbers) - len(complete)
    if len(complete) < MIN_ROWS:
        raise table_error(
            f"have at least three complete rows, got {len(complete)}",
            f"Fill in what is missing in {dropped:,} row{'s' * (dropped > 1)}." if dropped else "Add rows.",
        )
    notes = [f"Left out, since a value is missing: {dropped:,} of {len(numbers):,} rows."] if dropped else []
    return complete, notes


def _read_diabetes() -> Table:
    """442 patients: body mass index and how far the disease went in a year (Efron et al., 2004)."""
    from sklearn.datasets import load_diabetes

    patients = load_diabetes(as_frame=True, scaled=False).frame
    frame = patients[["bmi", "target"]].rename(columns={"target": "progression"})
    return Table(frame, "Diabetes", sha256(frame.to_csv(index=False).encode()).hexdigest(), ())


def _read_hubble() -> Table:
    """24 nebulae (Hubble, *PNAS* 15, 1929): physics says that the line passes through the origin."""
    return read_table(HUBBLE.read_bytes(), "Hubble 1929")


BUILT_IN = {
    "article": BuiltIn("The article's data", "x", "y", lambda: NoisyLine().draw()),
    "diabetes": BuiltIn(
        "Diabetes: body mass index",
        "Body mass index (kg/m²)",
        "Disease progression after a year (score)",
        _read_diabetes,
    ),
    "hubble": BuiltIn("Hubble's nebulae, 1929", "Distance (Mpc)", "Radial velocity (km/s)", _read_hubble),
}
