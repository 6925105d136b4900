"""What all readers of picture sets share: classes from labels, a part that is spread over them, and words for both."""

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...errors import InputError

MAX_PICTURES = 5_000
MAX_CLASSES = 50
MAX_NAME = 100
LEAST_TO_LEARN, LEAST_TO_TEST = 8, 2  # of each class

Floats = NDArray[np.float32]
Labels = NDArray[np.intp]
Weights = NDArray[np.float64] | None
AT_MOST = f"at most {MAX_PICTURES:,} are read (the first of each class, in equal shares)"
ZIP_FOLDERS = "Put the pictures of each class into a folder with its name, and zip the folders."

_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")


class Labelled(NamedTuple):
    """Pictures as a reader found them: pixels (n, channels, height, width) from 0 to 1, labels (n,); notes or ""."""

    pixels: Floats
    labels: Labels
    classes: tuple[str, ...]
    notes: tuple[str, ...]
    test: NDArray[np.bool_] | None = None  # (n,): which are of the test side of a split


def keep_split(found: Labelled) -> Labelled:
    """The set with its test side where both sides have enough of each class, else without; and a note on a split."""
    if found.test is None:
        return found
    sides = [np.bincount(found.labels[found.test == side], minlength=len(found.classes)).min() for side in (0, 1)]
    if sides[0] >= LEAST_TO_LEARN and sides[1] >= LEAST_TO_TEST:
        n = int(found.test.sum())
        kept = f"Their split was kept for every seed: {len(found.test) - n:,} pictures to learn from, {n:,} to test on."
        return found._replace(notes=(*found.notes, kept))
    few = f", since it takes {LEAST_TO_LEARN} pictures of each class to learn from and {LEAST_TO_TEST} to test on"
    merged = f"Their split was not kept{few if found.test.any() else ''}: every seed splits all pictures anew."
    return found._replace(test=None, notes=(*found.notes, merged))


def refusal(rule: str, hint: str = "") -> InputError:
    """The error for a set that breaks a rule: what `pictures` must be, and what it is."""
    return InputError(f"`pictures` must {rule}", hint=hint)


def classes_of(names: Sequence[str]) -> tuple[Labels, tuple[str, ...]]:
    """Labels 0, 1, ... and what they mean: names in the order of their numbers if all are, else of the alphabet.

    An InputError where more than 50 differ, or one is empty, has more than 100 characters, or is no Unicode text.

    Examples
    --------
    >>> labels, classes = classes_of(["10", "9", "10"])
    >>> labels.tolist(), classes
    ([1, 0, 1], ('9', '10'))
    """
    different = set(names)
    if len(different) > MAX_CLASSES:
        raise refusal(
            f"be of at most {MAX_CLASSES} classes, got {len(different):,}",
            "Keep some of the classes, and look whether the labels are labels.",
        )
    for name in different:
        if not 0 < len(name) <= MAX_NAME:
            got = f"got one of {len(name):,}"
            raise refusal(f"have class names of 1 to {MAX_NAME} characters, {got}", "Give the class a short name.")
        if any("\ud800" <= character <= "\udfff" for character in name):
            raise refusal("have class names in Unicode, got half a character", "Rename the class.")
    numbers = all(map(_WHOLE.fullmatch, different))
    classes = tuple(sorted(different, key=lambda name: (int(name) if numbers else 0, name.casefold(), name)))
    places = {name: label for label, name in enumerate(classes)}
    return np.array([places[name] for name in names], dtype=np.intp), classes


def first_of_each_class(labels: Labels, most: float, weights: Weights = None) -> Labels:
    """Rows to keep, in their order: of each class the first ones, in the same share of all classes.

    Their weights (n,) sum to `most` at most; without weights it is a number of rows.

    Examples
    --------
    >>> first_of_each_class(np.array([0, 0, 0, 0, 1, 1]), 3).tolist()
    [0, 1, 4]
    """
    counts = np.bincount(labels)
    rank = pd.Series(labels).groupby(labels).cumcount().to_numpy()
    order = np.argsort(rank / counts[labels], kind="stable")
    sums = np.cumsum(np.ones(len(labels)) if weights is None else weights[order])
    return np.sort(order[sums <= most])


def note(why: str, count: int, of: int = 0, what: str = "picture") -> str:
    """A sentence on what was left out, of so many where these are given; empty where nothing was.

    Examples
    --------
    >>> note("a pixel is missing", 1, 10), note("encrypted", 0)
    ('Left out, since a pixel is missing: 1 of 10 pictures.', '')
    """
    many = what if (of or count) == 1 else f"{what}s"
    return f"Left out, since {why}: {count:,} {f'of {of:,} ' if of else ''}{many}." if count else ""


def rows_to_read(
    labels: Labels, most: float = MAX_PICTURES, weights: Weights = None, why: str = AT_MOST, what: str = "picture"
) -> tuple[Labels, str]:
    """The rows of all pictures, or the `first_of_each_class` that together weigh `most`; and a sentence on the rest."""
    rows = first_of_each_class(labels, most, weights)
    return rows, note(why, len(labels) - len(rows), len(labels), what)
