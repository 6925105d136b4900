"""The program of one task with many seeds against a study: each accuracy to two pictures, the statistics exactly."""

import contextlib
import io

import numpy as np
import pandas as pd
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


@pytest.mark.few(1)
@pytest.mark.parametrize("task", ["dim_or_bright", "small_50", "grey_cards"])
def test_program_gives_the_studys_accuracies_on_other_tasks(printed, task):
    theirs, n = studied(task)
    ours = table(printed("when_bias_matters", task=task, n_seeds=2, n_epochs=2))
    assert np.abs(ours - theirs).max() <= 2 / n + 1e-6


@pytest.mark.few(1)
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


@pytest.mark.few(1)
@pytest.mark.parametrize(
    ("task", "verdict"), [("dim_or_bright", "helps"), ("dim_or_bright_divided", "equal in all seeds")]
)
def test_verdict_on_a_task_is_the_known_one(printed, task, verdict):
    lines = printed("when_bias_matters", task=task, n_seeds=6, n_epochs=3)
    assert lines[-1].startswith(f"a bias, {verdict}: ")


@pytest.mark.parametrize(
    ("gains", "margin", "verdict"),
    [
        ([30.0, 40.0, 50.0, 45.0, 35.0], 0.01, "helps"),
        ([-3.0, -4.0, -5.0, -4.5, -3.5, -4.25], 0.01, "hurts"),
        ([0.0] * 6, 0.01, "equal in all seeds"),
        ([1.0, 2.0, 3.0, 4.0], 0.01, "too few seeds"),
        ([1.0, -2.0, 3.0, -2.5, 0.5, 1.5], 0.2, "no difference that matters"),
        ([1.0, -2.0, 3.0, -2.5, 0.5, 1.5], 0.01, "cannot tell"),
    ],
)
def test_interval_and_verdict_are_those_of_the_study(part, folder, gains, margin, verdict):
    runs = pd.DataFrame({"seed": range(len(gains)), "without bias": 0.5})
    runs["with bias"] = runs["without bias"] + np.array(gains) / 100
    titles = ("The interval, and what it says", "The chart", "The numbers")
    with contextlib.redirect_stdout(io.StringIO()) as out:
        part("when_bias_matters", *titles, given={"runs": runs}, margin=margin, n_seeds=len(gains))
    found = difference(np.round((runs["with bias"] - runs["without bias"]).to_numpy(), 12), margin)
    words, _, rest = out.getvalue().partition(": ")
    assert words == f"a bias, {found.verdict}"
    assert found.verdict == verdict
    said = rest.replace("points of accuracy, 95% interval ", "").replace("to ", "").replace(",", "").split()[:3]
    numbers = [100 * share for share in (found.mean, found.low95, found.high95)]
    assert [float(number) for number in said] == pytest.approx(numbers, abs=1e-3)
