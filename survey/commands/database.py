"""``flask database create`` and ``flask register load``."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Literal

import click
import sqlalchemy as sa
from flask.cli import AppGroup
from sqlalchemy.engine import Engine, make_url

from survey.db import writing
from survey.register.create import CityExistsError, create
from survey.register.load import RegisterError, load_folder
from survey.register.tables import city
from survey.sample.make import make_sample
from survey.schema import upgrade

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


def make_commands(engine: Engine) -> list[AppGroup]:
    """Return the groups ``database`` and ``register``."""
    database = AppGroup("database", help="Make the database and load a city.")
    register = AppGroup("register", help="Add dated rows to the register.")

    @database.command("create")
    @click.option("--kind", type=click.Choice(["sample", "real"]), required=True)
    @click.option("--city", "folder", type=FOLDER, required=True, help="Folder of the city.")
    @click.option("--if-missing", is_flag=True, help="Leave a database that has a city alone.")
    def create_command(kind: Literal["sample", "real"], folder: Path, if_missing: bool) -> None:
        """Migrate to the newest schema and load the city's folder."""
        _make_folder(engine)
        now = dt.datetime.now(dt.UTC)
        try:
            with writing(engine) as connection:
                upgrade(connection)
                if if_missing and connection.execute(sa.select(city.c.id)).first():
                    click.echo("The database has its city; its schema is up to date.")
                    return
                report = create(connection, folder, kind, now=now)
        except CityExistsError as error:
            raise click.ClickException(str(error)) from error
        except RegisterError as error:
            raise click.ClickException(_bad_rows(error)) from error
        click.echo(f"Loaded {folder}: {_counts(report.added)}.")
        if kind == "sample":
            make_sample(engine)

    @register.command("load")
    @click.argument("folder", type=FOLDER)
    def load_command(folder: Path) -> None:
        """Add what is new in a city's folder; with a bad row nothing is changed."""
        today = dt.datetime.now(dt.UTC).date()
        try:
            with writing(engine) as connection:
                report = load_folder(connection, folder, today=today)
        except RegisterError as error:
            raise click.ClickException(_bad_rows(error)) from error
        click.echo(f"Added: {_counts(report.added)}. Ended: {_counts(report.ended)}.")

    return [database, register]


def _make_folder(engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        file = make_url(engine.url).database
        if file:
            Path(file).parent.mkdir(parents=True, exist_ok=True)


def _bad_rows(error: RegisterError) -> str:
    rows = "\n".join(f"  {problem}" for problem in error.problems)
    return f"Nothing was changed. {len(error.problems)} problem(s):\n{rows}"


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{number} {table}" for table, number in counts.items() if number) or "nothing"
