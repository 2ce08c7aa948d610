"""How the devices are, for staff: last contact, clock, queue, gaps, and what is odd."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from survey.devices import log, outages
from survey.devices.fleet import Device
from survey.devices.hours import Timetable, timetables
from survey.devices.tables import (
    device,
    device_item,
    device_mark,
    device_placement,
    device_rejected,
)

DAY = 24 * 3_600_000
CLOCK = 5 * 60_000
"""Milliseconds by which a clock may be off before the device is flagged."""
USUAL_DAYS = 28
TOLD_DAYS = 7
"""How long it is told that a device had been turned away."""

FLAGS: Final = (
    "not_enrolled",
    "revoked",
    "silent",
    "clock_off",
    "storage",
    "quarantine",
    "counter_twice",
    "gap",
    "turned_away",
)
"""What can be odd about a device, in the order in which it is told."""


class Seen(msgspec.Struct, frozen=True):
    """One device as staff see it.

    ``ratings_today`` came in the last 24 hours; ``ratings_usual`` is the mean of such days in the
    28 before. ``flags`` are some of ``FLAGS``; ``silent``: nothing was heard of it for a working
    day, by the hours of its point. ``missing`` are the gaps, first and last counter.
    ``turned_away``: in the last 7 days the server had refused what it sent.
    """

    device: Device
    point: str
    ratings_today: int
    ratings_usual: float
    n_rejected: int
    missing: list[tuple[int, int]]
    flags: tuple[str, ...]


def seen(connection: Connection, zone: dt.tzinfo, *, at: int) -> list[Seen]:
    """Return every device, by name; ``at`` is the present in UTC milliseconds.

    ``zone`` is the city's, in which the hours of points are.
    """
    rows = connection.execute(sa.select(device).order_by(device.c.name, device.c.id))
    return _seen(connection, [Device(**row._mapping) for row in rows], zone, at)


def seen_one(connection: Connection, found: Device, zone: dt.tzinfo, *, at: int) -> Seen:
    """Return one device as ``seen`` does."""
    return _seen(connection, [found], zone, at)[0]


def _seen(connection: Connection, found: list[Device], zone: dt.tzinfo, at: int) -> list[Seen]:
    points = _points(connection)
    today = _n_ratings(connection, at - DAY, at)
    before = _n_ratings(connection, at - (USUAL_DAYS + 1) * DAY, at - DAY)
    rejected = _counts(connection, device_rejected, device_rejected.c.closed_at.is_(None))
    twice = _counts(connection, device_mark, device_mark.c.code == log.COUNTER_TWICE)
    gaps, tables = _with_gaps(connection), timetables(connection)
    turned_away = outages.turned_away(connection, at - TOLD_DAYS * DAY)
    all_seen = []
    for each in found:
        point, n_rejected = points[each.id], rejected.get(each.id, 0)
        missing = log.counters(connection, each.id, each.through).missing if each.id in gaps else []
        is_silent = _is_silent(each, tables.get(point, Timetable()), zone, at)
        holds = {
            "not_enrolled": each.enrolled_at is None,
            "revoked": each.revoked_at is not None,
            "silent": is_silent,
            "clock_off": abs(each.clock_offset or 0) > CLOCK,
            "storage": each.storage == "tight",
            "quarantine": n_rejected > 0,
            "counter_twice": each.id in twice,
            "gap": bool(missing),
            "turned_away": each.id in turned_away,
        }
        all_seen.append(
            Seen(
                device=each,
                point=point,
                ratings_today=today.get(each.id, 0),
                ratings_usual=before.get(each.id, 0) / USUAL_DAYS,
                n_rejected=n_rejected,
                missing=missing,
                flags=tuple(flag for flag in FLAGS if holds[flag]),
            )
        )
    return all_seen


def _is_silent(found: Device, table: Timetable, zone: dt.tzinfo, at: int) -> bool:
    if found.enrolled_at is None or found.revoked_at is not None:
        return False
    last = max(found.seen_at or 0, found.enrolled_at)
    return table.open_days(zone, last, at) >= 1


def _points(connection: Connection) -> dict[uuid.UUID, str]:
    """Return where each device stands: the last of its places."""
    rows = device_placement.c
    query = sa.select(rows.device, rows.point).order_by(rows.device, rows.since)
    return {row.device: row.point for row in connection.execute(query)}


def _with_gaps(connection: Connection) -> set[uuid.UUID]:
    """Return the devices of which a counter is known beyond one that is missing."""
    beyond = sa.exists().where(
        device_item.c.device == device.c.id, device_item.c.counter > device.c.through
    )
    return set(connection.execute(sa.select(device.c.id).where(beyond)).scalars())


def _n_ratings(connection: Connection, first: int, last: int) -> dict[uuid.UUID, int]:
    rows = device_item.c
    # counted device by device, so that years of items are not gone through for some weeks
    number = (
        sa.select(sa.func.count())
        .where(
            rows.device == device.c.id,
            rows.received_at > first,
            rows.received_at <= last,
            rows.status == "accepted",
            rows.corrected_at.is_not(None),
        )
        .scalar_subquery()
    )
    return {row[0]: row[1] for row in connection.execute(sa.select(device.c.id, number))}


def _counts(
    connection: Connection, table: sa.Table, condition: sa.ColumnElement[bool]
) -> dict[uuid.UUID, int]:
    query = sa.select(table.c.device, sa.func.count()).where(condition).group_by(table.c.device)
    return {row[0]: row[1] for row in connection.execute(query)}
