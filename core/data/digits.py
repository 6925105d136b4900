"""What a seed draws for each task: the pictures to train on and to test on.

All but the flat cards come from scikit-learn's 1,797 handwritten digits, 8 x 8 (its own copy of a part of the UCI set
"Optical Recognition of Handwritten Digits"): sixteenths from 0 to 1, split 80 to 20 with equal shares of every digit.
Whatever is made of a picture stays on its side of the split. The same seed gives the same arrays to the last bit; a
seed is a whole number from 0 to 2**32 - 1.

Factors, offsets and grey levels are whole multiples of 2**-16. The pixels that they make of sixteenths are multiples of
2**-20, and float32 holds these without rounding: the dim and the bright copy of a digit are exactly proportional.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, partial

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Labels = NDArray[np.intp]
Change = Callable[[Floats], Floats]
Copy = Callable[[Floats, np.random.Generator], Floats]

GRID = 2**16
NOISE = 0.1
KEPT = 0.6
SHARE, SEVEN = 0.02, 7


@dataclass(frozen=True, eq=False)
class Split:
    """Pictures and labels of one draw."""

    X_train: Floats  # (n, n_features), from 0 (black) to 1 (white) unless a task says otherwise
    y_train: Labels  # (n,)
    X_test: Floats
    y_test: Labels
    image_shape: tuple[int, int, int]  # (channels, height, width): what a row of X is, in this order

    def with_pictures(self, change: Change) -> "Split":
        """The same labels with every picture changed, on both sides."""
        return replace(self, X_train=change(self.X_train), X_test=change(self.X_test))

    def with_training(self, rows: NDArray[np.intp] | NDArray[np.bool_]) -> "Split":
        """The same test side with these rows of the training side alone."""
        return replace(self, X_train=self.X_train[rows], y_train=self.y_train[rows])


def digits(seed: int) -> Split:
    """1,437 digits to train on and 360 to test on.

    Examples
    --------
    >>> split = digits(0)
    >>> split.X_train.shape, split.X_test.shape, split.image_shape
    ((1437, 64), (360, 64), (1, 8, 8))
    """
    from sklearn.model_selection import train_test_split  # here, since a page that lists the tasks needs none of it

    X, y = _all_digits()
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, stratify=y, random_state=seed)
    return Split(X_train, y_train, X_test, y_test, (1, 8, 8))


def grey_background(seed: int) -> Split:
    """Digits from 0.5 to 1 on a ground of 0.5: zero padding, and it alone, is darker."""
    return digits(seed).with_pictures(lambda X: 0.5 + 0.5 * X)


def few_digits(seed: int, *, n: int) -> Split:
    """Digits with n training pictures, in equal shares as far as n allows.

    Examples
    --------
    >>> len(few_digits(0, n=50).X_train), len(few_digits(0, n=50).X_test)
    (50, 360)
    """
    from sklearn.model_selection import train_test_split

    split = digits(seed)
    kept, _ = train_test_split(np.arange(len(split.y_train)), train_size=n, stratify=split.y_train, random_state=seed)
    return split.with_training(kept)


small_50, small_200 = (partial(few_digits, n=n) for n in (50, 200))


def long_tailed(seed: int) -> Split:
    """Digits whose class k keeps each training picture with probability 0.6**k, and its first one always."""
    split = digits(seed)
    random = np.random.default_rng(seed)
    kept = random.random(len(split.y_train)) < KEPT**split.y_train
    kept[np.unique(split.y_train, return_index=True)[1]] = True  # or class 9 may be left without a picture
    return split.with_training(kept)


def own_ink(seed: int) -> Split:
    """Digits labelled 1 where the sum of the pixels is above the median of the training side's, else 0."""
    split = digits(seed)
    train, test = split.X_train.sum(axis=1), split.X_test.sum(axis=1)
    median = np.median(train)
    return replace(split, y_train=(train > median).astype(np.intp), y_test=(test > median).astype(np.intp))


def dim_or_bright(seed: int) -> Split:
    """Every digit twice: times 0.2 to 0.5 (label 0) and times 0.6 to 1 (label 1), each factor its own.

    Examples
    --------
    >>> split = dim_or_bright(0)
    >>> dim, bright = np.split(split.X_test, 2)
    >>> dim.shape, bool((dim.max(axis=1) < 0.5).all()), split.y_test[[0, 360]].tolist()
    ((360, 64), True, [0, 1])
    """
    return _two_copies(seed, _in_light(0.2, 0.5), _in_light(0.6, 1.0))


def dim_or_bright_corner(seed: int) -> Split:
    """`dim_or_bright`, and then one corner pixel (top left, blank in every digit) painted white."""
    return dim_or_bright(seed).with_pictures(lambda X: np.where(np.arange(X.shape[1]) == 0, np.float32(1), X))


def dim_or_bright_divided(seed: int) -> Split:
    """`dim_or_bright`, and then every picture divided by its maximum.

    The copies come out equal to the last bit: pixel and maximum are held exactly, the factor cancels out of their
    quotient, and IEEE division rounds one quotient in one way.
    """
    return dim_or_bright(seed).with_pictures(lambda X: X / X.max(axis=1, keepdims=True))


def added_light(seed: int) -> Split:
    """Every digit twice, times 0.5, with 0 to 0.2 (label 0) or 0.3 to 0.5 (label 1) added to all its pixels."""
    return _two_copies(seed, _with_light(0.0, 0.2), _with_light(0.3, 0.5))


def blank(seed: int) -> Split:
    """Every digit (label 0), and as many pictures of exact zeros (label 1)."""
    return _two_copies(seed, lambda X, _: X, lambda X, _: np.zeros_like(X))


def blank_noisy(seed: int) -> Split:
    """`blank` times 0.9, with uniform noise from 0 to 0.1 added to every pixel of both classes.

    The noise has no negative half, since pictures do not; its mean, 0.05, is thus a constant in every picture.
    """
    random = np.random.default_rng(seed)
    return blank(seed).with_pictures(lambda X: X * (1 - NOISE) + _draw_between(0.0, NOISE, X.shape, random))


def grey_cards(seed: int) -> Split:
    """1,440 flat cards to train on and 360 to test on: half below 0.5 (label 0), half above (label 1).

    Examples
    --------
    >>> split = grey_cards(0)
    >>> split.X_train.shape, bool(((split.X_train[:, 0] > 0.5) == split.y_train).all())
    ((1440, 64), True)
    """
    random = np.random.default_rng(seed)
    return Split(*_cards(720, random), *_cards(180, random), (1, 8, 8))


def rare_seven(seed: int) -> Split:
    """Digits labelled 1 where they are a 7, else 0; 2% of the training pictures are, and a tenth of the test ones.

    Examples
    --------
    >>> split = rare_seven(0)
    >>> len(split.y_train), int(split.y_train.sum()), len(split.y_test), int(split.y_test.sum())
    (1320, 26, 360, 36)
    """
    split = digits(seed)
    y_train, y_test = ((y == SEVEN).astype(np.intp) for y in (split.y_train, split.y_test))
    sevens, others = (np.flatnonzero(y_train == label) for label in (1, 0))
    n_kept = round(SHARE / (1 - SHARE) * len(others))
    kept = np.random.default_rng(seed).choice(sevens, n_kept, replace=False)
    split = replace(split, y_train=y_train, y_test=y_test)
    return split.with_training(np.sort(np.concatenate([kept, others])))


def _in_light(low: float, high: float) -> Copy:
    """Every picture times a factor of its own between low and high."""
    return lambda X, random: X * _draw_between(low, high, (len(X), 1), random)


def _with_light(low: float, high: float) -> Copy:
    """Every picture times 0.5, and an amount of its own between low and high."""
    return lambda X, random: X * 0.5 + _draw_between(low, high, (len(X), 1), random)


@cache
def _all_digits() -> tuple[Floats, Labels]:
    from sklearn.datasets import load_digits

    X, y = load_digits(return_X_y=True)
    return (X / 16).astype(np.float32), y.astype(np.intp)


def _two_copies(seed: int, zero: Copy, one: Copy) -> Split:
    """Of every digit a copy labelled 0, and after all of these, in the same order, one labelled 1."""
    split = digits(seed)
    random = np.random.default_rng(seed)

    def both(X: Floats) -> tuple[Floats, Labels]:
        return np.concatenate([zero(X, random), one(X, random)]), np.repeat([0, 1], len(X))

    return Split(*both(split.X_train), *both(split.X_test), split.image_shape)


def _cards(n: int, random: np.random.Generator) -> tuple[Floats, Labels]:
    levels = np.concatenate([_draw_between(0.0, 0.5, (n, 1), random), _draw_between(0.5, 1.0, (n, 1), random)])
    return np.repeat(levels, 64, axis=1), np.repeat([0, 1], n)


def _draw_between(low: float, high: float, shape: tuple[int, ...], random: np.random.Generator) -> Floats:
    """Uniform among the multiples of 2**-16 between low and high, both left out."""
    steps = random.integers(int(low * GRID) + 1, int(np.ceil(high * GRID)), shape)
    return (steps / GRID).astype(np.float32)
