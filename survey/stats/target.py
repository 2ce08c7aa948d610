"""A rate against a target: exactly by count, and statistically by interval."""

import operator
from collections.abc import Callable
from enum import StrEnum
from fractions import Fraction
from typing import Any, Protocol, overload

import numpy as np
from numpy.typing import NDArray

from survey.stats.counts import (
    Count,
    CountArray,
    FloatArray,
    IntArray,
    choice,
    exact_share,
    successes_of,
)

COMPARED: dict[str, Callable[[Any, Any], Any]] = {
    ">=": operator.ge,
    ">": operator.gt,
    "<=": operator.le,
    "<": operator.lt,
}
"""What each comparator asks of two whole numbers, or of two arrays of them."""
COMPARATORS = tuple(COMPARED)


class Verdict(StrEnum):
    """What an interval says about a target.

    `MET`: every value in the interval reaches the target. `NOT_MET`: no value does.
    `NOT_ENOUGH`: some do and some do not, the data cannot tell. `NO_RATINGS`: nothing was
    answered, so there is no interval.
    """

    MET = "met"
    NOT_MET = "not_met"
    NOT_ENOUGH = "not_enough"
    NO_RATINGS = "no_ratings"


_BY_CODE = np.array(
    [Verdict.NOT_ENOUGH, Verdict.MET, Verdict.NOT_MET, Verdict.NO_RATINGS], dtype=object
)


class ScalarBounds(Protocol):
    """Anything with two scalar ends: an `Interval`, a confidence sequence."""

    @property
    def low(self) -> float: ...
    @property
    def high(self) -> float: ...


class ArrayBounds(Protocol):
    """Anything with two arrays of ends."""

    @property
    def low(self) -> NDArray[Any]: ...
    @property
    def high(self) -> NDArray[Any]: ...


@overload
def verdict(interval: ScalarBounds, target: Fraction, comparator: str) -> Verdict: ...
@overload
def verdict(interval: ArrayBounds, target: Fraction, comparator: str) -> NDArray[Any]: ...
def verdict(
    interval: ScalarBounds | ArrayBounds, target: Fraction, comparator: str
) -> Verdict | NDArray[Any]:
    """Three-state verdict of an interval against a target.

    Parameters
    ----------
    interval : Interval, or anything with `low` and `high`
        Ends as shares; floats or arrays; NaN means that nothing was answered.
    target : fractions.Fraction
        The target as an exact share in [0, 1].
    comparator : {'>=', '>', '<=', '<'}
        Which side of the target counts as reaching it.

    Returns
    -------
    Verdict, or numpy.ndarray of Verdict
        `MET` when the whole interval lies on the side that reaches the target, `NOT_MET` when
        none of it does, `NOT_ENOUGH` when the target cuts it, `NO_RATINGS` at NaN.

    Raises
    ------
    ValueError
        When the target is not an exact share or the comparator is unknown.

    Notes
    -----
    Each of the two firm verdicts is a one-sided test at half of one minus the level: 2.5 % for
    a 95 % interval. The comparison of the ends with the fraction is exact.

    Examples
    --------
    >>> from survey.stats.proportion import interval
    >>> verdict(interval(960, 1000), Fraction(19, 20), ">=")
    <Verdict.NOT_ENOUGH: 'not_enough'>
    >>> verdict(interval([99, 0], [100, 0]), Fraction(9, 10), ">=").tolist()
    [<Verdict.MET: 'met'>, <Verdict.NO_RATINGS: 'no_ratings'>]
    """
    choice("comparator", comparator, COMPARATORS)
    exact = exact_share("target", target)
    low, high = np.asarray(interval.low, np.float64), np.asarray(interval.high, np.float64)
    low_reaches, high_reaches = _reaches(low, exact, comparator), _reaches(high, exact, comparator)
    code = np.where(low_reaches & high_reaches, 1, 0)
    code[~low_reaches & ~high_reaches] = 2
    code[np.isnan(low) | np.isnan(high)] = 3
    found: Verdict | NDArray[Any] = _BY_CODE[code]
    return found


def _reaches(values: FloatArray, target: Fraction, comparator: str) -> NDArray[np.bool_]:
    """Compare floats with a fraction as exactly as Python's own numbers would."""
    nearest = target.numerator / target.denominator
    above = Fraction(nearest) > target
    below = Fraction(nearest) < target
    # No float lies between the target and the float nearest to it, so one comparison is exact.
    at_least = values > nearest if below else values >= nearest
    beyond = values >= nearest if above else values > nearest
    result: NDArray[np.bool_] = {
        ">=": at_least,
        ">": beyond,
        "<=": ~beyond,
        "<": ~at_least,
    }[comparator]
    return result


@overload
def reached(
    satisfied: Count, answered: Count, target: Fraction, comparator: str
) -> bool | None: ...
@overload
def reached(
    satisfied: CountArray, answered: Count | CountArray, target: Fraction, comparator: str
) -> NDArray[Any]: ...
@overload
def reached(
    satisfied: Count, answered: CountArray, target: Fraction, comparator: str
) -> NDArray[Any]: ...
def reached(
    satisfied: Count | CountArray,
    answered: Count | CountArray,
    target: Fraction,
    comparator: str,
) -> bool | NDArray[Any] | None:
    """Whether a rate reaches a target, by count, in whole numbers only.

    Parameters
    ----------
    satisfied, answered : int or array-like of int
        Counts; shapes that broadcast.
    target : fractions.Fraction
        The target as an exact share in [0, 1].
    comparator : {'>=', '>', '<=', '<'}
        How the rate is compared with the target.

    Returns
    -------
    bool or None, or numpy.ndarray of object
        True or False; None where nothing was answered.

    Raises
    ------
    ValueError
        For bad counts, a target that is not an exact share, or an unknown comparator.

    Notes
    -----
    With the target a/b the comparison is ``b * satisfied`` against ``a * answered``: no
    division, no rounding, whatever the size of the counts.

    Examples
    --------
    >>> reached(9, 10, Fraction(9, 10), ">="), reached(9, 10, Fraction(9, 10), ">")
    (True, False)
    >>> reached(0, 0, Fraction(9, 10), ">=") is None
    True
    >>> reached([8, 10, 0], [10, 10, 0], Fraction(9, 10), ">=").tolist()
    [False, True, None]
    """
    choice("comparator", comparator, COMPARATORS)
    exact = exact_share("target", target)
    s, n = successes_of(satisfied, answered)
    held = _holds(s, n, exact, comparator)
    if s.ndim == 0:
        return bool(held) if n else None
    result = held.astype(object)
    result[n == 0] = None
    return result


def _holds(s: IntArray, n: IntArray, target: Fraction, comparator: str) -> NDArray[np.bool_]:
    left: NDArray[Any] = np.asarray(s, dtype=_width(n, target.denominator)) * target.denominator
    right: NDArray[Any] = np.asarray(n, dtype=_width(n, target.denominator)) * target.numerator
    return np.asarray(COMPARED[comparator](left, right), dtype=np.bool_)


def _width(n: IntArray, factor: int) -> type:
    """Machine integers while the products fit in them, Python's unbounded ones otherwise."""
    largest = int(n.max(initial=0)) * factor
    return np.int64 if largest <= np.iinfo(np.int64).max else object
