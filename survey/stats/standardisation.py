"""Direct standardisation: the rate as if every cell had answered in proportion to its size."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from survey.stats.counts import IntArray, counts, one_row, share, successes_of
from survey.stats.effective import effective_interval
from survey.stats.version import VERSION


@dataclass(frozen=True)
class StandardisedRate:
    """A rate weighted by the sizes of the cells.

    Attributes
    ----------
    estimate : float
        The standardised share; NaN where nothing was answered.
    raw : float
        The plain share of all answers, to stand beside it.
    low, high : float
        Wilson interval on the effective sample size; NaN where the variance is not defined.
    variance : float
        NaN where a cell with answers has only one of several members; then collapse cells first.
    population_share : float
        Share of the population that lies in cells with answers; the rest is not represented.
    effective : float
        How many independent answers the estimate is worth; infinite at a full count.
    method, level, version
    """

    estimate: float
    raw: float
    low: float
    high: float
    variance: float
    population_share: float
    effective: float
    method: str
    level: float
    version: str = VERSION


def standardise(
    satisfied: object, answered: object, population: object, *, level: float = 0.95
) -> StandardisedRate:
    """Rate standardised directly to the population of each cell.

    Parameters
    ----------
    satisfied, answered : array-like of int
        Counts a cell, one dimension.
    population : array-like of int
        How many could have answered in each cell. No cell may have more answers than that.
    level : float
        Confidence level, strictly between 0 and 1.

    Returns
    -------
    StandardisedRate
        The weighted mean over the cells that have answers, weights in proportion to their
        population; the variance has a finite-population correction in each cell.

    Raises
    ------
    ValueError
        For bad counts (the argument is named), lists of different length, a population smaller
        than the answers, or a bad level.

    Notes
    -----
    It corrects only what the cells explain: within a cell the answers are taken as a random
    sample. Never shown alone, always beside the raw rate. Where every answer is of one kind the
    variance would be 0; the interval then rests on Kish's effective size of the weights.

    References
    ----------
    W. G. Cochran (1977), Sampling Techniques, sections 5.3 and 5A.

    Examples
    --------
    >>> found = standardise([90, 30], [100, 50], [1000, 9000])
    >>> round(found.raw, 3), round(found.estimate, 3)
    (0.8, 0.63)
    >>> round(found.low, 3), round(found.high, 3)
    (0.502, 0.742)
    """
    level = share("level", level)
    s, n, members = _cells(satisfied, answered, population)
    used = n > 0
    if not used.any():
        nan = float("nan")
        return StandardisedRate(nan, nan, nan, nan, nan, 0.0, 0.0, "direct", level)
    total = members.sum()
    raw = float(s.sum() / n.sum())
    s, n, members = s[used], n[used], members[used]
    weights, rates = members / members.sum(), s / n
    estimate = float(weights @ rates)
    variance = _variance(weights, rates, n, members)
    effective = _effective(estimate, variance, weights, n, members)
    ends = effective_interval(estimate, effective, level=level)
    undefined = np.isnan(variance)
    return StandardisedRate(
        estimate=estimate,
        raw=raw,
        low=np.nan if undefined else ends.low,
        high=np.nan if undefined else ends.high,
        variance=variance,
        population_share=float(members.sum() / total),
        effective=np.nan if undefined else effective,
        method="direct",
        level=level,
    )


def _cells(
    satisfied: object, answered: object, population: object
) -> tuple[IntArray, IntArray, IntArray]:
    s, n = successes_of(one_row("satisfied", satisfied), one_row("answered", answered))
    members = one_row("population", population)
    if not s.shape == n.shape == members.shape:
        raise ValueError("satisfied, answered and population must have one length")
    over = n > members
    if over.any():
        first = int(np.argmax(over))
        raise ValueError(
            f"population must not be below answered, got {members[first]} for {n[first]}"
        )
    return s, n, members


def _variance(
    weights: NDArray[np.float64], rates: NDArray[np.float64], n: IntArray, members: IntArray
) -> float:
    full = n == members
    if ((n < 2) & ~full).any():
        return float("nan")
    each = rates * (1 - rates) * (1 - n / members) / np.maximum(n - 1, 1)
    return float(weights**2 @ each)


def _effective(
    estimate: float,
    variance: float,
    weights: NDArray[np.float64],
    n: IntArray,
    members: IntArray,
) -> float:
    if (n == members).all():
        return float("inf")
    if not variance > 0:
        return float(1 / (weights**2 @ (1 / n)))
    return estimate * (1 - estimate) / variance


def collapse(answered: object, ladder: Sequence[Sequence[object]], *, minimum: int = 2) -> IntArray:
    """Join cells with too few answers to their neighbours, step by step.

    Parameters
    ----------
    answered : array-like of int
        Counts a cell, one dimension.
    ladder : sequence of sequences
        Groupings of the cells, the closest kinship first: each holds a label for every cell, and
        cells are joined within a label only. Each grouping must be coarser than the one before.
    minimum : int
        How many answers a cell needs.

    Returns
    -------
    numpy.ndarray of int64
        For every cell the number of its group, 0, 1, 2, ... in the order of first appearance; add
        up the counts of a group (``numpy.bincount``) before `standardise`. Groups that are still
        too small after the last step stay as they are.

    Raises
    ------
    ValueError
        For bad counts, or a grouping that has not one label for each cell.

    Notes
    -----
    At each step the groups that are too small within one label are pooled; if the pool is still
    too small it also takes the smallest of the others, the first of equals. The answers decide
    which cells are joined, never how satisfied they are.

    Examples
    --------
    >>> collapse([50, 1, 0, 40], [["x", "x", "y", "y"]]).tolist()
    [0, 0, 1, 1]
    >>> collapse([50, 1, 1, 40], [["x", "x", "x", "y"]]).tolist()
    [0, 1, 1, 2]
    """
    n = one_row("answered", answered)
    least = int(counts("minimum", minimum))
    group = np.arange(n.size)
    for step, labels in enumerate(ladder):
        if len(labels) != n.size:
            raise ValueError(f"ladder[{step}] must have a label for each of the {n.size} cells")
        for label in dict.fromkeys(labels):
            inside = np.array([one == label for one in labels])
            group[inside] = _pooled(group[inside], n[inside], least)
    order = {name: place for place, name in enumerate(dict.fromkeys(group.tolist()))}
    return np.array([order[name] for name in group.tolist()])


def _pooled(group: IntArray, n: IntArray, least: int) -> IntArray:
    names = list(dict.fromkeys(group.tolist()))
    sizes = {name: int(n[group == name].sum()) for name in names}
    small = [name for name in names if sizes[name] < least]
    if not small:
        return group
    others = [name for name in names if name not in small]
    if sum(sizes[name] for name in small) < least and others:
        small.append(min(others, key=sizes.__getitem__))
    return np.where(np.isin(group, small), small[0], group)
