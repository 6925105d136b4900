"""Tables of numbers: a visitor's file read by its content, the built-in ones, and a sample to plot.

A file is bytes; its encoding, delimiter, decimal mark and header are found from the bytes alone. What had to be left
out is said in `Table.notes`, one sentence each. Every cell counts as a number, as missing (empty, NA, NaN, null, ?, -,
or infinite), or as text; a column is text when more than one in ten of its cells that are not missing are text.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..errors import InputError
from ..format import MINUS
from .delimited_text import MISSING, decoded, parsed

MAX_BYTES = 10 * 1024 * 1024
MIN_ROWS = 3
SMALLEST_RANGE = 0.001
HUBBLE = Path(__file__).with_name("hubble_1929.csv")


@dataclass(frozen=True, eq=False)
class Table:
    """Numbers with named columns.

    Attributes
    ----------
    frame : DataFrame (n_rows, n_columns)
        Finite floats; at least 3 rows and 2 columns; column names are plain text of at most 60 characters.
    name : str
        What the visitor called it.
    digest : str
        SHA-256 of the bytes, or of the settings: equal digests, equal frames.
    notes : tuple of str
        What was left out, one sentence each.
    """

    frame: pd.DataFrame
    name: str
    digest: str
    notes: tuple[str, ...]


@dataclass(frozen=True)
class NoisyLine:
    """Settings of the article's data: y = slope * x + intercept + N(0, noise), x evenly spaced on [low, high].

    Attributes
    ----------
    slope, intercept : float
        At most a million in size.
    noise : float
        Standard deviation, 0 to a million.
    n : int
        Rows, 3 to 10,000.
    low, high : float
        The range of x, at most a million in size; high exceeds low by at least 0.001.
    seed : int
        0 to 2**32 - 1, for numpy's legacy generator: the seed 42 gives the article's numbers.

    Raises
    ------
    InputError
        A setting outside its range.

    Examples
    --------
    >>> NoisyLine(n=3, noise=0.0).draw().frame.to_numpy().tolist()
    [[0.0, 2.0], [5.0, 17.0], [10.0, 32.0]]
    """

    slope: float = 3.0
    intercept: float = 2.0
    noise: float = 2.0
    n: int = 50
    low: float = 0.0
    high: float = 10.0
    seed: int = 42

    def __post_init__(self) -> None:
        for name in ("slope", "intercept", "low", "high"):
            _check_number(name, getattr(self, name), -1e6, 1e6)
        _check_number("noise", self.noise, 0, 1e6)
        _check_whole("n", self.n, MIN_ROWS, 10_000)
        _check_whole("seed", self.seed, 0, 2**32 - 1)
        if not self.high - self.low >= SMALLEST_RANGE:
            raise InputError(
                f"`high` must exceed `low` by at least {SMALLEST_RANGE}, got {self.low} to {self.high}".replace(
                    "-", MINUS
                )
            )

    def draw(self) -> Table:
        """The table, columns x and y. The noise is drawn at once, after x, as in the article."""
        x = np.linspace(self.low, self.high, self.n)
        noise = np.random.RandomState(self.seed).randn(self.n) * self.noise
        frame = pd.DataFrame({"x": x, "y": self.slope * x + self.intercept + noise})
        return Table(frame, "A line with noise", _digest(repr(self).encode()), ())


@dataclass(frozen=True)
class BuiltIn:
    """A table that comes with the dashboard.

    Attributes
    ----------
    title : str
    x, y : str
        Columns to begin with.
    x_title, y_title : str
        What they are, with units.
    read : function
        () -> Table
    """

    title: str
    x: str
    y: str
    x_title: str
    y_title: str
    read: Callable[[], Table]


def read_table(data: bytes, name: str = "") -> Table:
    """Read the numbers of a text file: comma, semicolon, tab, pipe or blanks between cells, decimal point or comma.

    Parameters
    ----------
    data : bytes
        At most 10 MB, 200,000 rows, 1,000 columns and 2,000,000 cells; UTF-8, UTF-16, or Latin-1.
    name : str
        The file's name, for the reader only.

    Raises
    ------
    InputError
        Nothing in it, not text, too large, rows of different lengths, fewer than two columns of numbers, fewer than
        three complete rows.

    Examples
    --------
    >>> table = read_table(b"city;size;price\\nUlm;1,5;10\\nBonn;2,5;\\nKiel;3,5;30\\nJena;4,5;40")
    >>> table.frame.to_numpy().tolist()
    [[1.5, 10.0], [3.5, 30.0], [4.5, 40.0]]
    >>> print(*table.notes, sep="\\n")
    Read with a decimal comma: 1,5 means 1.5.
    Left out, since it holds text: city.
    Left out, since a value is missing: 1 of 4 rows.
    """
    if len(data) > MAX_BYTES:
        raise InputError(
            f"`data` must be at most 10 MB, got {len(data) / 1024**2:.1f} MB", hint="Keep fewer rows or columns."
        )
    cells, decimal = parsed(decoded(data))
    numbers, notes = _numeric(cells, decimal)
    frame, more = _complete(numbers)
    return Table(frame, name, _digest(data), (*notes, *more))


def plot_sample(frame: pd.DataFrame, n: int = 2000, seed: int = 0) -> tuple[pd.DataFrame, str | None]:
    """At most n rows to draw, in their order, and a sentence that says so, or None when all are there.

    Parameters
    ----------
    frame : DataFrame (n_rows, n_columns)
    n : int
        Rows to keep, at least 1.
    seed : int
        0 or more; the same seed keeps the same rows.

    Raises
    ------
    InputError
        n below 1.

    Examples
    --------
    >>> sample, note = plot_sample(pd.DataFrame({"x": range(5000)}))
    >>> len(sample), note
    (2000, '2,000 of 5,000 rows are drawn; the fits use every row.')
    """
    if n < 1:
        raise InputError(f"`n` must be at least 1, got {n}")
    if len(frame) <= n:
        return frame, None
    rows = np.random.default_rng(seed).choice(len(frame), size=n, replace=False)
    return frame.iloc[np.sort(rows)], f"{n:,} of {len(frame):,} rows are drawn; the fits use every row."


def _numeric(cells: pd.DataFrame, decimal: str) -> tuple[pd.DataFrame, list[str]]:
    """The columns of numbers, missing as NaN, and what was left out."""
    numbers, odd_ones = _as_numbers(pd.concat([cells[name] for name in cells], ignore_index=True), decimal)
    columns = dict(zip(map(str, cells), numbers.reshape(cells.shape[::-1]), strict=True))
    odds = odd_ones.reshape(cells.shape[::-1]).sum(axis=1).tolist()
    counts = {name: (int(np.isfinite(columns[name]).sum()), odd) for name, odd in zip(columns, odds, strict=True)}
    text = [name for name, (numbers, odd) in counts.items() if odd > (odd + numbers) / 10]
    sparse = [name for name, (numbers, odd) in counts.items() if name not in text and numbers < len(cells) / 2]
    kept = [name for name in columns if name not in {*text, *sparse}]
    odd_cells = sum(counts[name][1] for name in kept)
    notes = [
        "Read with a decimal comma: 1,5 means 1.5." if decimal == "," else "",
        f"Left out, since it holds text: {_listed(text)}." if text else "",
        f"Left out, since more than half of it is missing: {_listed(sparse)}." if sparse else "",
        f"Counted as missing: {odd_cells:,} {'cell' if odd_cells == 1 else 'cells'} with text." if odd_cells else "",
    ]
    if len(kept) < 2:
        raise InputError(
            f"`data` must have at least two columns of numbers, got {len(kept)}",
            hint=" ".join(note for note in notes if note) or "Add the column that x should explain.",
        )
    return pd.DataFrame({name: columns[name] for name in kept}), [note for note in notes if note]


def _as_numbers(cells: "pd.Series[str]", decimal: str) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Floats, NaN where missing, and which cells are neither a number nor missing; for all columns at once, since
    each call on a column costs as much as a thousand of its cells."""
    plain = cells.str.strip()
    filled = ~plain.str.lower().isin(MISSING)
    if decimal == ",":
        plain = plain.mask(plain.str.contains(".", regex=False), "text").str.replace(",", ".", regex=False)
    numbers = pd.to_numeric(plain, errors="coerce").to_numpy(np.float64)
    odd = filled.to_numpy(np.bool_) & np.isnan(numbers)
    return np.where(np.isfinite(numbers), numbers, np.nan), odd


def _complete(numbers: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """The rows without a missing value, and how many were dropped."""
    complete = numbers.dropna(ignore_index=True)
    dropped = len(numbers) - len(complete)
    if len(complete) < MIN_ROWS:
        raise InputError(
            f"`data` must have at least three complete rows, got {len(complete)}",
            hint=f"{dropped:,} rows have a missing value." if dropped else "Add rows.",
        )
    notes = [f"Left out, since a value is missing: {dropped:,} of {len(numbers):,} rows."] if dropped else []
    return complete, notes


def _listed(names: list[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def _read_diabetes() -> Table:
    """442 patients: body mass index and how far the disease went in a year (Efron et al., 2004)."""
    from sklearn.datasets import load_diabetes

    data = load_diabetes(scaled=False)
    bmi = data.data[:, data.feature_names.index("bmi")]
    frame = pd.DataFrame({"bmi": bmi, "progression": data.target})
    return Table(frame, "Diabetes", _digest(frame.to_csv(index=False).encode()), ())


def _read_hubble() -> Table:
    """24 nebulae (Hubble, *PNAS* 15, 1929): physics says that the line passes through the origin."""
    return read_table(HUBBLE.read_bytes(), "Hubble 1929")


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _check_number(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:  # false for NaN too
        raise InputError(f"`{name}` must be between {low:,.0f} and {high:,.0f}, got {value}".replace("-", MINUS))


def _check_whole(name: str, value: int, low: int, high: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise InputError(f"`{name}` must be a whole number, got {value!r}")
    _check_number(name, value, low, high)


BUILT_IN = {
    "article": BuiltIn("The article's data", "x", "y", "x", "y", lambda: NoisyLine().draw()),
    "diabetes": BuiltIn(
        "Diabetes: body mass index",
        "bmi",
        "progression",
        "Body mass index (kg/m²)",
        "Disease progression after a year (score)",
        _read_diabetes,
    ),
    "hubble": BuiltIn(
        "Hubble's nebulae, 1929",
        "distance_mpc",
        "velocity_km_s",
        "Distance (Mpc)",
        "Radial velocity (km/s)",
        _read_hubble,
    ),
}
