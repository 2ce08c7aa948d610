"""Opening hours of reception points: set for a day and those after it, never changed afterwards.

A point without hours is held to be open always by its devices (they never sleep), and to be open on
working days by whoever asks whether one is silent.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import TypeAlias

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from survey.devices.fleet import DeviceError
from survey.devices.tables import point_hours
from survey.register.snapshot import Register

Span: TypeAlias = tuple[str, str]
"""From when until when, "HH:MM" by the city's clocks."""
Week: TypeAlias = tuple[tuple[Span, ...], ...]
"""The spans of each day, Monday first."""

MOST_SPANS = 2
DAYS = 7

_WORKDAY: tuple[Span, ...] = (("07:30", "17:00"),)
USUAL: Week = (_WORKDAY,) * 5 + ((),) * 2
"""What is supposed of a point without hours of its own."""

_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")


class Hours(msgspec.Struct, frozen=True):
    """A row of ``point_hours``; ``week`` is None where hours were taken back."""

    point: str
    from_on: dt.date
    set_at: int
    week: Week | None


class Timetable(msgspec.Struct, frozen=True):
    """The rows of one point, in the order in which they hold."""

    rows: tuple[Hours, ...] = ()

    def week_on(self, day: dt.date) -> Week | None:
        """Return the hours of the week that hold on a day, None where none are set."""
        held = [row.week for row in self.rows if row.from_on <= day]
        return held[-1] if held else None

    def in_force(self) -> list[Hours]:
        """Return the rows that hold on some day: of those for one day, the last."""
        by_day = {row.from_on: row for row in self.rows}
        return list(by_day.values())

    def open_days(self, zone: dt.tzinfo, since: int, until: int) -> Fraction:
        """Return how many open days lie between two instants (UTC milliseconds), at most 1.

        Of a day that lies in part between them, its share of that day's open time counts. So a
        device is silent for a working day whatever weekends and nights lie between.
        """
        total, day = Fraction(0), _local_day(zone, since)
        while total < 1 and day <= _local_day(zone, until):
            total += self._share(zone, day, since, until)
            day += dt.timedelta(days=1)
        return min(total, Fraction(1))

    def _share(self, zone: dt.tzinfo, day: dt.date, since: int, until: int) -> Fraction:
        week = self.week_on(day) or USUAL
        spans = [(_instant(zone, day, a), _instant(zone, day, b)) for a, b in week[day.weekday()]]
        length = sum(last - first for first, last in spans)
        if not length:
            return Fraction(0)
        passed = sum(max(0, min(last, until) - max(first, since)) for first, last in spans)
        return Fraction(passed, length)


def check_week(week: Week) -> Week:
    """Return hours that are sound: seven days, each as ``check_day`` asks.

    Raises DeviceError (``hours``).
    """
    if len(week) != DAYS:
        raise DeviceError("hours", f"Hours are those of {DAYS} days.")
    for day in week:
        check_day(day)
    return week


def check_day(day: tuple[Span, ...]) -> None:
    """Hold a day to what is sound: at most two spans, in order, not touching each other.

    Raises DeviceError (``hours``).
    """
    times = [time for span in day for time in span]
    if len(day) > MOST_SPANS:
        raise DeviceError("hours", f"A day has at most {MOST_SPANS} spans: {times}.")
    if not all(_TIME.fullmatch(time) for time in times):
        raise DeviceError("hours", f"Times are HH:MM from 00:00 to 23:59: {times}.")
    if any(later <= earlier for earlier, later in pairwise(times)):
        raise DeviceError("hours", f"Each time of a day must be after the one before: {times}.")


def week_text(week: Week | None) -> str:
    """Return hours as they are kept: JSON, ``null`` for none."""
    return msgspec.json.encode(week).decode()


def set_hours(
    connection: Connection,
    register: Register,
    point: str,
    week: Week | None,
    *,
    from_on: dt.date,
    at: int,
) -> None:
    """Let a point be open so from a day on; None: no hours are known. What held before stays.

    Raises DeviceError with ``point`` (unknown, or closed by then), ``past`` (the day is before
    today: what devices did then is not judged anew) or ``hours``.
    """
    found = register.points.get(point)
    if found is None or (found.valid_to is not None and found.valid_to < from_on):
        raise DeviceError("point", f"There is no reception point {point} in force on {from_on}.")
    if from_on < _local_day(register.city.zone, at):
        raise DeviceError("past", "Hours cannot be set for a day that has passed.")
    text = week_text(check_week(week) if week is not None else None)
    last = sa.select(sa.func.max(point_hours.c.set_at)).where(point_hours.c.point == point)
    set_at = max(at, (connection.execute(last).scalar() or 0) + 1)
    row = {"point": point, "from_on": from_on, "set_at": set_at, "week": text}
    connection.execute(sa.insert(point_hours), row)


def timetables(connection: Connection, points: Sequence[str] | None = None) -> dict[str, Timetable]:
    """Return the timetables of points (None: all); a point without hours has none."""
    columns = point_hours.c
    query = sa.select(point_hours).order_by(columns.point, columns.from_on, columns.set_at)
    if points is not None:
        query = query.where(columns.point.in_(points))
    rows: dict[str, list[Hours]] = {}
    for row in connection.execute(query):
        week = msgspec.json.decode(row.week, type=Week | None)
        rows.setdefault(row.point, []).append(Hours(row.point, row.from_on, row.set_at, week))
    return {point: Timetable(tuple(held)) for point, held in rows.items()}


def timetable(connection: Connection, point: str) -> Timetable:
    """Return the timetable of a point; an empty one where no hours were ever set."""
    return timetables(connection, [point]).get(point, Timetable())


def _local_day(zone: dt.tzinfo, at: int) -> dt.date:
    return dt.datetime.fromtimestamp(at / 1000, zone).date()


def _instant(zone: dt.tzinfo, day: dt.date, time: str) -> int:
    moment = dt.datetime.combine(day, dt.time.fromisoformat(time), zone)
    return int(moment.timestamp() * 1000)
