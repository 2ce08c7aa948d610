"""Slows down guessing, over every process: failures are counted by key, and the wait grows.

An attempt is written down as a failure before its secret is looked at, so that many at a time
count as many; the one that succeeds takes its own back. While somebody has to wait, nothing is
looked at and nothing counted. Only keyed hashes of names and addresses are kept, for a day.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from survey.db import insert_new, metadata

DAY = 24 * 3_600_000


@dataclass(frozen=True)
class Back:
    """Back-off: as many failures are free; then the wait doubles from a second to the longest."""

    free: int
    longest: int
    """Seconds."""

    def wait(self, failures: int) -> int:
        """Return how many milliseconds must lie between the last failure and the next attempt."""
        if failures < self.free:
            return 0
        # the exponent is bounded so that a day of failures makes no number without end
        return 1000 * min(self.longest, 1 << min(failures - self.free, 20))


def attempts_table(name: str) -> sa.Table:
    """Return a table of attempts: ``key`` is a keyed hash of what failed, ``tried_at`` in ms."""
    return sa.Table(
        name,
        metadata,
        sa.Column("key", sa.LargeBinary(32), primary_key=True),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("tried_at", sa.BigInteger, nullable=False, index=True),
    )


def keyed(secret: str, text: str) -> bytes:
    """Return the key that a name or an address counts under; the text itself is not kept."""
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()


def count(connection: Connection, table: sa.Table, backs: Mapping[bytes, Back], *, at: int) -> int:
    """Write an attempt down as a failure; return the milliseconds to wait where it is too early.

    ``backs`` are the keys that it counts under. The caller looks at the secret only after a 0,
    and in no transaction of this one. What was last tried a day ago is forgotten.
    """
    connection.execute(sa.delete(table).where(table.c.tried_at <= at - DAY))
    wait = 0
    for key in sorted(backs):  # the order in which everybody locks rows
        row = _locked(connection, table, key, at)
        pause = backs[key].wait(row.failures)
        wait = max(wait, row.tried_at + pause - at) if pause else wait
    if wait == 0:
        shift(connection, table, backs, 1, tried_at=at)
    return wait


def shift(
    connection: Connection, table: sa.Table, keys: Iterable[bytes], step: int, **values: int
) -> None:
    """Add to the failures of keys; none goes below 0."""
    failures = table.c.failures
    query = sa.update(table).where(table.c.key.in_(list(keys)), failures + step >= 0)
    connection.execute(query.values(failures=failures + step, **values))


def _locked(
    connection: Connection, table: sa.Table, key: bytes, at: int
) -> sa.Row[tuple[object, ...]]:
    """Return a key's row, made if need be; nobody else changes it until the transaction ends."""
    new = {"key": key, "failures": 0, "tried_at": at}
    connection.execute(insert_new(connection.dialect.name, table), new)
    return connection.execute(sa.select(table).where(table.c.key == key).with_for_update()).one()


def neighbourhood(address: str) -> str:
    """Return what one subscriber holds: an IPv4 address, or the /64 of an IPv6 one.

    >>> neighbourhood("192.0.2.7"), neighbourhood("2001:db8::7"), neighbourhood("unix:")
    ('192.0.2.7', '2001:db8::/64', 'unix:')
    """
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 4:
        return str(found)
    return str(ipaddress.ip_network((found, 64), strict=False))
