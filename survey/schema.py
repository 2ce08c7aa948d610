"""The whole schema: every room's tables on one metadata, and how migrations are run on it."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection

import survey.devices.tables
import survey.intake.tables
import survey.ledger.tables
import survey.office.tables
import survey.publish.tables
import survey.register.tables
import survey.staff.tables
import survey.tally.tables  # noqa: F401
from survey.db import metadata
from survey.settings import ROOT

__all__ = ["downgrade", "known_revisions", "metadata", "revision", "upgrade"]

_MIGRATIONS = str(ROOT / "migrations")


def upgrade(connection: Connection, to: str = "head") -> None:
    """Bring a database up to a revision, in the caller's transaction."""
    command.upgrade(_config(connection), to)


def downgrade(connection: Connection, to: str) -> None:
    """Bring a database down to a revision, in the caller's transaction."""
    command.downgrade(_config(connection), to)


def revision(connection: Connection) -> str | None:
    """Return the revision that a database is at, None for an empty one."""
    return MigrationContext.configure(connection).get_current_revision()


def known_revisions() -> list[str]:
    """Return the revisions that there are migrations for, newest first."""
    return [each.revision for each in ScriptDirectory(_MIGRATIONS).walk_revisions()]


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", _MIGRATIONS)
    config.attributes["connection"] = connection
    return config
