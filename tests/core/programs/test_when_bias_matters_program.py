"""The program of one task with many seeds against a study: each accuracy to two pictures, the statistics exactly."""

import numpy as np
import pytest

from core.data.tasks import TASKS, varied_contrast
from core.studies.paired import NetSettings, run_study
from core.studies.verdicts import difference

TWINS = ((True, True), (False, False))


def studied(task="digits", n_seeds=2, n_epochs=2, learning_rate=3e-3, varied=False):
    """Both twins' accuracies, (n_seeds, 2), and the number of test pictures."""
    chosen = varied_contrast(TASKS[task]) if varied else TASKS[task]
    net = NetSettings(n_epochs=n_epochs, learning_rate=learning_rate)
    study = run_study(chosen, arms=TWINS, seeds=range(n_seeds), settings=net, stresses=[("none", 0)])
    pairs = study.pairs("both biases", "no bias")
    return pairs[["accuracy", "other_accuracy"]].to_numpy(), len(chosen.draw(0).X_test)


def table(lines):
    """The accuracies that the program prints, a row per seed."""
    return np.array([line.split()[1:] for line in lines[1:-1]], dtype=float)


@pytest.mark.parametrize("task", TASKS)
def test_program_gives_the_studys_accuracies_on_every_task(printed, task):
    theirs, n = studied(task)
    ours = table(printed("when_bias_matters", task=task, n_seeds=2, n_epochs=2))
    assert np.abs(ours - theirs).max() <= 2 / n + 1e-6


@pytest.mark.parametrize("changed", [{"n_seeds": 3}, {"n_epochs": 5}, {"learning_rate": 0.02}], ids=str)
def test_program_gives_the_studys_accuracies_of_changed_settings(printed, changed):
    theirs, n = studied(**changed)
    ours = table(printed("when_bias_matters", **{"n_seeds": 2, "n_epochs": 2} | changed))
    assert ours.shape == theirs.shape
    assert np.abs(ours - theirs).max() <= 2 / n + 1e-6


def test_program_trains_on_varied_contrast_as_the_study_does(printed):
    theirs, n = studied(varied=True)
    ours = table(printed("when_bias_matters", n_seeds=2, n_epochs=2, varied_contrast=True))
    assert np.abs(ours - theirs).max() <= 2 / n + 1e-6


@pytest.mark.parametrize(
    ("changed", "verdict"),
    [
        ({"task": "dim_or_bright"}, "helps"),
        ({"task": "dim_or_bright_divided"}, "identical in all seeds"),
        ({"n_seeds": 4}, "too few seeds"),
        ({"margin": 0.2}, "no difference that matters"),
        ({}, None),
    ],
    ids=str,
)
def test_interval_and_verdict_are_those_of_the_study(printed, changed, verdict):
    lines = printed("when_bias_matters", **{"n_seeds": 6, "n_epochs": 3} | changed)
    accuracies = table(lines)
    found = difference(np.round(accuracies[:, 0] - accuracies[:, 1], 12), changed.get("margin", 0.01))
    numbers = [100 * share for share in (found.mean, found.low95, found.high95)]
    words, _, rest = lines[-1].partition(": ")
    assert words == f"a bias, {found.verdict}"
    assert verdict in (None, found.verdict)
    said = rest.replace("points of accuracy, 95% interval ", "").replace("to ", "").replace(",", "").split()[:3]
    assert [float(number) for number in said] == pytest.approx(numbers, abs=1e-3)
