"""A training followed by epoch is the classifier's to the last bit, whatever is measured on the way."""

import numpy as np
import pytest

from core.data.tasks import TASKS
from core.models.cnn import ConvNetClassifier
from core.studies.experiments.by_epoch import Training, epochs, measures
from core.studies.paired import NetSettings

TASK = TASKS["small_50"]
QUICK = NetSettings(n_filters=(3, 4), n_epochs=2, learning_rate=0.03)


@pytest.mark.parametrize("switches", [(True, True), (True, False), (False, False), (True, True, True)])
def test_training_is_the_classifiers_to_the_last_bit(switches):
    split, names = TASK.draw(3), ("conv_bias", "dense_bias", "batch_norm")
    model = ConvNetClassifier(**dict(zip(names, switches, strict=False)), **vars(QUICK), random_state=3)
    model.fit(split.X_train, split.y_train)
    *_, layers = epochs(split, 3, QUICK, Training(switches))
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
