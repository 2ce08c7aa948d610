"""Keeping the tally: what a new rating, a void or a delivered total changes in it.

Everything here runs in the transaction that writes the ledger.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from survey.db import execute_many, insert_new
from survey.ledger.book import Accepted, answers_of
from survey.ledger.tables import counted, response, void
from survey.tally.standing import Change, Standings, replace, stand
from survey.tally.tables import COUNTS, KEY, delivery, tally
from survey.terms.counts import CountedBody

Key = tuple[str, str, str, str, str, str, str, int]
"""unit_role, unit, month, field, question, series, questionnaire, value"""

Deltas = dict[Key, list[int]]
"""Key → changes of counting, repeats, voided, from_totals."""

_CHUNK = 500
_LARGE = 100_000
_COUNTING, _REPEATS, _VOIDED, _TOTALS = range(4)


class Waiting:
    """Changes of the tally that are written together, where many deliveries are one transaction.

    Whoever makes one calls :meth:`write` before the transaction ends. It writes by itself when it
    has grown large.
    """

    def __init__(self) -> None:
        self.groups: Counter[tuple[Any, ...]] = Counter()
        self.deltas: Deltas = {}

    @property
    def is_large(self) -> bool:
        """Tell whether it holds so much that it had better be written (about 50 MB)."""
        return len(self.groups) > _LARGE

    def write(self, connection: Connection) -> None:
        """Write the changes and hold none."""
        for group, count in self.groups.items():
            column = _REPEATS if group[0] else _COUNTING
            tail = group[3:]
            _shift(self.deltas, ("receiving", group[1], *tail), column, count)
            _shift(self.deltas, ("resolving", group[2], *tail), column, count)
        apply(connection, self.deltas)
        self.groups.clear()
        self.deltas.clear()


def add_responses(
    connection: Connection, items: Sequence[Accepted], waiting: Waiting | None = None
) -> None:
    """Count responses that the ledger has just added.

    Of the responses of one dossier, occasion and question the first in precedence counts; the
    others are repeats, and one that counted before becomes a repeat. With ``waiting`` the changes
    of the tally are left there for its owner to write.
    """
    changes = stand(connection, [item for item in items if item.body.dossier])
    gathered = Waiting() if waiting is None else waiting
    gathered.groups.update(_groups(items, changes))
    _demote(connection, gathered.deltas, changes.demoted)
    if waiting is None or waiting.is_large:
        gathered.write(connection)


def _groups(items: Sequence[Accepted], changes: Standings) -> Iterator[tuple[Any, ...]]:
    """Yield for each answer of a batch everything that the tally tells apart."""
    repeats = changes.repeats
    return (
        (
            (item.body.id, question) in repeats if repeats else False,
            item.body.receiving_unit,
            item.resolved_by,
            item.month,
            item.body.field,
            question,
            item.body.series,
            item.questionnaire_id,
            value,
        )
        for item in items
        for question, values in item.body.answers.items()
        for value in values
    )


def _demote(connection: Connection, deltas: Deltas, demoted: Sequence[Change]) -> None:
    _move(connection, deltas, demoted, _COUNTING, _REPEATS)


def _move(
    connection: Connection, deltas: Deltas, changes: Sequence[Change], origin: int, goal: int
) -> None:
    for (row, question), values in _rows_with_answers(connection, changes):
        for value in values:
            tail = (row.month, row.field, question, row.series, row.questionnaire, value)
            for key in (
                ("receiving", row.receiving_unit, *tail),
                ("resolving", row.resolved_by, *tail),
            ):
                _shift(deltas, key, origin, -1)
                _shift(deltas, key, goal, 1)


def _rows_with_answers(
    connection: Connection, changes: Sequence[Change]
) -> Iterable[tuple[tuple[sa.Row[tuple[object, ...]], str], tuple[int, ...]]]:
    ids = sorted({change.response for change in changes}, key=lambda item: item.bytes)
    answers = answers_of(connection, ids)
    rows = {}
    for start in range(0, len(ids), _CHUNK):
        query = sa.select(response).where(response.c.id.in_(ids[start : start + _CHUNK]))
        rows.update({row.id: row for row in connection.execute(query)})
    for change in changes:
        yield (rows[change.response], change.question), answers[change.response][change.question]


def void_response(connection: Connection, response_id: uuid.UUID) -> None:
    """Take a response out of the count after its void was written.

    Where it was the one that counted for its dossier, the next in precedence counts from now on.
    """
    row = connection.execute(sa.select(response).where(response.c.id == response_id)).one()
    answers = answers_of(connection, [response_id])[response_id]
    deltas: Deltas = {}
    for question in answers:
        standing_now, successor = replace(connection, row, question)
        origin = _COUNTING if standing_now else _REPEATS
        _move(connection, deltas, [Change(response_id, question)], origin, _VOIDED)
        if successor is not None:
            _move(connection, deltas, [Change(successor, question)], _REPEATS, _COUNTING)
    apply(connection, deltas)


def add_counted(connection: Connection, bodies: Sequence[CountedBody], received_at: int) -> None:
    """Count totals; to be called before the ledger adds them.

    A total supersedes the earlier one of the same key. Of two with the same time of receipt the
    greater id stands, as in :func:`survey.tally.recount.recount`.
    """
    deltas: Deltas = {}
    newest: dict[Key, _Total | None] = {}
    for body in bodies:
        place = total_key(body, 0)
        if place not in newest:
            newest[place] = _current_total(connection, body)
        current = newest[place]
        if current is not None and (current[0], current[1].bytes) > (received_at, body.id.bytes):
            continue
        for value, count in body.counts.items():
            _shift(deltas, total_key(body, int(value)), _TOTALS, count)
        for value, count in (current[2] if current else {}).items():
            _shift(deltas, total_key(body, int(value)), _TOTALS, -count)
        newest[place] = (received_at, body.id, body.counts)
    apply(connection, deltas)


def total_key(body: CountedBody | sa.Row[tuple[object, ...]], value: int) -> Key:
    """Return the tally's key of one value of a total."""
    return (
        body.unit_role,
        body.unit,
        body.month,
        body.field,
        body.question,
        body.series,
        "",
        value,
    )


_Total = tuple[int, uuid.UUID, Mapping[str, int]]
"""time of receipt, id and counts of a total"""


def _current_total(connection: Connection, body: CountedBody) -> _Total | None:
    voided = sa.exists().where(void.c.kind == "batch", void.c.target == counted.c.batch)
    query = (
        sa.select(counted.c.received_at, counted.c.id, counted.c.counts)
        .where(
            counted.c.month == body.month,
            counted.c.unit == body.unit,
            counted.c.field == body.field,
            counted.c.series == body.series,
            counted.c.unit_role == body.unit_role,
            counted.c.question == body.question,
            ~voided,
        )
        .order_by(counted.c.received_at.desc(), counted.c.id.desc())
        .limit(1)
    )
    row = connection.execute(query).first()
    if row is None:
        return None
    return row.received_at, row.id, msgspec.json.decode(row.counts, type=dict[str, int])


def claim_form(
    connection: Connection, source_months: Iterable[tuple[str, str]], form: str
) -> set[tuple[str, str]]:
    """Note that these months of these sources come as ``rows`` or as ``totals``.

    Returns the months that came in the other form before and were not voided since: rows and
    totals of one source and month never stand side by side. Holds the months until the caller's
    transaction ends: many may bring rows at a time, but only one totals.
    """
    wanted = sorted(set(source_months))
    if not wanted:
        return set()
    known = _forms(connection, wanted, form, held=True)
    new = [each for each in wanted if each not in known]
    if new:
        connection.execute(
            insert_new(connection.dialect.name, delivery),
            [{"source": source, "month": month, "form": form} for source, month in new],
        )
        known = _forms(connection, wanted, form, held=True)  # somebody else may have been first
    other = {each for each in wanted if known[each] != form}
    refused = {each for each in other if _stands(connection, *each, form)}
    for source, month in sorted(other - refused):
        where = (delivery.c.source == source, delivery.c.month == month)
        connection.execute(sa.update(delivery).where(*where).values(form=form))
    return refused


def conflicts(
    connection: Connection, source_months: Iterable[tuple[str, str]], form: str
) -> set[tuple[str, str]]:
    """Return what :func:`claim_form` would refuse, without claiming anything."""
    known = _forms(connection, set(source_months), form)
    other = [each for each, came in known.items() if came != form]
    return {each for each in other if _stands(connection, *each, form)}


def _forms(
    connection: Connection, wanted: Collection[tuple[str, str]], form: str, *, held: bool = False
) -> dict[tuple[str, str], str]:
    """Return in which form those months came that came already."""
    rows = connection.execute(
        _deliveries(held, is_shared=form == "rows"),
        {
            "sources": sorted({source for source, _ in wanted}),
            "months": sorted({month for _, month in wanted}),
        },
    )
    found = {(source, month): known for source, month, known in rows}
    return {each: found[each] for each in wanted if each in found}


@cache
def _deliveries(held: bool, is_shared: bool) -> sa.Select[Any]:
    query = sa.select(delivery.c.source, delivery.c.month, delivery.c.form).where(
        delivery.c.source.in_(sa.bindparam("sources", expanding=True)),
        delivery.c.month.in_(sa.bindparam("months", expanding=True)),
    )
    if held:
        query = query.order_by(delivery.c.source, delivery.c.month)
        query = query.with_for_update(read=is_shared)
    return query


def _stands(connection: Connection, source: str, month: str, form: str) -> bool:
    """Tell whether anything counts that came in the other form than this one."""
    amount = tally.c.counting + tally.c.repeats if form == "totals" else tally.c.from_totals
    query = sa.select(sa.func.coalesce(sa.func.sum(amount), 0)).where(
        tally.c.month == month, tally.c.series.startswith(source + "/", autoescape=True)
    )
    return int(connection.execute(query).scalar_one()) > 0


def apply(connection: Connection, deltas: Mapping[Key, Sequence[int]]) -> None:
    """Add changes to the tally, all writers in one order so that two of them cannot deadlock.

    It is the order of the index, which so grows from one end to the other.
    """
    ordered = sorted(deltas.items(), key=_place)
    rows = [(*key, *counts) for key, counts in ordered if any(counts)]
    execute_many(connection, _add_up(connection.dialect.name), rows)


def _place(change: tuple[Key, Sequence[int]]) -> str:
    """Return where a change comes in the order; one text is compared faster than eight values."""
    unit_role, unit, month, field, question, series, questionnaire, value = change[0]
    return "\n".join((month, unit_role, field, question, series, str(value), unit, questionnaire))


@cache
def _add_up(dialect: str) -> sa.Insert:
    insert: postgresql.Insert | sqlite.Insert = (
        postgresql.insert(tally) if dialect == "postgresql" else sqlite.insert(tally)
    )
    return insert.on_conflict_do_update(
        index_elements=list(KEY),
        set_={name: tally.c[name] + insert.excluded[name] for name in COUNTS},
    )


def _shift(deltas: Deltas, key: Key, column: int, amount: int) -> None:
    found = deltas.get(key)
    if found is None:
        found = deltas[key] = [0, 0, 0, 0]
    found[column] += amount
