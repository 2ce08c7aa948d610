"""The log of what staff did and of who read which text; rows are added, never changed."""

from __future__ import annotations

import time
from dataclasses import dataclass

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


@dataclass(frozen=True)
class Deed:
    """One row of the log; ``at`` in UTC milliseconds."""

    id: int
    at: int
    account: str
    deed: str
    unit: str | None
    subject: str
    detail: str


@dataclass(frozen=True)
class Wanted:
    """Which deeds to show: each that is empty or None leaves all; ``until`` is not included."""

    account: str = ""
    deed: str = ""
    unit: str = ""
    since: int | None = None
    until: int | None = None


def newest(
    connection: Connection, wanted: Wanted, *, before: int | None = None, most: int = 50
) -> list[Deed]:
    """Return the newest deeds, newest first; ``before`` is the id of the last one seen."""
    rows = tables.deed.c
    asked = (
        (rows.account.__eq__, wanted.account or None),
        (rows.deed.__eq__, wanted.deed or None),
        (rows.unit.__eq__, wanted.unit or None),
        (rows.at.__ge__, wanted.since),
        (rows.at.__lt__, wanted.until),
        (rows.id.__lt__, before),
    )
    query = sa.select(tables.deed).order_by(rows.id.desc()).limit(most)
    query = query.where(*(holds(value) for holds, value in asked if value is not None))
    return [Deed(**row._mapping) for row in connection.execute(query)]
