"""Many rates against one target: funnel plot with over-dispersion."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from scipy.special import ndtri
from scipy.stats import binom

from survey.stats.counts import FloatArray, one_row, share, successes_of
from survey.stats.version import VERSION


@dataclass(frozen=True)
class Funnel:
    """Standardised distances from a target, before and after allowing for over-dispersion.

    Attributes
    ----------
    z : numpy.ndarray of float64
        Distance from the target in binomial standard deviations; NaN without answers.
    z_winsor : numpy.ndarray of float64
        The same with both ends pulled in, from which the dispersion is estimated.
    phi : float
        Over-dispersion as computed, also below 1; NaN when nobody answered.
    tau2 : float
        Variance between the rates beyond chance (additive model); 0 when there is none.
    z_multiplicative, z_random : numpy.ndarray of float64
        Distances with the standard deviation times the root of phi (never narrowed), and with
        tau2 added to the variance.
    target, winsor : float
    method, version : str
    """

    z: FloatArray
    z_winsor: FloatArray
    phi: float
    tau2: float
    z_multiplicative: FloatArray
    z_random: FloatArray
    target: float
    winsor: float
    method: str = "spiegelhalter"
    version: str = VERSION


def funnel(
    satisfied: object, answered: object, target: float | Fraction, *, winsor: float = 0.1
) -> Funnel:
    """Distances of many rates from a target, with over-dispersion.

    Parameters
    ----------
    satisfied, answered : array-like of int
        Counts, one dimension.
    target : float or fractions.Fraction
        The share in the middle of the funnel, strictly between 0 and 1.
    winsor : float
        The share of distances pulled in at each end, in [0, 0.5): extremes must not be the
        measure of what is usual.

    Returns
    -------
    Funnel

    Raises
    ------
    ValueError
        For bad counts, or a target or winsor share out of range.

    References
    ----------
    D. J. Spiegelhalter (2005), Statistics in Medicine 24:1185-1202; the same author (2005),
    Quality and Safety in Health Care 14:347-351. Quantiles are interpolated (type 7).

    Examples
    --------
    >>> found = funnel([48, 76, 39, 213], [55, 79, 40, 273], Fraction(9, 10))
    >>> found.z.round(2).tolist(), round(found.phi, 2)
    ([-0.67, 1.84, 1.58, -6.6], 7.32)
    """
    middle = share("target", float(target))
    if not 0 <= winsor < 0.5:
        raise ValueError(f"winsor must lie in 0 to below 0.5, got {winsor}")
    s, n = successes_of(one_row("satisfied", satisfied), one_row("answered", answered))
    with np.errstate(divide="ignore", invalid="ignore"):
        rate, variance = s / n, middle * (1 - middle) / n
        z = (rate - middle) / np.sqrt(variance)
    used = n > 0
    if not used.any():
        return Funnel(z, z, np.nan, 0.0, z, z, middle, winsor)
    ends = np.quantile(z[used], [winsor, 1 - winsor])
    z_winsor = np.clip(z, *ends)
    phi = float((z_winsor[used] ** 2).mean())
    tau2 = _between(phi, 1 / variance[used])
    return Funnel(
        z=z,
        z_winsor=z_winsor,
        phi=phi,
        tau2=tau2,
        z_multiplicative=z / np.sqrt(max(phi, 1.0)),
        z_random=(rate - middle) / np.sqrt(variance + tau2),
        target=middle,
        winsor=winsor,
    )


def _between(phi: float, weights: FloatArray) -> float:
    excess = weights.size * phi - (weights.size - 1)
    room = float(weights.sum() - (weights**2).sum() / weights.sum())
    return excess / room if excess > 0 and room > 0 else 0.0


@dataclass(frozen=True)
class FunnelLimits:
    """Limits of a funnel plot at given numbers of answers.

    Attributes
    ----------
    low, high : numpy.ndarray of float64
        Shares; NaN at 0 answers.
    target, level, tau2 : float
    method, version : str
    """

    low: FloatArray
    high: FloatArray
    target: float
    level: float
    tau2: float
    method: str
    version: str = VERSION


def funnel_limits(
    answered: object, target: float | Fraction, *, level: float = 0.95, tau2: float = 0.0
) -> FunnelLimits:
    """Limits between which a rate equal to the target falls with the given probability.

    Parameters
    ----------
    answered : array-like of int
        The numbers of answers at which the funnel is drawn, one dimension.
    target : float or fractions.Fraction
        The share in the middle, strictly between 0 and 1.
    level : float
        For example 0.95 for the inner and 0.998 for the outer limits.
    tau2 : float
        Variance between rates beyond chance, from `funnel`.

    Returns
    -------
    FunnelLimits
        Without `tau2` from the binomial distribution, interpolated between its steps (method
        'binomial'); with it from the normal one, clipped to [0, 1] (method 'random').

    Raises
    ------
    ValueError
        For bad counts, a target or level outside (0, 1), or a negative `tau2`.

    References
    ----------
    D. J. Spiegelhalter (2005), Statistics in Medicine 24:1185-1202, appendix A.1.1.

    Examples
    --------
    >>> found = funnel_limits([10, 100, 1000], 0.9)
    >>> found.low.round(3).tolist(), found.high.round(3).tolist()
    ([0.621, 0.832, 0.881], [0.993, 0.95, 0.918])
    """
    middle, level = share("target", float(target)), share("level", level)
    if not tau2 >= 0:
        raise ValueError(f"tau2 must not be negative or NaN, got {tau2}")
    n = one_row("answered", answered)
    tail = (1 - level) / 2
    if tau2 > 0:
        with np.errstate(divide="ignore"):
            half = -float(ndtri(tail)) * np.sqrt(middle * (1 - middle) / n + tau2)
        half[n == 0] = np.nan
        low, high = np.clip(middle - half, 0, 1), np.clip(middle + half, 0, 1)
        return FunnelLimits(low, high, middle, level, tau2, "random")
    size = np.maximum(n, 1)
    low, high = (_between_steps(size, middle, p) for p in (tail, 1 - tail))
    low[n == 0] = high[n == 0] = np.nan
    return FunnelLimits(low, high, middle, level, tau2, "binomial")


def _between_steps(n: FloatArray, rate: float, probability: float) -> FloatArray:
    count = binom.ppf(probability, n, rate)
    reached = binom.cdf(count, n, rate)
    part = (reached - probability) / binom.pmf(count, n, rate)
    return np.clip((count - part) / n, 0, 1)
