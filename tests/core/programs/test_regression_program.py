"""The regression program against what the page says."""

import numpy as np
import pytest

from core.data.tables import BUILT_IN, NoisyLine, read_table
from core.exact.intercept_tradeoff import crossing
from core.models.regression import centre, fit_pair

CSV = b"city;size;rooms;price\nUlm;1,5;2;10\nBonn;2,5;3;\nKiel;3,5;2;30\nJena;4,5;4;41\nKoeln;6;5;66\n"
COMMA = b"a,b,c\n1,2,3\n2,5,3.5\n3,1,4\n5,2,9\n7,8,11\n"
THOUSANDS = b"x\ty\n1\t980\n2\t1,020\n3\t995\n4\t1,110\n"
SHARES = b"A report\nage;share;cost\n20;12,5%;$95\n30;15,0%;$1.250\n40;n/a;$99\n50;25,5%;$1.310\n60;25,5%;$1.311\n"


def expected(frame, x, y, *, centred=False, line=None):
    X, values = frame[list(x)].to_numpy(), frame[y].to_numpy()
    pair = fit_pair(*(centre(X, values) if centred else (X, values)))
    fit, twin = pair.with_bias, pair.without_bias
    biased = [*fit.coef, fit.intercept, *fit.intercept_interval, fit.mse, fit.r2_centered, fit.r2_uncentered]
    plain = [*twin.coef, twin.mse, twin.r2_centered, twin.r2_uncentered]
    equal = [crossing(line)] if line else []
    return [*biased, *plain, fit.loo_mse, twin.loo_mse, fit.intercept_standard_error, *equal]


def close(values):
    """Equal to all six digits that are printed; a number that is 0 but for rounding may be another such."""
    return pytest.approx(values, rel=6e-6, abs=1e-9, nan_ok=True)


@pytest.mark.few(4)
@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"slope": -0.5},
        {"intercept": 0.0},
        {"noise": 0.5},
        {"n": 3},
        {"low": -4.5},
        {"high": 25.0},
        {"seed": 2**32 - 1},
        {"slope": 0, "intercept": -3, "noise": 1e-3, "n": 2000, "low": 100.0, "high": 101.0},
    ],
    ids=str,
)
def test_program_gives_the_pages_numbers_of_the_articles_data(numbers, changed):
    line = NoisyLine(**changed)
    assert numbers("regression", **changed) == close(expected(line.draw().frame, "x", "y", line=line))


@pytest.mark.parametrize("name", ["diabetes", "hubble"])
def test_program_gives_the_pages_numbers_of_built_in_tables(numbers, name):
    frame = BUILT_IN[name].read().frame
    assert numbers("regression", data=name) == close(expected(frame, frame.columns[:1], frame.columns[1]))


@pytest.mark.parametrize("name", ["article", "diabetes"])
def test_centred_program_gives_the_pages_numbers(numbers, name):
    frame = BUILT_IN[name].read().frame
    assert numbers("regression", data=name, centred=True) == close(
        expected(frame, frame.columns[:1], frame.columns[1], centred=True)
    )


@pytest.mark.few(3)
@pytest.mark.parametrize(
    ("content", "x", "y"),
    [
        (CSV, ["size"], "price"),
        (CSV, ["price"], "rooms"),
        (COMMA, ["a"], "c"),
        (COMMA, ["a", "b"], "c"),
        (THOUSANDS, ["x"], "y"),
        (SHARES, ["age", "share"], "cost"),
    ],
    ids=str,
)
def test_program_gives_the_pages_numbers_of_a_table_as_it_was_read(numbers, folder, content, x, y):
    frame = read_table(content).frame
    frame.to_csv(folder / "my table.csv", index=False)
    found = numbers("regression", data="own", table="my table.csv", x_columns=tuple(x), y_column=y, drawn=len(x) - 1)
    assert found == close(expected(frame, x, y))


def test_columns_that_nobody_chose_are_the_first_and_the_last(numbers, folder):
    (folder / "table_as_read.csv").write_bytes(COMMA)
    assert numbers("regression", data="own") == close(expected(read_table(COMMA).frame, ["a"], "c"))


def test_default_line_begins_with_the_articles_numbers(last_line):
    line = last_line("regression")
    assert "with bias: slope 2.88403, intercept 2.12889 " in line
    assert "without bias: slope 3.20014, MSE 4.46794" in line
    assert np.isfinite(expected(NoisyLine().draw().frame, "x", "y")).all()
