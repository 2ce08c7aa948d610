"""A rate as a printed percentage, from counts, never from a float."""

from decimal import Decimal
from fractions import Fraction
from numbers import Rational
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from survey.stats.counts import Count, CountArray, choice, exact_share, successes_of
from survey.stats.target import COMPARATORS, COMPARED, reached

# All that can be printed: 0.0, 0.1, ... 100.0.
_DECIMALS = [Decimal(tenths).scaleb(-1) for tenths in range(1001)]
_PRINTED = np.array(_DECIMALS, dtype=object)


@overload
def percent(
    satisfied: Count, answered: Count, *, target: Fraction | None = ..., comparator: str = ...
) -> Decimal | None: ...
@overload
def percent(
    satisfied: CountArray,
    answered: Count | CountArray,
    *,
    target: Fraction | None = ...,
    comparator: str = ...,
) -> NDArray[Any]: ...
@overload
def percent(
    satisfied: Count,
    answered: CountArray,
    *,
    target: Fraction | None = ...,
    comparator: str = ...,
) -> NDArray[Any]: ...
def percent(
    satisfied: Count | CountArray,
    answered: Count | CountArray,
    *,
    target: Fraction | None = None,
    comparator: str = ">=",
) -> Decimal | NDArray[Any] | None:
    """Percentage with one decimal place, rounded half up from the exact fraction.

    Parameters
    ----------
    satisfied, answered : int or array-like of int
        Counts; shapes that broadcast.
    target : fractions.Fraction, optional
        An exact share in [0, 1]. When it is given, the printed number never contradicts the
        exact comparison: 8996 of 10000 prints 89.9 beside a target of 90 %, not 90.0.
    comparator : {'>=', '>', '<=', '<'}
        How the target is compared; matters only with a target.

    Returns
    -------
    decimal.Decimal or None, or numpy.ndarray of object
        In percent, 0.0 to 100.0, always with one decimal place; None where nothing was answered.

    Raises
    ------
    ValueError
        For bad counts, a target that is not an exact share, or an unknown comparator.

    Examples
    --------
    >>> percent(1, 3), percent(1, 16)
    (Decimal('33.3'), Decimal('6.3'))
    >>> percent(8996, 10000), percent(8996, 10000, target=Fraction(9, 10))
    (Decimal('90.0'), Decimal('89.9'))
    >>> percent(0, 0) is None
    True
    """
    choice("comparator", comparator, COMPARATORS)
    exact = None if target is None else exact_share("target", target)
    if type(satisfied) is type(answered) is int and 0 <= satisfied <= answered < 2**63:
        return _percent_of_one(satisfied, answered, exact, comparator) if answered else None
    s, n = successes_of(satisfied, answered)
    thousand_s, trials = _wide_enough(s, n)
    safe = np.where(n == 0, 1, trials)
    lower = thousand_s // safe
    tenths = (2 * thousand_s + safe) // (2 * safe)
    if exact is not None:
        tenths = _not_contradicting(tenths, lower, s, n, exact, comparator)
    printed = _PRINTED[np.asarray(tenths, dtype=np.int64)]
    if s.ndim == 0:
        return printed if n else None
    printed[n == 0] = None
    return np.asarray(printed, dtype=object)


def _percent_of_one(s: int, n: int, target: Fraction | None, comparator: str) -> Decimal:
    """The same for one rate: a page prints few, and an array of one costs fifty times as much."""
    lower = 1000 * s // n
    tenths = (2000 * s + n) // (2 * n)
    if target is not None:
        a, b = target.numerator, target.denominator
        holds = COMPARED[comparator]
        if holds(b * tenths, 1000 * a) != holds(b * s, n * a):
            tenths = lower + 1 if tenths == lower else lower
    return _DECIMALS[tenths]


def _wide_enough(s: NDArray[Any], n: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    width = np.int64 if int(n.max(initial=0)) < 2**50 else object
    return np.asarray(s.astype(width) * 1000), np.asarray(n.astype(width))


def _not_contradicting(
    tenths: NDArray[Any],
    lower: NDArray[Any],
    s: NDArray[Any],
    n: NDArray[Any],
    target: Fraction,
    comparator: str,
) -> NDArray[Any]:
    """Take the other neighbour on the printed grid where half up lands on the wrong side."""
    grid = np.asarray(tenths, dtype=np.int64)
    said = np.asarray(reached(grid, 1000, target, comparator), dtype=np.bool_)
    true = np.asarray(reached(s, np.where(n == 0, 1, n), target, comparator), dtype=np.bool_)
    other = np.where(tenths == lower, lower + 1, lower)
    return np.where(said == true, tenths, other)


def half_up(value: Fraction | int, places: int = 1) -> Decimal:
    """Round an exact number half up.

    Parameters
    ----------
    value : fractions.Fraction or int
        Not negative; a float is refused, because it has been rounded already.
    places : int
        Decimal places to keep, 0 or more.

    Returns
    -------
    decimal.Decimal
        Always with that many decimal places.

    Raises
    ------
    ValueError
        When the value is inexact or negative, or `places` is negative.

    Examples
    --------
    >>> half_up(Fraction(5, 4)), half_up(Fraction(1, 20)), half_up(Fraction(2))
    (Decimal('1.3'), Decimal('0.1'), Decimal('2.0'))
    """
    if isinstance(value, bool) or not isinstance(value, Rational):
        raise ValueError(f"value must be a Fraction (an exact number), got {value!r}")
    if value.numerator < 0:
        raise ValueError(f"value must not be negative, got {value}")
    if places < 0:
        raise ValueError(f"places must not be negative, got {places}")
    numerator, denominator = value.numerator * 10**places, value.denominator
    digits = str((2 * numerator + denominator) // (2 * denominator))
    # Built digit by digit: arithmetic on Decimals would round to the context's precision.
    return Decimal((0, tuple(map(int, digits)), -places))
