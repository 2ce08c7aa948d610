"""``units.csv``: agencies and administrative units, and what became of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import msgspec

from survey.register.folder.files import Code, Folder, Line, Texts
from survey.register.folder.rows import Days, Row, days_of, only_once
from survey.terms.city import City
from survey.terms.name import name_key

RESERVED = ("unknown",)
"""Words that stand for a unit nobody named."""


class UnitLine(msgspec.Struct, frozen=True):
    """A row of ``units.csv``; ``successor`` holds codes joined by ``|``."""

    code: Code
    names: Texts
    kind: str
    valid_from: dt.date
    valid_to: dt.date | None = None
    parent: str | None = None
    successor: str = ""

    @property
    def successors(self) -> tuple[str, ...]:
        """The codes of the units that took over."""
        return tuple(self.successor.split("|")) if self.successor else ()


Units = dict[str, Line[UnitLine]]


def parse_units(folder: Folder, city: City) -> Units:
    """Return the sound lines of ``units.csv`` by code; refuses the others.

    A parent must be in force as long as its child, a successor on the day after the end.
    """
    lines = folder.csv("units.csv", UnitLine, city.languages, required=True)
    units: Units = only_once(folder, lines, lambda unit: unit.code)
    for line in units.values():
        unit = line.value
        if unit.code in RESERVED:
            folder.refuse("code", line.where, unit.code)
        if unit.kind not in city.kinds:
            folder.refuse("kind_unknown", line.where, unit.kind)
        _check_parent(folder, units, line)
        _check_successors(folder, units, line)
    return units


def _check_parent(folder: Folder, units: Units, line: Line[UnitLine]) -> None:
    parent = line.value.parent
    if parent is None:
        return
    if parent not in units:
        folder.refuse("parent_unknown", line.where, parent)
    elif not days_of(units[parent].value).covers(days_of(line.value)):
        folder.refuse("parent_not_in_force", line.where, parent)
    elif line.value.code in ancestors(units, line.value.code):
        folder.refuse("parent_circle", line.where, parent)


def _check_successors(folder: Folder, units: Units, line: Line[UnitLine]) -> None:
    unit = line.value
    if unit.successor and unit.valid_to is None:
        folder.refuse("successor_without_end", line.where, unit.successor)
        return
    if len(set(unit.successors)) != len(unit.successors):
        folder.refuse("successor_twice", line.where, unit.successor)
    for code in unit.successors:
        if code not in units or code == unit.code:
            folder.refuse("successor_unknown", line.where, code)
        elif not days_of(units[code].value).overlaps(_day_after(unit)):
            folder.refuse("successor_not_in_force", line.where, code)


def _day_after(unit: UnitLine) -> Days:
    assert unit.valid_to is not None  # noqa: S101 (checked by the caller)
    day = unit.valid_to + dt.timedelta(days=1)
    return Days(day, day)


def ancestors(units: Units, code: str) -> tuple[str, ...]:
    """Return the codes above a unit, nearest first; a circle is walked once."""
    return tuple(_upwards(units, code))


def _upwards(units: Units, code: str) -> Iterator[str]:
    seen: set[str] = set()
    line = units.get(code)
    while line is not None and line.value.parent is not None and line.value.parent not in seen:
        seen.add(line.value.parent)
        yield line.value.parent
        line = units.get(line.value.parent)


def unit_rows(units: Units, first: str) -> list[Row]:
    """Return the rows of the table ``unit``; ``first`` is the city's first language."""
    return [
        Row.of(
            line,
            {
                "code": line.value.code,
                "name": line.value.names[first],
                "names": {
                    language: name
                    for language, name in line.value.names.items()
                    if language != first
                },
                "name_key": name_key(line.value.names[first]),
                "kind": line.value.kind,
                "parent": line.value.parent,
                "valid_from": line.value.valid_from,
                "valid_to": line.value.valid_to,
            },
        )
        for line in units.values()
    ]


def succession_rows(units: Units) -> list[Row]:
    """Return the rows of the table ``succession``: one successor is a merge, several a split."""
    return [
        Row.of(
            line,
            {
                "unit": line.value.code,
                "successor": code,
                "kind": "split" if len(line.value.successors) > 1 else "merge",
                "happened_on": _day_after(line.value).valid_from,
            },
        )
        for line in units.values()
        if line.value.valid_to is not None
        for code in dict.fromkeys(line.value.successors)
    ]
