"""Looking up what was recorded, without its answer, and which fields a unit's visitors choose."""

from __future__ import annotations

import uuid

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from survey.ledger.tables import receipt, response
from survey.tally.tables import tally

_SHOWN = (response.c.receiving_unit, response.c.field, response.c.month)


def find_response(connection: Connection, response_id: uuid.UUID) -> sa.RowMapping | None:
    """Return unit, field and month of a response, or None."""
    return (
        connection.execute(sa.select(*_SHOWN).where(response.c.id == response_id))
        .mappings()
        .first()
    )


def find_receipt(connection: Connection, code: str) -> sa.RowMapping | None:
    """Return unit, field and month of the response with that receipt code, or None."""
    query = sa.select(*_SHOWN).join(receipt, receipt.c.response == response.c.id)
    return connection.execute(query.where(receipt.c.code == code)).mappings().first()


def most_used_fields(connection: Connection, unit: str) -> dict[str, int]:
    """Return how many answers each field of a receiving unit has; used for order alone."""
    query = (
        sa.select(tally.c.field, sa.func.sum(tally.c.counting + tally.c.from_totals))
        .where(tally.c.unit_role == "receiving", tally.c.unit == unit)
        .group_by(tally.c.field)
    )
    return {row[0]: int(row[1]) for row in connection.execute(query)}
