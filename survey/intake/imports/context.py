"""What every kind of import works with, and the rows that it keeps out."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec
from sqlalchemy.engine import Connection

from survey.intake.accept import Delivery, Item, foresee
from survey.intake.check import Outcome
from survey.intake.imports.faults import Fault
from survey.intake.imports.identity import Identity
from survey.intake.imports.report import Collector
from survey.intake.imports.spool import Record, Spool
from survey.intake.imports.table import Chunk
from survey.ledger.book import append_set_aside
from survey.register.snapshot import Register
from survey.terms.canonical import canonical_json, commitment

CHUNK = 5000
"""How many rows are read, and how many items are written, at a time."""

Progress = Callable[[str, int, int], None]
"""Called with ``read`` or ``write``, what is done and what there is to do."""


class ImportOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How an import is made.

    ``received_at`` is the server's time in UTC milliseconds, ``dossier_key`` the key of the dossier
    hash, ``secret_key`` the key from which salts of comments come, ``max_bytes`` the largest file.
    ``file_name`` is what the file is called, where it does not lie under its own name.
    """

    received_at: int
    dossier_key: str
    secret_key: str
    max_bytes: int
    file_name: str = ""
    commit: bool = False
    set_aside: bool = False


@dataclass(frozen=True, slots=True)
class Context:
    """One import on its way: the register, where to look things up, where to report."""

    connection: Connection
    register: Register
    options: ImportOptions
    identity: Identity
    collector: Collector
    aside: Aside
    delivery: Delivery

    @property
    def now(self) -> int:
        """The server's time in UTC seconds."""
        return self.options.received_at // 1000

    @property
    def today(self) -> dt.date:
        """The city's present day."""
        return dt.datetime.fromtimestamp(self.now, self.register.city.zone).date()

    def foresee(self, items: Sequence[Item]) -> list[Outcome]:
        """Return what ``accept`` would say to these items now."""
        return foresee(
            self.connection,
            self.register,
            items,
            received_at=self.options.received_at,
            delivery=self.delivery,
        )

    def keep_out(
        self, number: int, faults: Sequence[Fault], cells: Mapping[str, str], comment: str = ""
    ) -> None:
        """Report a row that cannot come in, and keep it for the staff if that is asked for."""
        for fault in faults:
            self.collector.add("row", fault, number)
        if self.options.set_aside:
            self.aside.add(self.identity.of_row(number), number, faults, cells, comment)


class Plan(Protocol):
    """Reads a file's rows into items, and writes them when all are read."""

    n_items: int
    n_bad: int
    n_already: int
    n_accepted: int
    sources: set[str]
    months: set[str]

    def take(self, chunk: Chunk) -> None:
        """Read some rows."""

    def finish(self) -> None:
        """Settle what can only be seen when all rows are there."""

    def write(self, connection: Connection, batch: uuid.UUID, progress: Progress) -> Counter[str]:
        """Write everything that came in; return the number of outcomes by status."""


class Aside:
    """Rows that were kept out, as they stand in the file, for staff to look at."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool

    def add(
        self,
        item: uuid.UUID,
        number: int,
        faults: Iterable[Fault],
        cells: Mapping[str, str],
        comment: str,
    ) -> None:
        """Keep a row: what is wrong with it and its cells, without the dossier code."""
        body = {
            "row": number,
            "faults": [msgspec.to_builtins(fault) for fault in faults],
            "cells": dict(cells),
        }
        self._spool.add((item.bytes, number, canonical_json(body), comment, None))

    def write(self, connection: Connection, batch: uuid.UUID, received_at: int) -> None:
        """Write all of them."""
        for records in self._spool.chunks(CHUNK):
            kept = list(records)
            append_set_aside(
                connection,
                [_row(record, batch, received_at) for record in kept],
                [_comment(record) for record in kept if record[3]],
            )


def _row(record: Record, batch: uuid.UUID, received_at: int) -> dict[str, Any]:
    item, _, body, *_ = record
    first = msgspec.json.decode(body)["faults"][0]
    return {
        "id": uuid.uuid4(),
        "item": uuid.UUID(bytes=item),
        "digest": commitment(b"", body),
        "kind": "row",
        "code": first["code"],
        "detail": " ".join(filter(None, (first["column"], first["value"], first["detail"]))),
        "body": body.decode(),
        "received_at": received_at,
        "batch": batch,
    }


def _comment(record: Record) -> dict[str, Any]:
    """Return the comment of a row; without a sealed body there is nothing to salt it for."""
    item, _, body, comment, _ = record
    place = {"item": uuid.UUID(bytes=item), "digest": commitment(b"", body)}
    return place | {"salt": b"", "text": comment}
