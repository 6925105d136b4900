"""Outliers are runs that collapsed, not runs that differ by a picture; the lottery counts single pairs."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.studies.seed_lottery import lottery, lottery_sentence, outlier_sentence, outliers

MARGIN = 0.01
differences = st.lists(st.integers(-30, 30), min_size=1, max_size=25).map(lambda pictures: np.array(pictures) / 360)


def test_collapsed_run_is_marked_and_no_other():
    assert outliers([0.001, -0.002, 0.86, 0.0, 0.002], MARGIN).tolist() == [False, False, True, False, False]


def test_collapsed_run_among_identical_ones_is_marked():
    assert outliers([0.0] * 4 + [-0.86], MARGIN).tolist() == [False] * 4 + [True]


def test_one_picture_off_identical_ones_is_not_marked():
    assert not outliers([0.0] * 19 + [1 / 360], MARGIN).any()


@pytest.mark.parametrize(("x", "marked"), [(0.0741, False), (0.0742, True), (-0.0741, False), (-0.0742, True)])
def test_limit_is_five_times_the_scaled_median_deviation(x, marked):
    # median 0, deviations 0.02, 0.01, 0, 0.01 and |x|: their median is 0.01, and 5 * 1.4826 * 0.01 = 0.07413
    rest = [-0.02, -0.01, 0.0, 0.01] if x > 0 else [0.02, 0.01, 0.0, -0.01]
    assert outliers([*rest, x], MARGIN).tolist() == [False] * 4 + [marked]


@given(differences)
def test_never_more_than_half_are_marked(d):
    assert outliers(d, MARGIN).sum() <= len(d) / 2


def test_about_one_in_75_honest_studies_of_20_seeds_has_a_mark():
    d = np.random.default_rng(0).normal(0, 0.006, (2000, 20))
    assert 0.005 < np.mean([outliers(study, MARGIN).any() for study in d]) < 0.025


def test_outliers_in_words():
    far = "far off the others (more than 5 median absolute deviations): a mean and a t interval bend to"
    assert outlier_sentence([]) == ""
    assert outlier_sentence([7]) == f"Seed 7 lies {far} it."
    assert outlier_sentence([7, 11]) == f"Seeds 7, 11 lie {far} them."


@given(differences)
def test_every_pair_has_one_story(d):
    found = lottery(d)
    assert sum(found) == len(d)
    assert found.tied == np.count_nonzero(d == 0)


@given(differences)
def test_changing_sides_changes_no_count(d):
    assert lottery(d) == lottery(-d)


@pytest.mark.parametrize(
    ("d", "counts"),
    [
        ([0.02, 0.01, -0.01, 0.0], (2, 1, 1)),
        ([-0.02, -0.01, 0.01, 0.0], (2, 1, 1)),
        ([0.01, -0.01], (0, 2, 0)),
        ([0.1, 0.2, -0.3], (0, 3, 0)),  # its mean is 0 but for rounding
        ([0.0, 0.0], (0, 0, 2)),
        ([0.5, -0.1, -0.1], (1, 2, 0)),
    ],
)
def test_lottery_worked_by_hand(d, counts):
    assert lottery(d) == counts


def test_lottery_in_words():
    d = [0.01] * 9 + [-0.01] * 8 + [0.0] * 3
    assert lottery_sentence(d, "a bias") == (
        "Of 20 single pairs, 9 alone would have said that a bias helps, 8 that it hurts; in 3 both are exactly equal."
    )
