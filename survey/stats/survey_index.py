"""An index of a probability sample: the weighted mean of several items' means."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from survey.stats.counts import FloatArray, ScalarOrArray, share
from survey.stats.design import Design, columns
from survey.stats.domains import Domains, answers_of, domains
from survey.stats.estimation import assembled, mean_and_influence
from survey.stats.linearisation import covariance, linearised, one_per_row
from survey.stats.version import VERSION


@dataclass(frozen=True, eq=False)
class IndexEstimate:
    """An index with the item means that it is made of.

    Attributes
    ----------
    estimate, se, low, high, df, n, levels, level
        As of `survey.stats.estimation.Estimate`; `n` counts rows that answered an item.
    items : numpy.ndarray of float64
        The mean of each item; domains x items where `by` was given.
    weights : numpy.ndarray of float64
        What each item counts; they add up to 1.
    covariance : numpy.ndarray of float64 or None
        Covariances of the item means; None where `by` was given.
    method : str
        'mean_of_item_means'.
    version : str
    """

    estimate: ScalarOrArray
    se: ScalarOrArray
    low: ScalarOrArray
    high: ScalarOrArray
    df: ScalarOrArray
    n: ScalarOrArray
    items: FloatArray
    weights: FloatArray
    covariance: FloatArray | None
    levels: tuple[Hashable, ...] | None
    method: str
    level: float
    version: str = VERSION


def survey_index(
    design: Design,
    items: object,
    *,
    weights: object = None,
    by: object = None,
    subset: object = None,
    level: float = 0.95,
    df: float | None = None,
) -> IndexEstimate:
    """Mean over items of the mean of each item among those who answered that item.

    Parameters
    ----------
    design : Design
    items : list of array-like of float
        For each item, one answer a row (for shares: 1 or 0); NaN where not answered.
    weights : array-like of float, optional
        What each item counts, not negative; scaled to add up to 1. All count the same when not
        given.
    by, subset, level, df
        As for `survey_total`.

    Returns
    -------
    IndexEstimate
        NaN where an item that counts has no answer.

    Raises
    ------
    ValueError
        As for `survey_total`; for weights that are negative, NaN, all 0, or not one an item.

    Notes
    -----
    The variance is that of ``sum_k a_k w (y_k - p_k) / W_k``, one pass: items that the same
    people answer go up and down together, and adding their variances would miss it. The share
    of people who are satisfied with every item, and the share over all answers pooled, are other
    measures.

    References
    ----------
    K. M. Wolter (2007), Introduction to Variance Estimation, section 6.5.

    Examples
    --------
    >>> from survey.stats.design import survey_design
    >>> design = survey_design(weights=[1, 1, 2, 2])
    >>> found = survey_index(design, [[1, 0, 1, 1], [1, 1, None, 0]])
    >>> round(found.estimate, 4), round(found.se, 4), found.items.round(4).tolist()
    (0.6667, 0.1465, [0.8333, 0.5])
    """
    share("level", level)
    answers = [answers_of("items", item, design) for item in columns(items)]
    counted = _counted(weights, len(answers))
    # A row belongs to the index when it answers any item.
    silent = np.ones(design.n, bool)
    for values in answers:
        silent &= np.isnan(values)
    asked: Any = np.where(silent, np.nan, 0.0)
    where = domains(design, by, subset, asked)
    parts = [_item(design, where, values) for values in answers]
    items_found = np.stack([point for point, _, _ in parts], axis=1)
    influence = np.zeros(design.n)
    for factor, (_, own, _) in zip(counted, parts, strict=True):
        influence += factor * own
    # An item of weight 0 may be without answers.
    point = np.where(counted == 0, 0.0, items_found * counted).sum(axis=1)
    spread = linearised(design, influence, where.codes, where.count)
    found = assembled(where, point, spread, level=level, df=df)
    between = None if by is not None else _covariance(design, parts)
    return IndexEstimate(
        found.estimate, found.se, found.low, found.high, found.df, found.n,
        items_found[0] if where.levels is None else items_found, counted, between, found.levels,
        "mean_of_item_means", level,
    )  # fmt: skip


def _counted(weights: object, items: int) -> FloatArray:
    if not items:
        raise ValueError("items must hold at least one item")
    given = np.ones(items) if weights is None else np.asarray(weights, np.float64)
    if given.shape != (items,) or not (given >= 0).all() or not 0 < given.sum() < np.inf:
        raise ValueError(f"weights must be {items} numbers, none negative and not all 0")
    return np.asarray(given / given.sum())


def _item(
    design: Design, where: Domains, values: FloatArray
) -> tuple[FloatArray, FloatArray, Domains]:
    known = (where.codes >= 0) & ~np.isnan(values)
    own = Domains(
        np.where(known, where.codes, -1), where.count, where.levels, np.flatnonzero(known)
    )
    point, influence = mean_and_influence(design, own, values)
    return point, np.where(known, influence, 0.0), own


def _covariance(
    design: Design, parts: Sequence[tuple[FloatArray, FloatArray, Domains]]
) -> FloatArray:
    together = [one_per_row(influence, own.codes, 1) for _, influence, own in parts]
    return covariance(design, sparse.hstack(together, format="csr"))
