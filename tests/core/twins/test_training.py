"""Twins start as one function, are told step by step in JSON, and come back from it to the last bit."""

import json

import numpy as np
import pytest

from core.arms import ARMS, WITH, WITHOUT
from core.data.tasks import TASKS
from core.errors import InputError
from core.models.cnn import ConvNetClassifier
from core.models.network import predict_logits
from core.twins.training import TwinSettings, curves_frame, train_twins, twins_from, watched

QUICK = TwinSettings(task="small_50", n_epochs=3, seed=4)


def ended(settings: TwinSettings):
    *epochs, end = json.loads(json.dumps(list(train_twins(settings)), allow_nan=False))
    return epochs, twins_from(end["twins"])


def test_twins_are_what_two_fits_of_the_classifier_give_to_the_last_bit():
    _, twins = ended(QUICK)
    split = TASKS["small_50"].draw(4)
    for twin, bias in ((WITH, True), (WITHOUT, False)):
        model = ConvNetClassifier(conv_bias=bias, dense_bias=bias, n_epochs=3, random_state=4)
        model.fit(split.X_train, split.y_train)
        for ours, theirs in zip(twins[twin].layers, model.layers_, strict=True):
            assert (ours.name, ours.kind) == (theirs.name, theirs.kind)
            assert ours.arrays().keys() == theirs.arrays().keys()
            assert all(np.array_equal(ours.arrays()[name], array) for name, array in theirs.arrays().items())


def test_untrained_twins_are_one_function():
    epochs, twins = ended(TwinSettings(n_epochs=0))
    images = TASKS["digits"].draw(0).X_test.reshape(-1, 1, 8, 8)
    first, second = (predict_logits(twins[twin].layers, images) for twin in ARMS)
    assert epochs == []
    assert np.array_equal(first, second)


def test_second_twin_has_no_bias_and_the_first_those_that_were_named():
    _, twins = ended(TwinSettings(task="small_50", n_epochs=1, conv_bias=False))
    assert [layer.bias is not None for layer in twins[WITH].layers] == [False, False, True]
    assert [layer.bias is not None for layer in twins[WITHOUT].layers] == [False, False, False]


def test_batch_norm_stands_in_both_twins():
    _, twins = ended(TwinSettings(task="small_50", n_epochs=1, batch_norm=True))
    kinds = ["conv", "norm", "conv", "norm", "dense"]
    assert [[layer.kind for layer in twins[twin].layers] for twin in ARMS] == [kinds, kinds]
    assert twins[WITHOUT].layers[1].mean is not None


def test_curves_have_a_row_per_epoch_twin_part_and_measure():
    epochs, _ = ended(QUICK)
    frame = curves_frame(epochs)
    assert len(frame) == 3 * 2 * 2 * 2
    split = TASKS["small_50"].draw(4)
    model = ConvNetClassifier(n_epochs=3, random_state=4).fit(
        split.X_train, split.y_train, validation=(split.X_test, split.y_test)
    )
    row = frame.query("arm == 'with bias' and part == 'test' and measure == 'loss'")
    assert row["value"].tolist() == model.history_["validation_loss"].tolist()


def test_answers_of_an_epoch_are_those_of_the_network_after_it():
    *_, last = ended(QUICK)[0]
    _, twins = ended(QUICK)
    split = TASKS["small_50"].draw(4)
    few = split.X_test[watched(split)].reshape(-1, 1, 8, 8)
    for twin in ARMS:
        assert last["answers"][twin] == predict_logits(twins[twin].layers, few).argmax(axis=1).tolist()


def test_curves_of_a_long_training_keep_about_a_hundred_epochs_and_the_newest():
    measured = {f"{part}_{measure}": 0.5 for part in ("train", "validation") for measure in ("loss", "accuracy")}
    events = [{"rows": [{"twin": WITH, "epoch": epoch} | measured]} for epoch in range(1, 351)]
    epochs = curves_frame(events)["epoch"].unique()
    assert (len(epochs), epochs[-1], epochs[1] - epochs[0]) == (117, 350, 3)


def test_largest_rate_leaves_finite_layers():
    _, twins = ended(TwinSettings(task="small_50", n_epochs=2, learning_rate=1.0))
    assert all(
        np.isfinite(array).all() for twin in twins.values() for la in twin.layers for array in la.arrays().values()
    )


def test_settings_come_back_from_their_record():
    settings = TwinSettings(task="blank", dense_bias=False, seed=7, learning_rate=0.1)
    assert TwinSettings(**json.loads(json.dumps(settings.record()))) == settings


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ({"task": "cats"}, f"`task` must be one of {', '.join(TASKS)}, got 'cats'"),
        ({"conv_bias": False, "dense_bias": False}, "`conv_bias` or `dense_bias` must be True, got False for both"),
        ({"seed": -1}, "`seed` must be a whole number from 0 to 4,294,967,295, got −1"),
        ({"n_epochs": 401}, "`n_epochs` must be a whole number from 0 to 400, got 401"),
        ({"n_epochs": True}, "`n_epochs` must be a whole number from 0 to 400, got True"),
        ({"learning_rate": 0.0}, "`learning_rate` must be a number above 0 and at most 1, got 0.0"),
        ({"learning_rate": float("nan")}, "`learning_rate` must be a number above 0 and at most 1, got nan"),
    ],
)
def test_setting_outside_its_rule_is_refused(setting, sentence):
    with pytest.raises(InputError) as error:
        TwinSettings(**setting)
    assert str(error.value) == sentence
