"""The difference of two proportions: independent samples, or the same cases twice."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from scipy.special import ndtri

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
from survey.stats.restricted import limits_by_score
from survey.stats.version import VERSION


@dataclass(frozen=True)
class Difference:
    """A difference of two shares with its interval.

    Attributes
    ----------
    estimate : float or numpy.ndarray of float64
        First share minus second share, -1 to 1; NaN where one of the two has no answers.
    low, high : float or numpy.ndarray of float64
    method : str
    level : float
    version : str
    """

    estimate: ScalarOrArray
    low: ScalarOrArray
    high: ScalarOrArray
    method: str
    level: float
    version: str = VERSION


def difference(
    satisfied_a: object,
    answered_a: object,
    satisfied_b: object,
    answered_b: object,
    *,
    method: str = "newcombe",
    level: float = 0.95,
) -> Difference:
    """Difference of two independent proportions, a minus b.

    Parameters
    ----------
    satisfied_a, answered_a : int or array-like of int
        Counts of the first sample (for a change over time: the later one).
    satisfied_b, answered_b : int or array-like of int
        Counts of the second sample; all four shapes must broadcast.
    method : {'newcombe', 'agresti_caffo', 'miettinen_nurminen'}
        'newcombe' joins the two Wilson intervals (method 10 of his paper, no continuity
        correction); 'agresti_caffo' adds one success and one failure to each sample and is not
        clipped, so it may leave [-1, 1]; 'miettinen_nurminen' inverts the score test with the
        restricted maximum-likelihood estimate and the factor N / (N - 1).
    level : float
        Confidence level, strictly between 0 and 1.

    Returns
    -------
    Difference
        Floats for four scalars, otherwise arrays; NaN where a sample is empty.

    Raises
    ------
    ValueError
        For bad counts (the argument is named), a bad level or an unknown method.

    Notes
    -----
    Not for two samples that share cases: see `paired_difference`, and `survey.stats.change` for
    windows that overlap.

    References
    ----------
    R. G. Newcombe (1998), Statistics in Medicine 17:873-890. A. Agresti and B. Caffo (2000), The
    American Statistician 54:280-288. O. Miettinen and M. Nurminen (1985), Statistics in Medicine
    4:213-226.

    Examples
    --------
    >>> found = difference(56, 70, 48, 80)
    >>> round(found.estimate, 3), round(found.low, 3), round(found.high, 3)
    (0.2, 0.052, 0.334)
    """
    bounds = METHODS[choice("method", method, list(METHODS))]
    level = share("level", level)
    s1, n1 = successes_of(satisfied_a, answered_a, names=("satisfied_a", "answered_a"))
    s2, n2 = successes_of(satisfied_b, answered_b, names=("satisfied_b", "answered_b"))
    s1, n1, s2, n2 = spread(satisfied_a=s1, answered_a=n1, satisfied_b=s2, answered_b=n2)
    with np.errstate(divide="ignore", invalid="ignore"):
        estimate = s1 / n1 - s2 / n2
        low, high = bounds(s1, n1, s2, n2, -float(ndtri((1 - level) / 2)))
    empty = np.isnan(estimate)
    low, high = np.where(empty, np.nan, low), np.where(empty, np.nan, high)
    return Difference(as_given(estimate), as_given(low), as_given(high), method, level)


Bounds: TypeAlias = tuple[FloatArray, FloatArray]
Method: TypeAlias = Callable[[IntArray, IntArray, IntArray, IntArray, float], Bounds]


def _newcombe(s1: IntArray, n1: IntArray, s2: IntArray, n2: IntArray, z: float) -> Bounds:
    p1, p2 = s1 / n1, s2 / n2
    low1, high1 = wilson_ends(p1, n1.astype(np.float64), z)
    low2, high2 = wilson_ends(p2, n2.astype(np.float64), z)
    return (
        p1 - p2 - np.hypot(p1 - low1, high2 - p2),
        p1 - p2 + np.hypot(high1 - p1, p2 - low2),
    )


def _agresti_caffo(s1: IntArray, n1: IntArray, s2: IntArray, n2: IntArray, z: float) -> Bounds:
    p1, p2 = (s1 + 1) / (n1 + 2), (s2 + 1) / (n2 + 2)
    half = z * np.sqrt(p1 * (1 - p1) / (n1 + 2) + p2 * (1 - p2) / (n2 + 2))
    return p1 - p2 - half, p1 - p2 + half


METHODS: dict[str, Method] = {
    "newcombe": _newcombe,
    "agresti_caffo": _agresti_caffo,
    "miettinen_nurminen": limits_by_score,
}


def paired_difference(
    both: object,
    first_only: object,
    second_only: object,
    neither: object,
    *,
    level: float = 0.95,
) -> Difference:
    """Difference of two proportions seen on the same cases, first minus second.

    Parameters
    ----------
    both, first_only, second_only, neither : int or array-like of int
        How many cases were satisfied both times, only the first, only the second, and neither.
    level : float
        Confidence level, strictly between 0 and 1.

    Returns
    -------
    Difference
        Method 'newcombe_paired'; NaN where there is no case.

    Raises
    ------
    ValueError
        For bad counts (the argument is named) or a bad level.

    References
    ----------
    R. G. Newcombe (1998), Statistics in Medicine 17:2635-2650, method 10: Wilson intervals of
    the two margins joined through phi, whose numerator is reduced by n / 2 when positive.

    Examples
    --------
    >>> found = paired_difference(20, 12, 2, 16)
    >>> round(found.estimate, 3), round(found.low, 3), round(found.high, 3)
    (0.2, 0.056, 0.329)
    """
    level = share("level", level)
    named = {
        "both": both,
        "first_only": first_only,
        "second_only": second_only,
        "neither": neither,
    }
    cells = spread(**{name: counts(name, value) for name, value in named.items()})
    a, b, c, d = (cell.astype(np.float64) for cell in cells)
    n = a + b + c + d
    z = -float(ndtri((1 - level) / 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        p1, p2 = (a + b) / n, (a + c) / n
        (low1, high1), (low2, high2) = wilson_ends(p1, n, z), wilson_ends(p2, n, z)
        phi = _phi(a, b, c, d)
        below1, above1, below2, above2 = p1 - low1, high1 - p1, p2 - low2, high2 - p2
        down = np.sqrt(below1**2 - 2 * phi * below1 * above2 + above2**2)
        up = np.sqrt(above1**2 - 2 * phi * above1 * below2 + below2**2)
        estimate = (b - c) / n
    return Difference(
        as_given(estimate),
        as_given(estimate - down),
        as_given(estimate + up),
        "newcombe_paired",
        level,
    )


def _phi(a: FloatArray, b: FloatArray, c: FloatArray, d: FloatArray) -> FloatArray:
    margins = np.sqrt(a + b) * np.sqrt(c + d) * np.sqrt(a + c) * np.sqrt(b + d)
    excess = a * d - b * c
    excess = np.where(excess > 0, np.maximum(excess - (a + b + c + d) / 2, 0), excess)
    return np.asarray(np.where(margins == 0, 0.0, excess / np.where(margins == 0, 1, margins)))
