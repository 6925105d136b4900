"""A task made of a visitor's own pictures: does a bias matter for *your* data?"""

import math
from functools import partial

import numpy as np

from ...errors import InputError
from ..digits import Split
from ..tasks import POINT, Task
from . import PictureSet
from .classes import refusal
from .resize import LEAST_SIDE, MOST_SIDE

FEWEST = 10
"""Pictures of each class: eight to learn from and two to test on. With five, each side of every split still has all
classes, but what is known of a class then hangs on one picture."""

TEST_SHARE = 0.2
STEPS, BATCH, MOST_EPOCHS = 450, 64, 400


def own_task(pictures: PictureSet, margin: float = POINT) -> Task:
    """The question which class a picture is of, with another stratified split, 80 to 20, for each seed.

    Parameters
    ----------
    pictures : PictureSet
        At least two classes of at least ten pictures each.
    margin : float, above 0 and below 1
        The difference that matters to you, a share of accuracy.

    Returns
    -------
    Task
        Its epochs make about 450 steps of 64 pictures, as on ordinary digits, but are at most 400. It can be sent to
        other processes, in memory.

    Raises
    ------
    InputError
        The margin or the set breaks a rule; or no network could learn it: one class, all pictures alike, or two
        classes of the same pictures.

    Examples
    --------
    >>> pixels = np.random.default_rng(0).random((40, 1, 8, 8), np.float32)
    >>> task = own_task(PictureSet(pixels, np.arange(40) % 2, ("a", "b"), "", "0123"))
    >>> task.draw(0).X_train.shape, task.draw(0).X_test.shape, task.n_epochs
    ((32, 64), (8, 64), 400)
    """
    if not 0 < margin < 1:
        raise InputError(f"`margin` must be above 0 and below 1, got {margin!r}", hint="One point is 0.01.")
    _check_numbers(pictures)
    _check_counts(pictures)
    _check_different(pictures)
    return Task(
        name=f"own-{pictures.digest[:16]}",
        title="Your own pictures",
        question=f"Which of the {len(pictures.classes)} classes is this picture of?",
        margin=margin,
        classes=pictures.classes,
        draw=partial(_draw, pictures),
        n_epochs=_count_epochs(len(pictures.labels)),
    )


def _draw(pictures: PictureSet, seed: int) -> Split:
    from sklearn.model_selection import train_test_split  # here, as in `core.data.digits`

    y = pictures.labels
    train, test = train_test_split(np.arange(len(y)), test_size=TEST_SHARE, stratify=y, random_state=seed)
    X = pictures.pixels.reshape(len(y), -1)
    _, channels, height, width = pictures.pixels.shape
    return Split(X[train], y[train], X[test], y[test], (channels, height, width))


def _count_epochs(n: int) -> int:
    """As many as make about 450 steps of 64 of the n pictures' training part."""
    n_train = n - math.ceil(TEST_SHARE * n)
    return min(MOST_EPOCHS, round(STEPS / math.ceil(n_train / BATCH)))


def _check_numbers(pictures: PictureSet) -> None:
    pixels, labels = pictures.pixels, pictures.labels
    sides = pixels.shape[2:]
    if pixels.ndim != 4 or pixels.shape[1] not in (1, 3) or min(sides) < LEAST_SIDE or max(sides) > MOST_SIDE:
        raise refusal(
            f"have shape (n, 1 or 3, height, width), {LEAST_SIDE} to {MOST_SIDE} pixels a side, got {pixels.shape}"
        )
    if labels.shape != pixels.shape[:1] or not set(labels.tolist()) <= set(range(len(pictures.classes))):
        raise refusal("have one label for each picture, from 0 to the number of classes less one")
    if not (np.isfinite(pixels.min(initial=0)) and np.isfinite(pixels.max(initial=0))):
        raise refusal("hold finite numbers, got NaN or infinity", "Take those pictures out.")
    if pixels.size and not (pixels.min() >= 0 and pixels.max() <= 1):
        raise refusal(
            f"lie between 0 and 1, got {pixels.min():.6g} to {pixels.max():.6g}",
            "Divide by the number that stands for white.",
        )


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
