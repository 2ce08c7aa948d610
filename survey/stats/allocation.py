"""How a sample of a given size is shared out over strata."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from survey.stats.counts import FloatArray, IntArray, counts, one_row, spread
from survey.stats.version import VERSION


@dataclass(frozen=True, eq=False)
class Allocation:
    """Sizes of the samples of strata.

    Attributes
    ----------
    n : numpy.ndarray of int64
        Whole numbers that add up to the size asked for, each within its bounds.
    exact : numpy.ndarray of float64
        What the rule gives before bounds and rounding.
    bounded : numpy.ndarray of float64
        What the rule gives over the strata that hit no bound; the others at their bound.
    method, version : str
    """

    n: IntArray
    exact: FloatArray
    bounded: FloatArray
    method: str
    version: str = VERSION


def proportional_allocation(
    population: object, n: int, *, minimum: int = 2, maximum: object = None
) -> Allocation:
    """Share out in proportion to the sizes of the strata.

    Parameters
    ----------
    population : array-like of int
        How many each stratum has, at least 1.
    n : int
        Size of the whole sample.
    minimum : int
        Fewest a stratum (fewer where it has not so many). Two are the least that show a
        variance; four are better.
    maximum : int or array-like of int, optional
        Most a stratum; its population in any case.

    Returns
    -------
    Allocation
        What a bound takes or gives is shared out over the others by the same rule.

    Raises
    ------
    ValueError
        For an empty stratum; when the minima add up to more than `n`, or the maxima to less.

    References
    ----------
    W. G. Cochran (1977), Sampling Techniques, section 5.5.

    Examples
    --------
    >>> proportional_allocation([5000, 3000, 40], 100).n.tolist()
    [61, 37, 2]
    """
    sizes = _population(population)
    return _allocated(sizes.astype(np.float64), sizes, n, minimum, maximum, "proportional")


def neyman_allocation(
    population: object, deviation: object, n: int, *, minimum: int = 2, maximum: object = None
) -> Allocation:
    """Share out so that the mean of all strata together is most precise.

    Parameters
    ----------
    population, n, minimum, maximum
        As for `proportional_allocation`.
    deviation : array-like of float
        Standard deviation of the answer in each stratum; for a share ``sqrt(p (1 - p))``.

    Returns
    -------
    Allocation

    Raises
    ------
    ValueError
        As for `proportional_allocation`; when a deviation is negative or NaN, or all are 0.

    References
    ----------
    J. Neyman (1934), J. R. Statist. Soc. 97:558-625. Cochran (1977), section 5.5.

    Examples
    --------
    >>> neyman_allocation([100, 200, 300, 5], [0.1, 0.3, 0.2, 0.5], 60).n.tolist()
    [4, 27, 27, 2]
    """
    sizes = _population(population)
    spreads = _deviation(deviation, sizes.size)
    return _allocated(sizes * spreads, sizes, n, minimum, maximum, "neyman")


def power_allocation(
    population: object,
    n: int,
    *,
    power: float = 0.5,
    variation: object = None,
    minimum: int = 2,
    maximum: object = None,
) -> Allocation:
    """Share out between proportional and equal, so that small strata also get an answer.

    Parameters
    ----------
    population, n, minimum, maximum
        As for `proportional_allocation`.
    power : float
        0: each stratum as precise as the others; 1: as `neyman_allocation` for means that are
        equal. 0.5 is the usual compromise.
    variation : array-like of float, optional
        Coefficient of variation of the answer in each stratum; the same everywhere when not
        given.

    Returns
    -------
    Allocation

    Raises
    ------
    ValueError
        As for `neyman_allocation`; when the power lies outside [0, 1].

    References
    ----------
    M. D. Bankier (1988), The American Statistician 42:174-177.

    Examples
    --------
    >>> power_allocation([10_000, 2_500, 100], 160).n.tolist()
    [100, 50, 10]
    """
    if not 0 <= power <= 1:
        raise ValueError(f"power must lie in 0 to 1, got {power}")
    sizes = _population(population)
    spreads = np.ones(sizes.size)
    if variation is not None:
        spreads = _deviation(variation, sizes.size, name="variation")
    return _allocated(sizes**power * spreads, sizes, n, minimum, maximum, "power")


def stratified_variance(
    population: object, deviation: object, n: object, *, fpc: bool = True
) -> float:
    """Variance of the mean that an allocation leads to.

    Parameters
    ----------
    population : array-like of int
    deviation : array-like of float
        As for `neyman_allocation`.
    n : array-like of float
        Size of the sample in each stratum, above 0.
    fpc : bool
        With the finite population correction.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        When lengths differ or a size is not above 0.

    References
    ----------
    W. G. Cochran (1977), Sampling Techniques, theorem 5.3.

    Examples
    --------
    >>> round(stratified_variance([100, 300], [0.3, 0.4], [10, 30]), 6)
    0.003206
    """
    sizes = _population(population)
    spreads = _deviation(deviation, sizes.size)
    drawn = np.asarray(n, np.float64)
    if drawn.shape != sizes.shape or not (drawn > 0).all():
        raise ValueError(f"n must be {sizes.size} sizes above 0")
    rest = 1 - drawn / sizes if fpc else np.ones(sizes.size)
    return float(((sizes / sizes.sum()) ** 2 * spreads**2 / drawn * rest).sum())


def _population(population: object) -> IntArray:
    sizes = one_row("population", population)
    if not (sizes > 0).all():
        raise ValueError(f"population must have no empty stratum, but stratum "
                         f"{int(np.argmin(sizes))} has 0")  # fmt: skip
    return sizes


def _deviation(deviation: object, strata: int, name: str = "deviation") -> FloatArray:
    found = np.asarray(deviation, np.float64)
    if found.shape != (strata,) or not ((found >= 0) & np.isfinite(found)).all() or not found.any():
        raise ValueError(f"{name} must be {strata} numbers, none negative and not all 0")
    return found


def _allocated(
    measure: FloatArray, sizes: IntArray, n: int, minimum: int, maximum: object, method: str
) -> Allocation:
    most = sizes
    if maximum is not None:
        _, cap = spread(population=sizes, maximum=counts("maximum", maximum))
        most = np.minimum(sizes, cap)
    n, least = int(counts("n", n)), np.minimum(counts("minimum", minimum), most)
    if not int(least.sum()) <= n <= int(most.sum()):
        raise ValueError(
            f"n must lie between the minima, {int(least.sum())}, and the maxima, "
            f"{int(most.sum())}, got {n}"
        )
    exact = n * measure / measure.sum()
    bounded = _within_bounds(measure, n, least, most)
    return Allocation(_rounded(bounded, n), exact, bounded, method)


def _within_bounds(measure: FloatArray, n: int, least: IntArray, most: IntArray) -> FloatArray:
    """Proportional to the measure, those that hit a bound fixed there and the rest shared anew.

    Of the two kinds of bound, the one that moves more is fixed first: what is then left can no
    longer turn out to have been fixed in vain.
    """
    found = np.zeros(measure.size)
    free = np.ones(measure.size, bool)
    while free.any():
        left = n - found[~free].sum()
        weight = measure[free].sum()
        found[free] = left * measure[free] / weight if weight > 0 else left / free.sum()
        low, high = free & (found < least), free & (found > most)
        up, down = (least - found)[low].sum(), (found - most)[high].sum()
        fixed: Any = low if up >= down else high
        if up >= down and up > 0:
            found[fixed] = least[fixed]
        elif down > 0:
            found[fixed] = most[fixed]
        else:
            break
        free &= ~fixed
    return found


def _rounded(bounded: FloatArray, n: int) -> IntArray:
    """Whole numbers by largest remainder; ties go to the stratum that stands first."""
    # Rounding in the last digit must not take a whole number down to the one below.
    whole = np.floor(bounded + 1e-9).astype(np.int64)
    short = n - int(whole.sum())
    first = np.argsort(-(bounded - whole), kind="stable")[:short]
    whole[first] += 1
    return whole
