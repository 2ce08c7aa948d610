"""Cancelling: proposed by one account, confirmed by one of another unit, counted in public."""

from __future__ import annotations

import uuid
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from survey.db import is_postgresql
from survey.ledger.book import VoidBody, append_void
from survey.ledger.tables import batch, response, void, void_proposal
from survey.tally.keep import void_response
from survey.tally.recount import rebuild

Kind = Literal["response", "batch"]


class VoidError(ValueError):
    """A void cannot be proposed or confirmed; ``code`` is stable."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


def propose_void(
    connection: Connection,
    kind: Kind,
    target: uuid.UUID,
    *,
    reason: str,
    by: str,
    unit: str,
    at: int,
) -> uuid.UUID:
    """Propose to void a response or a whole import; return the proposal's id.

    ``unit`` is the code of the unit that the account works for, "" where it is none (the city's
    own staff). Raises VoidError with ``reason_missing``, ``target_unknown`` or ``voided``.
    """
    if not reason.strip():
        raise VoidError("reason_missing", "Say why: the reason is kept for ever.")
    table = response if kind == "response" else batch
    if connection.execute(sa.select(table.c.id).where(table.c.id == target)).first() is None:
        raise VoidError("target_unknown", f"There is no {kind} {target}.")
    _check_not_voided(connection, kind, target)
    proposal = uuid.uuid4()
    connection.execute(
        sa.insert(void_proposal),
        {
            "id": proposal,
            "kind": kind,
            "target": target,
            "reason": reason.strip(),
            "proposed_by": by,
            "proposed_at": at,
            "proposed_unit": unit,
        },
    )
    return proposal


def confirm_void(
    connection: Connection, proposal: uuid.UUID, *, by: str, unit: str, at: int
) -> None:
    """Confirm a proposal: the void is written and the tally changes in the same transaction.

    Two people of one unit answer to the same head, so the second one is of another unit; all who
    work for no unit are of one, the city. Raises VoidError with ``proposal_unknown``,
    ``same_account``, ``same_unit`` or ``voided``.
    """
    if is_postgresql(connection):  # one at a time; SQLite's writers are so anyway
        connection.execute(sa.text("LOCK TABLE void IN SHARE ROW EXCLUSIVE MODE"))
    row = connection.execute(sa.select(void_proposal).where(void_proposal.c.id == proposal)).first()
    if row is None:
        raise VoidError("proposal_unknown", f"There is no proposal {proposal}.")
    if row.proposed_by == by:
        raise VoidError("same_account", "A void is confirmed by another account.")
    if row.proposed_unit == unit:
        raise VoidError(
            "same_unit",
            "A void is confirmed by an account of another unit;"
            " accounts without a unit are all of one, the city.",
        )
    _check_not_voided(connection, row.kind, row.target)
    body = VoidBody(uuid.uuid4(), row.kind, row.target, row.reason, row.proposed_by, by)
    append_void(connection, body, at)
    if row.kind == "response":
        void_response(connection, row.target)
    else:
        rebuild(connection)


def _check_not_voided(connection: Connection, kind: str, target: uuid.UUID) -> None:
    same = sa.select(void.c.id).where(void.c.kind == kind, void.c.target == target)
    in_batch = (
        sa.select(void.c.id)
        .join(response, response.c.batch == void.c.target)
        .where(void.c.kind == "batch", response.c.id == target)
    )
    if any(connection.execute(query).first() is not None for query in (same, in_batch)):
        raise VoidError("voided", f"The {kind} {target} is voided already.")
