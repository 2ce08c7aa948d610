"""One transaction around ``accept``, repeated where two writers met on the same id."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from survey.db import writing
from survey.intake.accept import Item, accept
from survey.intake.check import Outcome
from survey.register.snapshot import Register

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
    for tries_left in reversed(range(_TRIES)):
        try:
            with writing(engine) as connection:
                return accept(connection, register, items, received_at=received_at, batch=batch)
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
