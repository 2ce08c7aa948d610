"""What came in by imports, and what waits to be taken in."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from survey.ledger.tables import batch, void
from survey.office.uploads_store import Store
from survey.office.uploads_words import KINDS
from survey.register.snapshot import Register
from survey.web import numbers

MOST = 100
"""How many imports a page names, the newest."""


@dataclass(frozen=True)
class Listed:
    """An import or an upload as a page lists it."""

    id: str
    file_name: str
    kind: Any
    on: str
    months: str = ""
    source: str = ""
    accepted: str = ""
    is_voided: bool = False
    state: str = ""
    by: str = ""


def batches(connection: Connection, register: Register) -> list[Listed]:
    """Return the newest imports, those too that were cancelled."""
    voided = sa.exists().where(void.c.kind == "batch", void.c.target == batch.c.id)
    query = (
        sa.select(batch, voided.label("voided"))
        .order_by(batch.c.received_at.desc(), batch.c.id)
        .limit(MOST)
    )
    return [
        Listed(
            id=str(row.id),
            file_name=row.file_name,
            kind=KINDS[row.kind],
            on=_moment(row.received_at, register),
            months=_months(row.first_month, row.last_month),
            source=row.source,
            accepted=numbers.count(row.n_accepted),
            is_voided=row.voided,
        )
        for row in connection.execute(query)
    ]


def waiting(store: Store, register: Register) -> list[Listed]:
    """Return the uploads of the last day that were not taken in."""
    return [
        Listed(
            id=upload.id,
            file_name=about.file_name,
            kind=KINDS[about.kind],
            on=_moment(about.at, register),
            state="running" if upload.is_running else "",
            by=about.by,
        )
        for upload, about in store.all()
        if upload.data.exists()
    ]


def _moment(at: int, register: Register) -> str:
    instant = dt.datetime.fromtimestamp(at / 1000, register.city.zone)
    return f"{numbers.day(instant.date())} {instant:%H:%M}"


def _months(first: str, last: str) -> str:
    return first if first == last else f"{first}–{last}"
