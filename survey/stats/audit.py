"""What an outsider can still derive of the hidden cells: the attack by linear programming.

The outsider knows every shown cell, all relations between the cells and that counts are not
negative. For each hidden cell the attack asks for the least and the greatest value that agrees
with all of that together; what comes out is the tightest interval for real-valued cells.

Source: Hundepool et al., Statistical Disclosure Control (Wiley 2012), section 4.3 (the
attacker's problem). Solver: HiGHS, as `scipy.optimize.linprog` carries it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from survey.stats.attack import TOLERANCE, Reach, components, reach_ends, system_of
from survey.stats.counts import FloatArray, IntArray
from survey.stats.margins import Mask, Relations, cell_mask, check_sums, coefficients, flat_counts
from survey.stats.version import VERSION

WIDTH = 3


@dataclass(frozen=True)
class Audit:
    """What the attack found.

    Attributes
    ----------
    cells : numpy.ndarray of int64
        Numbers of the cells attacked, ascending.
    low, high : numpy.ndarray of float64
        The tightest interval for each of them, in counts; `high` is inf where nothing bounds it.
    exposed : numpy.ndarray of int64
        Those of `cells` whose whole-number interval is narrower than `width`.
    n_hidden : int
        How many cells are hidden in all.
    width : int
        The narrowest interval that counts as protection.
    seed : int or None
        Where only a sample was attacked, the seed that drew it; else None.
    programmes : int
        How many linear programmes were solved.
    method : str
        The name of the method.
    version : str
        The version of the numbers (`survey.stats.version`).
    """

    cells: IntArray
    low: FloatArray
    high: FloatArray
    exposed: IntArray
    n_hidden: int
    width: int
    seed: int | None
    programmes: int
    method: str = "linear-programming"
    version: str = VERSION


def audit(
    counts: ArrayLike,
    margins: Relations,
    hidden: ArrayLike,
    *,
    lower: float | ArrayLike = 0,
    upper: float | ArrayLike | None = None,
    width: int = WIDTH,
    sample: int | None = None,
    seed: int = 0,
) -> Audit:
    """The tightest interval that an outsider gets for each hidden cell.

    Exact up to the solver's tolerance of 1e-6, sample or not: a sampled cell is attacked with
    everything that is known, only the other cells are left out of the report. Hidden cells that
    no relation links are attacked apart. A bound is proven either by a linear programme of its
    own, or because an outer bound (from one relation after another) is reached by the solution
    of any programme; the second way settles most cells of a large table.

    Parameters
    ----------
    counts : array-like of int, shape (cells,)
        The true counts of all cells, hidden ones included.
    margins : sequence of (total, parts), or sparse matrix
        The additive relations, see `survey.stats.margins.coefficients`.
    hidden : array-like of bool, shape (cells,)
        True where a cell is hidden.
    lower, upper : float, or array-like of shape (cells,)
        What the outsider knows of hidden cells beforehand; by default that they are not
        negative. An outsider who can tell which cells were hidden for being small also has
        `upper` (inf where nothing is known).
    width : int
        The narrowest interval that counts as protection.
    sample : int, optional
        Attack only so many hidden cells, drawn without replacement.
    seed : int
        Seed of the draw and of the search order; the bounds do not depend on the latter.

    Returns
    -------
    Audit

    Raises
    ------
    ValueError
        When counts are negative or fractional or do not add up, when a mask or a bound has
        another shape, when a true count lies outside `lower` and `upper`, when `sample` is
        negative or `width` under 1.

    Examples
    --------
    The row 50, 4, 60 with its total: one hidden cell is derived, two are not.

    >>> found = audit([50, 4, 60, 114], [(3, [0, 1, 2])], [False, True, False, False])
    >>> found.low.tolist(), found.high.tolist(), found.exposed.tolist()
    ([4.0], [4.0], [1])
    >>> found = audit([50, 4, 60, 114], [(3, [0, 1, 2])], [True, True, False, False])
    >>> found.low.tolist(), found.high.tolist(), found.exposed.tolist()
    ([0.0, 0.0], [54.0, 54.0], [])

    Who knows that cell 1 was under 10 knows more of cell 0:

    >>> found = audit([50, 4, 60, 114], [(3, [0, 1, 2])], [True, True, False, False],
    ...               upper=[np.inf, 9, np.inf, np.inf])
    >>> found.low.tolist(), found.high.tolist()
    ([45.0, 0.0], [54.0, 9.0])

    Without a relation nothing is known, and without hidden cells there is nothing to find:

    >>> audit([4], [], [True]).high.tolist(), audit([4], [], [False]).high.tolist()
    ([inf], [])
    """
    values = flat_counts("counts", counts)
    matrix = coefficients(margins, values.size)
    check_sums(values, matrix)
    mask = cell_mask("hidden", hidden, values.size)
    system = system_of(values, matrix, mask, *_knowledge(values, mask, lower, upper))
    chosen = _drawn(system.cells.size, sample, seed)
    if width < 1:
        raise ValueError(f"width must be at least 1, got {width}")
    found = Reach(system)
    programmes = sum(
        reach_ends(system, part, found, chosen, np.random.default_rng(seed))
        for part in components(system)
    )
    low, high = _whole_where_close(found.low[chosen]), _whole_where_close(found.high[chosen])
    return Audit(
        cells=system.cells[chosen],
        low=low,
        high=high,
        exposed=system.cells[chosen][whole_width(low, high) < width],
        n_hidden=int(mask.sum()),
        width=width,
        seed=None if chosen.all() else seed,
        programmes=programmes,
    )


def whole_width(low: FloatArray, high: FloatArray) -> FloatArray:
    """Width of each interval once its ends are rounded inward: counts are whole numbers.

    >>> whole_width(np.array([0.5, 0.0]), np.array([3.4, np.inf])).tolist()
    [2.0, inf]
    """
    return np.asarray(np.floor(high + TOLERANCE) - np.ceil(low - TOLERANCE))


def _whole_where_close(ends: FloatArray) -> FloatArray:
    whole = np.rint(ends) + 0.0  # the sum turns -0.0 into 0.0
    is_close = np.isinf(ends) | (np.abs(ends - np.where(np.isinf(ends), 0, whole)) < TOLERANCE)
    return np.where(is_close, whole, ends)


def _knowledge(
    counts: IntArray, hidden: Mask, lower: float | ArrayLike, upper: float | ArrayLike | None
) -> tuple[FloatArray, FloatArray]:
    """What is known of the hidden cells beforehand."""
    low = np.maximum(_spread("lower", lower, counts.size)[hidden], 0.0)
    high = _spread("upper", np.inf if upper is None else upper, counts.size)[hidden]
    for name, wrong in (("lower", low > counts[hidden]), ("upper", high < counts[hidden])):
        if wrong.any():
            cell = int(np.flatnonzero(hidden)[np.argmax(wrong)])
            raise ValueError(f"{name} must agree with the true count of cell {cell}")
    return low, high


def _spread(name: str, bound: float | ArrayLike, n_cells: int) -> FloatArray:
    values = np.asarray(bound, dtype=np.float64)
    if values.shape not in ((), (n_cells,)) or np.isnan(values).any():
        raise ValueError(f"{name} must be a number, or {n_cells} of them, and not NaN")
    return np.broadcast_to(values, (n_cells,))


def _drawn(n_hidden: int, sample: int | None, seed: int) -> Mask:
    """Mask of the hidden cells that are attacked."""
    if sample is not None and sample < 0:
        raise ValueError(f"sample must not be negative, got {sample}")
    if sample is None or sample >= n_hidden:
        return np.ones(n_hidden, dtype=np.bool_)
    drawn = np.zeros(n_hidden, dtype=np.bool_)
    drawn[np.random.default_rng(seed).choice(n_hidden, sample, replace=False)] = True
    return drawn
