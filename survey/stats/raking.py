"""Raking: weights fitted to several margins in turn until all of them hold."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from survey.stats.coding import sums
from survey.stats.controls import Control, Margin, controls
from survey.stats.counts import FloatArray
from survey.stats.design import positive_weights
from survey.stats.version import VERSION


@dataclass(frozen=True, eq=False)
class RakedWeights:
    """Weights that meet their margins.

    Attributes
    ----------
    weights : numpy.ndarray of float64
    loops : int
        Passes over all margins.
    gap : float
        Largest relative distance from a control total at the last pass, before it was closed.
    method : str
        'raking'.
    version : str
    """

    weights: FloatArray
    loops: int
    gap: float
    method: str = "raking"
    version: str = VERSION


def raked_weights(
    weights: object, margins: Sequence[Margin], *, tolerance: float = 1e-10, loops: int = 200
) -> RakedWeights:
    """Fit weights to margins by iterative proportional fitting.

    Parameters
    ----------
    weights : array-like of float
        Base weights, one for each row.
    margins : sequence of (labels, totals)
        For each margin a label for each row, and a mapping from each label to its population
        total. All margins add up to the same total.
    tolerance : float
        Largest relative distance from a control total.
    loops : int
        Most passes over all margins.

    Returns
    -------
    RakedWeights

    Raises
    ------
    ValueError
        The message names the margin: a level without a total or without rows, a total that is
        not positive, totals that disagree, margins that cannot be met together.

    References
    ----------
    W. E. Deming and F. F. Stephan (1940), Ann. Math. Statist. 11:427-444. J.-C. Deville,
    C.-E. Sarndal and O. Sautory (1993), J. Am. Stat. Assoc. 88:1013-1020.

    Examples
    --------
    >>> found = raked_weights(
    ...     [1, 1, 1, 1],
    ...     [(["f", "f", "m", "m"], {"f": 60, "m": 40}), ([1, 2, 1, 2], {1: 30, 2: 70})],
    ... )
    >>> found.weights.round(6).tolist()
    [18.0, 42.0, 12.0, 28.0]
    """
    base = positive_weights(weights)
    return fitted(base, controls(base, margins), tolerance, loops)


def fitted(
    base: FloatArray, margins: Sequence[Control], tolerance: float, loops: int
) -> RakedWeights:
    """Rake to margins that have been checked."""
    found, gap = base.copy(), np.inf
    for loop in range(1, loops + 1):
        gap = 0.0
        for control in margins:
            held = sums(control.codes, found, control.totals.size)
            with np.errstate(divide="ignore"):
                factors = control.totals / held
            gap = max(gap, float(np.abs(factors - 1).max()))
            found *= factors[control.codes]
        if gap <= tolerance or len(margins) == 1:
            return RakedWeights(found, loop, gap)
        if not np.isfinite(gap):
            break
    raise ValueError(
        f"margins cannot be met together: after {loop} loops a total is still off by {gap:.2g} "
        "of itself; a combination of levels that occurs in no row is the usual cause"
    )
