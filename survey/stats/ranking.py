"""Ranks with their uncertainty: never a bare rank."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from survey.stats.counts import FloatArray, counts, one_row, share, successes_of
from survey.stats.multiplicity import adjust
from survey.stats.version import VERSION


@dataclass(frozen=True)
class RankIntervals:
    """The ranks that each rate may have; rank 1 is the highest rate.

    Attributes
    ----------
    low, high : numpy.ndarray of float64
        Best and worst rank still possible, whole numbers; NaN for rates that did not enter.
    entered : numpy.ndarray of bool
        Whether the rate had enough answers.
    among : int
        How many entered: the worst rank there is.
    level : float
        With this probability all the intervals hold at once.
    method, version : str
    """

    low: FloatArray
    high: FloatArray
    entered: NDArray[np.bool_]
    among: int
    level: float
    method: str = "pairwise_holm"
    version: str = VERSION


def rank_intervals(
    satisfied: object, answered: object, *, minimum: int = 30, level: float = 0.95
) -> RankIntervals:
    """Simultaneous intervals for the ranks of many rates.

    Parameters
    ----------
    satisfied, answered : array-like of int
        Counts, one dimension.
    minimum : int
        Rates with fewer answers do not enter.
    level : float
        Confidence level for all ranks together, strictly between 0 and 1.

    Returns
    -------
    RankIntervals

    Raises
    ------
    ValueError
        For bad counts or a bad level.

    Notes
    -----
    Every pair is compared by the score test and the p-values are adjusted by Holm's method; a
    rate ranks behind those that are surely higher and before those that are surely lower. Time
    and memory grow with the square of the number of rates: 360 rates are 64,620 pairs.

    References
    ----------
    M. Mogstad, J. P. Romano, A. M. Shaikh and D. Wilhelm (2024), Review of Economic Studies
    no. 1. H. Goldstein and D. J. Spiegelhalter (1996), J. R. Stat. Soc. A 159:385-443.

    Examples
    --------
    >>> found = rank_intervals([95, 180, 96, 60], [100, 200, 100, 100])
    >>> found.low.tolist(), found.high.tolist()
    ([1.0, 1.0, 1.0, 4.0], [3.0, 3.0, 3.0, 4.0])
    """
    level = share("level", level)
    least = max(int(counts("minimum", minimum)), 1)
    s, n = successes_of(one_row("satisfied", satisfied), one_row("answered", answered))
    entered = n >= least
    low, high = np.full(s.size, np.nan), np.full(s.size, np.nan)
    surely_above = _surely_above(s[entered].astype(float), n[entered].astype(float), 1 - level)
    among = int(entered.sum())
    low[entered] = 1 + surely_above.sum(axis=0)
    high[entered] = among - surely_above.sum(axis=1)
    return RankIntervals(low, high, entered, among, level)


def _surely_above(s: FloatArray, n: FloatArray, alpha: float) -> NDArray[np.bool_]:
    """Entry (i, j): the rate i lies above the rate j beyond chance."""
    i, j = np.triu_indices(s.size, k=1)
    pooled = (s[i] + s[j]) / (n[i] + n[j])
    variance = pooled * (1 - pooled) * (1 / n[i] + 1 / n[j])
    # Two rates of 0, or of 1, have no variance and no difference.
    z = (s[i] / n[i] - s[j] / n[j]) / np.sqrt(np.where(variance > 0, variance, 1.0))
    beyond = adjust(2 * ndtr(-np.abs(z)), method="holm") <= alpha
    result = np.zeros((s.size, s.size), dtype=np.bool_)
    result[i, j], result[j, i] = beyond & (z > 0), beyond & (z < 0)
    return result
