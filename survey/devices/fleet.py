"""The devices themselves: made, placed, moved, revoked, locked while they send."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from survey.devices.tables import device, device_placement
from survey.register.snapshot import Register

KINDS: Final = ("kiosk", "tablet")
HOLDERS: Final = {"kiosk": "citizen", "tablet": "staff"}
"""Whose hands a device is in follows from its kind alone: a staffed tablet is handed over."""

MAX_NAME = 80

_FOUND = sa.select(device).where(device.c.id == sa.bindparam("own"))
_LOCKED = _FOUND.with_for_update()
_PLACED = (
    sa.select(device_placement.c.since, device_placement.c.point)
    .where(device_placement.c.device == sa.bindparam("own"))
    .order_by(device_placement.c.since)
)


class DeviceError(ValueError):
    """What was asked cannot be done; ``code`` is stable, the message says what to do."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


class Device(msgspec.Struct, frozen=True):
    """A row of ``device``; see there."""

    id: uuid.UUID
    kind: str
    name: str
    created_at: int
    public_key: str | None
    enrolled_at: int | None
    revoked_at: int | None
    through: int
    seen_at: int | None
    sent_at: int | None
    clock_offset: int | None
    queue: int | None
    version: str
    storage: str

    @property
    def holder(self) -> str:
        """Who holds it."""
        return HOLDERS[self.kind]


class Placement(msgspec.Struct, frozen=True):
    """A reception point's code, and since when (UTC milliseconds) the device stands there."""

    since: int
    point: str


def create_device(
    connection: Connection,
    register: Register,
    *,
    kind: str,
    point: str,
    name: str,
    at: int,
    new_id: uuid.UUID | None = None,
    since: int | None = None,
) -> uuid.UUID:
    """Make a device for a reception point, where it stands since now or since an earlier time.

    It still has to be enrolled. Whoever chose ``new_id`` beforehand makes one device, however often
    the form is sent. Raises DeviceError with ``kind``, ``name``, ``point`` or ``there`` (a device
    has that id already).
    """
    if kind not in KINDS:
        raise DeviceError("kind", f"A device is one of {', '.join(KINDS)}, not {kind}.")
    if not 1 <= len(name.strip()) <= MAX_NAME:
        raise DeviceError("name", f"Give the device a name of at most {MAX_NAME} characters.")
    _check_point(register, point, at)
    new = new_id or uuid.uuid4()
    if find(connection, new) is not None:
        raise DeviceError("there", f"There is a device {new} already.")
    stood_at = at if since is None else since
    row = {
        "id": new,
        "kind": kind,
        "name": name.strip(),
        "created_at": stood_at,
        "through": 0,
        "version": "",
        "storage": "unknown",
    }
    connection.execute(sa.insert(device), row)
    placed = {"device": new, "since": stood_at, "point": point}
    connection.execute(sa.insert(device_placement), placed)
    return new


def move(
    connection: Connection, register: Register, device_id: uuid.UUID, point: str, *, at: int
) -> None:
    """Let a device stand at another point from now on; its old ratings stay where they were.

    Raises DeviceError with ``device_unknown``, ``revoked``, ``point`` or ``placed`` (it stands
    there already).
    """
    found = locked(connection, device_id)
    if found.revoked_at is not None:
        raise DeviceError("revoked", f"Device {device_id} is revoked.")
    _check_point(register, point, at)
    last = placements(connection, device_id)[-1]
    if last.point == point:
        raise DeviceError("placed", f"Device {device_id} stands at {point} already.")
    row = {"device": device_id, "since": max(at, last.since + 1), "point": point}
    connection.execute(sa.insert(device_placement), row)


def revoke(connection: Connection, device_id: uuid.UUID, *, at: int) -> None:
    """Trust a device no longer, for good; raises DeviceError (``device_unknown``, ``revoked``)."""
    if locked(connection, device_id).revoked_at is not None:
        raise DeviceError("revoked", f"Device {device_id} is revoked already.")
    change(connection, device_id, revoked_at=at)


def find(connection: Connection, device_id: uuid.UUID) -> Device | None:
    """Return a device, or None."""
    row = connection.execute(_FOUND, {"own": device_id}).first()
    return Device(**row._mapping) if row is not None else None


def locked(connection: Connection, device_id: uuid.UUID) -> Device:
    """Return a device; nobody else sends for it or changes it until the transaction ends.

    Raises DeviceError (``device_unknown``).
    """
    row = connection.execute(_LOCKED, {"own": device_id}).first()
    if row is None:
        raise DeviceError("device_unknown", f"There is no device {device_id}.")
    return Device(**row._mapping)


def change(connection: Connection, device_id: uuid.UUID, **values: Any) -> None:
    """Change columns of a device."""
    connection.execute(sa.update(device).where(device.c.id == device_id).values(**values))


def placements(connection: Connection, device_id: uuid.UUID) -> list[Placement]:
    """Return where a device stood, the first place first."""
    return [Placement(*row) for row in connection.execute(_PLACED, {"own": device_id})]


def place_at(places: Sequence[Placement], at: int) -> str:
    """Return the code of the point where a device stood at a time (UTC milliseconds).

    Before the first placement it is the first one's: the device was not there yet.
    """
    for place in reversed(places):
        if place.since <= at:
            return place.point
    return places[0].point


def _check_point(register: Register, code: str, at: int) -> None:
    point = register.points.get(code)
    today = dt.datetime.fromtimestamp(at / 1000, register.city.zone).date()
    if point is None or not point.in_force(today):
        raise DeviceError("point", f"There is no reception point {code} in force today.")
