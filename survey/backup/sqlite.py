"""SQLite: pages are copied by its online backup, as they were when the backup began."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from survey.backup.parcel import BackupError, Content, Progress, new_file

PAGES = 1024
"""How many pages are copied at a time: 4 MiB."""


def save(database: Path, file: Path, progress: Progress) -> None:
    """Write a database to a new file while others write to the database.

    One read transaction stays open from the first page to the last: what is copied is one moment,
    and a writer in between does not make the copying begin anew. The write-ahead log grows by
    what is written meanwhile. Raises BackupError where there is no such database.
    """
    if not database.is_file():
        raise BackupError(f"There is no database {database}.")
    with new_file(file) as part, _told(database), _opened(database, "mode=rw") as source:
        source.execute("BEGIN")
        source.execute("SELECT count(*) FROM sqlite_master").fetchone()
        _copy(source, part, "save", progress)


def bring(file: Path, database: Path, progress: Progress) -> None:
    """Write a backup to a database that is not there. Raises BackupError where it is."""
    if not is_free(database):
        raise BackupError(f"{database} holds tables already; a backup is restored beside nothing.")
    database.parent.mkdir(parents=True, exist_ok=True)
    for ending in ("", "-wal", "-shm"):  # a file without tables: nothing is lost with it
        database.with_name(database.name + ending).unlink(missing_ok=True)
    with new_file(database) as part, _told(file), _opened(file, "immutable=1") as source:
        _copy(source, part, "restore", progress)
        with closing(sqlite3.connect(part)) as copy:
            found = copy.execute("PRAGMA quick_check(1)").fetchone()[0]
        if found != "ok":
            raise BackupError(f"{file} is damaged: {found}.")


def is_free(database: Path) -> bool:
    """Tell whether a database is not there, or holds no table."""
    if not database.is_file():
        return True
    with _told(database), _opened(database, "mode=rw") as connection:
        found: int = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    return not found


def look(file: Path) -> Content:
    """Return what a backup says of itself. Raises BackupError where it does not."""
    try:
        with _opened(file, "immutable=1") as connection:
            revision = connection.execute("SELECT version_num FROM alembic_version").fetchone()
            kind = connection.execute("SELECT kind FROM city").fetchone()
    except sqlite3.Error as error:
        raise BackupError(f"{file} is no backup of this application: {error}.") from error
    if revision is None or kind is None:
        raise BackupError(f"{file} holds no city.")
    return Content(revision[0], kind[0])


def _copy(source: sqlite3.Connection, part: Path, stage: str, progress: Progress) -> None:
    page = int(source.execute("PRAGMA page_size").fetchone()[0])

    def tell(_status: int, remaining: int, total: int) -> None:
        progress(stage, (total - remaining) * page, total * page)

    with closing(sqlite3.connect(part)) as copy:
        # the file gets its name when it is whole and on the disk; until then nobody needs it
        copy.execute("PRAGMA journal_mode = OFF")
        copy.execute("PRAGMA synchronous = OFF")
        source.backup(copy, pages=PAGES, progress=tell)


@contextmanager
def _opened(file: Path, how: str) -> Iterator[sqlite3.Connection]:
    address = f"{file.resolve().as_uri()}?{how}"
    with closing(sqlite3.connect(address, uri=True, isolation_level=None)) as connection:
        yield connection


@contextmanager
def _told(file: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise BackupError(f"{file} cannot be copied: {error}.") from error
