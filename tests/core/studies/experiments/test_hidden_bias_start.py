"""Biases before ReLU start where they are said to, dead filters are counted, and the sentence gives their shares."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from core.data.tasks import TASKS
from core.format import say
from core.models.cnn import ConvNetClassifier
from core.models.layers import Layer
from core.studies.experiments.by_epoch import Training, epochs
from core.studies.experiments.experiment import Results
from core.studies.experiments.hidden_bias_start import dead_sentence, experiment, share_dead, start_at_tenth
from core.studies.paired import NetSettings

QUICK = NetSettings(n_filters=(3, 4), n_epochs=2, learning_rate=0.01)
LONG = TASKS["long_tailed"]


def test_tenths_are_the_convolutions_biases_alone():
    split = LONG.draw(0)
    layers = next(epochs(split, 0, QUICK, Training(begin=start_at_tenth)))
    assert [set(layer.bias.tolist()) for layer in layers] == [{np.float32(0.1)}, {np.float32(0.1)}, {0.0}]


def test_dead_filters_are_counted_by_hand():
    split = LONG.draw(0)
    kernels = np.zeros((3, 1, 3, 3), np.float32)
    kernels[:, 0, 1, 1] = [1, -1, -1]  # pictures have nothing below 0, and a blank place somewhere
    bias = np.array([0, 0, 0.5], np.float32)
    dense = Layer("dense", "dense", np.zeros((10, 48), np.float32), None)
    assert share_dead((Layer("conv1", "conv", kernels, bias), dense), split)["share_dead"] == pytest.approx(1 / 3)
    assert share_dead((Layer("conv1", "conv", kernels, None), dense), split)["share_dead"] == pytest.approx(2 / 3)


def test_biases_from_0_on_are_the_classifier():
    runs = pd.DataFrame(experiment(TASKS["small_50"], QUICK).run(0))
    split = TASKS["small_50"].draw(0)
    model = ConvNetClassifier(**vars(QUICK), random_state=0).fit(split.X_train, split.y_train)
    last = runs[runs["epoch"] == 2].set_index("arm").loc["0"]
    assert last["test_accuracy"] == model.score(split.X_test, split.y_test)
    assert last["share_dead"] == share_dead(model.layers_, split)["share_dead"]


def test_sentences_give_the_verdict_and_the_shares_of_dead_filters():
    rows = [
        {"arm": arm, "seed": seed, "epoch": epoch, "test_accuracy": 0.5, "share_dead": dead}
        for seed in range(2)
        for arm, deads in {"0.1": (0.0, 0.125), "0": (0.25, 0.5)}.items()
        for epoch, dead in enumerate(deads)
    ]
    results = Results(experiment(LONG), pd.DataFrame(rows))
    assert results.sentence() == (
        "2 seeds are too few to say what starting the biases before ReLU at 0.1 and not at 0 does: "
        "0.0 points in each of 2 seeds."
    )
    assert dead_sentence(results) == (
        "Of all filters 0% in every seed are dead before any step where biases start at 0.1, and 25.0% in every seed "
        "where they start at 0; after training 12.5% in every seed and 50.0% in every seed. The difference is −37.5 "
        "points (95% interval −37.5 to −37.5, 2 seeds): the start at 0.1 has fewer."
    )


@pytest.mark.parametrize(
    ("ends", "tells"),
    [
        ([-0.25, -0.3125, -0.25], "the start at 0.1 has fewer"),
        ([0.25, 0.3125, 0.25], "the start at 0.1 has more"),
        ([-0.125, 0.0, 0.0], "the seeds cannot tell which has more"),
    ],
)
def test_shares_of_dead_filters_are_told_apart_by_the_interval_of_their_difference(ends, tells):
    rows = [
        {"arm": arm, "seed": seed, "epoch": epoch, "test_accuracy": 0.5, "share_dead": 0.5 + share * epoch}
        for seed, apart in enumerate(ends)
        for arm, share in {"0.1": apart, "0": 0.0}.items()
        for epoch in (0, 1)
    ]
    sentence = dead_sentence(Results(experiment(LONG), pd.DataFrame(rows)))
    low, high = stats.ttest_1samp(100 * np.array(ends), 0).confidence_interval()
    assert f"{say(low)} to {say(high)}, 3 seeds): {tells}." in sentence
