"""Rounded weights, and what shifting the biases mends."""

import numpy as np
import pytest
from scipy import stats

from core.models.layers import Layer, start_layers
from core.models.network import predict_logits
from core.models.norms import quantise
from core.studies.experiments.experiment import run_experiment
from core.studies.experiments.rounded_weights import (
    BITS,
    experiment,
    gains_apart,
    mended,
    rounded,
    rounded_rows,
    sentence,
    short_sentence,
)
from core.studies.recorded import recorded_results


@pytest.fixture(scope="module")
def network():
    random = np.random.RandomState(0)
    layers = start_layers((2, 6, 5), (3, 4), 3, random=random)
    return layers, random.normal(size=(50, 2, 6, 5))


def test_weights_are_rounded_layer_by_layer_and_biases_stay(network):
    for before, after in zip(network[0], rounded(network[0], 3), strict=True):
        np.testing.assert_array_equal(after.weights, quantise(before.weights, 3))
        assert len(np.unique(after.weights)) <= 7
        assert after.bias is before.bias


@pytest.mark.parametrize("bits", BITS)
def test_mended_logits_have_the_mean_they_had(network, bits):
    layers, images = network
    coarse = rounded(layers, bits)
    found = predict_logits(mended(layers, coarse, images), images).mean(axis=0)
    np.testing.assert_allclose(found, predict_logits(layers, images).mean(axis=0), atol=1e-12)
    assert np.abs(predict_logits(coarse, images).mean(axis=0) - found).max() > 1e-6


def test_nothing_is_shifted_where_nothing_was_rounded(network):
    layers, images = network
    for before, after in zip(layers, mended(layers, layers, images), strict=True):
        np.testing.assert_array_equal(before.bias, after.bias)


def test_shift_is_the_mean_error_worked_by_hand():
    # 1 x 1 pictures: only the middle of a kernel counts; W x goes from 3 and 1 to 2 and 2 / 3
    kernel = np.zeros((1, 1, 3, 3))
    fine, coarse = kernel.copy(), kernel.copy()
    fine[0, 0, 1, 1], coarse[0, 0, 1, 1] = 3.0, 2.0
    dense = Layer("dense", "dense", np.array([[1.0]]), np.array([0.0]))
    images = np.array([1.0, 1 / 3]).reshape(2, 1, 1, 1)
    layers, rough = ((Layer("conv1", "conv", k, np.array([0.5])), dense) for k in (fine, coarse))
    found = mended(layers, rough, images)
    assert found[0].bias.tolist() == pytest.approx([0.5 + 2 - (2 + 2 / 3) / 2])
    assert found[1].bias.tolist() == pytest.approx([0.0])


def test_network_without_bias_gets_some(network):
    layers, images = network
    bare = tuple(Layer(layer.name, layer.kind, layer.weights, None) for layer in layers)
    found = mended(bare, rounded(bare, 3), images)
    assert all(layer.bias is not None and np.abs(layer.bias).max() > 0 for layer in found)


def test_rows_hold_every_state_in_per_cent():
    rows = rounded_rows(run_experiment(experiment(n_epochs=1), [0, 1]))
    assert len(rows) == 2 * len(BITS) * 2
    assert rows[["low95", "mean", "high95"]].stack().between(0, 100).all()
    assert (rows["low95"] <= rows["mean"]).all()


def gains(trained, bits):
    """What mending gives, seed by seed, in points, from the record."""
    rows = recorded_results("rounded_weights").runs.query("trained == @trained and bits == @bits").sort_values("seed")
    return 100 * (rows["mended"] - rows["rounded"]).to_numpy().round(12)


def in_points(values):
    low, high = stats.ttest_1samp(values, 0).confidence_interval()
    mean, low, high = (f"{end:+.1f}".replace("-", "−") for end in (values.mean(), low, high))
    return f"{mean} ({low} to {high})"


@pytest.mark.parametrize("bits", BITS)
def test_gains_of_both_networks_are_compared_seed_by_seed(bits):
    apart = gains("without bias", bits) - gains("with bias", bits)
    found = gains_apart(recorded_results("rounded_weights"))[bits]
    assert 100 * found.mean == pytest.approx(apart.mean())
    interval = stats.ttest_1samp(apart, 0).confidence_interval()
    assert (100 * found.low95, 100 * found.high95) == pytest.approx(tuple(interval))
    assert found.p_zero >= stats.ttest_1samp(apart, 0).pvalue  # all numbers of bits are one family


def test_short_sentence_has_the_gains_at_few_bits_and_how_far_apart_they_are():
    said = short_sentence(recorded_results("rounded_weights"))
    for bits in (3, 4):
        assert f"{bits} bits " in said
        assert in_points(gains("with bias", bits)) in said
        assert in_points(gains("without bias", bits) - gains("with bias", bits)) in said
    assert "more by getting them: cannot tell." in said
    assert "20 seeds" in said


def test_long_sentence_has_both_networks_at_every_number_of_bits():
    said = sentence(recorded_results("rounded_weights"))
    for bits in BITS:
        assert said.count(f"to {bits} bits") == 2
    assert said.count("95% interval") == 3 + 2 * len(BITS)
