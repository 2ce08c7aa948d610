"""Change over time: two windows of one series, which may share periods but never cross a break."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.special import ndtri

from survey.stats.counts import IntArray, choice, one_row, share, successes_of
from survey.stats.effective import wilson_ends
from survey.stats.version import VERSION

SHARED = ("subtract", "keep")


@dataclass(frozen=True)
class Change:
    """The change from one window to another.

    Attributes
    ----------
    estimate, low, high : float
        Later share minus earlier share and its interval; NaN where a break lies in between, or
        one of the two has no answers.
    breaks : tuple of int
        The breaks that forbid the comparison; empty where it is allowed.
    shared : str
        What was done with periods that both windows hold: 'none' where there are none, else
        'subtract' or 'keep'.
    method : str
    level : float
    version : str
    """

    estimate: float
    low: float
    high: float
    breaks: tuple[int, ...]
    shared: str
    method: str
    level: float
    version: str = VERSION


def change(
    satisfied: Sequence[int] | IntArray,
    answered: Sequence[int] | IntArray,
    earlier: range,
    later: range,
    *,
    breaks: Sequence[int] = (),
    shared: str = "subtract",
    level: float = 0.95,
) -> Change:
    """Change of a rate between two windows of consecutive periods.

    Parameters
    ----------
    satisfied, answered : array-like of int
        Counts of consecutive periods, for example months; one dimension.
    earlier, later : range
        The positions of each window, step 1; `later` starts and ends no earlier than `earlier`.
    breaks : sequence of int
        Positions from which on the series means something else (another question, scale, source
        or rule): a break at 5 lies between the periods 4 and 5.
    shared : {'subtract', 'keep'}
        When the windows overlap: 'subtract' compares only what each has alone, 'keep' gives the
        difference of the two whole windows, in which the shared answers largely cancel.
    level : float
        Confidence level, strictly between 0 and 1.

    Returns
    -------
    Change
        Without shared periods this is Newcombe's interval for independent samples.

    Raises
    ------
    ValueError
        For bad counts, windows that are empty, out of reach or in the wrong order, a break out of
        reach, or two windows that are the same under 'subtract'.

    Notes
    -----
    With 'keep' the difference is a sum of three independent rates with known factors (earlier
    alone, shared, later alone); the interval recovers its variance from their Wilson limits.

    References
    ----------
    R. G. Newcombe (1998), Statistics in Medicine 17:873-890. G. Y. Zou and A. Donner (2008),
    Statistics in Medicine 27:1693-1702 (sums of rates).

    Examples
    --------
    >>> satisfied, answered = [90, 88, 95, 97], [100, 100, 100, 100]
    >>> found = change(satisfied, answered, range(0, 2), range(2, 4))
    >>> round(found.estimate, 3), round(found.low, 3), round(found.high, 3)
    (0.07, 0.018, 0.125)
    >>> change(satisfied, answered, range(0, 2), range(2, 4), breaks=[2]).breaks
    (2,)
    """
    choice("shared", shared, SHARED)
    level = share("level", level)
    s, n = successes_of(one_row("satisfied", satisfied), one_row("answered", answered))
    _check_windows(earlier, later, s.size)
    shared = shared if later.start < earlier.stop else "none"
    if shared == "subtract" and (later.start == earlier.start or later.stop == earlier.stop):
        raise ValueError("later must not contain earlier, nor lie in it, when shared is 'subtract'")
    crossed = _crossed(breaks, earlier.start, later.stop, s.size)
    if crossed:
        return Change(np.nan, np.nan, np.nan, crossed, shared, "newcombe", level)
    boundary = min(earlier.stop, later.start), max(earlier.stop, later.start)
    parts = (
        slice(earlier.start, boundary[0]),
        slice(later.start, earlier.stop),
        slice(boundary[1], later.stop),
    )
    satisfied_in = np.array([s[part].sum() for part in parts])
    answered_in = np.array([n[part].sum() for part in parts])
    estimate, low, high = _contrast(satisfied_in, answered_in, shared == "keep", level)
    return Change(estimate, low, high, (), shared, "newcombe", level)


def _contrast(s: IntArray, n: IntArray, keep: bool, level: float) -> tuple[float, float, float]:
    """Later minus earlier, from the three parts earlier alone, shared, later alone."""
    factors = np.array([-1.0, 0.0, 1.0])
    if keep:
        in_earlier, in_later = n[0] + n[1], n[1] + n[2]
        if not in_earlier or not in_later:
            return np.nan, np.nan, np.nan
        factors = np.array([0, n[1], n[2]]) / in_later - np.array([n[0], n[1], 0]) / in_earlier
    used = factors != 0
    s, n, factors = s[used], n[used], factors[used]
    if not n.all():
        return np.nan, np.nan, np.nan
    rates = s / n
    low, high = wilson_ends(rates, n.astype(np.float64), -float(ndtri((1 - level) / 2)))
    down = np.where(factors > 0, rates - low, high - rates) * factors
    up = np.where(factors > 0, high - rates, rates - low) * factors
    estimate = float(factors @ rates)
    return estimate, estimate - float(np.hypot.reduce(down)), estimate + float(np.hypot.reduce(up))


def _check_windows(earlier: range, later: range, periods: int) -> None:
    for name, window in (("earlier", earlier), ("later", later)):
        if window.step != 1 or not window:
            raise ValueError(f"{name} must be a range of step 1 that is not empty, got {window}")
        if window.start < 0 or window.stop > periods:
            raise ValueError(f"{name} must lie within the {periods} periods, got {window}")
    if later.start < earlier.start or later.stop < earlier.stop:
        raise ValueError(f"later must not start or end before earlier, got {later}")


def _crossed(breaks: Sequence[int], start: int, stop: int, periods: int) -> tuple[int, ...]:
    _check_breaks(breaks, periods)
    return tuple(sorted({int(at) for at in breaks if start < at < stop}))


def _check_breaks(breaks: Sequence[int], periods: int) -> None:
    for at in breaks:
        if not 0 <= at < periods:
            raise ValueError(f"breaks must lie within the {periods} periods, got {at}")


def segments(periods: int, breaks: Sequence[int]) -> tuple[range, ...]:
    """The runs of periods over which one line may be drawn.

    Parameters
    ----------
    periods : int
        How many periods there are.
    breaks : sequence of int
        Positions from which on the series means something else, as for `change`.

    Returns
    -------
    tuple of range
        In order; together they hold every period once.

    Raises
    ------
    ValueError
        For a break out of reach.

    Examples
    --------
    >>> segments(6, [4])
    (range(0, 4), range(4, 6))
    """
    _check_breaks(breaks, periods)
    cuts = [0, *sorted({int(at) for at in breaks if at > 0}), periods]
    return tuple(range(start, stop) for start, stop in pairwise(cuts) if start < stop)
