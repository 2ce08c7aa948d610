"""Dossiers by unit and field: the base of coverage, and how timely they were resolved."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from survey.ledger.tables import dossier_count, entry, void
from survey.terms.counts import DOSSIER_PARTS
from survey.terms.period import Period

Parts = dict[str, int | None]


class DossierCounts(msgspec.Struct, frozen=True):
    """Dossier counts of a period: the rows by unit and field, each with its month.

    Units and fields are None in the margins: (None, field) is the city, (unit, None) all fields.
    """

    months: frozenset[str]
    rows: dict[tuple[str | None, str | None], list[tuple[str, Parts]]]

    def part(self, unit: str | None, field: str | None, name: str) -> int | None:
        """Return one part of one cell, or None unless every month of the period has a count."""
        rows = self.rows.get((unit, field), [])
        if {month for month, _ in rows} != self.months:
            return None
        return _sum([parts for _, parts in rows])[name]

    def units(self) -> list[str | None]:
        """Return every unit with a count in every month, the city (None) first."""
        found = [
            unit
            for (unit, field), rows in self.rows.items()
            if field is None and {month for month, _ in rows} == self.months
        ]
        return sorted(found, key=lambda unit: unit or "")

    def fields(self, unit: str | None) -> list[str]:
        """Return the fields that have a count at a unit."""
        return sorted(field for of, field in self.rows if of == unit and field is not None)

    def over(self, unit: str | None, fields: Iterable[str]) -> Parts | None:
        """Return the parts of a unit summed over fields, or None where none has a count."""
        rows = [parts for field in fields for _, parts in self.rows.get((unit, field), [])]
        return _sum(rows) if rows else None


def dossier_counts(
    connection: Connection, period: Period, *, head: int | None = None
) -> DossierCounts:
    """Return the newest dossier counts of a period, voided imports left out.

    A later delivery of the same unit, field, month and source supersedes the earlier; sources add
    up.
    """
    cells: dict[tuple[str | None, str | None], list[tuple[str, Parts]]] = {}
    for row in connection.execute(_newest(period, head)):
        parts: Parts = {name: getattr(row, name) for name in DOSSIER_PARTS}
        for key in ((row.unit, row.field), (row.unit, None), (None, row.field), (None, None)):
            cells.setdefault(key, []).append((row.month, parts))
    return DossierCounts(frozenset(period.months), cells)


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
        sums[name] = sum(known) if len(known) == len(values) else None
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
