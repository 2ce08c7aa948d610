"""The log of what staff did and of who read which text; rows are added, never changed."""

from __future__ import annotations

import time

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from survey.staff import tables

COMMAND_LINE = "(command line)"
"""Who did what was done by a ``flask`` command; no account can have that name."""


def now_milliseconds() -> int:
    """Return the present as UTC milliseconds since 1970."""
    return time.time_ns() // 1_000_000


def record(
    connection: Connection,
    *,
    by: str,
    deed: str,
    unit: str | None = None,
    subject: str = "",
    detail: str = "",
    at: int,
) -> None:
    """Write down a deed in the transaction that does it: both are there, or neither.

    ``by`` is the account's name, ``deed`` a noun and a verb (``comment.read``), ``unit`` the code
    of the unit that it concerns, ``subject`` what it was done to; ``at`` in UTC milliseconds.
    Neither holds what a citizen wrote, nor a password.
    """
    row = {
        "at": at,
        "account": by,
        "deed": deed,
        "unit": unit,
        "subject": subject,
        "detail": detail,
    }
    connection.execute(sa.insert(tables.deed), row)
