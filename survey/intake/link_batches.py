"""Batches of one-time links: made at once, counted, and called back."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Iterable, Sequence

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from survey.db import is_postgresql
from survey.intake.links import Link, LinkTokens, new_id
from survey.intake.tables import link, link_batch, link_spent, link_withdrawal

DAYS = 90
"""How long links are good, unless somebody says otherwise."""

FEWEST = 10
"""In a batch of fewer links nobody sees how many are spent: its few holders are known by name."""

DAY = 24 * 3600 * 1000
"""Milliseconds of a day."""

_CHUNK = 400
_LOCK = 4833
"""Key of the advisory lock that lets one batch at a time be made (PostgreSQL)."""

Turn = tuple[str, str]
"""The hash of a dossier's code in hexadecimal, and the occasion."""


class NewBatch(msgspec.Struct, frozen=True):
    """What a batch is made of, apart from its links; times in UTC milliseconds."""

    id: uuid.UUID
    point: str
    file_name: str
    made_at: int
    made_by: str
    expires_at: int


class Wanted(msgspec.Struct, frozen=True):
    """A link that is wanted: everything but id, batch, point and end."""

    dossier: str
    occasion: str
    field: str
    receiving_unit: str
    resolving_unit: str
    service_on: str


class Batch(msgspec.Struct, frozen=True):
    """A batch as staff see it; ``withdrawn_at`` is None where its links are good.

    ``n_spent`` is None where the batch is so small that it would tell who rated.
    """

    id: uuid.UUID
    point: str
    file_name: str
    n_links: int
    n_spent: int | None
    made_at: int
    made_by: str
    expires_at: int
    withdrawn_at: int | None
    withdrawn_by: str | None
    reason: str | None


class LinkError(Exception):
    """Something that a person can put right: by its ``code``: see where it is raised."""

    def __init__(self, code: str, text: str) -> None:
        self.code = code
        super().__init__(text)


def hold(connection: Connection) -> None:
    """Let nobody else make links until this transaction ends: one dossier, one link."""
    if is_postgresql(connection):
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))


def already_linked(connection: Connection, turns: Iterable[Turn], at: int) -> set[Turn]:
    """Return those that have a link whose time is not over and which was not called back.

    Whether it is spent makes no difference: else a file that comes again would tell who rated.
    """
    wanted = set(turns)
    hashes = sorted({bytes.fromhex(dossier) for dossier, _ in wanted})
    found: set[Turn] = set()
    for start in range(0, len(hashes), _CHUNK):
        query = (
            sa.select(link.c.dossier, link.c.occasion)
            .outerjoin(link_withdrawal, link_withdrawal.c.batch == link.c.batch)
            .where(
                link.c.dossier.in_(hashes[start : start + _CHUNK]),
                link.c.expires_at >= at,
                link_withdrawal.c.batch.is_(None),
            )
        )
        found.update((row.dossier.hex(), row.occasion) for row in connection.execute(query))
    return found & wanted


def make_batch(connection: Connection, batch: NewBatch, wanted: Sequence[Wanted]) -> list[Link]:
    """Write a batch with its links and return these, in the order of ``wanted``.

    Raises sqlalchemy.exc.IntegrityError where the batch is there, or where a random id is.
    """
    row = msgspec.structs.asdict(batch) | {"n_links": len(wanted)}
    connection.execute(sa.insert(link_batch), row)
    made = [
        Link(
            id=new_id(),
            batch=batch.id,
            point=batch.point,
            expires_at=batch.expires_at,
            **msgspec.structs.asdict(each),
        )
        for each in wanted
    ]
    rows = [
        msgspec.structs.asdict(each) | {"dossier": bytes.fromhex(each.dossier)} for each in made
    ]
    if rows:
        connection.execute(sa.insert(link), rows)
    return made


def last_moment(at: int, days: int, zone: dt.tzinfo) -> int:
    """Return the end of the day that is so many days after a moment; both in UTC milliseconds."""
    day = dt.datetime.fromtimestamp(at / 1000, zone).date() + dt.timedelta(days=days + 1)
    return int(dt.datetime.combine(day, dt.time(), zone).timestamp() * 1000) - 1


def make_once(connection: Connection, batch: NewBatch, wanted: Sequence[Wanted]) -> list[Link]:
    """Make a batch, unless somebody else has made links for its dossiers meanwhile.

    Raises LinkError (``batch_there``, ``link_there``); then nothing is written.
    """
    hold(connection)
    if find_batch(connection, batch.id) is not None:
        raise LinkError("batch_there", f"Batch {batch.id} was made before.")
    turns = [(each.dossier, each.occasion) for each in wanted]
    if already_linked(connection, turns, batch.made_at):
        raise LinkError("link_there", "Somebody has just made links for these dossiers.")
    return make_batch(connection, batch, wanted)


def tokens_of(connection: Connection, tokens: LinkTokens, batch: uuid.UUID) -> dict[Turn, str]:
    """Return the tokens of a batch by dossier and occasion."""
    query = sa.select(link).where(link.c.batch == batch)
    links = (
        Link(**dict(row) | {"dossier": row["dossier"].hex()})
        for row in connection.execute(query).mappings()
    )
    return {(each.dossier, each.occasion): tokens.make(each) for each in links}


def withdraw(connection: Connection, batch: uuid.UUID, *, by: str, reason: str, at: int) -> None:
    """Call back what is not spent of a batch, for good.

    Raises LinkError (``batch_unknown``, ``batch_withdrawn``).
    """
    found = find_batch(connection, batch)
    if found is None:
        raise LinkError("batch_unknown", f"There is no batch {batch}.")
    if found.withdrawn_at is not None:
        raise LinkError("batch_withdrawn", f"Batch {batch} was withdrawn before.")
    row = {"batch": batch, "at": at, "by": by, "reason": reason}
    connection.execute(sa.insert(link_withdrawal), row)


def find_batch(connection: Connection, batch: uuid.UUID) -> Batch | None:
    """Return a batch, or None."""
    found = _batches(connection, link_batch.c.id == batch)
    return found[0] if found else None


def newest_batches(
    connection: Connection, points: Collection[str] | None, most: int = 100
) -> list[Batch]:
    """Return the newest batches, newest first; ``points`` None: of every point."""
    where = sa.true() if points is None else link_batch.c.point.in_(sorted(points))
    return _batches(connection, where, most)


def _batches(connection: Connection, where: sa.ColumnElement[bool], most: int = 1) -> list[Batch]:
    query = (
        sa.select(
            link_batch,
            link_withdrawal.c.at.label("withdrawn_at"),
            link_withdrawal.c.by.label("withdrawn_by"),
            link_withdrawal.c.reason,
        )
        .outerjoin(link_withdrawal, link_withdrawal.c.batch == link_batch.c.id)
        .where(where)
        .order_by(link_batch.c.made_at.desc(), link_batch.c.id)
        .limit(most)
    )
    rows = list(connection.execute(query).mappings())
    spent = _spent(connection, [row["id"] for row in rows if row["n_links"] >= FEWEST])
    return [Batch(**row, n_spent=spent.get(row["id"])) for row in rows]


def _spent(connection: Connection, batches: Sequence[uuid.UUID]) -> dict[uuid.UUID, int]:
    """Return how many links of each of these batches are spent."""
    query = (
        sa.select(link.c.batch, sa.func.count())
        .join(link_spent, link_spent.c.link == link.c.id)
        .where(link.c.batch.in_(batches))
        .group_by(link.c.batch)
    )
    counted = {row[0]: int(row[1]) for row in connection.execute(query)}
    return {batch: counted.get(batch, 0) for batch in batches}
