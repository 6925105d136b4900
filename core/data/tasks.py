"""Tasks that ask whether a network needs its biases: a question, what a seed draws, and what must come out, if known.

The exact arguments rest on one fact. A network of convolutions, ReLU, max pooling and dense layers that has no bias
anywhere gives ``f(k x) = k f(x)`` for every k > 0, and f(0) = 0. So its decision is the same for all multiples of a
picture, and a blank is a tie. They hold in exact arithmetic: in float32 a factor that is no power of two moves the
logits by rounding, about one part in a million, which turns a decision round only where two logits are that close.

The argument is about networks without any bias; batch norm's beta and running mean are biases. The margin, the
difference that a reader would care about, was fixed before any run.

A task of your own needs no entry in `TASKS`: whatever makes a `Split` from a seed is enough.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from . import digits
from .digits import Floats, Split

__all__ = ["RARE_SEVEN", "TASKS", "Split", "Task", "rare_seven", "varied_contrast"]

DIGITS = tuple("0123456789")
DIM_OR_BRIGHT = ("dim copy", "bright copy")
DARKEST, BRIGHTEST = 0.03, 10.0


@dataclass(frozen=True)
class Task:
    """A question put to a network about pictures.

    Attributes
    ----------
    name : str
        A slug; of the tasks in `TASKS`, its key.
    title : str
        Two to five words, for axis labels.
    question : str
        One sentence ending in "?".
    margin : float
        The difference that matters, a share of accuracy: 0.01 is one point.
    classes : tuple of str
        What label 0, 1, ... means, for people.
    draw : callable, seed -> Split
        The same arrays for the same seed. A module's function, or a `partial` of one, can be sent to other processes.
    argument : str
        What a network with no bias anywhere must do, and why; empty if nothing exact is known.
    chance_without : float or None
        The test accuracy that the argument leaves such a network, at best and up to rounding; None without argument.
    n_epochs : int
        How long networks are trained by default: 120 steps of 64 pictures (long-tailed digits) to 900 (two copies).
    about_light : bool
        Whether brightness itself is the question, so that other light makes another picture of the same label.

    Examples
    --------
    >>> task = Task("mine", "My cards", "Light or dark?", 0.01, ("dark", "light"), digits.grey_cards)
    >>> task.draw(3).X_test.shape, task.chance_without
    ((360, 64), None)
    """

    name: str
    title: str
    question: str
    margin: float
    classes: tuple[str, ...]
    draw: Callable[[int], Split]
    argument: str = ""
    chance_without: float | None = None
    n_epochs: int = 20
    about_light: bool = False

    def examples(self, seed: int = 0, per_class: int = 4) -> list[tuple[str, Floats]]:
        """The first test pictures of every class, to be drawn.

        (Class in words, pixels (per_class, channels, height, width)) of each; fewer where the test side holds fewer. Of
        two classes that are copies of the same pictures, the first rows are copies of the same pictures.

        Examples
        --------
        >>> [(words, pixels.shape) for words, pixels in TASKS["dim_or_bright"].examples(per_class=3)]
        [('dim copy', (3, 1, 8, 8)), ('bright copy', (3, 1, 8, 8))]
        """
        split = self.draw(seed)
        pixels = split.X_test.reshape(-1, *split.image_shape)
        return [(words, pixels[split.y_test == label][:per_class]) for label, words in enumerate(self.classes)]


def varied_contrast(task: Task) -> Task:
    """The same task with every training picture times a k of its own, log-uniform from 0.03 to 10; test untouched.

    Training pixels then go up to 10 times what they were. What a network without bias must do stays the same.

    Examples
    --------
    >>> varied_contrast(TASKS["digits"]).name
    'digits+contrast'
    """
    title = f"{task.title}, varied contrast"
    return replace(task, name=f"{task.name}+contrast", title=title, draw=partial(_draw_with_varied_contrast, task.draw))


def _draw_with_varied_contrast(draw: Callable[[int], Split], seed: int) -> Split:
    split = draw(seed)
    # A stream of its own: the task may have drawn its factors from default_rng(seed), and k must not follow them.
    random = np.random.default_rng(seed).spawn(1)[0]
    k = np.exp(random.uniform(np.log(DARKEST), np.log(BRIGHTEST), (len(split.X_train), 1)))
    return replace(split, X_train=split.X_train * k.astype(np.float32))


POINT = 0.01
# Of 50 or 200 training pictures, which ones they are moves accuracy by more than a point: nobody would care about one.
TWO_POINTS = 0.02


def _task(draw: Callable[[int], Split], title: str, question: str, classes: tuple[str, ...], **more: Any) -> Task:
    """A task that has the name of the function that draws it, and a margin of one point."""
    return Task(draw.__name__, title, question, POINT, classes, draw, **more)


_ALL = (
    _task(digits.digits, "Handwritten digits", "Which digit is this?", DIGITS),
    _task(
        digits.dim_or_bright,
        "Dim or bright copy",
        "Is this the dim or the bright copy of a digit?",
        DIM_OR_BRIGHT,
        argument="The bright copy is k times the dim one, and without bias f(k x) = k f(x): both copies of a digit get "
        "the same decision. It is right for one of them, so half of all decisions are right, whatever the weights.",
        chance_without=0.5,
        about_light=True,
    ),
    _task(
        digits.dim_or_bright_corner,
        "Dim or bright, white corner",
        "Is this the dim or the bright copy of a digit, if one corner pixel is always white?",
        DIM_OR_BRIGHT,
        about_light=True,
    ),
    _task(
        digits.dim_or_bright_divided,
        "Dim or bright, divided",
        "Is this the dim or the bright copy of a digit, once each picture is divided by its maximum?",
        DIM_OR_BRIGHT,
        argument="Divided by its maximum, the dim copy is the bright one, to the last bit. No network can tell them "
        "apart, with bias or without: half of all decisions are right.",
        chance_without=0.5,
        about_light=True,
    ),
    _task(
        digits.added_light,
        "Little or much added light",
        "Was little or much light added to this digit?",
        ("little light added", "much light added"),
        about_light=True,
    ),
    _task(
        digits.own_ink,
        "Little or much ink",
        "Does this digit have more ink than the median of the training digits?",
        ("little ink", "much ink"),
        about_light=True,
    ),
    _task(
        digits.blank,
        "Digit or blank",
        "Is this a digit or a blank picture?",
        ("digit", "blank"),
        argument="Without a bias a blank is a tie of all classes: it cannot be told from anything. A tie of two counts "
        "as half right, so at most three in four decisions are right.",
        chance_without=0.75,
    ),
    _task(
        digits.blank_noisy,
        "Digit or noisy blank",
        "Is there a digit in this noise, or a blank picture?",
        ("digit in noise", "blank in noise"),
    ),
    _task(
        digits.grey_cards,
        "Dark or light cards",
        "Is this flat card darker or lighter than 0.5?",
        ("dark card", "light card"),
        argument="Each flat card is k times each other one, and without bias f(k x) = k f(x): all cards get the same "
        "decision. Half of them are dark, so half of all decisions are right, whatever the weights.",
        chance_without=0.5,
        about_light=True,
    ),
    _task(
        digits.long_tailed,
        "Long-tailed digits",
        "Which digit is this, if each next digit was rarer in training?",
        DIGITS,
    ),
    _task(
        digits.grey_background,
        "Digits on grey",
        "Which digit is this, on a grey ground that zero padding frames in black?",
        DIGITS,
    ),
    *(
        Task(
            f"small_{n}",
            f"Digits, {n} to learn from",
            f"Which digit is this, after {n} training pictures?",
            TWO_POINTS,
            DIGITS,
            partial(digits.few_digits, n=n),
            n_epochs=n_epochs,
        )
        for n, n_epochs in ((50, 400), (200, 100))
    ),
)

TASKS: dict[str, Task] = {task.name: task for task in _ALL}
"""Slug -> task."""


SHARE = 0.02
SEVEN = 7


def rare_seven(seed: int) -> Split:
    """Digits labelled 1 where they are a 7, else 0; 2% of the training pictures are, and a tenth of the test ones.

    Examples
    --------
    >>> split = rare_seven(0)
    >>> len(split.y_train), int(split.y_train.sum()), len(split.y_test), int(split.y_test.sum())
    (1320, 26, 360, 36)
    """
    split = digits.digits(seed)
    y_train, y_test = ((y == SEVEN).astype(np.intp) for y in (split.y_train, split.y_test))
    sevens, others = (np.flatnonzero(y_train == label) for label in (1, 0))
    n_kept = round(SHARE / (1 - SHARE) * len(others))
    kept = np.random.default_rng(seed).choice(sevens, n_kept, replace=False)
    split = replace(split, y_train=y_train, y_test=y_test)
    return split.with_training(np.sort(np.concatenate([kept, others])))


RARE_SEVEN = _task(
    rare_seven, "A rare 7", "Is this digit a 7, if one training picture in fifty was?", ("another digit", "a 7")
)
