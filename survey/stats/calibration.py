"""Calibration: weights as near the old ones as possible that meet known totals."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from survey.stats.calibrated import general_inverse, weighted_products
from survey.stats.counts import FloatArray

TOLERANCE = 1e-10
MOST_STEPS = 100
HALVINGS = 30

Curve: TypeAlias = Callable[[FloatArray], tuple[FloatArray, FloatArray]]


@dataclass(frozen=True)
class Bounds:
    """Smallest and largest factor by which a weight may change; none where None."""

    low: float
    high: float


def read_bounds(bounds: object) -> Bounds | None:
    """Read bounds on the factors, low below 1 and high above 1.

    Raises
    ------
    ValueError

    Examples
    --------
    >>> read_bounds((0.3, 3))
    Bounds(low=0.3, high=3.0)
    """
    if bounds is None:
        return None
    if not isinstance(bounds, tuple | list) or len(bounds) != 2:
        raise ValueError(f"bounds must be a pair, low and high, got {bounds!r}")
    low, high = float(bounds[0]), float(bounds[1])
    if not 0 <= low < 1 < high < np.inf:
        raise ValueError(f"bounds must be 0 <= low < 1 < high, got {low:g} and {high:g}")
    return Bounds(low, high)


def factors_to(
    weights: FloatArray, auxiliaries: Any, totals: FloatArray, method: str, bounds: Bounds | None
) -> FloatArray:
    """Factors on the weights by which the auxiliaries' totals become the known ones.

    Parameters
    ----------
    weights : numpy.ndarray of float64
    auxiliaries : scipy.sparse.csr_array, rows x q
    totals : numpy.ndarray of float64, q
    method : {'linear', 'raking', 'logit'}
    bounds : Bounds or None

    Returns
    -------
    numpy.ndarray of float64, one for each row

    Raises
    ------
    ValueError
        When the totals cannot be met (within the bounds).

    References
    ----------
    J.-C. Deville and C.-E. Sarndal (1992), J. Am. Stat. Assoc. 87:376-382.
    """
    curve = _curve(method, bounds)
    scale = np.maximum(np.abs(totals), np.abs(auxiliaries.T @ weights))
    scale[scale == 0] = 1.0
    solution = np.zeros(totals.size)
    factors, slope = curve(auxiliaries @ solution)
    missing = totals - auxiliaries.T @ (weights * factors)
    for _ in range(MOST_STEPS):
        if _size(missing, scale) <= TOLERANCE:
            return factors
        step = general_inverse(weighted_products(auxiliaries, weights * slope)) @ missing
        for halving in range(HALVINGS):
            trial = solution + step / 2**halving
            factors, slope = curve(auxiliaries @ trial)
            left = totals - auxiliaries.T @ (weights * factors)
            if _size(left, scale) < _size(missing, scale):
                break
        else:
            break
        solution, missing = trial, left
    within = "" if bounds is None else f" within the bounds {bounds.low:g} and {bounds.high:g}"
    raise ValueError(f"totals cannot be met{within}: one is still off by "
                     f"{_size(missing, scale):.2g} of itself")  # fmt: skip


def _size(missing: FloatArray, scale: FloatArray) -> float:
    worst = float(np.abs(missing / scale).max())
    return worst if np.isfinite(worst) else np.inf


def _curve(method: str, bounds: Bounds | None) -> Curve:
    if method == "linear":
        return _linear if bounds is None else _truncated(bounds)
    if method == "raking":
        if bounds is not None:
            raise ValueError("bounds need method 'logit' or 'linear', got 'raking'")
        return _exponential
    if bounds is None:
        raise ValueError("bounds must be given for method 'logit'")
    return _between(bounds)


def _linear(eta: FloatArray) -> tuple[FloatArray, FloatArray]:
    return 1 + eta, np.ones_like(eta)


def _exponential(eta: FloatArray) -> tuple[FloatArray, FloatArray]:
    with np.errstate(over="ignore"):
        factors = np.exp(eta)
    return factors, factors


def _truncated(bounds: Bounds) -> Curve:
    def curve(eta: FloatArray) -> tuple[FloatArray, FloatArray]:
        inside = (1 + eta > bounds.low) & (1 + eta < bounds.high)
        return np.clip(1 + eta, bounds.low, bounds.high), inside.astype(np.float64)

    return curve


def _between(bounds: Bounds) -> Curve:
    low, high = bounds.low, bounds.high
    rate = (high - low) / ((1 - low) * (high - 1))

    def curve(eta: FloatArray) -> tuple[FloatArray, FloatArray]:
        # Written with 1 / (1 + exp) so that neither end overflows.
        shift = np.log((1 - low) / (high - 1))
        share = 1 / (1 + np.exp(-np.clip(rate * eta + shift, -700, 700)))
        factors = low + (high - low) * share
        return factors, rate * (high - low) * share * (1 - share)

    return curve
