"""Twins of one hidden layer: their frames, and their sentences."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.arms import ARMS, WITH, WITHOUT
from core.data.points import CURVES, PLANES, own_points
from core.errors import InputError
from core.exact import curves as study
from core.exact.curves import curve_pair, curve_pair_of, region_pair
from core.models.activations import ACTIVATIONS
from core.models.random_features import ShallowSettings, fit_curve

# Curves


def test_errors_are_root_mean_squares_over_the_new_points():
    pair = curve_pair(ShallowSettings(9), "sine")
    X, y = CURVES["sine"].draw(0).X_test, CURVES["sine"].draw(0).y_test
    for arm in ARMS:
        squares = [(f - value) ** 2 for f, value in zip(pair.twins[arm].output(X), y, strict=True)]
        assert pair.errors[arm] == pytest.approx((sum(squares) / len(squares)) ** 0.5)


def test_frames_of_a_curve_have_the_points_what_each_twin_draws_and_every_kink():
    pair = curve_pair(ShallowSettings(9), "sine")
    frames = {name: pd.DataFrame(columns) for name, columns in pair.drawn().items()}
    columns = {"points": ["x", "y"], "curves": ["arm", "x", "y"], "kinks": ["arm", "x"], "titles": ["arm", "label"]}
    assert {name: list(frame) for name, frame in frames.items()} == columns
    np.testing.assert_array_equal(frames["points"][["x"]], pair.points.X_train)
    np.testing.assert_array_equal(frames["points"]["y"], pair.points.y_train)
    for arm in ARMS:
        curve, kinks = (frames[name][frames[name]["arm"] == arm] for name in ("curves", "kinks"))
        assert list(kinks["x"]) == pair.twins[arm].kinks
        assert len(kinks) == 9
        np.testing.assert_array_equal(curve["y"], pair.twins[arm].output(curve[["x"]].to_numpy()))
        assert curve["x"].is_monotonic_increasing
        assert set(kinks["x"]) <= set(curve["x"])
    assert (frames["kinks"].loc[frames["kinks"]["arm"] == WITHOUT, "x"] == 0).all()
    assert list(frames["titles"]["label"]) == [
        f"With bias: error {pair.errors[WITH]:.3f}",
        f"Without bias: error {pair.errors[WITHOUT]:.3f}",
    ]


def test_a_step_is_drawn_upright():
    pair = curve_pair(ShallowSettings(9, "step"), "sine")
    curve = pair.to_frame()
    for kink in pair.twins[WITH].kinks:
        assert {kink - 1e-9, kink, kink + 1e-9} <= set(curve.loc[curve["arm"] == WITH, "x"])


def test_sentence_of_a_curve_gives_both_errors_and_the_rule():
    pair = curve_pair(ShallowSettings(30), "absolute")
    assert pair.sentence == (
        f"One layer of 30 units. On new points the curve with biases is off by **{pair.errors[WITH]:.3f}**, its twin "
        f"without by **{pair.errors[WITHOUT]:.3f}** (root mean squared error; the noise alone is 0.1). Without bias "
        "every unit switches at 0, and with ReLU the curve is two rays that meet at the origin, whatever the weights."
    )
    assert curve_pair(ShallowSettings(1), "sine").sentence.startswith("One layer of 1 unit. On")


def even_but_for_a_line(f):
    """f(x) - f(-x) = c x."""
    slopes = (f(X) - f(-X)) / X[:, 0]
    return np.allclose(slopes, slopes[0], rtol=1e-9, atol=1e-9)


X = np.linspace(0.05, 3, 60)[:, None]
ORIGIN = np.zeros((1, 1))
RULES = {
    "two rays": lambda f: np.allclose(f(X), X[:, 0] * f(X[:1]) / X[0]) and np.allclose(f(2 * -X), 2 * f(-X)),
    "a straight line through": lambda f: np.allclose(f(X), X[:, 0] * f(X[:1]) / X[0]) and np.allclose(f(-X), -f(X)),
    "odd": lambda f: np.array_equal(f(-X), -f(X)),
    "one value left": lambda f: np.allclose(f(X), f(X[:1])) and np.allclose(f(-X), f(-X[:1])),
    "symmetric about": lambda f: np.allclose(f(X) + f(-X), 2 * f(ORIGIN)) and f(ORIGIN)[0] != 0,
    "a straight line plus": even_but_for_a_line,
    "bound to pass": lambda f: f(ORIGIN)[0] == 0 and not even_but_for_a_line(f),
}


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("curve", CURVES)
def test_curve_without_bias_is_what_the_sentence_calls_it(activation, curve):
    (rule,) = (holds for start, holds in RULES.items() if study.curve_rule(activation).startswith(start))
    f = curve_pair(ShallowSettings(5, activation, seed=1), curve).twins[WITHOUT].output
    assert rule(f)
    assert ("the origin" in study.curve_rule(activation)) == (f(ORIGIN)[0] == 0) or activation == "step"


@pytest.mark.parametrize(("activation", "bends"), [("gelu", True), ("silu", True), ("relu", False)])
def test_curved_units_without_bias_bend_beside_0_and_relu_units_do_not(activation, bends):
    x = np.linspace(-3, 3, 400)[:, None]
    y = np.abs(np.abs(x[:, 0]) - 1.5) - 1.5
    off = fit_curve(ShallowSettings(100, activation, bias=False), x, y).output(x) - y
    assert (float(np.sqrt(np.mean(off**2))) < 0.1) == bends


# Regions


def test_accuracy_is_the_share_of_new_points_that_get_their_class():
    pair = region_pair(ShallowSettings(9), "moons")
    points = PLANES["moons"].draw(0)
    for arm in ARMS:
        right = [a == b for a, b in zip(pair.twins[arm].labels(points.X_test), points.y_test, strict=True)]
        assert pair.accuracies[arm] == sum(right) / 200


def test_no_cone_tells_offset_blobs_or_circles_apart_and_biases_do():
    for plane in ("blobs", "circles"):
        pair = region_pair(ShallowSettings(60), plane)
        assert pair.accuracies[WITH] > 0.98
        assert pair.accuracies[WITHOUT] < 0.7


def test_xor_needs_no_bias():
    pair = region_pair(ShallowSettings(60), "xor")
    assert min(pair.accuracies.values()) > 0.95


def test_sentence_of_regions_gives_both_accuracies_and_the_rule():
    pair = region_pair(ShallowSettings(30), "circles")
    assert pair.sentence == (
        f"One layer of 30 units. Of 200 new points the network with biases gets **{pair.accuracies[WITH]:.1%}** "
        f"right, its twin without **{pair.accuracies[WITHOUT]:.1%}**. Without bias and with ReLU, each region is "
        "made of cones from the origin, whatever the weights: *k x* has the label of *x* for every *k* > 0."
    )


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_regions_without_bias_are_what_the_sentence_calls_them(activation):
    said, f = study.REGION_RULES[activation], region_pair(ShallowSettings(40, activation), "moons").twins[WITHOUT]
    X = np.random.default_rng(0).uniform(-3, 3, (2000, 2))
    cones = all((f.labels(k * X) == f.labels(X)).all() for k in (0.25, 4.0))
    mirrored = (f.labels(-X) == 1 - f.labels(X)).all()
    assert cones == said.startswith("made of cones")
    assert mirrored or not said.startswith("the other one's mirror image")
    assert (f.output(np.zeros((1, 2)))[0] != 0) == said.startswith("free to leave the origin")


@given(st.lists(st.floats(-5, 5).filter(lambda f: abs(f) > 1e-3), min_size=2, max_size=12))
def test_runs_are_where_the_broken_line_is_above_0(values):
    x, f = np.arange(len(values), dtype=float), np.array(values)
    _, starts, ends = study.positive_runs(x, f[np.newaxis])
    for place in np.linspace(0, len(values) - 1, 101):
        height = np.interp(place, x, f)
        if abs(height) > 1e-6:
            assert ((starts <= place) & (place <= ends)).any() == (height > 0)


def test_a_run_that_is_infinite_at_both_ends_is_all_of_the_line():
    row, starts, ends = study.positive_runs(np.array([0.0, 1.0]), np.full((2, 2), np.inf))
    assert (row.tolist(), starts.tolist(), ends.tolist()) == ([0, 1], [0.0, 0.0], [1.0, 1.0])


@pytest.mark.parametrize("arm", ARMS)
def test_strips_cover_just_the_inputs_of_class_1(arm):
    pair = region_pair(ShallowSettings(20), "circles")
    net, frame = pair.twins[arm], pair.to_frame()
    strips = frame[frame["arm"] == arm]
    x, y = np.random.default_rng(0).uniform(-3, 3, (2, 1000))
    across = (strips[["x"]].to_numpy() <= x) & (x <= strips[["x2"]].to_numpy())
    inside = (across & (strips[["y"]].to_numpy() <= y) & (y <= strips[["y2"]].to_numpy())).any(axis=0)
    assert np.mean(inside == net.labels(np.stack([x, y], axis=1))) > 0.96  # all but at the edges
    assert strips[["x", "y"]].min().min() >= -3
    assert strips[["x2", "y2"]].max().max() <= 3


def test_frames_of_regions_have_every_point_with_its_class():
    pair = region_pair(ShallowSettings(20), "circles")
    frames = {name: pd.DataFrame(columns) for name, columns in pair.drawn().items()}
    columns = {"points": ["x", "y", "label"], "regions": ["arm", "x", "x2", "y", "y2"], "titles": ["arm", "label"]}
    assert {name: list(frame) for name, frame in frames.items()} == columns
    np.testing.assert_array_equal(frames["points"]["label"], pair.points.y_train)
    np.testing.assert_array_equal(frames["points"][["x", "y"]], pair.points.X_train)
    assert list(frames["titles"]["label"]) == [
        f"With bias: {pair.accuracies[WITH]:.1%} right",
        f"Without bias: {pair.accuracies[WITHOUT]:.1%} right",
    ]


def test_own_points_have_no_known_noise_to_compare_with():
    points = own_points(np.arange(-9.0, 10), np.arange(-9.0, 10) ** 2, seed=0)
    assert "noise" not in curve_pair_of(ShallowSettings(9), points).sentence
    assert "the noise alone is 0.1" in curve_pair(ShallowSettings(9), "sine").sentence


def test_unknown_names_are_refused():
    for fit, parameter, names in ((curve_pair, "curve", CURVES), (region_pair, "plane", PLANES)):
        with pytest.raises(InputError) as caught:
            fit(ShallowSettings(), "circle")
        assert str(caught.value) == f"`{parameter}` must be one of {', '.join(names)}, got 'circle'"
