"""Intervals and p values against scipy and tables, verdicts in their order, Holm by hand, sentences word for word."""

import math
import warnings

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from core.errors import InputError
from core.studies.recorded import STUDIES, recorded, recorded_overview
from core.studies.verdicts import (
    difference,
    for_new_data,
    holm,
    holm_corrected,
    mean_in_words,
    mean_interval,
    paired_differences,
    points,
)

MARGIN = 0.01
counts = st.lists(st.integers(-30, 30), min_size=2, max_size=25).map(lambda pictures: np.array(pictures) / 360)


# Intervals and p values


def test_interval_worked_by_hand():
    # mean 3, standard deviation sqrt(2.5), standard error sqrt(0.5); t(0.975, 4) = 2.776, t(0.95, 4) = 2.132
    found = difference([1, 2, 3, 4, 5], margin=1)
    assert found.mean == 3
    assert [found.low95, found.high95] == pytest.approx([3 - 2.776 * 0.7071, 3 + 2.776 * 0.7071], abs=1e-3)
    assert [found.low90, found.high90] == pytest.approx([3 - 2.132 * 0.7071, 3 + 2.132 * 0.7071], abs=1e-3)


@given(counts)
def test_intervals_and_p_values_are_those_of_scipys_t_tests(d):
    assume(np.ptp(d) > 0)
    found, test = difference(d, MARGIN), stats.ttest_1samp(d, 0)
    assert (found.low95, found.high95) == pytest.approx(tuple(test.confidence_interval(0.95)), abs=1e-12)
    assert (found.low90, found.high90) == pytest.approx(tuple(test.confidence_interval(0.90)), abs=1e-12)
    assert found.p_zero == pytest.approx(test.pvalue, abs=1e-12)
    one_sided = (
        stats.ttest_1samp(d, -MARGIN, alternative="greater").pvalue,
        stats.ttest_1samp(d, MARGIN, alternative="less").pvalue,
    )
    assert found.p_margin == pytest.approx(max(one_sided), abs=1e-12)


@given(counts, st.floats(0.5, 0.99))
def test_mean_interval_is_scipys_for_any_share(d, share):
    assume(np.ptp(d) > 0)
    expected = (d.mean(), *stats.ttest_1samp(d, 0).confidence_interval(share))
    assert mean_interval(d, share) == pytest.approx(expected, abs=1e-12)


def test_mean_interval_of_equal_values_is_a_point_and_of_one_value_has_no_ends():
    assert mean_interval([0.1] * 7) == (0.1, 0.1, 0.1)
    mean, low, high = mean_interval([0.3])
    assert mean == 0.3
    assert math.isnan(low)
    assert math.isnan(high)


@settings(max_examples=300)
@given(counts)
def test_verdict_is_what_the_intervals_say(d):
    found = difference(d, MARGIN)
    inside = max(-found.low90, found.high90) < MARGIN
    excludes = found.low95 > 0 or found.high95 < 0
    assume(min(abs(MARGIN - abs(end)) for end in (found.low90, found.high90)) > 1e-12)
    assume(min(abs(end) for end in (found.low95, found.high95)) > 1e-12 or not d.any())
    if found.n < 5:
        expected = "too few seeds"
    elif not d.any():
        expected = "equal in all seeds"
    elif inside:
        expected = "no difference that matters"
    else:
        expected = ("helps" if found.mean > 0 else "hurts") if excludes else "cannot tell"
    assert found.verdict == expected
    assert found.note == ("a smaller one was seen" if expected == "no difference that matters" and excludes else "")


@given(counts)
def test_changing_sides_turns_helps_into_hurts_and_nothing_else(d):
    there, back = difference(d, MARGIN), difference(-d, MARGIN)
    swapped = {"helps": "hurts", "hurts": "helps"}
    assert back.verdict == swapped.get(there.verdict, there.verdict)
    assert (back.mean, back.low95, back.p_zero, back.p_margin) == pytest.approx(
        (-there.mean, -there.high95, there.p_zero, there.p_margin), abs=1e-12
    )


@pytest.mark.parametrize(
    ("d", "verdict", "note"),
    [
        ([0.5] * 4, "too few seeds", ""),
        ([0.0] * 4, "too few seeds", ""),
        ([0.0] * 5, "equal in all seeds", ""),
        ([0.001, -0.001, 0.002, -0.002, 0.0], "no difference that matters", ""),
        ([0.002, 0.003, 0.002, 0.003, 0.002], "no difference that matters", "a smaller one was seen"),
        ([0.02, 0.03, 0.02, 0.03, 0.02], "helps", ""),
        ([-0.02, -0.03, -0.02, -0.03, -0.02], "hurts", ""),
        ([0.011, 0.009, 0.010, 0.009, 0.011], "helps", ""),  # its 90% interval crosses the margin
        ([0.1, -0.1, 0.05, -0.05, 0.02], "cannot tell", ""),
    ],
)
def test_each_verdict_has_its_case(d, verdict, note):
    found = difference(d, MARGIN)
    assert (found.verdict, found.note) == (verdict, note)


@pytest.mark.parametrize(
    ("value", "verdict", "p_zero", "p_margin"),
    [(0.005, "no difference that matters", 0, 0), (0.01, "helps", 0, 0.5), (0.1, "helps", 0, 1), (-0.1, "hurts", 0, 1)],
)
def test_equal_differences_have_a_point_for_an_interval_and_no_warning(value, verdict, p_zero, p_margin):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = difference([value] * 7, MARGIN)
    assert [found.low95, found.high95, found.low90, found.high90] == [value] * 4
    assert (found.verdict, found.p_zero, found.p_margin) == (verdict, p_zero, p_margin)


def test_differences_that_only_a_files_nine_digits_tell_apart_are_equal():
    shares = np.array([[344, 328], [346, 330], [359, 343], [345, 329], [350, 334]]) / 360
    kept = np.round(shares, 9)
    d = paired_differences(kept[:, 0], kept[:, 1])
    assert np.ptp(d) > 0
    found = difference(d, MARGIN)
    assert found.low95 == found.high95 == pytest.approx(16 / 360)
    assert found.numbers == "+4.4 points in each of 5 seeds"
    assert difference([*d[:4], d[4] + 1 / 360], MARGIN).numbers.startswith("+4.5 points, 95% interval ")


def test_single_seed_has_a_mean_and_no_interval():
    found = difference([0.02], MARGIN)
    assert (found.n, found.mean, found.verdict, found.p_zero, found.p_margin) == (1, 0.02, "too few seeds", 1, 1)
    assert all(math.isnan(end) for end in (found.low95, found.high95, found.low90, found.high90))


@pytest.mark.parametrize(
    ("d", "margin", "sentence"),
    [
        ([], 0.01, "`differences` must be a list of at least one finite number, got []"),
        ([math.nan], 0.01, "`differences` must be a list of at least one finite number, got [nan]"),
        ([0.1], 0.0, "`margin` must be a number above 0, got 0.0"),
        ([0.1], math.nan, "`margin` must be a number above 0, got nan"),
    ],
)
def test_what_has_no_interval_or_margin_is_told(d, margin, sentence):
    with pytest.raises(InputError) as caught:
        difference(d, margin)
    assert str(caught.value) == sentence


# For data not seen yet


def test_interval_for_new_data_worked_by_hand():
    # variance 2.5 of 5 seeds, a quarter as many test as training pictures: s = sqrt(2.5 (1/5 + 1/4)) = 1.0607
    found = for_new_data(difference([1, 2, 3, 4, 5], margin=1), 1, n_train=100, n_test=25)
    assert found.mean == 3
    assert [found.low95, found.high95] == pytest.approx([3 - 2.7764 * 1.0607, 3 + 2.7764 * 1.0607], abs=1e-3)
    assert [found.low90, found.high90] == pytest.approx([3 - 2.1318 * 1.0607, 3 + 2.1318 * 1.0607], abs=1e-3)
    assert found.p_zero == pytest.approx(2 * stats.t.sf(3 / 1.0607, 4), abs=1e-5)
    assert found.p_margin == pytest.approx(stats.t.sf((1 - 3) / 1.0607, 4), abs=1e-5)
    assert found.verdict == "helps"


@given(counts, st.integers(1, 2000), st.integers(1, 2000))
def test_interval_for_new_data_is_nadeau_and_bengios_and_never_narrower(d, n_train, n_test):
    alone = difference(d, MARGIN)
    found = for_new_data(alone, MARGIN, n_train, n_test)
    error = math.sqrt(d.var(ddof=1) * (1 / len(d) + n_test / n_train))
    for share, low, high in ((0.975, found.low95, found.high95), (0.95, found.low90, found.high90)):
        half = stats.t.ppf(share, len(d) - 1) * error
        assert (low, high) == pytest.approx((d.mean() - half, d.mean() + half), abs=1e-9)
    assert found.mean == alone.mean
    assert found.low95 <= alone.low95
    assert found.high95 >= alone.high95
    assert found.low90 <= alone.low90
    assert found.high90 >= alone.high90
    assert found.p_zero >= alone.p_zero - 1e-12


@settings(max_examples=300)
@given(counts, st.integers(1, 2000), st.integers(1, 2000))
def test_verdict_for_new_data_is_what_its_intervals_say(d, n_train, n_test):
    found = for_new_data(difference(d, MARGIN), MARGIN, n_train, n_test)
    assume(min(abs(MARGIN - abs(end)) for end in (found.low90, found.high90)) > 1e-9)
    assume(min(abs(end) for end in (found.low95, found.high95)) > 1e-9 or not d.any())
    if found.n < 5:
        expected = "too few seeds"
    elif not d.any():
        expected = "equal in all seeds"
    elif max(-found.low90, found.high90) < MARGIN:
        expected = "no difference that matters"
    elif found.low95 > 0 or found.high95 < 0:
        expected = "helps" if found.mean > 0 else "hurts"
    else:
        expected = "cannot tell"
    assert found.verdict == expected


@pytest.mark.parametrize("name", ["long_tailed", "small_50"])
def test_recorded_study_says_cannot_tell_of_new_data(name):
    study, split = recorded(name), STUDIES[name].draw(0)
    alone, margin = study.difference(), STUDIES[name].margin
    assert alone.verdict == "no difference that matters"
    assert for_new_data(alone, margin, len(split.y_train), len(split.y_test)).verdict == "cannot tell"
    row = recorded_overview().set_index("title").loc[STUDIES[name].title]
    assert (row["verdict"], row["new_verdict"]) == ("no difference that matters", "cannot tell")


# Several studies together


def test_holm_worked_by_hand():
    # sorted .005 .01 .03 .04; times 4, 3, 2, 1: .02 .03 .06 .04; none below one before it: .02 .03 .06 .06
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_rejects_as_its_step_down_definition_does(p_values):
    rejected, alpha = set(), 0.05
    for step, index in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        if p_values[index] * (len(p_values) - step) >= alpha:
            break
        rejected.add(index)
    assert {index for index, p in enumerate(holm(p_values)) if p < alpha} == rejected


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_is_between_no_correction_and_bonferronis(p_values):
    p, adjusted = np.array(p_values), holm(p_values)
    assert (adjusted >= p).all()
    assert (adjusted <= np.minimum(len(p) * p, 1)).all()


def test_no_p_values_need_no_correction():
    assert holm_corrected([]) == []


@given(counts)
def test_one_study_alone_is_not_holm_corrected(d):
    found = difference(d, MARGIN)
    if found.n > 1:
        assert holm_corrected([found]) == [found]


@given(st.lists(counts, min_size=2, max_size=6))
def test_correction_takes_findings_away_and_adds_none(many):
    alone = [difference(d, MARGIN) for d in many]
    for before, after in zip(alone, holm_corrected(alone), strict=True):
        assert (before.low95, before.high90, before.mean) == (after.low95, after.high90, after.mean)
        if before.verdict in ("too few seeds", "equal in all seeds", "cannot tell"):
            assert after.verdict == before.verdict
        if before.verdict in ("helps", "hurts"):
            assert after.verdict in (before.verdict, "cannot tell")


def test_correction_of_two_studies_worked_by_hand():
    weak, strong = difference([0.01, 0.0, 0.03, 0.02, 0.02], MARGIN), difference([0.1, 0.11, 0.12, 0.1, 0.11], MARGIN)
    assert (weak.verdict, round(weak.p_zero, 4), strong.verdict) == ("helps", 0.0349, "helps")
    assert [found.verdict for found in holm_corrected([weak, strong])] == ["helps", "helps"]
    assert [found.verdict for found in holm_corrected([weak, weak])] == ["cannot tell", "cannot tell"]
    assert holm_corrected([weak, weak])[0].p_zero == pytest.approx(2 * weak.p_zero)


# Sentences


def test_mean_in_words_has_its_interval_or_says_that_all_seeds_are_equal():
    low, high = stats.ttest_1samp([0.25, 0.5, 1.0], 0).confidence_interval()
    assert (round(low, 3), round(high, 2)) == (-0.365, 1.53)
    assert mean_in_words([0.25, 0.5, 1.0], " dB") == "0.583 dB (95% interval −0.365 to 1.53)"
    assert mean_in_words([75.0] * 20, "%") == "75.0% in every seed"


@pytest.mark.parametrize(
    ("d", "sentence"),
    [
        ([0.02], "1 seed is too few to say what a bias does: +2.0 points, 1 seed."),
        ([0.02, 0.03], "2 seeds are too few to say what a bias does: +2.5 points, 95% interval −3.9 to +8.9, 2 seeds."),
        ([0.0] * 6, "A bias leaves it the same in every seed: 0.0 points in each of 6 seeds."),
        ([0.25] * 20, "A bias helps: +25.0 points in each of 20 seeds."),
        (
            [0.001, -0.001, 0.002, -0.002, 0.0],
            "A bias makes no difference that matters (margin 1 point): 0.0 points, 95% interval −0.2 to +0.2, 5 seeds.",
        ),
        (
            [0.0003, 0.0004, 0.0003, 0.0004, 0.0003],
            "A bias makes no difference that matters (margin 1 point): +0.03 points, 95% interval +0.03 to +0.04, "
            "5 seeds; a smaller one was seen.",
        ),
        ([-0.3, -0.31, -0.32, -0.3, -0.31], "A bias hurts: −30.8 points, 95% interval −31.8 to −29.8, 5 seeds."),
        (
            [0.1, -0.1, 0.05, -0.05, 0.02],
            "5 seeds cannot tell whether a bias helps or hurts: +0.4 points, 95% interval −9.5 to +10.3, 5 seeds.",
        ),
    ],
)
def test_verdict_and_numbers_in_words(d, sentence):
    assert difference(d, MARGIN).sentence("a bias", MARGIN) == sentence


def test_margin_of_two_points_is_said_in_the_plural():
    assert "(margin 2 points)" in difference([0.001, -0.001, 0.002, -0.002, 0.0], 0.02).sentence("a bias", 0.02)


def test_points_have_a_true_minus_and_nothing_has_no_sign():
    assert [points(share) for share in (0.0042, -0.0033, 0.0, -0.0001, 1.0)] == ["+0.4", "−0.3", "0.0", "0.0", "+100.0"]
