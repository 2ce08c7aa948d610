"""``flask tally rebuild`` and ``flask tally check``."""

from __future__ import annotations

import click
from sqlalchemy.engine import Engine

from survey.commands.group import Commands
from survey.db import standing_still, writing
from survey.register.snapshot import RegisterCache
from survey.settings import Settings
from survey.tally.recount import differences, rebuild


def make_commands(engine: Engine, registers: RegisterCache, settings: Settings) -> list[Commands]:
    """Return the group ``tally``."""
    tally = Commands("tally", help="Hold the tally against the ledger.")

    @tally.command("rebuild")
    def rebuild_command() -> None:
        """Count the ledger again and replace the tally."""
        with writing(engine) as connection:
            rows = rebuild(connection)
        click.echo(f"The tally has {rows} rows.")

    @tally.command("check")
    def check_command() -> None:
        """Recount the ledger and compare; exit code 1 where a count differs."""
        with standing_still(engine) as connection:
            found = differences(connection)
        if found:
            key, kept, counted = found[0]
            raise click.ClickException(
                f"{len(found)} counts differ. First: {'/'.join(map(str, key))} is {kept},"
                f" the ledger says {counted}. 'flask tally rebuild' puts it right."
            )
        click.echo("Tally and ledger agree.")

    return [tally]
