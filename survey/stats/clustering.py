"""How much answers that come in groups resemble each other, and what that costs."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from survey.stats.coding import without_missing
from survey.stats.counts import (
    FloatArray,
    ScalarOrArray,
    as_given,
    one_row,
    share,
    spread,
    successes_of,
)
from survey.stats.design import Design
from survey.stats.domains import answers_of, domains, t_quantile
from survey.stats.effective import wilson_ends
from survey.stats.estimation import mean_and_influence
from survey.stats.linearisation import linearised
from survey.stats.proportion import interval
from survey.stats.version import VERSION

FEW_CLUSTERS = 8


@dataclass(frozen=True)
class ClusteredInterval:
    """An interval of a rate whose answers came in clusters.

    Attributes
    ----------
    estimate, low, high : float
        NaN where nothing was answered.
    se : float
        0 where everybody, or nobody, was satisfied; NaN for fewer than two clusters.
    n_effective : float
        Size of the simple random sample with the same precision, at most the answers.
    deff : float
        Answers over effective size before capping.
    clusters, n : int
        Clusters with an answer, and answers.
    df : int
        Clusters minus 1.
    few_clusters : bool
        Fewer than 8: the interval is Wilson's plain one and is too narrow.
    method : str
        'wilson_clustered', or 'wilson' where there are few clusters.
    level, version
    """

    estimate: float
    low: float
    high: float
    se: float
    n_effective: float
    deff: float
    clusters: int
    n: int
    df: int
    few_clusters: bool
    method: str
    level: float
    version: str = VERSION


def intraclass_correlation(y: object, clusters: object) -> float:
    """Correlation of two answers from the same cluster, by analysis of variance, 0 at least.

    Parameters
    ----------
    y : array-like of float
        One for each row; NaN rows are left out.
    clusters : array-like
        The cluster of each row.

    Returns
    -------
    float
        NaN where there are fewer than two clusters, no cluster has two rows, or nothing varies.

    Raises
    ------
    ValueError
        When the lengths differ or a cluster is missing.

    References
    ----------
    A. Donner (1986), International Statistical Review 54:67-82. M. Ridout, C. Demetrio and
    D. Firth (1999), Biometrics 55:137-148 (for 0/1 answers).

    Examples
    --------
    >>> round(intraclass_correlation([1, 1, 1, 0, 0, 0, 0, 1], [1, 1, 1, 1, 2, 2, 2, 2]), 4)
    0.2
    """
    values = np.asarray(y, np.float64)
    if values.ndim != 1:
        raise ValueError(f"y must be one number for each row, got shape {values.shape}")
    codes = without_missing("clusters", clusters, values.size).codes
    known = ~np.isnan(values)
    values, codes = values[known], codes[known]
    sizes = np.bincount(codes)
    sizes = sizes[sizes > 0]
    n, groups = values.size, sizes.size
    if groups < 2 or n == groups:
        return float("nan")
    filled = np.bincount(codes) > 0
    means = (np.bincount(codes, values)[filled]) / sizes
    place = (np.cumsum(filled) - 1)[codes]
    between = float((sizes * (means - values.mean()) ** 2).sum()) / (groups - 1)
    within = float(((values - means[place]) ** 2).sum()) / (n - groups)
    size = (n - float((sizes**2).sum()) / n) / (groups - 1)
    total = between + (size - 1) * within
    return max(0.0, (between - within) / total) if total > 0 else float("nan")


def planned_design_effect(cluster_size: object, correlation: object) -> ScalarOrArray:
    """Design effect to plan with: ``1 + (m - 1) rho``.

    Parameters
    ----------
    cluster_size : float or array-like of float
        Mean number of answers a cluster, at least 1.
    correlation : float or array-like of float
        Intraclass correlation, 0 to 1.

    Returns
    -------
    float or numpy.ndarray of float64

    Raises
    ------
    ValueError

    References
    ----------
    L. Kish (1965), Survey Sampling, section 5.4.

    Examples
    --------
    >>> round(planned_design_effect(21, 0.04), 4)
    1.8
    """
    size, rho = spread(
        cluster_size=np.asarray(cluster_size, np.float64),
        correlation=np.asarray(correlation, np.float64),
    )
    if not (size >= 1).all():
        raise ValueError("cluster_size must be at least 1")
    if not ((rho >= 0) & (rho <= 1)).all():
        raise ValueError("correlation must lie in 0 to 1")
    return as_given(np.asarray(1 + (size - 1) * rho))


def design_effect(design: Design, y: object, *, subset: object = None) -> float:
    """Variance of a mean over that of a simple random sample of as many, drawn without return.

    Parameters
    ----------
    design : Design
    y : array-like of float
        One for each row, NaN where not answered.
    subset : array-like of bool, optional
        Rows that belong to the part looked at.

    Returns
    -------
    float
        NaN where nothing varies or fewer than two answered.

    Raises
    ------
    ValueError
        As for `survey_total`; when the weights add up to no more than the rows that answered, so
        that they cannot stand for a population.

    References
    ----------
    L. Kish (1965), Survey Sampling, section 8.2; the definition is that of R's survey, with
    ``S^2 (N - n) / (N n)``, N the sum of the weights, in the denominator.

    Examples
    --------
    >>> from survey.stats.design import survey_design
    >>> design = survey_design(weights=[10, 10, 10, 10], stages=[1, 1, 2, 2])
    >>> round(design_effect(design, [1, 1, 0, 1]), 4)
    1.1111
    """
    values = answers_of("y", y, design)
    where = domains(design, None, subset, values)
    point, influence = mean_and_influence(design, where, values)
    rows, population = int(where.rows()[0]), float(where.sums(design.weights)[0])
    if rows < 2:
        return float("nan")
    if population <= rows:
        raise ValueError(f"weights must add up to a population above the {rows} rows")
    squares = where.sums(design.weights * (values - point[0]) ** 2)[0] / population
    simple = float(squares * rows / (rows - 1) * (population - rows) / (population * rows))
    found = float(linearised(design, influence, where.codes, 1).variance[0])
    return found / simple if simple > 0 else float("nan")


def clustered_interval(
    satisfied: object, answered: object, *, deff: float | None = None, level: float = 0.95
) -> ClusteredInterval:
    """Interval of a rate from counts a cluster: the answers of one place and day, say.

    Parameters
    ----------
    satisfied, answered : array-like of int
        Counts, one for each cluster; clusters without answers are passed over.
    deff : float, optional
        Design effect of comparable clusters, at least 1: used where everybody or nobody was
        satisfied and no spread can be seen. 1 when not given.
    level : float

    Returns
    -------
    ClusteredInterval

    Raises
    ------
    ValueError
        For bad counts (the argument is named), a bad level, or `deff` below 1.

    References
    ----------
    W. G. Cochran (1977), Sampling Techniques, section 3.12 (ratio of cluster totals). N. Dean
    and M. Pagano (2015), J. Survey Statistics and Methodology 3:484-503.

    Examples
    --------
    >>> found = clustered_interval([9, 7, 10, 4, 8, 9, 10, 6], [10] * 8)
    >>> round(found.estimate, 4), round(found.low, 4), round(found.high, 4)
    (0.7875, 0.5753, 0.9102)
    """
    level = share("level", level)
    if deff is not None and not 1 <= deff < np.inf:
        raise ValueError(f"deff must be at least 1, got {deff}")
    s, n = successes_of(one_row("satisfied", satisfied), one_row("answered", answered))
    s, n = s[n > 0], n[n > 0]
    clusters, total = int(n.size), int(n.sum())
    few = clusters < FEW_CLUSTERS
    if not total:
        nan = float("nan")
        return ClusteredInterval(nan, nan, nan, nan, 0.0, nan, 0, 0, 0, True, "wilson", level)
    p = int(s.sum()) / total
    se = _clustered_se(s.astype(np.float64), n.astype(np.float64), p)
    effect = (1.0 if deff is None else deff) if p in (0, 1) else se * se * total / (p * (1 - p))
    worth = total if few or not effect > 1 else total / effect
    if few:
        plain: Any = interval(int(s.sum()), total, level=level)
        low, high, method = plain.low, plain.high, "wilson"
    else:
        t = float(t_quantile(level, clusters - 1))
        ends = wilson_ends(np.array(p), np.array(float(worth)), t)
        low, high, method = float(ends[0]), float(ends[1]), "wilson_clustered"
    return ClusteredInterval(
        p, low, high, se, float(worth), float(effect), clusters, total, clusters - 1, few,
        method, level,
    )  # fmt: skip


def _clustered_se(s: FloatArray, n: FloatArray, p: float) -> float:
    if n.size < 2:
        return float("nan")
    squares = float(((s - p * n) ** 2).sum())
    return float(np.sqrt(squares * n.size / (n.size - 1)) / n.sum())
