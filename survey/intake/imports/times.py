"""Times as files write them: a format, a zone, and a rule for clocks that are put back."""

from __future__ import annotations

import datetime as dt
import re
import zoneinfo
from collections.abc import Sequence
from typing import Literal

from survey.intake.imports.faults import Fault, Faults, RefusedError, blame
from survey.intake.imports.mapping import DayEntry, MonthEntry, TimeEntry
from survey.intake.imports.table import Cell, Formula, shown

EXCEL = "excel"

_DIRECTIVES = {
    "Y": r"(?P<Y>(?:19|2\d)\d\d)",
    "m": r"(?P<m>1[0-2]|0?[1-9])",
    "d": r"(?P<d>3[01]|[12]\d|0?[1-9])",
    "H": r"(?P<H>2[0-3]|[01]?\d)",
    "M": r"(?P<M>[0-5]?\d)",
    "S": r"(?P<S>[0-5]?\d)",
    "z": r"(?P<z>Z|[+-](?:[01]\d|2[0-3]):?[0-5]\d)",
}
_EPOCH = dt.date(1970, 1, 1).toordinal()
_DAY = 86400
_QUARTERS = [dt.timedelta(minutes=15) * place for place in range(97)]
_KEPT = 50_000

Moment = tuple[int, dt.date, str]
"""UTC seconds, the local day, and the day as text where the file gives no time of day."""


def compile_format(text: str, needed: str) -> re.Pattern[str]:
    """Return a pattern for a format; ``needed`` are the directives that must be in it.

    Raises RefusedError (``format``) for a directive that is unknown, missing or there twice.
    """
    found: list[str] = []
    pattern = ""
    for literal, directive in re.findall(r"([^%]+)|%(.?)", text):
        if literal:
            pattern += re.escape(literal)
        elif directive in _DIRECTIVES and directive not in found:
            found.append(directive)
            pattern += _DIRECTIVES[directive]
        else:
            raise RefusedError("format", value=text, detail=f"%{directive}")
    missing = set(needed) - set(found)
    if missing:
        raise RefusedError("format", value=text, detail=f"without %{min(missing)}")
    return re.compile(pattern, re.ASCII)


def find_zone(name: str) -> zoneinfo.ZoneInfo:
    """Return a time zone by its IANA name; RefusedError (``zone``) where there is none."""
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise RefusedError("zone", value=name) from error


class Clock:
    """Turns a local time into an instant.

    A local time that never was (clocks put forward) is a fault. One that was twice (clocks put
    back) is the earlier or the later instant or a fault, as the map says.
    """

    def __init__(
        self, zone: zoneinfo.ZoneInfo, ambiguous: Literal["earlier", "later", "refuse"]
    ) -> None:
        self._zone = zone
        self._ambiguous = ambiguous
        self._offsets: dict[dt.date, int | None] = {}

    def instant(self, day: dt.date, second: int) -> int | str:
        """Return UTC seconds for a second of a local day, or the code of a fault."""
        offset = self._offset(day)
        local = (day.toordinal() - _EPOCH) * _DAY + second
        return local - offset if offset is not None else self._on_the_day(day, second, local)

    def is_steady(self, day: dt.date) -> bool:
        """Tell whether a day has one offset from UTC from its start to its end."""
        return self._offset(day) is not None

    def first_instant(self, day: dt.date) -> int:
        """Return the UTC seconds at which a local day begins."""
        midnight = dt.datetime.combine(day, dt.time.min, self._zone)
        return int(midnight.timestamp())

    def _offset(self, day: dt.date) -> int | None:
        """The day's offset from UTC in seconds, None on a day on which it changes."""
        if day not in self._offsets:
            if len(self._offsets) >= _KEPT:
                self._offsets.clear()
            self._offsets[day] = self._steady_offset(day)
        return self._offsets[day]

    def _steady_offset(self, day: dt.date) -> int | None:
        start = dt.datetime.combine(day, dt.time.min)
        first = [start + step for step in _QUARTERS]
        again = [moment.replace(fold=1) for moment in first]
        offsets = set(map(self._zone.utcoffset, first + again))
        if len(offsets) > 1:
            return None
        offset = offsets.pop()
        return int(offset.total_seconds()) if offset is not None else None

    def _on_the_day(self, day: dt.date, second: int, local: int) -> int | str:
        naive = dt.datetime.combine(day, dt.time.min) + dt.timedelta(seconds=second)
        first, last = (self._seconds(naive.replace(tzinfo=self._zone, fold=f)) for f in (0, 1))
        if first < last:
            return "time_never_was"
        if first == last or self._ambiguous == "earlier":
            return local - first
        return local - last if self._ambiguous == "later" else "time_was_twice"

    @staticmethod
    def _seconds(moment: dt.datetime) -> int:
        offset = moment.utcoffset()
        return int(offset.total_seconds()) if offset is not None else 0


class TimeColumn:
    """Reads the column of times. ``city_zone`` is the zone in which service days are."""

    def __init__(self, entry: TimeEntry, city_zone: zoneinfo.ZoneInfo, now: int) -> None:
        self.column = entry.column
        self._city_zone = city_zone
        self._now = now
        self._pattern = None
        if entry.format != EXCEL:
            self._pattern = compile_format(entry.format, "Ymd")
        groups = self._pattern.groupindex if self._pattern is not None else {"H": 1}
        if "H" not in groups and groups.keys() & {"M", "S", "z"}:
            raise RefusedError("format", value=entry.format, detail="without %H")
        self._is_day_only = "H" not in groups
        self._has_offset = "z" in groups
        self._clock_parts = [part for part in "HMS" if part in groups]
        if not entry.zone and "z" not in groups:
            raise RefusedError("zone", value="", detail="time.zone")
        zone = find_zone(entry.zone) if entry.zone else city_zone
        self._is_local = zone.key == city_zone.key and "z" not in groups
        self._clock = Clock(zone, entry.ambiguous)
        self._smallest = 60 ** (3 - len(self._clock_parts))
        self._starts: dict[tuple[str, ...], tuple[int, dt.date]] = {}

    def read(self, cells: Sequence[Cell], faults: Faults) -> list[Moment | None]:
        """Return a moment for each cell, None where there is a fault.

        Codes: ``formula``, ``time``, ``time_never_was``, ``time_was_twice``, ``time_future``.
        """
        moments: list[Moment | None] = []
        for place, cell in enumerate(cells):
            found = self._moment(cell)
            if isinstance(found, str):
                blame(faults, place, Fault(found, self.column, shown(cell)))
                moments.append(None)
            else:
                moments.append(found)
        return moments

    def _moment(self, cell: Cell) -> Moment | str:
        if isinstance(cell, str):
            found = self._from_text(cell)
        elif isinstance(cell, Formula):
            return "formula"
        else:
            found = self._from_local(cell.date(), cell.hour * 3600 + cell.minute * 60 + cell.second)
        if not isinstance(found, str) and found[0] > self._now:
            return "time_future"
        return found

    def _from_text(self, text: str) -> Moment | str:
        if self._pattern is None:
            moment = excel_time(text)
            if moment is None:
                return "time"
            second = moment.hour * 3600 + moment.minute * 60 + moment.second
            return self._from_local(moment.date(), second)
        match = self._pattern.fullmatch(text.strip())
        if match is None:
            return "time"
        parts = match.group("Y", "m", "d")
        second = 0
        for part in self._clock_parts:
            second = second * 60 + int(match[part])
        second *= self._smallest
        start = self._starts.get(parts)
        if start is not None:
            return start[0] + second, start[1], ""
        return self._from_match(match, parts, second)

    def _from_match(
        self, match: re.Match[str], parts: tuple[str, ...], second: int
    ) -> Moment | str:
        try:
            day = dt.date(*map(int, parts))
        except ValueError:
            return "time"
        if self._has_offset:
            local = (day.toordinal() - _EPOCH) * _DAY + second
            return self._placed(local - _offset(match["z"]), day)
        found = self._from_local(day, second)
        is_plain = self._is_local and not self._is_day_only and self._clock.is_steady(day)
        if is_plain and not isinstance(found, str):
            # the same few hundred days stand in every row of a file
            if len(self._starts) >= _KEPT:
                self._starts.clear()
            self._starts[parts] = found[0] - second, day
        return found

    def _from_local(self, day: dt.date, second: int) -> Moment | str:
        if self._is_day_only:
            return self._clock.first_instant(day), day, day.isoformat()
        instant = self._clock.instant(day, second)
        return instant if isinstance(instant, str) else self._placed(instant, day)

    def _placed(self, instant: int, day: dt.date) -> Moment:
        if not self._is_local:
            day = dt.datetime.fromtimestamp(instant, self._city_zone).date()
        return instant, day, ""


def _offset(text: str) -> int:
    if text == "Z":
        return 0
    digits = text[1:].replace(":", "")
    seconds = int(digits[:2]) * 3600 + int(digits[2:]) * 60
    return -seconds if text[0] == "-" else seconds


def excel_time(text: str) -> dt.datetime | None:
    """Return the local time of a spreadsheet's serial number (days since 1900), else None.

    >>> excel_time("45123.5")
    datetime.datetime(2023, 7, 16, 12, 0)
    """
    # here alone, as in workbook.py: it takes long to load, and most files do not need it
    from openpyxl.utils.datetime import from_excel

    try:
        number = float(text)
        moment = from_excel(number) if 1 <= number < 2_958_466 else None
    except (ValueError, OverflowError):
        return None
    return moment if isinstance(moment, dt.datetime) else None


class DayColumn:
    """Reads a column of days."""

    def __init__(self, entry: DayEntry, last_on: dt.date) -> None:
        self.column = entry.column
        self._last_on = last_on
        self._pattern = None if entry.format == EXCEL else compile_format(entry.format, "Ymd")

    def read(self, cells: Sequence[Cell], faults: Faults) -> list[dt.date | None]:
        """Return a day for each cell; an empty cell has none.

        Codes: ``formula``, ``time``, ``time_future``.
        """
        days: list[dt.date | None] = []
        for place, cell in enumerate(cells):
            found = _day(cell, self._pattern)
            if isinstance(found, dt.date) and found > self._last_on:
                found = "time_future"
            if isinstance(found, str):
                blame(faults, place, Fault(found, self.column, shown(cell)))
                found = None
            days.append(found)
        return days


def _day(cell: Cell, pattern: re.Pattern[str] | None) -> dt.date | str | None:
    if isinstance(cell, Formula):
        return "formula"
    if isinstance(cell, dt.datetime):
        return cell.date()
    if not cell.strip():
        return None
    if pattern is None:
        moment = excel_time(cell)
        return moment.date() if moment is not None else "time"
    match = pattern.fullmatch(cell.strip())
    if match is None:
        return "time"
    try:
        return dt.date(*(int(match.groupdict().get(part) or 1) for part in "Ymd"))
    except ValueError:
        return "time"


class MonthColumn:
    """Reads months, as a column or a constant; ``last`` is the month that runs now."""

    def __init__(self, entry: MonthEntry, last: str) -> None:
        self.column = entry.column
        self._last = last
        self._constant = entry.constant
        self._pattern = None if entry.format == EXCEL else compile_format(entry.format, "Ym")
        if entry.constant and isinstance(self._month(entry.constant, _CONSTANT), Fault):
            raise RefusedError("month", value=entry.constant)

    def read(self, cells: Sequence[Cell], faults: Faults) -> list[str]:
        """Return ``YYYY-MM`` for each cell. Codes: ``formula``, ``month``, ``time_future``."""
        if self._constant:
            return [self._constant] * len(cells)
        months = []
        for place, cell in enumerate(cells):
            found = self._month(cell, self._pattern)
            if isinstance(found, Fault):
                blame(faults, place, found)
                found = ""
            months.append(found)
        return months

    def _month(self, cell: Cell, pattern: re.Pattern[str] | None) -> str | Fault:
        found = _day(cell, pattern)
        if not isinstance(found, dt.date):
            code = "formula" if found == "formula" else "month"
            return Fault(code, self.column, shown(cell))
        month = f"{found.year:04d}-{found.month:02d}"
        return month if month <= self._last else Fault("time_future", self.column, month)


_CONSTANT = compile_format("%Y-%m", "Ym")
