"""Who a row is: the same row of the same source is the same rating, however often it comes."""

from __future__ import annotations

import hashlib
import hmac
import uuid
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from survey.ledger.tables import response, void

NAMESPACE = uuid.UUID("39738786-dedb-4484-96bf-e96255772637")
"""The project's own namespace of UUIDv5; it never changes."""

_SEPARATOR = "\x1f"
_CHUNK = 500


def make_id(*parts: str | int) -> uuid.UUID:
    """Return the UUIDv5 of some words in the project's namespace.

    Only the last of them may hold the separator (U+001F).
    """
    return _uuid(_digest(_named(*parts)).digest())


def _named(*parts: str | int) -> bytes:
    return _SEPARATOR.join(map(str, parts)).encode()


def _digest(name: bytes) -> hashlib._Hash:
    return hashlib.sha1(NAMESPACE.bytes + name, usedforsecurity=False)


def _uuid(digest: bytes) -> uuid.UUID:
    return uuid.UUID(bytes=digest[:16], version=5)


def comment_salt(response_id: uuid.UUID, key: str) -> bytes:
    """Return the salt of an imported comment: the same whenever the same row comes again."""
    return hmac.digest(key.encode(), b"imported comment" + response_id.bytes, "sha256")[:16]


class Identity:
    """Gives the rows of one file their ids.

    With an external id a row is source, external id and attempt; without one it is file hash,
    attempt and row. The attempt grows only where the rating came in before and its whole batch was
    voided: then the corrected row is another rating; anything else that comes again is the same.
    """

    def __init__(self, connection: Connection, sha256: str, attempt: int) -> None:
        self._connection = connection
        self._sha256 = sha256
        self._attempt = attempt
        self._of_file = _digest(_named("row", sha256, attempt, ""))
        voided = sa.select(void.c.id).where(void.c.kind == "batch").limit(1)
        self._has_voided = connection.execute(voided).first() is not None

    def ids(
        self, sources: Sequence[str], externals: Sequence[str], numbers: Sequence[int]
    ) -> list[uuid.UUID]:
        """Return the id of each row; "" is no external id."""
        made = [
            make_id("external", source, 1, external) if external else self.of_row(number)
            for source, external, number in zip(sources, externals, numbers, strict=True)
        ]
        if self._has_voided:
            self._move_on(made, sources, externals)
        return made

    def of_row(self, number: int) -> uuid.UUID:
        """Return the id of a row of this file."""
        digest = self._of_file.copy()
        digest.update(b"%d" % number)
        return _uuid(digest.digest())

    def of_total(self, *key: str) -> uuid.UUID:
        """Return the id of what this file says of a key (unit, field, month …)."""
        return make_id("total", self._sha256, self._attempt, *key)

    def _move_on(
        self, made: list[uuid.UUID], sources: Sequence[str], externals: Sequence[str]
    ) -> None:
        places = [place for place, external in enumerate(externals) if external]
        attempt = 1
        while places:
            voided = self._in_voided_batch([made[place] for place in places])
            places = [place for place in places if made[place] in voided]
            attempt += 1
            for place in places:
                made[place] = make_id("external", sources[place], attempt, externals[place])

    def _in_voided_batch(self, ids: Sequence[uuid.UUID]) -> set[uuid.UUID]:
        found: set[uuid.UUID] = set()
        for start in range(0, len(ids), _CHUNK):
            query = (
                sa.select(response.c.id)
                .join(void, void.c.target == response.c.batch)
                .where(void.c.kind == "batch", response.c.id.in_(ids[start : start + _CHUNK]))
            )
            found.update(self._connection.execute(query).scalars())
        return found
