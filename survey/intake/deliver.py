"""One transaction around ``accept``, repeated once where two writers met on the same id."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from survey.db import writing
from survey.intake.accept import Item, accept
from survey.intake.check import Outcome
from survey.register.snapshot import Register


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
    for last_try in (False, True):
        try:
            with writing(engine) as connection:
                return accept(connection, register, items, received_at=received_at, batch=batch)
        except sa.exc.IntegrityError:
            # somebody else committed the same id between our look and our insert
            if last_try:
                raise
    raise AssertionError
