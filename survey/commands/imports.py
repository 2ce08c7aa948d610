"""``flask ratings import`` and ``flask dossiers import``."""

from __future__ import annotations

from pathlib import Path

import click
from sqlalchemy.engine import Engine

from survey.commands.bar import Bar
from survey.commands.group import Commands
from survey.db import Busy, reading
from survey.intake.accept import now_milliseconds
from survey.intake.imports.batches import Kind
from survey.intake.imports.context import ImportOptions
from survey.intake.imports.delivery import import_file
from survey.intake.imports.messages import lines
from survey.intake.imports.report import as_json
from survey.register.snapshot import RegisterCache
from survey.settings import Settings

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
OUTPUT = click.Path(dir_okay=False, writable=True, path_type=Path)


def make_commands(engine: Engine, registers: RegisterCache, settings: Settings) -> list[Commands]:
    """Return the groups ``ratings`` and ``dossiers``."""
    ratings = Commands("ratings", help="Ratings from other systems.")
    dossiers = Commands("dossiers", help="Counts of dossiers from other systems.")

    def run(
        kind: Kind,
        file: Path,
        map_file: Path,
        report_file: Path | None,
        *,
        commit: bool,
        set_aside: bool,
    ) -> None:
        options = ImportOptions(
            received_at=now_milliseconds(),
            dossier_key=settings.dossier_key,
            secret_key=settings.secret_key,
            max_bytes=settings.import_bytes,
            commit=commit,
            set_aside=set_aside,
        )
        with reading(engine) as connection:
            register = registers.get(connection)
        try:
            with Bar() as bar:
                map_text = map_file.read_bytes().decode("utf-8-sig", errors="replace")
                report = import_file(engine, register, kind, file, map_text, options, bar.show)
        except Busy as error:
            raise click.ClickException(
                "Somebody else is writing; nothing was written. Try again in a moment."
            ) from error
        if report_file is not None:
            report_file.write_bytes(as_json(report))
        for line in lines(report):
            click.echo(line)
        if report.is_refused:
            raise SystemExit(1)

    @ratings.command("import")
    @click.argument("file", type=FILE)
    @click.option("--map", "map_file", type=FILE, required=True, help="What the columns mean.")
    @click.option("--counts", is_flag=True, help="The file holds totals, not single ratings.")
    @click.option("--set-aside", is_flag=True, help="Set bad rows aside and take the rest in.")
    @click.option("--commit", is_flag=True, help="Write; without it nothing is written.")
    @click.option("--report", "report_file", type=OUTPUT, help="Write the report as JSON too.")
    def import_ratings(
        file: Path,
        map_file: Path,
        counts: bool,
        set_aside: bool,
        commit: bool,
        report_file: Path | None,
    ) -> None:
        """Take in ratings from a CSV or XLSX file; docs/imports.md describes the map."""
        kind: Kind = "counts" if counts else "ratings"
        run(kind, file, map_file, report_file, set_aside=set_aside, commit=commit)

    @dossiers.command("import")
    @click.argument("file", type=FILE)
    @click.option("--map", "map_file", type=FILE, required=True, help="What the columns mean.")
    @click.option("--set-aside", is_flag=True, help="Set bad rows aside and take the rest in.")
    @click.option("--commit", is_flag=True, help="Write; without it nothing is written.")
    @click.option("--report", "report_file", type=OUTPUT, help="Write the report as JSON too.")
    def import_dossiers(
        file: Path, map_file: Path, set_aside: bool, commit: bool, report_file: Path | None
    ) -> None:
        """Take in counts of dossiers from a CSV or XLSX file; docs/imports.md describes the map."""
        run("dossiers", file, map_file, report_file, set_aside=set_aside, commit=commit)

    return [ratings, dossiers]
