"""Maps of imports that are saved under a name: the newest version of each is offered."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from survey.office.tables import import_map


@dataclass(frozen=True)
class SavedMap:
    """The newest version of a map."""

    name: str
    version: int
    kind: str
    text: str


def saved_maps(connection: Connection) -> dict[str, SavedMap]:
    """Return the newest version of every map, by name."""
    query = sa.select(import_map).order_by(import_map.c.name, import_map.c.version)
    return {
        row.name: SavedMap(row.name, row.version, row.kind, row.text)
        for row in connection.execute(query)
    }


def save_map(
    connection: Connection, name: str, kind: str, text: str, *, by: str, at: int
) -> tuple[int, bool]:
    """Add a version of a map; return its number, and whether it is new: the same text is not.

    ``at`` is in UTC milliseconds. Raises sqlalchemy.exc.IntegrityError where somebody else saved
    the same version meanwhile.
    """
    known = saved_maps(connection).get(name)
    if known is not None and (known.kind, known.text) == (kind, text):
        return known.version, False
    version = 1 if known is None else known.version + 1
    row = {
        "name": name,
        "version": version,
        "kind": kind,
        "text": text,
        "saved_at": at,
        "saved_by": by,
    }
    connection.execute(sa.insert(import_map), row)
    return version, True
