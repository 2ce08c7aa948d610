"""What was set aside, as staff see it: everything that helps to decide, and not the answers.

Whoever releases an item must not choose by what it says, so neither answers nor comments show.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from survey.db import is_postgresql
from survey.ledger.tables import batch, set_aside, set_aside_comment, set_aside_decision
from survey.office.turning import Place, older
from survey.terms.response import Body

PAGE = 50


class Blame(msgspec.Struct, frozen=True):
    """One thing that is wrong with a row of a file."""

    code: str
    column: str = ""
    value: str = ""
    detail: str = ""


class _KeptRow(msgspec.Struct, frozen=True):
    row: int
    faults: tuple[Blame, ...]


class Item(msgspec.Struct, frozen=True):
    """One item. ``body`` is a rating's, ``row`` and ``blames`` those of a file's row.

    ``decision`` is None while it is open.
    """

    id: uuid.UUID
    kind: str
    code: str
    detail: str
    received_at: int
    file_name: str | None
    has_comment: bool
    decision: str | None
    reason: str | None
    decided_by: str | None
    decided_at: int | None
    body: Body | None = None
    row: int | None = None
    blames: tuple[Blame, ...] = ()

    @property
    def place(self) -> Place:
        """Its place in the list."""
        return Place(self.received_at, self.id)

    @property
    def unit(self) -> str | None:
        """The unit that received it, None where nobody knows: then it is the city's matter."""
        return self.body.receiving_unit if self.body is not None else None


def listed(
    connection: Connection,
    units: Collection[str] | None,
    *,
    is_open: bool,
    after: Place | None,
) -> tuple[list[Item], bool]:
    """Return a page of items of units (None: all), the newest first, and whether older follow."""
    decided = set_aside_decision.c.set_aside
    query = (
        _select()
        .where(decided.is_(None) if is_open else decided.is_not(None))
        .where(older(set_aside.c.received_at, set_aside.c.id, after))
        .order_by(set_aside.c.received_at.desc(), set_aside.c.id.desc())
        .limit(PAGE + 1)
    )
    if units is not None:
        unit = _unit(is_postgresql(connection))
        query = query.where(set_aside.c.kind == "response", unit.in_(sorted(units)))
    items = [_item(row) for row in connection.execute(query)]
    return items[:PAGE], len(items) > PAGE


def find(connection: Connection, item: uuid.UUID) -> Item | None:
    """Return one item."""
    row = connection.execute(_select().where(set_aside.c.id == item)).first()
    return _item(row) if row is not None else None


def _select() -> sa.Select[Any]:
    columns, decision = set_aside.c, set_aside_decision.c
    has_comment = sa.exists().where(
        set_aside_comment.c.item == columns.item, set_aside_comment.c.digest == columns.digest
    )
    return sa.select(
        columns.id,
        columns.kind,
        columns.code,
        columns.detail,
        columns.received_at,
        batch.c.file_name,
        has_comment.label("has_comment"),
        decision.decision,
        decision.reason,
        decision.decided_by,
        decision.decided_at,
        columns.body.label("sealed"),
    ).select_from(
        set_aside.outerjoin(set_aside_decision, decision.set_aside == columns.id).outerjoin(
            batch, batch.c.id == columns.batch
        )
    )


def _unit(is_server: bool) -> sa.ColumnElement[str]:
    """Return the receiving unit in a sealed body.

    A body is canonical JSON, in which no value can hold these very characters unescaped. The
    server's own JSON functions refuse texts with NUL, which a foreign body may have.
    """
    if is_server:
        found: sa.ColumnElement[str] = sa.func.substring(
            set_aside.c.body, '"receiving_unit":"([^"]*)"'
        )
        return found
    return sa.func.json_extract(set_aside.c.body, "$.receiving_unit")


def _item(row: sa.Row[Any]) -> Item:
    values = dict(row._mapping)
    sealed = values.pop("sealed")
    if row.kind == "response":
        return Item(**values, body=msgspec.json.decode(sealed, type=Body))
    kept = msgspec.json.decode(sealed, type=_KeptRow)
    return Item(**values, row=kept.row, blames=kept.faults)
