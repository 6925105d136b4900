"""One fit against exact rational arithmetic, NIST's certified values, scipy, refits without a row, and work by hand."""

import csv
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.stats import linregress

from core.errors import InputError
from core.models.design_matrix import MAX_CONDITION, design_of
from core.models.least_squares import fit_line, t_half_width
from core.models.regression import fit_pair

NIST = Path(__file__).with_name("nist")
EXTENDED = np.finfo(np.longdouble).eps < 1e-18
HINT = "Leave out a column that repeats the others."


def rows(name):
    with (NIST / f"{name}.csv").open(newline="") as file:
        return list(csv.DictReader(file))


SETS = {row["set"]: row for row in rows("sets")}
SOLVABLE = sorted(set(SETS) - {"filip"})


def certified(name):
    """Degree, bias, estimates, standard errors, residual standard deviation, R²; as written."""
    known, terms = SETS[name], [row for row in rows("certified") if row["set"] == name]
    estimates, errors = ([row[key] for row in terms] for key in ("estimate", "standard_error"))
    return int(known["degree"]), known["bias"] == "with", estimates, errors, known["residual_std"], known["r2"]


def table(name, number, power):
    """Columns x (or x**1 to x**degree) and y; `number` reads a cell, `power` raises it."""
    data, degree = rows(name), int(SETS[name]["degree"])
    X = [[number(value) for key, value in row.items() if key != "y"] for row in data]
    if degree > 1:
        X = [[power(x, k) for k in range(1, degree + 1)] for (x,) in X]
    return X, [number(row["y"]) for row in data]


def exactly(X, y, bias):
    """Estimates, variances over the noise's, residual sum of squares and total, all as fractions."""
    D = [[Fraction(1)] * bias + row for row in X]
    k = len(D[0])
    system = [[sum(d[i] * d[j] for d in D) for j in range(k)] for i in range(k)]
    system = [[*row, sum(d[i] * v for d, v in zip(D, y, strict=True))] for i, row in enumerate(system)]
    system = [row + [Fraction(i == j) for j in range(k)] for i, row in enumerate(system)]
    for i in range(k):
        system[i] = [value / system[i][i] for value in system[i]]
        for other in set(range(k)) - {i}:
            factor = system[other][i]
            system[other] = [a - factor * b for a, b in zip(system[other], system[i], strict=True)]
    estimates = [row[k] for row in system]
    left = sum((v - sum(a * b for a, b in zip(d, estimates, strict=True))) ** 2 for d, v in zip(D, y, strict=True))
    middle = sum(y) / len(y) if bias else 0
    return estimates, [system[i][k + 1 + i] for i in range(k)], left, sum((v - middle) ** 2 for v in y)


def digits(found, truth):
    """Correct significant digits, at most 15; decimal places where the truth is 0."""
    found, truth = float(found), float(truth)
    error = abs(found - truth) / (abs(truth) or 1)
    return 15.0 if error == 0 else min(15.0, -np.log10(error))


def fitted(name):
    X, y = table(name, float, lambda x, k: x**k)
    return fit_line(np.array(X), np.array(y), bias=certified(name)[1])


@pytest.mark.parametrize("name", sorted(SETS))
def test_data_and_certified_values_agree_in_exact_arithmetic(name):
    _, bias, estimates, errors, noise, r2 = certified(name)
    X, y = table(name, Fraction, pow)
    found, variances, left, total = exactly(X, y, bias)
    square = left / (len(y) - len(found))
    assert min(map(digits, found, estimates)) > 14
    assert min(digits(float(square * v) ** 0.5, error) for v, error in zip(variances, errors, strict=True)) > 14
    assert digits(float(square) ** 0.5, noise) > 14
    assert digits(1 - left / total, r2) > 14


@pytest.mark.parametrize("name", SOLVABLE)
def test_nist_sets_come_out_to_nine_digits(name):
    _, bias, estimates, errors, noise, r2 = certified(name)
    fit = fitted(name)
    found = [fit.intercept, *fit.coef] if bias else fit.coef
    spread = [fit.intercept_standard_error, *fit.standard_errors] if bias else fit.standard_errors
    enough = 9 if EXTENDED else 7  # Wampler5 needs a longdouble that is wider than float
    assert min(map(digits, found, estimates)) > enough
    assert min(map(digits, spread, errors)) > 9
    assert digits(fit.residual_std, noise) > 9
    assert digits(fit.r2_centered if bias else fit.r2_uncentered, r2) > 9


def test_filip_is_answered_to_the_seven_digits_that_are_said():
    _, _, estimates, errors, noise, r2 = certified("filip")
    fit = fitted("filip")
    assert fit.digits == 7
    assert min(map(digits, [fit.intercept, *fit.coef], estimates)) > (7 if EXTENDED else 5)
    assert min(map(digits, [fit.intercept_standard_error, *fit.standard_errors], errors)) > 5
    assert digits(fit.residual_std, noise) > 6
    assert digits(fit.r2_centered, r2) > 6
    X, y = table("filip", float, lambda x, k: x**k)
    assert (
        fit_pair(X, y).warnings[-1] == "Columns that nearly repeat one another leave the coefficients about 7 digits."
    )


def test_filip_has_fewer_than_nine_digits_once_its_powers_are_rounded_to_floats():
    X, y = table("filip", lambda cell: Fraction(float(cell)), lambda x, k: Fraction(float(x) ** k))
    found = exactly(X, y, True)[0]
    assert 6 < min(map(digits, found, certified("filip")[2])) < 9


def test_three_points_by_hand():
    fit = fit_line(np.array([[0.0], [1.0], [2.0]]), np.array([1.0, 2.0, 4.0]), bias=True)
    assert fit.coef == pytest.approx([3 / 2])
    assert fit.intercept == pytest.approx(5 / 6)
    assert fit.residuals == pytest.approx([1 / 6, -1 / 3, 1 / 6])
    assert fit.mse == pytest.approx(1 / 18)
    assert fit.residual_std == pytest.approx((1 / 6) ** 0.5)
    assert fit.standard_errors == pytest.approx([(1 / 12) ** 0.5])
    assert fit.intercept_standard_error == pytest.approx((5 / 36) ** 0.5)
    assert fit.r2_centered == pytest.approx(1 - (1 / 6) / (14 / 3))
    assert fit.r2_uncentered == pytest.approx(1 - (1 / 6) / 21)
    assert fit.leverages == pytest.approx([5 / 6, 1 / 3, 5 / 6])
    assert fit.loo_errors == pytest.approx([1, 1 / 4, 1])
    assert fit.loo_mse == pytest.approx(3 / 4)
    assert (fit.n_samples, fit.degrees) == (3, 1)


def test_three_points_through_the_origin_by_hand():
    fit = fit_line(np.array([[0.0], [1.0], [2.0]]), np.array([1.0, 2.0, 4.0]), bias=False)
    assert fit.coef.tolist() == [2.0]
    assert fit.intercept is None
    assert fit.intercept_standard_error is None
    assert fit.intercept_interval is None
    assert [row[0] for row in fit.terms(["x"])] == ["x"]
    assert fit.residuals.tolist() == [1, 0, 0]
    assert fit.standard_errors == pytest.approx([(1 / 2 / 5) ** 0.5])
    assert fit.r2_centered == pytest.approx(1 - 1 / (14 / 3))
    assert fit.r2_uncentered == pytest.approx(20 / 21)
    assert fit.degrees == 2


def noisy(n=30, n_features=1, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(3, 2, size=(n, n_features))
    return X, X @ np.arange(1, n_features + 1) - 4 + rng.normal(size=n)


def judged(fit):
    """Every coefficient's estimate, error, t, p and interval, by its name."""
    names = [f"x{j + 1}" for j in range(len(fit.coef))]
    columns = ("estimate", "standard_error", "t", "p", "low", "high")
    return {name: dict(zip(columns, row, strict=True)) for name, *row in fit.terms(names)}


def test_scipy_gives_the_same_errors_and_p():
    X, y = noisy()
    fit, known = fit_line(X, y, bias=True), linregress(X[:, 0], y)
    assert fit.coef == pytest.approx([known.slope], rel=1e-12)
    assert fit.intercept == pytest.approx(known.intercept, rel=1e-12)
    assert fit.standard_errors == pytest.approx([known.stderr], rel=1e-12)
    assert fit.intercept_standard_error == pytest.approx(known.intercept_stderr, rel=1e-12)
    assert judged(fit)["x1"]["p"] == pytest.approx(known.pvalue, rel=1e-9, abs=0)
    assert fit.r2_centered == pytest.approx(known.rvalue**2, rel=1e-12)


def test_the_intercept_is_judged_like_a_slope():
    X, y = noisy()
    fit = fit_line(X, y, bias=True)
    twin = fit_line(np.column_stack([np.ones(30), X]), y, bias=False)  # a constant column is a bias
    intercept, slope = judged(fit)["intercept"], judged(twin)["x1"]
    assert intercept.pop("p") == pytest.approx(slope.pop("p"), rel=1e-9)
    assert intercept == pytest.approx(slope, rel=1e-12)
    assert fit.intercept_interval == (intercept["low"], intercept["high"])
    assert fit.loo_errors == pytest.approx(twin.loo_errors, rel=1e-10)


def test_intervals_reach_the_textbook_number_of_standard_errors():
    X, y = noisy(n=12)
    fit = fit_line(X, y, bias=True)
    assert t_half_width(10) == pytest.approx(2.228139, abs=1e-6)  # any table of t
    ends = [judged(fit)["x1"][name] for name in ("low", "high")]
    assert ends == pytest.approx(fit.coef[0] + np.array([-1, 1]) * 2.228139 * fit.standard_errors[0], rel=1e-6)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("n_features", [1, 3])
def test_left_out_errors_equal_refits_without_the_row(bias, n_features):
    X, y = noisy(n=12, n_features=n_features)
    fit = fit_line(X, y, bias=bias)
    for i in range(len(y)):
        rest = np.arange(len(y)) != i
        refit = fit_line(X[rest], y[rest], bias=bias)
        assert fit.loo_errors[i] == pytest.approx((y[i] - refit.predict(X[[i]])[0]) ** 2, rel=1e-9)
    assert fit.loo_mse == pytest.approx(fit.loo_errors.mean())


def test_a_row_that_alone_fixes_a_slope_has_no_left_out_error():
    fit = fit_line(np.array([[1.0], [1.0], [1.0], [5.0]]), np.array([1.0, 2.0, 3.0, 9.0]), bias=True)
    assert np.isnan(fit.loo_errors).tolist() == [False, False, False, True]
    assert np.isnan(fit.loo_mse)
    assert fit.leverages[3] == pytest.approx(1)


@pytest.mark.parametrize("bias", [True, False])
def test_the_band_is_the_interval_of_the_lines_height(bias):
    X, y = noisy()
    fit, at = fit_line(X, y, bias=bias), np.array([[-1.0], [0.0], [7.0]])
    D = np.column_stack([np.ones(30), X]) if bias else X
    d = np.column_stack([np.ones(3), at]) if bias else at
    variance = np.einsum("ij,jk,ik->i", d, np.linalg.inv(D.T @ D), d)
    half = t_half_width(fit.degrees) * fit.residual_std * variance**0.5
    low, high = fit.band(at)
    assert low == pytest.approx(fit.predict(at) - half, rel=1e-9, abs=1e-9)
    assert high == pytest.approx(fit.predict(at) + half, rel=1e-9, abs=1e-9)


def test_the_band_at_zero_is_the_interval_of_the_intercept():
    fit = fit_line(*noisy(), bias=True)
    low, high = fit.band(np.array([[0.0]]))
    assert (low[0], high[0]) == pytest.approx(fit.intercept_interval, rel=1e-12)


def test_without_bias_the_band_closes_at_the_origin():
    low, high = fit_line(*noisy(), bias=False).band(np.array([[0.0]]))
    assert low.tolist() == high.tolist() == [0.0]


def test_an_exact_line_leaves_nothing_to_judge_by():
    X = np.linspace(0.1, 0.7, 9)[:, None]
    fit = fit_line(X, 2 * X[:, 0] + 0.3, bias=True)
    assert fit.residuals.tolist() == [0.0] * 9
    assert (fit.mse, fit.residual_std, fit.r2_centered) == (0, 0, 1)
    assert fit.intercept == pytest.approx(0.3)
    assert fit.intercept_interval == (fit.intercept, fit.intercept)
    assert np.isnan([row[name] for row in judged(fit).values() for name in ("t", "p")]).all()


def test_an_intercept_below_the_rounding_of_y_is_zero():
    X, y = noisy()
    y = y - y.mean()
    assert y.mean() != 0
    assert fit_line(X - X.mean(), y, bias=True).intercept == 0.0


@pytest.mark.parametrize(("X", "shape"), [([1.0, 2.0], "(2,)"), ([[1.0, 2.0]], "(1, 2)")])
def test_points_of_another_shape_have_no_height(X, shape):
    fit = fit_line(*noisy(), bias=True)
    for ask in (fit.predict, fit.band):
        with pytest.raises(InputError) as caught:
            ask(X)
        assert str(caught.value) == f"`X` must have the shape (n, 1), got {shape}"


def test_columns_of_very_different_size_lose_no_digits():
    X, y = noisy(n_features=2)
    plain, scaled = fit_line(X, y, bias=True), fit_line(X * [1e-40, 1e40], y, bias=True)
    assert scaled.coef * [1e-40, 1e40] == pytest.approx(plain.coef, rel=1e-12)
    for term, row in judged(plain).items():
        assert judged(scaled)[term]["t"] == pytest.approx(row["t"], rel=1e-12)


@pytest.mark.skipif(not EXTENDED, reason="longdouble is no wider than float here")
def test_a_large_offset_loses_no_digits_of_the_slope():
    x, y = np.arange(9.0), np.array([3.0, 1, 4, 1, 5, 9, 2, 6, 5])
    plain, far = fit_line(x[:, None], y, bias=True), fit_line(x[:, None] + 2.0**26, y, bias=True)
    assert far.coef == pytest.approx(plain.coef, rel=1e-12)
    assert far.standard_errors == pytest.approx(plain.standard_errors, rel=1e-12)
    assert far.intercept == pytest.approx(plain.intercept - 2.0**26 * plain.coef[0], rel=1e-12)


@pytest.mark.parametrize("bias", [True, False])
def test_the_basis_is_orthonormal_in_extended_precision_up_to_the_limit(bias):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(40, 3))
    X[:, 2] = X[:, 0] - X[:, 1] + 1e-6 * rng.normal(size=40)
    Q = design_of(X, bias=bias).Q
    assert np.abs(Q.T @ Q - np.eye(Q.shape[1])).max() < 20 * np.finfo(np.longdouble).eps


@pytest.mark.parametrize("scale", [1.0, 1e-30, 1e30])
def test_collinear_columns_are_refused_whatever_their_scale(scale):
    X = noisy(n_features=2)[0] * [1.0, scale]
    X = np.column_stack([X, X @ [1.0, 1 / scale]])
    with pytest.raises(InputError) as caught:
        fit_line(X, X[:, 0], bias=False)
    start = (
        "`X` must have columns that differ enough for four digits: without bias the condition number may be at most "
    )
    assert str(caught.value).startswith(start)
    assert caught.value.hint == HINT


def test_a_repeated_column_is_refused():
    X = noisy()[0]
    with pytest.raises(InputError) as caught:
        fit_line(np.column_stack([X, X]), X[:, 0], bias=False)
    assert str(caught.value) == (
        "`X` must have columns that differ enough for four digits: without bias the condition number may be "
        "at most 1.00 × 10¹², got infinity"
    )


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.floats(-11.5, 0))
@example(6797, -6.0)
def test_below_the_limit_as_many_digits_are_right_as_are_said(seed, power):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(12, 2))
    X[:, 1] = X[:, 0] + 10**power * X[:, 1]
    y = rng.normal(size=12)
    D = np.column_stack([np.ones(12), X])
    truth = exactly([[Fraction(v) for v in row] for row in X], [Fraction(v) for v in y], True)[0]
    assert np.linalg.cond(D) < 10 * MAX_CONDITION
    try:
        fit = fit_line(X, y, bias=True)
    except InputError:
        assert np.linalg.cond(D) > MAX_CONDITION / 2  # the limit holds for columns of one size
        return
    right = [float(v) for v in truth]
    rounding = np.finfo(float).eps * np.abs(right).max()  # all that is known of one that is near 0 by chance
    off = 10.0 ** (2 - fit.digits if EXTENDED else 6 - fit.digits)
    assert [fit.intercept, *fit.coef] == pytest.approx(right, rel=off, abs=max(rounding, off * np.abs(right).max()))
