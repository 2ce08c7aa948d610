"""Turning pages by a key: what is newer or older than a row does not move when rows arrive."""

from __future__ import annotations

import re
import uuid
from typing import Any, NamedTuple

import sqlalchemy as sa

_WRITTEN = re.compile(r"([0-9]{1,15})-([0-9a-f]{32})")


class Place(NamedTuple):
    """The place of a row in a list, newest first; ``str(place)`` stands in an address."""

    at: int
    id: uuid.UUID

    def __str__(self) -> str:
        return f"{self.at}-{self.id.hex}"


def read_place(text: str) -> Place | None:
    """Return the place that an address names, None where it names none: the list's beginning."""
    found = _WRITTEN.fullmatch(text)
    return Place(int(found[1]), uuid.UUID(found[2])) if found else None


def older(
    at: sa.ColumnElement[int], item: sa.ColumnElement[Any], place: Place | None
) -> sa.ColumnElement[bool]:
    """Return the condition for rows that stand after a place."""
    if place is None:
        return sa.true()
    return sa.and_(at <= place.at, sa.or_(at < place.at, item < place.id))
