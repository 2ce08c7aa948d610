"""Dossiers by unit and field: the base of coverage, and how timely they were resolved."""

from __future__ import annotations

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from survey.ledger.tables import dossier_count, entry, void
from survey.terms.counts import DOSSIER_PARTS
from survey.terms.period import Period

Parts = dict[str, int | None]


class DossierCounts(msgspec.Struct, frozen=True):
    """Parts of dossier counts summed over a period, for every unit × field and their margins.

    ``sums`` maps (unit or None, field or None) to parts; a part is None where a month or a source
    does not say.
    """

    sums: dict[tuple[str | None, str | None], Parts]

    def part(self, unit: str | None, field: str | None, name: str) -> int | None:
        """Return one part of one cell, or None where it is not known."""
        return self.sums.get((unit, field), {}).get(name)


def dossier_counts(
    connection: Connection, period: Period, *, head: int | None = None
) -> DossierCounts:
    """Return the newest dossier counts of a period, voided imports left out.

    A later delivery of the same unit, field, month and source supersedes the earlier; sources add
    up. A cell is known only where every month of the period has a count.
    """
    cells: dict[tuple[str | None, str | None], list[tuple[str, Parts]]] = {}
    for row in connection.execute(_newest(period, head)):
        parts: Parts = {name: getattr(row, name) for name in DOSSIER_PARTS}
        for key in (
            (row.unit, row.field),
            (row.unit, None),
            (None, row.field),
            (None, None),
        ):
            cells.setdefault(key, []).append((row.month, parts))
    wanted = set(period.months)
    sums = {
        key: _sum([parts for _, parts in rows])
        for key, rows in cells.items()
        if {month for month, _ in rows} == wanted
    }
    return DossierCounts(sums)


def _sum(rows: list[Parts]) -> Parts:
    sums: Parts = {}
    for name in DOSSIER_PARTS:
        values = [row[name] for row in rows]
        known = [value for value in values if value is not None]
        sums[name] = sum(known) if len(known) == len(values) else None
    return sums


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
    return [sa.exists().where(entry.c.id == table.c.id, entry.c.number <= head)]
