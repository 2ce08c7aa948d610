"""Weights that are too large, cut, with what is cut off given to the others."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from survey.stats.counts import FloatArray, choice
from survey.stats.design import positive_weights
from survey.stats.version import VERSION


@dataclass(frozen=True, eq=False)
class TrimmedWeights:
    """Weights none of which is above a limit.

    Attributes
    ----------
    weights : numpy.ndarray of float64
        With the sum of the weights that were given.
    upper : float
        The limit.
    trimmed : numpy.ndarray of bool
        The rows that were cut, those that came above the limit by what they were given included.
    n_above : int
        How many of the given weights were above the limit.
    method : str
        'trimming'.
    version : str
    """

    weights: FloatArray
    upper: float
    trimmed: NDArray[np.bool_]
    n_above: int
    method: str = "trimming"
    version: str = VERSION


@dataclass(frozen=True)
class WeightReport:
    """How unequal weights are.

    Attributes
    ----------
    n : int
        Rows with weight above 0.
    total, smallest, largest, mean : float
    cv : float
        Standard deviation (over n) by mean.
    deff : float
        Kish's ``1 + cv^2``: how much the inequality costs when it has nothing to do with the
        answers.
    n_effective : float
        ``n / deff``.
    trimmed_share : float
        Share of those rows that were cut.
    method, version : str
    """

    n: int
    total: float
    smallest: float
    largest: float
    mean: float
    cv: float
    deff: float
    n_effective: float
    trimmed_share: float
    method: str = "kish"
    version: str = VERSION


def weight_limit(weights: object, *, rule: str = "median_iqr") -> float:
    """Where weights are cut.

    Parameters
    ----------
    weights : array-like of float
    rule : {'median_iqr', 'five_means'}
        The median plus six times the interquartile range, or five times the mean; of the weights
        above 0.

    Returns
    -------
    float

    Raises
    ------
    ValueError

    References
    ----------
    F. Potter (1990), Proc. Section on Survey Research Methods, Am. Stat. Assoc., 225-230;
    J. Van de Kerckhove et al. (2014), same series (median plus 6 IQR).

    Examples
    --------
    >>> weight_limit([1, 2, 3, 4, 40])
    15.0
    """
    choice("rule", rule, ["median_iqr", "five_means"])
    found = positive_weights(weights)
    found = found[found > 0]
    if rule == "five_means":
        return float(5 * found.mean())
    low, middle, high = np.quantile(found, [0.25, 0.5, 0.75])
    return float(middle + 6 * (high - low))


def trim_weights(weights: object, upper: float) -> TrimmedWeights:
    """Cut weights at a limit; the excess is spread equally over the rows not cut, to the end.

    Parameters
    ----------
    weights : array-like of float
        Rows with weight 0 stay at 0.
    upper : float
        The limit; above the mean weight.

    Returns
    -------
    TrimmedWeights
        Where spreading lifts other weights above the limit, these are cut too, until none is.

    Raises
    ------
    ValueError
        When the limit is not above the mean weight, so that the sum cannot be kept.

    References
    ----------
    R's survey, `trimWeights` with ``strict=TRUE``. F. Potter (1990), as above.

    Examples
    --------
    >>> found = trim_weights([1, 1, 2, 8], 4)
    >>> found.weights.round(4).tolist(), found.n_above
    ([2.3333, 2.3333, 3.3333, 4.0], 1)
    """
    found = np.array(positive_weights(weights))
    inside = found > 0
    if not upper > found[inside].mean():
        raise ValueError(f"upper must be above the mean weight {found[inside].mean():g}")
    above = found > upper
    trimmed = above.copy()
    while above.any():
        excess = float((found[above] - upper).sum())
        found[above] = upper
        rest = inside & ~trimmed
        found[rest] += excess / rest.sum()
        above = found > upper
        trimmed |= above
    n_above = int((np.asarray(weights, np.float64) > upper).sum())
    return TrimmedWeights(found, float(upper), trimmed, n_above)


def weight_report(weights: object, *, trimmed: Any = None) -> WeightReport:
    """Kish's report on weights.

    Parameters
    ----------
    weights : array-like of float
    trimmed : array-like of bool, optional
        The rows that were cut (`TrimmedWeights.trimmed`).

    Returns
    -------
    WeightReport

    Raises
    ------
    ValueError

    References
    ----------
    L. Kish (1992), J. Official Statistics 8:183-200.

    Examples
    --------
    >>> found = weight_report([1, 1, 2, 4])
    >>> round(found.deff, 4), round(found.n_effective, 4)
    (1.375, 2.9091)
    """
    given = positive_weights(weights)
    inside = given > 0
    found = given[inside]
    mean = float(found.mean())
    cv = float(found.std()) / mean
    share = 0.0
    if trimmed is not None:
        marks = np.asarray(trimmed, bool)
        if marks.shape != given.shape:
            raise ValueError(f"trimmed must have {given.size} rows, got shape {marks.shape}")
        share = float(marks[inside].mean())
    deff = 1 + cv * cv
    return WeightReport(
        found.size, float(found.sum()), float(found.min()), float(found.max()), mean, cv, deff,
        found.size / deff, share,
    )  # fmt: skip
