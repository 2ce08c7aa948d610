"""Proposals to void, and what they are about."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from survey.intake.void import Kind
from survey.ledger.tables import batch, receipt, response, void, void_proposal
from survey.office.turning import Place, older

PAGE = 50


@dataclass(frozen=True)
class Target:
    """What a void is about: a rating with its unit, or an import without one."""

    kind: Kind
    id: uuid.UUID
    unit: str | None


@dataclass(frozen=True)
class Proposal:
    """A proposal with what it is about; ``confirmed_by`` is None while it waits."""

    id: uuid.UUID
    kind: str
    target: uuid.UUID
    reason: str
    proposed_by: str
    proposed_at: int
    proposed_unit: str
    unit: str | None
    field: str | None
    month: str | None
    file_name: str | None
    n_accepted: int | None
    confirmed_by: str | None
    confirmed_at: int | None

    @property
    def place(self) -> Place:
        """Its place in the list."""
        return Place(self.proposed_at, self.id)


def find_target(
    connection: Connection, code: str | None, target: uuid.UUID | None
) -> Target | None:
    """Return the rating with a receipt code or an id, or the import with an id."""
    if code is not None:
        query = sa.select(receipt.c.response).where(receipt.c.code == code)
        target = connection.execute(query).scalar()
    if target is None:
        return None
    unit = connection.execute(
        sa.select(response.c.receiving_unit).where(response.c.id == target)
    ).scalar()
    if unit is not None:
        return Target("response", target, unit)
    is_batch = connection.execute(sa.select(batch.c.id).where(batch.c.id == target)).first()
    return Target("batch", target, None) if is_batch is not None else None


def listed(
    connection: Connection, units: Collection[str] | None, after: Place | None
) -> tuple[list[Proposal], bool]:
    """Return a page of the proposals about units (None: all, and imports), newest first."""
    query = (
        _select()
        .where(older(void_proposal.c.proposed_at, void_proposal.c.id, after))
        .order_by(void_proposal.c.proposed_at.desc(), void_proposal.c.id.desc())
        .limit(PAGE + 1)
    )
    if units is not None:
        query = query.where(response.c.receiving_unit.in_(sorted(units)))
    found = [Proposal(*row) for row in connection.execute(query)]
    return found[:PAGE], len(found) > PAGE


def waiting(connection: Connection, unit: str) -> list[Proposal]:
    """Return the proposals that an account of a unit may confirm, the oldest first."""
    query = (
        _select()
        .where(void.c.id.is_(None), void_proposal.c.proposed_unit != unit)
        .order_by(void_proposal.c.proposed_at, void_proposal.c.id)
        .limit(PAGE)
    )
    return [Proposal(*row) for row in connection.execute(query)]


def find(connection: Connection, proposal: uuid.UUID) -> Proposal | None:
    """Return one proposal."""
    row = connection.execute(_select().where(void_proposal.c.id == proposal)).first()
    return Proposal(*row) if row is not None else None


def _select() -> sa.Select[Any]:
    columns = void_proposal.c
    voided = sa.and_(void.c.kind == columns.kind, void.c.target == columns.target)
    rated = sa.and_(columns.kind == "response", response.c.id == columns.target)
    imported = sa.and_(columns.kind == "batch", batch.c.id == columns.target)
    return sa.select(
        columns.id,
        columns.kind,
        columns.target,
        columns.reason,
        columns.proposed_by,
        columns.proposed_at,
        columns.proposed_unit,
        response.c.receiving_unit,
        response.c.field,
        response.c.month,
        batch.c.file_name,
        batch.c.n_accepted,
        void.c.confirmed_by,
        void.c.received_at,
    ).select_from(
        void_proposal.outerjoin(void, voided).outerjoin(response, rated).outerjoin(batch, imported)
    )
