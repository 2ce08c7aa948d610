"""How many people to ask so that a share comes out as precise as wanted."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import ndtri

from survey.stats.counts import FloatArray, ScalarOrArray, as_given, share, spread
from survey.stats.version import VERSION

# A size that is a whole number but for rounding is not raised to the next one.
ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class SampleSize:
    """Sizes of a sample, step by step; only the last two are whole numbers.

    Attributes
    ----------
    n0 : float or numpy.ndarray of float64
        For a simple random sample from a population without end.
    n_deff : float or numpy.ndarray of float64
        Times the design effect.
    n_fpc : float or numpy.ndarray of float64
        With the finite population.
    issue : float or numpy.ndarray of float64
        Divided by the response rate.
    n_completed, n_issue : int or numpy.ndarray of int64
        Answers needed, and people to approach.
    method : str
        'cochran'.
    level, version
    """

    n0: ScalarOrArray
    n_deff: ScalarOrArray
    n_fpc: ScalarOrArray
    issue: ScalarOrArray
    n_completed: ScalarOrArray
    n_issue: ScalarOrArray
    method: str
    level: float
    version: str = VERSION


def sample_size(
    margin: object,
    *,
    p: object = 0.5,
    level: float = 0.95,
    population: object = None,
    deff: object = 1.0,
    response_rate: object = 1.0,
) -> SampleSize:
    """Size of a sample whose interval for a share is plus or minus the margin.

    Parameters
    ----------
    margin : float or array-like of float
        Half the width of the interval, as a share.
    p : float or array-like of float
        The share expected; 0.5 asks for most.
    level : float
    population : float or array-like of float, optional
        How many there are; no finite-population correction when not given or infinite.
    deff : float or array-like of float
        Design effect, above 0.
    response_rate : float or array-like of float
        Share of those approached who will answer.

    Returns
    -------
    SampleSize
        Arrays of the common shape where an argument is an array.

    Raises
    ------
    ValueError
        When margin, p or level is not strictly between 0 and 1, the population below 1, the
        design effect not above 0 or the response rate outside (0, 1].

    Notes
    -----
    In this order: ``n0 = z^2 p (1 - p) / e^2``, times deff, ``n / (1 + (n - 1) / N)``, over the
    response rate, and rounded up once at the end.

    References
    ----------
    W. G. Cochran (1977), Sampling Techniques, section 4.4. L. Kish (1965), Survey Sampling,
    section 8.2.

    Examples
    --------
    >>> sample_size(0.02, p=0.9, deff=1.8, response_rate=0.6).n_issue
    2593
    >>> sample_size(0.05, population=[500, 10_000]).n_completed.tolist()
    [218, 370]
    """
    level = share("level", level)
    e, q, size, effect, rate = spread(
        margin=_shares("margin", margin),
        p=_shares("p", p),
        population=_numbers("population", np.inf if population is None else population, 1),
        deff=_positive("deff", deff),
        response_rate=_response(response_rate),
    )
    z = float(ndtri((1 + level) / 2))
    n0 = z * z * q * (1 - q) / e**2
    n_deff = n0 * effect
    n_fpc = n_deff / (1 + (n_deff - 1) / size)
    issue = n_fpc / rate
    return SampleSize(
        as_given(n0), as_given(n_deff), as_given(n_fpc), as_given(issue),
        as_given(_up(n_fpc)), as_given(_up(issue)), "cochran", level,
    )  # fmt: skip


def yamane_sample_size(population: object, margin: object) -> SampleSize:
    """Yamane's size ``N / (1 + N e^2)``, for texts that prescribe it.

    Parameters
    ----------
    population : float or array-like of float
    margin : float or array-like of float

    Returns
    -------
    SampleSize
        Method 'yamane', level 0.9545: the formula is a simple random sample with p = 0.5 and
        z = 2. It knows no design effect and no response rate.

    Raises
    ------
    ValueError
        When the margin is not strictly between 0 and 1 or the population below 1.

    References
    ----------
    T. Yamane (1967), Statistics: An Introductory Analysis, 2nd ed., p. 886.

    Examples
    --------
    >>> yamane_sample_size(10_000, 0.05).n_completed
    385
    """
    size, e = spread(
        population=_numbers("population", population, 1), margin=_shares("margin", margin)
    )
    if np.isinf(size).any():
        raise ValueError("population must be finite")
    n = as_given(np.asarray(size / (1 + size * e**2)))
    n0, whole = as_given(np.asarray(1 / e**2)), as_given(_up(np.asarray(n)))
    return SampleSize(n0, n0, n, n, whole, whole, "yamane", 0.9545)


def wilson_sample_size(
    half_width: object, *, p: object = 0.5, level: float = 0.95
) -> ScalarOrArray:
    """Smallest size at which half of Wilson's interval is no wider than wanted.

    Parameters
    ----------
    half_width : float or array-like of float
        Strictly between 0 and 0.5.
    p : float or array-like of float
        The share expected, 0 and 1 included.
    level : float

    Returns
    -------
    int or numpy.ndarray of int64

    Raises
    ------
    ValueError
        When half_width is not in (0, 0.5) or p not in [0, 1].

    References
    ----------
    W. W. Piegorsch (2004), Computational Statistics & Data Analysis 46:309-316.

    Examples
    --------
    >>> wilson_sample_size(0.05)
    381
    """
    level = share("level", level)
    h, q = spread(half_width=_shares("half_width", half_width), p=np.asarray(p, np.float64))
    if not (h < 0.5).all():
        raise ValueError("half_width must be below 0.5")
    if not ((q >= 0) & (q <= 1)).all():
        raise ValueError("p must lie in 0 to 1")
    z = float(ndtri((1 + level) / 2))
    # half^2 (n + z^2)^2 = z^2 (p (1 - p) n + z^2 / 4), a quadratic in n.
    a, b, c = h**2, z * z * (2 * h**2 - q * (1 - q)), z**4 * (h**2 - 0.25)
    root = (-b + np.sqrt(b * b - 4 * a * c)) / (2 * a)
    return as_given(np.maximum(_up(root), 1))


def _up(sizes: FloatArray) -> Any:
    return np.ceil(sizes * (1 - ROUNDING)).astype(np.int64)


def _shares(name: str, value: object) -> FloatArray:
    array = np.asarray(value, np.float64)
    if not ((array > 0) & (array < 1)).all():
        raise ValueError(f"{name} must lie strictly between 0 and 1")
    return array


def _numbers(name: str, value: object, smallest: float) -> FloatArray:
    array = np.asarray(value, np.float64)
    if not (array >= smallest).all():
        raise ValueError(f"{name} must be at least {smallest:g}")
    return array


def _positive(name: str, value: object) -> FloatArray:
    array = np.asarray(value, np.float64)
    if not ((array > 0) & np.isfinite(array)).all():
        raise ValueError(f"{name} must be above 0")
    return array


def _response(value: object) -> FloatArray:
    array = np.asarray(value, np.float64)
    if not ((array > 0) & (array <= 1)).all():
        raise ValueError("response_rate must lie above 0, and at most at 1")
    return array
