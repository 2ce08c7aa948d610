"""One transaction around ``accept``, repeated where two writers met on the same id."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from survey.db import writing
from survey.intake.accept import Item, accept
from survey.intake.check import Outcome
from survey.register.snapshot import Register

Result = TypeVar("Result")

_TRIES = 5
_DEADLOCK = "40P01"


def deliver(
    engine: Engine,
    register: Register,
    items: Sequence[Item],
    *,
    received_at: int,
    batch: uuid.UUID | None = None,
) -> list[Outcome]:
    """Take items in and commit; what is acknowledged is on disk.

    Raises survey.db.Busy where SQLite's write lock stays taken: nothing was written.
    """

    def take(connection: Connection) -> list[Outcome]:
        return accept(connection, register, items, received_at=received_at, batch=batch)

    return committed(engine, take)


def committed(engine: Engine, work: Callable[[Connection], Result]) -> Result:
    """Do work in a transaction of its own and commit; again where two writers met.

    Raises survey.db.Busy as :func:`deliver` does.
    """
    for tries_left in reversed(range(_TRIES)):
        try:
            with writing(engine) as connection:
                return work(connection)
        except sa.exc.DBAPIError as error:
            if not tries_left or not _met_another(error):
                raise
    raise AssertionError


def _met_another(error: sa.exc.DBAPIError) -> bool:
    """Tell whether somebody else committed the same id, or waits for us as we for them."""
    return (
        isinstance(error, sa.exc.IntegrityError)
        or getattr(error.orig, "sqlstate", None) == _DEADLOCK
    )
