"""Recounting from the ledger: the proof of the tally, up to any head and for any days."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from survey.db import is_postgresql
from survey.ledger.tables import answer, counted, entry, response, void
from survey.tally.keep import Key, apply, total_key
from survey.tally.tables import COUNTS, KEY, standing, tally

Counts = dict[Key, tuple[int, int, int, int]]
"""Key → counting, repeats, voided, from_totals"""


def recount(
    connection: Connection,
    *,
    head: int | None = None,
    first_on: dt.date | None = None,
    last_on: dt.date | None = None,
) -> Counts:
    """Count the ledger's rows again.

    ``head`` leaves out everything with a later entry number or none, voids included; ``first_on``
    and ``last_on`` keep only service days from the one to the other. A total belongs to the last
    day of its month. Cost: one pass over the responses.
    """
    found: dict[Key, list[int]] = {}
    for row in connection.execute(_responses(head, first_on, last_on)):
        key = tuple(row[: len(KEY)])
        found[key] = [row.counting, row.repeats, row.voided, 0]
    for key, count in _totals(connection, head, first_on, last_on).items():
        found.setdefault(key, [0, 0, 0, 0])[3] += count
    return {
        key: (counts[0], counts[1], counts[2], counts[3])
        for key, counts in found.items()
        if any(counts)
    }


def _within(head: int | None, table: sa.Table) -> list[sa.ColumnElement[bool]]:
    """The condition that a row has an entry up to the head."""
    if head is None:
        return []
    return [
        sa.exists().where(
            entry.c.id == table.c.id, entry.c.kind == table.name, entry.c.number <= head
        )
    ]


def _voids(head: int | None, kind: str) -> sa.Subquery:
    query = sa.select(void.c.target).where(void.c.kind == kind, *_within(head, void))
    return query.subquery(f"void_{kind}")


def _ranked(head: int | None, first_on: dt.date | None, last_on: dt.date | None) -> sa.Subquery:
    """Every answer with whether it is voided and its rank among those of its dossier."""
    by_response, by_batch = _voids(head, "response"), _voids(head, "batch")
    is_voided = sa.case(
        (by_response.c.target.is_not(None), 1), (by_batch.c.target.is_not(None), 1), else_=0
    )
    assurance = sa.case(
        (response.c.series.like("%/token"), 0),
        (response.c.series.like("%/vouched"), 1),
        (response.c.series.like("%/claimed"), 2),
        else_=3,
    )
    holder = sa.case((response.c.series.like("%/%/citizen/%"), 0), else_=1)
    rank = sa.func.dense_rank().over(
        partition_by=(is_voided, response.c.dossier, response.c.occasion, answer.c.question),
        order_by=(
            assurance,
            holder,
            response.c.received_at,
            response.c.answered_at,
            response.c.id,
        ),
    )
    conditions = _within(head, response)
    joined = (
        response.join(answer, answer.c.response == response.c.id)
        .outerjoin(by_response, by_response.c.target == response.c.id)
        .outerjoin(by_batch, by_batch.c.target == response.c.batch)
    )
    columns: list[sa.ColumnElement[Any]] = [
        response.c.id,
        response.c.dossier,
        response.c.occasion,
        response.c.receiving_unit,
        response.c.resolved_by,
        response.c.month,
        response.c.field,
        answer.c.question,
        response.c.series,
        response.c.questionnaire,
        answer.c.value,
        response.c.counted_on,
        is_voided.label("is_voided"),
    ]
    alone = sa.select(*columns, sa.literal(1).label("rank")).select_from(joined)
    alone = alone.where(response.c.dossier.is_(None), *conditions)
    shared = sa.select(*columns, rank.label("rank")).select_from(joined)
    shared = shared.where(response.c.dossier.is_not(None), *conditions)
    every = sa.union_all(alone, shared).subquery()
    query = sa.select(every)
    if first_on is not None:
        query = query.where(every.c.counted_on >= first_on)
    if last_on is not None:
        query = query.where(every.c.counted_on <= last_on)
    return query.subquery("ranked")


def _responses(
    head: int | None, first_on: dt.date | None, last_on: dt.date | None
) -> sa.CompoundSelect[Any]:
    ranked = _ranked(head, first_on, last_on).c
    live = ranked.is_voided == 0
    sums = [
        sa.func.sum(sa.case((live & (ranked.rank == 1), 1), else_=0)).label("counting"),
        sa.func.sum(sa.case((live & (ranked.rank > 1), 1), else_=0)).label("repeats"),
        sa.func.sum(ranked.is_voided).label("voided"),
    ]
    parts = []
    for role, unit in (("receiving", ranked.receiving_unit), ("resolving", ranked.resolved_by)):
        tail = (
            unit,
            ranked.month,
            ranked.field,
            ranked.question,
            ranked.series,
            ranked.questionnaire,
            ranked.value,
        )
        parts.append(sa.select(sa.literal(role), *tail, *sums).group_by(*tail))
    return sa.union_all(*parts)


def _totals(
    connection: Connection, head: int | None, first_on: dt.date | None, last_on: dt.date | None
) -> dict[Key, int]:
    by_batch = _voids(head, "batch")
    place = sa.func.row_number().over(
        partition_by=(
            counted.c.unit_role,
            counted.c.unit,
            counted.c.month,
            counted.c.field,
            counted.c.question,
            counted.c.series,
        ),
        order_by=(counted.c.received_at.desc(), counted.c.id.desc()),
    )
    rows = (
        sa.select(counted, place.label("place"))
        .select_from(counted.outerjoin(by_batch, by_batch.c.target == counted.c.batch))
        .where(by_batch.c.target.is_(None), *_within(head, counted))
        .subquery()
    )
    found: dict[Key, int] = {}
    for row in connection.execute(sa.select(rows).where(rows.c.place == 1)):
        if not _holds_month_end(row.month, first_on, last_on):
            continue
        for value, count in msgspec.json.decode(row.counts, type=dict[str, int]).items():
            key = total_key(row, int(value))
            found[key] = found.get(key, 0) + count
    return found


def _holds_month_end(month: str, first_on: dt.date | None, last_on: dt.date | None) -> bool:
    year, number = int(month[:4]), int(month[5:])
    next_first = dt.date(year + number // 12, number % 12 + 1, 1)
    end = next_first - dt.timedelta(days=1)
    return (first_on is None or end >= first_on) and (last_on is None or end <= last_on)


def kept(connection: Connection) -> Counts:
    """Return the tally as it is kept, without rows that are all zero."""
    return {
        tuple(row[: len(KEY)]): tuple(row[len(KEY) :])
        for row in connection.execute(sa.select(*(tally.c[name] for name in (*KEY, *COUNTS))))
        if any(row[len(KEY) :])
    }


def differences(connection: Connection) -> list[tuple[Key, tuple[int, ...], tuple[int, ...]]]:
    """Return every key on which tally and ledger differ: key, kept counts, recounted counts."""
    have, want = kept(connection), recount(connection)
    none = (0, 0, 0, 0)
    return [
        (key, have.get(key, none), want.get(key, none))
        for key in sorted(have.keys() | want.keys())
        if have.get(key, none) != want.get(key, none)
    ]


def rebuild(connection: Connection) -> int:
    """Count everything again and replace the tally; return its number of rows.

    Other writers wait meanwhile (PostgreSQL: the tally is locked against writing).
    """
    if is_postgresql(connection):
        # in the order in which writers touch them: an import holds "delivery" to its end
        connection.execute(sa.text("LOCK TABLE delivery, standing, tally IN EXCLUSIVE MODE"))
    connection.execute(sa.delete(tally))
    connection.execute(sa.delete(standing))
    connection.execute(
        sa.insert(standing).from_select(["dossier", "occasion", "question", "response"], _holders())
    )
    counts = recount(connection)
    apply(connection, counts)
    return len(counts)


def _holders() -> sa.Select[Any]:
    ranked = _ranked(None, None, None).c
    return (
        sa.select(ranked.dossier, ranked.occasion, ranked.question, ranked.id)
        .where(ranked.dossier.is_not(None), ranked.is_voided == 0, ranked.rank == 1)
        .distinct()
    )
