"""The first page of the office, and the page of one unit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import render_template, request

from survey.db import reading
from survey.office import overview_counts as counts
from survey.office.room import (
    demand_known_unit,
    field_words,
    series_words,
    unit_words,
)
from survey.register.snapshot import Point, Register
from survey.staff.guard import Guard, needs, reach
from survey.terms.name import search_key
from survey.web.language import current_language

MOST_TYPED = 100


@dataclass(frozen=True)
class Row:
    """One unit in the table, with its series; none where nothing arrived."""

    code: str
    name: str
    is_known: bool
    series: tuple[counts.Recent, ...]


class Overview:
    """The views, with what they need from the application."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard

    @needs("recent.read")
    def overview(self) -> str:
        """Show what the officer's units received lately, the newest first."""
        register, today = self._guard.now()
        codes = reach(register, today)
        typed = request.args.get("q", "")[:MOST_TYPED].strip()
        with reading(self._guard.engine) as connection:
            found = counts.recent(connection, codes, today)
        rows = _rows(register, found)
        if codes is not None or typed:
            rows += _silent(register, codes, today, {row.code for row in rows})
        if typed:
            wanted = search_key(typed)
            rows = [row for row in rows if wanted in search_key(row.name) or row.code == typed]
        return render_template(
            "office/overview.html",
            rows=rows,
            typed=typed,
            is_city=codes is None,
            series_words=series_words,
        )

    @needs("recent.read")
    def unit(self, unit: str) -> str:
        """Show a unit: its points, its fields, and what arrived in the last days."""
        register, today = self._guard.now()
        demand_known_unit(register, unit)
        with reading(self._guard.engine) as connection:
            found = counts.recent(connection, [unit], today)
            days = counts.by_day(connection, unit, today)
            last = counts.last(connection, unit, today)
        language, points = current_language(), points_of(register, unit)
        return render_template(
            "office/unit.html",
            unit=register.units[unit],
            name=register.unit_name(unit, language),
            successors=_successors(register, unit),
            points=points,
            has_open=any(point.in_force(today) for point in points),
            today=today,
            fields=[field_words(register, code) for code in register.handled(unit, today)],
            recent=found,
            days=days,
            most=max(days.values()),
            last=[
                _told(register, each, self._guard.moment(each.received_at), language)
                for each in last
            ],
            series_words=series_words,
        )


def points_of(register: Register, unit: str) -> list[Point]:
    """Return the points of a unit, those in force first, by name."""
    points = [point for point in register.points.values() if point.unit == unit]
    first = register.city.languages[0]
    return sorted(
        points, key=lambda point: (point.valid_to is not None, search_key(point.names[first]))
    )


def _rows(register: Register, found: Iterable[counts.Recent]) -> list[Row]:
    by_unit: dict[str, list[counts.Recent]] = {}
    for each in found:  # the newest first, so the units are too
        by_unit.setdefault(each.unit, []).append(each)
    return [
        Row(code, unit_words(register, code), code in register.units, tuple(series))
        for code, series in by_unit.items()
    ]


def _silent(
    register: Register, codes: frozenset[str] | None, today: dt.date, heard: set[str]
) -> list[Row]:
    """Return the units from which nothing arrived, by name."""
    units = [
        unit
        for unit in register.units.values()
        if unit.code not in heard and unit.in_force(today) and (codes is None or unit.code in codes)
    ]
    rows = [Row(unit.code, unit_words(register, unit.code), True, ()) for unit in units]
    return sorted(rows, key=lambda row: search_key(row.name))


def _successors(register: Register, unit: str) -> list[tuple[str, str]]:
    return [
        (each.successor, unit_words(register, each.successor)) for each in register.successors(unit)
    ]


def _told(
    register: Register, each: counts.Last, moment: dt.datetime, language: str
) -> Mapping[str, Any]:
    point = register.points.get(each.point)
    return {
        "day": moment.date(),
        "time": f"{moment:%H:%M}",
        "field": field_words(register, each.field),
        "series": series_words(each.series),
        "point": point.names.get(language, point.code) if point is not None else each.point,
    }
