"""Slows down who guesses passwords: by account, and by address, over every process.

An attempt is written down as a failure before the password is looked at, so that many at a time
count as many; the one that succeeds takes its own back. While somebody has to wait, nothing is
looked at and nothing counted. Only keyed hashes of names and addresses are kept, for a day.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from survey.db import insert_new
from survey.staff.tables import sign_in_attempt

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


ACCOUNT = Back(free=5, longest=900)
ADDRESS = Back(free=30, longest=120)
"""A whole office sits behind one address: it has more attempts, and waits less long."""


@dataclass(frozen=True)
class Attempt:
    """The keys under which one attempt counts."""

    account: bytes
    address: bytes

    @classmethod
    def of(cls, secret: str, name: str, address: str) -> Attempt:
        """Return the keys of a name and of the address that the request came from."""
        return cls(
            _key(secret, f"account {name}"), _key(secret, f"address {_neighbourhood(address)}")
        )

    def rules(self) -> list[tuple[bytes, Back]]:
        """The keys with their back-off, in the order in which rows are locked."""
        return sorted([(self.account, ACCOUNT), (self.address, ADDRESS)], key=lambda each: each[0])


def count(connection: Connection, attempt: Attempt, *, at: int) -> int:
    """Write an attempt down as a failure; return the milliseconds to wait where it is too early.

    The caller looks at the password only after a 0, and in no transaction of this one.
    """
    forget(connection, at=at)
    wait = 0
    for key, back in attempt.rules():
        row = _locked(connection, key, at)
        wait = max(wait, row.tried_at + back.wait(row.failures) - at)
    if wait <= 0:
        rows = sign_in_attempt.c
        query = sa.update(sign_in_attempt).where(rows.key.in_([attempt.account, attempt.address]))
        connection.execute(query.values(failures=rows.failures + 1, tried_at=at))
    return max(wait, 0)


def succeed(connection: Connection, attempt: Attempt) -> int:
    """Take back an attempt that succeeded; return how often the account had failed before it.

    The address keeps its failures: else an own account would buy new attempts at others'.
    """
    rows = sign_in_attempt.c
    query = sa.delete(sign_in_attempt).where(rows.key == attempt.account)
    failures = connection.execute(query.returning(rows.failures)).scalar() or 1
    lower = sa.update(sign_in_attempt).where(rows.key == attempt.address, rows.failures > 0)
    connection.execute(lower.values(failures=rows.failures - 1))
    return failures - 1


def forget(connection: Connection, *, at: int) -> None:
    """Delete what was last tried a day ago."""
    connection.execute(sa.delete(sign_in_attempt).where(sign_in_attempt.c.tried_at <= at - DAY))


def _locked(connection: Connection, key: bytes, at: int) -> sa.Row[tuple[object, ...]]:
    """Return a key's row, made if need be; nobody else changes it until the transaction ends."""
    new = {"key": key, "failures": 0, "tried_at": at}
    connection.execute(insert_new(connection.dialect.name, sign_in_attempt), new)
    query = sa.select(sign_in_attempt).where(sign_in_attempt.c.key == key).with_for_update()
    return connection.execute(query).one()


def _key(secret: str, text: str) -> bytes:
    return hmac.new(secret.encode(), f"sign-in {text}".encode(), hashlib.sha256).digest()


def _neighbourhood(address: str) -> str:
    """Return what one subscriber holds: an IPv4 address, or the /64 of an IPv6 one.

    >>> _neighbourhood("192.0.2.7"), _neighbourhood("2001:db8::7"), _neighbourhood("unix:")
    ('192.0.2.7', '2001:db8::/64', 'unix:')
    """
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 4:
        return str(found)
    return str(ipaddress.ip_network((found, 64), strict=False))
