"""Slows down who guesses enrolment codes: by address, and all of them together.

An attempt is written down as a failure before the code is looked at; the one that succeeds takes
its own back. While somebody has to wait, nothing is looked at and nothing counted. With 300 free
failures for all and one a minute after that, 200 codes waiting at once are guessed within a day
with a probability of 0.4 %.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from survey.db import insert_new
from survey.devices.tables import enrolment_attempt

DAY = 24 * 3_600_000
FREE_ADDRESS = 10
"""An address may fail so often; then the wait doubles from a second to :data:`LONGEST`."""
FREE_ALL = 300
LONGEST = 60
"""Seconds."""


def keys_of(secret: str, address: str) -> dict[bytes, int]:
    """Return the keys that an attempt from an address counts under → how many failures are free."""
    names = {f"address {_neighbourhood(address)}": FREE_ADDRESS, "all": FREE_ALL}
    found = {
        hmac.new(secret.encode(), f"enrolment {name}".encode(), hashlib.sha256).digest(): free
        for name, free in names.items()
    }
    return dict(sorted(found.items()))  # the order in which rows are locked


def count(connection: Connection, keys: dict[bytes, int], *, at: int) -> int:
    """Write an attempt down as a failure; return the milliseconds to wait where it is too early."""
    rows = enrolment_attempt.c
    connection.execute(sa.delete(enrolment_attempt).where(rows.tried_at <= at - DAY))
    wait = 0
    for key, free in keys.items():
        new = {"key": key, "failures": 0, "tried_at": at}
        connection.execute(insert_new(connection.dialect.name, enrolment_attempt), new)
        query = sa.select(enrolment_attempt).where(rows.key == key).with_for_update()
        row = connection.execute(query).one()
        if row.failures >= free:
            seconds = min(LONGEST, 1 << min(row.failures - free, 20))
            wait = max(wait, row.tried_at + 1000 * seconds - at)
    if wait <= 0:
        _shift(connection, keys, 1, tried_at=at)
    return max(wait, 0)


def take_back(connection: Connection, keys: dict[bytes, int]) -> None:
    """Take back an attempt that succeeded; what failed before it stays counted."""
    _shift(connection, keys, -1)


def _shift(connection: Connection, keys: dict[bytes, int], step: int, **values: int) -> None:
    rows = enrolment_attempt.c
    query = sa.update(enrolment_attempt).where(rows.key.in_(list(keys)), rows.failures + step >= 0)
    connection.execute(query.values(failures=rows.failures + step, **values))


def _neighbourhood(address: str) -> str:
    """Return what one subscriber holds: an IPv4 address, or the /64 of an IPv6 one."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 4:
        return str(found)
    return str(ipaddress.ip_network((found, 64), strict=False))
