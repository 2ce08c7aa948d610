"""Earlier imports: whether a file was here before, and what it may overlap."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from typing import Literal

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from survey.db import is_postgresql
from survey.intake.imports.faults import RefusedError
from survey.ledger.tables import batch, void

Kind = Literal["ratings", "counts", "dossiers"]


_LOCK = 4833
"""Key of the advisory lock that lets one import write at a time (PostgreSQL)."""


def one_at_a_time(connection: Connection) -> None:
    """Wait until no other import writes, and keep others waiting until the transaction ends.

    Nobody else waits. On SQLite the write lock does it.
    """
    if is_postgresql(connection):
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))


class Earlier(msgspec.Struct, frozen=True):
    """An import that stands: its id, file and months."""

    id: uuid.UUID
    file_name: str
    first_month: str
    last_month: str


def _is_voided() -> sa.Exists:
    return sa.exists().where(void.c.kind == "batch", void.c.target == batch.c.id)


def next_attempt(connection: Connection, sha256: str, kind: Kind) -> int:
    """Return the number of the attempt that a file's import is now: 1, or after voided ones more.

    Raises RefusedError (``file_known``) where the file is in and was not voided.
    """
    query = sa.select(batch.c.id, batch.c.attempt, _is_voided().label("voided"))
    query = query.where(batch.c.file_sha256 == sha256, batch.c.kind == kind)
    attempt = 1
    for row in connection.execute(query):
        if not row.voided:
            raise RefusedError("file_known", value=str(row.id))
        attempt = max(attempt, row.attempt + 1)
    return attempt


def overlapping(
    connection: Connection, kind: Kind, sources: Collection[str], months: Collection[str]
) -> list[Earlier]:
    """Return the imports that stand and have a source and a month's span in common."""
    if not months:
        return []
    kinds = ("dossiers",) if kind == "dossiers" else ("ratings", "counts")
    query = (
        sa.select(batch)
        .where(
            batch.c.kind.in_(kinds),
            batch.c.first_month != "",
            batch.c.first_month <= max(months),
            batch.c.last_month >= min(months),
            ~_is_voided(),
        )
        .order_by(batch.c.received_at, batch.c.id)
    )
    return [
        Earlier(row.id, row.file_name, row.first_month, row.last_month)
        for row in connection.execute(query)
        if set(row.source.split()) & set(sources)
    ]
