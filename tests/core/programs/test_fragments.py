"""What several programs share, against what core has: each case once, not in every program that includes it."""

import numpy as np
import pytest

from core.data.tasks import TASKS, varied_contrast
from core.models.activations import ACTIVATIONS


def test_activations_of_the_programs_are_cores(part):
    z = np.array([-1e4, -30.0, -2.5, -1e-3, 0.0, 0.5, 3.0, 40.0, 1e4])
    table = part("threshold", "The activation")["ACTIVATIONS"]
    assert list(table) == list(ACTIVATIONS)
    for name, activation in ACTIVATIONS.items():
        assert table[name](z) == pytest.approx(activation.function(z), rel=1e-12, abs=1e-15), name


@pytest.mark.parametrize("varied", [False, True])
def test_pictures_of_the_programs_are_those_of_every_task_to_the_last_bit(part, varied):
    draw = part("when_bias_matters", "The pictures", varied_contrast=varied)["draw"]
    for name, task in TASKS.items():
        for seed in (0, 1):
            split = (varied_contrast(task) if varied else task).draw(seed)
            (X_train, X_test), (y_train, y_test) = draw(name, seed)
            ours, theirs = (
                (X_train, X_test, y_train, y_test),
                (split.X_train, split.X_test, split.y_train, split.y_test),
            )
            for one, other in zip(ours, theirs, strict=True):
                assert one.dtype == other.dtype
                np.testing.assert_array_equal(one, other, name)
