"""Two questions side by side: weighted tables with design-based intervals."""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np

from survey.stats.coding import Categories, compress, of_length, sums
from survey.stats.counts import FloatArray, IntArray
from survey.stats.design import Design
from survey.stats.domains import domains
from survey.stats.survey_proportion import survey_proportion
from survey.stats.version import VERSION


@dataclass(frozen=True, eq=False)
class Crossed:
    """Rows sorted into the cells of a table, levels that nobody has left out.

    Attributes
    ----------
    rows, columns : tuple
        The levels that occur among the rows that count.
    row_codes, column_codes : numpy.ndarray of int64
        The level of each row of data; -1 in both where it does not count.
    dropped : tuple
        Levels, of rows and of columns, that occur only where the other answer is missing, the
        weight is 0, or outside the subset.
    """

    rows: tuple[Hashable, ...]
    columns: tuple[Hashable, ...]
    row_codes: IntArray
    column_codes: IntArray
    dropped: tuple[tuple[Hashable, ...], tuple[Hashable, ...]]

    @property
    def inside(self) -> Any:
        """Which rows of data count."""
        return self.row_codes >= 0

    @property
    def shape(self) -> tuple[int, int]:
        """Numbers of levels."""
        return len(self.rows), len(self.columns)

    def totals(self, weights: FloatArray) -> FloatArray:
        """Sum of weights in each cell, rows x columns."""
        cells = (self.row_codes * len(self.columns) + self.column_codes)[self.inside]
        found = sums(cells, weights[self.inside], self.shape[0] * self.shape[1])
        return found.reshape(self.shape)


@dataclass(frozen=True, eq=False)
class Crosstab:
    """A weighted table.

    Attributes
    ----------
    rows, columns : tuple
        The levels.
    totals : numpy.ndarray of float64, rows x columns
        Estimated numbers in the population.
    shares, se, low, high : numpy.ndarray of float64, rows x columns
        Share of the column's level among those in the row, and its interval.
    n : numpy.ndarray of int64, rows x columns
        Rows of data, unweighted.
    df : numpy.ndarray, rows
        Degrees of freedom of the intervals in each row.
    dropped : tuple
        Levels of rows, and of columns, that could not be shown (see `Crossed`).
    method : str
        The interval's method.
    level, version
    """

    rows: tuple[Hashable, ...]
    columns: tuple[Hashable, ...]
    totals: FloatArray
    shares: FloatArray
    se: FloatArray
    low: FloatArray
    high: FloatArray
    n: IntArray
    df: Any
    dropped: tuple[tuple[Hashable, ...], tuple[Hashable, ...]]
    method: str
    level: float
    version: str = VERSION


def crosstab(
    design: Design,
    rows: object,
    columns: object,
    *,
    subset: object = None,
    method: str = "standard",
    level: float = 0.95,
) -> Crosstab:
    """Estimated shares of each answer within each group.

    Parameters
    ----------
    design : Design
    rows, columns : array-like
        A label for each row of data; where one is missing, the row of data counts in no cell.
    subset : array-like of bool, optional
        Rows of data that belong to the part looked at.
    method, level
        As for `survey_proportion`.

    Returns
    -------
    Crosstab

    Raises
    ------
    ValueError
        When lengths differ or no row of data has both labels.

    References
    ----------
    T. Lumley (2010), Complex Surveys, section 2.5.

    Examples
    --------
    >>> from survey.stats.design import survey_design
    >>> design = survey_design(weights=[2, 1, 1, 4])
    >>> found = crosstab(design, ["n", "n", "s", "s"], ["yes", "no", "yes", "yes"])
    >>> found.columns, found.totals.tolist(), found.shares.round(4).tolist()
    (('no', 'yes'), [[1.0, 2.0], [0.0, 5.0]], [[0.3333, 0.6667], [0.0, 1.0]])
    """
    crossed = cross(design, rows, columns, subset)
    by = Categories(crossed.row_codes, crossed.rows)
    found = [
        survey_proportion(
            design,
            np.where(crossed.inside, crossed.column_codes == place, np.nan),
            by=by,
            method=method,
            level=level,
        )
        for place in range(len(crossed.columns))
    ]
    counts = crossed.totals(np.ones(design.n)).astype(np.int64)

    def side_by_side(name: str) -> FloatArray:
        return np.stack([getattr(one, name) for one in found], axis=1)

    return Crosstab(
        crossed.rows, crossed.columns, crossed.totals(design.weights), side_by_side("estimate"),
        side_by_side("se"), side_by_side("low"), side_by_side("high"), counts, found[0].df,
        crossed.dropped, method, level,
    )  # fmt: skip


def cross(design: Design, rows: object, columns: object, subset: object) -> Crossed:
    """Sort rows of data into cells; levels that nobody has are left out and named.

    Raises
    ------
    ValueError
        When lengths differ or no row of data has both labels.

    Examples
    --------
    >>> from survey.stats.design import survey_design
    >>> found = cross(survey_design(weights=[1, 1]), ["a", "b"], ["x", None], None)
    >>> found.rows, found.dropped
    (('a',), (('b',), ()))
    """
    down, across = of_length("rows", rows, design.n), of_length("columns", columns, design.n)
    inside = (domains(design, None, subset).codes >= 0) & (down.codes >= 0) & (across.codes >= 0)
    if not inside.any():
        raise ValueError("rows and columns must both be known in at least one row of data")
    row_codes, row_levels, row_dropped = _kept(down, inside)
    column_codes, column_levels, column_dropped = _kept(across, inside)
    dropped = (row_dropped, column_dropped)
    return Crossed(row_levels, column_levels, row_codes, column_codes, dropped)


def _kept(
    coded: Categories, inside: Any
) -> tuple[IntArray, tuple[Hashable, ...], tuple[Hashable, ...]]:
    held, found = compress(coded.codes[inside], len(coded.levels))
    codes = np.full(coded.codes.size, -1, np.int64)
    codes[inside] = held
    places = set(found.tolist())
    dropped = tuple(level for at, level in enumerate(coded.levels) if at not in places)
    return codes, tuple(coded.levels[at] for at in found), dropped
