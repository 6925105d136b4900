"""The figure of a regression pair: the article's numbers in its legend, and what the axes and the segment must hold."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data.tables import BUILT_IN, NoisyLine
from core.exact.intercept_tradeoff import origin_curve
from core.exact.regression import coefficients, line_figure, measures, origin_marks, room_of
from core.models.regression import centre, fit_pair

WITH, WITHOUT = "with bias", "without bias"
seeds = st.integers(0, 2**32 - 1)


def drawn(line=None):
    frame = (line or NoisyLine()).draw().frame
    return fit_pair(frame[["x"]], frame["y"])


def random_pair(seed, n=12, n_features=1):
    generator = np.random.default_rng(seed)
    X = generator.normal(generator.normal(0, 5), 1, size=(n, n_features))
    return fit_pair(X, X @ generator.normal(size=n_features) + generator.normal(0, 5) + generator.normal(size=n))


def arm(columns, name):
    frame = pd.DataFrame(columns)
    return frame[frame["arm"] == name]


# The legend


def test_legend_has_the_articles_numbers():
    assert line_figure(drawn()).legend() == {
        "arm": [WITH, WITHOUT],
        "label": ["with bias: 2.8840 x + 2.1289, MSE 3.3006", "without bias: 3.2001 x, MSE 4.4679"],
    }


def test_legend_subtracts_a_negative_intercept():
    table = BUILT_IN["hubble"].read().frame
    pair = fit_pair(table[["distance_mpc"]], table["velocity_km_s"])
    assert line_figure(pair).legend()["label"] == [
        "with bias: 454.16 x − 40.784, MSE 49,727",
        "without bias: 423.94 x, MSE 50,267",
    ]


def test_legend_counts_slopes_where_there_are_several():
    labels = line_figure(random_pair(0, n_features=3)).legend()["label"]
    assert labels[0].startswith("with bias: 3 slopes − 6.0101, MSE ")
    assert labels[1].startswith("without bias: 3 slopes, MSE ")


def test_legend_of_centred_data_shows_one_line_twice():
    frame = NoisyLine().draw().frame
    pair = fit_pair(*centre(frame[["x"]].to_numpy(), frame["y"]))
    labels = line_figure(pair).legend()["label"]
    assert labels == ["with bias: 2.8840 x + 0, MSE 3.3006", "without bias: 2.8840 x, MSE 3.3006"]


# What a student and a statistician read


def test_sentence_says_the_articles_errors_and_by_how_much_one_is_lower():
    assert line_figure(drawn()).sentence == (
        "With the intercept the mean squared error on these 50 points is 3.30, without 4.47: 26% lower. On points that "
        "neither line has seen, the line with it is closer, as far as these data tell."
    )


@pytest.mark.parametrize(
    ("X", "y", "end"),
    [
        ([0, 1, 2, 3, 4, 5], [0.1, 0.9, 2.1, 2.8, 4.2, 4.9], "seen, these data cannot tell them apart."),
        ([0, 1, 2], [1, 3, 5], "100% lower. The line with it goes through every point, so that these data cannot say "
         "what others would do."),
        ([-2, -1, 1, 2], [-2, -0.9, 0.9, 2.01], "less than 1% lower. On points that neither line has seen, these data "
         "cannot tell them apart."),
    ],
)  # fmt: skip
def test_sentence_claims_no_more_of_other_points_than_the_intercepts_interval(X, y, end):
    assert line_figure(fit_pair(np.array(X, float)[:, None], y)).sentence.endswith(end)


def test_sentence_of_centred_data_is_that_they_are():
    table = drawn()
    assert line_figure(fit_pair(*centre(table.X, table.y))).sentence.startswith("The data are centred")


def test_tables_have_words_for_heads_and_digits_that_mean_something():
    first, *_ = coefficients(drawn()).to_dict("records")
    assert first == {
        "line": WITH, "of": "intercept", "estimate": "2.13", "standard error": "0.517", "95% interval": "1.09 to 3.17"
    }  # fmt: skip
    table = measures(drawn())
    assert table.iloc[0].tolist() == ["mean squared error", "3.30", "4.47"]
    assert table.iloc[-1].tolist() == ["degrees of freedom", "48", "49"]
    assert not table["measure"].str.contains("_").any()


# The lines and the intercept


def test_segment_goes_from_0_to_the_articles_intercept():
    segment = pd.DataFrame(line_figure(drawn()).intercept())
    assert list(segment) == ["x", "y", "y2", "label"]
    (row,) = segment.itertuples(index=False)
    assert (row.x, row.y2) == (0, 0)
    assert round(row.y, 4) == 2.1289
    assert row.label == "intercept 2.1289"


@given(seeds)
@settings(max_examples=50)
def test_segment_ends_at_the_intercept_where_the_line_with_bias_crosses_it(seed):
    figure = line_figure(random_pair(seed))
    height = figure.intercept()["y"][0]
    line = arm(figure.lines(), WITH)
    assert height == pytest.approx(figure.pair.with_bias.intercept, rel=1e-9, abs=1e-9)
    assert height == pytest.approx(np.interp(0, line["x"], line["y"]), rel=1e-9, abs=1e-9)


@given(seeds)
@settings(max_examples=50)
def test_without_bias_line_passes_through_the_origin(seed):
    line = arm(line_figure(random_pair(seed)).lines(), WITHOUT)
    assert line["x"].min() < 0 < line["x"].max()
    assert np.interp(0, line["x"], line["y"]) == pytest.approx(0, abs=1e-9 * np.abs(line["y"]).max())


def test_lines_have_the_articles_slopes_over_the_whole_axis():
    figure = line_figure(drawn())
    for name, slope in ((WITH, 2.8840), (WITHOUT, 3.2001)):
        line = arm(figure.lines(), name)
        assert (line["x"].iloc[0], line["x"].iloc[-1]) == figure.x
        assert round(np.polyfit(line["x"], line["y"], 1)[0], 4) == slope
        assert (line["low"] <= line["y"]).all()
        assert (line["y"] <= line["high"]).all()


def test_with_several_columns_the_segment_is_the_line_at_x_0_and_the_means_of_the_others():
    pair = random_pair(3, n_features=2)
    segment = line_figure(pair, 1).intercept()
    height = pair.with_bias.intercept + pair.with_bias.coef[0] * pair.X[:, 0].mean()
    assert segment["y"][0] == pytest.approx(height)
    assert segment["label"][0].startswith("at x = 0 ")


# The axes


@given(seeds, st.integers(0, 1))
@settings(max_examples=50)
def test_axes_hold_the_data_and_0_with_a_margin(seed, feature):
    pair = random_pair(seed, n_features=2)
    figure = line_figure(pair, feature)
    for ends, values in ((figure.x, pair.X[:, feature]), (figure.y, pair.y)):
        shown = np.append(values, 0)
        assert ends == pytest.approx(
            (shown.min() - 0.06 * np.ptp(shown), shown.max() + 0.06 * np.ptp(shown)), rel=1e-9, abs=1e-9
        )
        assert ends[0] < shown.min()
        assert shown.max() < ends[1]


def test_axes_of_the_article_by_hand():
    assert line_figure(drawn()).x == pytest.approx((-0.6, 10.6))


def test_axis_of_y_holds_the_room_too():
    figure = line_figure(drawn(), room=(-40.0, 60.0))
    assert figure.y == pytest.approx((-46, 66))
    assert figure.x == line_figure(drawn()).x


def test_room_worked_by_hand():
    # y = 3 x + a over x = 0 to 10 and a = -5 to 5 goes from -5 to 35; 2.5 times the noise of 2 is 5
    assert room_of(NoisyLine(), (-5.0, 5.0)) == (-10, 40)
    assert room_of(NoisyLine(slope=-3.0, noise=0.0), (-5.0, 5.0)) == (-35, 5)


@given(st.floats(-9, 9), st.floats(-5, 5), st.floats(0, 3), st.floats(0, 10))
def test_room_holds_the_line_of_every_intercept(slope, intercept, noise, x):
    low, high = room_of(NoisyLine(slope=slope, noise=noise), (-5.0, 5.0))
    assert low - 1e-9 <= slope * x + intercept - 2.5 * noise
    assert slope * x + intercept + 2.5 * noise <= high + 1e-9


def test_axes_stand_still_while_the_articles_intercept_moves():
    figures = []
    for intercept in (-5.0, -1.3, 0.0, 2.0, 5.0):
        line = NoisyLine(intercept=intercept)
        figures.append(line_figure(drawn(line), room=room_of(line, (-5.0, 5.0))))
    assert len({(figure.x, figure.y) for figure in figures}) == 1


# The points


def test_small_table_is_drawn_whole_without_a_note():
    figure = line_figure(drawn())
    assert figure.note == ""
    assert np.transpose(list(figure.points().values())).tolist() == NoisyLine().draw().frame.to_numpy().tolist()


def test_large_table_is_drawn_as_a_sample_and_says_so():
    figure = line_figure(drawn(NoisyLine(n=2500)))
    points = pd.DataFrame(figure.points())
    assert figure.note == "2,000 of 2,500 rows are drawn; the fits use every row."
    assert len(points) == 2000
    table = NoisyLine(n=2500).draw().frame
    assert set(points.itertuples(index=False, name=None)) <= set(table.itertuples(index=False, name=None))


def test_table_of_2000_rows_is_drawn_whole():
    figure = line_figure(drawn(NoisyLine(n=2000)))
    assert (figure.note, len(figure.points()["x"])) == ("", 2000)


@pytest.mark.parametrize("n", [50, 2500])
def test_residuals_are_the_drawn_points_minus_each_line(n):
    figure = line_figure(drawn(NoisyLine(n=n)))
    points, residuals = figure.points(), figure.residuals()
    assert list(residuals) == ["arm", "x", "residual"]
    for name, fit in figure.pair.arms.items():
        mine = arm(residuals, name)
        np.testing.assert_array_equal(mine["x"], points["x"])
        line = (fit.intercept or 0) + fit.coef[0] * points["x"]
        np.testing.assert_allclose(mine["residual"], points["y"] - line, atol=1e-9)


def test_points_are_those_of_the_chosen_column():
    pair = random_pair(1, n_features=2)
    np.testing.assert_array_equal(line_figure(pair, 1).points()["x"], pair.X[:, 1])
    np.testing.assert_array_equal(line_figure(pair, 1).residuals()["x"], np.tile(pair.X[:, 1], 2))


# Where dropping the intercept is right


@pytest.fixture(scope="module")
def curve():
    return origin_curve(NoisyLine())  # equal at 0.5573, up to 2.229


def test_marks_are_the_crossing_and_the_present_intercept(curve):
    assert origin_marks(curve, 2.0) == {
        "intercept": (curve.crossing, 2.0),
        "kind": ("rest", "data"),
        "label": ("equal at 0.557", "the slider: 2"),
    }


def test_mark_of_a_negative_intercept_stands_at_its_size(curve):
    assert [of[1] for of in origin_marks(curve, -1.5).values()] == [1.5, "data", "the slider: 1.5"]


def test_intercept_beyond_the_axis_has_no_mark(curve):
    assert curve.to_frame()["intercept"].max() == pytest.approx(2.229, abs=1e-3)
    assert origin_marks(curve, 2.3)["kind"] == ("rest",)
    assert origin_marks(curve, -5.0)["kind"] == ("rest",)
    assert origin_marks(curve, 0.0)["kind"] == ("rest", "data")
