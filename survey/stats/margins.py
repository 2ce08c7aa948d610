"""Additive relations between the cells of published tables: who is the sum of whom.

Disclosure control and its audit see a release as one flat array of counts (every cell of every
table, totals and sums of totals included) and a list of relations. Nested margins, crossed
margins, and months that make a quarter are all written the same way.
"""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike, NDArray

from survey.stats.counts import IntArray, counts

Mask: TypeAlias = NDArray[np.bool_]
Relations: TypeAlias = (
    Sequence[tuple[int, ArrayLike]] | sp.csr_array | sp.csc_array | sp.coo_array | sp.csr_matrix
)


def coefficients(margins: Relations, n_cells: int) -> sp.csr_array:
    """The relations as one sparse matrix, a row each, with ``matrix @ counts == 0``.

    Parameters
    ----------
    margins : sequence of (int, array-like of int), or sparse matrix
        Pairs (total, parts) of cell numbers with ``counts[total] == counts[parts].sum()``; or
        whole coefficients, a row for each relation and a column for each cell.
    n_cells : int
        Number of cells.

    Returns
    -------
    scipy.sparse.csr_array of int64, shape (relations, n_cells)
        Without stored zeros. In the row of a pair: 1 for each part, -1 for the total.

    Raises
    ------
    ValueError
        When a relation has no parts, names a cell that does not exist, names one twice (a total
        among its own parts, too), or has a fractional coefficient. The message names it.

    Examples
    --------
    >>> coefficients([(2, [0, 1])], 3).toarray()
    array([[ 1,  1, -1]])
    >>> coefficients([], 3).shape
    (0, 3)
    """
    if not isinstance(margins, Sequence):
        return _from_matrix(sp.coo_array(margins), n_cells)
    pairs = list(margins)
    parts = [np.asarray(part) for _, part in pairs]
    for number, part in enumerate(parts):
        if part.ndim != 1 or part.size == 0 or part.dtype.kind not in "iu":
            raise ValueError(f"margins: relation {number} needs a list of one cell number or more")
    lengths = np.array([part.size for part in parts], dtype=np.int64)
    totals = np.array([total for total, _ in pairs], dtype=np.int64)
    cells = np.concatenate([totals, *parts]).astype(np.int64)
    rows = np.concatenate([np.arange(len(pairs)), np.repeat(np.arange(len(pairs)), lengths)])
    _check_cells(rows, cells, n_cells)
    weights = np.ones(cells.size, dtype=np.int64)
    weights[: totals.size] = -1
    return sp.csr_array((weights, (rows, cells)), shape=(len(pairs), n_cells))


def _check_cells(rows: IntArray, cells: IntArray, n_cells: int) -> None:
    outside = (cells < 0) | (cells >= n_cells)
    if outside.any():
        at = int(np.argmax(outside))
        raise ValueError(f"margins: relation {rows[at]} names cell {cells[at]} of {n_cells}")
    order = np.lexsort((cells, rows))
    again = (np.diff(rows[order]) == 0) & (np.diff(cells[order]) == 0)
    if again.any():
        at = int(order[np.argmax(again)])
        raise ValueError(f"margins: relation {rows[at]} names cell {cells[at]} twice")


def _from_matrix(entries: sp.coo_array, n_cells: int) -> sp.csr_array:
    if entries.ndim != 2 or entries.shape[1] != n_cells:
        raise ValueError(f"margins must have {n_cells} columns, the shape is {entries.shape}")
    if (entries.data != np.rint(entries.data)).any():
        raise ValueError("margins: coefficients must be whole numbers")
    weights = entries.data.astype(np.int64)
    rows, cells = entries.coords
    whole = sp.csr_array((weights, (rows, cells)), shape=entries.shape)
    whole.eliminate_zeros()
    empty = np.diff(whole.indptr) == 0
    if empty.any():
        raise ValueError(f"margins: relation {int(np.argmax(empty))} names no cell")
    return whole


def flat_counts(name: str, value: object) -> IntArray:
    """Read a flat array of counts; errors as `survey.stats.counts.counts`, and another shape.

    Examples
    --------
    >>> flat_counts("counts", [3, 0]).tolist()
    [3, 0]
    """
    values = counts(name, value)
    if values.ndim != 1:
        raise ValueError(f"{name} must be a flat array, got {values.ndim} dimensions")
    return values


def cell_mask(name: str, value: ArrayLike | None, n_cells: int, *, default: bool = False) -> Mask:
    """Read a mask of cells into a new array; None gives `default` everywhere.

    Raises
    ------
    ValueError
        When it is no boolean mask, or has another shape than (n_cells,).

    Examples
    --------
    >>> cell_mask("hidden", None, 2).tolist()
    [False, False]
    """
    if value is None:
        return np.full(n_cells, default)
    mask = np.array(value)
    if mask.shape != (n_cells,) or (mask.size and mask.dtype != np.bool_):
        raise ValueError(f"{name} must be a boolean mask of {n_cells} cells")
    return mask.astype(np.bool_)


def check_sums(values: IntArray, matrix: sp.csr_array) -> None:
    """Raise ValueError, naming the first relation, where the counts do not add up.

    Examples
    --------
    >>> check_sums(np.array([4, 5, 8]), coefficients([(2, [0, 1])], 3))
    Traceback (most recent call last):
    ...
    ValueError: counts do not add up in relation 0: off by 1
    """
    rest = matrix @ values
    if rest.any():
        first = int(np.flatnonzero(rest)[0])
        raise ValueError(f"counts do not add up in relation {first}: off by {rest[first]}")


def with_totals(table: ArrayLike) -> IntArray:
    """A table with the sum of every axis appended, as the last index of that axis.

    Parameters
    ----------
    table : array-like of int, shape (a, b, ...)

    Returns
    -------
    numpy.ndarray of int64, shape (a + 1, b + 1, ...)

    Raises
    ------
    ValueError
        As `survey.stats.counts.counts`.

    Examples
    --------
    >>> with_totals([[1, 2], [3, 4]])
    array([[ 1,  2,  3],
           [ 3,  4,  7],
           [ 4,  6, 10]])
    """
    values = counts("table", table)
    for axis in range(values.ndim):
        values = np.concatenate([values, values.sum(axis=axis, keepdims=True)], axis=axis)
    return values


def crossed(shape: Sequence[int]) -> sp.csr_array:
    """The relations of a crossed table that carries all its totals (see `with_totals`).

    Parameters
    ----------
    shape : sequence of int
        Sizes of the axes without their totals, each at least 1.

    Returns
    -------
    scipy.sparse.csr_array of int64
        For `coefficients`: a column for each cell of the table with its totals, in C order; a
        row for each line along each axis, first all of the first axis.

    Raises
    ------
    ValueError
        When there is no axis, or one has no part.

    Examples
    --------
    >>> matrix = crossed((2, 3))
    >>> matrix.shape
    (7, 12)
    >>> bool((matrix @ with_totals([[1, 2, 3], [4, 5, 6]]).ravel()).any())
    False
    """
    if min(shape, default=0) < 1:
        raise ValueError(f"shape must have axes of at least one part, got {tuple(shape)}")
    number = np.arange(np.prod([size + 1 for size in shape]))
    number = number.reshape([size + 1 for size in shape])
    blocks = []
    for axis, size in enumerate(shape):
        lines = np.moveaxis(number, axis, -1).reshape(-1, size + 1)
        rows = np.repeat(np.arange(lines.shape[0]), size + 1)
        weights = np.tile(np.r_[np.ones(size, dtype=np.int64), -1], lines.shape[0])
        block = sp.csr_array((weights, (rows, lines.ravel())), (lines.shape[0], number.size))
        blocks.append(block)
    return sp.csr_array(sp.vstack(blocks, format="csr"))
