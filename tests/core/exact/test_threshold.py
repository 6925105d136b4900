"""One unit and its twin: where they switch, how often they are active, and fresh units that no input reaches."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import norm

from core.arms import ARMS
from core.errors import InputError
from core.exact.threshold import (
    KINDS,
    N_INPUTS,
    X_RANGE,
    FreshUnits,
    UnitPair,
    fresh_units,
    normal_inputs,
    output_range,
)
from core.exact.threshold_sides import FATES
from core.models.activations import ACTIVATIONS

WITH, WITHOUT = ARMS
names = st.sampled_from(sorted(ACTIVATIONS))
sizes = st.floats(-3, 3) | st.sampled_from([-3.0, -1.0, 0.0, 0.05, 1.0, 3.0])


# Where it switches


@given(sizes.filter(lambda w: abs(w) > 1e-3), sizes, names)
def test_pre_activation_is_0_at_the_threshold(weight, bias, activation):
    thresholds = UnitPair(weight, bias, activation).thresholds
    assert weight * thresholds[WITH] + bias == pytest.approx(0, abs=1e-12)
    assert thresholds[WITHOUT] == 0


def test_threshold_is_minus_b_over_w_by_hand():
    assert UnitPair(2.0, 3.0, "relu").thresholds == {WITH: -1.5, WITHOUT: 0.0}
    assert UnitPair(-2.0, 3.0, "relu").thresholds == {WITH: 1.5, WITHOUT: 0.0}


def test_without_a_weight_there_is_no_threshold():
    assert UnitPair(0.0, 3.0, "relu").thresholds == {WITH: None, WITHOUT: None}
    assert UnitPair(0.0, 3.0, "relu").marks() == {"arm": [], "x": [], "label": []}
    cuts = pd.DataFrame(UnitPair(0.0, 3.0, "relu").cuts())
    assert cuts["x"].isna().all()
    assert cuts["z"].tolist() == [-3, 0]


@given(sizes.filter(lambda w: abs(w) > 1e-3), sizes)
def test_relu_is_0_on_one_side_of_the_threshold_and_rises_on_the_other(weight, bias):
    pair = UnitPair(weight, bias, "relu")
    frame = pair.to_frame()
    for arm, place in pair.thresholds.items():
        mine = frame[frame["arm"] == arm]
        away = (mine["x"] - place) * np.sign(weight)
        assert (mine["output"][away > 1e-9] > 0).all()
        assert (mine["output"][away < -1e-9] == 0).all()


@pytest.mark.parametrize(
    ("unit", "sentence"),
    [
        (
            UnitPair(2.0, 3.0, "relu"),
            "The switch sits at x = −b / w = **−1.5** with the bias and at x = 0 without; "
            "w x + b is positive to the right of it.",
        ),
        (
            UnitPair(-2.0, 3.0, "relu"),
            "The switch sits at x = −b / w = **1.5** with the bias and at x = 0 without; "
            "w x + b is positive to the left of it. Because w is negative, the sides are swapped.",
        ),
        (
            UnitPair(-1.0, 0.0, "tanh"),
            "The switch sits at x = −b / w = **0** with the bias and at x = 0 without; "
            "w x + b is positive to the left of it. Because w is negative, the sides are swapped.",
        ),
        (
            UnitPair(0.0, 2.0, "relu"),
            "With w = 0 the input has no say: there is no threshold, and the output is 2.00 everywhere, whatever x is.",
        ),
        (
            UnitPair(0.0, 0.0, "sigmoid"),
            "With w = 0 the input has no say: there is no threshold, and the output is 0.500 everywhere, "
            "whatever x is.",
        ),
        (
            UnitPair(0.0, -1.0, "step"),
            "With w = 0 the input has no say: there is no threshold, and the output is 0 everywhere, whatever x is.",
        ),
    ],
)
def test_sentence_says_where_the_unit_switches_and_which_side_is_active(unit, sentence):
    assert unit.switch_sentence == sentence


@given(sizes.filter(lambda w: abs(w) > 1e-3), sizes)
def test_the_side_that_the_sentence_names_is_the_active_one(weight, bias):
    side = "right" if weight * 100 + bias > weight * -100 + bias else "left"
    sentence = UnitPair(weight, bias, "step").switch_sentence
    assert f"positive to the {side} of it" in sentence
    assert ("swapped" in sentence) == (side == "left")


# The curves


@given(sizes, sizes, names)
def test_curves_are_the_activation_of_w_x_plus_b_and_of_w_x(weight, bias, activation):
    frame = UnitPair(weight, bias, activation).to_frame()
    assert list(frame) == ["x", "arm", "output"]
    assert (frame["x"].min(), frame["x"].max()) == X_RANGE
    function = ACTIVATIONS[activation].function
    for arm, b in ((WITH, bias), (WITHOUT, 0.0)):
        mine = frame[frame["arm"] == arm]
        expected = [float(function(weight * x + b)) for x in mine["x"]]
        assert mine["output"].tolist() == pytest.approx(expected, abs=1e-12)


@given(sizes.filter(lambda w: abs(w) > 0.5), sizes, names)
def test_bias_moves_the_curve_sideways_and_keeps_its_shape(weight, bias, activation):
    pair = UnitPair(weight, bias, activation)
    function = ACTIVATIONS[activation].function
    frame = pair.to_frame()
    mine = frame[frame["arm"] == WITH]
    moved = function(weight * (mine["x"].to_numpy() - pair.thresholds[WITH]))
    off = np.abs(mine["x"] - pair.thresholds[WITH]) > 1e-9  # a step may fall on either side of its own jump
    np.testing.assert_allclose(mine["output"][off], moved[off], atol=1e-9)


def test_only_thresholds_on_the_axis_are_marked():
    frame = pd.DataFrame(UnitPair(1.0, 1.0, "relu").marks())
    assert frame.to_numpy().tolist() == [[WITH, -1.0, "with bias: x = −1"], [WITHOUT, 0.0, "without bias: x = 0"]]
    assert UnitPair(0.5, 2.0, "relu").marks()["x"] == [-4.0, 0.0]
    assert UnitPair(0.5, -2.0, "relu").marks()["x"] == [4.0, 0.0]
    assert UnitPair(0.5, 2.1, "relu").marks()["arm"] == [WITHOUT]
    assert UnitPair(0.5, -2.1, "relu").marks()["arm"] == [WITHOUT]


def test_cuts_stand_at_minus_b_and_0_before_the_bias():
    cuts = pd.DataFrame(UnitPair(-2.0, 3.0, "relu").cuts())
    assert cuts.to_numpy().tolist() == [[WITH, 1.5, -3.0], [WITHOUT, 0.0, 0.0]]
    zero = pd.DataFrame(UnitPair(1.0, 0.0, "relu").cuts())["z"].tolist()
    assert [math.copysign(1, z) for z in zero] == [1, 1]  # never -0.0


@pytest.mark.parametrize(
    ("activation", "low", "high"),
    [
        ("relu", -0.3, 5.0),
        ("leaky_relu", -1.5, 5.0),
        ("elu", -1.3, 5.0),
        ("sigmoid", -0.3, 1.3),
        ("tanh", -1.3, 1.3),
        ("gelu", -0.3, 5.0),
        ("silu", -0.3, 5.0),
        ("softplus", -0.3, 5.0),
        ("step", -0.3, 1.3),
        ("identity", -5.0, 5.0),
    ],
)
def test_axis_of_outputs_by_hand(activation, low, high):
    assert output_range(activation) == pytest.approx((low, high))


def test_axis_of_every_activation_is_worked_by_hand():
    assert len(test_axis_of_outputs_by_hand.pytestmark[0].args[1]) == len(ACTIVATIONS)


@given(names, st.floats(-30, 30))
def test_axis_holds_every_output_that_is_bounded(activation, z):
    low, high = output_range(activation)
    output = float(ACTIVATIONS[activation].function(z))
    assert low < 0 < high
    assert output > low or activation in {"identity", "leaky_relu"}
    assert output < high or activation not in {"sigmoid", "tanh", "step"}


# How often it is active


def test_normal_inputs_are_the_same_thousand_and_cannot_be_changed():
    inputs = normal_inputs()
    assert inputs.shape == (N_INPUTS,) == (1000,)
    assert normal_inputs() is inputs
    with pytest.raises(ValueError, match="read-only"):
        inputs[0] = 0


@given(sizes, sizes, names)
def test_shares_agree_with_counting_one_input_after_the_other(weight, bias, activation):
    pair = UnitPair(weight, bias, activation)
    sums = [weight * x for x in normal_inputs().tolist()]
    active = {WITH: sum(z + bias > 0 for z in sums) / 1000, WITHOUT: sum(z > 0 for z in sums) / 1000}
    assert pair.share_active == pytest.approx(active, abs=1e-12)
    assert pair.shares["only with b"] == pytest.approx(sum(z <= 0 < z + bias for z in sums) / 1000, abs=1e-12)
    assert pair.shares["stopped by b"] == pytest.approx(sum(z + bias <= 0 < z for z in sums) / 1000, abs=1e-12)
    assert sum(pair.shares.values()) == pytest.approx(1)


@given(sizes, sizes)
def test_share_of_normal_inputs_is_the_normal_distribution_at_b_over_w(weight, bias):
    assume(abs(weight) > 1e-3)
    four_errors = 4 * 0.5 / N_INPUTS**0.5
    share = UnitPair(weight, bias, "relu").share_active
    assert share[WITH] == pytest.approx(norm.cdf(bias / abs(weight)), abs=four_errors)
    assert share[WITHOUT] == pytest.approx(0.5, abs=four_errors)


@given(sizes, sizes, st.floats(0, 3))
def test_a_larger_bias_is_never_active_for_fewer_inputs(weight, bias, more):
    low, high = (UnitPair(weight, b, "relu").share_active for b in (bias, bias + more))
    assert high[WITH] >= low[WITH] - 1e-12
    assert high[WITHOUT] == pytest.approx(low[WITHOUT])


@given(sizes, sizes)
def test_histogram_counts_every_input_once_and_agrees_with_the_shares(weight, bias):
    pair = UnitPair(weight, bias, "relu")
    frame = pd.DataFrame(pair.histogram())
    assert list(frame) == ["start", "end", "fate", "order", "count"]
    assert frame["count"].sum() == N_INPUTS
    for fate in FATES:
        assert frame.loc[frame["fate"] == fate, "count"].sum() == pytest.approx(1000 * pair.shares[fate])


def test_bins_of_the_histogram_do_not_move_with_b():
    totals = [
        pd.DataFrame(UnitPair(1.5, b, "relu").histogram()).groupby("start")["count"].sum() for b in (0.0, 0.37, -2.0)
    ]
    pd.testing.assert_series_equal(totals[0], totals[1])
    pd.testing.assert_series_equal(totals[0], totals[2])


def test_sentence_says_how_many_inputs_are_above_the_threshold():
    above = (normal_inputs() > -1).mean(), (normal_inputs() > 0).mean()
    assert UnitPair(1.0, 1.0, "relu").share_sentence == (
        f"Above the threshold: **{above[0]:.1%}** of 1,000 normal inputs with the bias, **{above[1]:.1%}** without."
    )


def test_sentence_calls_a_relu_dead_that_no_input_reaches_and_nothing_else():
    dead = " It is dead for all of them: no input passes, and no gradient flows."
    start = "Above the threshold: **0.0%** of 1,000 normal inputs with the bias, **"
    assert UnitPair(0.5, -3.0, "relu").share_sentence.startswith(start)
    assert UnitPair(0.5, -3.0, "relu").share_sentence.endswith(f"** without.{dead}")
    assert UnitPair(0.5, -3.0, "sigmoid").share_sentence.endswith("** without.")
    assert UnitPair(1.0, -1.0, "relu").share_sentence.endswith("** without.")


def test_sentence_without_a_weight_is_about_b_alone():
    start = "With w = 0 the sum w x + b is b, whatever the input: it is above 0 for "
    assert UnitPair(0.0, -1.0, "relu").share_sentence == f"{start}no input, with the bias or without."
    assert UnitPair(0.0, 1.0, "tanh").share_sentence == f"{start}every input with the bias, for none without."


@pytest.mark.parametrize(
    ("unit", "message"),
    [
        (
            (1.0, 1.0, "ReLU"),
            "`activation` must be one of relu, leaky_relu, elu, sigmoid, tanh, gelu, silu, softplus, step, identity, "
            "got 'ReLU'",
        ),
        ((math.nan, 1.0, "relu"), "`weight` must be a number from −1,000,000 to 1,000,000, got nan"),
        ((1.0, math.inf, "relu"), "`bias` must be a number from −1,000,000 to 1,000,000, got inf"),
    ],
)
def test_units_that_are_none_are_refused(unit, message):
    with pytest.raises(InputError) as caught:
        UnitPair(*unit)
    assert str(caught.value) == message


# Fresh units

BY_HAND = FreshUnits({KINDS[0]: np.array([0.5, 1.0, 2.0, 3.0]), KINDS[1]: np.array([-0.5, 0.0, -0.05, 4.0])})


def test_dead_units_counted_by_hand():
    assert BY_HAND.share_dead(0.0) == {"inputs around 0": 0.0, "inputs never below 0": 0.75}
    assert BY_HAND.share_dead(0.1) == {"inputs around 0": 0.0, "inputs never below 0": 0.25}
    assert BY_HAND.share_dead(-1.0) == {"inputs around 0": 0.5, "inputs never below 0": 0.75}  # at -b: dead
    assert BY_HAND.share_dead(-4.0) == {"inputs around 0": 1.0, "inputs never below 0": 1.0}


def test_sentence_says_what_starting_at_a_tenth_changes():
    assert BY_HAND.dead_sentence == (
        "Of 4 new ReLU units with "
        "random weights, with inputs around 0 **none is** dead at b = 0 and **none is** at b = 0.1; "
        "with inputs never below 0 **75.0% are** dead at b = 0 (95% interval 30.1 to 95.4) and **25.0% are** at "
        "b = 0.1 (95% interval 4.6 to 69.9)."
    )


@pytest.mark.parametrize("kind", KINDS)
def test_the_larger_the_first_bias_the_fewer_units_are_dead(kind):
    shares = [fresh_units().share_dead(bias)[kind] for bias in np.linspace(-3, 3, 61)]
    assert shares == sorted(shares, reverse=True)
    assert shares[0] > shares[-1]


def test_tiny_net_agrees_with_trying_every_unit_on_every_input():
    net = {"n_units": 7, "n_weights": 2, "n_inputs": 3, "seed": 5}
    fresh = fresh_units(**net)
    generator = np.random.default_rng(5)
    weights = [[w * math.sqrt(2 / 2) for w in row] for row in generator.standard_normal((7, 2)).tolist()]
    inputs = generator.standard_normal((2, 3)).T.tolist()
    for kind, sample in zip(KINDS, (inputs, [[abs(x) for x in row] for row in inputs]), strict=True):
        for bias in (-2.0, -0.3, 0.0, 0.1, 1.0):
            dead = 0
            for unit in weights:
                outputs = [max(0.0, sum(w * x for w, x in zip(unit, row, strict=True)) + bias) for row in sample]
                dead += not any(outputs)
            assert fresh.share_dead(bias)[kind] == pytest.approx(dead / 7)


def test_units_of_one_weight_are_dead_on_positive_inputs_if_the_weight_is_negative():
    weights = np.random.default_rng(0).standard_normal((400, 1))
    assert fresh_units(n_units=400, n_weights=1).share_dead(0.0)["inputs never below 0"] == (weights < 0).mean()


def test_kernels_without_a_positive_weight_are_dead_on_positive_inputs():
    # one kernel of 3 weights in 8 has none; the others are reached by some input, as there are many
    weights = np.random.default_rng(1).standard_normal((4000, 3))
    share = fresh_units(n_units=4000, n_weights=3, seed=1).share_dead(0.0)["inputs never below 0"]
    assert share >= (weights < 0).all(axis=1).mean()
    assert share == pytest.approx(1 / 8, abs=4 * (1 / 8 * 7 / 8 / 4000) ** 0.5 + 0.01)


def test_at_least_two_to_the_minus_ninth_of_nine_weight_kernels_is_dead_on_positive_inputs():
    weights = np.random.default_rng(0).standard_normal((2000, 9))
    dead = fresh_units().largest["inputs never below 0"] <= 0
    all_negative = (weights < 0).all(axis=1)
    assert all_negative.any()
    assert dead[all_negative].all()


def test_two_inputs_leave_the_share_dead_that_their_angle_gives():
    # the weights fall into the wedge where both sums are negative: (pi - angle) / (2 pi) of all directions
    fresh = fresh_units(n_units=20_000, n_weights=4, n_inputs=2, seed=2)
    generator = np.random.default_rng(2)
    generator.standard_normal((20_000, 4))
    a, b = generator.standard_normal((4, 2)).T
    for kind, (u, v) in zip(KINDS, ((a, b), (np.abs(a), np.abs(b))), strict=True):
        expected = (math.pi - math.acos(u @ v / np.sqrt(u @ u * (v @ v)))) / (2 * math.pi)
        assert fresh.share_dead(0.0)[kind] == pytest.approx(expected, abs=4 * 0.5 / 20_000**0.5)


def test_one_input_leaves_a_normal_share_dead():
    # the sum over one input x is normal with the variance 2 |x|**2 / n_weights
    fresh = fresh_units(n_units=20_000, n_weights=4, n_inputs=1, seed=3)
    generator = np.random.default_rng(3)
    generator.standard_normal((20_000, 4))
    x = generator.standard_normal((4, 1))
    spread = math.sqrt(2 * (x**2).sum() / 4)
    for bias in (-1.0, 0.0, 0.1, 1.0):
        for share in fresh.share_dead(bias).values():
            assert share == pytest.approx(norm.cdf(-bias / spread), abs=4 * 0.5 / 20_000**0.5)


def test_many_centred_inputs_leave_no_unit_dead_at_0():
    assert fresh_units().share_dead(0.0)["inputs around 0"] == 0


def test_the_seed_decides_the_fresh_units():
    first, second = (fresh_units(n_units=5, n_inputs=5, seed=seed).largest[KINDS[0]] for seed in (0, 1))
    assert not np.array_equal(first, second)
    again = fresh_units.__wrapped__(n_units=5, n_inputs=5, seed=0).largest[KINDS[0]]
    np.testing.assert_array_equal(first, again)
