"""Intervals for one proportion from counts."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeAlias, TypeVar, overload

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainccinv, betaincinv, ndtri

from survey.stats.counts import (
    Count,
    CountArray,
    FloatArray,
    IntArray,
    choice,
    share,
    successes_of,
)
from survey.stats.version import VERSION

T_co = TypeVar("T_co", bound=float | NDArray[Any], covariant=True)
Bounds: TypeAlias = tuple[FloatArray, FloatArray]

# Rows worked on at a time: the handful of arrays of one block stay in the processor's cache,
# which makes a million intervals faster than one pass of plain array arithmetic.
BLOCK = 8192


@dataclass(frozen=True)
class Interval(Generic[T_co]):
    """An interval with the method that made it.

    Attributes
    ----------
    low, high : float or numpy.ndarray of float64
        The two ends, as shares; NaN where nothing was answered.
    method : str
        The name of the method.
    level : float
        The confidence level, for example 0.95.
    version : str
        The version of the numbers (`survey.stats.version`).
    """

    low: T_co
    high: T_co
    method: str
    level: float
    version: str = VERSION


@overload
def interval(
    satisfied: Count, answered: Count, *, method: str = ..., level: float = ...
) -> Interval[float]: ...
@overload
def interval(
    satisfied: CountArray, answered: Count | CountArray, *, method: str = ..., level: float = ...
) -> Interval[FloatArray]: ...
@overload
def interval(
    satisfied: Count, answered: CountArray, *, method: str = ..., level: float = ...
) -> Interval[FloatArray]: ...
def interval(
    satisfied: Count | CountArray,
    answered: Count | CountArray,
    *,
    method: str = "wilson",
    level: float = 0.95,
) -> Interval[Any]:
    """Two-sided, equal-tailed interval for a proportion, from counts.

    Parameters
    ----------
    satisfied : int or array-like of int
        How many of those who answered were satisfied.
    answered : int or array-like of int
        How many answered; same shape, or one that broadcasts.
    method : {'wilson', 'clopper_pearson', 'jeffreys', 'agresti_coull'}
        'wilson' is the score interval without continuity correction; 'clopper_pearson' never
        covers less than the level; 'jeffreys' is the beta(1/2, 1/2) interval with 0 and 1 as
        the outer end where nobody, or everybody, was satisfied; 'agresti_coull' is not clipped
        and may leave [0, 1].
    level : float
        Confidence level, strictly between 0 and 1.

    Returns
    -------
    Interval
        `low` and `high` are shares: floats for two scalars, otherwise arrays of the common
        shape. Both are NaN where `answered` is 0. Wilson, Clopper-Pearson and Jeffreys end at
        exactly 0 where `satisfied` is 0 and at exactly 1 where all were satisfied.

    Raises
    ------
    ValueError
        For counts that are NaN, negative, not whole, or `satisfied` above `answered`; for a
        level outside (0, 1); for an unknown method.

    Notes
    -----
    The interval speaks of chance variation only. Weighted counts do not belong here.

    References
    ----------
    E. B. Wilson (1927), J. Am. Stat. Assoc. 22:209-212. C. J. Clopper and E. S. Pearson (1934),
    Biometrika 26:404-413. L. D. Brown, T. T. Cai and A. DasGupta (2001), Statistical Science
    16:101-133 (Jeffreys, Agresti-Coull, and the choice between them).

    Examples
    --------
    >>> ratings = interval(9, 9)
    >>> round(ratings.low, 4), ratings.high
    (0.7009, 1.0)
    >>> interval([0, 5], [0, 10], method="jeffreys").low.round(4).tolist()
    [nan, 0.2235]
    """
    bounds = METHODS[choice("method", method, list(METHODS))]
    level = share("level", level)
    s, n = successes_of(satisfied, answered)
    low, high = _by_block(bounds, s, n, (1 - level) / 2)
    if low.ndim == 0:
        return Interval(float(low), float(high), method, level)
    return Interval(low, high, method, level)


Method: TypeAlias = Callable[[IntArray, IntArray, float], Bounds]


def _by_block(bounds: Method, s: IntArray, n: IntArray, tail: float) -> Bounds:
    flat_s, flat_n = s.reshape(-1), n.reshape(-1)
    low, high = np.empty(flat_s.size), np.empty(flat_s.size)
    with np.errstate(divide="ignore", invalid="ignore"):
        for start in range(0, flat_s.size, BLOCK):
            rows = slice(start, start + BLOCK)
            low[rows], high[rows] = bounds(flat_s[rows], flat_n[rows], tail)
    return low.reshape(s.shape), high.reshape(s.shape)


def _with_exact_ends(s: IntArray, n: IntArray, low: NDArray[Any], high: NDArray[Any]) -> Bounds:
    # Rounding would leave 1 - 1e-16 here, and "all satisfied" would look like "nearly all".
    low[s == 0] = 0.0
    high[s == n] = 1.0
    nothing = n == 0
    low[nothing] = high[nothing] = np.nan
    return low, high


def _wilson(s: IntArray, n: IntArray, tail: float) -> Bounds:
    z = -float(ndtri(tail))
    trials = n.astype(np.float64)
    spread = s * (trials - s)
    spread /= trials
    spread += z * z / 4
    np.sqrt(spread, out=spread)
    spread *= z
    centre = s + z * z / 2
    trials += z * z
    low = centre - spread
    low /= trials
    centre += spread
    centre /= trials
    return _with_exact_ends(s, n, low, centre)


def _clopper_pearson(s: IntArray, n: IntArray, tail: float) -> Bounds:
    # A beta parameter of 0 occurs only at an end, which is set exactly afterwards.
    low = betaincinv(np.maximum(s, 1), n - s + 1, tail)
    high = betainccinv(s + 1, np.maximum(n - s, 1), tail)
    return _with_exact_ends(s, n, low, high)


def _jeffreys(s: IntArray, n: IntArray, tail: float) -> Bounds:
    low = betaincinv(s + 0.5, n - s + 0.5, tail)
    high = betainccinv(s + 0.5, n - s + 0.5, tail)
    return _with_exact_ends(s, n, low, high)


def _agresti_coull(s: IntArray, n: IntArray, tail: float) -> Bounds:
    z = -float(ndtri(tail))
    trials = n + z * z
    rate = (s + z * z / 2) / trials
    half = z * np.sqrt(rate * (1 - rate) / trials)
    half[n == 0] = np.nan
    return rate - half, rate + half


METHODS: dict[str, Method] = {
    "wilson": _wilson,
    "clopper_pearson": _clopper_pearson,
    "jeffreys": _jeffreys,
    "agresti_coull": _agresti_coull,
}
