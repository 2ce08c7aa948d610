"""``flask backup`` and ``flask restore``."""

from __future__ import annotations

import time
from pathlib import Path

import click
from sqlalchemy.engine import Engine

from survey.backup.database import Finding, restore, save
from survey.backup.parcel import BackupError
from survey.commands.bar import Bar
from survey.register.snapshot import RegisterCache
from survey.settings import Settings

OUTPUT = click.Path(dir_okay=False, path_type=Path)
INPUT = click.Path(exists=True, dir_okay=False, path_type=Path)


def make_commands(
    engine: Engine, registers: RegisterCache, settings: Settings
) -> list[click.Command]:
    """Return the commands ``backup`` and ``restore``."""

    @click.command("backup")
    @click.argument("file", type=OUTPUT)
    def backup_command(file: Path) -> None:
        """Write the whole database to a new FILE while people rate; see docs/backup.md."""
        began = time.monotonic()
        try:
            with Bar() as bar:
                size = save(engine, file, bar.show)
        except BackupError as error:
            raise click.ClickException(str(error)) from error
        click.echo(f"Saved {file}: {_megabytes(size)} in {time.monotonic() - began:.1f} s.")

    @click.command("restore")
    @click.argument("file", type=INPUT)
    @click.option("--kind", type=click.Choice(["sample", "real"]), help="What the data must be.")
    def restore_command(file: Path, kind: str | None) -> None:
        """Write a backup to an empty database, and check tally and seals; see docs/backup.md."""
        try:
            with Bar() as bar:
                found = restore(engine, file, bar.show, kind=kind or "")
        except BackupError as error:
            raise click.ClickException(str(error)) from error
        _tell(file, found)

    return [backup_command, restore_command]


def _tell(file: Path, found: Finding) -> None:
    content = found.content
    click.echo(f"Restored {file}: {content.kind} data, schema {content.revision}.")
    click.echo(
        f"{found.wrong_counts} counts differ from the ledger: 'flask tally check' names the first."
        if found.wrong_counts
        else "Tally and ledger agree."
    )
    click.echo(found.broken_seal or f"Every row up to head {found.head} matches its seal.")
    if not found.holds:
        raise click.ClickException("The database is there, but it does not hold: see above.")


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB"
