"""A group of commands that tells what is wrong with the database instead of showing its insides."""

from __future__ import annotations

from typing import Any

import click
import sqlalchemy as sa
from flask.cli import AppGroup

from survey.db import Busy

_GONE = (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.ProgrammingError)


class Commands(AppGroup):
    """Turns a database that does not answer, or is busy, into a message with what to do."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; raises click.ClickException where the database is not to be had."""
        try:
            return super().invoke(ctx)
        except Busy as error:
            raise click.ClickException(
                "Somebody else is writing to the database; nothing was changed. Try again."
            ) from error
        except _GONE as error:
            reason = str(error.orig or error).strip().splitlines()[0]
            raise click.ClickException(
                f"The database does not answer as it should: {reason}. DATABASE_URL says where it"
                " is; `flask database create` makes it."
            ) from error
