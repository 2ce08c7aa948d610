"""The variance of an estimated total by Taylor linearisation, over the stages of a design.

An estimate that is no total (a mean, a ratio, an index) is replaced by the total of its influence
values; every standard error of the package is one of these. Replicate weights, when they come,
are another source of variances for the same estimates and stand beside this module.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from survey.stats.coding import compress, pair_sums, sums
from survey.stats.counts import FloatArray, IntArray
from survey.stats.design import Design
from survey.stats.stages import Stage

# Cluster totals held at a time when all columns of a calibrated design are wanted at once.
LARGEST_TABLE = 4_000_000
# A table of all clusters and domains is faster than a list of the pairs that occur while it has
# no more cells than this times the rows.
DENSE = 2


@dataclass(frozen=True, eq=False)
class Pairs:
    """Cluster totals of domains, only where a cluster holds the domain.

    `totals`, `parents` and `domains` have one entry for each such pair.
    """

    totals: FloatArray
    parents: IntArray
    domains: IntArray

    def degrees_of_freedom(self, stage: Stage, domains: int) -> IntArray:
        """Clusters minus parents of those that hold the domain."""
        _, found = compress(self.parents * domains + self.domains, stage.sizes.size * domains)
        clusters = np.bincount(self.domains, minlength=domains)
        return np.asarray(clusters - np.bincount(found % domains, minlength=domains))


@dataclass(frozen=True, eq=False)
class Table:
    """Cluster totals of domains, clusters x domains, and which cluster holds which domain."""

    totals: FloatArray
    held: NDArray[np.bool_]

    def degrees_of_freedom(self, stage: Stage, domains: int) -> IntArray:
        """Clusters minus parents of those that hold the domain."""
        parents = np.logical_or.reduceat(self.held, stage.starts)
        return np.asarray(self.held.sum(axis=0) - parents.sum(axis=0))


class Linearised(NamedTuple):
    """Variance and degrees of freedom, one of each for each domain."""

    variance: FloatArray
    df: IntArray


def linearised(design: Design, influence: FloatArray, codes: IntArray, domains: int) -> Linearised:
    """Variances of the weighted totals of influence values within domains.

    Parameters
    ----------
    design : Design
    influence : numpy.ndarray of float64
        One for each row, not yet weighted.
    codes : numpy.ndarray of int64
        The domain of each row, 0..domains-1, or -1 for rows of no domain.
    domains : int

    Returns
    -------
    Linearised
        Variances, and PSUs minus strata of those in which a row of the domain lies.

    Notes
    -----
    At each stage, ``sum (1 - f) n / (n - 1) sum (t - mean t)^2`` over parents, t being the
    weighted total of a cluster, times the sampled fractions of the stages above. The clusters
    without the domain count as totals of 0.

    References
    ----------
    W. G. Cochran (1977), Sampling Techniques, sections 10.3 and 11.8. K. M. Wolter (2007),
    Introduction to Variance Estimation, chapter 6.

    Examples
    --------
    >>> from survey.stats.design import survey_design
    >>> design = survey_design(weights=[2, 2, 2])
    >>> found = linearised(design, np.array([1.0, 0.0, 1.0]), np.array([0, 0, -1]), 1)
    >>> found.variance.round(6).tolist(), found.df.tolist()
    ([4.0], [1])
    """
    if design.calibration is not None:
        return Linearised(
            _calibrated_variance(design, influence, codes, domains),
            degrees_of_freedom(design, codes, domains),
        )
    kept = _inside(codes)
    weighted, own = (design.weights * influence)[kept], codes[kept]
    found, df = np.zeros(domains), np.zeros(domains, np.int64)
    for stage in design.stages:
        clusters = stage.codes[kept]
        totals = _totals(stage, clusters, weighted, own, domains)
        if isinstance(totals, Table):
            found += _table_variance(design, stage, totals)
        else:
            found += _pairs_variance(design, stage, totals, domains)
        if stage is design.stages[0]:
            df = totals.degrees_of_freedom(stage, domains)
    return Linearised(found, df)


def _inside(codes: IntArray) -> Any:
    inside = codes >= 0
    return slice(None) if inside.all() else np.flatnonzero(inside)


def _totals(
    stage: Stage, clusters: IntArray, weighted: FloatArray, codes: IntArray, domains: int
) -> Table | Pairs:
    dense = stage.parents.size * domains <= DENSE * clusters.size
    add_up = _table if dense else _pairs
    return add_up(stage, clusters, weighted, codes, domains)


def _table(
    stage: Stage, clusters: IntArray, weighted: FloatArray, codes: IntArray, domains: int
) -> Table:
    shape = (stage.parents.size, domains)
    keys = clusters * domains + codes
    totals = sums(keys, weighted, shape[0] * shape[1]).reshape(shape)
    held = np.zeros(totals.size, bool)
    held[keys] = True
    return Table(totals, held.reshape(shape))


def _table_variance(design: Design, stage: Stage, table: Table) -> FloatArray:
    squares = _centred(design, stage, table)
    squares *= squares
    return np.asarray(_scales(design, stage) @ squares)


def _centred(design: Design, stage: Stage, table: Table) -> FloatArray:
    """Cluster totals minus the mean of their parent, by the policies of the design."""
    means = np.add.reduceat(table.totals, stage.starts) / stage.sizes[:, None]
    if design.lonely_domains == "adjust":
        once = np.add.reduceat(table.held.astype(np.int64), stage.starts) == 1
        means[once & (stage.sizes > 1)[:, None]] = 0.0
    if design.lonely == "adjust":
        means[stage.lonely] = table.totals.mean(axis=0)
    centred = means[stage.parents]
    return np.subtract(table.totals, centred, out=centred)


def _scales(design: Design, stage: Stage) -> FloatArray:
    """What the squares of a cluster count, one for each cluster."""
    factor = _averaged(stage) if design.lonely == "average" else 1.0
    return np.asarray(factor * stage.scales[stage.parents])


def _pairs(
    stage: Stage, clusters: IntArray, weighted: FloatArray, codes: IntArray, domains: int
) -> Pairs:
    if stage.parents.size == stage.codes.size:  # each row is a cluster: nothing to add up
        return Pairs(weighted, stage.parents[clusters], codes)
    keys = clusters * domains + codes
    found, totals = pair_sums(keys, stage.parents.size * domains, weighted)
    of_cluster, of_domain = np.divmod(found, domains)
    return Pairs(totals, stage.parents[of_cluster], of_domain)


def _pairs_variance(design: Design, stage: Stage, pairs: Pairs, domains: int) -> FloatArray:
    keys, found = compress(pairs.parents * domains + pairs.domains, stage.sizes.size * domains)
    parents, of_domain = np.divmod(found, domains)
    sizes = stage.sizes[parents]
    held = np.bincount(keys, minlength=found.size)
    means = sums(keys, pairs.totals, found.size) / sizes
    if design.lonely_domains == "adjust":
        means[(held == 1) & (sizes > 1)] = 0.0
    squares = sums(keys, (pairs.totals - means[keys]) ** 2, found.size)
    squares += (sizes - held) * means**2
    result = sums(of_domain, stage.scales[parents] * squares, domains)
    if stage.lonely.any():
        result = _with_lonely(design, stage, pairs, result, domains)
    return result


def _with_lonely(
    design: Design, stage: Stage, pairs: Pairs, result: FloatArray, domains: int
) -> FloatArray:
    """Single clusters are their own mean and have added nothing so far."""
    if design.lonely == "average":
        return result * _averaged(stage)
    if design.lonely != "adjust":
        return result
    grand = sums(pairs.domains, pairs.totals, domains) / stage.parents.size
    alone = np.flatnonzero(stage.lonely[pairs.parents])
    of_domain = pairs.domains[alone]
    scales = stage.scales[pairs.parents[alone]]
    squares = (pairs.totals[alone] - grand[of_domain]) ** 2
    absent = stage.scales[stage.lonely].sum() - sums(of_domain, scales, domains)
    return np.asarray(result + sums(of_domain, scales * squares, domains) + absent * grand**2)


def _averaged(stage: Stage) -> float:
    return float(stage.sizes.size / (stage.sizes.size - stage.lonely.sum()))


def degrees_of_freedom(design: Design, codes: IntArray, domains: int) -> IntArray:
    """PSUs minus strata, counting those in which a row of the domain lies.

    Examples
    --------
    >>> from survey.stats.design import survey_design
    >>> design = survey_design(weights=[1, 1, 1, 1], strata=["a", "a", "b", "b"])
    >>> degrees_of_freedom(design, np.array([0, 0, 1, -1]), 2).tolist()
    [1, 0]
    """
    kept, first = _inside(codes), design.stages[0]
    totals = _totals(first, first.codes[kept], design.weights[kept], codes[kept], domains)
    return totals.degrees_of_freedom(first, domains)


def one_per_row(influence: FloatArray, codes: IntArray, domains: int) -> Any:
    """Influence values as sparse columns, one column a domain, one entry a row inside.

    Examples
    --------
    >>> one_per_row(np.array([0.5, 2.0]), np.array([1, -1]), 2).toarray().tolist()
    [[0.0, 0.5], [0.0, 0.0]]
    """
    inside = codes >= 0
    starts = np.concatenate([[0], np.cumsum(inside)])
    return sparse.csr_array((influence[inside], codes[inside], starts), shape=(codes.size, domains))


def all_per_row(influence: FloatArray, inside: Any) -> Any:
    """Several influence values a row as sparse columns, zeros kept as entries.

    Examples
    --------
    >>> found = all_per_row(np.array([[0.0, 2.0], [3.0, 4.0]]), np.array([True, False]))
    >>> found.nnz, found.toarray().tolist()
    (2, [[0.0, 2.0], [0.0, 0.0]])
    """
    width = influence.shape[1]
    starts = np.concatenate([[0], np.cumsum(inside)]) * width
    places = np.tile(np.arange(width), int(inside.sum()))
    return sparse.csr_array(
        (influence[inside].reshape(-1), places, starts), shape=(inside.size, width)
    )


def covariance(design: Design, columns: Any) -> FloatArray:
    """Covariances of the weighted totals of several columns of influence values.

    Parameters
    ----------
    design : Design
    columns : scipy.sparse.csr_array, rows x k
        Influence values, not yet weighted. Rows outside a column's domain have no entry.

    Returns
    -------
    numpy.ndarray of float64, k x k

    Examples
    --------
    >>> from survey.stats.design import survey_design
    >>> design = survey_design(weights=[2, 2, 2])
    >>> found = covariance(design, sparse.csr_array([[1.0, 0.0], [0.0, 2.0], [1.0, 0.0]]))
    >>> found.round(6).tolist()
    [[4.0, -8.0], [-8.0, 16.0]]
    """
    found = np.zeros((columns.shape[1], columns.shape[1]))
    for stage, table in _tables(design, columns):
        centred = _centred(design, stage, table)
        found += (centred * _scales(design, stage)[:, None]).T @ centred
    return found


def _calibrated_variance(
    design: Design, influence: FloatArray, codes: IntArray, domains: int
) -> FloatArray:
    every = one_per_row(influence, codes, domains).tocsc()
    step = max(1, LARGEST_TABLE // max(stage.parents.size for stage in design.stages))
    found = np.zeros(domains)
    for start in range(0, domains, step):
        block = slice(start, start + step)
        for stage, table in _tables(design, every[:, block].tocsr()):
            found[block] += _table_variance(design, stage, table)
    return found


def _tables(design: Design, columns: Any) -> Iterator[tuple[Stage, Table]]:
    """For each stage the cluster totals of columns, of residuals where weights were fitted."""
    entries = sparse.csr_array(
        (np.ones_like(columns.data), columns.indices, columns.indptr), shape=columns.shape
    )
    fitted = None if design.calibration is None else design.calibration.coefficients(columns)
    for stage in design.stages:
        adding = _adding(stage, design.weights)
        totals = (adding @ columns).toarray()
        if design.calibration is not None and fitted is not None:
            totals -= (adding @ design.calibration.auxiliaries).toarray() @ fitted
        if design.lonely_domains == "adjust":
            held = (_adding(stage, np.ones(design.n)) @ entries).toarray() > 0
        else:  # not looked at
            held = np.ones(totals.shape, bool)
        yield stage, Table(totals, held)


def _adding(stage: Stage, weights: FloatArray) -> Any:
    rows = np.arange(stage.codes.size)
    shape = (stage.parents.size, stage.codes.size)
    return sparse.csr_array((weights, (stage.codes, rows)), shape=shape)
