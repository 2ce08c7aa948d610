"""How the devices are, for staff: last contact, clock, queue, gaps, and what is odd."""

from __future__ import annotations

import uuid

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from survey.devices import log
from survey.devices.fleet import Device, placements
from survey.devices.tables import device, device_item, device_mark, device_rejected

DAY = 24 * 3_600_000
SILENT = DAY
"""Milliseconds without contact after which a device is flagged."""
CLOCK = 5 * 60_000
"""Milliseconds by which a clock may be off before the device is flagged."""
USUAL_DAYS = 28


class Seen(msgspec.Struct, frozen=True):
    """One device as staff see it.

    ``ratings_today`` came in the last 24 hours; ``ratings_usual`` is the mean of such days in the
    28 before. ``flags`` are ``not_enrolled``, ``revoked``, ``silent``, ``clock_off``, ``storage``,
    ``quarantine``, ``counter_twice`` and ``gap``; ``missing`` are the gaps, first and last counter.
    """

    device: Device
    point: str
    ratings_today: int
    ratings_usual: float
    n_rejected: int
    missing: list[tuple[int, int]]
    flags: tuple[str, ...]


def seen(connection: Connection, *, at: int) -> list[Seen]:
    """Return every device, by name; ``at`` is the present in UTC milliseconds."""
    rows = connection.execute(sa.select(device).order_by(device.c.name, device.c.id))
    found = [Device(**row._mapping) for row in rows]
    today = _n_ratings(connection, at - DAY, at)
    before = _n_ratings(connection, at - (USUAL_DAYS + 1) * DAY, at - DAY)
    rejected = _counts(connection, device_rejected, device_rejected.c.closed_at.is_(None))
    twice = _counts(connection, device_mark, device_mark.c.code == log.COUNTER_TWICE)
    all_seen = []
    for each in found:
        missing = log.missing(connection, each.id, each.through)
        n_rejected = rejected.get(each.id, 0)
        all_seen.append(
            Seen(
                device=each,
                point=placements(connection, each.id)[-1].point,
                ratings_today=today.get(each.id, 0),
                ratings_usual=before.get(each.id, 0) / USUAL_DAYS,
                n_rejected=n_rejected,
                missing=missing,
                flags=_flags(each, at, n_rejected, each.id in twice, bool(missing)),
            )
        )
    return all_seen


def _flags(
    found: Device, at: int, n_rejected: int, is_twice: bool, has_gap: bool
) -> tuple[str, ...]:
    is_live = found.enrolled_at is not None and found.revoked_at is None
    last = max(found.seen_at or 0, found.enrolled_at or 0)
    holds = {
        "not_enrolled": found.enrolled_at is None,
        "revoked": found.revoked_at is not None,
        "silent": is_live and at - last > SILENT,
        "clock_off": abs(found.clock_offset or 0) > CLOCK,
        "storage": found.storage == "tight",
        "quarantine": n_rejected > 0,
        "counter_twice": is_twice,
        "gap": has_gap,
    }
    return tuple(flag for flag, is_so in holds.items() if is_so)


def _n_ratings(connection: Connection, first: int, last: int) -> dict[uuid.UUID, int]:
    rows = device_item.c
    is_rating = sa.and_(
        rows.status == "accepted",
        rows.corrected_at.is_not(None),
        rows.received_at > first,
        rows.received_at <= last,
    )
    return _counts(connection, device_item, is_rating)


def _counts(
    connection: Connection, table: sa.Table, condition: sa.ColumnElement[bool]
) -> dict[uuid.UUID, int]:
    query = sa.select(table.c.device, sa.func.count()).where(condition).group_by(table.c.device)
    return {row[0]: row[1] for row in connection.execute(query)}
