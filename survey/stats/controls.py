"""Known totals of a population, checked against the sample before weights are fitted to them."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from scipy import sparse

from survey.stats.coding import sums, without_missing
from survey.stats.counts import FloatArray, IntArray

# Totals of two margins that differ by less are the same total, rounded.
SAME_TOTAL = 1e-9

Margin: TypeAlias = tuple[object, Mapping[Hashable, float]]


@dataclass(frozen=True, eq=False)
class Control:
    """One margin: the level of each row and the population total of each level."""

    codes: IntArray
    totals: FloatArray
    levels: tuple[Hashable, ...]


def controls(
    weights: FloatArray, margins: Sequence[Margin], *, name: str = "margins[{}]"
) -> list[Control]:
    """Check margins against a weighted sample.

    Parameters
    ----------
    weights : numpy.ndarray of float64
    margins : sequence of (labels, totals)
        For each margin a label for each row, and the population total of each label.
    name : str
        What a margin is called in errors; its place is filled in.

    Returns
    -------
    list of Control
        Totals scaled to one sum where they differ by rounding.

    Raises
    ------
    ValueError
        When a label is missing; when a level has no total, or a total that is not positive, or a
        total but no row with weight; when two margins add up to different totals.

    Examples
    --------
    >>> [found] = controls(np.ones(2), [(["a", "b"], {"a": 30, "b": 10})])
    >>> found.totals.tolist()
    [30.0, 10.0]
    """
    if not margins:
        raise ValueError("margins must hold at least one margin")
    found = [
        _control(name.format(place), weights, labels, totals)
        for place, (labels, totals) in enumerate(margins)
    ]
    whole = float(found[0].totals.sum())
    for place, control in enumerate(found):
        other = float(control.totals.sum())
        if abs(other - whole) > SAME_TOTAL * whole:
            raise ValueError(
                f"margins must add up to one total, but {name.format(0)} adds up to {whole:.10g} "
                f"and {name.format(place)} to {other:.10g}"
            )
        control.totals[:] *= whole / other
    return found


def _control(
    name: str, weights: FloatArray, labels: object, totals: Mapping[Hashable, float]
) -> Control:
    coded = without_missing(name, labels, weights.size)
    _same_levels(name, coded.levels, totals)
    known = np.array([totals[level] for level in coded.levels], np.float64)
    _each(name, "a total above 0", coded.levels, (known > 0) & np.isfinite(known))
    held = sums(coded.codes, weights, known.size)
    _each(name, "a row with weight above 0", coded.levels, held > 0)
    return Control(coded.codes, known, coded.levels)


def _same_levels(name: str, levels: tuple[Hashable, ...], totals: Mapping[Hashable, float]) -> None:
    unknown = [level for level in levels if level not in totals]
    if unknown:
        raise ValueError(f"{name} must give a total for each level, but not for {unknown[0]!r}")
    present = set(levels)
    empty = [level for level in totals if level not in present]
    if empty:
        raise ValueError(
            f"{name} has a total for {empty[0]!r}, but no row; merge it with another level"
        )


def _each(name: str, what: str, levels: tuple[Hashable, ...], holds: Any) -> None:
    if not holds.all():
        raise ValueError(f"{name} must have {what} in each level, but not in "
                         f"{levels[int(np.argmin(holds))]!r}")  # fmt: skip


def indicators(margins: Sequence[Control]) -> Any:
    """Sparse columns, one a level of a margin, 1 in the rows that have it.

    Examples
    --------
    >>> margins = controls(np.ones(2), [(["a", "b"], {"a": 3, "b": 1})])
    >>> indicators(margins).toarray().tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    widths = [control.totals.size for control in margins]
    first = np.cumsum(widths) - widths
    places = np.stack([c.codes + start for c, start in zip(margins, first, strict=True)], axis=1)
    rows = places.shape[0]
    starts = np.arange(rows + 1) * len(margins)
    return sparse.csr_array(
        (np.ones(places.size), places.reshape(-1), starts), shape=(rows, sum(widths))
    )
