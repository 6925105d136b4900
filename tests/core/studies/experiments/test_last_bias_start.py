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
from core.studies.experiments.experiment import epochs, measures
from core.studies.experiments.hidden_bias_start import FirstHiddenStudy, run_first_hidden, share_dead, with_tenths
from core.studies.experiments.last_bias_start import FirstBiasStudy, run_first_bias, with_log_prior
from core.studies.paired import NetSettings

QUICK = NetSettings(n_filters=(3, 4), n_epochs=2, learning_rate=0.01)
LONG = TASKS["long_tailed"]


@pytest.fixture(scope="module")
def rare():
    return run_first_bias(RARE_SEVEN, seeds=[0, 3], settings=QUICK)


def made_up(log_prior, zero, *, task=LONG, accuracies=(0.9, 0.9, 0.9)):
    """A study with these mean training losses by epoch, in six seeds alike."""
    rows = [
        (arm, seed, epoch, loss, 1.0, 0.5, accuracy, accuracy, 0.25)
        for arm, losses, accuracy in zip(("log prior", "0", "none"), (log_prior, zero, zero), accuracies, strict=True)
        for seed in range(6)
        for epoch, loss in enumerate(losses)
    ]
    return FirstBiasStudy(task, pd.DataFrame(rows, columns=FirstBiasStudy.COLUMNS))


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
    logits = predict_logits(with_log_prior(split, (blank,)), split.X_train.reshape(-1, 1, 8, 8))
    shares = np.bincount(split.y_train) / len(split.y_train)
    assert cross_entropy(logits.T, split.y_train)[0] == pytest.approx(-np.sum(shares * np.log(shares)))


def test_log_prior_changes_the_last_bias_alone():
    split = LONG.draw(0)
    start, begun = (
        [layer.copy() for layer in next(epochs(split, 0, QUICK, **begin))]
        for begin in ({}, {"begin": lambda layers: with_log_prior(split, layers)})
    )
    for layer, other in zip(start, begun, strict=True):
        np.testing.assert_array_equal(layer.weights, other.weights)
        assert np.array_equal(layer.bias, other.bias) == (layer.name != "dense")


def test_started_at_0_is_the_classifier_and_none_the_one_without_dense_bias(rare):
    split, last = RARE_SEVEN.draw(3), rare.runs.query("epoch == 2 and seed == 3").set_index("arm")
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
    first = rare.runs[rare.runs["epoch"] == 0].set_index("arm").drop(columns="epoch")
    assert first.loc["0"].to_numpy().tolist() == first.loc["none"].to_numpy().tolist()
    assert (first.loc["log prior", "train_loss"].to_numpy() != first.loc["0", "train_loss"].to_numpy()).all()


# What the study says


def test_losses_meet_after_the_epoch_that_brings_them_within_five_per_cent():
    study = made_up([2.0, 1.0, 0.99, 1.0], [3.0, 1.1, 1.0, 1.0])
    assert study.close_after == 2
    assert study.loss_sentence == (
        "Before any step the loss is 2.00 with the last bias at the log prior, 3.00 with it at 0 and 3.00 without one. "
        "After 2 epochs the mean losses of the first two differ by less than 5%, and stay so. "
        "At the end the log prior is 2 epochs ahead: after 1 epoch its loss is down to what the start at 0 has after 3."
    )


def test_losses_that_part_again_are_told_so():
    study = made_up([2.0, 1.0, 0.8], [3.0, 1.01, 1.0])
    assert study.loss_sentence.endswith(
        " After 1 epoch the mean losses of the first two differ by less than 5%, though later by up to 20% again. "
        "At the end the log prior is 1 epoch ahead: after 1 epoch its loss is down to what the start at 0 has after 2."
    )


def test_losses_that_never_meet_are_told_so():
    study = made_up([2.0, 1.5, 1.0], [3.0, 2.5, 2.0])
    assert study.close_after is None
    assert (
        " In 2 epochs the mean losses of the first two never differ by less than 5%; they end at 1.00 and 2.00. "
    ) in study.loss_sentence


@pytest.mark.parametrize("losses", [[2.0, 1.0], [2.0, 1.2]])
def test_a_log_prior_that_ends_no_lower_is_no_epoch_ahead(losses):
    study = made_up(losses, [3.0, 1.0])
    assert study.epochs_ahead == 0
    assert study.loss_sentence.endswith("At the end the log prior is not an epoch ahead.")


def test_first_losses_and_final_accuracy_are_what_is_told_of_the_claim():
    study = made_up([2.0, 1.0], [3.0, 1.0], accuracies=(0.95, 0.9, 0.9))
    assert study.popular == (
        f"{study.loss_sentence} A last bias that starts at the log prior and not at 0 helps: "
        "+5.00 points, 95% interval +5.00 to +5.00, 6 seeds."
    )


def test_rare_class_is_also_judged_by_balanced_accuracy_with_two_points_as_margin():
    study = made_up([2.0, 1.0], [3.0, 1.0], task=RARE_SEVEN, accuracies=(0.915, 0.9, 0.9))
    assert study.margins == {"test_accuracy": 0.01, "test_balanced_accuracy": 0.02}
    assert made_up([1.0], [1.0]).margins == {"test_accuracy": 0.01}
    assert study.sentence("log prior", "0", "test_balanced_accuracy").startswith(
        "In balanced accuracy: a last bias that starts at the log prior and not at 0 makes no difference that matters "
        "(margin 2 points): +1.5"
    )


# Biases before ReLU


def test_tenths_are_the_convolutions_biases_alone():
    split = LONG.draw(0)
    layers = next(epochs(split, 0, QUICK, begin=with_tenths))
    assert [set(layer.bias.tolist()) for layer in layers] == [{np.float32(0.1)}, {np.float32(0.1)}, {0.0}]


def test_dead_filters_are_counted_by_hand():
    split = LONG.draw(0)
    kernels = np.zeros((3, 1, 3, 3), np.float32)
    kernels[:, 0, 1, 1] = [1, -1, -1]  # pictures have nothing below 0, and a blank place somewhere
    bias = np.array([0, 0, 0.5], np.float32)
    dense = Layer("dense", "dense", np.zeros((10, 48), np.float32), None)
    assert share_dead((Layer("conv1", "conv", kernels, bias), dense), split) == pytest.approx(1 / 3)
    assert share_dead((Layer("conv1", "conv", kernels, None), dense), split) == pytest.approx(2 / 3)


def test_biases_from_0_on_are_the_classifier_and_the_sentence_gives_the_shares_of_dead_filters():
    study = run_first_hidden(TASKS["small_50"], seeds=[0], settings=QUICK)
    split = TASKS["small_50"].draw(0)
    model = ConvNetClassifier(**vars(QUICK), random_state=0).fit(split.X_train, split.y_train)
    last = study.runs.query("epoch == 2").set_index("arm")
    assert last.loc["0", "test_accuracy"] == model.score(split.X_test, split.y_test)
    assert last.loc["0", "share_dead"] == share_dead(model.layers_, split)
    rows = [
        (arm, seed, epoch, 1.0, 1.0, 0.5, 0.5, dead)
        for seed in range(2)
        for arm, deads in {"0.1": (0.0, 0.125), "0": (0.25, 0.5)}.items()
        for epoch, dead in enumerate(deads)
    ]
    told = FirstHiddenStudy(LONG, pd.DataFrame(rows, columns=FirstHiddenStudy.COLUMNS))
    assert told.popular == (
        "2 seeds are too few to say what starting the biases before ReLU at 0.1 and not at 0 does: "
        "0.0 points, 95% interval 0.0 to 0.0, 2 seeds. "
        "Of all filters 0.0% are dead before any step where biases start at 0.1, and 25.0% where they start at 0; "
        "after training 12.5% and 50.0%."
    )
