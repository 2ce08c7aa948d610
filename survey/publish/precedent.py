"""What is public already of a figure about to be released: by earlier editions and other periods.

A release is for ever. Whoever has the months of a quarter and the quarter has the difference; so
a new figure is held against every sum in time that it closes with figures published before.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from survey.estimate.groups import REFERENCE
from survey.estimate.rate import Rate, SeriesKey
from survey.publish.editions import Release, decode_rate
from survey.publish.sums import Cell
from survey.publish.tables import published_rate
from survey.terms.period import Period, parse_period

Span = tuple[str, str]
"""First and last day, ISO."""


class Family(NamedTuple):
    """Rates that count the same thing, for different cells and periods."""

    measure: str
    series: tuple[SeriesKey, ...]
    unit_role: str
    question: str


class Count(NamedTuple):
    """The two numbers of a figure that ratings are counted in."""

    answered: int
    satisfied: int


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """What is read of a published rate."""

    measure: str
    series: tuple[SeriesKey, ...]
    unit: str | None
    unit_role: str
    with_children: bool = False
    field: str | None
    period: str
    days: str | None = None
    edition: int
    question: str
    satisfied: int | None = None
    answered: int | None = None


class Precedent:
    """Everything published before that closes a sum with a period, read once.

    ``periods`` are the released periods that it comes from; ``needed`` those whose figures stand
    in a sum with them and the period, the period itself left out; ``open`` those of them that
    are not released and may be as far as others are concerned.
    """

    def __init__(self, connection: Connection, period: Period, earlier: Sequence[Release]) -> None:
        self._period = period
        released = {item.period for item in earlier}
        around = next((whole for whole in _wholes(period)[::-1] if whole in released), period)
        self.periods = {each for each in released if each.overlaps(around)}
        self.needed = sorted({*self.periods, *_within(around, {*self.periods, period})} - {period})
        self.open = _open({*self.needed} - self.periods, {*self.needed, period})
        self._values: dict[tuple[Family, Span, Cell], list[Count]] = {}
        self._documents: dict[tuple[Family, Span, Cell], str] = {}
        for item in sorted(earlier, key=lambda item: item.id):
            if item.period in self.periods:
                self._read(connection, item)

    def figures(self, rate: Rate) -> list[Count]:
        """Return every figure published for what a rate counts, the oldest first."""
        return self._values.get((family_of(rate), span_of(rate), cell_of(rate)), [])

    def last_edition(self, rate: Rate) -> Rate | None:
        """Return the newest figure that an earlier edition of the period shows, if any."""
        document = self._documents.get((family_of(rate), span_of(rate), cell_of(rate)))
        return None if document is None else decode_rate(document)

    def _read(self, connection: Connection, item: Release) -> None:
        table = published_rate.c
        query = sa.select(table.document).where(table.release == item.id).order_by(table.place)
        for row in connection.execute(query):
            figure = _DECODER.decode(row.document)
            if figure.answered is None or figure.edition != item.edition:
                continue  # hidden, or kept from an edition that was read before
            key = family_of(figure), span_of(figure), cell_of(figure)
            self._values.setdefault(key, []).append(count_of(figure))
            if item.period == self._period:
                self._documents[key] = row.document


_DECODER = msgspec.json.Decoder(Figure)


def family_of(rate: Rate | Figure) -> Family:
    """Return what a rate has in common with those that it may be added to."""
    series = rate.series if rate.measure == REFERENCE else ()
    return Family(rate.measure, series, rate.unit_role, rate.question)


def period_of(rate: Rate | Figure) -> Period:
    """Return the period that a rate is of."""
    return _parsed(rate.period)


_parsed = functools.cache(parse_period)


def cell_of(rate: Rate | Figure) -> Cell:
    """Return whose ratings a rate counts."""
    return Cell(rate.unit, rate.with_children, rate.field)


def span_of(rate: Rate | Figure) -> Span:
    """Return the days that a rate counts: its period's, or those of one rule in it."""
    if rate.days is None:
        return _days(period_of(rate))
    first, _, last = rate.days.partition("/")
    return first, last


def count_of(rate: Rate | Figure) -> Count:
    """Return the numbers of a rate, 0 for unknown."""
    return Count(rate.answered or 0, rate.satisfied or 0)


@functools.cache
def _days(period: Period) -> Span:
    return period.first_on.isoformat(), period.last_on.isoformat()


def _within(whole: Period, public: Iterable[Period]) -> Iterator[Period]:
    """Return a period and, as far down as something is public, what it is made of."""
    inner = [period for period in public if whole.contains(period)]
    yield whole
    if any(period != whole for period in inner):
        for part in whole.parts:
            yield from _within(part, inner)


def _open(to_come: set[Period], needed: set[Period]) -> set[Period]:
    """Return the periods to come that nothing protects but their own figures.

    Two months to come of one quarter cover each other; a single one is told by the others. A
    quarter whose months are needed is their sum, released or not.
    """
    covered = Counter(
        _wholes(each)[0]
        for each in to_come
        if not any(each.contains(other) and each != other for other in needed)
    )
    return {
        each
        for each in to_come
        if any(each.contains(other) and each != other for other in needed)
        or covered[_wholes(each)[0]] == 1
    }


def _wholes(period: Period) -> list[Period]:
    """Return the quarter and the year that a shorter period lies in."""
    year, month = period.first[:4], int(period.first[5:])
    start = month - (month - 1) % 3
    quarter = Period(f"{year}-{start:02d}", f"{year}-{start + 2:02d}")
    wholes = (quarter, Period(f"{year}-01", f"{year}-12"))
    return [whole for whole in wholes if whole.contains(period) and whole != period]
