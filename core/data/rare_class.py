"""A rare class: is this digit a 7, when only one training picture in fifty is one?

The other digits keep all their training pictures, and of the sevens just so many are kept that they make 2%. The test
side stays as it is, with its tenth of sevens, so that what is found of them is measured on 36 pictures and not on 7.
To say "no" to everything is thus right for 90% of the test pictures: look at the balanced accuracy, the mean of the
share of sevens found and of others let pass, which is 50% then.

The task stands beside those of `core.data.tasks.TASKS`: it asks how to start a bias, not whether one is needed.
"""

from dataclasses import replace

import numpy as np

from core.data.splits import Split, digits
from core.data.tasks import POINT, Task

__all__ = ["RARE_SEVEN", "rare_seven"]

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
    split = digits(seed)
    sevens, others = (np.flatnonzero((split.y_train == SEVEN) == is_seven) for is_seven in (True, False))
    n_kept = round(SHARE / (1 - SHARE) * len(others))
    kept = np.random.default_rng(seed).choice(sevens, n_kept, replace=False)
    split = split.with_training(np.sort(np.concatenate([kept, others])))
    return replace(
        split, y_train=(split.y_train == SEVEN).astype(np.intp), y_test=(split.y_test == SEVEN).astype(np.intp)
    )


RARE_SEVEN = Task(
    "rare_seven",
    "A rare 7",
    "Is this digit a 7, if one training picture in fifty was?",
    POINT,
    ("another digit", "a 7"),
    rare_seven,
)
