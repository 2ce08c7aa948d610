"""Which period of a series stands out beyond chance?"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri
from scipy.stats import binom

from survey.stats.counts import FloatArray, IntArray, one_row, share, successes_of
from survey.stats.version import VERSION

# The share of a normal distribution beyond three standard deviations, one side.
THREE_SIGMA = 0.0013498980316300933


@dataclass(frozen=True)
class Chart:
    """A p-chart: what each period could be expected to show if nothing changed.

    Attributes
    ----------
    centre : float
        The share around which the periods vary.
    low, high : numpy.ndarray of float64
        Limits as shares; NaN for a period without answers.
    low_count, high_count : numpy.ndarray of int64, or None
        Limits as counts, both still inside; None for a chart without exact limits.
    signal : numpy.ndarray of int64
        -1 below the limits, 1 above them, 0 inside or without answers.
    tail : float
        The probability beyond each limit is at most this.
    inflation : float
        By how much the limits were widened beyond chance; 1 for exact limits.
    method : str
    version : str
    """

    centre: float
    low: FloatArray
    high: FloatArray
    low_count: IntArray | None
    high_count: IntArray | None
    signal: IntArray
    tail: float
    inflation: float
    method: str
    version: str = VERSION


def p_chart(
    satisfied: object,
    answered: object,
    *,
    centre: float | None = None,
    tail: float = THREE_SIGMA,
) -> Chart:
    """Control chart of proportions with exact binomial limits.

    Parameters
    ----------
    satisfied, answered : array-like of int
        Counts a period, one dimension.
    centre : float, optional
        The share that holds when nothing changes, strictly between 0 and 1; the pooled rate of
        these periods when not given.
    tail : float
        A period signals when its count, or a more extreme one, has at most this probability on
        its side; the default is that of three standard deviations.

    Returns
    -------
    Chart
        Method 'binomial'.

    Raises
    ------
    ValueError
        For bad counts, a centre or tail outside (0, 1), or a centre that must be estimated and
        is 0, 1 or unknown.

    References
    ----------
    D. C. Montgomery, Introduction to Statistical Quality Control, chapter on attribute charts;
    limits from the binomial distribution itself in place of three standard deviations.

    Examples
    --------
    >>> chart = p_chart([90, 89, 72], [100, 100, 100], centre=0.9)
    >>> chart.low_count.tolist(), chart.high_count.tolist(), chart.signal.tolist()
    ([80, 80, 80], [98, 98, 98], [0, 0, -1])
    """
    tail = share("tail", tail)
    s, n = successes_of(one_row("satisfied", satisfied), one_row("answered", answered))
    middle = _centre(s, n, centre)
    low_count = _lowest_inside(n, middle, tail)
    high_count = n - _lowest_inside(n, 1 - middle, tail)
    with np.errstate(invalid="ignore"):
        low, high = low_count / n, high_count / n
    return Chart(
        centre=middle,
        low=low,
        high=high,
        low_count=low_count,
        high_count=high_count,
        signal=_signal(s < low_count, s > high_count),
        tail=tail,
        inflation=1.0,
        method="binomial",
    )


def _lowest_inside(n: IntArray, rate: float, tail: float) -> IntArray:
    """The smallest count x with P(X <= x) above the tail."""
    found = np.asarray(binom.ppf(tail, n, rate), dtype=np.int64)
    # The quantile has P(X <= x) at or above the tail; at equality the count still signals.
    return np.asarray(np.where(binom.cdf(found, n, rate) <= tail, found + 1, found))


def _signal(below: NDArray[Any], above: NDArray[Any]) -> IntArray:
    return above.astype(np.int64) - below.astype(np.int64)


def _centre(s: IntArray, n: IntArray, centre: float | None) -> float:
    if centre is not None:
        return share("centre", centre)
    rate = s.sum() / n.sum() if n.any() else np.nan
    if not 0 < rate < 1:
        raise ValueError("centre must be given where the periods have no answers or only one kind")
    return float(rate)


def laney_chart(
    satisfied: object,
    answered: object,
    *,
    centre: float | None = None,
    tail: float = THREE_SIGMA,
) -> Chart:
    """Control chart of proportions for very large counts, widened by the spread seen (p').

    With hundreds of thousands of answers a period every ordinary wobble lies outside binomial
    limits. Laney's chart measures how much the standardised rates move from one period to the
    next and widens, or narrows, the limits by that factor.

    Parameters
    ----------
    satisfied, answered, centre, tail
        As for `p_chart`; periods without answers are skipped when the movement is measured.

    Returns
    -------
    Chart
        Method 'laney'; limits clipped to [0, 1]; `inflation` is the factor.

    Raises
    ------
    ValueError
        As `p_chart`; when fewer than two periods have answers.

    References
    ----------
    D. B. Laney (2002), Quality Engineering 14:531-537.

    Examples
    --------
    >>> chart = laney_chart([9000, 9200, 8900, 9100], [10_000] * 4)
    >>> round(chart.inflation, 2), chart.signal.tolist()
    (7.05, [0, 0, 0, 0])
    """
    tail = share("tail", tail)
    s, n = successes_of(one_row("satisfied", satisfied), one_row("answered", answered))
    middle = _centre(s, n, centre)
    kept = n > 0
    if kept.sum() < 2:
        raise ValueError("answered must hold at least two periods with answers")
    with np.errstate(divide="ignore", invalid="ignore"):
        sigma, rate = np.sqrt(middle * (1 - middle) / n), s / n
        z = (rate - middle) / sigma
    # Mean absolute step of independent standard normals: 2 / sqrt(pi) = 1.128.
    inflation = float(np.abs(np.diff(z[kept])).mean() * np.sqrt(np.pi) / 2)
    half = -float(ndtri(tail)) * inflation * np.where(kept, sigma, np.nan)
    return Chart(
        centre=middle,
        low=np.clip(middle - half, 0, 1),
        high=np.clip(middle + half, 0, 1),
        low_count=None,
        high_count=None,
        signal=_signal(rate < middle - half, rate > middle + half),
        tail=tail,
        inflation=inflation,
        method="laney",
    )
