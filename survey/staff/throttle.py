"""Slows down who guesses passwords: by account, and by address (``survey.throttle``)."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from survey import throttle
from survey.staff.tables import sign_in_attempt
from survey.throttle import Back, keyed, neighbourhood

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
            keyed(secret, f"sign-in account {name}"),
            keyed(secret, f"sign-in address {neighbourhood(address)}"),
        )


def count(connection: Connection, attempt: Attempt, *, at: int) -> int:
    """Write an attempt down as a failure; return the milliseconds to wait where it is too early."""
    backs = {attempt.account: ACCOUNT, attempt.address: ADDRESS}
    return throttle.count(connection, sign_in_attempt, backs, at=at)


def succeed(connection: Connection, attempt: Attempt) -> int:
    """Take back an attempt that succeeded; return how often the account had failed before it.

    The address keeps its failures: else an own account would buy new attempts at others'.
    """
    rows = sign_in_attempt.c
    query = sa.delete(sign_in_attempt).where(rows.key == attempt.account)
    failures = connection.execute(query.returning(rows.failures)).scalar() or 1
    throttle.shift(connection, sign_in_attempt, [attempt.address], -1)
    return failures - 1
