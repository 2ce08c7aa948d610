"""Protection of a table some of whose cells were published before, with other counts.

Counts that arrive late change a figure that is public. Whoever has the old and the new figure
has the difference, and a difference under the minimum is a small count like any other. So what
an outsider does not know of a cell is its change where an earlier figure is public, and its
count where none is; sums of both must not be small either.
"""

from dataclasses import replace

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike

from survey.stats.audit import WIDTH
from survey.stats.counts import IntArray
from survey.stats.margins import Relations, cell_mask, check_sums, coefficients, flat_counts
from survey.stats.protection import Protection, protect
from survey.stats.suppression import suppress

NEVER = -1
"""Stands for the earlier figure of a cell that has none."""


def protect_again(
    counts: ArrayLike,
    margins: Relations,
    before: ArrayLike,
    unchanged: ArrayLike,
    *,
    minimum: int = 10,
    width: int = WIDTH,
    eligible: ArrayLike | None = None,
    attack: bool = True,
) -> Protection:
    """Hide new figures until neither counts nor changes can be read or derived.

    `survey.stats.protection.protect` on the outsider's view: a cell that never was public has
    its count, another one its change. Cells that are unchanged are public as they stand. A
    change under the minimum is hidden, and so is what would give it away.

    Parameters
    ----------
    counts : array-like of int, shape (cells,)
        The counts now.
    margins : sequence of (total, parts)
        The additive relations between them, see `survey.stats.margins.coefficients`.
    before : array-like of int, shape (cells,)
        The earlier figure that is public, `NEVER` where there is none. They need not add up.
    unchanged : array-like of bool, shape (cells,)
        True where the earlier figure still holds in every respect.
    minimum, width
        As in `survey.stats.protection.protect`.
    eligible : array-like of bool, shape (cells,), optional
        Cells whose new figure may be published at all; unchanged ones are public whatever this
        says.
    attack : bool
        Without it, only what a single subtraction tells is looked at: seconds, not minutes, for
        whole years of a large city.

    Returns
    -------
    Protection
        `hidden` is True where the new figure is hidden (the old one stays public). In `exposed`
        are only cells that are small: a count or change that may be shown needs no interval.

    Raises
    ------
    ValueError
        As `survey.stats.protection.protect`; when `before` has another shape or an unchanged cell
        has another count than before.

    Examples
    --------
    40 + 50 = 90 was public and became 43 + 62 = 105: the 3 are hidden, and so are the 12 that
    would tell them from the total; the 15 are not.

    >>> found = protect_again([43, 62, 105], [(2, [0, 1])], [40, 50, 90], [False] * 3)
    >>> found.hidden.tolist()
    [True, True, False]

    Without changes nothing is hidden, and without earlier figures it is `protect`:

    >>> protect_again([40, 50, 90], [(2, [0, 1])], [40, 50, 90], [True] * 3).hidden.tolist()
    [False, False, False]
    >>> protect_again([4, 30, 34], [(2, [0, 1])], [NEVER] * 3, [False] * 3).hidden.tolist()
    [True, True, False]
    """
    values = flat_counts("counts", counts)
    matrix = coefficients(margins, values.size)
    check_sums(values, matrix)
    old = np.array(before, dtype=np.int64)
    if old.shape != values.shape or (old < NEVER).any():
        raise ValueError(f"before must have {values.size} figures, {NEVER} for none")
    fixed = cell_mask("unchanged", unchanged, values.size)
    if (fixed & (old != values)).any():
        cell = int(np.argmax(fixed & (old != values)))
        raise ValueError(f"unchanged: cell {cell} has another count than before")
    allowed = cell_mask("eligible", eligible, values.size, default=True)
    allowed &= values >= minimum
    unknown = np.where(old == NEVER, values, values - old)
    view = np.append(np.abs(unknown), 1), _outsiders_view(matrix, unknown)
    public, able = np.append(fixed, True), np.append(allowed | fixed, True)
    if not attack:
        hidden = suppress(*view, minimum=minimum, published=public, eligible=able)
        none = np.zeros(0, dtype=np.int64)
        return Protection(hidden[:-1], none, none, 0, 0, width, minimum)
    found = protect(*view, minimum=minimum, width=width, published=public, eligible=able)
    small = found.exposed[view[0][found.exposed] < minimum]
    return replace(found, hidden=found.hidden[:-1], exposed=small)


def _outsiders_view(matrix: sp.csr_array, unknown: IntArray) -> sp.csr_array:
    """The relations between what is unknown, all of it turned positive.

    The last column stands for a cell that counts 1 and is public: it takes up the figures of
    before, which need not add up.
    """
    entries = matrix.tocoo()
    rows, cells = entries.coords
    known = matrix @ unknown
    at = np.flatnonzero(known)
    return sp.csr_array(
        (
            np.concatenate([entries.data * np.where(unknown < 0, -1, 1)[cells], -known[at]]),
            (np.concatenate([rows, at]), np.append(cells, np.full(at.size, unknown.size))),
        ),
        shape=(matrix.shape[0], unknown.size + 1),
    )
