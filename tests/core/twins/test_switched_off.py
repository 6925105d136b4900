"""A trained pair, opened: switches, changed answers, maps, ledgers and parts agree with the network itself."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.arms import ARMS, WITH, WITHOUT
from core.models.network import predict_logits
from core.studies.experiments.bias_removal import without_biases
from core.studies.recorded import recorded_twins
from core.twins.one_picture import channel_steps, trace
from core.twins.report import TwinReport, report
from core.twins.switched_off import AblatedPair, every_bias, switch_off
from core.twins.training import TwinSettings, train_twins, twins_from

SIZES = {"conv1": 8, "conv2": 16, "dense": 10}
ALL = [(layer, number) for layer, size in SIZES.items() for number in range(size)]


@pytest.fixture(scope="module")
def pair() -> TwinReport:
    return report(TwinSettings(), recorded_twins())


@pytest.fixture(scope="module")
def whole(pair: TwinReport) -> AblatedPair:
    return switch_off(pair)


def test_with_nothing_switched_off_every_answer_is_that_of_the_trained_network(pair: TwinReport, whole: AblatedPair):
    assert whole.changed.size == 0
    assert whole.sentence == "Nothing is switched off: at full light the network gets 96.1% of 360 test pictures right."
    assert whole.accuracy == pair.accuracy[WITH]


def test_with_all_switched_off_the_network_is_the_one_whose_biases_were_deleted(pair: TwinReport):
    network = switch_off(pair, ALL)
    deleted = without_biases(pair.twins[WITH].layers, list(SIZES))
    np.testing.assert_array_equal(network.answers, predict_logits(deleted, pair.images).argmax(axis=1))
    assert len(network.changed) == np.sum(network.answers != pair.answers[WITH]) > 0


def test_sentence_counts_right_and_wrong_so_that_the_accuracies_follow(pair: TwinReport):
    network = switch_off(pair, [place for place in ALL if place[0] == "conv1"])
    assert network.sentence == (
        "At full light, without these 8 biases, 14 of 360 test pictures change their answer: 9 from right to wrong, "
        "4 from wrong to right, 1 from wrong to wrong. 94.7% are right now, 96.1% with all biases."
    )
    assert round(360 * (pair.accuracy[WITH] - network.accuracy)) == 9 - 4


def test_one_changed_picture_is_spoken_of_in_the_singular(pair: TwinReport):
    network = switch_off(pair, [place for place in ALL if place[0] == "dense"])
    assert "without these 10 biases, 1 of 360 test pictures changes its answer, from right" in network.sentence


def test_biases_stand_by_name_and_those_that_are_off_are_marked(pair: TwinReport):
    frame = switch_off(pair, [("conv1", 0), ("dense", 9)]).biases()
    assert frame.loc[frame["off"], ["layer", "filter"]].values.tolist() == [["conv1", "1"], ["dense", "9"]]
    learned = np.concatenate([layer.bias for layer in pair.twins[WITH].layers])
    np.testing.assert_array_equal(frame["bias"], learned)


def test_blank_gives_a_tie_at_zero_without_bias_and_an_answer_with(whole: AblatedPair):
    found = trace(whole, np.zeros((1, 8, 8), np.float32))
    assert found.sentence.endswith("Without bias: all logits are 0, a tie between all classes.")
    assert np.ptp(found.logits[WITH]) > 0
    assert not any(stage.maps.any() for stage in found.stages[WITHOUT].values())


@settings(max_examples=30)
@given(st.integers(0, 359), st.sets(st.sampled_from(ALL)), st.floats(0.03, 10))
def test_picture_and_biases_add_up_to_the_logit_whatever_is_switched_off(
    index: int, off: set[tuple[str, int]], k: float
):
    pair = report(TwinSettings(), recorded_twins())
    found = trace(switch_off(pair, off), pair.images[index] * np.float32(k))
    for twin in ARMS:
        for label in (0, 7):
            steps = found.shares(label).query("network == @twin").set_index("layer")["share"]
            assert steps.drop("logit").sum() == pytest.approx(steps["logit"], abs=1e-9)
            assert steps["logit"] == pytest.approx(float(found.logits[twin][label]), abs=1e-4 * max(1, k))


@settings(max_examples=30)
@given(st.integers(0, 359), st.sets(st.sampled_from(ALL)), st.floats(0.03, 10))
def test_waterfall_keeps_its_proportions_where_the_biases_follow_the_light(
    index: int, off: set[tuple[str, int]], k: float
):
    pair = report(TwinSettings(), recorded_twins())
    network, label = switch_off(pair, off), 7
    full = trace(network, pair.images[index])
    along = trace(network, pair.images[index] * np.float32(k), light=k)
    for twin in ARMS:
        frames = (one.shares(label) for one in (full, along))
        expected, found = (frame[frame["network"] == twin] for frame in frames)
        assert found["layer"].tolist() == expected["layer"].tolist()
        size = expected["share"].abs().max()
        for column in ("share", "start", "end"):
            np.testing.assert_allclose(found[column] / k, expected[column], rtol=1e-4, atol=1e-5 * size)
    assert along.answer == full.answer


def test_waterfall_loses_its_proportions_where_the_biases_stay(pair: TwinReport, whole: AblatedPair):
    lights = ((1, 1), (0.1, 1), (0.1, 0.1))
    frames = (trace(whole, pair.images[3] * np.float32(k), light=light).shares(7) for k, light in lights)
    full, stays, along = (frame.loc[frame["network"] == WITH, "share"] for frame in frames)
    assert np.abs(stays / 0.1 - full).max() > 0.5 * np.abs(full).max()
    np.testing.assert_allclose(along / 0.1, full, rtol=1e-4, atol=1e-4)


@settings(max_examples=30)
@given(st.integers(0, 359), st.floats(0.03, 10))
def test_without_bias_dimmed_maps_keep_their_pattern(index: int, k: float):
    pair = report(TwinSettings(), recorded_twins())
    full, dimmed = (trace(switch_off(pair), pair.images[index] * np.float32(light)) for light in (1, k))
    for layer in ("conv1", "conv2"):
        expected = k * full.stages[WITHOUT][layer].maps
        np.testing.assert_allclose(dimmed.stages[WITHOUT][layer].maps, expected, rtol=1e-4, atol=1e-5)


def test_every_number_of_every_map_is_what_its_ledger_adds_up_to(whole: AblatedPair, pair: TwinReport):
    found = trace(whole, pair.images[3])
    random = np.random.default_rng(0)
    for twin in ARMS:
        for layer, n, side in (("conv1", 8, 8), ("conv2", 16, 4)):
            maps = found.stages[twin][layer].maps
            assert maps.shape == (n, side, side)
            for number, row, column in [(0, 0, 0), (n - 1, side - 1, side - 1), *random.integers(side, size=(9, 3))]:
                entry = found.pixel_sum(twin, layer, number, row, column)
                assert entry.output == pytest.approx(maps[number, row, column], abs=1e-12)
                steps = channel_steps(entry)
                assert steps["end"].iloc[-1] == pytest.approx(entry.shifted, abs=1e-12)
                assert len(steps) == len(entry.weights) + 2


def test_maps_of_both_twins_share_one_scale_from_zero(whole: AblatedPair, pair: TwinReport):
    found = trace(whole, pair.images[0])
    largest = max(float(found.stages[twin]["conv2"].maps.max()) for twin in ARMS)
    assert found.scale("conv2") == (0.0, largest)


def test_two_class_tasks_can_be_opened_too():
    chosen = TwinSettings(task="blank", n_epochs=1)
    *_, end = train_twins(chosen)
    pair = report(chosen, twins_from(end["twins"]))
    network = switch_off(pair)
    assert network.changed.size == 0
    assert trace(network, pair.images[0]).decision()["class"].tolist() == ["digit", "blank"] * 2


def test_blank_without_any_bias_is_half_right():
    chosen = TwinSettings(task="blank", n_epochs=3)
    *_, end = train_twins(chosen)
    pair = report(chosen, twins_from(end["twins"]))
    network = switch_off(pair, every_bias(pair))
    assert network.accuracy == 0.75
    assert len(network.changed) == 360
    assert "75.0% are right now, 100.0% with all biases." in network.sentence


def test_logit_is_said_as_picture_plus_or_minus_biases(whole: AblatedPair, pair: TwinReport):
    assert trace(whole, pair.images[0]).share_sentence(7) == (
        "Logit of 7, picture + biases: with bias 5.416 = 5.679 − 0.2624; without bias 4.911 = 4.911 + 0."
    )
