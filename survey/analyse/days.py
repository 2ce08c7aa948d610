"""Counts of some days of a month, for the months in which a rule for ratings begins or ends.

The tally counts by month, so the ledger is read; who counts for a dossier is kept beside it. A
test holds the outcome against :func:`survey.tally.recount.recount`, which looks at everything.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from survey.analyse.selection import Selection
from survey.ledger.tables import answer, response, void
from survey.tally.tables import standing, tally
from survey.terms.period import Period, month_of

Row = tuple[str, str, str, str, str, int, tuple[int, int, int, int]]
"""unit role, unit, field, question, series, value; counting, repeats, voided, from totals"""


def is_voided() -> sa.ColumnElement[bool]:
    """Tell of a response whether it was cancelled, by itself or with its import."""
    return sa.or_(
        sa.exists().where(void.c.kind == "response", void.c.target == response.c.id),
        sa.and_(
            response.c.batch.is_not(None),
            sa.exists().where(void.c.kind == "batch", void.c.target == response.c.batch),
        ),
    )


def is_first() -> sa.ColumnElement[bool]:
    """Tell of an answer whether it counts for its dossier, or has none to share it with."""
    return sa.or_(
        response.c.dossier.is_(None),
        sa.exists().where(
            standing.c.dossier == response.c.dossier,
            standing.c.occasion == response.c.occasion,
            standing.c.question == answer.c.question,
            standing.c.response == response.c.id,
        ),
    )


def count_days(
    connection: Connection, selection: Selection, first_on: dt.date, last_on: dt.date
) -> Iterator[Row]:
    """Yield the counts of the days from one to another, which lie in one month.

    A total that a source handed over belongs to the last day of its month.
    """
    yield from _answers(connection, selection, first_on, last_on)
    month = month_of(last_on)
    if last_on == Period(month, month).last_on:
        yield from _totals(connection, selection, month)


def _answers(
    connection: Connection, selection: Selection, first_on: dt.date, last_on: dt.date
) -> Iterator[Row]:
    state = sa.case((is_voided(), 2), (is_first(), 0), else_=1).label("state")
    rows = (
        sa.select(
            response.c.receiving_unit,
            response.c.resolved_by,
            response.c.field,
            answer.c.question,
            response.c.series,
            answer.c.value,
            state,
        )
        .join_from(response, answer, answer.c.response == response.c.id)
        .where(response.c.counted_on.between(first_on, last_on))
    )
    if selection.fields:
        rows = rows.where(response.c.field.in_(selection.fields))
    found = rows.subquery()
    query = sa.select(*found.c, sa.func.count()).group_by(*found.c)
    units = set(selection.units)
    for row in connection.execute(query):
        receiving, resolving, field, question, series, value, at, number = tuple(row)
        if selection.question and question != selection.question:
            continue
        counts = (number if at == 0 else 0, number if at == 1 else 0, number if at == 2 else 0, 0)
        for role, unit in (("receiving", receiving), ("resolving", resolving)):
            if not units or unit in units:
                yield role, unit, field, question, series, value, counts


def _totals(connection: Connection, selection: Selection, month: str) -> Iterator[Row]:
    key = ("unit_role", "unit", "field", "question", "series", "value", "from_totals")
    query = sa.select(*(tally.c[name] for name in key)).where(
        tally.c.month == month, tally.c.from_totals != 0
    )
    if selection.units:
        query = query.where(tally.c.unit.in_(selection.units))
    if selection.fields:
        query = query.where(tally.c.field.in_(selection.fields))
    if selection.question:
        query = query.where(tally.c.question == selection.question)
    for role, unit, field, question, series, value, number in connection.execute(query):
        yield role, unit, field, question, series, value, (0, 0, 0, int(number))
