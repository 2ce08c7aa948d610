"""Reading comments: what is read is noted in the same transaction."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from survey.ledger.book import answers_of
from survey.ledger.tables import comment, response
from survey.office.turning import Place, older
from survey.register.snapshot import Register
from survey.staff.deeds import record

PAGE = 25


@dataclass(frozen=True)
class Asked:
    """Which comments are asked for; ``units`` None: all; ``month`` "": any.

    ``marked``: only those with a reason for the inspector, with or without a text. Else those with
    a text, and those for the inspector only where ``sees_marked``.
    """

    units: Collection[str] | None
    month: str
    marked: bool
    sees_marked: bool
    after: Place | None


@dataclass(frozen=True)
class Said:
    """One comment; ``text`` is None where there was none or it was erased."""

    id: uuid.UUID
    received_at: int
    unit: str
    field: str
    month: str
    series: str
    alert: bool
    questionnaire: str
    text: str | None

    @property
    def place(self) -> Place:
        """Its place in the list."""
        return Place(self.received_at, self.id)


def read(connection: Connection, asked: Asked, *, by: str, at: int) -> tuple[list[Said], bool]:
    """Return a page of comments, the newest first, and whether there are older ones.

    Who read them is noted, a row for each unit, with the ids of all that are returned.
    """
    rows = [Said(*row) for row in connection.execute(_query(asked))]
    shown = rows[:PAGE]
    by_unit: dict[str, list[str]] = {}
    for each in shown:
        by_unit.setdefault(each.unit, []).append(str(each.id))
    for unit, ids in by_unit.items():
        record(
            connection,
            by=by,
            deed="comment.read",
            unit=unit,
            subject=" ".join(ids),
            detail="marked" if asked.marked else "",
            at=at,
        )
    return shown, len(rows) > PAGE


def _query(asked: Asked) -> sa.Select[Any]:
    columns = response.c
    query = (
        sa.select(
            columns.id,
            columns.received_at,
            columns.receiving_unit,
            columns.field,
            columns.month,
            columns.series,
            columns.alert,
            columns.questionnaire,
            comment.c.text,
        )
        .select_from(response.join(comment, comment.c.response == columns.id, isouter=asked.marked))
        .where(older(columns.received_at, columns.id, asked.after))
        .order_by(columns.received_at.desc(), columns.id.desc())
        .limit(PAGE + 1)
    )
    query = query.where(columns.alert if asked.marked else columns.comment.is_not(None))
    if not asked.sees_marked:
        query = query.where(sa.not_(columns.alert))
    if asked.units is not None:
        query = query.where(columns.receiving_unit.in_(sorted(asked.units)))
    if asked.month:
        query = query.where(columns.month == asked.month)
    return query


def alert_reasons(
    connection: Connection, register: Register, items: Sequence[Said], language: str
) -> dict[uuid.UUID, list[str]]:
    """Return for each marked item the labels of the reasons that marked it, and no other answer."""
    marked = [each for each in items if each.alert]
    answers = answers_of(connection, [each.id for each in marked])
    found: dict[uuid.UUID, list[str]] = {}
    for each in marked:
        published = register.questionnaire_by_id(each.questionnaire)
        questions = published.text(language).questions if published is not None else ()
        chosen = answers.get(each.id, {})
        found[each.id] = [
            option.label
            for question in questions
            if question.role == "reason"
            for option in question.scale.options
            if option.alert and option.value in chosen.get(question.id, ())
        ]
    return found
