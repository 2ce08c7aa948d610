"""Suppression that also withstands an attack with all relations together.

`survey.stats.suppression` looks at one relation at a time; where several overlap, a hidden count
may still be pinned down. Here the attack is repeated and more is hidden, until every hidden count
keeps an interval of the wanted width.

Source: the project's own loop around the attacker's problem of Hundepool et al., Statistical
Disclosure Control (Wiley 2012), section 4.3.
"""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike

from survey.stats.attack import Programme, Reach, System, components, system_of
from survey.stats.audit import WIDTH, whole_width
from survey.stats.counts import IntArray
from survey.stats.margins import (
    Mask,
    Relations,
    cell_mask,
    check_sums,
    coefficients,
    flat_counts,
)
from survey.stats.neighbourhood import Neighbourhoods
from survey.stats.suppression import suppress
from survey.stats.version import VERSION

# Up to so many linked cells one programme over all of them is the fastest.
WHOLE = 7000
# A cell that can move within a small neighbourhood can move in the whole; most can.
NEIGHBOURHOODS = (800, 4000)


@dataclass(frozen=True)
class Protection:
    """What is hidden, and what could not be protected.

    Attributes
    ----------
    hidden : numpy.ndarray of bool, shape (cells,)
        True where the cell is hidden.
    added : numpy.ndarray of int64
        Cells that `survey.stats.suppression.suppress` alone would show.
    exposed : numpy.ndarray of int64
        Hidden cells that an outsider gets narrower than that, whatever else were hidden.
    rounds : int
        How many times the attack was repeated.
    programmes : int
        How many linear programmes were solved.
    width, minimum : int
        As asked for.
    version : str
        The version of the numbers (`survey.stats.version`).
    """

    hidden: Mask
    added: IntArray
    exposed: IntArray
    rounds: int
    programmes: int
    width: int
    minimum: int
    version: str = VERSION


def protect(
    counts: ArrayLike,
    margins: Relations,
    *,
    minimum: int = 10,
    width: int = WIDTH,
    published: ArrayLike | None = None,
    eligible: ArrayLike | None = None,
) -> Protection:
    """Hide cells until an outsider is left with an interval of `width` for each hidden count.

    Starts with `survey.stats.suppression.suppress`. Then for every hidden cell that cannot move
    by `width` the smallest shown cell of its relations is hidden too (ties: the lower cell
    number), and the rule for single relations runs again, until all can move. Around a cell that
    what is published gives away, so that it could not move if all else were hidden, nothing more
    is hidden: it is exposed whatever one does.

    Some thousand linked cells are attacked as a whole. Of more, a cell that moves far enough
    while everything beyond its neighbourhood stays as it is does so in the whole; only the few
    that cannot are attacked with all that is linked to them. What is hidden does not depend on
    which neighbourhoods were tried.

    Cost: about a second for 4,000 linked hidden cells, 50 seconds for 20,000 and 3 minutes for
    70,000, on one core (``scripts/bench/stats_disclosure.py``).

    Parameters
    ----------
    counts, margins, minimum, published, eligible
        As in `survey.stats.suppression.suppress`.
    width : int
        The narrowest interval that counts as protection, in counts.

    Returns
    -------
    Protection

    Raises
    ------
    ValueError
        As `survey.stats.suppression.suppress`, and when `width` is under 1.

    Examples
    --------
    Two ways of grouping overlap: 7 + 8 = 15 and 7 + 8 + 4 + 31 = 50. Each relation alone leaves
    a remainder of 10 or more in several cells, both together give the 4 away:

    >>> counts, margins = [7, 8, 4, 31, 15, 50], [(4, [0, 1]), (5, [0, 1, 2, 3])]
    >>> hidden = suppress(counts, margins)
    >>> hidden.nonzero()[0].tolist(), narrow(counts, margins, hidden).tolist()
    ([0, 1, 2], [2])
    >>> found = protect(counts, margins)
    >>> found.hidden.nonzero()[0].tolist(), found.added.tolist(), found.exposed.tolist()
    ([0, 1, 2, 3], [3], [])
    """
    values = flat_counts("counts", counts)
    matrix = coefficients(margins, values.size)
    check_sums(values, matrix)
    _checked(width)
    fixed = cell_mask("published", published, values.size)
    hidden = suppress(values, matrix, minimum=minimum, published=fixed, eligible=eligible)
    first = hidden.copy()
    is_safe, is_lost = np.zeros((2, values.size), dtype=np.bool_)
    rounds = programmes = 0
    while True:
        rounds += 1
        is_narrow, n_solved = _narrow(values, matrix, hidden, is_safe | is_lost, width)
        programmes += n_solved
        is_safe = hidden & ~(is_narrow | is_lost)
        if is_narrow.any():  # hide no more around a cell that would be told whatever is hidden
            told, n_solved = _narrow(values, matrix, ~fixed, ~is_narrow, width)
            programmes += n_solved
            is_lost |= told
        wanted = np.flatnonzero(is_narrow & ~is_lost)
        if wanted.size == 0:
            break
        hidden[_next_to_hide(wanted, values, matrix, ~(hidden | fixed))] = True
        hidden = suppress(values, matrix, minimum=minimum, published=fixed, eligible=~hidden)
    return Protection(
        hidden=hidden,
        added=np.flatnonzero(hidden & ~first),
        exposed=np.flatnonzero(is_lost),
        rounds=rounds,
        programmes=programmes,
        width=width,
        minimum=minimum,
    )


def _next_to_hide(
    narrow: IntArray, counts: IntArray, matrix: sp.csr_array, shown: Mask
) -> IntArray:
    """The smallest shown cell next to each narrow cell; if all are hidden, next to those."""
    by_cell = matrix.tocsc()
    chosen = set()
    for cell in narrow:
        reached = np.array([cell])
        while True:
            rows = np.unique(by_cell[:, reached].indices)
            wider = np.unique(matrix[rows].indices)
            open_cells = wider[shown[wider]]
            if open_cells.size:
                chosen.add(int(open_cells[np.argmin(counts[open_cells])]))
            if open_cells.size or wider.size <= reached.size:
                break
            reached = wider
    return np.array(sorted(chosen), dtype=np.int64)


def narrow(
    counts: ArrayLike, margins: Relations, hidden: ArrayLike, *, width: int = WIDTH
) -> IntArray:
    """Hidden cells whose interval is narrower than `width`.

    The same cells as ``audit(...).exposed``, without the bounds, and so for every hidden cell
    of a whole release in minutes. None listed means that the attack fails everywhere.

    Parameters
    ----------
    counts, margins, hidden, width
        As in `survey.stats.audit.audit`.

    Returns
    -------
    numpy.ndarray of int64
        Numbers of the cells, ascending.

    Raises
    ------
    ValueError
        As `survey.stats.audit.audit`.

    Examples
    --------
    >>> narrow([50, 4, 60, 114], [(3, [0, 1, 2])], [False, True, False, False]).tolist()
    [1]
    >>> narrow([50, 4, 60, 114], [(3, [0, 1, 2])], [True, True, False, False]).tolist()
    []
    """
    values = flat_counts("counts", counts)
    matrix = coefficients(margins, values.size)
    check_sums(values, matrix)
    mask = cell_mask("hidden", hidden, values.size)
    is_safe = np.zeros(values.size, dtype=np.bool_)
    return np.flatnonzero(_narrow(values, matrix, mask, is_safe, _checked(width))[0])


def _checked(width: int) -> int:
    if width < 1:
        raise ValueError(f"width must be at least 1, got {width}")
    return width


def _narrow(
    counts: IntArray, matrix: sp.csr_array, hidden: Mask, is_safe: Mask, width: int
) -> tuple[Mask, int]:
    """Hidden cells that cannot move by `width`, and the number of programmes it took.

    What was safe stays so when more is hidden: the old solutions remain solutions.
    """
    n_hidden = int(hidden.sum())
    unknown = np.zeros(n_hidden), np.full(n_hidden, np.inf)
    search = _Search(system_of(counts, matrix, hidden, *unknown), ~is_safe[hidden], width)
    search.run()
    mask = np.zeros(counts.size, dtype=np.bool_)
    mask[search.system.cells[search.is_lost | search.is_open]] = True
    return mask, search.n_solved


class _Search:
    """Looks for solutions in which the open cells of a system have moved far enough."""

    def __init__(self, system: System, is_open: Mask, width: int) -> None:
        self.system = system
        self.width = width
        self.found = Reach(system)
        self.is_lost = is_open & (whole_width(self.found.low, self.found.high) < width)
        self.is_open = is_open & ~self.is_lost
        self.n_solved = 0

    def run(self) -> None:
        """Settle what is linked as a whole, or where that is much in neighbourhoods first."""
        parts = components(self.system)
        large = [part for part in parts if part.size > WHOLE]
        for part in parts:
            if part.size <= WHOLE:
                self._move_within(part, is_together=True)
        if large:
            self._move_nearby(np.sort(np.concatenate(large)))
        for part in large:
            self._move_within(part)

    def _move_within(self, part: IntArray, *, is_together: bool = False) -> None:
        """Move the open cells of a part, all together before one by one or just so."""
        if not self.is_open[part].any():
            return
        programme = Programme(self.system, part, self.found)
        if is_together:
            self._move_all(programme)
        for start in part[self.is_open[part]]:
            self._move_one(programme, int(start))
        self.n_solved += programme.n_solved

    def _move_nearby(self, cells: IntArray) -> None:
        """Move open cells in neighbourhoods; those that do not move there stay open."""
        room = np.minimum(self.system.truth, self.width)
        around = Neighbourhoods(self.system, room, np.random.default_rng(0)).around
        small, large = NEIGHBOURHOODS
        for start in cells[self.is_open[cells]]:
            if self.is_open[start]:
                programme = Programme(self.system, around(int(start), small), self.found)
                self._move_all(programme)
                self._move_one(programme, int(start))
                self.n_solved += programme.n_solved
        for start in cells[self.is_open[cells]]:
            programme = Programme(self.system, around(int(start), large), self.found)
            self._move_one(programme, int(start))
            self.n_solved += programme.n_solved

    def _move_all(self, programme: Programme) -> None:
        """Move the open cells of a neighbourhood all together while that pays."""
        part, truth = programme.part, programme.truth
        if programme.n_rows == 0:  # in no relation, so nothing is known
            self.is_open[part] = False
            return
        low = np.maximum(self.found.low[part], truth - self.width)
        high = np.minimum(self.found.high[part], truth + self.width)
        sign, idle = -1.0, 0
        while idle < 2 and (n_open := int(self.is_open[part].sum())):
            programme.minimise(np.where(self.is_open[part], sign, 0.0), low, high)
            self._settle(part)
            idle = idle + 1 if self.is_open[part].sum() == n_open else 0
            sign = -sign

    def _move_one(self, programme: Programme, start: int) -> None:
        """Move one open cell up as far as needed, then down."""
        part, truth = programme.part, programme.truth
        high = self.found.high[part].copy()
        at = int(np.searchsorted(part, start))
        high[at] = min(high[at], truth[at] + self.width)
        for sign in (-1.0, 1.0):
            if self.is_open[start]:
                programme.minimise(np.where(part == start, sign, 0.0), high=high)
                self._settle(part)

    def _settle(self, part: IntArray) -> None:
        reached = whole_width(self.found.lowest[part], self.found.highest[part])
        self.is_open[part] &= reached < self.width
