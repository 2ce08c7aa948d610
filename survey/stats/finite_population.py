"""Intervals for the rate of a finite population of which some were asked."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri
from scipy.stats import binom

from survey.stats.counts import (
    FloatArray,
    IntArray,
    ScalarOrArray,
    as_given,
    choice,
    counts,
    share,
    spread,
    successes_of,
)
from survey.stats.effective import wilson_ends
from survey.stats.version import VERSION

METHODS = ("wilson", "hypergeometric")

# A tail that equals half of alpha exactly must not count as larger because of rounding.
ROUNDING = 1e-11

# Terms of the tail added up in one go.
TERMS = 128


@dataclass(frozen=True)
class FiniteInterval:
    """An interval for the share of a finite population.

    Attributes
    ----------
    low, high : float or numpy.ndarray of float64
        Ends as shares of the population; NaN where nothing was answered or the population is
        smaller than the number of answers.
    low_count, high_count : int, None or numpy.ndarray
        The same ends as whole members of the population (-1 where not defined), for the methods
        that count members; None for the others.
    effective : float, None or numpy.ndarray of float64
        Effective number of answers of Wilson's method, infinite at a full count; None for others.
    consistent : bool or numpy.ndarray of bool
        False where there are more answers than members: then nothing is corrected or clipped.
    method : str
    level : float
    version : str
    """

    low: ScalarOrArray
    high: ScalarOrArray
    low_count: ScalarOrArray
    high_count: ScalarOrArray
    effective: ScalarOrArray
    consistent: ScalarOrArray
    method: str
    level: float
    version: str = VERSION


def finite_interval(
    satisfied: object,
    answered: object,
    population: object,
    *,
    method: str = "wilson",
    level: float = 0.95,
) -> FiniteInterval:
    """Interval for a finite population's rate, taking the answers as a random sample of it.

    Parameters
    ----------
    satisfied, answered : int or array-like of int
        Counts; shapes that broadcast.
    population : int or array-like of int
        How many could have answered.
    method : {'wilson', 'hypergeometric'}
        'wilson' puts the effective size ``n (N - 1) / (N - n)`` into Wilson's interval and clips
        it to what is still possible; 'hypergeometric' inverts the exact equal-tailed test and
        never covers less than the level.
    level : float
        Confidence level, strictly between 0 and 1.

    Returns
    -------
    FiniteInterval
        Width 0 at a full count.

    Raises
    ------
    ValueError
        For bad counts, a bad level or an unknown method. More answers than members is no error
        but a finding: `consistent` is False there and both ends are NaN.

    Notes
    -----
    Only where the page says that the answers are taken as a random sample of the population, and
    only where they cover more than about 5 % of it; otherwise the plain interval is the honest
    one. The hypergeometric method works in shares of 1e-13 and takes a tail within 1e-11 of half
    of alpha as equal to it. Its ends are whole members: near a full count the rate of the sample
    may lie a fraction of a member outside (1 of 79 answers of 80 members: exactly 1 of 80).

    References
    ----------
    W. G. Cochran (1977), Sampling Techniques, sections 2.8 and 3.6. T. Wright (1991), Exact
    Confidence Bounds when Sampling from Small Finite Universes.

    Examples
    --------
    >>> found = finite_interval(9, 9, 12)
    >>> found.effective, round(found.low, 4), found.high
    (33.0, 0.8957, 1.0)
    >>> exact = finite_interval(9, 9, 12, method="hypergeometric")
    >>> exact.low_count, exact.high_count
    (10, 12)
    >>> bool(finite_interval(9, 9, 8).consistent)
    False
    """
    choice("method", method, METHODS)
    level = share("level", level)
    s, n = successes_of(satisfied, answered)
    s, n, members = spread(satisfied=s, answered=n, population=counts("population", population))
    consistent = np.asarray(n <= members)
    if method == "wilson":
        return _wilson(s, n, members, consistent, level)
    tail = float(1 - Fraction(str(level))) / 2
    usable = consistent & (n > 0)
    low_count, high_count = np.full(s.shape, -1), np.full(s.shape, -1)
    low_count[usable] = _smallest(s[usable], n[usable], members[usable], tail)
    high_count[usable] = members[usable] - _smallest(
        (n - s)[usable], n[usable], members[usable], tail
    )
    return count_interval(low_count, high_count, members, consistent, method, level)


def count_interval(
    low: IntArray,
    high: IntArray,
    members: IntArray,
    consistent: NDArray[np.bool_],
    method: str,
    level: float,
) -> FiniteInterval:
    """Put ends that are whole members (-1: not defined) into a result, as shares besides."""
    safe = np.maximum(members, 1)
    shares = [np.where(end < 0, np.nan, end / safe) for end in (low, high)]
    return FiniteInterval(
        low=as_given(shares[0]),
        high=as_given(shares[1]),
        low_count=as_given(low),
        high_count=as_given(high),
        effective=None,
        consistent=as_given(consistent),
        method=method,
        level=level,
    )


def _wilson(
    s: IntArray, n: IntArray, members: IntArray, consistent: NDArray[np.bool_], level: float
) -> FiniteInterval:
    total = members.astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = np.where(consistent, s / n, np.nan)
        effective = np.where(n == members, np.inf, n * ((total - 1) / (total - n)))
        effective = np.where(consistent & (n > 0), effective, 0.0)
        low, high = wilson_ends(rate, effective, -float(ndtri((1 - level) / 2)))
        low, high = np.maximum(low, s / total), np.minimum(high, (members - n + s) / total)
    defined = effective > 0
    return FiniteInterval(
        low=as_given(np.where(defined, low, np.nan)),
        high=as_given(np.where(defined, high, np.nan)),
        low_count=None,
        high_count=None,
        effective=as_given(np.where(defined, effective, np.nan)),
        consistent=as_given(consistent),
        method="wilson",
        level=level,
    )


def _smallest(s: IntArray, n: IntArray, members: IntArray, tail: float) -> IntArray:
    """The smallest number of satisfied members under which s or more is not too rare."""
    below, enough = s - 1, members - n + s
    while (searching := enough - below > 1).any():
        middle = (below + enough) // 2
        plausible = _is_plausible(s, n, middle, members, tail)
        enough = np.where(searching & plausible, middle, enough)
        below = np.where(searching & ~plausible, middle, below)
    return enough


def _is_plausible(
    s: IntArray, n: IntArray, marked: IntArray, members: IntArray, tail: float
) -> NDArray[np.bool_]:
    # Up to the mean at least half of the probability lies at or above s (the median of a
    # hypergeometric count is the mean rounded down or up: A. Siegel 2001), so only the short
    # side is ever added up.
    result = s * members.astype(np.float64) <= n * marked.astype(np.float64)
    short = ~result
    chosen = s[short], n[short], marked[short], members[short]
    result[short] = _upper_tail(*chosen) > tail * (1 + ROUNDING)
    return np.asarray(result)


def _upper_tail(s: IntArray, n: IntArray, marked: IntArray, members: IntArray) -> FloatArray:
    """P(X >= s), s above the mean: n drawn without replacement, `marked` of `members` satisfied.

    The first term is a ratio of three binomial probabilities, which keeps 13 digits where
    differences of log-gammas would keep 8 (C. Loader 2000, Fast and Accurate Computation of
    Binomial Probabilities); the others follow by their ratios until they add nothing.
    """
    p = n / members
    first = np.asarray(binom.pmf(s, marked, p) * binom.pmf(n - s, members - marked, p))
    term = (first / binom.pmf(n, members, p))[:, np.newaxis]
    total = term[:, 0].copy()
    size, drawn, all_of, k = (a[:, np.newaxis] for a in (marked, n, members, s.astype(np.float64)))
    k = k + np.arange(TERMS)
    while (term[:, -1] > total * 1e-17).any():
        rest = np.maximum(all_of - size - drawn + k + 1, 1)
        ratio = np.maximum(size - k, 0) * np.maximum(drawn - k, 0) / ((k + 1) * rest)
        term = term[:, -1:] * np.cumprod(ratio, axis=1)
        total += term.sum(axis=1)
        k = k + TERMS
    return total
