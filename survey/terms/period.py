"""Periods of publication: a month, a quarter, a year, or a run of whole months."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from functools import lru_cache

import msgspec

from survey.terms.problem import InvalidTermError

_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")
_QUARTER = re.compile(r"([0-9]{4})-Q([1-4])")
_YEAR = re.compile(r"[0-9]{4}")


class Period(msgspec.Struct, frozen=True, order=True):
    """Whole calendar months from ``first`` to ``last`` (both ``YYYY-MM``, inclusive)."""

    first: str
    last: str

    def __str__(self) -> str:
        """Return the shortest spelling, the one used in addresses."""
        year, month = _split(self.first)
        end_year, end_month = _split(self.last)
        if self.first == self.last:
            return self.first
        if (month, end_month) == (1, 12) and year == end_year:
            return f"{year:04d}"
        if year == end_year and month % 3 == 1 and end_month == month + 2:
            return f"{year:04d}-Q{(month + 2) // 3}"
        return f"{self.first}..{self.last}"

    @property
    def kind(self) -> str:
        """``month``, ``quarter``, ``year`` or ``run``."""
        text = str(self)
        if ".." in text:
            return "run"
        if "Q" in text:
            return "quarter"
        return "month" if "-" in text else "year"

    @property
    def first_on(self) -> dt.date:
        """The first day of the period."""
        return dt.date(*_split(self.first), 1)

    @property
    def last_on(self) -> dt.date:
        """The last day of the period."""
        year, month = _split(self.last)
        return dt.date(year, month, calendar.monthrange(year, month)[1])

    @property
    def months(self) -> tuple[str, ...]:
        """Every month of the period as ``YYYY-MM``, in order."""
        year, month = _split(self.first)
        months = [self.first]
        while months[-1] != self.last:
            year, month = (year, month + 1) if month < 12 else (year + 1, 1)
            months.append(f"{year:04d}-{month:02d}")
        return tuple(months)

    @property
    def parts(self) -> tuple[Period, ...]:
        """The next smaller standard periods inside: a year's quarters, a quarter's months."""
        if self.kind == "year":
            return tuple(parse_period(f"{self.first[:4]}-Q{q}") for q in (1, 2, 3, 4))
        if self.kind == "month":
            return ()
        return tuple(Period(month, month) for month in self.months)

    def overlaps(self, other: Period) -> bool:
        """Tell whether the two periods share a month."""
        return self.first <= other.last and other.first <= self.last

    def contains(self, other: Period) -> bool:
        """Tell whether every month of ``other`` lies in this period."""
        return self.first <= other.first and other.last <= self.last


def parse_period(text: str) -> Period:
    """Parse ``2026-10``, ``2026-Q3``, ``2026`` or ``2023-07..2024-04``.

    Only the shortest spelling of a period is accepted, so that each has one address.

    Raises InvalidTermError (``period``) for anything else, an empty or reversed run included.

    >>> str(parse_period("2026-Q3")), parse_period("2026-Q3").months
    ('2026-Q3', ('2026-07', '2026-08', '2026-09'))
    """
    period = _parse(text)
    if period is None or str(period) != text:
        raise InvalidTermError("period", detail=text)
    return period


def _parse(text: str) -> Period | None:
    if text.startswith("0000"):  # the calendar has no such year
        return None
    if _YEAR.fullmatch(text):
        return Period(f"{text}-01", f"{text}-12")
    if match := _QUARTER.fullmatch(text):
        last = int(match[2]) * 3
        return Period(f"{match[1]}-{last - 2:02d}", f"{match[1]}-{last:02d}")
    first, dots, last_text = text.partition("..")
    last_text = last_text if dots else first
    if not (_MONTH.fullmatch(first) and _MONTH.fullmatch(last_text)) or first > last_text:
        return None
    return Period(first, last_text)


@lru_cache(maxsize=4096)  # the same few hundred days stand in every row of a file
def month_of(day: dt.date) -> str:
    """Return the month of a day as ``YYYY-MM``."""
    return f"{day.year:04d}-{day.month:02d}"


def quarter_of(month: str) -> Period:
    """Return the quarter that a month (``YYYY-MM``) lies in.

    >>> str(quarter_of("2026-08"))
    '2026-Q3'
    """
    year, number = _split(month)
    return parse_period(f"{year:04d}-Q{(number + 2) // 3}")


def _split(month: str) -> tuple[int, int]:
    return int(month[:4]), int(month[5:])
