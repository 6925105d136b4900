"""Removing and folding biases: by hand and against the full network; the study says what its runs say."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from core.data.tasks import TASKS
from core.errors import InputError
from core.models.cnn import ConvNetClassifier
from core.models.layers import Layer
from core.models.network import predict_logits
from core.studies.experiments.bias_removal import (
    experiment,
    folded_into_norms,
    removal_rows,
    removal_sentences,
    removal_table,
    without_biases,
)
from core.studies.experiments.experiment import Results, run_experiment
from core.studies.paired import NetSettings, run_study

TASK = TASKS["small_50"]
QUICK = NetSettings(n_filters=(3, 4), n_epochs=3, learning_rate=0.03)
WHAT = {
    "after training": ["conv1", "conv2", "convolutions", "dense", "all"],
    "trained without": ["convolutions", "dense", "all"],
    "after training, batch norm": ["conv1", "conv2", "convolutions"],
    "folded": ["conv1", "conv2", "convolutions"],
}


@pytest.fixture(scope="module")
def found():
    return run_experiment(experiment(TASK, QUICK), [0, 3])


@pytest.fixture(scope="module")
def normed():
    """A fitted network with batch norm whose convolution biases matter, and pictures."""
    split = TASK.draw(0)
    model = ConvNetClassifier(batch_norm=True, n_epochs=5, random_state=0).fit(split.X_train, split.y_train)
    random = np.random.default_rng(0)
    model.layers_ = tuple(
        replace(layer, bias=random.normal(size=len(layer.bias)).astype(np.float32)) if layer.kind == "conv" else layer
        for layer in model.layers_
    )
    return model, split.X_test[:50].reshape(-1, *split.image_shape)


def centre(weight):
    kernel = np.zeros((1, 1, 3, 3))
    kernel[0, 0, 1, 1] = weight
    return kernel


def network(bias=1.0, gamma=3.0, beta=0.5, mean=4.0):
    """One number in, one logit out: relu(gamma (2 x + bias - mean) + beta) times 10, minus 7."""
    of_norm = {"mean": np.array([mean]), "variance": np.array([1 - 1e-5])}
    return (
        Layer("conv1", "conv", centre(2.0), np.array([bias])),
        Layer("norm1", "norm", np.array([gamma]), np.array([beta]), **of_norm),
        Layer("dense", "dense", np.array([[10.0]]), np.array([-7.0])),
    )


def logit(layers, x):
    return predict_logits(layers, np.array([[[[x]]]])).item()


def made_up(losses, full=0.9):
    """A study whose every removal changes the accuracy by these, one per seed."""
    rows = [
        (removal, layer, seed, full + loss, full)
        for removal, layers in WHAT.items()
        for layer in layers
        for seed, loss in enumerate(losses[removal])
    ]
    return Results(
        experiment(TASK), pd.DataFrame(rows, columns=["removal", "layer", "seed", "accuracy", "full_accuracy"])
    )


# Layers


def test_removals_worked_by_hand():
    full = network()
    assert logit(full, 5.0) == pytest.approx(10 * (3 * (10 + 1 - 4) + 0.5) - 7)
    assert logit(without_biases(full, ["conv1"]), 5.0) == pytest.approx(10 * (3 * (10 - 4) + 0.5) - 7)
    assert logit(without_biases(full, ["dense"]), 5.0) == pytest.approx(10 * (3 * (10 + 1 - 4) + 0.5))
    assert logit(folded_into_norms(full, ["conv1"]), 5.0) == pytest.approx(10 * (3 * (10 + 1 - 4) + 0.5) - 7)


@given(*[st.floats(-100, 100)] * 5)
def test_folding_keeps_the_logit_for_any_bias_norm_and_input(bias, gamma, beta, mean, x):
    layers = network(bias, gamma, beta, mean)
    assert logit(folded_into_norms(layers, ["conv1"]), x) == pytest.approx(logit(layers, x), rel=1e-9, abs=1e-7)


@pytest.mark.parametrize("names", [["conv1"], ["conv2"], ["conv1", "conv2"]])
def test_folded_logits_are_the_full_networks_to_1e_5_and_deleted_ones_are_not(normed, names):
    model, images = normed
    full, folded, deleted = (
        predict_logits(layers, images)
        for layers in (model.layers_, folded_into_norms(model.layers_, names), without_biases(model.layers_, names))
    )
    np.testing.assert_allclose(folded, full, atol=1e-5)
    assert np.abs(deleted - full).max() > 0.1


@pytest.mark.parametrize("remove", [without_biases, folded_into_norms])
def test_removal_of_nothing_changes_nothing(normed, remove):
    model, images = normed
    np.testing.assert_array_equal(
        predict_logits(remove(model.layers_, []), images), predict_logits(model.layers_, images)
    )


@pytest.mark.parametrize("remove", [without_biases, folded_into_norms])
def test_removed_is_the_bias_of_the_layers_named_alone_and_the_given_layers_stay(normed, remove):
    model, _ = normed
    before = [layer.copy() for layer in model.layers_]
    left = {layer.name: layer.bias is not None for layer in remove(model.layers_, ["conv2"])}
    assert left == {"conv1": True, "norm1": True, "conv2": False, "norm2": True, "dense": True}
    for layer, kept in zip(model.layers_, before, strict=True):
        for name, array in kept.arrays().items():
            np.testing.assert_array_equal(layer.arrays()[name], array)


def test_folding_a_convolution_that_has_no_bias_changes_nothing():
    convolution, norm, dense = network()
    layers = folded_into_norms([replace(convolution, bias=None), norm, dense], ["conv1"])
    assert layers[1].mean.tolist() == [4.0]


# Runs


def test_runs_have_a_row_per_seed_removal_and_layer(found):
    assert list(found.runs) == ["removal", "layer", "seed", "accuracy", "full_accuracy"]
    rows = list(found.runs[["seed", "removal", "layer"]].itertuples(index=False, name=None))
    assert rows == [(seed, removal, layer) for seed in (0, 3) for removal, layers in WHAT.items() for layer in layers]


def test_full_and_retrained_networks_are_the_paired_studys(found):
    arms = {"full": (True, True), "convolutions": (False, True), "dense": (True, False), "all": (False, False)}
    study = run_study(TASK, arms=arms.values(), seeds=[0, 3], settings=QUICK, stresses=[("none", 0)])
    of_arm = study.runs.groupby("arm", sort=False)["accuracy"].apply(list).tolist()
    retrained = found.runs[found.runs["removal"] == "trained without"]
    of_layer = [retrained.loc[retrained["layer"] == layer, "accuracy"].tolist() for layer in list(arms)[1:]]
    assert [retrained.drop_duplicates("seed")["full_accuracy"].tolist(), *of_layer] == of_arm


def test_full_network_of_folded_biases_has_batch_norm(found):
    normed = run_study(TASK, arms=[(True, True, True)], seeds=[0, 3], settings=QUICK, stresses=[("none", 0)])
    accuracy = dict(zip(normed.runs["seed"], normed.runs["accuracy"], strict=True))
    rows = found.runs[found.runs["removal"].isin(["folded", "after training, batch norm"])]
    assert rows["full_accuracy"].tolist() == rows["seed"].map(accuracy).tolist()


@pytest.mark.parametrize(("removal", "batch_norm"), [("after training", False), ("after training, batch norm", True)])
def test_accuracies_after_training_are_those_of_the_trained_network_with_the_biases_taken_out_by_hand(
    found, removal, batch_norm
):
    split = TASK.draw(3)
    model = ConvNetClassifier(batch_norm=batch_norm, **vars(QUICK), random_state=3).fit(split.X_train, split.y_train)
    full = model.layers_
    convolutions, rows = ["conv1", "conv2"], found.runs[(found.runs["removal"] == removal) & (found.runs["seed"] == 3)]
    names = {"convolutions": convolutions, "all": [*convolutions, "dense"]}
    for layer, accuracy in rows[["layer", "accuracy"]].itertuples(index=False):
        model.layers_ = tuple(
            replace(one, bias=np.zeros_like(one.bias)) if one.name in names.get(layer, [layer]) else one for one in full
        )
        assert accuracy == model.score(split.X_test, split.y_test)


def test_folding_loses_no_accuracy_and_deleting_some(found):
    loss = (found.runs["accuracy"] - found.runs["full_accuracy"]).groupby(found.runs["removal"]).agg(np.ptp)
    assert loss["folded"] == 0
    assert loss["after training"] > 0


# Summary and sentences


def test_summary_is_scipys_paired_t_interval_of_accuracy_minus_full_accuracy():
    random = np.random.default_rng(0)
    losses = {removal: random.normal(-0.02, 0.01, 8) for removal in WHAT}
    summary = removal_table(made_up(losses)).set_index(["removal", "layer"])
    assert list(summary.index) == [(removal, layer) for removal, layers in WHAT.items() for layer in layers]
    for (removal, _), row in summary.iterrows():
        interval = stats.ttest_1samp(losses[removal], 0).confidence_interval()
        assert [row["low95"], row["high95"]] == pytest.approx(list(interval))
        assert row["accuracy"] - row["full_accuracy"] == pytest.approx(row["mean"])


def test_the_p_values_of_all_removals_are_one_family():
    losses = {removal: np.array([-0.02, -0.03, -0.01, -0.04, -0.02]) for removal in WHAT}
    alone = stats.ttest_1samp(losses["folded"], 0).pvalue
    assert made_up(losses).summary["p_zero"].tolist() == pytest.approx([14 * alone] * 14)


def test_verdict_says_what_each_removal_of_all_that_it_can_remove_does():
    study = made_up(
        {
            "after training": [-0.1, -0.102, -0.1, -0.102, -0.1, -0.102],
            "trained without": [0.014, 0.016, 0.014, 0.016, 0.014, 0.016],
            "after training, batch norm": [0.2, -0.2, 0.2, -0.2, 0.2, -0.2],
            "folded": [0.0] * 6,
        }
    )
    assert TASK.margin == 0.02
    assert " ".join(removal_sentences(study)) == (
        "Deleting all biases after training hurts: −10.1 points, 95% interval −10.2 to −10.0, 6 seeds. "
        "Leaving out all biases from the start makes no difference that matters (margin 2 points): "
        "+1.5 points, 95% interval +1.4 to +1.6, 6 seeds; a smaller one was seen. "
        "6 seeds cannot tell whether deleting the convolution biases after training in a network with batch norm helps "
        "or hurts: 0.0 points, 95% interval −23.0 to +23.0, 6 seeds. "
        "Folding the convolution biases into the batch norm leaves it the same in every seed: "
        "0.0 points in each of 6 seeds."
    )
    assert removal_rows(study).set_index("title")["side"].to_dict() == {
        "all biases deleted after training": "with bias",
        "trained without any bias": "rest",
        "batch norm: conv biases deleted": "rest",
        "batch norm: biases folded into it": "rest",
    }


def test_sentence_names_the_layer():
    study = made_up({removal: [-0.1, -0.2] for removal in WHAT})
    begins = {
        ("after training", "conv2"): "2 seeds are too few to say what deleting conv2's biases after training does: ",
        (
            "trained without",
            "dense",
        ): "2 seeds are too few to say what leaving out the dense bias from the start does: ",
    }
    for (removal, layer), begin in begins.items():
        assert study.sentence(removal=removal, layer=layer).startswith(begin)
    sentences = removal_table(study).set_index(["removal", "layer"])["sentence"]
    assert sentences["folded", "conv1"] == study.sentence(removal="folded", layer="conv1")


def test_sentence_is_of_a_removal_that_the_runs_have():
    message = "`what` must be a comparison of removals_small_50, got removal 'folded', layer 'dense'"
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        made_up({removal: [0.0] for removal in WHAT}).sentence(removal="folded", layer="dense")
