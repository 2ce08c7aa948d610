"""The counts and rates of a view as they may leave the house: small ones are hidden."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sqlalchemy.engine import Connection

from survey.analyse.families import Family, Line, Name
from survey.analyse.names import Names
from survey.analyse.selection import Selection
from survey.analyse.view import count
from survey.publish.twins import flat
from survey.register.snapshot import Register
from survey.stats import suppress
from survey.terms.period import Period, parse_period

SHOWN, SMALL, COMPLEMENT, IN_MONTHS, OFF_GRID, PICKED, REST = (
    "",
    "small",
    "complement",
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

    What is hidden does not depend on the periods of the view: each month is weighed with its
    quarter, each quarter with its year. Source: ``docs/decisions/0019``.
    """
    wide = replace(selection, periods=tuple(_grid(selection)), order="ten")
    family_cells = _wide_cells(connection, register, wide, now, selection.by)
    reasons = _protect(register, selection, family_cells)
    rests = _rests(connection, register, selection, now)
    minimum = register.city.minimum_shown
    for cell in cells:
        if cell.place in rests and 0 < rests[cell.place] - cell.line.sum.cell.answered < minimum:
            reasons.setdefault(cell.place, REST)
    return {cell.place: reasons.get(cell.place, SHOWN) for cell in cells}


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
    quarters = dict.fromkeys(_quarter(month) for month in period.months)
    if period.kind == "month":
        for quarter in quarters:
            yield quarter
            yield from quarter.parts
    years = dict.fromkeys(parse_period(month[:4]) for month in period.months)
    for year in years:
        yield year
        yield from year.parts


def _quarter(month: str) -> Period:
    return parse_period(f"{month[:4]}-Q{(int(month[5:]) + 2) // 3}")


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


def _protect(register: Register, selection: Selection, cells: dict[Any, _Cell]) -> dict[Any, str]:
    """Return the reasons of what must be hidden among the lines of a view and their relatives."""
    order = list(cells)
    number = {place: at for at, place in enumerate(order)}
    counts = np.array([cells[place].line.sum.cell.answered for place in order], dtype=np.int64)
    barred = {place: reason for place in order if (reason := _barred(selection, cells[place]))}
    relations = [*_sums_over_places(order, number), *_sums_over_time(order, number)]
    sound = [
        (total, parts) for total, parts in relations if counts[total] == counts[list(parts)].sum()
    ]
    eligible = np.array([place not in barred for place in order], dtype=bool)
    minimum = register.city.minimum_shown
    hidden = suppress(counts, sound, minimum=minimum, eligible=eligible).tolist()
    reasons = dict(barred)
    for place, is_hidden, answered in zip(order, hidden, counts.tolist(), strict=True):
        if is_hidden and place not in barred:
            reasons[place] = SMALL if answered < minimum else COMPLEMENT
    return reasons


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
