"""The pair: the article's numbers, Hubble's, what always holds between the twins, and the sentences."""

import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import core
from core.arms import WITH, WITHOUT
from core.data.tables import BUILT_IN, NoisyLine
from core.errors import InputError
from core.exact.intercept_tradeoff import crossing
from core.models.regression import centre, fit_pair

seeds = st.integers(0, 2**32 - 1)


def pair_of(frame, x, y):
    return fit_pair(frame[[x]], frame[y])


def article():
    return pair_of(NoisyLine().draw().frame, "x", "y")


def hubble():
    return pair_of(BUILT_IN["hubble"].read().frame, "distance_mpc", "velocity_km_s")


def falling():
    """A true slope of -0.5 and a large intercept."""
    return pair_of(NoisyLine(slope=-0.5, intercept=25.0, noise=1.0, low=5.0).draw().frame, "x", "y")


def drawn(seed, n=20, n_features=1):
    rng = np.random.default_rng(seed)
    X = rng.normal(rng.normal(), 1, size=(n, n_features))
    return X, X @ rng.normal(size=n_features) + rng.normal() * 3 + rng.normal(size=n)


def test_the_articles_numbers_come_out():
    pair = article()
    assert pair.without_bias.coef.round(4).tolist() == [3.2001]
    assert round(pair.without_bias.mse, 4) == 4.4679
    assert pair.with_bias.coef.round(4).tolist() == [2.8840]
    assert round(pair.with_bias.intercept, 4) == 2.1289
    assert round(pair.with_bias.mse, 4) == 3.3006


def test_hubbles_numbers_come_out():
    pair = hubble()
    assert pair.with_bias.coef.round(3).tolist() == [454.158]
    assert round(pair.with_bias.intercept, 3) == -40.784
    assert pair.without_bias.coef.round(3).tolist() == [423.937]
    assert pair.without_bias.intercept is None


def test_without_intercept_a_slope_can_change_its_sign_while_the_uncentred_r2_is_high():
    pair = falling()
    assert pair.with_bias.coef[0] == pytest.approx(-0.5, abs=0.2)
    assert pair.without_bias.coef.round(2).tolist() == [2.68]
    assert pair.without_bias.r2_centered < -10
    assert pair.without_bias.r2_uncentered > 0.9
    assert pair.with_bias.r2_centered < pair.without_bias.r2_uncentered


@given(seeds, st.integers(1, 3))
def test_without_bias_the_line_passes_through_the_origin(seed, n_features):
    assert fit_pair(*drawn(seed, n_features=n_features)).without_bias.predict(np.zeros((1, n_features))).tolist() == [0]


@given(seeds, st.integers(1, 3))
def test_residuals_are_orthogonal_to_every_column(seed, n_features):
    X, y = drawn(seed, n_features=n_features)
    pair = fit_pair(X, y)
    for fit in (pair.with_bias, pair.without_bias):
        assert np.abs(X.T @ fit.residuals).max() < 1e-12 * np.abs(X).max() * np.abs(y).sum()
    assert abs(pair.with_bias.residuals.sum()) < 1e-12 * np.abs(y).sum()


@given(seeds, st.integers(1, 3))
def test_the_intercept_never_fits_worse(seed, n_features):
    pair = fit_pair(*drawn(seed, n_features=n_features))
    assert pair.with_bias.mse <= pair.without_bias.mse * (1 + 1e-12)
    assert pair.without_bias.r2_centered <= pair.with_bias.r2_centered + 1e-12


@given(seeds)
def test_r2_lie_in_their_ranges(seed):
    pair = fit_pair(*drawn(seed))
    assert 0 <= pair.without_bias.r2_uncentered <= 1
    assert 0 <= pair.with_bias.r2_centered <= 1
    assert pair.with_bias.r2_centered <= pair.with_bias.r2_uncentered


@given(seeds, st.floats(-1000, 1000))
def test_shifting_y_changes_only_the_intercept(seed, shift):
    X, y = drawn(seed)
    before, after = fit_pair(X, y).with_bias, fit_pair(X, y + shift).with_bias
    assert after.coef == pytest.approx(before.coef, rel=1e-9, abs=1e-9)
    assert after.intercept == pytest.approx(before.intercept + shift, rel=1e-9, abs=1e-9)
    assert after.residual_std == pytest.approx(before.residual_std, rel=1e-9)
    assert after.standard_errors == pytest.approx(before.standard_errors, rel=1e-9)


def test_shifting_y_changes_the_slope_without_bias():
    X, y = drawn(0)
    assert fit_pair(X, y).without_bias.coef != pytest.approx(fit_pair(X, y + 5).without_bias.coef, rel=0.01)


@given(seeds, st.integers(1, 3))
def test_centring_makes_the_twins_equal(seed, n_features):
    X, y = drawn(seed, n_features=n_features)
    pair = fit_pair(*centre(X, y))
    assert pair.with_bias.coef == pytest.approx(pair.without_bias.coef, rel=1e-9, abs=1e-12)
    assert pair.with_bias.coef == pytest.approx(fit_pair(X, y).with_bias.coef, rel=1e-9, abs=1e-12)
    assert pair.with_bias.mse == pytest.approx(pair.without_bias.mse, rel=1e-12)
    assert pair.verdict == (
        "The data are centred, every mean is 0: both lines have the same slopes. "
        "Subtracting a mean is a bias in disguise."
    )


def test_centring_x_alone_is_not_called_centred():
    X, y = drawn(0)
    assert not fit_pair(X - X.mean(axis=0), y).centred


def test_the_articles_verdict_is_said():
    assert article().verdict == (
        "The 95% interval of the intercept, 1.09 to 3.17, does not contain 0. "
        "On rows left out of the fit the mean squared error is 3.58 with bias and 4.62 without. "
        "The line with bias predicts better: the whole interval lies beyond one standard error (0.517), from which on "
        "an intercept pays."
    )


def test_hubbles_intercept_cannot_be_told_from_none():
    assert hubble().verdict == (
        "The 95% interval of the intercept, −214 to 132, contains 0: these data cannot tell it from no intercept. "
        "On rows left out of the fit the mean squared error is 59,500 with bias and 55,000 without. "
        "The interval comes within one standard error (83.4) of 0: these data do not show that the intercept is "
        "needed; where the true one is smaller than that, the line without it predicts better."
    )


def left_out_errors(D, y):
    rest = [np.arange(len(y)) != i for i in range(len(y))]
    return np.array([(y[~k] - D[~k] @ np.linalg.lstsq(D[k], y[k], rcond=None)[0])[0] ** 2 for k in rest])


def needless():
    """y = x and errors that are orthogonal to a constant and to x."""
    x, signs = np.arange(1.0, 17.0), np.array([1, -1, -1, 1, -1, 1, 1, -1])
    return fit_pair(x[:, None], x + np.append(signs, -signs))


@pytest.mark.parametrize("pair", [article, hubble, falling, needless])
def test_the_errors_on_rows_left_out_equal_refits(pair):
    D = np.column_stack([np.ones(len(pair().y)), pair().X])
    assert pair().with_bias.loo_mse == pytest.approx(left_out_errors(D, pair().y).mean(), rel=1e-9)
    assert pair().without_bias.loo_mse == pytest.approx(left_out_errors(pair().X, pair().y).mean(), rel=1e-9)


def test_a_large_intercept_predicts_better_and_the_verdict_says_so():
    assert falling().with_bias_predicts_better
    assert falling().verdict == (
        "The 95% interval of the intercept, 24.3 to 27.0, does not contain 0. "
        "On rows left out of the fit the mean squared error is 0.894 with bias and 26.1 without. "
        "The line with bias predicts better: the whole interval lies beyond one standard error (0.681), from which on "
        "an intercept pays."
    )


def test_a_needless_intercept_is_not_said_to_be_needed_nor_to_be_worse():
    assert not needless().with_bias_predicts_better
    assert needless().verdict == (
        "The 95% interval of the intercept, −1.20 to 1.20, contains 0: these data cannot tell it from no intercept. "
        "On rows left out of the fit the mean squared error is 1.32 with bias and 1.15 without. "
        "The interval comes within one standard error (0.561) of 0: these data do not show that the intercept is "
        "needed; where the true one is smaller than that, the line without it predicts better."
    )


def test_which_line_predicts_better_is_judged_the_same_way_on_both_sides_of_0():
    x, noise = np.arange(50.0), np.random.default_rng(0).normal(size=50)
    for sign in (1, -1):
        assert fit_pair(x[:, None], sign * (x + 5 + noise)).with_bias_predicts_better
        assert not fit_pair(x[:, None], sign * (x + noise)).with_bias_predicts_better


@pytest.mark.release
def test_words_about_prediction_are_wrong_in_at_most_six_of_a_hundred_samples_and_found_at_four_standard_errors():
    line = NoisyLine()
    x = line.draw().frame[["x"]].to_numpy()
    limit = crossing(line)
    called = {}
    for times in (0, 1, 1.5, 4):
        noise = np.random.default_rng(7).normal(0, line.noise, (600, line.n))
        pairs = [fit_pair(x, line.slope * x[:, 0] + times * limit + row) for row in noise]
        called[times] = np.mean([pair.with_bias_predicts_better for pair in pairs])
        assert not any("without bias predicts better" in pair.verdict for pair in pairs)
    assert called[0] <= called[1] <= 0.06  # at or below the limit, "with predicts better" is wrong
    assert called[4] >= 0.5


def test_a_sample_that_used_to_favour_the_line_without_is_not_called():
    table = NoisyLine(intercept=0.8, seed=2).draw().frame
    verdict = fit_pair(table[["x"]], table["y"]).verdict
    assert "predicts better: " not in verdict
    assert "do not show that the intercept is needed" in verdict


def test_the_verdict_on_an_exact_line_says_that_nothing_is_left():
    x = np.linspace(0, 1, 5)
    assert fit_pair(x[:, None], 2 * x + 1).verdict.startswith(
        "The line with bias passes through every point: nothing is left to judge the intercept by. "
    )


def test_the_verdict_says_when_leaving_out_a_row_leaves_no_line():
    pair = fit_pair([[1.0], [1.0], [1.0], [5.0]], [1.0, 2.0, 3.0, 9.0])
    assert np.isnan(pair.without_bias.loo_mse) or np.isnan(pair.with_bias.loo_mse)
    assert pair.verdict.endswith(
        "What rows left out would say cannot be said: without one of the rows there is no single best line."
    )


def test_each_r2_is_named_by_its_denominator():
    assert falling().r2_note == (
        "Divided by the spread of y around its mean, R² is 0.499 with bias and −14.3 without. "
        "Divided by the sum of y², it is 0.998 with and 0.943 without. "
        "Many programs print the first with an intercept and the second without one: those two cannot be compared."
    )


def test_a_slope_that_changes_its_sign_is_warned_of():
    assert falling().warnings == ("The slope of x changes its sign: −0.616 with bias, 2.68 without.",)


@pytest.mark.parametrize("sign", [1, -1])
def test_data_far_from_zero_are_warned_of(sign):
    x = sign * np.linspace(100, 140, 9)
    y = 3 * x + np.array([1, -1, 2, -2, 0, 1, -1, 2, -2])
    (warning,) = fit_pair(x[:, None], y, names=["year"]).warnings
    span = "100 to 140" if sign > 0 else "−140 to −100"
    assert warning == (
        f"year = 0 lies 2.50 data ranges outside the data ({span}); beyond one range, "
        "take the intercept as a parameter of the line, not as a prediction."
    )


def test_one_data_range_from_zero_is_not_far():
    x = np.linspace(4, 8, 9)
    assert fit_pair(x[:, None], 3 * x + np.array([1, -1, 2, -2, 0, 1, -1, 2, -2])).warnings == ()


def test_the_frame_holds_both_fits_term_by_term():
    pair = article()
    frame = pair.to_frame()
    assert list(frame) == ["arm", "term", "estimate", "standard_error", "t", "p", "low", "high"]
    assert frame[["arm", "term"]].to_numpy().tolist() == [[WITH, "intercept"], [WITH, "x"], [WITHOUT, "x"]]
    assert frame["estimate"].tolist() == [pair.with_bias.intercept, *pair.with_bias.coef, *pair.without_bias.coef]
    assert frame.loc[0, ["low", "high"]].tolist() == list(pair.with_bias.intercept_interval)
    assert frame["t"].to_numpy() == pytest.approx(frame["estimate"] / frame["standard_error"])


def test_the_measures_hold_both_arms():
    frame = article().measures().set_index("arm")
    assert list(frame) == ["mse", "loo_mse", "residual_std", "r2_centered", "r2_uncentered", "n_samples", "degrees"]
    assert frame.loc[WITH, "mse"] == article().with_bias.mse
    assert frame["degrees"].to_dict() == {WITH: 48, WITHOUT: 49}


def test_the_points_hold_every_row_under_both_arms():
    X, y = drawn(0, n_features=2)
    pair = fit_pair(X, y)
    frame = pair.points(feature=1)
    assert list(frame) == ["arm", "row", "x", "y", "fitted", "residual", "leverage", "loo_error"]
    part = frame[frame["arm"] == WITHOUT]
    assert part["x"].tolist() == X[:, 1].tolist()
    assert part["fitted"].to_numpy() == pytest.approx(pair.without_bias.predict(X))
    assert part["loo_error"].tolist() == pair.without_bias.loo_errors.tolist()
    assert part["row"].tolist() == list(range(20))


def test_the_lines_move_one_column_and_keep_the_others_at_their_means():
    X, y = drawn(0, n_features=2)
    pair = fit_pair(X, y)
    frame = pd.DataFrame(pair.lines(0, 5, feature=1, n=6))
    assert list(frame) == ["arm", "x", "y", "low", "high"]
    part = frame[frame["arm"] == WITH]
    assert part["x"].tolist() == [0, 1, 2, 3, 4, 5]
    assert part["y"].iloc[2] == pytest.approx(pair.with_bias.predict([[X[:, 0].mean(), 2.0]])[0])
    assert (frame["low"] <= frame["y"]).all()
    assert (frame["y"] <= frame["high"]).all()


def test_names_come_from_the_frame_or_are_numbered():
    X, y = drawn(0, n_features=2)
    assert fit_pair(X, y).names == ("x1", "x2")
    assert fit_pair(X[:, :1], y).names == ("x",)
    assert fit_pair(pd.DataFrame(X, columns=["a", "b"]), y).names == ("a", "b")
    assert fit_pair(pd.DataFrame(X, columns=["a", "b"]), y, names=["c", "d"]).names == ("c", "d")


def test_a_pair_survives_pickling():
    pair = pickle.loads(pickle.dumps(article()))
    assert pair.verdict == article().verdict
    assert pair.with_bias.band([[0.0]])[0] == pytest.approx(article().with_bias.band([[0.0]])[0])


def test_the_inputs_are_left_as_they_were():
    X, y = drawn(0)
    before = X.copy(), y.copy()
    fit_pair(X, y)
    centre(X, y)
    assert np.array_equal(before[0], X)
    assert np.array_equal(before[1], y)


CONSTANT = "A constant column says nothing about a line; an offset that large should be subtracted first."
LINE = [[1.0], [2.0], [3.0], [4.0]]
BENT = [1.0, 2.0, 4.0, 4.0]


@pytest.mark.parametrize(
    ("X", "y", "message", "hint"),
    [
        ([1.0, 2.0, 3.0], BENT, "`X` must have the shape (n_samples, n_features), got (3,)", ""),
        ([], [], "`X` must have the shape (n_samples, n_features), got (0,)", ""),
        (np.ones((4, 0)), BENT, "`X` must have the shape (n_samples, n_features), got (4, 0)", ""),
        (LINE, LINE, "`y` must have the shape (n_samples,), got (4, 1)", ""),
        (LINE, BENT[:3], "`X` and `y` must have as many rows, got (4, 1) and (3,)", ""),
        (LINE[:2], BENT[:2], "`X` must have at least two rows more than columns, got the shape (2, 1)", ""),
        (np.eye(3), BENT[:3], "`X` must have at least two rows more than columns, got the shape (3, 3)", ""),
        (np.ones((60, 51)), np.ones(60), "`X` must have at most 50 columns, got 51", ""),
        ([[1.0], [np.nan], [np.inf], [2.0]], BENT, "`X` must hold finite numbers only, got 2 that are not", ""),
        (LINE, [1.0, np.inf, 2.0, 3.0], "`y` must hold finite numbers only, got 1 that are not", ""),
        ([["a"], ["b"], ["c"], ["d"]], BENT, "`X` must hold real numbers only", ""),
        (LINE, ["1", "2", "3", "5"], "`y` must hold real numbers only", ""),
        (LINE, [1j, 2.0, 3.0, 4.0], "`y` must hold real numbers only", ""),
        ([[1.0], [2.0, 3.0]], BENT, "`X` must hold real numbers only", ""),
        (
            [[7.0]] * 4,
            BENT,
            "`x` must vary by more than one part in ten million of its size, got values from 7 to 7",
            CONSTANT,
        ),
        (
            LINE,
            [0.0] * 4,
            "`y` must vary by more than one part in ten million of its size, got values from 0 to 0",
            CONSTANT,
        ),
        (
            [[1e9], [1e9 + 1], [1e9 + 2], [1e9 + 3]],
            BENT,
            "`x` must vary by more than one part in ten million of its size, got values from 1e+09 to 1e+09",
            CONSTANT,
        ),
        ([[1e51], [1.0], [2.0], [3.0]], BENT, "`x` must have a largest size between 1e-50 and 1e50, got 1e+51", ""),
        (LINE, [1e-51, 0.0, 0.0, 0.0], "`y` must have a largest size between 1e-50 and 1e50, got 1e-51", ""),
    ],
)
def test_what_cannot_be_fitted_is_refused_in_one_sentence(X, y, message, hint):
    with pytest.raises(InputError) as caught:
        fit_pair(X, y)
    assert (str(caught.value), caught.value.hint) == (message, hint)


@given(
    st.integers(1, 3).flatmap(
        lambda k: st.lists(st.lists(st.floats(width=64), min_size=k + 1, max_size=k + 1), min_size=1, max_size=8)
    )
)
def test_any_table_gives_a_finite_fit_or_an_input_error(rows):
    table = np.array(rows)
    try:
        pair = fit_pair(table[:, :-1], table[:, -1])
    except InputError:
        return
    assert np.isfinite(pair.to_frame()[["estimate", "standard_error", "low", "high"]].to_numpy()).all()
    assert np.isfinite(pair.measures()[["mse", "residual_std", "r2_centered", "r2_uncentered"]].to_numpy()).all()
    assert pair.verdict
    assert pair.r2_note


@given(seeds, st.integers(-45, 45))
def test_the_unit_of_y_does_not_matter(seed, power):
    X, y = drawn(seed)
    assume(np.abs(y).max() > 0.1)
    before, after = fit_pair(X, y).with_bias, fit_pair(X, y * 10.0**power).with_bias
    assert after.coef == pytest.approx(before.coef * 10.0**power, rel=1e-9)
    assert after.r2_centered == pytest.approx(before.r2_centered, rel=1e-9)


def test_importing_the_module_does_not_load_scikit_learn():
    code = "import sys, core.models.regression, core.exact.intercept_tradeoff; sys.exit('sklearn' in sys.modules)"
    root = Path(core.__file__).parents[1]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0


def test_a_wrong_number_of_names_is_refused():
    with pytest.raises(InputError) as caught:
        fit_pair(LINE, BENT, names=["a", "b"])
    assert str(caught.value) == "`names` must hold one name per column, got 2 for 1"
