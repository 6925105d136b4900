"""The log prior is the classes' shares; the rare class is rare in training alone; the study says what its runs say."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import balanced_accuracy_score, recall_score

from core.data.digits import digits
from core.data.tasks import RARE_SEVEN, TASKS
from core.models.backprop import cross_entropy
from core.models.cnn import ConvNetClassifier
from core.models.layers import Layer
from core.models.network import predict_logits
from core.studies.experiments.by_epoch import Training, epochs, measures
from core.studies.experiments.experiment import Results
from core.studies.experiments.last_bias_start import experiment, start_at_log_prior
from core.studies.paired import NetSettings

QUICK = NetSettings(n_filters=(3, 4), n_epochs=2, learning_rate=0.01)
LONG = TASKS["long_tailed"]


@pytest.fixture(scope="module")
def rare():
    return pd.DataFrame(experiment(RARE_SEVEN, QUICK).run(3))


# The rare class


@pytest.mark.parametrize("seed", [0, 1, 7])
def test_sevens_are_two_per_cent_of_training_and_a_tenth_of_the_test(seed):
    split, full = RARE_SEVEN.draw(seed), digits(seed)
    assert abs(split.y_train.mean() - 0.02) < 0.5 / len(split.y_train)
    np.testing.assert_array_equal(split.X_test, full.X_test)
    np.testing.assert_array_equal(split.y_test, full.y_test == 7)
    of_other, of_full = split.X_train[split.y_train == 0], full.X_train[full.y_train != 7]
    np.testing.assert_array_equal(of_other, of_full)
    kept, sevens = split.X_train[split.y_train == 1], full.X_train[full.y_train == 7]
    assert all((sevens == picture).all(axis=1).any() for picture in kept)


def test_another_seed_keeps_other_sevens_and_the_same_seed_the_same():
    np.testing.assert_array_equal(RARE_SEVEN.draw(0).X_train, RARE_SEVEN.draw(0).X_train)
    places = []
    for seed in (0, 1):
        split, full = RARE_SEVEN.draw(seed), digits(seed)
        kept, sevens = split.X_train[split.y_train == 1], full.X_train[full.y_train == 7]
        places.append([int((sevens == picture).all(axis=1).argmax()) for picture in kept])
    assert places[0] != places[1]


# The start


@pytest.mark.parametrize("task", [LONG, RARE_SEVEN])
def test_with_logits_of_zero_the_loss_at_the_log_prior_is_the_entropy_of_the_shares(task):
    split = task.draw(0)
    n_classes = len(task.classes)
    blank = Layer("dense", "dense", np.zeros((n_classes, 64)), np.zeros(n_classes))
    logits = predict_logits(start_at_log_prior((blank,), split), split.X_train.reshape(-1, 1, 8, 8))
    shares = np.bincount(split.y_train) / len(split.y_train)
    assert cross_entropy(logits.T, split.y_train)[0] == pytest.approx(-np.sum(shares * np.log(shares)))


def test_log_prior_changes_the_last_bias_alone():
    split = LONG.draw(0)
    start, begun = (
        [layer.copy() for layer in next(epochs(split, 0, QUICK, Training(begin=begin)))]
        for begin in (None, start_at_log_prior)
    )
    for layer, other in zip(start, begun, strict=True):
        np.testing.assert_array_equal(layer.weights, other.weights)
        assert np.array_equal(layer.bias, other.bias) == (layer.name != "dense")


def test_started_at_0_is_the_classifier_and_none_the_one_without_dense_bias(rare):
    split, last = RARE_SEVEN.draw(3), rare[rare["epoch"] == 2].set_index("arm")
    for arm, dense_bias in (("0", True), ("none", False)):
        model = ConvNetClassifier(dense_bias=dense_bias, **vars(QUICK), random_state=3)
        model.fit(split.X_train, split.y_train)
        answers = model.predict(split.X_test)
        assert last.loc[arm, "train_loss"] == measures(model.layers_, split)["train_loss"]
        assert last.loc[arm, "test_accuracy"] == np.mean(answers == split.y_test)
        balanced = balanced_accuracy_score(split.y_test, answers)
        assert last.loc[arm, "test_balanced_accuracy"] == pytest.approx(balanced)
        assert last.loc[arm, "test_rare_recall"] == recall_score(split.y_test, answers)


def test_before_any_step_0_and_none_are_the_same_function(rare):
    first = rare[rare["epoch"] == 0].set_index("arm").drop(columns="epoch")
    assert first.loc["0"].tolist() == first.loc["none"].tolist()
    assert first.loc["log prior", "train_loss"] != first.loc["0", "train_loss"]


# What the study says


def test_rare_class_is_also_judged_by_balanced_accuracy_with_two_points_as_margin():
    both = {(one.measure, one.margin) for one in experiment(RARE_SEVEN).comparisons}
    assert both == {("test_accuracy", 0.01), ("test_balanced_accuracy", 0.02)}
    assert {(one.measure, one.margin) for one in experiment(LONG).comparisons} == {("test_accuracy", 0.01)}
    rows = [
        {"arm": arm, "seed": seed, "epoch": 0, "test_accuracy": accuracy, "test_balanced_accuracy": accuracy}
        for arm, accuracy in {"log prior": 0.915, "0": 0.9, "none": 0.9}.items()
        for seed in range(6)
    ]
    results = Results(experiment(RARE_SEVEN), pd.DataFrame(rows))
    assert results.sentence(arm="log prior", other="0").startswith("A last bias that starts at the log prior and not")
    assert results.sentence(arm="log prior", other="0", measure="test_balanced_accuracy").startswith(
        "In balanced accuracy: a last bias that starts at the log prior and not at 0 makes no difference that matters "
        "(margin 2 points): +1.5"
    )
