"""Score limits of a difference of proportions, by the restricted maximum-likelihood estimate."""

import numpy as np

from survey.stats.counts import FloatArray, IntArray

# Halvings of an interval of length 2 at most: beyond 2**-54 nothing changes.
HALVINGS = 55

# The closed form is off by less than this: a larger step comes from two roots that meet.
LARGEST_CORRECTION = 1e-6


def restricted_estimate(
    s1: IntArray, n1: IntArray, s2: IntArray, n2: IntArray, difference: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """The most likely two proportions among those that differ by exactly `difference`.

    Parameters
    ----------
    s1, n1, s2, n2 : numpy.ndarray of int64
        Counts, one shape, no empty sample.
    difference : numpy.ndarray of float64
        First proportion minus second, in [-1, 1].

    Returns
    -------
    tuple of numpy.ndarray of float64
        The two proportions; they differ by `difference`.

    Notes
    -----
    The slope of the log-likelihood, times p1 (1 - p1) p2 (1 - p2), is a cubic in p2 that is not
    negative at the lower end of what is possible and not positive at the upper one; its leading
    factor is positive, so it has three real roots and the maximum is the middle one. The closed
    form loses half of its digits where two roots meet, hence the correcting steps; right where
    they meet (nobody, or everybody, satisfied in both, and hardly any difference) the estimate
    is good to 1e-6, everywhere else to 1e-9.

    Examples
    --------
    >>> s1, n1, s2, n2 = (np.array([k]) for k in (9, 10, 3, 10))
    >>> p1, p2 = restricted_estimate(s1, n1, s2, n2, np.array([0.0]))
    >>> p1.round(6).tolist(), p2.round(6).tolist()
    ([0.6], [0.6])
    """
    low, high = np.maximum(0.0, -difference), np.minimum(1.0, 1 - difference)
    d, lead = difference, n1 + n2
    rest = s1 - n1 * d
    c2 = -(rest + n1 + s2 + n2 * (1 - 2 * d)) / lead
    c1 = (rest + s2 * (1 - 2 * d) - n2 * d * (1 - d)) / lead
    c0 = s2 * d * (1 - d) / lead
    reach = 2 / 3 * np.sqrt(np.maximum(c2 * c2 - 3 * c1, 0))
    turn = 4 * (c2 * (2 * c2 * c2 - 9 * c1) / 27 + c0)
    cube = np.where(reach == 0, 1.0, reach) ** 3
    p2 = -c2 / 3 + reach * np.sin(np.arcsin(np.clip(turn / cube, -1, 1)) / 3)
    for _ in range(2):
        step = _newton_step(p2, c2, c1, c0)
        p2 = np.clip(p2 - np.where(np.abs(step) < LARGEST_CORRECTION, step, 0), low, high)
    return np.clip(p2 + d, 0, 1), p2


def _newton_step(p: FloatArray, c2: FloatArray, c1: FloatArray, c0: FloatArray) -> FloatArray:
    slope = (3 * p + 2 * c2) * p + c1
    return (((p + c2) * p + c1) * p + c0) / np.where(slope == 0, np.inf, slope)


def limits_by_score(
    s1: IntArray, n1: IntArray, s2: IntArray, n2: IntArray, z: float
) -> tuple[FloatArray, FloatArray]:
    """Both limits of Miettinen and Nurminen for the difference of proportions.

    Parameters
    ----------
    s1, n1, s2, n2 : numpy.ndarray of int64
        Counts of one shape; where a sample is empty the result means nothing.
    z : float
        The normal quantile, for example 1.96.

    Returns
    -------
    tuple of numpy.ndarray of float64

    References
    ----------
    O. Miettinen and M. Nurminen (1985), Statistics in Medicine 4:213-226.

    Examples
    --------
    >>> low, high = limits_by_score(*(np.array([k]) for k in (56, 70, 48, 80)), 1.959964)
    >>> low.round(4).tolist(), high.round(4).tolist()
    ([0.0528], [0.3382])
    """
    n1, n2 = np.maximum(n1, 1), np.maximum(n2, 1)
    observed = s1 / n1 - s2 / n2
    low = _limit(s1, n1, s2, n2, z, observed, np.full(observed.shape, -1.0))
    high = _limit(s1, n1, s2, n2, z, observed, np.full(observed.shape, 1.0))
    return low, high


def _limit(
    s1: IntArray,
    n1: IntArray,
    s2: IntArray,
    n2: IntArray,
    z: float,
    observed: FloatArray,
    extreme: FloatArray,
) -> FloatArray:
    """Halve between the observed difference (inside) and the extreme one (outside, or equal)."""
    inside, outside = observed, extreme
    correction = (n1 + n2) / (n1 + n2 - 1)
    for _ in range(HALVINGS):
        middle = (inside + outside) / 2
        p1, p2 = restricted_estimate(s1, n1, s2, n2, middle)
        variance = (p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2) * correction
        held = (observed - middle) ** 2 <= z * z * variance
        inside, outside = np.where(held, middle, inside), np.where(held, outside, middle)
    return np.asarray((inside + outside) / 2)
