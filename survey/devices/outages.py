"""When devices could not hand in what they had: each tells it with the next batch that is taken.

While the server cannot write, it cannot write that down either; the devices are its witnesses.
"""

from __future__ import annotations

import uuid
from typing import Annotated

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from survey.db import insert_new
from survey.devices.fleet import Device
from survey.devices.tables import device_outage

OFFLINE = "offline"
BY_ITSELF = (OFFLINE, "busy", "too_many")
"""Codes of what passes without anybody's help: no answer came, or "come again later"."""

_SHOWN = 20


class Outage(msgspec.Struct, frozen=True):
    """What a device tells: since when (UTC milliseconds, its own clock), and how often it tried.

    ``code`` is the last answer's, or ``offline`` where none ever came.
    """

    since: Annotated[int, msgspec.Meta(ge=0, lt=2**53)]
    times: Annotated[int, msgspec.Meta(ge=1, lt=2**53)]
    code: Annotated[str, msgspec.Meta(pattern="^[a-z0-9_]{1,40}$")]


class Ended(msgspec.Struct, frozen=True):
    """An outage that is over; times are UTC milliseconds of the server."""

    began_at: int
    ended_at: int
    times: int
    code: str


def note(
    connection: Connection, device: Device, outage: Outage, *, sent_at: int, received_at: int
) -> None:
    """Write an outage down that a batch ends; one that is there already is no second one.

    ``sent_at`` is the device's clock, which the length is measured by; it is never longer than
    the device has its key.
    """
    longest = received_at - (device.enrolled_at or received_at)
    row = {
        "device": device.id,
        "since": outage.since,
        "ended_at": received_at,
        "lasted": max(0, min(sent_at - outage.since, longest)),
        "times": outage.times,
        "code": outage.code,
    }
    connection.execute(insert_new(connection.dialect.name, device_outage), row)


def last_ended(connection: Connection, device_id: uuid.UUID) -> list[Ended]:
    """Return the last outages of a device, the latest first, at most 20."""
    rows = device_outage.c
    query = (
        sa.select(rows.ended_at - rows.lasted, rows.ended_at, rows.times, rows.code)
        .where(rows.device == device_id)
        .order_by(rows.ended_at.desc())
        .limit(_SHOWN)
    )
    return [Ended(*row) for row in connection.execute(query)]


def turned_away(connection: Connection, since: int) -> set[uuid.UUID]:
    """Return the devices that the server turned away, not just put off, until after a time."""
    rows = device_outage.c
    query = sa.select(rows.device).where(rows.ended_at > since, rows.code.not_in(BY_ITSELF))
    return set(connection.execute(query).scalars())
