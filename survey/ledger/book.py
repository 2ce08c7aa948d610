"""Writing the ledger, and reading a sealed body back from its rows. The only writer."""

from __future__ import annotations

import datetime as dt
import os
import uuid
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from survey.db import execute_many, insert_all, insert_new, is_postgresql
from survey.ledger.tables import (
    answer,
    batch,
    comment,
    counted,
    dossier_count,
    receipt,
    response,
    set_aside,
    set_aside_comment,
    set_aside_decision,
    void,
)
from survey.terms.canonical import canonical_json, commitment
from survey.terms.counts import DOSSIER_PARTS, CountedBody, DossierBody
from survey.terms.receipt import receipt_code
from survey.terms.response import Body, seal

SALT_BYTES = 16
_CHUNK = 500


class Accepted(msgspec.Struct, frozen=True):
    """A response that passed every check, with what the server adds.

    ``sealed`` is ``seal(body)`` where the caller has it at hand, so that it is not made twice.
    """

    body: Body
    questionnaire_id: str
    received_at: int
    counted_on: dt.date
    month: str
    resolved_by: str
    alert: bool = False
    comment: str = ""
    comment_salt: bytes = b""
    batch: uuid.UUID | None = None
    sealed: bytes = b""


class VoidBody(msgspec.Struct, frozen=True):
    """The sealed part of a void: what is voided, why, by which two accounts."""

    id: uuid.UUID
    kind: str
    target: uuid.UUID
    reason: str
    proposed_by: str
    confirmed_by: str
    version: int = 1


def new_salt() -> bytes:
    """Return 16 random bytes."""
    return os.urandom(SALT_BYTES)


def comment_commitment(salt: bytes, text: str) -> str:
    """Return the commitment that a body carries in place of its comment, in hexadecimal."""
    return commitment(salt, text.encode()).hex()


def append_responses(connection: Connection, items: Sequence[Accepted]) -> None:
    """Add responses with their answers and comments.

    Raises sqlalchemy.exc.IntegrityError where an id is already there (a race with another
    writer): nothing of the batch is then written once the caller's transaction rolls back.
    """
    salts = os.urandom(SALT_BYTES * len(items))
    execute_many(
        connection,
        insert_all(response),
        [
            _response_row(item, salts[place * SALT_BYTES : (place + 1) * SALT_BYTES])
            for place, item in enumerate(items)
        ],
    )
    execute_many(
        connection,
        insert_all(answer),
        [
            (item.body.id, question, value)
            for item in items
            for question, values in item.body.answers.items()
            for value in values
        ],
    )
    receipts = [
        (receipt_code(item.body.id), item.body.id) for item in items if item.body.source == "own"
    ]
    execute_many(connection, insert_new(connection.dialect.name, receipt), receipts)
    comments = [(item.body.id, item.comment_salt, item.comment) for item in items if item.comment]
    execute_many(connection, insert_all(comment), comments)


def _response_row(item: Accepted, salt: bytes) -> tuple[Any, ...]:
    """Return the values of ``response``, in the order of its columns."""
    body = item.body
    return (
        body.id,
        salt,
        commitment(salt, item.sealed or seal(body)),
        body.version,
        item.questionnaire_id,
        body.receiving_unit,
        body.resolving_unit,
        body.field,
        body.point,
        body.series,
        body.occasion,
        body.language,
        body.answered_at,
        body.service_on,
        bytes.fromhex(body.dossier) if body.dossier else None,
        bytes.fromhex(body.comment) if body.comment else None,
        item.received_at,
        item.counted_on,
        item.month,
        item.resolved_by,
        item.alert,
        item.batch,
    )


def append_counted(
    connection: Connection, items: Sequence[tuple[CountedBody, int, uuid.UUID | None]]
) -> None:
    """Add counted rows, each with its time of receipt and its batch."""
    rows = []
    for body, received_at, batch_id in items:
        row = _sealed_row(body, received_at)
        row |= {
            "question": body.question,
            "unit": body.unit,
            "unit_role": body.unit_role,
            "field": body.field,
            "series": body.series,
            "month": body.month,
            "counts": canonical_json(body.counts).decode(),
            "batch": batch_id,
        }
        rows.append(row)
    if rows:
        connection.execute(sa.insert(counted), rows)


def append_dossiers(
    connection: Connection, items: Sequence[tuple[DossierBody, int, uuid.UUID | None]]
) -> None:
    """Add dossier counts, each with its time of receipt and its batch."""
    rows = []
    for body, received_at, batch_id in items:
        row = _sealed_row(body, received_at)
        row |= {"unit": body.unit, "field": body.field, "month": body.month}
        row |= {"source": body.source, "batch": batch_id}
        row |= {part: getattr(body, part) for part in DOSSIER_PARTS}
        rows.append(row)
    if rows:
        connection.execute(sa.insert(dossier_count), rows)


def append_void(connection: Connection, body: VoidBody, received_at: int) -> None:
    """Add a void; IntegrityError where the target is voided already."""
    row = _sealed_row(body, received_at)
    row |= {
        "kind": body.kind,
        "target": body.target,
        "reason": body.reason,
        "proposed_by": body.proposed_by,
        "confirmed_by": body.confirmed_by,
    }
    connection.execute(sa.insert(void), row)


def append_batch(connection: Connection, row: Mapping[str, Any]) -> None:
    """Add the row of an import."""
    connection.execute(sa.insert(batch), dict(row))


def append_set_aside(
    connection: Connection,
    rows: Sequence[Mapping[str, Any]],
    comments: Sequence[Mapping[str, Any]] = (),
) -> None:
    """Add items that are stored but not counted; the same item sent again is no second case.

    ``comments`` stand apart, so that they can be erased.
    """
    if comments:
        connection.execute(
            insert_new(connection.dialect.name, set_aside_comment), [dict(row) for row in comments]
        )
    if rows:
        connection.execute(
            insert_new(connection.dialect.name, set_aside),
            [dict(row) for row in rows],
        )


def append_decision(
    connection: Connection, item: uuid.UUID, decision: str, reason: str, by: str, at: int
) -> None:
    """Add what was decided on an item set aside; IntegrityError where that is there already."""
    row = {
        "set_aside": item,
        "decision": decision,
        "reason": reason,
        "decided_by": by,
        "decided_at": at,
    }
    connection.execute(sa.insert(set_aside_decision), row)


def _sealed_row(body: Any, received_at: int) -> dict[str, Any]:
    salt = new_salt()
    return {
        "id": body.id,
        "salt": salt,
        "commitment": commitment(salt, canonical_json(body)),
        "version": body.version,
        "received_at": received_at,
    }


def known_commitments(
    connection: Connection, ids: Iterable[uuid.UUID], table: sa.Table = response
) -> dict[uuid.UUID, tuple[bytes, bytes]]:
    """Return salt and commitment of those ids that the ledger holds already."""
    is_server = is_postgresql(connection)
    listed = list(ids) if is_server else canonical_json([item.hex for item in ids]).decode()
    found = connection.execute(_commitments_of(table, is_server), {"ids": listed})
    return {name: (bytes(salt), bytes(committed)) for name, salt, committed in found}


@cache
def _commitments_of(table: sa.Table, is_server: bool) -> sa.Select[Any]:
    """Return a query with many ids as one parameter: it is the same for any number of them."""
    if is_server:
        array = sa.bindparam("ids", type_=sa.ARRAY(sa.Uuid))
        listed = sa.select(sa.func.unnest(array, type_=sa.Uuid))
    else:
        listed = sa.select(sa.func.json_each(sa.bindparam("ids")).table_valued("value").c.value)
    return sa.select(table.c.id, table.c.salt, table.c.commitment).where(table.c.id.in_(listed))


def body_of(
    row: sa.Row[Any], answers: Mapping[str, tuple[int, ...]], questionnaire_sha256: str
) -> Body:
    """Return the sealed body that a row of ``response`` and its answers stand for.

    ``seal`` of it gives the very bytes that were committed to, as long as nothing was changed.
    """
    source, channel, holder, assurance = row.series.split("/")
    return Body(
        id=row.id,
        questionnaire=questionnaire_sha256,
        receiving_unit=row.receiving_unit,
        resolving_unit=row.resolving_unit,
        field=row.field,
        point=row.point,
        source=source,
        channel=channel,
        holder=holder,
        assurance=assurance,
        occasion=row.occasion,
        language=row.language,
        answered_at=row.answered_at,
        service_on=row.service_on,
        dossier=bytes(row.dossier).hex() if row.dossier is not None else "",
        answers=dict(answers),
        comment=bytes(row.comment).hex() if row.comment is not None else "",
        version=row.version,
    )


def answers_of(
    connection: Connection, ids: Sequence[uuid.UUID]
) -> dict[uuid.UUID, dict[str, tuple[int, ...]]]:
    """Return the answers of responses, values in ascending order."""
    found: dict[uuid.UUID, dict[str, tuple[int, ...]]] = {}
    for start in range(0, len(ids), _CHUNK):
        query = (
            sa.select(answer)
            .where(answer.c.response.in_(ids[start : start + _CHUNK]))
            .order_by(answer.c.response, answer.c.question, answer.c.value)
        )
        for row in connection.execute(query):
            questions = found.setdefault(row.response, {})
            questions[row.question] = (*questions.get(row.question, ()), row.value)
    return found
