"""Totals, means and ratios of a probability sample, with design-based standard errors."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from survey.stats.coding import level_place, of_length
from survey.stats.counts import FloatArray, ScalarOrArray, share
from survey.stats.design import Design
from survey.stats.domains import Domains, answers_of, domains, t_quantile
from survey.stats.linearisation import (
    Linearised,
    covariance,
    degrees_of_freedom,
    linearised,
    one_per_row,
)
from survey.stats.version import VERSION


@dataclass(frozen=True, eq=False)
class Estimate:
    """An estimate of a probability sample.

    Attributes
    ----------
    estimate, se, low, high : float or numpy.ndarray of float64
        Arrays, one entry a domain, where `by` was given. NaN where nobody answered. The interval
        is NaN where `df` is 0: one PSU a stratum says nothing of spread.
    df : float or numpy.ndarray
        Degrees of freedom of the interval.
    n : int or numpy.ndarray of int64
        Rows that the estimate rests on.
    levels : tuple or None
        The labels of the domains.
    method : str
        'taylor': linearised variance and an interval with Student's t.
    level : float
    covariance : numpy.ndarray of float64 or None
        Covariances of the estimates, where they were asked for.
    version : str
    """

    estimate: ScalarOrArray
    se: ScalarOrArray
    low: ScalarOrArray
    high: ScalarOrArray
    df: ScalarOrArray
    n: ScalarOrArray
    levels: tuple[Hashable, ...] | None
    method: str
    level: float
    covariance: FloatArray | None = None
    version: str = VERSION


def survey_total(
    design: Design,
    y: object,
    *,
    by: object = None,
    subset: object = None,
    level: float = 0.95,
    df: float | None = None,
) -> Estimate:
    """Estimated total in the population: ``sum w y``.

    Parameters
    ----------
    design : Design
    y : array-like of float
        One for each row; ones give the number of people. NaN: not answered, adds nothing.
    by : array-like, optional
        A label for each row: one estimate for each label. Missing labels belong to none.
    subset : array-like of bool, optional
        Rows that belong to the part looked at; the others stay in the design with weight 0.
    level : float
    df : float, optional
        Degrees of freedom in place of the rule (PSUs minus strata, of those in which a row of
        the domain lies); infinity gives normal intervals.

    Returns
    -------
    Estimate

    Raises
    ------
    ValueError
        When lengths differ or a value is infinite; the argument is named.

    References
    ----------
    W. G. Cochran (1977), Sampling Techniques, sections 2.12-2.13 (domains) and chapters 5, 9-11.

    Examples
    --------
    >>> from survey.stats.design import survey_design
    >>> design = survey_design(weights=[10, 10, 20, 20], strata=["a", "a", "b", "b"])
    >>> found = survey_total(design, [1, 0, 1, 1])
    >>> found.estimate, found.se, found.df
    (50.0, 10.0, 2)
    """
    values = answers_of("y", y, design)
    where = domains(design, by, subset, values)
    point = where.sums(design.weights * values)
    return finished(design, where, point, values, level=level, df=df)


def survey_mean(
    design: Design,
    y: object,
    *,
    by: object = None,
    subset: object = None,
    level: float = 0.95,
    df: float | None = None,
    with_covariance: bool = False,
) -> Estimate:
    """Estimated mean: ``sum w y / sum w`` over those who answered.

    Parameters
    ----------
    design, y, by, subset, level, df
        As for `survey_total`. For shares between 0 and 1 use `survey_proportion`, whose
        intervals stay inside.
    with_covariance : bool
        Also return the covariances between the domains of `by`.

    Returns
    -------
    Estimate

    Raises
    ------
    ValueError
        As for `survey_total`.

    References
    ----------
    W. G. Cochran (1977), Sampling Techniques, sections 6.3 and 11.8.

    Examples
    --------
    >>> from survey.stats.design import survey_design
    >>> design = survey_design(weights=[1, 1, 1, 3], stages=[1, 1, 2, 3])
    >>> found = survey_mean(design, [4.0, 2.0, 3.0, 5.0])
    >>> round(found.estimate, 4), round(found.se, 4), found.df, found.n
    (4.0, 0.7638, 2, 4)
    """
    values = answers_of("y", y, design)
    where = domains(design, by, subset, values)
    point, influence = mean_and_influence(design, where, values)
    return finished(design, where, point, influence, level=level, df=df, with_cov=with_covariance)


def survey_ratio(
    design: Design,
    numerator: object,
    denominator: object,
    *,
    by: object = None,
    subset: object = None,
    level: float = 0.95,
    df: float | None = None,
) -> Estimate:
    """Estimated ratio of two totals: ``sum w y / sum w x``.

    Parameters
    ----------
    design, by, subset, level, df
        As for `survey_total`.
    numerator, denominator : array-like of float
        One for each row; a row counts where both are known.

    Returns
    -------
    Estimate
        NaN where the denominator's total is 0.

    Raises
    ------
    ValueError
        As for `survey_total`.

    References
    ----------
    W. G. Cochran (1977), Sampling Techniques, chapter 6.

    Examples
    --------
    >>> from survey.stats.design import survey_design
    >>> design = survey_design(weights=[1, 1, 1])
    >>> found = survey_ratio(design, [1, 4, 5], [2, 4, 6])
    >>> round(found.estimate, 4), round(found.se, 4)
    (0.8333, 0.0962)
    """
    above = answers_of("numerator", numerator, design)
    below = answers_of("denominator", denominator, design)
    where = domains(design, by, subset, above, below)
    size = where.sums(design.weights * below)
    size[size == 0] = np.nan
    point = where.sums(design.weights * above) / size
    influence = (above - where.spread(point) * below) / where.spread(size)
    return finished(design, where, point, influence, level=level, df=df)


def domain_contrast(
    design: Design,
    y: object,
    by: object,
    coefficients: Mapping[Hashable, float],
    *,
    subset: object = None,
    level: float = 0.95,
    df: float | None = None,
) -> Estimate:
    """A sum of domain means, each times a coefficient; covariances between domains included.

    Parameters
    ----------
    design, y, subset, level, df
        As for `survey_total`.
    by : array-like
        A label for each row.
    coefficients : mapping of label to float
        The domains that take part.

    Returns
    -------
    Estimate
        `df` and `n` are those of all domains that take part together.

    Raises
    ------
    ValueError
        As for `survey_total`; when no row has one of the labels.

    References
    ----------
    L. Kish (1965), Survey Sampling, section 12.4. T. Lumley (2010), Complex Surveys, section 2.4.

    Examples
    --------
    >>> from survey.stats.design import survey_design
    >>> design = survey_design(weights=[1, 1, 1, 1], stages=[1, 1, 2, 2])
    >>> found = domain_contrast(
    ...     design, [5, 3, 4, 2], ["a", "b", "a", "b"], {"a": 1, "b": -1}
    ... )
    >>> found.estimate, round(found.se, 6)
    (2.0, 0.0)
    """
    values = answers_of("y", y, design)
    found = of_length("by", by, design.n)
    chosen = [level_place("coefficients", label, found.levels) for label in coefficients]
    places = np.full(len(found.levels) + 1, -1, np.int64)  # the last one is for missing labels
    places[chosen] = np.arange(len(chosen))
    where = domains(design, None, subset, values)
    codes = np.where(where.codes >= 0, places[found.codes], -1)
    parts = Domains(codes, len(chosen), tuple(coefficients), np.flatnonzero(codes >= 0))
    point, influence = mean_and_influence(design, parts, values)
    between = covariance(design, one_per_row(influence, codes, len(chosen)))
    factors = np.array(list(coefficients.values()), np.float64)
    taken = Domains(np.minimum(codes, 0), 1, None, parts.kept)
    spread = Linearised(
        np.array([factors @ between @ factors]), degrees_of_freedom(design, taken.codes, 1)
    )
    return assembled(taken, np.array([factors @ point]), spread, level=level, df=df)


def domain_difference(
    design: Design,
    y: object,
    by: object,
    a: Hashable,
    b: Hashable,
    *,
    subset: object = None,
    level: float = 0.95,
    df: float | None = None,
) -> Estimate:
    """Mean of domain a minus mean of domain b, their covariance included.

    Parameters
    ----------
    design, y, by, subset, level, df
        As for `domain_contrast`.
    a, b : label

    Returns
    -------
    Estimate

    Raises
    ------
    ValueError
        As for `domain_contrast`.

    Examples
    --------
    >>> from survey.stats.design import survey_design
    >>> design = survey_design(weights=[1, 1, 1, 1])
    >>> found = domain_difference(design, [1, 0, 1, 1], ["x", "y", "y", "x"], "x", "y")
    >>> found.estimate, round(found.se, 4)
    (0.5, 0.4082)
    """
    if a == b:
        raise ValueError(f"a and b must be two domains, got {a!r} twice")
    return domain_contrast(design, y, by, {a: 1.0, b: -1.0}, subset=subset, level=level, df=df)


def mean_and_influence(
    design: Design, where: Domains, values: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Means of each domain and the influence of each row on its domain's mean."""
    size = where.sums(design.weights)
    size[size == 0] = np.nan
    point = where.sums(design.weights * values) / size
    influence = values - where.spread(point)
    influence /= where.spread(size)
    return point, influence


def finished(
    design: Design,
    where: Domains,
    point: FloatArray,
    influence: FloatArray,
    *,
    level: float,
    df: float | None,
    with_cov: bool = False,
) -> Estimate:
    """The estimate whose influence values are given, with its variance."""
    share("level", level)
    if with_cov:
        between = covariance(design, one_per_row(influence, where.codes, where.count))
        freedom = degrees_of_freedom(design, where.codes, where.count)
        spread = Linearised(np.diag(between), freedom)
        return assembled(where, point, spread, level=level, df=df, cov=between)
    spread = linearised(design, influence, where.codes, where.count)
    return assembled(where, point, spread, level=level, df=df)


def assembled(
    where: Domains,
    point: FloatArray,
    spread: Linearised,
    *,
    level: float,
    df: float | None,
    cov: FloatArray | None = None,
) -> Estimate:
    """An estimate and its variance with the interval of Student's t."""
    share("level", level)
    rows = where.rows()
    point = np.where(rows > 0, point, np.nan)
    se = np.sqrt(np.where(np.isnan(point), np.nan, np.maximum(spread.variance, 0.0)))
    freedom: Any = spread.df
    if df is not None:
        freedom = np.full(where.count, float(df))
    half = t_quantile(level, freedom) * se
    shaped = where.shaped
    return Estimate(
        shaped(point), shaped(se), shaped(point - half), shaped(point + half), shaped(freedom),
        shaped(rows), where.levels, "taylor", level, cov,
    )  # fmt: skip
