"""The one sequencer: numbers committed rows without gaps, in the order of their arrival."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from survey.db import writing
from survey.ledger.tables import SEQUENCED, entry

_LOCK = 4832
"""Key of the advisory lock that makes the sequencer the only one (PostgreSQL)."""


@contextmanager
def sequencing(engine: Engine) -> Iterator[Connection]:
    """Open the sequencer's transaction: nobody else numbers, and what it sees stands still.

    On SQLite the write lock does both. On PostgreSQL an advisory lock of the session comes first
    and the transaction is a REPEATABLE READ one, so that the rows it numbers and the tallies it
    reads are of one moment.
    """
    if engine.dialect.name != "postgresql":
        with writing(engine) as connection:
            yield connection
        return
    with engine.connect() as guard:
        guard.execution_options(isolation_level="AUTOCOMMIT")
        guard.execute(sa.select(sa.func.pg_advisory_lock(_LOCK)))
        try:
            with (
                engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection,
                connection.begin(),
            ):
                yield connection
        finally:
            guard.execute(sa.select(sa.func.pg_advisory_unlock(_LOCK)))


def head(connection: Connection) -> int:
    """Return the last entry number, 0 for an empty ledger."""
    return connection.execute(sa.select(sa.func.max(entry.c.number))).scalar() or 0


def number_entries(connection: Connection) -> int:
    """Number every row that has no number yet and return the new head.

    To be called within :func:`sequencing`. Order: time of receipt, then kind, then id. The cost
    is one pass over the ids of the ledger (an anti-join): linear in its rows.
    """
    rows = sa.union_all(
        *(
            sa.select(sa.literal(table.name).label("kind"), table.c.id, table.c.received_at).where(
                ~sa.exists().where(entry.c.id == table.c.id, entry.c.kind == table.name)
            )
            for table in SEQUENCED
        )
    ).subquery()
    order = sa.func.row_number().over(order_by=(rows.c.received_at, rows.c.kind, rows.c.id))
    last = head(connection)
    number = (sa.cast(order, sa.BigInteger) + last).label("number")
    connection.execute(
        sa.insert(entry).from_select(
            ["number", "kind", "id"], sa.select(number, rows.c.kind, rows.c.id)
        )
    )
    return head(connection)


def sequence(engine: Engine) -> int:
    """Number what is left, in a transaction of its own; return the head."""
    with sequencing(engine) as connection:
        return number_entries(connection)
