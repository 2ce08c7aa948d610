"""Dossiers by unit and field: the base of coverage, and how timely they were resolved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from survey.ledger.tables import dossier_count, entry, void
from survey.register.snapshot import Register
from survey.terms.counts import DOSSIER_PARTS
from survey.terms.period import Period, parse_period

Parts = dict[str, int | None]

Row = tuple[str, Parts]
"""A month and what was counted in it."""

STOCK = "pending"
"""The part that says how many there are at a month's end, so that months do not add up."""


class DossierCounts(msgspec.Struct, frozen=True):
    """Dossier counts of a period: the rows by unit and field, each with its month.

    Units and fields are None in the margins: (None, field) is the city, (unit, None) all fields.
    ``lives`` are the months of the units that were there in some of the period's months only.
    """

    months: frozenset[str]
    rows: dict[tuple[str | None, str | None], list[Row]]
    lives: Mapping[str | None, frozenset[str]] = {}

    def part(self, unit: str | None, field: str | None, name: str) -> int | None:
        """Return one part of one cell, or None unless every month of the unit has a count."""
        if not self._is_whole(unit, field):
            return None
        return self._sum(unit, self.rows[unit, field])[name]

    def units(self) -> list[str | None]:
        """Return every unit with a count in each of its months, the city (None) first."""
        found = [unit for unit, field in self.rows if field is None and self._is_whole(unit, None)]
        return sorted(found, key=lambda unit: unit or "")

    def fields(self, unit: str | None) -> list[str]:
        """Return the fields that have a count at a unit."""
        return sorted(field for of, field in self.rows if of == unit and field is not None)

    def over(self, unit: str | None, fields: Iterable[str]) -> Parts | None:
        """Return the parts of a unit summed over fields, or None where none has a count."""
        rows = [row for field in fields for row in self.rows.get((unit, field), [])]
        return self._sum(unit, rows) if rows else None

    def _is_whole(self, unit: str | None, field: str | None) -> bool:
        counted = {month for month, _ in self.rows.get((unit, field), [])}
        return self._months(unit) <= counted

    def _months(self, unit: str | None) -> frozenset[str]:
        return self.lives.get(unit, self.months)

    def _sum(self, unit: str | None, rows: list[Row]) -> Parts:
        """Add rows up: what flows over all months, what is pending in the last one."""
        last = max(self._months(unit))
        stock = _sum([parts for month, parts in rows if month == last])
        return _sum([parts for _, parts in rows]) | {STOCK: stock[STOCK]}


def dossier_counts(
    connection: Connection, register: Register, period: Period, *, head: int | None = None
) -> DossierCounts:
    """Return the newest dossier counts of a period, voided imports left out.

    A later delivery of the same unit, field, month and source supersedes the earlier; sources add
    up.
    """
    cells: dict[tuple[str | None, str | None], list[Row]] = {}
    for row in connection.execute(_newest(period, head)):
        parts: Parts = {name: getattr(row, name) for name in DOSSIER_PARTS}
        for key in ((row.unit, row.field), (row.unit, None), (None, row.field), (None, None)):
            cells.setdefault(key, []).append((row.month, parts))
    return DossierCounts(frozenset(period.months), cells, _lives(register, period))


def _lives(register: Register, period: Period) -> dict[str | None, frozenset[str]]:
    spans = [(month, parse_period(month)) for month in period.months]
    lives: dict[str | None, frozenset[str]] = {}
    for unit in register.units.values():
        months = {month for month, span in spans if unit.overlaps(span.first_on, span.last_on)}
        if 0 < len(months) < len(spans):
            lives[unit.code] = frozenset(months)
    return lives


def _sum(rows: list[Parts]) -> Parts:
    """Add rows up; a part is known where every row has it.

    A source may fold early into on time and leave it unknown. Then the sum folds it for all, so
    that on time of the sum is what the rows say together.
    """
    if any(row["early"] is None and row["on_time"] is not None for row in rows):
        rows = [_folded(row) for row in rows]
    sums: Parts = {}
    for name in DOSSIER_PARTS:
        values = [row[name] for row in rows]
        known = [value for value in values if value is not None]
        sums[name] = sum(known) if known and len(known) == len(values) else None
    return sums


def _folded(row: Parts) -> Parts:
    on_time = row["on_time"]
    return row | {
        "early": None,
        "on_time": None if on_time is None else on_time + (row["early"] or 0),
    }


def _newest(period: Period, head: int | None) -> sa.Select[tuple[object, ...]]:
    place = sa.func.row_number().over(
        partition_by=(
            dossier_count.c.unit,
            dossier_count.c.field,
            dossier_count.c.month,
            dossier_count.c.source,
        ),
        order_by=(dossier_count.c.received_at.desc(), dossier_count.c.id.desc()),
    )
    conditions = [
        dossier_count.c.month >= period.first,
        dossier_count.c.month <= period.last,
        ~sa.exists().where(
            void.c.kind == "batch", void.c.target == dossier_count.c.batch, *_up_to(head, void)
        ),
        *_up_to(head, dossier_count),
    ]
    rows = sa.select(dossier_count, place.label("place")).where(*conditions).subquery()
    return sa.select(rows).where(rows.c.place == 1)


def _up_to(head: int | None, table: sa.Table) -> list[sa.ColumnElement[bool]]:
    if head is None:
        return []
    return [
        sa.exists().where(
            entry.c.id == table.c.id, entry.c.kind == table.name, entry.c.number <= head
        )
    ]
