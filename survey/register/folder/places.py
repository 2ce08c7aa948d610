"""``points.csv``, ``publishers.csv``, ``break_marks.toml``: what hangs on a unit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Annotated, Any, Literal

import msgspec

from survey.register.folder.files import Code, Folder, Line, Texts
from survey.register.folder.rows import (
    Row,
    check_languages,
    days_of,
    only_once,
    refuse_overlaps,
)
from survey.register.folder.units import Units

PointCode = Annotated[str, msgspec.Meta(pattern=r"^[0-9A-HJKMNP-TV-Z]{4,12}$")]
"""Crockford's base 32: no I, L, O or U, so that a code in print cannot be misread."""


class PointLine(msgspec.Struct, frozen=True):
    """A row of ``points.csv``."""

    code: PointCode
    unit: str
    names: Texts
    valid_from: dt.date
    valid_to: dt.date | None = None
    successor: str | None = None


class PublisherLine(msgspec.Struct, frozen=True):
    """A row of ``publishers.csv``."""

    unit: str
    basis: str
    valid_from: dt.date
    valid_to: dt.date | None = None


class BreakMarkLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An item of ``break_marks.toml``."""

    id: Code
    happened_on: dt.date
    kind: Literal["scale", "instrument", "org", "field", "source", "method"]
    texts: Texts
    measure: str | None = None
    unit: str | None = None


def parse_points(folder: Folder, languages: tuple[str, ...], units: Units) -> list[Row]:
    """Return the rows of the table ``reception_point``; refuses one without its unit."""
    lines = folder.csv("points.csv", PointLine, languages)
    points = only_once(folder, lines, lambda point: point.code)
    for line in points.values():
        _check_unit(folder, line, units)
        point = line.value
        if point.successor is not None and point.valid_to is None:
            folder.refuse("successor_without_end", line.where, point.successor)
        elif point.successor is not None and (
            point.successor not in points or point.successor == point.code
        ):
            folder.refuse("successor_unknown", line.where, point.successor)
    return _rows(points.values())


def parse_publishers(folder: Folder, units: Units) -> list[Row]:
    """Return the rows of the table ``obliged_publisher``."""
    lines = folder.csv("publishers.csv", PublisherLine)
    refuse_overlaps(folder, lines, lambda publisher: publisher.unit)
    for line in lines:
        _check_unit(folder, line, units)
    return _rows(lines)


def parse_break_marks(folder: Folder, languages: tuple[str, ...], units: Units) -> list[Row]:
    """Return the rows of the table ``break_mark``."""
    lines = folder.items("break_marks.toml", "break_mark", BreakMarkLine)
    marks = only_once(folder, lines, lambda mark: mark.id)
    for line in marks.values():
        check_languages(folder, line.where, line.value.texts, languages)
        if line.value.unit is not None and line.value.unit not in units:
            folder.refuse("unit_unknown", line.where, line.value.unit)
    return _rows(marks.values())


def _check_unit(folder: Folder, line: Line[Any], units: Units) -> None:
    unit = units.get(line.value.unit)
    if unit is None:
        folder.refuse("unit_unknown", line.where, line.value.unit)
    elif not days_of(unit.value).covers(days_of(line.value)):
        folder.refuse("unit_not_in_force", line.where, line.value.unit)


def _rows(lines: Iterable[Line[Any]]) -> list[Row]:
    return [Row.of(line, msgspec.structs.asdict(line.value)) for line in lines]
