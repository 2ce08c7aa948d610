"""The part of a sample that an estimate speaks of: marked, never cut out."""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import ndtri, stdtrit

from survey.stats.coding import of_length, sums
from survey.stats.counts import FloatArray, IntArray, ScalarOrArray
from survey.stats.design import Design


@dataclass(frozen=True, eq=False)
class Domains:
    """Rows sorted into domains.

    Attributes
    ----------
    codes : numpy.ndarray of int64
        The domain of each row, or -1: outside the subset, label or answer missing, weight 0.
    count : int
        Number of domains.
    levels : tuple or None
        Their labels; None where the whole sample is the one domain.
    kept : slice or numpy.ndarray of int64
        The rows that have a domain.
    """

    codes: IntArray
    count: int
    levels: tuple[Hashable, ...] | None
    kept: Any

    def sums(self, values: FloatArray) -> FloatArray:
        """Sums of one value a row within each domain; rows of no domain are passed over."""
        return sums(self.codes[self.kept], values[self.kept], self.count)

    def rows(self) -> IntArray:
        """Number of rows of each domain."""
        return np.bincount(self.codes[self.kept], minlength=self.count)

    def spread(self, values: FloatArray) -> FloatArray:
        """A value of each domain given to its rows; rows of no domain get any of them."""
        return values[self.codes]

    def shaped(self, values: Any) -> ScalarOrArray:
        """A plain number where there is one domain without a label, else the array."""
        return values[0].item() if self.levels is None else values


def domains(design: Design, by: object, subset: object, *answers: FloatArray) -> Domains:
    """Sort rows into domains.

    Parameters
    ----------
    design : Design
    by : array-like, Categories or None
        A label for each row; None for one domain.
    subset : array-like of bool or None
        Rows that count.
    *answers : numpy.ndarray of float64
        One for each row; a row with NaN in one of them counts as not asked.

    Returns
    -------
    Domains

    Raises
    ------
    ValueError
        When lengths differ, `by` has no label at all, or `subset` is not boolean.

    Examples
    --------
    >>> from survey.stats.design import survey_design
    >>> design = survey_design(weights=[1, 1, 0])
    >>> domains(design, ["a", "b", "b"], None).codes.tolist()
    [0, 1, -1]
    """
    levels: tuple[Hashable, ...] | None = None
    codes, count = np.zeros(design.n, np.int64), 1
    if by is not None:
        found = of_length("by", by, design.n)
        codes, levels, count = found.codes, found.levels, len(found.levels)
        if not count:
            raise ValueError("by must have a label in at least one row")
    inside = (design.weights > 0) & (codes >= 0)
    if subset is not None:
        inside &= _mask(subset, design.n)
    for answer in answers:
        inside &= ~np.isnan(answer)
    if inside.all():
        return Domains(codes, count, levels, slice(None))
    return Domains(np.where(inside, codes, -1), count, levels, np.flatnonzero(inside))


def _mask(subset: object, rows: int) -> Any:
    mask = np.asarray(subset)
    if mask.dtype != np.bool_ or mask.shape != (rows,):
        raise ValueError(f"subset must be {rows} booleans, got {mask.dtype} {mask.shape}")
    return mask


def answers_of(name: str, values: object, design: Design) -> FloatArray:
    """Read one answer for each row, NaN where it is missing.

    Raises
    ------
    ValueError
        When the length differs from the design's, or a value is infinite.

    Examples
    --------
    >>> from survey.stats.design import survey_design
    >>> answers_of("y", [1, None], survey_design(weights=[1, 1])).tolist()
    [1.0, nan]
    """
    given = np.asarray(values)
    array = np.asarray(given, np.float64)
    if array.shape != (design.n,):
        raise ValueError(f"{name} must be one number for each of {design.n} rows, "
                         f"got shape {array.shape}")  # fmt: skip
    if given.dtype.kind not in "biu" and np.isinf(array).any():
        raise ValueError(f"{name} must not be infinite")
    return array


def t_quantile(level: float, df: Any) -> FloatArray:
    """Two-sided quantile of Student's t: normal for infinite `df`, NaN for 0 or less.

    Examples
    --------
    >>> t_quantile(0.95, np.array([0, 14, np.inf])).round(4).tolist()
    [nan, 2.1448, 1.96]
    """
    freedom = np.asarray(df, np.float64)
    usable = (freedom > 0) & np.isfinite(freedom)
    found = stdtrit(np.where(usable, freedom, 1.0), (1 + level) / 2)
    found = np.where(np.isposinf(freedom), ndtri((1 + level) / 2), found)
    return np.asarray(np.where(freedom > 0, found, np.nan))
