"""Small sets of hidden cells that can move among themselves while all others stay as they are.

In a release of a hundred thousand hidden cells a linear programme over all of them takes half a
minute. To show that one cell can move by a few counts, a few hundred cells around it nearly
always do, if they are chosen so that no relation holds just one of them.
"""

import numpy as np
import scipy.sparse as sp

from survey.stats.attack import System
from survey.stats.counts import FloatArray, IntArray


class Neighbourhoods:
    """Grows neighbourhoods in one system.

    Parameters
    ----------
    system : survey.stats.attack.System
    room : numpy.ndarray of float64
        How far each hidden cell could go down, capped: cells with room are taken first.
    rng : numpy.random.Generator
        Decides between equals.
    """

    def __init__(self, system: System, room: FloatArray, rng: np.random.Generator) -> None:
        self._members = system.matrix
        n_rows, n_cells = system.matrix.shape
        by_cell = sp.csc_array(system.matrix)
        degree = np.diff(by_cell.indptr)
        # The relations of each cell, filled up with a relation that does not exist.
        self._rows = np.full((n_cells, int(degree.max(initial=1))), n_rows)
        self._rows[np.arange(self._rows.shape[1]) < degree[:, None]] = by_cell.indices
        self._room = room
        self._rng = rng
        self._n_inside = np.zeros(n_rows + 1, dtype=np.int64)
        self._is_inside = np.zeros(n_cells, dtype=np.bool_)
        self._inside: list[int] = []
        self._lonely: list[int] = []

    def around(self, start: int, size: int) -> IntArray:
        """About `size` cells around one (less where fewer are linked); positions, ascending."""
        self._n_inside[:] = 0
        self._n_inside[-1] = 2  # the relation that does not exist never needs company
        self._is_inside[:] = False
        self._inside, self._lonely = [], []
        self._add(start)
        spare = size
        while len(self._inside) < 2 * size:
            row = self._next_lonely()
            if row is None:
                spare -= 1
                if spare < 0 or len(self._inside) >= size:
                    break
                row = self._any_row()
            self._add_from(row)
        return np.sort(np.array(self._inside, dtype=np.int64))

    def _add(self, cell: int) -> None:
        self._inside.append(cell)
        self._is_inside[cell] = True
        rows = self._rows[cell]
        self._n_inside[rows] += 1
        self._lonely.extend(rows[self._n_inside[rows] == 1].tolist())

    def _next_lonely(self) -> int | None:
        """The oldest relation with just one cell inside."""
        while self._lonely:
            row = self._lonely.pop(0)
            if self._n_inside[row] == 1:
                return row
        return None

    def _any_row(self) -> int:
        cell = self._inside[int(self._rng.integers(len(self._inside)))]
        return int(self._rng.choice(self._rows[cell]))

    def _add_from(self, row: int) -> None:
        """Add the cell of a relation that brings in the fewest new ones and closes the most."""
        if row == self._members.shape[0]:
            return
        cells = self._members.indices[self._members.indptr[row] : self._members.indptr[row + 1]]
        cells = cells[~self._is_inside[cells]]
        if cells.size == 0:
            return
        inside = self._n_inside[self._rows[cells]]
        n_new, n_closed = (inside == 0).sum(axis=1), (inside == 1).sum(axis=1)
        cost = 10 * n_new - 2 * n_closed - self._room[cells] + self._rng.random(cells.size)
        self._add(int(cells[np.argmin(cost)]))
