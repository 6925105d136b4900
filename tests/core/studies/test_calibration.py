"""How often methods tell a false story, simulated: why a study gives t intervals over seeds, and from five seeds on.

A pair of networks is simulated by its 360 test pictures: on a share of them, drawn anew for each seed, exactly one of
the two is right, and it is the first with a chance that the true difference sets. No network is trained.
`python -m pytest -m slow` checks the figures; `calibration_table()` gives them for the README.
"""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from core.studies.verdicts import SAME, difference

pytestmark = pytest.mark.release

PICTURES = 360
DISPUTED = 0.02  # share of pictures that one of the two gets right: differences spread by 0.7 points, as on digits
MARGIN = 0.01


def simulated(n_studies, n_seeds, true_difference=0.0, *, seed=0):
    """Paired differences (n_studies, n_seeds), whose expectation is the true difference."""
    random = np.random.default_rng(seed)
    disputed = random.binomial(PICTURES, max(DISPUTED, 2 * abs(true_difference)), (n_studies, n_seeds))
    chance = 0.5 + true_difference / 2 / max(DISPUTED, 2 * abs(true_difference))
    return (2 * random.binomial(disputed, chance) - disputed) / PICTURES


def shares(d, margin=MARGIN):
    """Verdict -> share of studies."""
    return pd.Series([difference(study, margin).verdict for study in d]).value_counts(normalize=True)


def called(d):
    """Method -> share of studies in which it calls a difference."""
    error = d.std(axis=1, ddof=1, keepdims=True) / np.sqrt(d.shape[1])
    mean = d.mean(axis=1, keepdims=True)
    p_zero = np.array([difference(study, MARGIN).p_zero for study in d])
    random = np.random.default_rng(1)
    resampled = np.stack([d[:, random.integers(0, d.shape[1], d.shape[1])].mean(axis=1) for _ in range(1000)], axis=1)
    # one resampling of places for all studies: within a study it is as random as one of its own
    low, high = np.percentile(resampled, [2.5, 97.5], axis=1)
    return {
        "t interval": np.mean(p_zero < 0.05),
        "z interval": np.mean(np.abs(mean) > 1.96 * error),
        "percentile bootstrap": np.mean((low > 0) | (high < 0)),
        "larger mean": np.mean(np.abs(d.sum(axis=1)) > 1e-9),
    }


def calibration_table(n_studies=4000):
    """Share of studies that call a difference where there is none: a row per number of seeds, a column per method."""
    rows = {n_seeds: called(simulated(n_studies, n_seeds)) for n_seeds in (5, 10, 20)}
    return pd.DataFrame(rows).T.rename_axis("seeds")


@pytest.fixture(scope="module")
def table():
    return calibration_table()


def within(share, expected, n=4000):
    """Whether a share of n simulated studies is one that this chance gives in all but one of 10,000 cases."""
    low, high = stats.binom.interval(0.9999, n, expected)
    return low <= share * n <= high


@pytest.mark.parametrize("n_seeds", [5, 10, 20])
def test_t_interval_calls_a_false_difference_in_about_5_percent(table, n_seeds):
    assert within(table.loc[n_seeds, "t interval"], 0.05)


@pytest.mark.parametrize("n_seeds", [5, 10, 20])
def test_z_interval_calls_one_as_often_as_t_passes_its_quantile(table, n_seeds):
    assert within(table.loc[n_seeds, "z interval"], 2 * stats.t.sf(1.96, n_seeds - 1))  # 12.2, 8.2 and 6.5 percent


def test_bootstrap_interval_of_5_seeds_calls_one_in_12_to_17_percent(table):
    assert 0.12 < table.loc[5, "percentile bootstrap"] < 0.17


def test_larger_mean_calls_one_nearly_always(table):
    assert (table["larger mean"] > 0.9).all()


@pytest.mark.parametrize("n_seeds", [3, 4, 5, 6])
def test_wilcoxon_needs_6_seeds_to_reach_5_percent(n_seeds):
    smallest = stats.wilcoxon(np.arange(1.0, n_seeds + 1), method="exact").pvalue
    assert smallest == 2 / 2**n_seeds
    assert (smallest < 0.05) == (n_seeds >= 6)


@pytest.mark.parametrize("n_seeds", [5, 10, 20])
@pytest.mark.parametrize("sign", [1, -1])
def test_normal_difference_of_the_margin_passes_for_none_that_matters_in_5_percent_at_most(n_seeds, sign):
    d = np.random.default_rng(n_seeds).normal(sign * MARGIN, 0.007, (4000, n_seeds))
    assert shares(d).get(SAME, 0) * 4000 <= stats.binom.ppf(0.9999, 4000, 0.05)


@pytest.mark.parametrize("n_seeds", [5, 10, 20])
def test_counted_difference_of_the_margin_does_so_in_4_to_7_percent(n_seeds):
    # counts of pictures are skewed where one side wins most of them, and t intervals are a little off
    assert 0.04 < shares(simulated(4000, n_seeds, MARGIN))[SAME] < 0.07


def test_power_grows_with_seeds():
    helps = [shares(simulated(1000, n_seeds, 0.02)).get("helps", 0) for n_seeds in (5, 10, 20)]
    none = [shares(simulated(1000, n_seeds)).get(SAME, 0) for n_seeds in (5, 10, 20)]
    assert helps == sorted(helps)
    assert none == sorted(none)
    assert helps[2] > 0.99
    assert none[2] > 0.99


def test_true_harm_is_never_called_help():
    assert "helps" not in shares(simulated(1000, 10, -0.02))


def test_simulated_differences_have_the_true_mean():
    d = simulated(2000, 20, 0.01)
    assert d.mean() == pytest.approx(0.01, abs=5 * d.std() / np.sqrt(d.size))


if __name__ == "__main__":
    print(calibration_table())
