"""Slows down who guesses enrolment codes: by address, and all together (``survey.throttle``).

With 300 free failures for all and one a minute after that, 200 codes waiting at once are guessed
within a day with a probability of 0.4 %.
"""

from __future__ import annotations

from sqlalchemy.engine import Connection

from survey import throttle
from survey.devices.tables import enrolment_attempt
from survey.throttle import Back, keyed, neighbourhood

ADDRESS = Back(free=10, longest=60)
ALL = Back(free=300, longest=60)


def backs_of(secret: str, address: str) -> dict[bytes, Back]:
    """Return the keys that an attempt from an address counts under, with their back-off."""
    return {
        keyed(secret, f"enrolment address {neighbourhood(address)}"): ADDRESS,
        keyed(secret, "enrolment all"): ALL,
    }


def count(connection: Connection, backs: dict[bytes, Back], *, at: int) -> int:
    """Write an attempt down as a failure; return the milliseconds to wait where it is too early."""
    return throttle.count(connection, enrolment_attempt, backs, at=at)


def take_back(connection: Connection, backs: dict[bytes, Back]) -> None:
    """Take back an attempt that succeeded; what failed before it stays counted."""
    throttle.shift(connection, enrolment_attempt, backs, -1)
