"""What devices sent, by counter: seen or not, gaps, marks and the quarantine."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from itertools import pairwise
from operator import itemgetter
from typing import Literal

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from survey.db import execute_many, insert_all, insert_new
from survey.devices.tables import device_item, device_mark, device_rejected

COOL_DOWN = "cool_down"
COUNTER_TWICE = "counter_twice"

COOL_DOWN_SECONDS = 15
"""Two ratings on one device within so many seconds: the later one is marked."""

Status = Literal["accepted", "already", "set_aside", "rejected"]

_SHOWN_GAPS = 100

_rows, _own = device_item.c, device_item.c.device == sa.bindparam("own")
_first: sa.BindParameter[int] = sa.bindparam("first")
_last: sa.BindParameter[int] = sa.bindparam("last")
_below = sa.select(sa.func.max(_rows.counter)).where(_own, _rows.counter < _first)
_above = sa.select(sa.func.min(_rows.counter)).where(_own, _rows.counter > _last)
_BETWEEN = (
    sa.select(device_item)
    .where(
        _own,
        _rows.counter >= sa.func.coalesce(_below.scalar_subquery(), _first),
        _rows.counter <= sa.func.coalesce(_above.scalar_subquery(), _last),
    )
    .order_by(_rows.counter, _rows.received_at)
)
_LATER = (
    sa.select(_rows.counter)
    .where(_own, _rows.counter > sa.bindparam("known"))
    .distinct()
    .order_by(_rows.counter)
)


class Logged(msgspec.Struct, frozen=True):
    """A row of ``device_item``, its columns in order; see there."""

    device: uuid.UUID
    counter: int
    digest: bytes
    item: uuid.UUID
    signature: bytes
    dossier: bytes | None
    status: Status
    code: str
    answered_at: int | None
    corrected_at: int | None
    floor_at: int
    clock_offset: int
    received_at: int


class Mark(msgspec.Struct, frozen=True):
    """A row of ``device_mark``, its columns in order."""

    device: uuid.UUID
    item: uuid.UUID
    code: str
    counter: int
    at: int


class Rejected(msgspec.Struct, frozen=True):
    """A row of ``device_rejected``, its columns in order."""

    device: uuid.UUID
    digest: bytes
    counter: int | None
    code: str
    detail: str
    document: str
    at: int
    closed_at: int | None = None


def logged(connection: Connection, device_id: uuid.UUID, counters: Iterable[int]) -> list[Logged]:
    """Return what a device sent between the smallest and the greatest of some counters.

    The next smaller and the next greater one that are there are returned too, so that times can be
    compared; by counter.
    """
    wanted = set(counters)
    if not wanted:
        return []
    between = {"own": device_id, "first": min(wanted), "last": max(wanted)}
    return [_logged(row) for row in connection.execute(_BETWEEN, between)]


def _logged(row: sa.Row[tuple[object, ...]]) -> Logged:
    values = dict(row._mapping)
    values |= {name: bytes(values[name]) for name in ("digest", "signature")}
    return Logged(**values)


def append(connection: Connection, items: Sequence[Logged], marks: Sequence[Mark]) -> None:
    """Add what a batch brought; a mark that is there already is no second one."""
    execute_many(connection, insert_all(device_item), [msgspec.structs.astuple(i) for i in items])
    insert = insert_new(connection.dialect.name, device_mark)
    execute_many(connection, insert, [msgspec.structs.astuple(mark) for mark in marks])


def append_rejected(connection: Connection, items: Sequence[Rejected]) -> None:
    """Put items into the quarantine; one that is there already is no second one."""
    insert = insert_new(connection.dialect.name, device_rejected)
    execute_many(connection, insert, [msgspec.structs.astuple(item) for item in items])


class Counters(msgspec.Struct, frozen=True):
    """Which counters of a device came.

    ``through`` is the last one up to which none is missing, ``highest`` the greatest that is known;
    ``missing`` are the first and last counter of each gap between, at most 100 gaps.
    """

    through: int
    highest: int
    missing: list[tuple[int, int]]


def counters(connection: Connection, device_id: uuid.UUID, known: int) -> Counters:
    """Return which counters came; none is missing up to ``known``."""
    later = connection.execute(_LATER, {"own": device_id, "known": known}).scalars()
    through, highest, missing = known, known, []
    for counter in later:
        if counter != highest + 1:
            missing.append((highest + 1, counter - 1))
        elif not missing:
            through = counter
        highest = counter
    return Counters(through, highest, missing[:_SHOWN_GAPS])


def hasty(items: Iterable[Logged]) -> list[Logged]:
    """Return the ratings that came within the cool-down after another of the same device.

    Device times are compared, which no offset moves.
    """
    timed = [
        (each.answered_at, each.counter, each) for each in items if each.answered_at is not None
    ]
    timed.sort(key=itemgetter(0, 1))
    return [
        later[2]
        for earlier, later in pairwise(timed)
        if later[0] - earlier[0] < COOL_DOWN_SECONDS and later[2].item != earlier[2].item
    ]


def corrected_at(connection: Connection, item: uuid.UUID) -> int | None:
    """Return the corrected instant (UTC seconds) of a rating that a device sent, else None."""
    rows = device_item.c
    query = sa.select(rows.corrected_at).where(rows.item == item, rows.corrected_at.is_not(None))
    return connection.execute(query.order_by(rows.received_at).limit(1)).scalar()


def open_rejected(connection: Connection, device_id: uuid.UUID) -> list[Rejected]:
    """Return what is in a device's quarantine, the oldest first."""
    rows = device_rejected.c
    query = (
        sa.select(device_rejected)
        .where(rows.device == device_id, rows.closed_at.is_(None))
        .order_by(rows.at, rows.counter)
    )
    found = [dict(row._mapping) for row in connection.execute(query)]
    return [Rejected(**values | {"digest": bytes(values["digest"])}) for values in found]


def close_rejected(connection: Connection, device_id: uuid.UUID, digest: bytes, *, at: int) -> bool:
    """Let an item of the quarantine be done with; tell whether it was open."""
    rows = device_rejected.c
    query = sa.update(device_rejected).where(
        rows.device == device_id, rows.digest == digest, rows.closed_at.is_(None)
    )
    return connection.execute(query.values(closed_at=at)).rowcount == 1


def find_rejected(connection: Connection, device_id: uuid.UUID, digest: bytes) -> Rejected | None:
    """Return an item that was rejected, done with or not."""
    rows = device_rejected.c
    query = sa.select(device_rejected).where(rows.device == device_id, rows.digest == digest)
    row = connection.execute(query).first()
    if row is None:
        return None
    return Rejected(**dict(row._mapping) | {"digest": bytes(row.digest)})


def mark_counts(connection: Connection, device_id: uuid.UUID) -> dict[str, int]:
    """Return how many ratings of a device have each mark, the most frequent first."""
    rows = device_mark.c
    query = (
        sa.select(rows.code, sa.func.count())
        .where(rows.device == device_id)
        .group_by(rows.code)
        .order_by(sa.func.count().desc(), rows.code)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def outcome_counts(connection: Connection, device_id: uuid.UUID) -> dict[tuple[str, str], int]:
    """Return how many items of a device had each outcome: (status, code) → number."""
    rows = device_item.c
    query = (
        sa.select(rows.status, rows.code, sa.func.count())
        .where(rows.device == device_id)
        .group_by(rows.status, rows.code)
        .order_by(rows.status, rows.code)
    )
    return {(row[0], row[1]): row[2] for row in connection.execute(query)}
