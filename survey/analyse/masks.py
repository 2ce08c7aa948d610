"""Which columns of a response must be hidden so that no combination of them is rare.

A response is hidden step by step: first its field, then its unit, then its series, until at least
``minimum`` rows of the file look alike. Where fewer rows would be left over at a step, the smallest
group that was shown joins them: so what remains after subtracting the shown from a public sum is
never small. Everything is decided on whole quarters, whatever the view, so that two files of
different views do not tell by their difference what each of them hides.

Source: generalisation to at least k alike (Sweeney 2002, k-anonymity) over a fixed hierarchy;
the rule for the rest is that of ``survey.stats.suppression``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from typing import NamedTuple, TypeVar


class Cell(NamedTuple):
    """What tells responses of one question apart in the file."""

    question: str
    month: str
    series: str
    unit: str
    field: str


FIELD, UNIT, SERIES, ALL = 1, 2, 3, 4
"""How much is hidden: the field; the unit too; the series too; the whole row."""

_Place = TypeVar("_Place", bound=Hashable)


def masks(counts: Mapping[Cell, int], minimum: int) -> dict[Cell, int]:
    """Return how much of each cell is hidden: 0 nothing, else a level.

    ``counts`` are those of whole quarters.

    >>> shop = ("q", "2026-07", "own/kiosk/citizen/open", "A")
    >>> found = masks({Cell(*shop, "X"): 4, Cell(*shop, "Y"): 30, Cell(*shop, "Z"): 20}, 10)
    >>> [found[Cell(*shop, field)] for field in "XYZ"]
    [1, 0, 1]
    """
    level = dict.fromkeys(counts, 0)
    _raise(level, counts, minimum, FIELD, _by_quarter)
    for step, parent in ((FIELD, _without_field), (UNIT, _without_unit), (SERIES, _month)):
        _raise(level, counts, minimum, step, parent)
    _drop_rest(level, counts, minimum)
    return level


def _raise(
    level: dict[Cell, int],
    counts: Mapping[Cell, int],
    minimum: int,
    step: int,
    parent: object,
) -> None:
    """Hide one more column of every group that is too small, and of what must join it."""
    groups: Counter[Hashable] = Counter()
    for cell, number in counts.items():
        groups[_shown(cell, level[cell])] += number
    members: dict[Hashable, set[Hashable]] = {}
    for cell in counts:
        if level[cell] <= step:
            members.setdefault(parent(cell), set()).add(_shown(cell, level[cell]))  # type: ignore[operator]
    hidden: set[Hashable] = set()
    for parts in members.values():
        hidden |= _to_hide(parts, groups, minimum, step)
    for cell in counts:
        if level[cell] < step and _shown(cell, level[cell]) in hidden:
            level[cell] = step


def _to_hide(
    parts: Iterable[Hashable], groups: Mapping[Hashable, int], minimum: int, step: int
) -> set[Hashable]:
    ordered = sorted(parts, key=lambda part: (groups[part], repr(part)))
    hidden = {part for part in ordered if groups[part] < minimum or _depth(part) >= step}
    rest = sum(groups[part] for part in hidden)
    for part in ordered:
        if not 0 < rest < minimum:
            break
        if part not in hidden:
            hidden.add(part)
            rest += groups[part]
    return hidden


def _shown(cell: Cell, level: int) -> Hashable:
    """Return what the file shows of a cell, with how much is hidden."""
    question, month, series, unit, field = cell
    match level:
        case 0:
            return 0, question, month, series, unit, field
        case 1:
            return FIELD, question, month, series, unit
        case 2:
            return UNIT, question, month, series
        case 3:
            return SERIES, question, month
        case _:
            return ALL, question


def _depth(shown: Hashable) -> int:
    return shown[0]  # type: ignore[index, no-any-return]


def _by_quarter(cell: Cell) -> Hashable:
    """A unit's field in the quarter, whose months are its parts."""
    quarter = (int(cell.month[5:]) + 2) // 3
    return cell.question, cell.month[:4], quarter, cell.series, cell.unit, cell.field


def _without_field(cell: Cell) -> Hashable:
    return cell.question, cell.month, cell.series, cell.unit


def _without_unit(cell: Cell) -> Hashable:
    return cell.question, cell.month, cell.series


def _month(cell: Cell) -> Hashable:
    return cell.question, cell.month


def _drop_rest(level: dict[Cell, int], counts: Mapping[Cell, int], minimum: int) -> None:
    """Leave out what stays rare even with everything but question and month hidden."""
    groups: Counter[Hashable] = Counter()
    for cell, number in counts.items():
        groups[_shown(cell, level[cell])] += number
    for cell in counts:
        if groups[_shown(cell, level[cell])] < minimum:
            level[cell] = ALL
