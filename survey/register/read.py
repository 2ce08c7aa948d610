"""Rows of the register as values: one function a table."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import cache
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from survey.register import tables
from survey.register.items import (
    BreakMark,
    Field,
    FieldGroup,
    Point,
    Published,
    Publisher,
    Succession,
    Unit,
)
from survey.terms.city import City
from survey.terms.measure import MeasureRule, Target
from survey.terms.questionnaire import Questionnaire

Handling = tuple[str, dt.date, dt.date | None]
"""A code with the first and the last day (None: in force)."""

_Item = TypeVar("_Item")


def _rows(connection: Connection, table: sa.Table, *by: str, leave: str = "") -> list[Row[Any]]:
    """Return a table's rows in an order that no collation of a database decides.

    ``leave`` is a column that nobody asks for.
    """
    columns = [column for column in table.c if column.name != leave]
    rows = connection.execute(sa.select(*columns)).all()
    return sorted(rows, key=lambda row: tuple(getattr(row, name) for name in by))


def _all(
    connection: Connection, table: sa.Table, kind: type[_Item], *by: str, leave: str = ""
) -> list[_Item]:
    return [kind(**row._mapping) for row in _rows(connection, table, *by, leave=leave)]


def city(connection: Connection) -> tuple[City, str]:
    """Return the city and ``sample`` or ``real``. Raises LookupError where there is none."""
    row = connection.execute(sa.select(tables.city.c.document, tables.city.c.kind)).one_or_none()
    if row is None:
        raise LookupError("The database has no city yet; run `flask database create`.")
    return msgspec.json.decode(row.document, type=City), str(row.kind)


def units(connection: Connection) -> dict[str, Unit]:
    """Return all units by code."""
    found = _all(connection, tables.unit, Unit, "code", leave="name_key")
    return {unit.code: unit for unit in found}


def successions(connection: Connection) -> tuple[Succession, ...]:
    """Return all successions by day."""
    by = ("happened_on", "unit", "successor")
    return tuple(_all(connection, tables.succession, Succession, *by))


def fields(connection: Connection) -> dict[str, Field]:
    """Return all fields by code, the built-in ``unclassified`` among them."""
    return {field.code: field for field in _all(connection, tables.field, Field, "code")}


def field_groups(connection: Connection) -> dict[str, FieldGroup]:
    """Return all field groups by code."""
    return {
        row.code: FieldGroup(code=row.code, names=row.names, fields=tuple(row.fields))
        for row in _rows(connection, tables.field_group, "code")
    }


def handling(connection: Connection, order: Mapping[str, str]) -> dict[str, tuple[Handling, ...]]:
    """Return unit → its fields with their days, by ``order`` (field → sorting key).

    The database joins the fields of a unit, which is several times faster than a row for each. Most
    units handle what others of their kind do, and share one value.
    """
    table = tables.unit_field.c
    rows = connection.execute(
        sa.select(
            table.unit,
            table.valid_from,
            table.valid_to,
            sa.func.aggregate_strings(table.field, ","),
        ).group_by(table.unit, table.valid_from, table.valid_to)
    )
    found: dict[str, list[tuple[dt.date, dt.date | None, str]]] = {}
    for unit, *together in rows:
        found.setdefault(unit, []).append(tuple(together))

    @cache
    def ordered(*parts: tuple[dt.date, dt.date | None, str]) -> tuple[Handling, ...]:
        handled = ((code, first, last) for first, last, codes in parts for code in codes.split(","))
        return tuple(sorted(handled, key=lambda item: (order[item[0]], item[1])))

    return {unit: ordered(*found[unit]) for unit in sorted(found)}


def points(connection: Connection) -> dict[str, Point]:
    """Return all reception points by code."""
    return {point.code: point for point in _all(connection, tables.reception_point, Point, "code")}


def questionnaires(connection: Connection, first: str) -> dict[str, Published]:
    """Return all published versions by SHA-256, in the order of their first day."""
    texts: dict[str, dict[str, Questionnaire]] = {}
    for row in _rows(connection, tables.questionnaire_text, "sha256", "language"):
        texts.setdefault(row.sha256, {})[row.language] = _questionnaire(row)
    found = {}
    for row in _rows(connection, tables.questionnaire, "valid_from", "id"):
        sealed = _questionnaire(row)
        found[row.sha256] = Published(
            sha256=row.sha256,
            questionnaire=sealed,
            texts={first: sealed, **texts.get(row.sha256, {})},
            valid_from=row.valid_from,
            valid_to=row.valid_to,
        )
    return found


def _questionnaire(row: Row[Any]) -> Questionnaire:
    return msgspec.json.decode(row.document, type=Questionnaire)


def rules(connection: Connection) -> tuple[MeasureRule, ...]:
    """Return all measure rules by measure and first day."""
    rows = _rows(connection, tables.measure_rule, "measure", "valid_from")
    return tuple(_with_end(MeasureRule, row) for row in rows)


def targets(connection: Connection) -> tuple[Target, ...]:
    """Return all targets by measure, level, fields and first day."""
    rows = _rows(connection, tables.target, "measure", "level", "fields", "valid_from")
    return tuple(_with_end(Target, row) for row in rows)


_Term = TypeVar("_Term", MeasureRule, Target)


def _with_end(kind: type[_Term], row: Row[Any]) -> _Term:
    value = msgspec.json.decode(row.document, type=kind)
    return msgspec.structs.replace(value, valid_to=row.valid_to)


def publishers(connection: Connection) -> tuple[Publisher, ...]:
    """Return the obliged publishers by unit."""
    return tuple(_all(connection, tables.obliged_publisher, Publisher, "unit", "valid_from"))


def break_marks(connection: Connection) -> tuple[BreakMark, ...]:
    """Return all break marks by day."""
    return tuple(_all(connection, tables.break_mark, BreakMark, "happened_on", "id"))
