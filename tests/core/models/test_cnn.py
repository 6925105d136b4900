"""ConvNetClassifier keeps scikit-learn's contract, learns digits, and its twins are fair."""

import pickle
import re

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.metrics import accuracy_score
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler
from sklearn.utils.estimator_checks import check_estimator

from core.errors import InputError
from core.models import training
from core.models.cnn import ConvNetClassifier


@pytest.fixture(scope="module")
def digits():
    X, y = load_digits(return_X_y=True)
    return X[:1200] / 16, y[:1200], X[1200:] / 16, y[1200:]


def small(**settings):
    return ConvNetClassifier(**{"n_filters": (4, 4), "n_epochs": 2, "random_state": 0} | settings)


def same(one, other):
    return all(
        np.array_equal(a, b)
        for left, right in zip(one.layers_, other.layers_, strict=True)
        for a, b in zip(left.arrays().values(), right.arrays().values(), strict=True)
    )


LAST_DIGITS = {"check_methods_sample_order_invariance", "check_methods_subset_invariance"}
"""Held to 1e-9 by scikit-learn: no float32 product is, where the processor's BLAS adds in another order elsewhere."""


@pytest.mark.parametrize("batch_norm", [False, True])
def test_scores_of_a_picture_hang_on_its_place_in_the_batch_by_rounding_only(digits, batch_norm):
    X, y, X_test, _ = digits
    model = small(batch_norm=batch_norm).fit(X, y)
    scores, order = model.decision_function(X_test), np.random.default_rng(0).permutation(len(X_test))
    np.testing.assert_allclose(model.decision_function(X_test[order]), scores[order], rtol=0, atol=1e-5)
    np.testing.assert_allclose(model.decision_function(X_test[:7]), scores[:7], rtol=0, atol=1e-5)


@pytest.mark.few(1)
@pytest.mark.parametrize("batch_norm", [False, True])
def test_scikit_learns_whole_contract_is_kept(batch_norm):
    results = check_estimator(ConvNetClassifier(batch_norm=batch_norm), on_skip=None, on_fail=None)
    failed = [result for result in results if result["status"] not in ("passed", "skipped")]
    assert {result["check_name"] for result in failed} <= LAST_DIGITS, failed
    skipped = {result["check_name"] for result in results if result["status"] == "skipped"}
    assert skipped <= {"check_array_api_input", "check_f_contiguous_array_estimator"}


@pytest.mark.parametrize("switches", [{}, {"conv_bias": False, "dense_bias": False}, {"batch_norm": True}], ids=str)
def test_digits_are_learned_in_the_default_epochs(digits, switches):
    X, y, X_test, y_test = digits
    assert ConvNetClassifier(random_state=0, **switches).fit(X, y).score(X_test, y_test) > 0.9


def test_same_seed_gives_the_same_fit(digits):
    X, y, *_ = digits
    assert same(small().fit(X, y), small().fit(X, y))
    assert not same(small().fit(X, y), small(random_state=1).fit(X, y))


@pytest.mark.parametrize("batch_norm", [False, True])
def test_twin_with_biases_held_at_zero_is_the_bias_free_twin_bit_for_bit(digits, batch_norm, monkeypatch):
    X, y, *_ = digits
    free = small(conv_bias=False, dense_bias=False, batch_norm=batch_norm).fit(X, y)
    monkeypatch.setattr(training, "backward", _backward_without_conv_and_dense_bias(training.backward))
    held = small(batch_norm=batch_norm).fit(X, y)
    for one, other in zip(held.layers_, free.layers_, strict=True):
        np.testing.assert_array_equal(one.weights, other.weights)
        if one.kind != "norm":
            assert (one.bias == 0).all()
            assert other.bias is None


def _backward_without_conv_and_dense_bias(backward):
    def wrapped(layers, gradients, *rest):
        backward(layers, gradients, *rest)
        for gradient in gradients:
            if gradient.kind != "norm" and gradient.bias is not None:
                gradient.bias[...] = 0

    return wrapped


def test_zero_epochs_give_the_start_with_biases_at_zero(digits):
    X, y, *_ = digits
    model = small(n_epochs=0).fit(X, y)
    assert [layer.name for layer in model.layers_] == ["conv1", "conv2", "dense"]
    assert all((layer.bias == 0).all() for layer in model.layers_)
    assert model.history_.empty
    assert model.predict(X).shape == (1200,)


def test_history_has_a_row_per_epoch_and_validation_where_asked(digits):
    X, y, X_test, y_test = digits
    plain, watched = small().fit(X, y), small().fit(X, y, validation=(X_test, y_test))
    assert list(plain.history_) == ["epoch", "train_loss", "train_accuracy"]
    pd.testing.assert_frame_equal(watched.history_[list(plain.history_)], plain.history_)
    assert watched.history_["validation_accuracy"].iloc[-1] == pytest.approx(watched.score(X_test, y_test))
    assert same(plain, watched)


def test_epochs_can_be_watched_and_left(digits):
    X, y, *_ = digits
    model = small(n_epochs=5)
    epochs = model.fit_epochs(X, y)
    assert next(epochs) == model.history_.iloc[0].to_dict()
    epochs.close()
    assert same(model, small(n_epochs=1).fit(X, y))


@pytest.mark.parametrize(
    ("learning_rate", "cause"), [(1e38, "a number left float32's range"), (1e4, "the loss grew more than 1000-fold")]
)
def test_diverging_fit_stops_and_says_at_which_epoch(digits, learning_rate, cause):
    X, y, *_ = digits
    model = small(learning_rate=learning_rate, n_epochs=4).fit(X, y)
    assert model.diverged_at_ == 1
    assert model.note_ == f"Training diverged at epoch 1: {cause}. The weights are those of the start."
    assert same(model, small(n_epochs=0).fit(X, y))
    assert np.isfinite(model.predict_proba(X)).all()


def test_fit_that_diverges_later_keeps_the_epoch_before(digits, monkeypatch):
    X, y, *_ = digits
    step = training.adam_step

    def leaves_range_in_epoch_3(parameters, gradient, moments, number, rate):
        step(parameters, gradient, moments, number, np.inf if number > 2 * 19 else rate)

    monkeypatch.setattr(training, "adam_step", leaves_range_in_epoch_3)
    model = small(n_epochs=5).fit(X, y)
    assert model.note_ == (
        "Training diverged at epoch 3: a number left float32's range. The weights are those after epoch 2."
    )
    assert same(model, small(n_epochs=2).fit(X, y))
    assert model.history_["epoch"].tolist() == [1, 2]


def test_fit_that_does_not_diverge_says_nothing(digits):
    X, y, *_ = digits
    model = small().fit(X, y)
    assert (model.diverged_at_, model.note_) == (None, "")


def test_string_labels_and_two_classes_give_one_decision_column(digits):
    X, y, *_ = digits
    rows = y < 2
    model = small(n_epochs=5).fit(X[rows], np.array(["nought", "one"])[y[rows]])
    decision = model.decision_function(X[rows])
    assert decision.ndim == 1
    np.testing.assert_array_equal(model.predict(X[rows]) == "one", decision > 0)
    np.testing.assert_allclose(model.predict_proba(X[rows])[:, 1], 1 / (1 + np.exp(-decision)), atol=1e-6)


def test_one_class_is_always_predicted():
    model = small().fit(np.eye(4), ["cat"] * 4)
    assert model.predict(np.eye(4)).tolist() == ["cat"] * 4
    assert model.predict_proba(np.eye(4)).tolist() == [[1.0]] * 4


def test_clone_pickle_pipeline_and_grid_search_work(digits):
    X, y, *_ = digits
    model = small().fit(X, y)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(model)).predict(X), model.predict(X))
    assert clone(model).get_params() == model.get_params()
    pipeline = make_pipeline(MinMaxScaler(), small(n_epochs=5))
    search = GridSearchCV(pipeline, {"convnetclassifier__conv_bias": [True, False]}, cv=2, error_score="raise")
    assert search.fit(X, y).score(X, y) > 0.5


@pytest.mark.parametrize(("n_features", "shape"), [(64, (1, 8, 8)), (10, (1, 1, 10)), (1, (1, 1, 1))])
def test_absent_image_shape_is_a_square_or_a_row(n_features, shape):
    assert small().fit(np.ones((4, n_features)), [0, 1, 0, 1]).image_shape_ == shape


SHAPE = "`image_shape` must be (channels, height, width), which multiply to the 4 features of X"


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"image_shape": (1, 3, 3)}, f"{SHAPE}, got (1, 3, 3)"),
        ({"image_shape": (4,)}, f"{SHAPE}, got (4,)"),
        ({"image_shape": (-1, -2, 2)}, "`image_shape` must be a whole number of at least 1, got −1"),
        ({"n_filters": 8}, "`n_filters` must be a tuple of whole numbers, got 8"),
        ({"n_filters": (8, 0)}, "`n_filters` must be a whole number of at least 1, got 0"),
        ({"n_epochs": -1}, "`n_epochs` must be a whole number of at least 0, got −1"),
        ({"batch_size": 0}, "`batch_size` must be a whole number of at least 1, got 0"),
        ({"learning_rate": 0.0}, "`learning_rate` must be a number above 0, got 0.0"),
        ({"learning_rate": float("nan")}, "`learning_rate` must be a number above 0, got nan"),
    ],
)
def test_setting_that_breaks_its_rule_is_refused_before_training(settings, sentence):
    with pytest.raises(InputError, match=f"^{re.escape(sentence)}$"):
        small(**settings).fit_epochs(np.eye(4), [0, 1, 0, 1])


def test_validation_label_that_training_lacks_is_refused():
    sentence = "`validation` must hold labels that training has, got dog"
    with pytest.raises(InputError, match=f"^{sentence}$"):
        small().fit(np.eye(4), ["cat"] * 4, validation=(np.eye(4), ["dog"] * 4))


def test_picture_too_bright_for_float32_is_refused_without_a_warning():
    model = small().fit(np.eye(4), [0, 1, 0, 1])
    sentence = "`X` must hold numbers small enough for the logits to stay in float32's range"
    with pytest.raises(InputError, match=f"^{re.escape(sentence)}$"):
        model.predict(np.full((1, 4), 3e38) * [[1, -1, 1, -1]])


def test_a_tie_counts_as_its_share_whatever_the_order_of_the_labels(digits):
    X, y, *_ = digits
    model = small(conv_bias=False, dense_bias=False).fit(X, y)
    blank = np.zeros_like(X[:10])
    assert [model.score(blank, np.full(10, label)) for label in range(10)] == [0.1] * 10
    assert model.score(np.vstack([blank, X[:10]]), np.append(np.arange(10), model.predict(X[:10]))) == pytest.approx(
        0.55
    )
    assert model.score(X[:3], ["no digit"] * 3) == 0


def test_score_is_scikit_learns_accuracy_where_nothing_is_tied(digits):
    X, y, X_test, y_test = digits
    model, weight = small().fit(X, y), np.random.default_rng(0).random(len(y_test))
    answers = model.predict(X_test)
    assert model.score(X_test, y_test) == pytest.approx(accuracy_score(y_test, answers))
    expected = accuracy_score(y_test, answers, sample_weight=weight)
    assert model.score(X_test, y_test, weight) == pytest.approx(expected)
