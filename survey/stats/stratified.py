"""Two ways of asking, compared within the same cells."""

from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc, ndtri

from survey.stats.counts import FloatArray, IntArray, one_row, share, successes_of
from survey.stats.version import VERSION


@dataclass(frozen=True)
class CommonOddsRatio:
    """The odds ratio that holds in all cells, with the test that it is 1.

    Attributes
    ----------
    odds_ratio, low, high : float
        Odds of being satisfied in a over those in b, and the interval; NaN where not defined.
    chi2, p_value : float
        Mantel-Haenszel statistic without continuity correction, 1 degree of freedom.
    cells : int
        How many cells told anything (both samples asked).
    method, level, version
    """

    odds_ratio: float
    low: float
    high: float
    chi2: float
    p_value: float
    cells: int
    method: str
    level: float
    version: str = VERSION


@dataclass(frozen=True)
class StandardisedDifference:
    """A weighted mean of the differences within cells.

    Attributes
    ----------
    estimate, low, high : float
        First share minus second, -1 to 1; NaN where not defined.
    se : float
        Standard error; NaN where a cell with weight has a sample of one.
    weight_used : float
        Share of all weight that lies in cells where both samples were asked.
    cells : int
        How many cells those are.
    method, level, version
    """

    estimate: float
    low: float
    high: float
    se: float
    weight_used: float
    cells: int
    method: str
    level: float
    version: str = VERSION


Cells = tuple[FloatArray, FloatArray, FloatArray, FloatArray]


def common_odds_ratio(
    satisfied_a: object,
    answered_a: object,
    satisfied_b: object,
    answered_b: object,
    *,
    level: float = 0.95,
) -> CommonOddsRatio:
    """Mantel-Haenszel odds ratio of a against b over cells.

    Parameters
    ----------
    satisfied_a, answered_a, satisfied_b, answered_b : array-like of int
        Counts a cell, one dimension: two channels, say, in the same place, subject and month.
    level : float
        Confidence level, strictly between 0 and 1.

    Returns
    -------
    CommonOddsRatio

    Raises
    ------
    ValueError
        For bad counts (the argument is named), lists of different length, or a bad level.

    Notes
    -----
    Cells in which one of the two was not asked add nothing. The interval is on the log scale
    with the variance of Robins, Breslow and Greenland, good for few large as for many small
    cells. One common odds ratio is a summary; where the cells disagree, look at them.

    References
    ----------
    N. Mantel and W. Haenszel (1959), J. Natl. Cancer Inst. 22:719-748. J. Robins, N. Breslow and
    S. Greenland (1986), Biometrics 42:311-323.

    Examples
    --------
    >>> found = common_odds_ratio([90, 45, 200], [100, 50, 220], [70, 50, 160], [100, 64, 191])
    >>> round(found.odds_ratio, 3), round(found.chi2, 3)
    (2.531, 18.419)
    """
    level = share("level", level)
    s1, n1, s2, n2 = _usable(*_cells(satisfied_a, answered_a, satisfied_b, answered_b))
    total, hits = n1 + n2, s1 + s2
    p, q = (s1 + n2 - s2) / total, (n1 - s1 + s2) / total
    r, t = s1 * (n2 - s2) / total, (n1 - s1) * s2 / total
    expected = n1 * hits / total
    variance = float((n1 * n2 * hits * (total - hits) / (total**2 * (total - 1))).sum())
    above, below = float(r.sum()), float(t.sum())
    with np.errstate(divide="ignore", invalid="ignore"):
        chi2 = float(np.divide((s1 - expected).sum() ** 2, variance))
        ratio = float(np.divide(above, below))
        spread = (p @ r) / (2 * above * above)
        spread += (p @ t + q @ r) / (2 * np.float64(above) * below)
        spread += (q @ t) / (2 * np.float64(below) ** 2)
        half = -float(ndtri((1 - level) / 2)) * float(np.sqrt(spread))
        low, high = (float(ratio * np.exp(side * half)) for side in (-1, 1))
    return CommonOddsRatio(
        ratio, low, high, chi2, float(chdtrc(1, chi2)), s1.size, "mantel_haenszel", level
    )


def standardised_difference(
    satisfied_a: object,
    answered_a: object,
    satisfied_b: object,
    answered_b: object,
    *,
    weights: object = None,
    level: float = 0.95,
) -> StandardisedDifference:
    """Difference of two rates, a minus b, as if both had been asked in the same mix of cells.

    Parameters
    ----------
    satisfied_a, answered_a, satisfied_b, answered_b : array-like of int
        Counts a cell, one dimension.
    weights : array-like of int, optional
        How much each cell counts, for example the number of its cases in the population. When
        not given, the weights of Mantel and Haenszel, ``n_a n_b / (n_a + n_b)``, which serve
        the precision and need no population.
    level : float
        Confidence level, strictly between 0 and 1.

    Returns
    -------
    StandardisedDifference
        Method 'mantel_haenszel' or 'direct'. Cells in which one of the two was not asked are left
        out and `weight_used` says how much weight remains.

    Raises
    ------
    ValueError
        For bad counts (the argument is named), lists of different length, or a bad level.

    References
    ----------
    S. Greenland and J. M. Robins (1985), Biometrics 41:55-68 (weights). T. Sato (1989), Biometrics
    45:1323-1324 (their variance, good also for many small cells). For given weights the variance
    is the sum of p (1 - p) / (n - 1): W. G. Cochran (1977), section 5.

    Examples
    --------
    >>> found = standardised_difference([90, 45], [100, 50], [70, 50], [100, 64])
    >>> round(found.estimate, 4), round(found.low, 4), round(found.high, 4)
    (0.1708, 0.0874, 0.2541)
    """
    level = share("level", level)
    cells = _cells(satisfied_a, answered_a, satisfied_b, answered_b)
    both = (cells[1] > 0) & (cells[3] > 0)
    s1, n1, s2, n2 = _usable(*cells)
    if weights is None:
        estimate, variance = _mantel_haenszel(s1, n1, s2, n2)
        weight_used = 1.0 if s1.size else 0.0
        method = "mantel_haenszel"
    else:
        w = _weights(weights, both.size)
        weight_used = float(w[both].sum() / w.sum())
        estimate, variance = _direct(s1, n1, s2, n2, w[both])
        method = "direct"
    se = float(np.sqrt(variance))
    half = -float(ndtri((1 - level) / 2)) * se
    return StandardisedDifference(
        estimate, estimate - half, estimate + half, se, weight_used, s1.size, method, level
    )


def _cells(s1: object, n1: object, s2: object, n2: object) -> Cells:
    names = ("satisfied_a", "answered_a", "satisfied_b", "answered_b")
    rows = [one_row(name, row) for name, row in zip(names, (s1, n1, s2, n2), strict=True)]
    if len({row.size for row in rows}) > 1:
        raise ValueError(f"{', '.join(names)} must have one length")
    for place in (0, 2):
        successes_of(rows[place], rows[place + 1], names=(names[place], names[place + 1]))
    a, b, c, d = (row.astype(np.float64) for row in rows)
    return a, b, c, d


def _usable(s1: FloatArray, n1: FloatArray, s2: FloatArray, n2: FloatArray) -> Cells:
    both = (n1 > 0) & (n2 > 0)
    return s1[both], n1[both], s2[both], n2[both]


def _weights(weights: object, cells: int) -> IntArray:
    w = one_row("weights", weights)
    if w.size != cells or not w.any():
        raise ValueError(f"weights must be one for each of the {cells} cells, and not all 0")
    return w


def _mantel_haenszel(
    s1: FloatArray, n1: FloatArray, s2: FloatArray, n2: FloatArray
) -> tuple[float, float]:
    total = n1 + n2
    weight = float((n1 * n2 / total).sum())
    if weight == 0:
        return float("nan"), float("nan")
    estimate = float(((s1 * n2 - s2 * n1) / total).sum()) / weight
    p = (n1 * n1 * s2 - n2 * n2 * s1 + n1 * n2 * (n2 - n1) / 2) / total**2
    q = (s1 * (n2 - s2) + s2 * (n1 - s1)) / (2 * total)
    return estimate, float(estimate * p.sum() + q.sum()) / weight**2


def _direct(
    s1: FloatArray, n1: FloatArray, s2: FloatArray, n2: FloatArray, weights: IntArray
) -> tuple[float, float]:
    kept = weights > 0
    s1, n1, s2, n2, weights = s1[kept], n1[kept], s2[kept], n2[kept], weights[kept]
    if not weights.size:
        return float("nan"), float("nan")
    w, p1, p2 = weights / weights.sum(), s1 / n1, s2 / n2
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = p1 * (1 - p1) / (n1 - 1) + p2 * (1 - p2) / (n2 - 1)
    return float(w @ (p1 - p2)), float(w**2 @ variance)
