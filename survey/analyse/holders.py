"""Who held the device: what citizens gave themselves beside what staff took down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from survey.analyse.families import Line
from survey.estimate.cells import Cell
from survey.publish.chart import Axis, Mark, mark
from survey.publish.rows import EDGE, WIDTH
from survey.stats import percent
from survey.stats.difference import difference
from survey.stats.printing import half_up
from survey.web import numbers

MINUS = "\N{MINUS SIGN}"
STEPS = (5, 10, 20, 50, 100)
"""How far the axis of differences reaches to both sides, in percentage points."""

_MILLION = 1_000_000
_NOTHING = Cell()


@dataclass(frozen=True, slots=True)
class Pair:
    """Two rates of one line and their difference, printed; ``clear`` where it excludes none."""

    name: str
    path: str
    remark: str
    citizen: str
    citizen_n: str
    staff: str
    staff_n: str
    difference: str
    range: str
    mark: Mark
    clear: bool


@dataclass(frozen=True)
class Pairs:
    """The pairs on one axis; ``zero`` is where no difference stands."""

    rows: tuple[Pair, ...]
    axis: Axis
    zero: float
    total: Pair | None = None


def has_both(line: Line) -> bool:
    """Tell whether both citizens and staff gave ratings."""
    return all(line.by_holder.get(name, _NOTHING).answered for name in ("citizen", "staff"))


def pairs(
    entries: Sequence[tuple[str, str, str, Line]], total: Line | None, least: int
) -> Pairs | None:
    """Return the pairs of lines with ratings of both, or None where there is none.

    ``entries`` are (name, path, remark, line). The difference is citizens minus staff, of two
    independent samples, by Newcombe's method (``survey.stats.difference``), level 95 %. The axis
    holds the marks of pairs with ``least`` answers on both sides, where there are any.
    """
    kept = [entry for entry in entries if has_both(entry[3])]
    lines = [entry[3] for entry in kept]
    if total is not None and has_both(total):
        lines.append(total)
    if not lines:
        return None
    cells = np.array(
        [
            [number for holder in ("citizen", "staff") for number in _counts(line, holder)]
            for line in lines
        ],
        dtype=np.int64,
    )
    found = difference(cells[:, 0], cells[:, 1], cells[:, 2], cells[:, 3])
    low, high = np.asarray(found.low).tolist(), np.asarray(found.high).tolist()
    axis = _axis([end for at in _wide(cells, least) for end in (low[at], high[at])])
    printed = [
        percent(cells[:, 0], cells[:, 1]).tolist(),
        percent(cells[:, 2], cells[:, 3]).tolist(),
    ]
    rows = []
    for place in range(len(lines)):
        name, path, remark = kept[place][:3] if place < len(kept) else ("", "", "")
        s1, n1, s2, n2 = (int(number) for number in cells[place])
        exact = Fraction(s1, n1) - Fraction(s2, n2)
        rows.append(
            Pair(
                name=name,
                path=path,
                remark=remark,
                citizen=numbers.percent(printed[0][place]),
                citizen_n=numbers.count(n1),
                staff=numbers.percent(printed[1][place]),
                staff_n=numbers.count(n2),
                difference=points(exact),
                range=f"{points(_exact(low[place]))} … {points(_exact(high[place]))}",
                mark=mark(axis, low[place], high[place], float(exact)),
                clear=low[place] > 0 or high[place] < 0,
            )
        )
    has_total = len(rows) > len(kept)
    return Pairs(
        rows=tuple(rows[: len(kept)]),
        axis=axis,
        zero=axis.place(0.0),
        total=rows[-1] if has_total else None,
    )


def _wide(cells: NDArray[np.int64], least: int) -> list[int]:
    found = np.flatnonzero((cells[:, 1] >= least) & (cells[:, 3] >= least)).tolist()
    return found or list(range(len(cells)))


def _counts(line: Line, holder: str) -> tuple[int, int]:
    cell = line.by_holder[holder]
    return cell.satisfied, cell.answered


def _exact(share: float) -> Fraction:
    """Return an end of an interval as it is published: six decimals."""
    return Fraction(round(share * _MILLION), _MILLION)


def points(share: Fraction) -> str:
    """Print a difference in percentage points with its sign: ``+1,3``, ``−0,4``, ``0,0``."""
    size: Decimal = half_up(abs(share) * 100, 1)
    sign = "" if size == 0 else MINUS if share < 0 else "+"
    return f"{sign}{numbers.decimal(size)}"


def _axis(ends: Sequence[float]) -> Axis:
    widest = max(abs(100 * end) for end in ends)
    reach = next((step for step in STEPS if widest <= step), STEPS[-1])
    return Axis(-reach, reach, EDGE, WIDTH - EDGE)


@dataclass(frozen=True, slots=True)
class Share:
    """One part of a whole: its name, its share as printed and 0..100, its rate."""

    name: str
    answered: str
    share: str
    width: float
    rate: str


def shares(parts: dict[str, Cell], names: dict[str, str]) -> tuple[Share, ...]:
    """Return each part's share of all ratings, the largest first; empty parts are left out."""
    whole = sum(cell.answered for cell in parts.values())
    ordered = sorted(parts.items(), key=lambda item: (-item[1].answered, item[0]))
    return tuple(
        Share(
            name=names.get(name, name),
            answered=numbers.count(cell.answered),
            share=numbers.percent(percent(cell.answered, whole) or Decimal(0)),
            width=round(100 * cell.answered / whole, 2),
            rate=numbers.percent(percent(cell.satisfied, cell.answered) or Decimal(0)),
        )
        for name, cell in ordered
        if cell.answered
    )
