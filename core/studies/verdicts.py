"""What paired differences say together: interval and verdict in words.

For n differences d (one per seed, the first arm's accuracy minus the other's), with mean m and standard error
s = std(d) / sqrt(n), and T a variable of Student's t distribution with n - 1 degrees of freedom ::

    95% interval   m +- t(0.975) s                  90% interval   m +- t(0.95) s
    p_zero   = 2 P(T > |m| / s)                     is the difference 0?
    p_margin = P(T > (margin - |m|) / s)            is it at least the margin in size? (larger of two one-sided tests)

``p_zero < 5%`` where the 95% interval excludes 0, and ``p_margin < 5%`` where the 90% interval lies inside the margin.
Sources: D. Schuirmann, "A comparison of the two one-sided tests procedure and the power approach", J. Pharmacokinetics
and Biopharmaceutics 15 (1987) 657-680; S. Holm, "A simple sequentially rejective multiple test procedure",
Scandinavian Journal of Statistics 6 (1979) 65-70.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from ..checks import number
from ..errors import InputError
from ..format import MINUS, say, setting

Floats = NDArray[np.float64]

TOO_FEW, IDENTICAL, SAME = "too few seeds", "equal in all seeds", "no difference that matters"
HELPS, HURTS, OPEN = "helps", "hurts", "cannot tell"
SMALLER = "a smaller one was seen"

FEWEST_SEEDS = 5
LEVEL = 0.05
ROUNDING = 1e-8
"""Values less apart than this are equal: a file keeps nine digits of an accuracy."""

SCOPE = (
    "The interval is about seeds on this data (other starts and batches, and other splits where the data bring none), "
    "not about new data, and the margin was fixed before any run."
)


@dataclass(frozen=True)
class Difference:
    """A mean paired difference of n seeds and what it says; all are shares of accuracy, 0.01 is one point.

    For a single seed the ends of the intervals are NaN, and both p values, which the top of this file gives, are 1.
    The note is "a smaller one was seen" beside "no difference that matters", where the difference is not 0.
    """

    n: int
    mean: float
    low95: float
    high95: float
    low90: float
    high90: float
    p_zero: float
    p_margin: float
    verdict: str
    note: str

    def sentence(self, gain: str, margin: float) -> str:
        """The verdict and its numbers: what the gain, such as "a bias", does, by the margin that it was judged with.

        Examples
        --------
        >>> print(difference([0.02, 0.03, 0.03, 0.02, 0.025], margin=0.01).sentence("a bias", 0.01))
        A bias helps: +2.5 points, 95% interval +1.9 to +3.1, 5 seeds.
        """
        what, seeds = gain[0].upper() + gain[1:], _seeds(self.n)
        words = {
            TOO_FEW: f"{seeds} {'is' if self.n == 1 else 'are'} too few to say what {gain} does",
            IDENTICAL: f"{what} leaves it the same in every seed",
            SAME: f"{what} makes no difference that matters (margin {_margin(margin)})",
            OPEN: f"{seeds} cannot tell whether {gain} helps or hurts",
        }.get(self.verdict, f"{what} {self.verdict}")
        return f"{words}: {self.numbers}{'; ' + self.note if self.note else ''}."

    @property
    def numbers(self) -> str:
        """Mean, interval and seeds in points of accuracy: "+0.4 points, 95% interval −0.3 to +1.1, 20 seeds"."""
        if self.n == 1:
            return f"{points(self.mean)} points, 1 seed"
        if self.low95 == self.high95:
            return f"{points(self.mean)} points in each of {_seeds(self.n)}"
        digits = 1 if self.high95 - self.low95 >= 0.002 else 2
        mean, low, high = (points(share, digits) for share in (self.mean, self.low95, self.high95))
        return f"{mean} points, 95% interval {low} to {high}, {_seeds(self.n)}"


def paired_differences(first: ArrayLike, second: ArrayLike) -> Floats:
    """First minus second, both accuracies seed by seed, each (n,).

    Accuracies are counts over n: without the last digits of their differences, equal ones are equal.

    Examples
    --------
    >>> 0.7 - 0.4 == 0.4 - 0.1, paired_differences([0.7, 0.4], [0.4, 0.1]).tolist()
    (False, [0.3, 0.3])
    """
    return np.asarray(np.round(np.subtract(first, second), 12), dtype=np.float64)


def difference(differences: ArrayLike, margin: float) -> Difference:
    """Mean, intervals and verdict of paired differences.

    The first of these that holds is the verdict: fewer than 5 seeds, "too few seeds"; all differences exactly 0,
    "equal in all seeds"; the 90% interval inside plus or minus the margin, "no difference that matters"; the 95%
    interval above or below 0, "helps" or "hurts"; else "cannot tell".

    Both are shares of accuracy: differences (n,), one per seed, and the margin that a reader would care about, above 0.
    An InputError where there is no difference, one is not finite, or the margin is not above 0.

    Examples
    --------
    >>> found = difference([0.001, -0.002, 0.002, 0.0, -0.001], margin=0.01)
    >>> found.verdict, round(found.high90, 4)
    ('no difference that matters', 0.0015)
    """
    d = np.asarray(differences, dtype=float)
    if d.ndim != 1 or not len(d) or not np.isfinite(d).all():
        raise InputError(f"`differences` must be a list of at least one finite number, got {differences!r}")
    number("margin", margin, 0, above=True)
    n, (mean, error) = len(d), _mean_and_error(d)
    chances = _p_values(n, mean, error, margin) if n > 1 else (1.0, 1.0)
    intervals = (*mean_interval(d), *mean_interval(d, 0.9)[1:])
    return Difference(n, *intervals, *chances, *_verdict(n, mean, *chances, identical=not d.any()))


def mean_interval(values: ArrayLike, share: float = 0.95) -> tuple[float, float, float]:
    """Mean of values (n,), and the two ends of its t interval, which hold the true mean in this share of samples.

    The ends are NaN for a single value.
    """
    numbers = np.asarray(values, dtype=float)
    mean, error = _mean_and_error(numbers)
    half = float(stats.t.ppf((1 + share) / 2, len(numbers) - 1)) * error
    return mean, mean - half, mean + half


def mean_in_words(values: ArrayLike, unit: str = "") -> str:
    """The mean of one value a seed, its 95% interval: "3.00 dB (95% interval 1.04 to 4.96)"; percents are clipped."""
    mean, low, high = mean_interval(values)
    if np.isnan(low):
        return f"{say(mean)}{unit}, 1 seed"
    if low == high:
        return f"{say(mean)}{unit} in every seed"
    ends = np.clip([low, high], 0, 100) if unit == "%" else [low, high]
    return f"{say(mean)}{unit} (95% interval {' to '.join(map(say, ends))})"


def for_new_data(found: Difference, margin: float, n_train: int, n_test: int) -> Difference:
    """The same mean for data not seen yet: Nadeau and Bengio's correction, whose intervals are wider.

    Seeds share most of their training pictures, so their differences hang together: s squared is not variance / n but
    variance (1 / n + n_test / n_train). Source: C. Nadeau and Y. Bengio, "Inference for the generalization error",
    Machine Learning 52 (2003) 239-281.

    Examples
    --------
    >>> alone = difference([0.01, 0.0, 0.03, 0.02, 0.02], margin=0.01)
    >>> alone.verdict, for_new_data(alone, 0.01, n_train=100, n_test=25).verdict
    ('helps', 'cannot tell')
    """
    factor = math.sqrt(1 + found.n * n_test / n_train)
    ends = {
        name: found.mean + factor * (getattr(found, name) - found.mean)
        for name in ("low95", "high95", "low90", "high90")
    }
    error = factor * (found.high95 - found.low95) / (2 * float(stats.t.ppf(0.975, found.n - 1)))
    chances = _p_values(found.n, found.mean, error, margin)
    verdict, note = _verdict(found.n, found.mean, *chances, identical=found.verdict == IDENTICAL)
    return replace(found, **ends, p_zero=chances[0], p_margin=chances[1], verdict=verdict, note=note)


def holm_corrected(differences: Sequence[Difference]) -> list[Difference]:
    """Several studies' differences, their p values and verdicts corrected together (Holm); the intervals stay.

    All p_zero are one family and all p_margin another: on one page the chance of any false "helps" or "hurts" is at
    most 5%, and so is that of any false "no difference that matters".

    Examples
    --------
    >>> alone = difference([0.01, 0.0, 0.03, 0.02, 0.02], margin=0.01)
    >>> alone.verdict, [found.verdict for found in holm_corrected([alone, alone])]
    ('helps', ['cannot tell', 'cannot tell'])
    """
    zeros = holm([found.p_zero for found in differences])
    margins = holm([found.p_margin for found in differences])
    judged = []
    for found, p_zero, p_margin in zip(differences, zeros.tolist(), margins.tolist(), strict=True):
        identical = found.verdict == IDENTICAL
        verdict, note = _verdict(found.n, found.mean, p_zero, p_margin, identical=identical)
        judged.append(replace(found, p_zero=p_zero, p_margin=p_margin, verdict=verdict, note=note))
    return judged


def holm(p_values: ArrayLike) -> Floats:
    """Holm's adjusted p values: the smallest times n, the next times n - 1, ..., none below one before it or above 1.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03]).tolist()
    [0.03, 0.06, 0.06]
    """
    p = np.asarray(p_values, dtype=float)
    order = np.argsort(p)
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)), 1)
    return adjusted


def points(share: float, digits: int = 1) -> str:
    """A difference in points of accuracy, with its sign.

    Examples
    --------
    >>> points(0.0042), points(-0.0033), points(0.0)
    ('+0.4', '−0.3', '0.0')
    """
    text = f"{100 * share:+.{digits}f}"
    return text.replace("-", MINUS) if float(text) else text[1:]


def _verdict(n: int, mean: float, p_zero: float, p_margin: float, *, identical: bool) -> tuple[str, str]:
    """Verdict and note, in the order that `difference` names."""
    if n < FEWEST_SEEDS:
        return TOO_FEW, ""
    if identical:
        return IDENTICAL, ""
    if p_margin < LEVEL:
        return SAME, SMALLER if p_zero < LEVEL else ""
    if p_zero < LEVEL:
        return (HELPS if mean > 0 else HURTS), ""
    return OPEN, ""


def _mean_and_error(values: Floats) -> tuple[float, float]:
    """Mean and standard error; the error of a single value is NaN."""
    if len(values) == 1:
        return float(values[0]), math.nan
    if np.ptp(values) < ROUNDING:  # which may put mean and error a hair off
        return float(values[0]), 0.0
    return float(values.mean()), float(values.std(ddof=1)) / math.sqrt(len(values))


def _p_values(n: int, mean: float, error: float, margin: float) -> tuple[float, float]:
    """p_zero and p_margin."""
    zero, far = stats.t.sf([_ratio(abs(mean), error), _ratio(margin - abs(mean), error)], n - 1)
    return min(2 * float(zero), 1.0), float(far)


def _ratio(distance: float, error: float) -> float:
    """Distance in standard errors, also where all differences are equal."""
    if error:
        return distance / error
    return math.copysign(math.inf, distance) if distance else 0.0


def _margin(share: float) -> str:
    number = setting(100 * share)
    return f"{number} point" if number == "1" else f"{number} points"


def _seeds(n: int) -> str:
    return "1 seed" if n == 1 else f"{say(n)} seeds"
