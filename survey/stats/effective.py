"""Wilson's interval for a rate that is worth so many independent answers."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from survey.stats.counts import FloatArray, as_given, share, spread
from survey.stats.proportion import Interval


def effective_interval(rate: object, effective: object, *, level: float = 0.95) -> Interval[Any]:
    """Wilson interval of an estimated rate on its effective sample size.

    Parameters
    ----------
    rate : float or array-like of float
        The estimated share, in [0, 1]; NaN gives NaN.
    effective : float or array-like of float
        How many independent answers carry the same information: the number of answers over the
        design effect, or with a finite-population correction. Need not be whole; infinity means
        that the rate is known exactly.
    level : float
        Confidence level, strictly between 0 and 1.

    Returns
    -------
    Interval
        Method 'wilson_effective'; NaN where the rate is NaN or the effective size is 0.

    Raises
    ------
    ValueError
        When a rate lies outside [0, 1] or an effective size is negative or NaN.

    References
    ----------
    N. Dean and M. Pagano (2015), J. Survey Statistics and Methodology 3:484-503.

    Examples
    --------
    >>> found = effective_interval(0.8, 125.5)
    >>> round(found.low, 3), round(found.high, 3)
    (0.722, 0.861)
    """
    level = share("level", level)
    p, m = spread(rate=np.asarray(rate, np.float64), effective=np.asarray(effective, np.float64))
    if (p < 0).any() or (p > 1).any():
        raise ValueError("rate must lie in 0 to 1")
    if not (m >= 0).all():
        raise ValueError("effective must not be negative or NaN")
    low, high = wilson_ends(p, m, -float(ndtri((1 - level) / 2)))
    return Interval(as_given(low), as_given(high), "wilson_effective", level)


def wilson_ends(p: FloatArray, m: FloatArray, z: float) -> tuple[NDArray[Any], NDArray[Any]]:
    """Both ends for shares `p` on `m` answers at the normal quantile `z`, exact at 0 and 1."""
    known = np.isinf(m)
    worth = np.where(known | (m == 0), 1.0, m)
    centre = (p + z * z / (2 * worth)) / (1 + z * z / worth)
    half = z * np.sqrt(p * (1 - p) / worth + z * z / (4 * worth * worth)) / (1 + z * z / worth)
    low = np.where(known, p, np.where(p == 0, 0.0, centre - half))
    high = np.where(known, p, np.where(p == 1, 1.0, centre + half))
    nothing = (m == 0) | np.isnan(p)
    return np.where(nothing, np.nan, low), np.where(nothing, np.nan, high)
