"""What is public already of a figure about to be released: by earlier editions and other periods.

A release is for ever. Whoever has the months of a quarter and the quarter has the difference; so
a new figure is held against every sum in time that it closes with figures published before.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from survey.estimate.rate import Rate, SeriesKey
from survey.estimate.rates import REFERENCE
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


class Prior(NamedTuple):
    """What earlier releases say of a figure.

    ``before`` is the figure itself, or what sums of earlier figures give for it; None where they
    give nothing. ``is_edition`` tells that an edition of the same period published it. ``barred``
    means that the new figure would give a small remainder away.
    """

    before: Count | None = None
    is_edition: bool = False
    barred: bool = False


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


class _Pieces(NamedTuple):
    """Parts of a period: the sum of the known ones, and how many are known, hidden, to come."""

    answered: int = 0
    satisfied: int = 0
    n_known: int = 0
    n_hidden: int = 0
    n_to_come: int = 0


_Values = dict[Span, list[Count]]
"""By days, the figures published for them, oldest first."""


class Precedent:
    """Everything published before that has to do with a period, read once."""

    def __init__(
        self, connection: Connection, period: Period, earlier: Sequence[Release], minimum: int
    ) -> None:
        self._period, self._minimum = period, minimum
        public = {item.period for item in earlier}
        around = next((whole for whole in _wholes(period)[::-1] if whole in public), period)
        near = sorted(
            (item for item in earlier if item.period.overlaps(around)), key=lambda item: item.id
        )
        self._released = {item.period for item in near}
        self._values: dict[tuple[Family, Cell], _Values] = {}
        self._documents: dict[tuple[Family, Cell, Span], str] = {}
        for item in near:
            self._read(connection, item)

    def prior(self, rate: Rate) -> Prior:
        """Return what is public already of a figure that is about to be."""
        values = self._values.get((family_of(rate), cell_of(rate)))
        if values is None:
            return Prior()
        span, now = span_of(rate), count_of(rate)
        found = [Prior(before) for before in reversed(values.get(span, ()))]
        found += [*self._of_parts(values, span, now), *self._of_wholes(values, span, now)]
        befores = [each.before for each in found if each.before is not None]
        barred = any(each.barred for each in found) or any(
            self._is_near(now, other) for other in befores[1:] if other != befores[0]
        )
        is_edition = (family_of(rate), cell_of(rate), span) in self._documents
        return Prior(befores[0] if befores else None, is_edition, barred)

    def last_edition(self, rate: Rate) -> Rate:
        """Return the newest figure of an earlier edition. KeyError where there is none."""
        return decode_rate(self._documents[family_of(rate), cell_of(rate), span_of(rate)])

    def _read(self, connection: Connection, item: Release) -> None:
        table = published_rate.c
        query = sa.select(table.document).where(table.release == item.id).order_by(table.place)
        if self._period.kind == "month":  # which has no cell of a unit and a field
            query = query.where(sa.or_(table.unit.is_(None), table.field.is_(None)))
        for row in connection.execute(query):
            figure = _DECODER.decode(row.document)
            if figure.answered is None or figure.edition != item.edition:
                continue  # hidden, or kept from an edition that was read before
            key = family_of(figure), cell_of(figure)
            span = span_of(figure)
            self._values.setdefault(key, {}).setdefault(span, []).append(count_of(figure))
            if item.period == self._period:
                self._documents[(*key, span)] = row.document

    def _is_near(self, one: Count, other: Count) -> bool:
        return one != other and abs(one.answered - other.answered) < self._minimum

    def _of_parts(self, values: _Values, span: Span, now: Count) -> Iterator[Prior]:
        """What the parts of the period say of the whole."""
        known = _total(self._pieces(values, span, part, None) for part in self._period.parts)
        if known.n_known:
            rest = now.answered - known.answered
            yield self._closing(known, rest, Count(known.answered, known.satisfied))

    def _of_wholes(self, values: _Values, span: Span, now: Count) -> Iterator[Prior]:
        """What a longer period and its other parts say of this one."""
        for whole in _wholes(self._period):
            for days, totals in values.items():
                if not (_contains(_days(whole), days) and _contains(days, span)) or days == span:
                    continue
                known = self._pieces(values, days, whole, now)
                for total in reversed(totals):
                    rest = total.answered - known.answered
                    implied = Count(
                        now.answered + rest, now.satisfied + total.satisfied - known.satisfied
                    )
                    yield self._closing(known, rest, implied)

    def _closing(self, known: _Pieces, rest: int, implied: Count) -> Prior:
        """What a sum over time says: its last piece, or that a remainder is too small."""
        if rest == 0 or known.n_hidden + known.n_to_come == 0:
            return Prior(implied)
        is_single = known.n_hidden == 1 and known.n_to_come == 0
        return Prior(barred=rest > 0 and (rest < self._minimum or is_single))

    def _pieces(self, values: _Values, within: Span, period: Period, now: Count | None) -> _Pieces:
        """What is known of a period within some days; ``now`` is the figure about to be."""
        first, last = _days(period)
        span = max(first, within[0]), min(last, within[1])
        if span[0] > span[1]:
            return _Pieces()
        if now is not None and period == self._period:
            return _Pieces(now.answered, now.satisfied, 1)
        if span in values and not (now is not None and period.contains(self._period)):
            last_one = values[span][-1]
            return _Pieces(last_one.answered, last_one.satisfied, 1)
        parts = _total(self._pieces(values, within, part, now) for part in period.parts)
        if parts.n_known:
            return parts
        if any(period.contains(released) for released in self._released):
            return _Pieces(n_hidden=1)
        return _Pieces(n_to_come=1)


_DECODER = msgspec.json.Decoder(Figure)


def family_of(rate: Rate | Figure) -> Family:
    """Return what a rate has in common with those that it may be added to."""
    series = rate.series if rate.measure == REFERENCE else ()
    return Family(rate.measure, series, rate.unit_role, rate.question)


def cell_of(rate: Rate | Figure) -> Cell:
    """Return whose ratings a rate counts."""
    return Cell(rate.unit, rate.with_children, rate.field)


def span_of(rate: Rate | Figure) -> Span:
    """Return the days that a rate counts: its period's, or those of one rule in it."""
    if rate.days is None:
        return _days(parse_period(rate.period))
    first, _, last = rate.days.partition("/")
    return first, last


def count_of(rate: Rate | Figure) -> Count:
    """Return the numbers of a rate, 0 for unknown."""
    return Count(rate.answered or 0, rate.satisfied or 0)


@functools.cache
def _days(period: Period) -> Span:
    return period.first_on.isoformat(), period.last_on.isoformat()


def _contains(outer: Span, inner: Span) -> bool:
    return outer[0] <= inner[0] and inner[1] <= outer[1]


def _total(pieces: Iterable[_Pieces]) -> _Pieces:
    return _Pieces(*(sum(column) for column in zip(_Pieces(), *pieces, strict=True)))


def _wholes(period: Period) -> list[Period]:
    """Return the quarter and the year that a shorter period lies in."""
    year, month = period.first[:4], int(period.first[5:])
    start = month - (month - 1) % 3
    quarter = Period(f"{year}-{start:02d}", f"{year}-{start + 2:02d}")
    wholes = (quarter, Period(f"{year}-01", f"{year}-12"))
    return [whole for whole in wholes if whole.contains(period) and whole != period]
