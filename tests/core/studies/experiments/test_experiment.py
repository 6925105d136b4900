"""A training followed by epoch is the classifier's to the last bit, and a study says what its runs say."""

from io import StringIO
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest
from joblib import parallel_config
from scipy import stats

from core.data.tasks import TASKS
from core.errors import InputError
from core.models.cnn import ConvNetClassifier
from core.studies.experiments.experiment import MEASURED, EpochStudy, epochs, measures
from core.studies.experiments.weight_decay import DecayStudy, run_decay
from core.studies.paired import NetSettings

TASK = TASKS["small_50"]
QUICK = NetSettings(n_filters=(3, 4), n_epochs=2, learning_rate=0.03)


class Two(EpochStudy):
    """A study of two arms."""

    GAINS: ClassVar[dict[tuple[str, str], str]] = {("a", "b"): "a"}


def made_up(gaps, n_epochs=2):
    """A study whose arms differ by these after the last epoch, one per seed, and not before."""
    rows = []
    for seed, gap in enumerate(gaps):
        for epoch in range(n_epochs + 1):
            last = gap if epoch == n_epochs else 0.0
            rows += [("a", seed, epoch, 2.0 - epoch, 1.0, 0.5, 0.5 + last), ("b", seed, epoch, seed, 1.0, 0.5, 0.5)]
    return Two(TASK, pd.DataFrame(rows, columns=Two.COLUMNS))


@pytest.mark.parametrize("arm", [(True, True), (True, False), (False, False), (True, True, True)])
def test_training_is_the_classifiers_to_the_last_bit(arm):
    split, names = TASK.draw(3), ("conv_bias", "dense_bias", "batch_norm")
    switches = dict(zip(names, arm, strict=False))
    model = ConvNetClassifier(**switches, **vars(QUICK), random_state=3).fit(split.X_train, split.y_train)
    *_, layers = epochs(split, 3, QUICK, arm=arm)
    assert len(layers) == len(model.layers_)
    for ours, theirs in zip(layers, model.layers_, strict=True):
        assert ours.arrays().keys() == theirs.arrays().keys()
        for name, array in ours.arrays().items():
            np.testing.assert_array_equal(array, theirs.arrays()[name])


def test_measures_are_those_of_the_classifier_before_any_step_and_after_each_epoch():
    split = TASK.draw(0)
    test = (split.X_test, split.y_test)
    found = [measures(layers, split) for layers in epochs(split, 0, QUICK)]
    model = ConvNetClassifier(**vars(QUICK), random_state=0).fit(split.X_train, split.y_train, validation=test)
    assert len(found) == 3
    assert [row["test_loss"] for row in found[1:]] == model.history_["validation_loss"].tolist()
    assert found[-1]["test_accuracy"] == model.score(*test)
    assert found[-1]["train_accuracy"] == model.score(split.X_train, split.y_train)
    start = ConvNetClassifier(**vars(QUICK) | {"n_epochs": 0}, random_state=0).fit(split.X_train, split.y_train)
    assert found[0]["test_accuracy"] == start.score(*test)


def test_summary_is_scipys_paired_t_interval_after_the_last_epoch():
    gaps = np.random.default_rng(0).normal(0.02, 0.01, 8)
    row = made_up(gaps).summary.iloc[0]
    interval = stats.ttest_1samp(gaps, 0).confidence_interval()
    assert [row["low95"], row["high95"]] == pytest.approx(list(interval))
    assert (row["measure"], row["arm"], row["other"]) == ("test_accuracy", "a", "b")
    assert row["arm_mean"] - row["other_mean"] == pytest.approx(gaps.mean())


def test_curves_are_means_with_t_intervals_by_epoch():
    curves = made_up([0.0] * 3).curves()
    assert len(curves) == len(MEASURED) * 2 * 3
    losses = curves[curves["measure"] == "train_loss"]
    assert losses[losses["arm"] == "a"].sort_values("epoch")["mean"].tolist() == [2, 1, 0]
    row = losses.query("arm == 'b' and epoch == 0").iloc[0]  # of 0, 1 and 2
    assert row["mean"] == 1
    assert [row["low95"], row["high95"]] == pytest.approx([1 - 4.302653 / 3**0.5, 1 + 4.302653 / 3**0.5])


def test_curves_of_one_seed_have_no_band():
    curves = made_up([0.1]).curves()
    assert curves["low95"].isna().all()
    assert curves["mean"].notna().all()


def test_sentence_is_of_two_arms_that_are_compared():
    study = made_up([0.02] * 5 + [0.021])
    assert study.sentence("a", "b") == "A helps: +2.02 points, 95% interval +1.97 to +2.06, 6 seeds."
    with pytest.raises(InputError, match=r"^`arm` must be one that is compared with the other, got 'b' with 'a'$"):
        study.sentence("b", "a")


def test_same_seed_gives_the_same_runs_in_any_order_and_side_by_side():
    one = run_decay(TASK, seeds=[0, 3], settings=QUICK).runs
    with parallel_config(backend="threading"):
        other = run_decay(TASK, seeds=[3, 0], settings=QUICK, n_jobs=2).runs
    order = ["arm", "seed", "epoch"]
    ours, theirs = (runs.sort_values(order, ignore_index=True) for runs in (one, other))
    pd.testing.assert_frame_equal(ours, theirs, check_exact=True)


def test_study_comes_back_from_a_csv_of_its_runs():
    study = run_decay(TASK, seeds=[0, 3], settings=QUICK)
    back = DecayStudy(TASK, pd.read_csv(StringIO(study.runs.to_csv(index=False, float_format="%.9g"))))
    pd.testing.assert_frame_equal(back.summary, study.summary, rtol=1e-6)


def test_seeds_are_checked():
    with pytest.raises(InputError, match=r"^`seeds` must differ from each other, got 4 twice$"):
        run_decay(TASK, seeds=[4, 4])
