"""Deciding on what was set aside: closed with a reason, or released so that it counts."""

from __future__ import annotations

import uuid
from typing import Literal

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from survey.devices.log import corrected_at
from survey.intake.accept import Rating, accept
from survey.ledger.book import append_decision
from survey.ledger.tables import set_aside, set_aside_comment, set_aside_decision, void
from survey.register.snapshot import Register
from survey.terms.response import Body

Decision = Literal["released", "closed"]


class AsideError(ValueError):
    """An item cannot be decided on; ``code`` is stable.

    ``why`` and ``detail`` are the code and the value that ``accept`` named, where it was asked.
    """

    def __init__(self, code: str, message: str, why: str = "", detail: str = "") -> None:
        self.code, self.why, self.detail = code, why, detail
        super().__init__(message)


def decide(
    connection: Connection,
    register: Register,
    item: uuid.UUID,
    decision: Decision,
    reason: str,
    by: str,
    at: int,
) -> None:
    """Close an item set aside, or release it through ``accept``; once, and for ever.

    ``item`` is the id of the row of ``set_aside``, ``by`` the account, ``at`` the time in UTC
    milliseconds. A released rating is received now: it enters the next edition of its period.
    Raises AsideError with ``unknown``, ``decided``, ``reason_missing``; when it is to be released
    also ``row`` (a row of a file that no rating was made of), ``batch_voided`` or
    ``not_acceptable``. The caller then rolls back.
    """
    if not reason.strip():
        raise AsideError("reason_missing", "Say why: the reason is kept for ever.")
    # two who decide on one item at the same moment: the second one waits, and reads the first
    query = sa.select(set_aside).where(set_aside.c.id == item).with_for_update()
    row = connection.execute(query).first()
    if row is None:
        raise AsideError("unknown", f"There is no item {item}.")
    decided = sa.select(set_aside_decision.c.decision).where(set_aside_decision.c.set_aside == item)
    if connection.execute(decided).first() is not None:
        raise AsideError("decided", f"Item {item} is decided on already.")
    if decision == "released":
        _release(connection, register, row, at)
    append_decision(connection, item, decision, reason.strip(), by, at)


def _release(
    connection: Connection, register: Register, row: sa.Row[tuple[object, ...]], at: int
) -> None:
    if row.kind != "response":
        raise AsideError("row", "No rating was made of this row: put it right and import it.")
    gone = sa.select(void.c.id).where(void.c.kind == "batch", void.c.target == row.batch)
    if row.batch is not None and connection.execute(gone).first() is not None:
        raise AsideError("batch_voided", "The import that brought it is voided.")
    rating = _rating(connection, row)
    outcome = accept(connection, register, [rating], received_at=at, batch=row.batch)[0]
    if outcome.status != "accepted":
        raise AsideError(
            "not_acceptable",
            f"It still cannot be counted: {outcome.status} {outcome.code} {outcome.detail}".strip(),
            outcome.code or outcome.status,
            outcome.detail,
        )


def _rating(connection: Connection, row: sa.Row[tuple[object, ...]]) -> Rating:
    """Return the rating as it came; a comment that was erased since stays away."""
    sealed = row.body.encode()
    said = connection.execute(
        sa.select(set_aside_comment.c.text, set_aside_comment.c.salt).where(
            set_aside_comment.c.item == row.item, set_aside_comment.c.digest == row.digest
        )
    ).first()
    body = msgspec.json.decode(sealed, type=Body)
    at = corrected_at(connection, row.item)
    if said is None:
        return Rating(body, sealed=sealed, answered_at=at)
    return Rating(body, said.text, bytes(said.salt), sealed, answered_at=at)
