"""Once per dossier: which response counts for a dossier, occasion and question."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from functools import cache
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from survey.db import execute_many
from survey.ledger.book import Accepted, answers_of
from survey.ledger.tables import response, void
from survey.tally.tables import standing
from survey.terms.series import parse_series, precedence

_CHUNK = 300

Turn = tuple[bytes, str, str]
"""dossier, occasion, question"""

Rank = tuple[tuple[int, int], int, int, bytes]
"""precedence of the series, then time of receipt, time of answer, id: the smallest counts"""


class Change(msgspec.Struct, frozen=True):
    """A response whose answer to one question starts or ceases to count."""

    response: uuid.UUID
    question: str


class Standings(msgspec.Struct, frozen=True):
    """What a batch changes: new answers that are repeats, old ones that become repeats."""

    repeats: frozenset[tuple[uuid.UUID, str]]
    demoted: tuple[Change, ...]


def stand(connection: Connection, items: Sequence[Accepted]) -> Standings:
    """Settle which response counts for each dossier of a batch, new and old ones together."""
    turns: dict[Turn, list[tuple[Rank, uuid.UUID]]] = {}
    for item in items:
        rank = _rank(item.body.series, item.received_at, item.body.answered_at, item.body.id)
        for question in item.body.answers:
            turn = (bytes.fromhex(item.body.dossier), item.body.occasion, question)
            turns.setdefault(turn, []).append((rank, item.body.id))
    repeats: set[tuple[uuid.UUID, str]] = set()
    demoted: list[Change] = []
    ordered = sorted(turns.items())
    for start in range(0, len(ordered), _CHUNK):
        part = dict(ordered[start : start + _CHUNK])
        current = _current(connection, part)
        for turn, candidates in part.items():
            rank, best = min(candidates)
            held = current.get(turn)
            if held is not None and held[0] < rank:
                best = held[1]
            elif held is not None:
                _set(connection, turn, best)
                demoted.append(Change(held[1], turn[2]))
            repeats |= {(name, turn[2]) for _, name in candidates if name != best}
    return Standings(frozenset(repeats), tuple(demoted))


def _current(
    connection: Connection, turns: dict[Turn, list[tuple[Rank, uuid.UUID]]]
) -> dict[Turn, tuple[Rank, uuid.UUID]]:
    """Claim the turns and return those that an earlier response holds; all of them are locked.

    Claimed in their order, so that two writers never wait for each other.
    """
    own = {turn: min(new)[1] for turn, new in turns.items()}
    execute_many(
        connection, _claim(connection.dialect.name), [(*turn, name) for turn, name in own.items()]
    )
    query = sa.select(standing).where(
        standing.c.dossier.in_(sorted({turn[0] for turn in turns})),
        standing.c.response.not_in(sorted(own.values(), key=lambda name: name.bytes)),
    )
    holders = {
        (bytes(row.dossier), row.occasion, row.question): row.response
        for row in connection.execute(query)
    }
    held = {turn: holder for turn, holder in holders.items() if turn in turns}
    ranks = _ranks(connection, sorted(set(held.values()), key=lambda item: item.bytes))
    return {turn: (ranks[holder], holder) for turn, holder in held.items()}


@cache
def _claim(dialect: str) -> sa.Insert:
    """An INSERT that leaves a turn that is taken as it is, but locks it."""
    insert = (postgresql if dialect == "postgresql" else sqlite).insert(standing)
    claim: sa.Insert = insert.on_conflict_do_update(
        index_elements=["dossier", "occasion", "question"],
        set_={"response": standing.c.response},
    )
    return claim


def _ranks(connection: Connection, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Rank]:
    if not ids:
        return {}
    query = sa.select(
        response.c.id, response.c.series, response.c.received_at, response.c.answered_at
    ).where(response.c.id.in_(ids))
    return {
        row.id: _rank(row.series, row.received_at, row.answered_at, row.id)
        for row in connection.execute(query)
    }


@cache
def _precedence(series: str) -> tuple[int, int]:
    """There are a few hundred series, and one in every row."""
    return precedence(parse_series(series))


def _rank(series: str, received_at: int, answered_at: int, response_id: uuid.UUID) -> Rank:
    return _precedence(series), received_at, answered_at, response_id.bytes


def replace(
    connection: Connection, row: sa.Row[Any], question: str
) -> tuple[bool, uuid.UUID | None]:
    """Settle a dossier's turn after one of its responses was voided.

    Returns whether the voided response was the one that counted, and the response that counts
    in its place, if any. Responses without a dossier always counted and have no successor.
    """
    if row.dossier is None:
        return True, None
    turn = (bytes(row.dossier), row.occasion, question)
    where = _where(turn)
    holder = connection.execute(
        sa.select(standing.c.response).where(*where).with_for_update()
    ).scalar()
    if holder != row.id:
        return False, None
    successor = _best_left(connection, turn)
    if successor is None:
        connection.execute(sa.delete(standing).where(*where))
    else:
        _set(connection, turn, successor)
    return True, successor


def _best_left(connection: Connection, turn: Turn) -> uuid.UUID | None:
    by_response = sa.exists().where(void.c.kind == "response", void.c.target == response.c.id)
    by_batch = sa.exists().where(void.c.kind == "batch", void.c.target == response.c.batch)
    query = sa.select(response.c.id).where(
        response.c.dossier == turn[0], response.c.occasion == turn[1], ~by_response, ~by_batch
    )
    ids = [row.id for row in connection.execute(query)]
    answered = answers_of(connection, ids)
    ranks = _ranks(connection, [name for name in ids if turn[2] in answered.get(name, {})])
    return min(ranks, key=lambda name: ranks[name]) if ranks else None


def _set(connection: Connection, turn: Turn, response_id: uuid.UUID) -> None:
    connection.execute(sa.update(standing).where(*_where(turn)).values(response=response_id))


def _where(turn: Turn) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        standing.c.dossier == turn[0],
        standing.c.occasion == turn[1],
        standing.c.question == turn[2],
    )
