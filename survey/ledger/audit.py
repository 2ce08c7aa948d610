"""Holding every row of the ledger against the commitment that was made when it was written."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from survey.ledger.book import VoidBody, body_of, comment_commitment
from survey.ledger.tables import SEQUENCED, answer, comment, entry, response
from survey.terms.canonical import canonical_json, commitment
from survey.terms.counts import DOSSIER_PARTS, CountedBody, DossierBody
from survey.terms.response import Body

_CHUNK = 5000

Bodies = Callable[[sa.Row[Any]], Body | CountedBody | DossierBody | VoidBody | None]


def first_broken_seal(
    connection: Connection,
    questionnaires: Mapping[str, str],
    head: int,
    *,
    progress: Callable[[int], object] = lambda _count: None,
) -> str | None:
    """Return None where every entry up to the head stands, else the first that does not, in words.

    Recomputes the salted commitment of every row from its columns and answers, and of every
    comment that was not erased; a missing number, a missing row and a changed row are named.
    ``questionnaires`` is questionnaire id → SHA-256; ``progress`` is told how many entries were
    done since its last call. Cost: one pass over entries, rows and answers, in chunks.
    """
    for first in range(1, head + 1, _CHUNK):
        last = min(first + _CHUNK - 1, head)
        broken = _first_broken(connection, questionnaires, first, last)
        if broken is not None:
            return broken
        progress(last - first + 1)
    return None


def _first_broken(
    connection: Connection, questionnaires: Mapping[str, str], first: int, last: int
) -> str | None:
    query = sa.select(entry).where(entry.c.number.between(first, last))
    entries = {row.number: row for row in connection.execute(query)}
    faults = {
        number: "the entry is missing" for number in range(first, last + 1) if number not in entries
    }
    whole: set[int] = set()
    for table in SEQUENCED:
        bodies = _bodies(connection, table, questionnaires, first, last)
        for row in connection.execute(_rows(table, first, last)):
            whole.add(row.number)
            body = bodies(row)
            if body is None or commitment(bytes(row.salt), canonical_json(body)) != bytes(
                row.commitment
            ):
                faults[row.number] = "the row was changed: it does not match its commitment"
    for number in entries.keys() - whole:
        faults[number] = "the row is missing"
    faults |= {
        number: "the comment was changed: it does not match its commitment"
        for number in _changed_comments(connection, first, last) - faults.keys()
    }
    if not faults:
        return None
    number = min(faults)
    found = entries.get(number)
    name = f"{found.kind} {found.id}" if found is not None else "unknown row"
    return f"Entry {number} ({name}): {faults[number]}"


def _rows(table: sa.Table, first: int, last: int) -> sa.Select[Any]:
    joined = sa.and_(entry.c.id == table.c.id, entry.c.kind == table.name)
    return (
        sa.select(entry.c.number, *table.c)
        .select_from(entry.join(table, joined))
        .where(entry.c.number.between(first, last))
    )


def _bodies(
    connection: Connection,
    table: sa.Table,
    questionnaires: Mapping[str, str],
    first: int,
    last: int,
) -> Bodies:
    """Return what makes the sealed body of a row; of one that cannot be read, None."""
    if table is not response:
        return _OTHERS[table.name]
    answers = _answers(connection, first, last)

    def body(row: sa.Row[Any]) -> Body | None:
        sha256 = questionnaires.get(row.questionnaire)
        if sha256 is None or row.series.count("/") != 3 or row.version != 1:
            return None
        return body_of(row, answers.get(row.id, {}), sha256)

    return body


def _answers(
    connection: Connection, first: int, last: int
) -> dict[uuid.UUID, dict[str, tuple[int, ...]]]:
    query = (
        sa.select(answer)
        .select_from(entry.join(answer, answer.c.response == entry.c.id))
        .where(entry.c.number.between(first, last), entry.c.kind == response.name)
        .order_by(answer.c.value)
    )
    found: dict[uuid.UUID, dict[str, tuple[int, ...]]] = {}
    for name, question, value in connection.execute(query):
        questions = found.setdefault(name, {})
        questions[question] = (*questions.get(question, ()), value)
    return found


def _changed_comments(connection: Connection, first: int, last: int) -> set[int]:
    joined = entry.join(comment, comment.c.response == entry.c.id).join(
        response, response.c.id == comment.c.response
    )
    query = (
        sa.select(
            entry.c.number, comment.c.salt, comment.c.text, response.c.comment.label("committed")
        )
        .select_from(joined)
        .where(entry.c.number.between(first, last), entry.c.kind == response.name)
    )
    return {
        row.number
        for row in connection.execute(query)
        if row.committed is None
        or comment_commitment(bytes(row.salt), row.text) != bytes(row.committed).hex()
    }


def _counted(row: sa.Row[Any]) -> CountedBody | None:
    if row.series.count("/") != 3:
        return None
    source, channel, holder, assurance = row.series.split("/")
    try:
        counts = msgspec.json.decode(row.counts, type=dict[str, int])
    except msgspec.MsgspecError:
        return None
    return CountedBody(
        id=row.id,
        question=row.question,
        unit=row.unit,
        unit_role=row.unit_role,
        field=row.field,
        source=source,
        channel=channel,
        holder=holder,
        assurance=assurance,
        month=row.month,
        counts=counts,
        version=row.version,
    )


def _dossiers(row: sa.Row[Any]) -> DossierBody:
    parts = {part: getattr(row, part) for part in DOSSIER_PARTS}
    return DossierBody(
        id=row.id,
        unit=row.unit,
        field=row.field,
        month=row.month,
        source=row.source,
        version=row.version,
        **parts,
    )


def _void(row: sa.Row[Any]) -> VoidBody:
    return VoidBody(
        id=row.id,
        kind=row.kind,
        target=row.target,
        reason=row.reason,
        proposed_by=row.proposed_by,
        confirmed_by=row.confirmed_by,
        version=row.version,
    )


_OTHERS: dict[str, Bodies] = {"counted": _counted, "dossier_count": _dossiers, "void": _void}
