"""A password that somebody typed: looked at unless it is too early to try again."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.engine import Engine

from survey.db import writing
from survey.staff import accounts, throttle
from survey.staff.throttle import Attempt


@dataclass(frozen=True)
class Proof:
    """What came of it. ``wait`` is in milliseconds; above 0 nothing was looked at."""

    attempt: Attempt
    is_right: bool
    wait: int

    @property
    def seconds(self) -> int:
        """Whole seconds to wait."""
        return -(-self.wait // 1000)


def look(engine: Engine, secret: str, *, name: str, password: str, address: str, at: int) -> Proof:
    """Look at a password, typed for an account's name at an address (the peer's, nothing claimed).

    The attempt stays a failure until the caller says :func:`survey.staff.throttle.succeed`.
    Takes the same time for a wrong password as for a name that nobody has.
    """
    attempt = Attempt.of(secret, name, address)
    with writing(engine) as connection:
        wait = throttle.count(connection, attempt, at=at)
        stored = accounts.stored_hash(connection, name, at=at)
    if wait:
        return Proof(attempt, False, wait)
    # outside a transaction: the hash takes its time, and others write meanwhile
    return Proof(attempt, accounts.matches(stored, password), 0)
