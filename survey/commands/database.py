"""``flask database create`` and ``flask register load``."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Literal

import click
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine, make_url

from survey.commands.group import Commands
from survey.db import writing
from survey.register.create import CityExistsError, create
from survey.register.load import RegisterError, load_folder
from survey.register.snapshot import RegisterCache, load
from survey.register.tables import city
from survey.sample.devices import sample_devices
from survey.sample.links import sample_links
from survey.sample.make import make_sample
from survey.sample.signins import password_file, sample_sign_ins
from survey.schema import upgrade
from survey.settings import Settings
from survey.staff.deeds import now_milliseconds
from survey.tally.tables import tally

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


def make_commands(engine: Engine, registers: RegisterCache, settings: Settings) -> list[Commands]:
    """Return the groups ``database`` and ``register``."""
    database = Commands("database", help="Make the database and load a city.")
    register = Commands("register", help="Add dated rows to the register.")
    public_url = settings.public_url

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
                    _say_where_to_rate(connection, public_url)
                    _say_how_to_sign_in(connection, engine, public_url)
                    return
                report = create(connection, folder, kind, now=now)
        except CityExistsError as error:
            raise click.ClickException(str(error)) from error
        except RegisterError as error:
            raise click.ClickException(_bad_rows(error)) from error
        click.echo(f"Loaded {folder}. Rows: {_counts(report.added)}.")
        if kind == "sample":
            make_sample(engine)
        with writing(engine) as connection:
            _say_where_to_rate(connection, public_url)
            _say_how_to_sign_in(connection, engine, public_url)

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


def _say_where_to_rate(connection: Connection, public_url: str) -> None:
    """Print the address of a form: at the unit with the most answers, else at any."""
    register = load(connection)
    today = dt.datetime.now(register.city.zone).date()
    answers = sa.func.sum(tally.c.counting)
    query = sa.select(tally.c.unit, answers).where(tally.c.unit_role == "receiving")
    used = {row[0]: row[1] for row in connection.execute(query.group_by(tally.c.unit))}
    open_points = [point for point in register.points.values() if point.in_force(today)]
    if open_points:
        best = max(open_points, key=lambda point: used.get(point.unit, 0))
        name = register.unit_name(best.unit, register.city.languages[0])
        click.echo(f"A form to rate with, at {name}: {public_url}/danh-gia/{best.code}")


def _say_how_to_sign_in(connection: Connection, engine: Engine, public_url: str) -> None:
    """Print the sample's sign-ins, its devices and links being there; a real database has none."""
    register = load(connection)
    sample_devices(connection, register, at=now_milliseconds())
    sample_links(connection, register, at=now_milliseconds())
    made = sample_sign_ins(connection, register, password_file(engine), at=now_milliseconds())
    if made:
        click.echo(f"Sample sign-ins for {public_url}/dang-nhap (this database's alone):")
    for each in made:
        unit = f", {register.unit_name(each.unit, register.city.languages[0])}" if each.unit else ""
        click.echo(f"  {each.name:<16} {each.password}  {each.role}{unit}")


def _make_folder(engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        file = make_url(engine.url).database
        if file:
            Path(file).parent.mkdir(parents=True, exist_ok=True)


def _bad_rows(error: RegisterError) -> str:
    rows = "\n".join(f"  {problem}" for problem in error.problems)
    return f"Nothing was changed. {len(error.problems)} problem(s):\n{rows}"


def _counts(counts: dict[str, int]) -> str:
    words = [f"{table.replace('_', ' ')} {number}" for table, number in counts.items() if number]
    return ", ".join(words) or "nothing"
