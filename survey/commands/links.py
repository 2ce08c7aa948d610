"""``flask links make``, ``list`` and ``withdraw``."""

from __future__ import annotations

import datetime as dt
import os
import uuid
from pathlib import Path
from typing import BinaryIO

import click
from sqlalchemy.engine import Connection, Engine

from survey.commands.group import Commands
from survey.db import reading, writing
from survey.forms.links import MOST_DAYS
from survey.intake.imports.messages import lines
from survey.intake.link_batches import (
    DAYS,
    Batch,
    LinkError,
    NewBatch,
    find_batch,
    last_moment,
    make_once,
    newest_batches,
    withdraw,
)
from survey.intake.link_rows import Ask, Row, read_rows
from survey.intake.links import LinkTokens
from survey.office.link_slips import table
from survey.register.snapshot import Point, Register, RegisterCache
from survey.settings import Settings
from survey.staff.deeds import COMMAND_LINE, now_milliseconds, record

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
OUTPUT = click.Path(dir_okay=False, writable=True, path_type=Path)


def make_commands(engine: Engine, registers: RegisterCache, settings: Settings) -> list[Commands]:
    """Return the group ``links``."""
    links = Commands("links", help="One-time links for receipts.")
    maker = _Maker(engine, settings)

    @links.command("make")
    @click.argument("file", type=FILE)
    @click.option("--point", required=True, help="Code of the reception point that hands them out.")
    @click.option("--map", "map_file", type=FILE, help="What the columns mean; docs/links.md.")
    @click.option("--days", type=click.IntRange(1, MOST_DAYS), default=DAYS, show_default=True)
    @click.option("--skip-bad", is_flag=True, help="Leave bad rows out and take the rest.")
    @click.option("--commit", "output", type=OUTPUT, help="Make them, and write them here as CSV.")
    def make_command(
        file: Path,
        point: str,
        map_file: Path | None,
        days: int,
        skip_bad: bool,
        output: Path | None,
    ) -> None:
        """Make a one-time link for each dossier of a CSV or XLSX file; dry run without --commit."""
        with reading(engine) as connection:
            register = registers.get(connection)
        at = now_milliseconds()
        ask = Ask(
            point=_open_point(register, point, at),
            file_name=file.name,
            at=at,
            dossier_key=settings.dossier_key,
            map_text=map_file.read_text("utf-8-sig", "replace") if map_file is not None else "",
            skips_bad=skip_bad,
            max_bytes=settings.import_bytes,
        )
        if not maker.run(register, file, ask, days, output):
            raise SystemExit(1)

    @links.command("list")
    def list_command() -> None:
        """Show the newest batches."""
        with reading(engine) as connection:
            zone = registers.get(connection).city.zone
            found = newest_batches(connection, None)
        for each in found:
            click.echo(_line(each, zone))

    @links.command("withdraw")
    @click.argument("batch", type=click.UUID)
    @click.option("--reason", required=True, help="Why; kept for ever.")
    def withdraw_command(batch: uuid.UUID, reason: str) -> None:
        """Call back what is not spent of a batch, for good; ratings that were made stay."""
        at = now_milliseconds()
        try:
            with writing(engine) as connection:
                withdraw(connection, batch, by=COMMAND_LINE, reason=reason, at=at)
                found = find_batch(connection, batch)
                unit = registers.get(connection).points[found.point].unit if found else None
                _record(connection, "link.withdraw", unit, batch, reason, at)
        except LinkError as error:
            raise click.ClickException(str(error)) from error
        click.echo(f"Batch {batch}: what was not spent is good no longer.")

    return [links]


class _Maker:
    """Looks at a file, makes a batch and writes its links to another file: both, or neither."""

    def __init__(self, engine: Engine, settings: Settings) -> None:
        self._engine, self._settings = engine, settings
        self._tokens = LinkTokens(settings.dossier_key)

    def run(self, register: Register, file: Path, ask: Ask, days: int, output: Path | None) -> bool:
        """Say what a file would become, and make it where there is an output; False: refused."""
        with reading(self._engine) as connection:
            rows, report = read_rows(connection, register, file, ask)
        if report.status == "dry_run" and output is not None:
            report.status = "committed"
            report.batch = str(self.make(register, ask, days, rows, output))
        for text in lines(report):
            click.echo(text)
        return not report.is_refused

    def make(
        self, register: Register, ask: Ask, days: int, rows: list[Row], output: Path
    ) -> uuid.UUID:
        """Return the id of the new batch. Raises click.ClickException where it cannot be."""
        zone = register.city.zone
        batch = NewBatch(
            uuid.uuid4(),
            ask.point.code,
            ask.file_name,
            ask.at,
            COMMAND_LINE,
            last_moment(ask.at, days, zone),
        )
        last_on = dt.datetime.fromtimestamp(batch.expires_at / 1000, zone).date()
        try:
            with _own_file(output) as file, writing(self._engine) as write:
                made = make_once(write, batch, [row.wanted for row in rows])
                tokens = {(each.dossier, each.occasion): self._tokens.make(each) for each in made}
                file.write(table(rows, tokens, last_on, self._settings.public_url))
                file.flush()
                os.fsync(file.fileno())  # before they are made: else they are lost for everybody
                detail = f"{len(made)} links until {last_on} {ask.file_name}"
                _record(write, "link.make", ask.point.unit, batch.id, detail, ask.at)
        except FileExistsError as error:
            raise click.ClickException(f"{output} is there already; nothing was made.") from error
        except LinkError as error:
            output.unlink()
            raise click.ClickException(f"{error} Run it again.") from error
        except BaseException:
            output.unlink(missing_ok=True)
            raise
        return batch.id


def _own_file(path: Path) -> BinaryIO:
    """Open a new file that its owner alone can read. Raises FileExistsError."""
    return open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _open_point(register: Register, code: str, at: int) -> Point:
    point = register.points.get(code)
    today = dt.datetime.fromtimestamp(at / 1000, register.city.zone).date()
    if point is None or not point.in_force(today):
        raise click.ClickException(f"No reception point {code} is open.")
    return point


def _record(
    connection: Connection, deed: str, unit: str | None, batch: uuid.UUID, detail: str, at: int
) -> None:
    record(
        connection, by=COMMAND_LINE, deed=deed, unit=unit, subject=str(batch), detail=detail, at=at
    )


def _line(each: Batch, zone: dt.tzinfo) -> str:
    made, over = (
        dt.datetime.fromtimestamp(at / 1000, zone).date() for at in (each.made_at, each.expires_at)
    )
    end = "withdrawn" if each.withdrawn_at is not None else f"until {over}"
    spent = "?" if each.n_spent is None else each.n_spent
    return (
        f"{each.id}  {made}  {each.point}  {spent} of {each.n_links} spent  {end}  {each.file_name}"
    )
