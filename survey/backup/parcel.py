"""The one file that a backup is: written beside its name, then given it; never over another."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import msgspec

Progress = Callable[[str, int, int], None]
"""Called with ``save``, ``restore`` or ``seals``, what is done and what there is to do.

Bytes or entries; what there is to do is 0 where nobody knows.
"""

Kind = Literal["sqlite", "postgresql"]

_STARTS: dict[bytes, Kind] = {b"SQLite format 3\0": "sqlite", b"PGDMP": "postgresql"}


class BackupError(Exception):
    """A backup cannot be taken or brought back; the message says why and what to do."""


class Content(msgspec.Struct, frozen=True):
    """What a backup says of itself: its schema's revision, and the kind of its data."""

    revision: str
    kind: str


@contextmanager
def new_file(file: Path) -> Iterator[Path]:
    """Give a new file to write to, mode 600; at the end it is on the disk under its own name.

    Whatever goes wrong, nothing is left. Raises BackupError where ``file`` is there already, or
    somebody is writing it, or its folder cannot be written to.
    """
    part = file.with_name(f"{file.name}.part")
    if file.exists():
        raise BackupError(f"{file} is there already; a backup never overwrites. Give another name.")
    try:
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError as error:
        raise BackupError(
            f"{part} is there: another backup is writing it, or one was broken off."
            " Remove it if nobody does."
        ) from error
    except OSError as error:
        raise BackupError(f"{part} cannot be written: {error.strerror}.") from error
    try:
        yield part
        _flush(part)
        os.rename(part, file)
        _flush(file.parent)
    except OSError as error:
        raise BackupError(f"{file} cannot be written: {error.strerror}.") from error
    finally:
        part.unlink(missing_ok=True)


def kind_of(file: Path) -> Kind:
    """Return what kind of database a backup is of. Raises BackupError where it is none."""
    try:
        with file.open("rb") as stream:
            start = stream.read(16)
    except OSError as error:
        raise BackupError(f"{file} cannot be read: {error.strerror}.") from error
    for sign, kind in _STARTS.items():
        if start.startswith(sign):
            return kind
    raise BackupError(f"{file} is no backup: neither an SQLite file nor one of pg_dump's.")


def _flush(path: Path) -> None:
    """Wait until the disk has a file, or the names in a folder."""
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
