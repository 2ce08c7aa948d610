"""A sample fitted to what is known of its population; standard errors follow suit."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import sparse

from survey.stats.calibrated import Calibration
from survey.stats.calibration import factors_to, read_bounds
from survey.stats.controls import Control, Margin, controls, indicators
from survey.stats.counts import FloatArray, choice
from survey.stats.design import Design
from survey.stats.raking import fitted
from survey.stats.trimming import trim_weights, weight_limit
from survey.stats.version import VERSION

METHODS = ("linear", "raking", "logit")
# A raked weight this near the limit counts as not above it.
AT_LIMIT = 1 + 1e-9


@dataclass(frozen=True, eq=False)
class TrimmedRaking:
    """A design raked with its largest weights cut.

    Attributes
    ----------
    design : Design
        Meets the margins.
    upper : float
        The limit.
    loops : int
        How often weights were cut and raked again.
    n_above : int
        Weights that raking has left above the limit.
    trimmed : numpy.ndarray of bool
        Rows that were cut at least once.
    method, version : str
    """

    design: Design
    upper: float
    loops: int
    n_above: int
    trimmed: Any
    method: str = "raking_trimmed"
    version: str = VERSION


def poststratify(design: Design, by: object, totals: Mapping[Hashable, float]) -> Design:
    """Scale the weights so that each post-stratum has its population total.

    Parameters
    ----------
    design : Design
    by : array-like
        The post-stratum of each row.
    totals : mapping of label to float
        Population total of each post-stratum, above 0.

    Returns
    -------
    Design
        Its standard errors use what is left after each row's post-stratum mean.

    Raises
    ------
    ValueError
        When a label is missing, or a post-stratum has no total or no row with weight.

    References
    ----------
    D. Holt and T. M. F. Smith (1979), J. R. Statist. Soc. A 142:33-46.

    Examples
    --------
    >>> from survey.stats.design import survey_design
    >>> design = survey_design(weights=[10, 10, 10])
    >>> poststratify(design, ["a", "a", "b"], {"a": 30, "b": 20}).weights.tolist()
    [15.0, 15.0, 20.0]
    """
    margins = controls(design.weights, [(by, totals)], name="by")
    return _with(design, fitted(design.weights, margins, 0.0, 1).weights, indicators(margins))


def rake(
    design: Design,
    margins: Sequence[Margin],
    *,
    bounds: object = None,
    tolerance: float = 1e-10,
    loops: int = 200,
) -> Design:
    """Fit the weights to several margins whose joint counts are not known.

    Parameters
    ----------
    design : Design
    margins : sequence of (labels, totals)
        For each margin a label for each row and the population total of each label.
    bounds : (float, float), optional
        Smallest and largest factor by which a weight may change, below and above 1. With them
        the logit distance of Deville and Sarndal is used, which keeps every factor inside.
    tolerance, loops
        As for `raked_weights`; not used with bounds.

    Returns
    -------
    Design
        Its standard errors use the residuals from the regression on all margins.

    Raises
    ------
    ValueError
        As for `raked_weights`; when the margins cannot be met within the bounds.

    References
    ----------
    As for `raked_weights`; J.-C. Deville and C.-E. Sarndal (1992), J. Am. Stat. Assoc. 87:376-382.

    Examples
    --------
    >>> from survey.stats.design import survey_design
    >>> design = survey_design(weights=[1, 1, 1, 1])
    >>> margins = [(list("ffmm"), {"f": 60, "m": 40}), ([1, 2, 1, 2], {1: 30, 2: 70})]
    >>> rake(design, margins).weights.round(6).tolist()
    [18.0, 42.0, 12.0, 28.0]
    """
    checked = controls(design.weights, margins)
    if bounds is None:
        found = fitted(design.weights, checked, tolerance, loops).weights
        return _with(design, found, indicators(checked))
    return _calibrated(design, indicators(checked), _totals(checked), "logit", bounds)


def calibrate(
    design: Design,
    *,
    margins: Sequence[Margin] = (),
    quantities: Sequence[tuple[object, float]] = (),
    method: str = "linear",
    bounds: object = None,
) -> Design:
    """Fit the weights to margins and to totals of quantities (the GREG estimator).

    Parameters
    ----------
    design : Design
    margins : sequence of (labels, totals)
        As for `rake`.
    quantities : sequence of (values, total)
        For each quantity a number for each row, and its population total.
    method : {'linear', 'raking', 'logit'}
        The distance from the old weights: 'linear' is the generalised regression estimator,
        'raking' keeps weights positive, 'logit' keeps factors within the bounds.
    bounds : (float, float), optional
        As for `rake`; for 'linear' the factors are cut at the bounds.

    Returns
    -------
    Design
        Its standard errors use the residuals from the regression on all auxiliaries, weighted by
        the weights before.

    Raises
    ------
    ValueError
        As for `rake`; when a quantity is NaN; when 'linear' leads to a negative weight.

    References
    ----------
    C.-E. Sarndal, B. Swensson and J. Wretman (1992), Model Assisted Survey Sampling, chapter 6.
    J.-C. Deville and C.-E. Sarndal (1992), J. Am. Stat. Assoc. 87:376-382.

    Examples
    --------
    >>> from survey.stats.design import survey_design
    >>> design = survey_design(weights=[10, 10, 10])
    >>> found = calibrate(design, quantities=[([1, 1, 1], 36), ([2, 3, 7], 150)])
    >>> found.weights.round(4).tolist(), round(float(found.weights @ [2, 3, 7]), 4)
    ([11.1429, 11.5714, 13.2857], 150.0)
    """
    choice("method", method, METHODS)
    parts, totals = [], []
    if margins:
        checked = controls(design.weights, margins)
        parts.append(indicators(checked))
        totals.append(_totals(checked))
    for place, (values, total) in enumerate(quantities):
        parts.append(_quantity(f"quantities[{place}]", values, total, design.n))
        totals.append(np.array([total], np.float64))
    if not parts:
        raise ValueError("margins or quantities must be given")
    auxiliaries = sparse.hstack(parts, format="csr")
    return _calibrated(design, auxiliaries, np.concatenate(totals), method, bounds)


def rake_and_trim(
    design: Design,
    margins: Sequence[Margin],
    *,
    upper: float | None = None,
    loops: int = 5,
) -> TrimmedRaking:
    """Rake, cut the largest weights, and rake again.

    Parameters
    ----------
    design : Design
    margins : sequence of (labels, totals)
        As for `rake`.
    upper : float, optional
        The limit; `weight_limit` of the raked weights when not given.
    loops : int
        Most rounds of cutting and raking.

    Returns
    -------
    TrimmedRaking
        The last step is a raking, so the margins hold and a few weights may be a little above
        the limit; `n_above` says how many.

    Raises
    ------
    ValueError
        As for `rake` and `trim_weights`.

    References
    ----------
    F. Potter (1990), Proc. Section on Survey Research Methods, Am. Stat. Assoc., 225-230.

    Examples
    --------
    >>> from survey.stats.design import survey_design
    >>> design = survey_design(weights=[1, 1, 9, 1, 1, 1])
    >>> found = rake_and_trim(design, [(list("aaabbb"), {"a": 30, "b": 30})], upper=15)
    >>> found.design.weights.round(4).tolist(), found.n_above
    ([7.4841, 7.4841, 15.0319, 10.0, 10.0, 10.0], 1)
    """
    checked = controls(design.weights, margins)
    found = fitted(design.weights, checked, 1e-10, 200).weights
    limit = weight_limit(found) if upper is None else float(upper)
    trimmed, done = np.zeros(design.n, bool), 0
    while done < loops and (found > limit * AT_LIMIT).any():
        cut = trim_weights(found, limit)
        trimmed |= cut.trimmed
        found = fitted(cut.weights, checked, 1e-10, 200).weights
        done += 1
    raked = _with(design, found, indicators(checked))
    return TrimmedRaking(raked, limit, done, int((found > limit * AT_LIMIT).sum()), trimmed)


def _totals(margins: Sequence[Control]) -> FloatArray:
    return np.concatenate([control.totals for control in margins])


def _quantity(name: str, values: object, total: float, rows: int) -> Any:
    column = np.asarray(values, np.float64)
    if column.shape != (rows,) or not np.isfinite(column).all() or not np.isfinite(total):
        raise ValueError(f"{name} must be {rows} finite numbers and a finite total")
    return sparse.csr_array(column[:, None])


def _calibrated(
    design: Design, auxiliaries: Any, totals: FloatArray, method: str, bounds: object
) -> Design:
    limits = read_bounds(bounds)
    found = design.weights * factors_to(design.weights, auxiliaries, totals, method, limits)
    if (found < 0).any():
        below = int((found < 0).sum())
        raise ValueError(f"bounds must be given: without them {below} weights become negative")
    return _with(design, found, auxiliaries)


def _with(design: Design, weights: FloatArray, auxiliaries: Any) -> Design:
    # Weights that are fitted twice are judged by the last fit alone.
    weights.flags.writeable = False
    return replace(design, weights=weights, calibration=Calibration(auxiliaries, design.weights))
