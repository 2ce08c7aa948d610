"""Who is signed in: a row a session, found by the hash of the token in the cookie."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from survey.settings import Settings
from survey.staff.roles import Role
from survey.staff.tables import account, staff_session

TOUCH_MILLISECONDS = 60_000
"""A session's last use is written down at most this often: reading pages does not mean writing."""


@dataclass(frozen=True)
class Limits:
    """Milliseconds without a request, and in all, after which a session is over."""

    idle: int
    absolute: int

    @classmethod
    def of(cls, settings: Settings) -> Limits:
        """Return the limits that a deployment has set."""
        return cls(settings.idle_minutes * 60_000, settings.session_hours * 3_600_000)


@dataclass(frozen=True)
class Signed:
    """An open session and its account as it is now; ``must_change``: the password is one-time."""

    digest: bytes
    name: str
    role: Role
    unit: str | None
    must_change: bool
    seen_at: int

    def is_stale(self, at: int) -> bool:
        """Tell whether the last use should be written down anew."""
        return at - self.seen_at >= TOUCH_MILLISECONDS


def begin(connection: Connection, name: str, *, at: int, limits: Limits) -> str:
    """Open a session for an account that proved itself; return its token (256 bits).

    Sessions of anybody that are over are deleted on the way.
    """
    connection.execute(sa.delete(staff_session).where(sa.not_(_open(at, limits))))
    token = secrets.token_urlsafe(32)
    row = {"digest": _digest(token), "account": name, "started_at": at, "seen_at": at}
    connection.execute(sa.insert(staff_session), row)
    return token


def find(connection: Connection, token: str, *, at: int, limits: Limits) -> Signed | None:
    """Return the open session with that token; None where it is over or the account disabled."""
    query = (
        sa.select(staff_session.c.digest, staff_session.c.seen_at, account)
        .join(account, account.c.name == staff_session.c.account)
        .where(
            staff_session.c.digest == _digest(token),
            account.c.disabled_at.is_(None),
            _open(at, limits),
        )
    )
    row = connection.execute(query).first()
    if row is None:
        return None
    return Signed(
        row.digest,
        row.name,
        Role(row.role),
        row.unit,
        row.one_time_until is not None,
        row.seen_at,
    )


def touch(connection: Connection, digest: bytes, *, at: int) -> None:
    """Write down that a session is in use."""
    query = sa.update(staff_session).where(staff_session.c.digest == digest)
    connection.execute(query.values(seen_at=at))


def end(connection: Connection, token: str) -> None:
    """End one session; one that is not there has ended already."""
    connection.execute(sa.delete(staff_session).where(staff_session.c.digest == _digest(token)))


def end_all(connection: Connection, name: str) -> None:
    """End every session of an account: its password, role or unit has changed."""
    connection.execute(sa.delete(staff_session).where(staff_session.c.account == name))


def _open(at: int, limits: Limits) -> sa.ColumnElement[bool]:
    return sa.and_(
        staff_session.c.seen_at > at - limits.idle,
        staff_session.c.started_at > at - limits.absolute,
    )


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
