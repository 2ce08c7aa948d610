"""Which cells of published tables must be hidden so that no small count can be read or derived.

Primary suppression hides every count under the minimum; an empty cell looks like a small one.
Complementary suppression hides more, until no relation (a row, a column, the months of a
quarter) gives a small count away by subtraction. It looks at one relation at a time;
`survey.stats.protection` goes on until an attack with all relations together fails too.

Source: Hundepool et al., Statistical Disclosure Control (Wiley 2012), ch. 4; the rule for the
hidden remainder is the project's own and stricter than "at least two cells".
"""

import heapq

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike

from survey.stats.counts import IntArray
from survey.stats.margins import (
    Mask,
    Relations,
    cell_mask,
    check_sums,
    coefficients,
    flat_counts,
)


def suppress(
    counts: ArrayLike,
    margins: Relations,
    *,
    minimum: int = 10,
    published: ArrayLike | None = None,
    eligible: ArrayLike | None = None,
) -> Mask:
    """Which cells to hide, so that nothing small can be read or got by one subtraction.

    Counts under the minimum are hidden. Then, while a relation has a hidden remainder that an
    outsider gets by subtraction and that is a single cell or under the minimum in total, one
    more cell of it is hidden. A remainder of 0 is too small as well: it would tell that each of
    its cells is empty. Where both a total and some of its parts are hidden, subtraction leaves
    no remainder.

    In a single relation that is the smallest shown cell. Where relations share cells, a cell
    costs its count, halved for each other relation that it settles too and doubled for each
    that it would unsettle; of all relations that need it, the one with the cheapest cell goes
    first. (Without this the hidden cells about double where few are small: one leads to the
    next.) Among equal costs a part goes before the total of its relation, then the lower cell
    number. So the result does not depend on the order of the relations, and on the numbering of
    the cells only among equal costs. Where every cell of a relation is hidden or published
    already, nothing more can be done: `unprotected` lists such relations.

    Parameters
    ----------
    counts : array-like of int, shape (cells,)
        Every cell that would be published or that can be derived, totals and sums of totals
        included.
    margins : sequence of (total, parts), or sparse matrix
        The additive relations, see `survey.stats.margins.coefficients`.
    minimum : int
        The least count that is shown.
    published : array-like of bool, shape (cells,), optional
        Cells whose values are public for ever. They are never hidden; what is needed falls on
        the others.
    eligible : array-like of bool, shape (cells,), optional
        Cells that may be published at all. The others are hidden from the start.

    Returns
    -------
    numpy.ndarray of bool, shape (cells,)
        True where the cell is hidden.

    Raises
    ------
    ValueError
        When counts are negative or fractional or do not add up, when a mask has another shape,
        when a cell is published and not eligible, when `minimum` is under 1.

    Examples
    --------
    >>> from survey.stats.margins import crossed, with_totals

    A single cell, nothing at all, and an empty table:

    >>> suppress([12], []).tolist(), suppress([9], []).tolist(), suppress([], []).tolist()
    ([False], [True], [])
    >>> suppress([0, 0, 0], [(2, [0, 1])]).tolist()
    [True, True, True]

    One small part: the smallest shown part goes too, else the total gives it away. Where there
    is no total, there is nothing to subtract from:

    >>> suppress([4, 30, 20, 54], [(3, [0, 1, 2])]).tolist()
    [True, False, True, False]
    >>> suppress([4, 30, 20, 54], []).tolist()
    [True, False, False, False]

    Two parts that sum to 9 say too much, and so do two empty ones; 4 and 6 do not:

    >>> suppress([4, 5, 30, 20, 59], [(4, [0, 1, 2, 3])]).tolist()
    [True, True, False, True, False]
    >>> suppress([0, 0, 30, 20, 50], [(4, [0, 1, 2, 3])]).tolist()
    [True, True, False, True, False]
    >>> suppress([4, 6, 30, 20, 60], [(4, [0, 1, 2, 3])]).tolist()
    [True, True, False, False, False]

    In a crossed table the corners of a rectangle settle each other. Hiding 25, then 40, then 20,
    each the smallest in its relation, would have gone on to seven cells:

    >>> table = with_totals([[50, 4, 60], [40, 30, 20], [35, 25, 45]])
    >>> suppress(table.ravel(), crossed((3, 3))).reshape(4, 4).astype(int)
    array([[1, 1, 0, 0],
           [0, 0, 0, 0],
           [1, 1, 0, 0],
           [0, 0, 0, 0]])

    Where only the total is left to hide, it goes, and the sum of which it is a part follows
    (9 + 11 = 20, and 20 + 40 + 30 = 90):

    >>> suppress([9, 11, 20, 40, 30, 90], [(2, [0, 1]), (5, [2, 3, 4])],
    ...          published=[False, True, False, False, False, False]).tolist()
    [True, False, True, False, True, False]

    A cell that is never published counts as hidden:

    >>> suppress([40, 50, 60, 150], [(3, [0, 1, 2])], eligible=[False, True, True, True]).tolist()
    [True, True, False, False]
    """
    values = flat_counts("counts", counts)
    matrix = coefficients(margins, values.size)
    check_sums(values, matrix)
    fixed = cell_mask("published", published, values.size)
    allowed = cell_mask("eligible", eligible, values.size, default=True)
    if (fixed & ~allowed).any():
        cell = int(np.argmax(fixed & ~allowed))
        raise ValueError(f"published: cell {cell} is not eligible, so it cannot be public")
    hidden = ((values < _checked(minimum)) | ~allowed) & ~fixed
    _Complement(hidden, values, matrix, fixed, minimum).run()
    return hidden


def unprotected(
    counts: ArrayLike, margins: Relations, mask: ArrayLike, *, minimum: int = 10
) -> IntArray:
    """Which relations still give a hidden remainder away.

    Parameters
    ----------
    counts, margins, minimum
        As in `suppress`.
    mask : array-like of bool, shape (cells,)
        The hidden cells.

    Returns
    -------
    numpy.ndarray of int64
        Numbers of the relations whose hidden remainder is a single cell or under the minimum,
        ascending. Empty after `suppress`, save where published cells left nothing to hide.

    Raises
    ------
    ValueError
        As `suppress`.

    Examples
    --------
    >>> unprotected([4, 30, 20, 54], [(3, [0, 1, 2])], [True, False, False, False]).tolist()
    [0]
    >>> unprotected([4, 30, 20, 54], [(3, [0, 1, 2])], [True, False, True, False]).tolist()
    []
    """
    values = flat_counts("counts", counts)
    matrix = coefficients(margins, values.size)
    check_sums(values, matrix)
    hidden = cell_mask("mask", mask, values.size)
    return np.flatnonzero(_gives_away(hidden, values, matrix, _checked(minimum)))


def _checked(minimum: int) -> int:
    if minimum < 1:
        raise ValueError(f"minimum must be at least 1, got {minimum}")
    return minimum


def _gives_away(hidden: Mask, counts: IntArray, matrix: sp.csr_array, minimum: int) -> Mask:
    """Relations whose remainder is known (hidden cells on one side only) and too small."""
    n_left, rest_left = _side(np.maximum(matrix.data, 0), hidden, counts, matrix)
    n_right, rest_right = _side(np.maximum(-matrix.data, 0), hidden, counts, matrix)
    one_sided = (n_left == 0) != (n_right == 0)
    small = (n_left + n_right == 1) | (rest_left + rest_right < minimum)
    return np.asarray(one_sided & small)


def _side(
    weights: IntArray, hidden: Mask, counts: IntArray, matrix: sp.csr_array
) -> tuple[IntArray, IntArray]:
    """Number and weighted sum of the hidden cells on one side of each relation."""
    shape, indices, starts = matrix.shape, matrix.indices, matrix.indptr
    present = sp.csr_array(((weights > 0).astype(np.int64), indices, starts), shape=shape)
    weighted = sp.csr_array((weights, indices, starts), shape=shape)
    n_hidden, rest = present @ hidden.astype(np.int64), weighted @ (counts * hidden)
    return np.asarray(n_hidden), np.asarray(rest)


class _Complement:
    """Hides further cells, in place, until no relation that can be helped gives anything away.

    Every cell hidden here counts at least `minimum`, so the first one settles its relation for
    good: a relation is untouched (nothing hidden), then waiting, then settled.
    """

    def __init__(
        self, hidden: Mask, counts: IntArray, matrix: sp.csr_array, fixed: Mask, minimum: int
    ) -> None:
        self.hidden = hidden
        self._counts = counts
        self._matrix = matrix
        self._by_cell = sp.csc_array(matrix)
        self._candidates, self._is_total, self._ends = _candidates(matrix, ~(hidden | fixed))
        n_hidden = abs(matrix).sign() @ hidden.astype(np.int64)
        self._is_untouched = np.asarray(n_hidden == 0)
        self._is_waiting = _gives_away(hidden, counts, matrix, minimum)
        change = self._is_untouched.astype(np.int64) - self._is_waiting
        # For each cell: relations that hiding it would set waiting, less those it would settle.
        self._opened = np.asarray(change @ abs(matrix).sign())

    def run(self) -> None:
        """Hide, each time, the cell of least cost in a waiting relation."""
        rows = np.flatnonzero(self._is_waiting)
        queue = [entry for row in rows if (entry := self._next(int(row)))]
        heapq.heapify(queue)
        while queue:
            entry = heapq.heappop(queue)
            *_, cell, row = entry
            if not self._is_waiting[row]:
                continue
            now = self._next(row)
            if now != entry:  # costs changed since it was queued
                heapq.heappush(queue, now or entry)
                continue
            for opened in self._hide(cell):
                if found := self._next(int(opened)):
                    heapq.heappush(queue, found)

    def _next(self, row: int) -> tuple[float, bool, int, int] | None:
        """(cost, is the total, cell, relation) of the cell to hide next, or None."""
        span = slice(self._ends[row], self._ends[row + 1])
        cells = self._candidates[span]
        if cells.size == 0:
            return None
        cost = np.where(
            self.hidden[cells], np.inf, self._counts[cells] * np.exp2(self._opened[cells])
        )
        at = int(np.argmin(cost))
        if np.isinf(cost[at]):
            return None
        return float(cost[at]), bool(self._is_total[span][at]), int(cells[at]), row

    def _hide(self, cell: int) -> IntArray:
        """Hide one cell; the relations that wait because of it."""
        self.hidden[cell] = True
        rows = self._by_cell.indices[self._by_cell.indptr[cell] : self._by_cell.indptr[cell + 1]]
        opened, settled = rows[self._is_untouched[rows]], rows[self._is_waiting[rows]]
        self._is_untouched[opened], self._is_waiting[opened] = False, True
        self._is_waiting[settled] = False
        for changed, by in ((opened, -2), (settled, 1)):
            for row in changed:
                span = slice(self._matrix.indptr[row], self._matrix.indptr[row + 1])
                self._opened[self._matrix.indices[span]] += by
        return np.asarray(opened, dtype=np.int64)


def _candidates(matrix: sp.csr_array, allowed: Mask) -> tuple[IntArray, Mask, IntArray]:
    """The cells of each relation that may be hidden, its total last; and where each ends."""
    entries = matrix.tocoo()
    rows, cells = entries.coords
    on_left = entries.data > 0
    n_left = np.bincount(rows[on_left], minlength=matrix.shape[0])
    n_right = np.bincount(rows[~on_left], minlength=matrix.shape[0])
    is_total = np.where(on_left, n_left[rows], n_right[rows]) == 1
    keep = np.flatnonzero(allowed[cells])
    order = keep[np.lexsort((cells[keep], is_total[keep], rows[keep]))]
    ends = np.searchsorted(rows[order], np.arange(matrix.shape[0] + 1))
    return cells[order].astype(np.int64), is_total[order], ends.astype(np.int64)
