"""``flask device hours``: when a reception point is open."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

import click
from sqlalchemy.engine import Engine

from survey.commands.group import Commands
from survey.db import writing
from survey.devices import hours
from survey.devices.fleet import DeviceError
from survey.register.snapshot import RegisterCache
from survey.staff.deeds import COMMAND_LINE, now_milliseconds, record

_SPANS = re.compile(
    r"(?P<first>[1-7])(-(?P<last>[1-7]))?="
    r"(?P<times>[0-9:]+-[0-9:]+(,[0-9:]+-[0-9:]+)*)"
)


def add_hours(device: Commands, engine: Engine, registers: RegisterCache) -> None:
    """Add the command to the group ``device``."""

    @device.command("hours")
    @click.argument("point")
    @click.argument("spans", nargs=-1)
    @click.option("--from", "from_on", type=click.DateTime(["%Y-%m-%d"]), help="Default: today.")
    @click.option("--clear", is_flag=True, help="Take the hours back: open always.")
    def hours_command(
        point: str, spans: tuple[str, ...], from_on: dt.datetime | None, clear: bool
    ) -> None:
        """Set when a point is open, say 1-5=07:30-11:30,13:00-17:00 6=07:30-11:30; else show it."""
        at = now_milliseconds()
        with writing(engine) as connection, told():
            register = registers.get(connection)
            today = dt.datetime.now(register.city.zone).date()
            if spans or clear:
                week = read_week(spans) if spans else None
                day = from_on.date() if from_on is not None else today
                hours.set_hours(connection, register, point, week, from_on=day, at=at)
                record(
                    connection,
                    by=COMMAND_LINE,
                    deed="point.hours",
                    unit=register.points[point].unit,
                    subject=point,
                    detail=f"{day} {hours.week_text(week)}",
                    at=at,
                )
            rows = hours.timetable(connection, point).in_force()
        for row in rows:
            click.echo(f"from {row.from_on}: {hours.week_text(row.week)}")
        if not rows:
            click.echo("No hours are set: open always.")


def read_week(spans: Sequence[str]) -> hours.Week:
    """Return a week from texts such as ``1-5=07:30-11:30,13:00-17:00``; other days are closed.

    Raises DeviceError (``hours``).

    >>> read_week(["1-2=07:30-17:00", "7=08:00-09:00"])[6]
    (('08:00', '09:00'),)
    """
    week: list[tuple[hours.Span, ...]] = [()] * hours.DAYS
    for text in spans:
        found = _SPANS.fullmatch(text)
        if found is None:
            raise DeviceError("hours", f"Not days and times, such as 1-5=07:30-17:00: {text}")
        first, last = int(found["first"]), int(found["last"] or found["first"])
        times = [tuple(span.split("-")) for span in found["times"].split(",")]
        for day in range(first, last + 1):
            week[day - 1] = tuple((a, b) for a, b in times)
    return hours.check_week(tuple(week))


class told:  # noqa: N801 (reads as a word in a with statement)
    """Turns what a person can put right into a message of the command line."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, DeviceError):
            raise click.ClickException(str(error)) from error
