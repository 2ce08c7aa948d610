"""Backup and restore, whichever the database is, and what a restored one is held against."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from survey.backup import postgresql, sqlite
from survey.backup.parcel import BackupError, Content, Progress, kind_of
from survey.db import standing_still, writing
from survey.ledger.audit import first_broken_seal
from survey.ledger.tables import entry
from survey.register.snapshot import load
from survey.schema import known_revisions, upgrade
from survey.staff.tables import sign_in_attempt, staff_session
from survey.tally.recount import differences


@dataclass(frozen=True)
class Finding:
    """What a restored database was held against.

    ``wrong_counts`` is how many counts of the tally differ from the ledger, ``broken_seal`` the
    first row that does not match its seal in words, ``head`` the last entry that has one.
    """

    content: Content
    head: int
    wrong_counts: int
    broken_seal: str | None

    @property
    def holds(self) -> bool:
        """Whether everything is as it was written."""
        return not self.wrong_counts and self.broken_seal is None


def save(engine: Engine, file: Path, progress: Progress) -> int:
    """Write the whole database to a new file, mode 600, while others write; return its bytes.

    Raises BackupError; then no file is left.
    """
    if engine.dialect.name == "sqlite":
        sqlite.save(_file_of(engine), file, progress)
    else:
        postgresql.save(engine, file, progress)
    return file.stat().st_size


def restore(engine: Engine, file: Path, progress: Progress, *, kind: str = "") -> Finding:
    """Write a backup to an empty database, migrate it, and hold tally and ledger to account.

    ``kind`` (``real`` or ``sample``) is what the data has to be, if given. Nobody stays signed in:
    a session that was ended since must not come back. Raises BackupError where the backup is not
    of this kind of database or of a newer schema, or where the database is not empty; then nothing
    was written.
    """
    content = _expected(engine, file, kind)
    if engine.dialect.name == "sqlite":
        engine.dispose()
        sqlite.bring(file, _file_of(engine), progress)
    else:
        postgresql.bring(engine, file, progress)
    with writing(engine) as connection:
        upgrade(connection)
        for table in (staff_session, sign_in_attempt):
            connection.execute(sa.delete(table))
    return _held(engine, content, progress)


def _expected(engine: Engine, file: Path, kind: str) -> Content:
    found, wanted = kind_of(file), engine.dialect.name
    if found != wanted:
        raise BackupError(
            f"{file} is a backup of {found}; DATABASE_URL names a database of {wanted}."
        )
    content = sqlite.look(file) if found == "sqlite" else postgresql.look(file)
    known = known_revisions()
    if content.revision not in known:
        raise BackupError(
            f"{file} has the schema {content.revision}; this program knows {known[0]} and older."
            " Restore it with the version that made it, or a later one."
        )
    if kind and content.kind != kind:
        raise BackupError(f"{file} holds {content.kind} data, not {kind}.")
    return content


def _held(engine: Engine, content: Content, progress: Progress) -> Finding:
    with standing_still(engine) as connection:
        register = load(connection)
        published = register.questionnaires.values()
        hashes = {each.questionnaire.id: each.sha256 for each in published}
        head = connection.execute(sa.select(sa.func.max(entry.c.number))).scalar() or 0
        done = 0

        def tell(count: int) -> None:
            nonlocal done
            done += count
            progress("seals", done, head)

        broken = first_broken_seal(connection, hashes, head, progress=tell)
        return Finding(content, head, len(differences(connection)), broken)


def _file_of(engine: Engine) -> Path:
    name = engine.url.database
    if not name or name == ":memory:":
        raise BackupError("A database in memory has no backup.")
    return Path(name)
