"""Intervals that stay valid however often one looks: confidence sequences for a proportion."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import betaln, xlogy

from survey.stats.counts import (
    FloatArray,
    ScalarOrArray,
    as_given,
    share,
    spread,
    successes_of,
)
from survey.stats.proportion import Interval

# Halvings of an interval of length 1 at most: beyond 2**-60 nothing changes.
HALVINGS = 60


def confidence_sequence(
    satisfied: object,
    answered: object,
    *,
    level: float = 0.95,
    prior: tuple[float, float] = (1.0, 1.0),
) -> Interval[Any]:
    """Interval for a proportion that may be looked at after every single answer.

    Parameters
    ----------
    satisfied, answered : int or array-like of int
        Counts so far; shapes that broadcast. Each entry stands for itself, so the counts of a
        whole history can be given at once.
    level : float
        With this probability the true share lies in all the intervals of the history at once.
    prior : tuple of float
        The two positive parameters of the beta mixture. They do not touch the guarantee, only
        where the interval is shortest.

    Returns
    -------
    Interval
        Method 'beta_binomial_mixture'; NaN where nothing was answered. The ends are exactly 0
        and 1 where nobody, or everybody, was satisfied.

    Raises
    ------
    ValueError
        For bad counts, a bad level, or a prior that is not positive.

    Notes
    -----
    The set of shares p with ``B(a+s, b+n-s) / B(a, b) < p^s (1-p)^(n-s) / alpha``. Written with
    the Kullback-Leibler distance of p from s/n, so that counts of ten million neither overflow
    nor lose digits. It assumes a constant share: when that drifts, see `running_intersection`.

    References
    ----------
    H. Robbins (1970), Annals of Mathematical Statistics 41:1397-1409. S. R. Howard, A. Ramdas, J.
    McAuliffe and J. Sekhon (2021), Annals of Statistics 49:1055-1080.

    Examples
    --------
    >>> found = confidence_sequence(90, 100)
    >>> round(found.low, 4), round(found.high, 4)
    (0.7717, 0.9712)
    """
    level = share("level", level)
    a, b = beta_prior(prior)
    s, n = successes_of(satisfied, answered)
    trials = np.maximum(n, 1).astype(np.float64)
    best, worst = s / trials, (n - s) / trials
    likelihood = xlogy(s, best) + xlogy(n - s, worst)
    radius = likelihood - betaln(a + s, b + n - s) + betaln(a, b) - np.log(1 - level)
    low = _end(best, worst, radius / trials, np.zeros(s.shape))
    high = _end(best, worst, radius / trials, np.ones(s.shape))
    low, high = np.where(s == 0, 0.0, low), np.where(s == n, 1.0, high)
    low, high = np.where(n == 0, np.nan, low), np.where(n == 0, np.nan, high)
    return Interval(as_given(low), as_given(high), "beta_binomial_mixture", level)


def beta_prior(prior: tuple[float, float]) -> tuple[float, float]:
    """Read the two parameters of a beta mixture: a `ValueError` unless both are positive."""
    a, b = prior
    if not (0 < a < np.inf and 0 < b < np.inf):
        raise ValueError(f"prior must be two positive numbers, got {prior}")
    return float(a), float(b)


def _end(
    best: FloatArray, worst: FloatArray, distance: FloatArray, extreme: FloatArray
) -> FloatArray:
    """Halve between the observed share (inside) and 0 or 1 (outside)."""
    inside, outside = best, extreme
    with np.errstate(divide="ignore", invalid="ignore"):
        for _ in range(HALVINGS):
            p = (inside + outside) / 2
            # Logarithms of p / best and (1 - p) / worst, without cancellation when they are near.
            ratio = np.where(best > 0, best * np.log1p((p - best) / best), 0)
            ratio += np.where(worst > 0, worst * np.log1p((best - p) / worst), 0)
            held = -ratio < distance
            inside, outside = np.where(held, p, inside), np.where(held, outside, p)
    return np.asarray((inside + outside) / 2)


def log_evidence(
    satisfied: object, answered: object, rate: object, *, prior: tuple[float, float] = (1.0, 1.0)
) -> ScalarOrArray:
    """Evidence against a share, as a natural logarithm: the betting wealth of the mixture.

    Parameters
    ----------
    satisfied, answered : int or array-like of int
        Counts so far.
    rate : float or array-like of float
        The share in question, strictly between 0 and 1; shapes must broadcast.
    prior : tuple of float
        As for `confidence_sequence`.

    Returns
    -------
    float or numpy.ndarray of float64
        Where it reaches log(1 / alpha) the share has left the confidence sequence of level
        1 - alpha for good. 0 before the first answer.

    Raises
    ------
    ValueError
        For bad counts, a prior that is not positive, or a rate outside (0, 1).

    References
    ----------
    As `confidence_sequence`.

    Examples
    --------
    >>> round(log_evidence(80, 100, 0.9), 3), round(float(np.log(20)), 3)
    (2.135, 2.996)
    """
    a, b = beta_prior(prior)
    s, n = successes_of(satisfied, answered)
    p = np.asarray(rate, np.float64)
    if not ((p > 0) & (p < 1)).all():
        raise ValueError("rate must lie strictly between 0 and 1")
    s, n, p = spread(satisfied=s, answered=n, rate=p)
    mixture = betaln(a + s, b + n - s) - betaln(a, b)
    return as_given(np.asarray(mixture - s * np.log(p) - (n - s) * np.log1p(-p)))


def normal_mixture_sequence(
    satisfied: object, answered: object, *, rho2: float = 0.01, level: float = 0.95
) -> Interval[Any]:
    """Asymptotic confidence sequence with a normal mixture.

    Parameters
    ----------
    satisfied, answered : int or array-like of int
        Counts so far; shapes that broadcast.
    rho2 : float
        Variance of the mixture, positive: the sequence is tightest near n = 1 / rho2 to 10 / rho2.
    level : float
        Confidence level, strictly between 0 and 1.

    Returns
    -------
    Interval
        Method 'normal_mixture', clipped to [0, 1]; NaN where nothing was answered.

    Raises
    ------
    ValueError
        For bad counts, a bad level, or `rho2` not positive.

    Notes
    -----
    Valid for large counts only; for plain counts `confidence_sequence` is exact and better. It is
    here for comparison, and as the form that weighted means will use in the institute's surveys.

    References
    ----------
    I. Waudby-Smith, D. Arbour, R. Sinha, E. H. Kennedy and A. Ramdas (2024), Annals of Statistics
    52:2613-2640.

    Examples
    --------
    >>> found = normal_mixture_sequence(900, 1000)
    >>> round(found.low, 4), round(found.high, 4)
    (0.8711, 0.9289)
    """
    level = share("level", level)
    if not 0 < rho2 < np.inf:
        raise ValueError(f"rho2 must be positive, got {rho2}")
    s, n = successes_of(satisfied, answered)
    shrunk = (s + 0.5) / (n + 1)
    grown = n * rho2 + 1
    with np.errstate(divide="ignore", invalid="ignore"):
        width = (
            2 * grown / (n.astype(np.float64) ** 2 * rho2) * np.log(np.sqrt(grown) / (1 - level))
        )
        half = np.sqrt(shrunk * (1 - shrunk) * width)
        low, high = np.clip(s / n - half, 0, 1), np.clip(s / n + half, 0, 1)
    return Interval(as_given(low), as_given(high), "normal_mixture", level)


@dataclass(frozen=True)
class Running:
    """All the intervals of a history put together.

    Attributes
    ----------
    low, high : numpy.ndarray of float64
        The highest lower and the lowest upper end so far.
    drifted_at : int or None
        The first position at which no share is left: the share has changed on the way. From
        there on the ends cross and mean nothing; start anew.
    """

    low: FloatArray
    high: FloatArray
    drifted_at: int | None


def running_intersection(low: object, high: object) -> Running:
    """Intersection of the intervals of a confidence sequence up to each position.

    Parameters
    ----------
    low, high : array-like of float
        Ends in the order of time, one dimension; NaN (no answers yet) says nothing.

    Returns
    -------
    Running

    Raises
    ------
    ValueError
        When the two are not rows of one length.

    Examples
    --------
    >>> found = running_intersection([0.2, 0.5, 0.4], [0.9, 0.8, 0.45])
    >>> found.low.tolist(), found.high.tolist(), found.drifted_at
    ([0.2, 0.5, 0.5], [0.9, 0.8, 0.45], 2)
    """
    lows, highs = np.asarray(low, np.float64), np.asarray(high, np.float64)
    if lows.ndim != 1 or lows.shape != highs.shape:
        raise ValueError("low and high must be rows of one length")
    lows, highs = np.fmax.accumulate(lows), np.fmin.accumulate(highs)
    crossed = lows > highs
    return Running(lows, highs, int(np.argmax(crossed)) if crossed.any() else None)
