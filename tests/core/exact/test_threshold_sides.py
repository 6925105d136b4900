"""The four fates of a pre-activation: every count against the definition, z + b > 0 with bias and z > 0 without."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.exact.threshold_sides import FATES, bin_edges, fate_counts, fate_shares

numbers = st.floats(-1e6, 1e6) | st.sampled_from(np.arange(-8, 9) / 4)
samples = arrays(np.float64, st.integers(1, 40), elements=numbers)


def by_hand(values, bias):
    """Fate -> how many values, one value after the other."""
    names = {(True, False): FATES[0], (False, True): FATES[1], (True, True): FATES[2], (False, False): FATES[3]}
    counts = dict.fromkeys(FATES, 0)
    for z in values.tolist():
        counts[names[z + bias > 0, z > 0]] += 1
    return counts


def counted(values, bias, n_bins=60):
    """Fate -> how many values, by the histogram."""
    frame = pd.DataFrame(fate_counts(np.sort(values), bin_edges(values, n_bins), bias))
    return {fate: int(frame.loc[frame["fate"] == fate, "count"].sum()) for fate in FATES}


# The bins


@settings(max_examples=300)
@given(samples, st.integers(1, 80))
def test_edges_increase_cover_all_values_and_one_is_exactly_0(values, n_bins):
    edges = bin_edges(values, n_bins)
    assert (np.diff(edges) > 0).all()
    assert edges[0] < values.min()
    assert edges[-1] >= values.max()
    assert np.count_nonzero(edges == 0) == 1


def test_the_largest_of_only_positive_values_is_inside_the_last_bin():
    # rounding leaves 60 * (z / 60) below z for some numbers: the last of 60 edges then misses the largest value
    values = np.random.default_rng(0).random(1000)
    assert (60 * (values / 60) < values).sum() > 10
    assert all(bin_edges(np.array([z]))[-1] >= z for z in values)


def test_a_tiny_positive_value_beside_negative_ones_has_a_bin():
    values = np.array([-1.0, 1e-30])
    assert bin_edges(values, 2).tolist() == [-1.5, -1.0, -0.5, 0.0, 0.5]
    assert counted(values, 0.0)["passes in both"] == 1


def test_edges_worked_by_hand():
    assert bin_edges(np.array([1.0, 4.0]), 4).tolist() == [-1, 0, 1, 2, 3, 4]
    assert bin_edges(np.array([[-4.0], [-1.0]]), 4).tolist() == [-5, -4, -3, -2, -1, 0]
    assert bin_edges(np.array([-1.0, 0.5]), 3).tolist() == [-1.5, -1, -0.5, 0, 0.5]


@pytest.mark.parametrize("n_bins", [1, 40, 60])
def test_sums_of_0_alone_leave_room_for_a_threshold_on_both_sides(n_bins):
    edges = bin_edges(np.zeros((3, 3)), n_bins)
    assert edges.min() <= -1 < 0 < 1 <= edges.max()
    assert 0 in edges


@pytest.mark.parametrize("value", [-7.5, -1e-3, 1e-3, 0.1, 7.5])
def test_constant_sums_have_bins_from_0_to_their_value(value):
    edges = bin_edges(np.full(5, value), 10)
    assert edges.min() == pytest.approx(min(value, 0) - abs(value) / 10)
    assert max(value, 0) <= edges.max() <= max(value, 0) + 0.1001 * abs(value)


@given(samples, st.integers(1, 80))
def test_bins_are_equally_wide_and_about_as_many_as_asked(values, n_bins):
    edges = bin_edges(values, n_bins)
    widths = np.diff(edges)
    np.testing.assert_allclose(widths, widths[0], rtol=1e-9)
    assert len(widths) <= n_bins + 4
    if values.any():
        assert len(widths) >= n_bins


# The counts


@given(samples, numbers, st.integers(1, 80))
@settings(max_examples=300)
def test_each_fate_has_as_many_values_as_the_definition_says(values, bias, n_bins):
    assert counted(values, bias, n_bins) == by_hand(values, bias)


@given(samples, numbers)
def test_counts_of_a_bin_are_the_values_in_it_and_their_fates(values, bias):
    frame = pd.DataFrame(fate_counts(np.sort(values), bin_edges(values), bias))
    assert (frame["count"] > 0).all()
    assert frame["count"].sum() == values.size
    assert not frame.duplicated(["start", "fate"]).any()
    for start, end, fate, order, count in frame.itertuples(index=False):
        inside = values[(values > start) & (values <= end)]
        assert by_hand(inside, bias)[fate] == count
        assert FATES[order] == fate


@given(samples, numbers)
def test_bins_of_the_histogram_are_the_given_edges_whatever_b_is(values, bias):
    edges = bin_edges(values)
    neighbours = set(zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True))
    frame = pd.DataFrame(fate_counts(np.sort(values), edges, bias))
    assert set(frame[["start", "end"]].itertuples(index=False, name=None)) <= neighbours


@given(samples, numbers)
def test_values_per_bin_do_not_change_with_b(values, bias):
    ordered, edges = np.sort(values), bin_edges(values)
    totals = [
        pd.DataFrame(fate_counts(ordered, edges, b)).groupby("start")["count"].sum().to_dict() for b in (0.0, bias)
    ]
    assert totals[0] == totals[1]


def test_bin_with_the_threshold_inside_is_split_by_hand():
    # bins (-1, 0] (0, 1]; with b = 0.5 the threshold is at -0.5 and splits the first
    frame = pd.DataFrame(fate_counts(np.array([-0.9, -0.5, -0.4, 0.0, 0.7]), np.array([-1.0, 0.0, 1.0]), 0.5))
    assert frame.to_numpy().tolist() == [
        [-1.0, 0.0, "stopped in both", 3, 2],
        [-1.0, 0.0, "only with b", 0, 2],
        [0.0, 1.0, "passes in both", 2, 1],
    ]


@pytest.mark.parametrize("bias", [-2.0, -0.25, 0.0, 0.1, 1 / 3, 1.5])
def test_value_exactly_at_a_threshold_is_stopped(bias):
    assert counted(np.array([-bias]), bias) == by_hand(np.array([-bias]), bias)
    stopped = "stopped by b" if -bias > 0 else "stopped in both"
    assert counted(np.array([-bias]), bias)[stopped] == 1
    assert fate_shares(np.array([-bias]), bias)[stopped] == 1
    above = np.nextafter(-bias, np.inf)
    assert counted(np.array([above]), bias)[stopped] == 0


def test_value_at_0_is_stopped_without_bias():
    assert counted(np.zeros(3), 0.0)["stopped in both"] == 3
    assert counted(np.zeros(3), 1.0)["only with b"] == 3


def test_a_huge_bias_passes_or_stops_everything():
    values = np.array([-3.0, -1.0, 0.0, 2.0])
    assert counted(values, 1e6) == {"only with b": 3, "stopped by b": 0, "passes in both": 1, "stopped in both": 0}
    assert counted(values, -1e6) == {"only with b": 0, "stopped by b": 1, "passes in both": 0, "stopped in both": 3}


@given(samples)
def test_without_a_shift_nothing_changes_its_fate(values):
    counts = counted(values, 0.0)
    assert counts["only with b"] == counts["stopped by b"] == 0


@given(samples, numbers)
def test_a_positive_b_stops_nothing_and_a_negative_one_adds_nothing(values, bias):
    assert counted(values, bias)["stopped by b" if bias >= 0 else "only with b"] == 0


# The shares


@given(samples, numbers)
def test_shares_add_up_to_1_and_agree_with_the_counts(values, bias):
    shares = fate_shares(values, bias)
    assert tuple(shares) == FATES
    assert sum(shares.values()) == pytest.approx(1, abs=1e-12)
    counts = {fate: count / values.size for fate, count in counted(values, bias).items()}
    assert shares == pytest.approx(counts, abs=1e-12)


def test_shares_worked_by_hand():
    values = np.array([-3.0, -1.0, 1.0, 3.0])
    assert fate_shares(values, 2.0) == dict(zip(FATES, (0.25, 0, 0.5, 0.25), strict=True))
    assert fate_shares(values, -2.0) == dict(zip(FATES, (0, 0.25, 0.25, 0.5), strict=True))


@pytest.mark.parametrize(("bias", "share"), [(1e6, 1.0), (-1e6, 0.0)])
def test_a_huge_bias_makes_every_unit_active_or_none(bias, share):
    shares = fate_shares(np.random.default_rng(0).standard_normal(100), bias)
    assert shares["passes in both"] + shares["only with b"] == pytest.approx(share)
