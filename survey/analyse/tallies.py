"""The counts and rates of a view as they may leave the house: small ones are hidden."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sqlalchemy.engine import Connection

from survey.analyse.crossed import COMPLEMENT, SMALL, Crossed
from survey.analyse.families import SERIES_AXES, Family, Line, Name
from survey.analyse.names import Names
from survey.analyse.selection import Selection
from survey.analyse.view import count
from survey.publish.twins import flat
from survey.register.snapshot import Register
from survey.stats import suppress
from survey.terms.period import Period, parse_period, quarter_of

SHOWN, IN_MONTHS, OFF_GRID, PICKED, REST = (
    "",
    "unit_by_field_in_a_month",
    "period_off_the_grid",
    "sum_of_chosen",
    "rest_is_small",
)
"""Why a row has no numbers; the code book says each in words."""

_NUMBERS = (
    "satisfied",
    "answered",
    "outside_denominator",
    "repeats",
    "voided",
    "from_totals_share",
    "rate",
    "interval_method",
    "interval_level",
    "interval_low",
    "interval_high",
)
_JUDGED = ("target_value", "target_comparator", "target_source", "target_basis")
COLUMNS = (
    "kind",
    "measure",
    "series",
    "question",
    "scale",
    "satisfied_set",
    "unit_role",
    "period",
    "days",
    "units",
    "fields",
    "split_by",
    "at",
    "name",
    *_NUMBERS,
    "by_value",
    *_JUDGED,
    "reached_by_count",
    "verdict",
    "hidden",
    "sample",
    "as_of",
)
_WITHOUT_NUMBERS = frozenset({*_NUMBERS, "by_value", "reached_by_count", "verdict"})


@dataclass(frozen=True)
class _Cell:
    """A line with the family that it is of."""

    family: Family
    line: Line

    @property
    def place(self) -> tuple[Name, str, Period, dt.date, dt.date]:
        """What tells it from every other line, whichever view it was counted for."""
        span = self.line.span
        return self.family.name, self.line.at, span.period, span.first_on, span.last_on


def rows(
    connection: Connection,
    register: Register,
    selection: Selection,
    language: str,
    now: dt.datetime,
) -> Iterator[dict[str, Any]]:
    """Yield a row a sum of the view, as in the table of its page.

    A row that may not leave the house has no numbers and says why in ``hidden``.
    """
    counts = count(connection, register, selection, now)
    cells = [_Cell(each, line) for each in counts.split for line in each.lines]
    if selection.by not in ("khong", "thang"):
        cells += [_Cell(each, line) for each in counts.split for line in each.totals]
    reasons = _reasons(connection, register, selection, now, cells)
    for family in counts.split:
        names = Names(register, selection, language, family.lines)
        for cell in (each for each in cells if each.family is family):
            yield _row(selection, cell, names, reasons[cell.place])


def _row(selection: Selection, cell: _Cell, names: Names, reason: str) -> dict[str, Any]:
    line, name = cell.line, cell.family.name
    rate = line.rate
    assert rate is not None  # noqa: S101 (every line of a view is judged)
    row = flat(rate) | {
        "kind": name.kind,
        "measure": name.measure or rate.measure,
        "units": "|".join(selection.units),
        "fields": "|".join(selection.fields),
        "split_by": selection.by,
        "at": line.at,
        "name": names.name(line),
        "by_value": "|".join(f"{value}={line.values[value]}" for value in sorted(line.values)),
        "hidden": reason,
    }
    hidden = _WITHOUT_NUMBERS if reason else frozenset()
    return {column: None if column in hidden else row[column] for column in COLUMNS}


def _reasons(
    connection: Connection,
    register: Register,
    selection: Selection,
    now: dt.datetime,
    cells: Sequence[_Cell],
) -> dict[Any, str]:
    """Return for each row why it is hidden, "" where it is shown.

    What is hidden depends neither on the periods of the view nor on its axis: units by fields are
    weighed as one table, each month with its quarter and each quarter with its year. Parts of a
    cell by its series are hidden with the whole of it, and weighed against each other. Source:
    ``docs/decisions/0019``.
    """
    wide = replace(selection, periods=tuple(_grid(selection)), order="ten")
    related = _wide_cells(connection, register, wide, now, selection.by)
    related |= {cell.place: cell for cell in cells if cell.place not in related}
    tables = _Tables(connection, register, wide.periods)
    barred: dict[Any, str] = {}
    settled: set[Any] = set()
    for place, cell in related.items():
        reason = _barred(selection, cell)
        if not reason and cell.line.span.is_whole:
            reason = tables.of(cell.family.name).reason(
                *_where(selection, cell), cell.line.span.period
            )
            settled |= {place} if _is_whole(selection, cell) else set()
        if reason:
            barred[place] = reason
    reasons = barred | {
        place: reason
        for place, reason in _protect(register, related, barred).items()
        if place not in settled
    }
    rests = _rests(connection, register, selection, now)
    minimum = register.city.minimum_shown
    for cell in cells:
        if cell.place in rests and 0 < rests[cell.place] - cell.line.sum.cell.answered < minimum:
            reasons.setdefault(cell.place, REST)
    return {cell.place: reasons.get(cell.place, SHOWN) for cell in cells}


class _Tables:
    """The table of units by fields of each family, a part's being that of its measure."""

    def __init__(
        self, connection: Connection, register: Register, periods: Sequence[Period]
    ) -> None:
        self._connection, self._register, self._periods = connection, register, periods
        self._known: dict[Name, Crossed] = {}

    def of(self, name: Name) -> Crossed:
        whole = replace(name, kind="official") if name.kind == "part" else name
        if whole not in self._known:
            self._known[whole] = Crossed(self._connection, self._register, whole, self._periods)
        return self._known[whole]


def _is_whole(selection: Selection, cell: _Cell) -> bool:
    """Tell whether a line is all that its family has at a unit and field, over whole months."""
    is_split = selection.by in SERIES_AXES and bool(cell.line.at)
    return cell.family.name.kind != "part" and cell.line.span.is_whole and not is_split


def _where(selection: Selection, cell: _Cell) -> tuple[str, str]:
    at = cell.line.at
    unit = at if selection.by == "don_vi" and at else selection.unit or ""
    return unit, at if selection.by == "linh_vuc" and at else selection.field or ""


def _grid(selection: Selection) -> Iterator[Period]:
    """Yield the periods of a view with all that stand in a sum with them."""
    for period in selection.periods:
        members = [period]
        if selection.by == "thang":
            members += [Period(month, month) for month in period.months]
        for each in members:
            yield from _relatives(each)


def _relatives(period: Period) -> Iterator[Period]:
    yield period
    quarters = dict.fromkeys(quarter_of(month) for month in period.months)
    if period.kind == "month":
        for quarter in quarters:
            yield quarter
            yield from quarter.parts
    years = dict.fromkeys(parse_period(month[:4]) for month in period.months)
    for year in years:
        yield year
        yield from year.parts


def _wide_cells(
    connection: Connection,
    register: Register,
    wide: Selection,
    now: dt.datetime,
    by: str,
) -> dict[Any, _Cell]:
    """Return the lines of every period that matters, and all of each period together."""
    counted = count(connection, register, wide if by != "thang" else replace(wide, by="khong"), now)
    return {
        cell.place: cell
        for family in counted.split
        for line in (*family.lines, *family.totals)
        for cell in (_Cell(family, line),)
    }


def _protect(register: Register, cells: dict[Any, _Cell], barred: dict[Any, str]) -> dict[Any, str]:
    """Return the reasons of what must be hidden besides, among lines that add up to others."""
    order = list(cells)
    number = {place: at for at, place in enumerate(order)}
    counts = np.array([cells[place].line.sum.cell.answered for place in order], dtype=np.int64)
    relations = [*_sums_over_places(order, number), *_sums_over_time(order, number)]
    sound = [
        (total, parts) for total, parts in relations if counts[total] == counts[list(parts)].sum()
    ]
    eligible = np.array([place not in barred for place in order], dtype=bool)
    minimum = register.city.minimum_shown
    hidden = suppress(counts, sound, minimum=minimum, eligible=eligible).tolist()
    return {
        place: SMALL if answered < minimum else COMPLEMENT
        for place, is_hidden, answered in zip(order, hidden, counts.tolist(), strict=True)
        if is_hidden and place not in barred
    }


def _barred(selection: Selection, cell: _Cell) -> str:
    """Return why a line may not leave at all, however large: what no table of ours publishes."""
    by, at, period = selection.by, cell.line.at, cell.line.span.period
    units = 1 if by == "don_vi" and at else len(selection.units)
    fields = 1 if by == "linh_vuc" and at else len(selection.fields)
    if units > 1 or fields > 1:
        return PICKED
    if period.kind == "run" and not _is_run_of_quarters(period):
        return OFF_GRID
    if units and fields and period.kind == "month":
        return IN_MONTHS
    return SHOWN


def _is_run_of_quarters(period: Period) -> bool:
    return int(period.first[5:]) % 3 == 1 and int(period.last[5:]) % 3 == 0


Relation = tuple[int, list[int]]


def _sums_over_places(order: Sequence[Any], number: dict[Any, int]) -> Iterable[Relation]:
    """Everything together is the sum of the places on the axis."""
    groups: dict[Any, list[int]] = {}
    for place in order:
        if place[1]:
            groups.setdefault((place[0], *place[2:]), []).append(number[place])
    for (name, *span), parts in groups.items():
        total = (name, "", *span)
        if total in number:
            yield number[total], parts


def _sums_over_time(order: Sequence[Any], number: dict[Any, int]) -> Iterable[Relation]:
    """A quarter is the sum of its months, a year of its quarters, where no rule cuts one."""
    for place in order:
        name, at, period, first_on, last_on = place
        if not period.parts or (first_on, last_on) != (period.first_on, period.last_on):
            continue
        wanted = [(name, at, part, part.first_on, part.last_on) for part in period.parts]
        parts = [number[each] for each in wanted if each in number]
        if parts:
            yield number[place], parts


def _rests(
    connection: Connection, register: Register, selection: Selection, now: dt.datetime
) -> dict[Any, int]:
    """Return the whole measure's answers beside each line of a part of it.

    Where a view takes some series of a measure only, the public figure less the part tells the
    rest.
    """
    if not selection.patterns:
        return {}
    whole = count(connection, register, replace(selection, patterns=()), now)
    return {
        (replace(family.name, kind="part"), *_Cell(family, line).place[1:]): (
            line.sum.cell.answered
        )
        for family in whole.split
        if family.name.kind == "official"
        for line in itertools.chain(family.lines, family.totals)
    }
