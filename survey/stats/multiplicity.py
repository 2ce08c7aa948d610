"""Many comparisons at once: p-values against a target, and their adjustment."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

from survey.stats.counts import (
    FloatArray,
    ScalarOrArray,
    as_given,
    choice,
    exact_share,
    share,
    successes_of,
)
from survey.stats.version import VERSION

SIDES = ("below", "above")
TAILS = ("mid_p", "exact")


def target_p_value(
    satisfied: object,
    answered: object,
    target: Fraction,
    *,
    side: str = "below",
    tail: str = "mid_p",
) -> ScalarOrArray:
    """One-sided p-value for a rate that lies below, or above, a target.

    Parameters
    ----------
    satisfied, answered : int or array-like of int
        Counts; shapes that broadcast.
    target : fractions.Fraction
        An exact share in [0, 1].
    side : {'below', 'above'}
        What is to be shown; the p-value is small when the count is too low, or too high, for
        the target.
    tail : {'mid_p', 'exact'}
        'mid_p' counts half of the probability of the count itself and is nearer to its nominal
        size on average; 'exact' counts all of it and is never too small.

    Returns
    -------
    float or numpy.ndarray of float64
        NaN where nothing was answered.

    Raises
    ------
    ValueError
        For bad counts, a target that is not an exact share, or an unknown side or tail.

    References
    ----------
    H. O. Lancaster (1961), J. Am. Stat. Assoc. 56:223-234 (mid-p).

    Examples
    --------
    >>> round(target_p_value(80, 100, Fraction(9, 10)), 5)
    0.00139
    >>> round(target_p_value(80, 100, Fraction(9, 10), tail="exact"), 5)
    0.00198
    """
    choice("side", side, SIDES)
    choice("tail", tail, TAILS)
    rate = float(exact_share("target", target))
    s, n = successes_of(satisfied, answered)
    if side == "above":
        s, rate = n - s, 1 - rate
    p = binom.cdf(s, n, rate)
    if tail == "mid_p":
        p = p - binom.pmf(s, n, rate) / 2
    return as_given(np.where(n == 0, np.nan, np.clip(p, 0, 1)))


@dataclass(frozen=True)
class Flags:
    """Which of a family of comparisons stand after adjustment.

    Attributes
    ----------
    flagged : numpy.ndarray of bool
        False also where the p-value is NaN.
    adjusted : numpy.ndarray of float64
        Adjusted p-values; NaN where the p-value is.
    count : int
        How many are flagged.
    family : int
        How many p-values there are, NaN not counted.
    expected_false : float
        How many of the flagged are expected to be false at most: rate x count for the methods
        that hold the false discovery rate; NaN for Holm, which holds the chance of any.
    rate : float
        The false discovery rate, or the family-wise error rate, that was asked for.
    method, version : str
    """

    flagged: NDArray[np.bool_]
    adjusted: FloatArray
    count: int
    family: int
    expected_false: float
    rate: float
    method: str
    version: str = VERSION


def adjust(p_values: object, *, method: str = "bh") -> FloatArray:
    """Adjust p-values for the number of comparisons.

    Parameters
    ----------
    p_values : array-like of float
        One family, one dimension, each in [0, 1]. NaN ("no data") stays NaN and is not counted.
    method : {'bh', 'by', 'holm'}
        'bh' holds the false discovery rate for independent or positively dependent tests
        (Benjamini and Hochberg); 'by' for any dependence (Benjamini and Yekutieli); 'holm'
        holds the chance of a single false finding.

    Returns
    -------
    numpy.ndarray of float64

    Raises
    ------
    ValueError
        For p-values outside [0, 1] or not in one row, or an unknown method.

    References
    ----------
    Y. Benjamini and Y. Hochberg (1995), J. R. Stat. Soc. B 57:289-300. Y. Benjamini and D.
    Yekutieli (2001), Annals of Statistics 29:1165-1188. S. Holm (1979), Scand. J. Statistics
    6:65-70.

    Examples
    --------
    >>> adjust([0.01, 0.02, 0.03, 0.04, 0.05]).round(3).tolist()
    [0.05, 0.05, 0.05, 0.05, 0.05]
    >>> adjust([0.01, float("nan"), 0.02], method="holm").round(3).tolist()
    [0.02, nan, 0.02]
    """
    adjustment = METHODS[choice("method", method, list(METHODS))]
    p = np.asarray(p_values, dtype=np.float64)
    if p.ndim != 1:
        raise ValueError(f"p_values must be in one row, got shape {p.shape}")
    known = ~np.isnan(p)
    if ((p[known] < 0) | (p[known] > 1)).any():
        raise ValueError("p_values must lie in 0 to 1")
    order = np.argsort(p[known], kind="stable")
    adjusted = np.empty(order.size)
    adjusted[order] = np.minimum(adjustment(p[known][order]), 1)
    result = np.full(p.shape, np.nan)
    result[known] = adjusted
    return result


def _bh(ascending: FloatArray) -> FloatArray:
    m = ascending.size
    scaled = ascending * m / np.arange(1, m + 1)
    return np.asarray(np.minimum.accumulate(scaled[::-1])[::-1])


def _by(ascending: FloatArray) -> FloatArray:
    return _bh(ascending) * float((1 / np.arange(1, ascending.size + 1)).sum())


def _holm(ascending: FloatArray) -> FloatArray:
    m = ascending.size
    return np.asarray(np.maximum.accumulate(ascending * np.arange(m, 0, -1)))


Adjustment: TypeAlias = Callable[[FloatArray], FloatArray]
METHODS: dict[str, Adjustment] = {"bh": _bh, "by": _by, "holm": _holm}


def flag(p_values: object, *, rate: float = 0.05, method: str = "bh") -> Flags:
    """Flag the comparisons that stand after adjustment, and say how many of them are by chance.

    Parameters
    ----------
    p_values : array-like of float
        As for `adjust`: one family, for example one measure in one period.
    rate : float
        False discovery rate (family-wise error rate for Holm), strictly between 0 and 1.
    method : {'bh', 'by', 'holm'}

    Returns
    -------
    Flags

    Raises
    ------
    ValueError
        As `adjust`, and for a bad rate.

    Examples
    --------
    >>> found = flag([0.001, 0.008, 0.04, 0.5])
    >>> found.flagged.tolist(), found.count, found.family, found.expected_false
    ([True, True, False, False], 2, 4, 0.1)
    """
    rate = share("rate", rate)
    adjusted = adjust(p_values, method=method)
    flagged = np.nan_to_num(adjusted, nan=2.0) <= rate
    count = int(flagged.sum())
    return Flags(
        flagged=flagged,
        adjusted=adjusted,
        count=count,
        family=int((~np.isnan(adjusted)).sum()),
        expected_false=float("nan") if method == "holm" else rate * count,
        rate=rate,
        method=method,
    )
