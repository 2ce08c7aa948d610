"""What a file holds, put down in a temporary file between checking and writing.

It is read back in the order of the ids, so that the ledger's index grows at one end instead of
everywhere: with a million rows that is what the speed depends on. Memory: one part in 256 of the
file's rows, and 128 rows for each part while it is filled.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Iterator
from operator import itemgetter

import msgspec

_BLOCK = 128

Found = tuple[str, dt.date, str, str, bool]
"""What makes a Finding of a rating that could be counted."""

Record = tuple[bytes, int, bytes, str, Found | None]
"""id, row number, sealed body, comment, what was found of a rating that could be counted"""

_place = itemgetter(0, 1)


class Spool:
    """Records in the order of their ids; to be used as a context manager."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 (closed by close)
        self._waiting: list[list[Record]] = [[] for _ in range(256)]
        self._blocks: list[list[tuple[int, int]]] = [[] for _ in range(256)]
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder = msgspec.msgpack.Decoder(list[Record])
        self._end = 0
        self.n_records = 0

    def __enter__(self) -> Spool:
        return self

    def __exit__(self, *_: object) -> None:
        self._waiting.clear()
        self._file.close()

    def add(self, record: Record) -> None:
        """Put a record down."""
        waiting = self._waiting[record[0][0]]
        waiting.append(record)
        self.n_records += 1
        if len(waiting) == _BLOCK:
            self._put(record[0][0])

    def _put(self, part: int) -> None:
        packed = self._encoder.encode(self._waiting[part])
        self._waiting[part].clear()
        self._blocks[part].append((self._end, len(packed)))
        self._file.seek(self._end)
        self._file.write(packed)
        self._end += len(packed)

    def records(self) -> Iterator[Record]:
        """Yield all records by id, those of one id by row number."""
        for part in range(256):
            yield from self._part(part)

    def _part(self, part: int) -> list[Record]:
        found = list(self._waiting[part])
        for start, length in self._blocks[part]:
            self._file.seek(start)
            found += self._decoder.decode(self._file.read(length))
        return sorted(found, key=_place)

    def chunks(self, size: int) -> Iterator[list[Record]]:
        """Yield all records in that order, in lists of at most ``size``."""
        chunk: list[Record] = []
        for part in range(256):
            chunk += self._part(part)
            while len(chunk) >= size:
                yield chunk[:size]
                del chunk[:size]
        if chunk:
            yield chunk
