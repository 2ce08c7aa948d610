"""What the tests of the devices' door ask the database and the answers."""

from __future__ import annotations

import hashlib
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from survey.db import reading
from survey.devices.tables import device_mark
from survey.devices.watch import seen
from survey.intake.accept import now_milliseconds
from survey.register.snapshot import load
from survey.tally.recount import differences
from survey.tally.tables import tally


def rows(engine: Engine, table: sa.Table) -> list[Any]:
    """Return every row of a table."""
    with reading(engine) as connection:
        return list(connection.execute(sa.select(table)).all())


def series(engine: Engine) -> dict[str, int]:
    """Return how many ratings count, by series, and hold the tally against the ledger."""
    with reading(engine) as connection:
        assert differences(connection) == []
        query = sa.select(tally.c.series, sa.func.sum(tally.c.counting)).where(
            tally.c.unit_role == "receiving"
        )
        return {name: int(n) for name, n in connection.execute(query.group_by(tally.c.series))}


def marks(engine: Engine) -> list[tuple[int, str]]:
    """Return every mark as counter and code."""
    return sorted((row.counter, row.code) for row in rows(engine, device_mark))


def flags(engine: Engine, after: int = 0) -> tuple[str, ...]:
    """Return what staff see to be odd about the only device, now or so many seconds later."""
    at = now_milliseconds() + after * 1000
    with reading(engine) as connection:
        return seen(connection, load(connection).city.zone, at=at)[0].flags


def code_of(answer: Any) -> tuple[int, str]:
    """Return status and code of problem details, which tell the server's time too."""
    assert answer.mimetype == "application/problem+json"
    assert int(answer.headers["Server-Time"])
    return answer.status_code, answer.json["code"]


def digest(salt: bytes, text: str) -> str:
    """Return a salted commitment in hexadecimal."""
    return hashlib.sha256(salt + text.encode()).hexdigest()
