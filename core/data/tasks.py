"""Tasks that ask whether a network needs its biases: a question, what a seed draws, and what must come out, if known.

The exact arguments rest on one fact. A network of convolutions, ReLU, max pooling and dense layers that has no bias
anywhere gives ``f(k x) = k f(x)`` for every k > 0, and f(0) = 0. So its decision is the same for all multiples of a
picture, and a blank is a tie. They hold in exact arithmetic: in float32 a factor that is no power of two moves the
logits by rounding, about one part in a million, which turns a decision round only where two logits are that close.

The argument is about networks without any bias; batch norm's beta and running mean are biases. The margin, the
difference that a reader would care about, was fixed before any run.

A task of your own needs no entry in `TASKS`: whatever makes a `Split` from a seed is enough.
"""

import csv
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from . import digits
from .digits import Floats, Split

__all__ = ["RARE_SEVEN", "TASKS", "Split", "Task", "varied_contrast"]

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


def _task(
    name: str, classes: str, margin: str, n_epochs: str, about_light: str, chance_without: str, **words: str
) -> Task:
    """The task of a row in the table beside this file; it has the name of what draws it in `core.data.digits`."""
    return Task(
        name,
        margin=float(margin),
        classes=tuple(classes.split("|")),
        draw=getattr(digits, name),
        chance_without=float(chance_without) if chance_without else None,
        n_epochs=int(n_epochs),
        about_light=bool(about_light),
        **words,
    )


_ROWS = csv.DictReader(Path(__file__).with_suffix(".csv").read_text("utf-8").splitlines())
TASKS = {row["name"]: _task(**row) for row in _ROWS}
"""Slug -> task."""
RARE_SEVEN = TASKS.pop("rare_seven")
