"""Makes an empty, migrated database the database of one city, sample or real for ever."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from survey.register import tables
from survey.register.folder.content import read_folder
from survey.register.load import LoadReport, apply
from survey.terms.canonical import canonical_json


class CityExistsError(Exception):
    """The database belongs to a city already."""


def create(
    connection: Connection, folder: Path, kind: Literal["sample", "real"], *, now: dt.datetime
) -> LoadReport:
    """Write the city and load its folder; ``now`` is an aware instant.

    Raises CityExistsError, and RegisterError for a bad folder; either way nothing is written.
    """
    known = connection.execute(sa.select(tables.city.c.kind, tables.city.c.document)).one_or_none()
    if known is not None:
        raise CityExistsError(
            f"The database already holds a city with {known.kind} data; "
            "a database never changes its city or its kind. Name another one in DATABASE_URL."
        )
    content = read_folder(folder)
    connection.execute(
        sa.insert(tables.city).values(
            id=1,
            kind=kind,
            document=canonical_json(content.city).decode(),
            created_at=int(now.timestamp() * 1000),
        )
    )
    return apply(connection, content, today=now.astimezone(content.city.zone).date())
