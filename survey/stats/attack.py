"""The hidden cells as a system of equations, and how far each of them can move in it.

`survey.stats.audit` asks for the exact ends, `survey.stats.protection` only whether a cell can
move far enough. Both work from two sides: outer bounds, which hold for certain, and reached
values, which a solution of the whole system attains. Where they meet, the end is exact.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse.csgraph import connected_components

from survey.stats.counts import FloatArray, IntArray
from survey.stats.margins import Mask

TOLERANCE = 1e-6
ROUNDS = 100


@dataclass(frozen=True)
class System:
    """All relations between hidden cells: ``matrix @ values == matrix @ truth``.

    Attributes
    ----------
    cells : numpy.ndarray of int64
        Numbers of the hidden cells, ascending; the columns of `matrix`.
    matrix : scipy.sparse.csr_array of float64
        Coefficients of the hidden cells in each relation that has one.
    truth : numpy.ndarray of float64
        The true counts.
    low, high : numpy.ndarray of float64
        What is known of each cell alone, before any relation is used.
    """

    cells: IntArray
    matrix: sp.csr_array
    truth: FloatArray
    low: FloatArray
    high: FloatArray


def system_of(
    counts: IntArray, matrix: sp.csr_array, hidden: Mask, low: FloatArray, high: FloatArray
) -> System:
    """The system of the hidden cells; `low` and `high` have a value for each hidden cell."""
    left = matrix[:, hidden]
    left = sp.csr_array(left[np.diff(left.indptr) > 0]).astype(np.float64)
    return System(np.flatnonzero(hidden), left, counts[hidden].astype(np.float64), low, high)


class Reach:
    """How far each hidden cell can move: outer bounds and reached values, both growing tighter.

    Attributes
    ----------
    low, high : numpy.ndarray of float64
        No solution goes below or above these.
    lowest, highest : numpy.ndarray of float64
        Some solution reaches these; at first the truth, which is one.
    """

    def __init__(self, system: System) -> None:
        self.low, self.high = propagated(system)
        self.lowest, self.highest = system.truth.copy(), system.truth.copy()

    def note(self, part: IntArray, values: FloatArray) -> None:
        """Take in one solution for the cells of `part` (the others at their true values)."""
        self.lowest[part] = np.minimum(self.lowest[part], np.maximum(values, self.low[part]))
        self.highest[part] = np.maximum(self.highest[part], np.minimum(values, self.high[part]))

    def is_low_open(self) -> Mask:
        """Cells whose least value is not settled."""
        return np.asarray(self.lowest > self.low + TOLERANCE)

    def is_high_open(self) -> Mask:
        """Cells whose greatest value is not settled."""
        return np.asarray(self.highest < self.high - TOLERANCE)


def propagated(system: System) -> tuple[FloatArray, FloatArray]:
    """Outer bounds: each relation in turn limits each of its cells by the limits of the others."""
    entries = system.matrix.tocoo()
    rows, cells = (at.astype(np.int64) for at in entries.coords)
    weights = entries.data
    rest = (system.matrix @ system.truth)[rows]
    low, high = system.low.copy(), system.high.copy()
    n_rows = system.matrix.shape[0]
    up = weights > 0
    for _ in range(ROUNDS):
        least = np.where(up, weights * low[cells], weights * high[cells])
        most = np.where(up, weights * high[cells], weights * low[cells])
        above = (rest - _others(rows, least, n_rows)) / weights
        below = (rest - _others(rows, most, n_rows)) / weights
        new_low, new_high = low.copy(), high.copy()
        np.maximum.at(new_low, cells, np.where(up, below, above))
        np.minimum.at(new_high, cells, np.where(up, above, below))
        if (new_low <= low + TOLERANCE).all() and (new_high >= high - TOLERANCE).all():
            break
        low, high = new_low, new_high
    # Rounding must not shut the truth out.
    return np.minimum(low, system.truth), np.maximum(high, system.truth)


def _others(rows: IntArray, values: FloatArray, n_rows: int) -> FloatArray:
    """For each entry the sum of the other entries of its row; infinite where one of them is."""
    infinite = np.isinf(values)
    finite = np.where(infinite, 0.0, values)
    sums = np.bincount(rows, finite, n_rows)[rows] - finite
    n_infinite = np.bincount(rows, infinite, n_rows)[rows] - infinite
    sign = np.where(infinite, np.sign(values), 0.0)
    direction = np.bincount(rows, sign, n_rows)[rows] - sign
    return np.where(n_infinite > 0, np.copysign(np.inf, direction), sums)


def components(system: System) -> list[IntArray]:
    """The hidden cells that relations link, directly or not, as positions; larger ones last."""
    n_rows, n_cells = system.matrix.shape
    if n_rows == 0:
        return [np.array([at]) for at in range(n_cells)]
    entries = system.matrix.tocoo()
    rows, cells = entries.coords
    n_nodes = n_cells + n_rows
    links = sp.csr_array((np.ones(rows.size), (cells, rows + n_cells)), shape=(n_nodes, n_nodes))
    label = connected_components(links, directed=False)[1][:n_cells]
    order = np.argsort(label, kind="stable")
    starts = np.flatnonzero(np.diff(label[order])) + 1
    return sorted(np.split(order, starts), key=len)


class Programme:
    """The linear programmes over some hidden cells, all others kept at their true values.

    With a whole component this is the outsider's view; with less of it, a narrower one, whose
    solutions are solutions of the whole all the same.

    The variables are steps up and down from the truth, for which ``matrix @ (up - down) == 0``.
    No step at all is a solution, so the solver starts from one and goes on only as far as the
    cost asks; for 70,000 cells that takes one second where the values themselves take forty.
    """

    def __init__(self, system: System, part: IntArray, found: Reach) -> None:
        matrix = sp.csr_array(system.matrix[:, part])
        self.matrix = sp.csr_array(matrix[np.diff(matrix.indptr) > 0])
        self.up_and_down = sp.csr_array(sp.hstack([self.matrix, -self.matrix]))
        self.n_rows = self.matrix.shape[0]
        self.truth = system.truth[part]
        self.part = part
        self.found = found
        self.n_solved = 0

    def minimise(
        self, cost: FloatArray, low: FloatArray | None = None, high: FloatArray | None = None
    ) -> FloatArray:
        """Values of least cost, noted in `found`; bounds are the outer ones unless given."""
        low = self.found.low[self.part] if low is None else low
        high = self.found.high[self.part] if high is None else high
        room = np.concatenate([high - self.truth, self.truth - low])
        steps = self._steps(self.up_and_down, np.concatenate([cost, -cost]), room)
        up, down = np.split(steps, 2)
        values = self.truth + up - down
        self.found.note(self.part, values)
        return values

    def mark_unbounded(self) -> None:
        """Let `found.highest` be infinite for all cells that can grow without end.

        Such growth is a direction d >= 0 with ``matrix @ d == 0``. Written as d = t + e with
        0 <= t <= 1, the greatest sum of t has t = 1 at every cell that any direction moves.
        """
        free = np.where(np.isinf(self.found.high[self.part]), np.inf, 0.0)
        if not free.any():
            return
        twice = sp.csr_array(sp.hstack([self.matrix, self.matrix]))
        cost = np.concatenate([np.full(free.size, -1.0), np.zeros(free.size)])
        steps = self._steps(twice, cost, np.concatenate([np.minimum(free, 1.0), free]))
        self.found.highest[self.part[steps[: free.size] > 0.5]] = np.inf

    def apart(self, wanted: IntArray, rng: np.random.Generator) -> IntArray:
        """Some of the `wanted` (positions in `part`), no two of them in one relation."""
        taken = np.zeros(self.n_rows, dtype=np.bool_)
        by_cell = sp.csc_array(self.matrix)
        starts, rows = by_cell.indptr, by_cell.indices
        chosen = []
        for at in rng.permutation(wanted):
            own = rows[starts[at] : starts[at + 1]]
            if not taken[own].any():
                taken[own] = True
                chosen.append(at)
        return np.array(chosen, dtype=np.int64)

    def _steps(self, matrix: sp.csr_array, cost: FloatArray, room: FloatArray) -> FloatArray:
        """The steps s of least cost with 0 <= s <= room and ``matrix @ s == 0``."""
        # Presolve would lose the start; the other method is for numerical trouble.
        for method, presolve in (("highs-ds", False), ("highs-ipm", True)):
            self.n_solved += 1
            result = linprog(  # type: ignore[call-overload]  # the stubs know no sparse A_eq
                cost,
                A_eq=matrix,
                b_eq=np.zeros(self.n_rows),
                bounds=np.column_stack([np.zeros(room.size), room]),
                method=method,
                options={"presolve": presolve},
            )
            if result.status == 0:
                return np.asarray(result.x)
        raise ArithmeticError(f"the solver gave up: {result.message}")


def reach_ends(
    system: System, part: IntArray, found: Reach, targets: Mask, rng: np.random.Generator
) -> int:
    """Make the bounds of the `targets` exact within one whole component.

    Parameters
    ----------
    system : System
    part : numpy.ndarray of int64
        Positions of the component's cells.
    found : Reach
        Improved in place.
    targets : numpy.ndarray of bool
        The hidden cells that are asked for, shape (hidden cells,).
    rng : numpy.random.Generator
        Decides the order of the search, not its result.

    Returns
    -------
    int
        The number of programmes solved.
    """

    def low_open() -> IntArray:
        return np.flatnonzero((targets & found.is_low_open())[part])

    def high_open() -> IntArray:
        return np.flatnonzero((targets & found.is_high_open())[part])

    if not (low_open().size or high_open().size):
        return 0
    programme = Programme(system, part, found)
    if programme.n_rows == 0:  # in no relation: what was known beforehand is all
        found.lowest[part], found.highest[part] = found.low[part], found.high[part]
        return 0
    programme.mark_unbounded()
    _together(programme, low_open, lambda wanted: wanted, 1.0, rng)
    _together(programme, high_open, lambda wanted: programme.apart(wanted, rng), -1.0, rng)
    _one_by_one(programme, low_open, 1.0)
    _one_by_one(programme, high_open, -1.0)
    return programme.n_solved


Positions = Callable[[], NDArray[np.int64]]


def _together(
    programme: Programme,
    still_open: Positions,
    choose: Callable[[IntArray], IntArray],
    sign: float,
    rng: np.random.Generator,
) -> None:
    """Push many cells at once to their outer bounds, until that no longer pays."""
    idle = 0
    while idle < 2 and (wanted := still_open()).size > 1:
        chosen = choose(wanted)
        cost = np.zeros(programme.part.size)
        cost[chosen] = sign * rng.uniform(0.5, 1.0, chosen.size)
        programme.minimise(cost)
        idle = idle + 1 if wanted.size - still_open().size <= 1 else 0


def _one_by_one(programme: Programme, still_open: Positions, sign: float) -> None:
    """A programme of its own for each cell that is left; its optimum is the exact end."""
    found = programme.found
    for at in still_open():
        if at not in still_open():
            continue
        cost = np.zeros(programme.part.size)
        cost[at] = sign
        end, cell = programme.minimise(cost)[at], programme.part[at]
        bounds, reached = (found.low, found.lowest) if sign > 0 else (found.high, found.highest)
        bounds[cell] = reached[cell] = end
