"""The out-of-sample error of both twins: simulation against the closed form, refits and work by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.arms import WITH, WITHOUT
from core.data.tables import NoisyLine
from core.exact import intercept_tradeoff
from core.exact.intercept_tradeoff import crossing, expected_error, origin_curve
from core.models.regression import fit_pair

SMALL = NoisyLine(noise=1.5, n=6, low=-1.0, high=4.0)
MANY = NoisyLine(n=10, low=2.0, high=5.0)


def arm(curve, name):
    frame = curve.to_frame()
    return frame[frame["arm"] == name]


def test_two_coefficients_cost_two_variances_by_hand():
    # x = -1, 0, 1: the means of y and of the slope have variances 1/3 and 1/2, the error at x is 1/3 + x**2 / 2
    three = NoisyLine(noise=1.0, n=3, low=-1.0, high=1.0)
    assert expected_error(three, np.array([0.0, 5.0]), bias=True) == pytest.approx([1 + 2 / 3, 1 + 2 / 3])
    # without bias the slope is right, and the line misses the intercept everywhere
    assert expected_error(three, np.array([0.0, 5.0]), bias=False) == pytest.approx([1 + 1 / 3, 1 + 1 / 3 + 25])


def test_around_zero_the_crossing_is_the_standard_error_of_a_mean_by_hand():
    assert crossing(NoisyLine(noise=3.0, n=9, low=-2.0, high=2.0)) == pytest.approx(1.0)


def test_the_crossing_is_the_standard_error_of_the_intercept():
    line = NoisyLine()
    pair = fit_pair(line.x[:, None], line.draw().frame["y"])
    known = line.noise / pair.with_bias.residual_std
    assert crossing(line) == pytest.approx(pair.with_bias.intercept_standard_error * known, rel=1e-12)


@settings(max_examples=50)
@given(st.floats(0.01, 100), st.integers(3, 200), st.floats(-50, 50), st.floats(0.1, 100))
def test_at_the_crossing_both_expected_errors_are_equal(noise, n, low, width):
    chosen = NoisyLine(noise=noise, n=n, low=low, high=low + width)
    edge = crossing(chosen)
    at = np.array([0.5 * edge, edge, 2 * edge])
    difference = expected_error(chosen, at, bias=False) - expected_error(chosen, at, bias=True)
    assert difference[1] == pytest.approx(0, abs=1e-9 * noise**2)
    assert difference[0] < 0 < difference[2]


@pytest.mark.parametrize("step", [0, 17, 40])
def test_each_draw_is_what_fitting_the_pair_gives(step, monkeypatch):
    monkeypatch.setattr(intercept_tradeoff, "N_DRAWS", 30)
    curve = origin_curve(SMALL)
    intercept = arm(curve, WITH)["intercept"].iloc[step]
    noise = np.random.RandomState(SMALL.seed).randn(30, SMALL.n) * SMALL.noise
    truth = SMALL.slope * SMALL.x + intercept
    errors = {WITH: [], WITHOUT: []}
    for draw in noise:
        for name, fit in fit_pair(SMALL.x[:, None], truth + draw).arms.items():
            errors[name].append(SMALL.noise**2 + ((fit.predict(SMALL.x[:, None]) - truth) ** 2).mean())
    for name, values in errors.items():
        row = arm(curve, name).iloc[step]
        half = 1.96 * np.std(values, ddof=1) / 30**0.5
        assert row["mse"] == pytest.approx(np.mean(values), rel=1e-9)
        assert row[["low", "high"]].tolist() == pytest.approx([row["mse"] - half, row["mse"] + half], rel=1e-9)


@pytest.mark.parametrize("name", [WITH, WITHOUT])
def test_many_draws_come_to_the_closed_form(name, monkeypatch):
    monkeypatch.setattr(intercept_tradeoff, "N_DRAWS", 10_000)
    rows = arm(origin_curve(MANY), name)
    error = (rows["high"] - rows["low"]) / 2 / 1.96
    assert (np.abs(rows["mse"] - rows["exact"]) < 4 * error).all()


def test_fresh_data_come_to_the_closed_form():
    rng = np.random.default_rng(5)
    truth = MANY.slope * MANY.x + 4.0
    train, test = (truth + MANY.noise * rng.normal(size=(20_000, MANY.n)) for _ in range(2))
    slopes = train @ MANY.x / (MANY.x @ MANY.x)
    errors = ((test - slopes[:, None] * MANY.x) ** 2).mean(axis=1)
    exact = expected_error(MANY, np.array([4.0]), bias=False)[0]
    assert errors.mean() == pytest.approx(exact, abs=4 * errors.std() / 20_000**0.5)


def test_with_bias_the_error_does_not_depend_on_the_true_intercept():
    assert arm(origin_curve(NoisyLine()), WITH)["mse"].nunique() == 1


def test_without_bias_the_error_grows_with_the_true_intercept():
    assert arm(origin_curve(NoisyLine()), WITHOUT)["exact"].is_monotonic_increasing


def test_the_crossing_is_a_step_of_the_curve():
    curve = origin_curve(NoisyLine())
    frame = curve.to_frame()
    assert list(frame) == ["intercept", "arm", "mse", "low", "high", "exact"]
    at = frame[np.isclose(frame["intercept"], curve.crossing, rtol=1e-12)]
    assert at["arm"].tolist() == [WITH, WITHOUT]
    assert at["exact"].tolist() == pytest.approx([4.16, 4.16])


def test_the_slope_plays_no_part():
    steep = origin_curve(NoisyLine(slope=-700.0)).to_frame()
    assert steep.equals(origin_curve(NoisyLine()).to_frame())


def test_the_seed_decides_the_draws():
    assert origin_curve(SMALL).to_frame().equals(origin_curve(SMALL).to_frame())
    other = NoisyLine(noise=1.5, n=6, low=-1.0, high=4.0, seed=43)
    assert not origin_curve(SMALL).to_frame().equals(origin_curve(other).to_frame())


def test_the_verdict_names_the_crossing():
    assert origin_curve(NoisyLine()).verdict == (
        "With 50 points and noise of 2.00, the line without bias predicts new data better while the true intercept "
        "is smaller in size than 0.557, and worse beyond. "
        "That limit is one standard error of the estimated intercept."
    )


def test_without_noise_the_intercept_costs_nothing():
    curve = origin_curve(NoisyLine(noise=0.0))
    assert curve.crossing == 0
    assert (arm(curve, WITH)["mse"] == 0).all()
    assert arm(curve, WITHOUT)["intercept"].iloc[-1] == 1
    assert curve.verdict == "Without noise an intercept costs nothing: the line with bias is never worse."
