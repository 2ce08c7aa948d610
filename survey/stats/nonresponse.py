"""Weights of those who answered, raised to stand for those who did not."""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np

from survey.stats.coding import sums, without_missing
from survey.stats.counts import FloatArray
from survey.stats.design import positive_weights
from survey.stats.version import VERSION


@dataclass(frozen=True, eq=False)
class ResponseAdjustment:
    """Weights after adjustment for non-response.

    Attributes
    ----------
    weights : numpy.ndarray of float64
        0 for those who did not answer; the sum is that of the weights given.
    factors : numpy.ndarray of float64
        One for each class: all weight over the weight of those who answered.
    levels : tuple
        The classes.
    method, version : str
    """

    weights: FloatArray
    factors: FloatArray
    levels: tuple[Hashable, ...]
    method: str = "response_classes"
    version: str = VERSION


def adjust_for_nonresponse(
    weights: object, responded: Any, classes: object, *, fewest: int = 20, largest: float = 2.5
) -> ResponseAdjustment:
    """Raise the weights of those who answered, class by class.

    Parameters
    ----------
    weights : array-like of float
        Design weights of everybody who was drawn and belongs to the population.
    responded : array-like of bool
        Who answered.
    classes : array-like
        A label for each row, known for those who answered and those who did not; within a class
        both are taken to be alike.
    fewest : int
        Fewest answers a class.
    largest : float
        Largest factor.

    Returns
    -------
    ResponseAdjustment

    Raises
    ------
    ValueError
        For wrong weights or labels; when a class has too few answers or needs too large a factor:
        it must be merged with a class that is alike.

    References
    ----------
    R. J. A. Little (1986), International Statistical Review 54:139-157.

    Examples
    --------
    >>> found = adjust_for_nonresponse(
    ...     [10, 10, 10, 10], [True, False, True, True], ["a", "a", "b", "b"], fewest=1
    ... )
    >>> found.weights.tolist(), found.factors.tolist()
    ([20.0, 0.0, 10.0, 10.0], [2.0, 1.0])
    """
    given = positive_weights(weights)
    answered = np.asarray(responded)
    if answered.dtype != np.bool_ or answered.shape != given.shape:
        raise ValueError(f"responded must be {given.size} booleans")
    coded = without_missing("classes", classes, given.size)
    width = len(coded.levels)
    counts = np.bincount(coded.codes[answered], minlength=width)
    held = sums(coded.codes, given * answered, width)
    with np.errstate(divide="ignore", invalid="ignore"):
        factors = sums(coded.codes, given, width) / held
    bad = (counts < fewest) | ~(factors <= largest)
    if bad.any():
        names = ", ".join(repr(coded.levels[place]) for place in np.flatnonzero(bad)[:10])
        raise ValueError(
            f"classes must have {fewest} answers and a factor of {largest:g} at most; "
            f"merge {names} with others"
        )
    return ResponseAdjustment(
        np.where(answered, given * factors[coded.codes], 0.0), factors, coded.levels
    )
