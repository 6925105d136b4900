"""A task made of a visitor's own pictures: does a bias matter for *your* data?"""

import math
from functools import partial

import numpy as np

from ...checks import number
from ..digits import Split
from ..tasks import POINT, Task
from . import PictureSet
from .classes import refusal

FEWEST = 10
"""Pictures of each class: eight to learn from and two to test on. With five, each side of every split still has all
classes, but what is known of a class then hangs on one picture."""

TEST_SHARE = 0.2
STEPS, BATCH, MOST_EPOCHS = 450, 64, 400


def own_task(pictures: PictureSet, margin: float = POINT) -> Task:
    """The question which class a picture is of, with another stratified split, 80 to 20, for each seed, or
    with the one that the file has.

    The margin is the difference that matters, a share of accuracy. Networks learn for as many epochs as make about 450
    steps of 64 pictures, as on ordinary digits, but at most 400. The task can be sent to other processes, in memory.

    Raises
    ------
    InputError
        The margin is none; or no network could learn the set: one class, fewer than ten pictures in one, all pictures
        alike, or two classes of the same pictures.

    Examples
    --------
    >>> pixels = np.random.default_rng(0).random((40, 1, 8, 8), np.float32)
    >>> task = own_task(PictureSet(pixels, np.arange(40) % 2, ("a", "b"), "", "0123"))
    >>> task.draw(0).X_train.shape, task.draw(0).X_test.shape, task.n_epochs
    ((32, 64), (8, 64), 400)
    """
    number("margin", margin, 0, 1, above=True, hint="One point is 0.01.")
    _check_counts(pictures)
    _check_different(pictures)
    return Task(
        name=f"own-{pictures.digest[:16]}",
        title="Your own pictures",
        question=f"Which of the {len(pictures.classes)} classes is this picture of?",
        margin=margin,
        classes=pictures.classes,
        draw=partial(_draw, pictures),
        n_epochs=_count_epochs(pictures),
    )


def _draw(pictures: PictureSet, seed: int) -> Split:
    from sklearn.model_selection import train_test_split  # here, as in `core.data.digits`

    y = pictures.labels
    if pictures.test is not None:
        train, test = np.flatnonzero(~pictures.test), np.flatnonzero(pictures.test)
    else:
        train, test = train_test_split(np.arange(len(y)), test_size=TEST_SHARE, stratify=y, random_state=seed)
    X = pictures.pixels.reshape(len(y), -1)
    _, channels, height, width = pictures.pixels.shape
    return Split(X[train], y[train], X[test], y[test], (channels, height, width))


def _count_epochs(pictures: PictureSet) -> int:
    """As many as make about 450 steps of 64 of the pictures' training part."""
    n = len(pictures.labels)
    n_train = n - (math.ceil(TEST_SHARE * n) if pictures.test is None else int(pictures.test.sum()))
    return min(MOST_EPOCHS, round(STEPS / math.ceil(n_train / BATCH)))


def _check_counts(pictures: PictureSet) -> None:
    rule = f"hold at least two classes of {FEWEST} pictures each"
    n, used = len(pictures.labels), sum(count > 0 for count in pictures.counts)
    if n <= 1:
        raise refusal(f"{rule}, got {'a single picture' if n else 'no picture'}", "Add pictures.")
    if used < 2:
        raise refusal(f"{rule}, got one class", "Add a class that these pictures are to be told from.")
    if min(pictures.counts) < FEWEST:
        few = sum(count < FEWEST for count in pictures.counts)
        raise refusal(
            f"{rule}, got {min(pictures.counts)} in the smallest",
            f"Add pictures, or leave out the {few} classes with fewer." if few > 1 else "Add pictures to it.",
        )


def _check_different(pictures: PictureSet) -> None:
    """That there is something to learn: no two classes of the very same pictures."""
    kinds: list[set[int]] = [set() for _ in pictures.classes]
    for pixels, label in zip(pictures.pixels, pictures.labels.tolist(), strict=True):
        kinds[label].add(hash(pixels.tobytes()))
    if len(set.union(*kinds)) == 1:
        raise refusal("differ, got all alike", "Look whether the right files were saved.")
    if len(set(map(frozenset, kinds))) < len(kinds):
        raise refusal(
            "differ between classes, got two classes of the same pictures", "Look whether a folder was copied twice."
        )
