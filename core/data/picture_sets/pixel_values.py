"""Pictures from plain numbers, as arrays and tables hold them: which number is which pixel, and which is white.

Neither is written down in such files, so both are found, and what was assumed is said. White is the smallest of 1, 16,
255, 4,095 and 65,535 that no number exceeds: floats, scikit-learn's digits, and pictures of 8, 12 and 16 bits.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .classes import Floats, Labelled, Labels, classes_of, note, refusal, rows_to_read
from .resize import LEAST_SIDE, MOST_READ, fit_to_size, within_limits

WHITES = (1, 16, 255, 4_095, 65_535)
A_HAIR = 1 + 1e-6
COMPARED = 100

Shape = tuple[int, ...]
Bools = NDArray[np.bool_]

SHAPES = "be rows of a square number of pixels, three times one, or (height, width) with or without 1 or 3 channels"
SIDES = "Save them as (n, height, width) or (n, height, width, 3), or as rows of a square number of pixels."


class Layout(NamedTuple):
    """How one picture is stored, whether its channels come last, and a sentence where that was assumed."""

    channels: int
    height: int
    width: int
    last: bool = False
    note: str = ""

    def pictures(self, rows: Floats) -> Floats:
        """(n, ...) as (n, channels, height, width)."""
        channels, height, width, last, _ = self
        if last:
            return rows.reshape(-1, height, width, channels).transpose(0, 3, 1, 2)
        return rows.reshape(-1, channels, height, width)


def labelled_pictures(
    names: Sequence[str], read: Callable[[Labels], Iterable[NDArray[Any]]], shape: Shape, hint: str
) -> Labelled:
    """The pictures that have a label, of each class the first ones if there are too many.

    `names` are the labels of all pictures in words, empty where missing. `read` takes rows in increasing order and
    gives blocks of their numbers, as `pictures_from` takes them. The hint is for a set without any label.
    """
    there = np.array([name != "" for name in names])
    if not there.any():
        raise refusal("have labels, got none but empty ones", hint)
    labels, classes = classes_of([name for name in names if name])
    rows, rest = rows_to_read(labels)
    kept = np.flatnonzero(there)[rows]
    pixels, finite, notes = pictures_from(read(kept), len(kept), shape)
    missing = note("the label is missing", int((~there).sum()), len(names))
    return Labelled(pixels, labels[rows][finite], classes, (missing, rest, *notes))


def pictures_from(blocks: Iterable[NDArray[Any]], n: int, shape: Shape) -> tuple[Floats, Bools, tuple[str, ...]]:
    """Pictures from blocks of rows (some, *shape) of any type of number, n rows together.

    Pixels (m, channels, height, width) from 0 to 1 of the rows whose numbers are all finite, which rows these are (n,),
    and notes, "" for none. An InputError where the shape is none of a picture, no row is finite, or a number is no
    brightness.

    Examples
    --------
    >>> pixels, finite, notes = pictures_from([np.array([[0, 0, 0, 255]])], 1, (4,))
    >>> pixels.tolist(), notes[1]
    ([[[[0.0, 0.0], [0.0, 1.0]]]], 'Pixels from 0 to 255 were divided by 255, taken for white.')
    """
    layout, pixels, fine = layout_of(shape), np.empty(0, np.float32), []
    low, top, place = math.inf, -math.inf, 0
    for block in blocks:
        rows, good = _finite_rows(block)
        low, top = min(low, float(rows.min(initial=math.inf))), max(top, float(rows.max(initial=-math.inf)))
        fine.append(good)
        if not len(pixels):
            layout = layout_of(shape, rows[:COMPARED])
            size = within_limits(layout.height, layout.width)
            pixels = np.empty((n, layout.channels, *size), dtype=np.float32)
        pixels[place : place + len(rows)] = fit_to_size(layout.pictures(rows), size)
        place += len(rows)
    if not place:
        raise refusal("hold numbers, got none that is finite in any picture", SIDES)
    white, white_note = white_of(low, top)
    finite, kept = np.concatenate(fine), pixels[:place]
    kept /= white
    shrunk = f"Scaled to {size[1]} × {size[0]} pixels from {layout.width:,} × {layout.height:,}."
    left = note("a pixel is missing or infinite", int((~finite).sum()), n)
    notes = (layout.note, white_note, shrunk if size != layout[1:3] else "", left)
    return kept.clip(0, 1, out=kept), finite, notes


def layout_of(shape: Shape, rows: Floats | None = None) -> Layout:
    """How a picture of this shape is stored; `rows` (n, *shape) tell where a shape alone leaves two ways.

    Without rows it refuses a shape in which numbers cannot be one picture, before any of them is read.
    """
    layout = _layout(shape, rows)
    if layout is None:
        raise refusal(f"{SHAPES}, got {_words(*shape)} for each picture", SIDES)
    if min(layout[1:3]) < LEAST_SIDE or max(layout[1:3]) > MOST_READ:
        got = _words(layout.height, layout.width)
        raise refusal(f"have {LEAST_SIDE} to {MOST_READ:,} pixels a side, got {got}", SIDES)
    return layout


def white_of(low: float, top: float) -> tuple[int, str]:
    """The number that is white, and what was assumed, for pixels from `low` to `top`.

    Examples
    --------
    >>> white_of(0, 200)
    (255, 'Pixels from 0 to 200 were divided by 255, taken for white.')
    """
    if low < 0 or top > WHITES[-1] * A_HAIR:
        raise refusal(
            f"have pixels from 0 (black) to 1, 255 or 65,535 (white), got {low:.6g} to {top:.6g}",
            "Undo what was done to centre or scale them, since where black is matters here.",
        )
    white = next(white for white in WHITES if top <= white * A_HAIR)
    divided = f"Pixels from {low:.6g} to {top:.6g} were divided by {white:,}, taken for white."
    return white, "" if white == 1 else divided


def _finite_rows(block: NDArray[Any]) -> tuple[Floats, Bools]:
    """The rows that are finite throughout, in float32, and which ones are."""
    with np.errstate(all="ignore"):  # beyond float32's range is infinite
        rows = block.astype(np.float32)
    fine = np.all(np.isfinite(rows), axis=tuple(range(1, rows.ndim)))
    return rows if fine.all() else rows[fine], fine


def _layout(shape: Shape, rows: Floats | None) -> Layout | None:
    match shape:
        case (pixels,) if pixels > 0:
            return _flat_layout(pixels, rows)
        case (height, width) if height * width > 0:
            return Layout(1, height, width)
        case (height, width, 1 | 3 as channels) if height * width > 0:
            return Layout(channels, height, width, last=True)
        case (1 | 3 as channels, height, width) if height * width > 0:
            return Layout(channels, height, width)
    return None


def _flat_layout(pixels: int, rows: Floats | None) -> Layout | None:
    if (side := math.isqrt(pixels)) ** 2 == pixels:
        return Layout(1, side, side)
    if pixels % 3 or (side := math.isqrt(pixels // 3)) ** 2 * 3 != pixels:
        return None
    planes = Layout(3, side, side, note="A row was read as its red, then its green, then its blue pixels.")
    triples = Layout(3, side, side, True, "A row was read as red, green and blue of one pixel after the other.")
    return planes if rows is None else min(planes, triples, key=lambda layout: _roughness(layout, rows))


def _roughness(layout: Layout, rows: Floats) -> float:
    """How much neighbours differ: less where pixels stand in their places."""
    return float(np.abs(np.diff(layout.pictures(rows), axis=-1)).sum())


def _words(*sides: int) -> str:
    return " × ".join(f"{side:,}" for side in sides)
