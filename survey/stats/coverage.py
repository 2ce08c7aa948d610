"""How much the answers cover, and what those who stayed silent could change."""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from survey.stats.counts import (
    IntArray,
    ScalarOrArray,
    as_given,
    counts,
    exact_share,
    spread,
    successes_of,
)
from survey.stats.version import VERSION


@dataclass(frozen=True)
class WorstCase:
    """What the rate of the whole population can be, whatever the silent think.

    Attributes
    ----------
    coverage : float or numpy.ndarray of float64
        Answers over population, 0 to 1; NaN where the population is 0 or not consistent.
    low, high : float or numpy.ndarray of float64
        All of the silent dissatisfied, all of them satisfied; NaN as for the coverage.
    consistent : bool or numpy.ndarray of bool
        False where there are more answers than population.
    method, version : str
    """

    coverage: ScalarOrArray
    low: ScalarOrArray
    high: ScalarOrArray
    consistent: ScalarOrArray
    method: str = "manski"
    version: str = VERSION


def worst_case(satisfied: object, answered: object, population: object) -> WorstCase:
    """Coverage and worst-case (Manski) bounds of a rate.

    Parameters
    ----------
    satisfied, answered : int or array-like of int
        Counts; each member of the population is counted once at most.
    population : int or array-like of int
        How many could have answered; all three shapes must broadcast. For bounds over several
        cells, give the sums.

    Returns
    -------
    WorstCase

    Raises
    ------
    ValueError
        For bad counts (the argument is named). More answers than population is no error but a
        finding: `consistent` is False there and the numbers are NaN.

    Notes
    -----
    No assumption at all is made about those who did not answer. The bounds hold for the
    population at hand and carry no chance variation.

    References
    ----------
    C. F. Manski (1989), Journal of Human Resources 24:343-360.

    Examples
    --------
    >>> found = worst_case(270, 300, 1000)
    >>> found.coverage, found.low, found.high
    (0.3, 0.27, 0.97)
    """
    s, n, members = _read(satisfied, answered, population)
    consistent = np.asarray(n <= members)
    defined = consistent & (members > 0)
    safe = np.where(defined, members, 1)

    def over_population(count: NDArray[np.int64]) -> ScalarOrArray:
        return as_given(np.where(defined, count / safe, np.nan))

    return WorstCase(
        coverage=over_population(n),
        low=over_population(s),
        high=over_population(members - n + s),
        consistent=as_given(consistent),
    )


def _read(
    satisfied: object, answered: object, population: object
) -> tuple[IntArray, IntArray, IntArray]:
    s, n = successes_of(satisfied, answered)
    members = counts("population", population)
    s, n, members = spread(satisfied=s, answered=n, population=members)
    return s, n, members


class Silence(StrEnum):
    """Whether those who stayed silent decide if the whole population reaches a target.

    `CERTAIN`: it is reached even if none of them is satisfied. `POSSIBLE`: it is reached if
    enough of them are. `IMPOSSIBLE`: it is missed even if all of them are. `UNKNOWN`: no
    population, or more answers than population.
    """

    CERTAIN = "certain"
    POSSIBLE = "possible"
    IMPOSSIBLE = "impossible"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class SilentShare:
    """How satisfied the silent would have to be.

    Attributes
    ----------
    needed : float or numpy.ndarray of float64
        The satisfied share among the silent at which the whole population just reaches the
        target; below 0 when it is certain, above 1 when it is impossible; NaN when nobody is
        silent or the population is unknown.
    state : Silence or numpy.ndarray of Silence
        Decided in whole numbers.
    target : fractions.Fraction
    method, version : str
    """

    needed: ScalarOrArray
    state: ScalarOrArray
    target: Fraction
    method: str = "silent_share"
    version: str = VERSION


_STATES = np.array([Silence.POSSIBLE, Silence.CERTAIN, Silence.IMPOSSIBLE, Silence.UNKNOWN], object)


def silent_share(
    satisfied: object, answered: object, population: object, target: Fraction
) -> SilentShare:
    """How satisfied the silent would have to be for the whole population to reach a target.

    Parameters
    ----------
    satisfied, answered, population : int or array-like of int
        Counts; shapes that broadcast.
    target : fractions.Fraction
        An exact share in [0, 1], reached from ("at least").

    Returns
    -------
    SilentShare
        ``needed`` is (target x population - satisfied) / (population - answered).

    Raises
    ------
    ValueError
        For bad counts (the argument is named) or a target that is not an exact share.

    References
    ----------
    The tipping point of Manski's bounds: C. F. Manski (2007), Identification for Prediction and
    Decision, chapter 2.

    Examples
    --------
    >>> found = silent_share(285, 300, 1000, Fraction(9, 10))
    >>> round(found.needed, 3), found.state
    (0.879, <Silence.POSSIBLE: 'possible'>)
    >>> silent_share(200, 300, 1000, Fraction(19, 20)).state
    <Silence.IMPOSSIBLE: 'impossible'>
    """
    exact = exact_share("target", target)
    s, n, members = _read(satisfied, answered, population)
    wide = [array.astype(object) for array in (s, n, members)]
    # Scaled by the denominator, in unbounded integers: what is still missing, what is to be had.
    missing = np.asarray(wide[2] * exact.numerator - wide[0] * exact.denominator, dtype=object)
    silent = np.asarray((wide[2] - wide[1]) * exact.denominator, dtype=object)
    unknown = (n > members) | (members == 0)
    code = np.where(missing <= 0, 1, np.where(missing > silent, 2, 0))
    state = _STATES[np.where(unknown, 3, code)]
    nobody = np.asarray(unknown | (silent == 0), dtype=np.bool_)
    needed = np.where(
        nobody,
        np.nan,
        missing.astype(np.float64) / np.where(nobody, 1.0, silent.astype(np.float64)),
    )
    return SilentShare(as_given(needed), state, exact)
