"""Reading what was published: releases, and their rates by city, unit and field."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from survey.estimate.rate import Rate, Timeliness
from survey.publish.tables import published_rate, published_timeliness, release
from survey.terms.period import Period, parse_period

EDITION = "<int(max=2147483647):edition>"
"""An edition in an address, no greater than what a database keeps."""


@dataclass(frozen=True)
class Release:
    """A period and an edition of the whole city; it never changes.

    ``made_at`` is an aware UTC instant, ``head`` the last ledger entry it was computed at,
    ``reason`` why a later edition was made. ``report`` says what was hidden and which thresholds
    and versions held.
    """

    id: int
    period: Period
    edition: int
    preliminary: bool
    made_at: dt.datetime
    head: int
    reason: str
    report: dict[str, Any]
    document_sha256: str

    @property
    def sample(self) -> bool:
        """Whether the figures are sample data."""
        return bool(self.report.get("sample", False))

    @property
    def replaces(self) -> int | None:
        """The edition that this one replaces, if any."""
        return self.edition - 1 if self.edition > 1 else None


def releases(connection: Connection) -> list[Release]:
    """Return every release: latest period first, its newest edition first."""
    query = sa.select(release)
    found = [_release(row) for row in connection.execute(query)]
    return sorted(found, key=lambda item: (item.period.last, item.period.first, item.edition))[::-1]


def newest(
    connection: Connection, period: Period | None = None, edition: int | None = None
) -> Release | None:
    """Return the newest edition of a period, that very edition, or None where there is none.

    Without a period: the newest released quarter, else the newest release.
    """
    query = sa.select(release).order_by(release.c.edition.desc())
    if period is not None:
        query = query.where(release.c.period == str(period))
        if edition is not None:
            query = query.where(release.c.edition == edition)
        row = connection.execute(query.limit(1)).first()
        return None if row is None else _release(row)
    found = releases(connection)
    quarters = [item for item in found if item.period.kind == "quarter"]
    return next(iter(quarters or found), None)


def _release(row: sa.Row[Any]) -> Release:
    return Release(
        id=row.id,
        period=parse_period(row.period),
        edition=row.edition,
        preliminary=row.preliminary,
        made_at=dt.datetime.fromtimestamp(row.made_at / 1000, dt.UTC),
        head=row.head,
        reason=row.reason,
        report=msgspec.json.decode(row.report),
        document_sha256=row.document_sha256,
    )


_RATE, _TIMES = published_rate.c, published_timeliness.c


def _rates_where(*conditions: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """Return a query for the rates of the release ``:of``; made once, since making one costs more
    than running it."""
    of_release = _RATE.release == sa.bindparam("of")
    return sa.select(_RATE.document).where(of_release, *conditions).order_by(_RATE.place)


def _times_where(condition: sa.ColumnElement[bool]) -> sa.Select[Any]:
    of_release = _TIMES.release == sa.bindparam("of")
    return sa.select(_TIMES.document).where(of_release, condition).order_by(_TIMES.place)


def _told_where(
    of_rates: sa.ColumnElement[bool],
    whole: sa.ColumnElement[bool],
    *of_times: sa.ColumnElement[bool],
) -> sa.CompoundSelect[Any]:
    """Return a query for all that a page tells: one statement costs little more than each of its
    parts. ``whole`` are the rates that the page follows through every release."""
    is_release = _RATE.release == sa.bindparam("of")
    # The indexes begin with the release: without one named, every rate ever published is read.
    of_any_release = _RATE.release.in_(sa.select(release.c.id))
    rates = sa.select(
        sa.literal_column("0").label("is_times"), _RATE.release, _RATE.place, _RATE.document
    ).where(of_any_release, of_rates, is_release | whole)
    times = sa.select(sa.literal_column("1"), _TIMES.release, _TIMES.place, _TIMES.document).where(
        _TIMES.release == sa.bindparam("of"), *of_times
    )
    return rates.union_all(times).order_by("is_times", "release", "place")


_IS_UNIT, _IS_FIELD = _RATE.unit == sa.bindparam("unit"), _RATE.field == sa.bindparam("field")
_IS_CITY, _IS_ALL_FIELDS = _RATE.unit.is_(None), _RATE.field.is_(None)
_TIMES_IS_UNIT, _TIMES_IS_CITY = _TIMES.unit == sa.bindparam("unit"), _TIMES.unit.is_(None)
_ALL = _rates_where()
_OF_CITY = _rates_where(_IS_CITY)
_OF_UNIT = _rates_where(_IS_UNIT)
_OF_FIELD = _rates_where(_IS_FIELD)
_OF_UNITS = _rates_where(_RATE.unit.is_not(None), _IS_ALL_FIELDS)
_TIMES_OF_CITY = _times_where(_TIMES_IS_CITY)
_TIMES_OF_UNIT = _times_where(_TIMES_IS_UNIT)
_TOLD_OF_CITY = _told_where(_IS_CITY, _IS_ALL_FIELDS, _TIMES_IS_CITY)
_TOLD_OF_UNIT = _told_where(_IS_UNIT, _IS_ALL_FIELDS, _TIMES_IS_UNIT)
_TOLD_OF_FIELD = _told_where(
    _IS_FIELD, _IS_CITY, _TIMES_IS_CITY, _TIMES.field == sa.bindparam("field")
)


def all_rates(connection: Connection, of: Release) -> list[Rate]:
    """Return every rate of a release, in the order in which they were published."""
    return _rates(connection, _ALL, of=of.id)


def city_rates(connection: Connection, of: Release) -> list[Rate]:
    """Return the city's rates: all fields together, and each field."""
    return _rates(connection, _OF_CITY, of=of.id)


def unit_rates(connection: Connection, of: Release, unit: str) -> list[Rate]:
    """Return the rates of one unit, its own and those with its children."""
    return _rates(connection, _OF_UNIT, of=of.id, unit=unit)


def field_rates(connection: Connection, of: Release, field: str) -> list[Rate]:
    """Return the rates of one field: the city's and every unit's."""
    return _rates(connection, _OF_FIELD, of=of.id, field=field)


def units_rates(connection: Connection, of: Release) -> list[Rate]:
    """Return the rate of every unit over all its fields."""
    return _rates(connection, _OF_UNITS, of=of.id)


def all_timeliness(connection: Connection, of: Release) -> list[Timeliness]:
    """Return every on-time and late share of a release, in the order of publication."""
    query = sa.select(_TIMES.document).where(_TIMES.release == of.id).order_by(_TIMES.place)
    return [_TIMES_DECODER.decode(document) for (document,) in connection.execute(query)]


def timeliness(connection: Connection, of: Release, unit: str | None) -> list[Timeliness]:
    """Return the on-time and late shares of a unit, or of the city (None)."""
    query = _TIMES_OF_CITY if unit is None else _TIMES_OF_UNIT
    found = connection.execute(query, {"of": of.id} | ({"unit": unit} if unit else {}))
    return [_TIMES_DECODER.decode(document) for (document,) in found]


@dataclass(frozen=True)
class Told:
    """What a page about the city, a unit or a field tells of a release.

    ``history`` holds the rates that the page follows, oldest period first, in the newest edition of
    each: those over all fields, or on a field's page those of the city.
    """

    rates: list[Rate]
    history: list[tuple[Release, list[Rate]]]
    timeliness: list[Timeliness]


def told_of_city(connection: Connection, known: Sequence[Release], of: Release) -> Told:
    """Return what a release says of the city.

    ``known`` are all releases, the newest edition of a period first.
    """
    return _told(connection, known, _TOLD_OF_CITY, _is_of_all_fields, of=of.id)


def told_of_unit(connection: Connection, known: Sequence[Release], of: Release, unit: str) -> Told:
    """Return what a release says of a unit."""
    return _told(connection, known, _TOLD_OF_UNIT, _is_of_all_fields, of=of.id, unit=unit)


def told_of_field(
    connection: Connection, known: Sequence[Release], of: Release, field: str
) -> Told:
    """Return what a release says of a field, over the city and in each unit."""
    return _told(connection, known, _TOLD_OF_FIELD, _is_of_city, of=of.id, field=field)


def _is_of_all_fields(rate: Rate) -> bool:
    return rate.field is None


def _is_of_city(rate: Rate) -> bool:
    return rate.unit is None


def _told(
    connection: Connection,
    known: Sequence[Release],
    query: sa.CompoundSelect[Any],
    is_followed: Callable[[Rate], bool],
    **values: Any,
) -> Told:
    latest: dict[Period, Release] = {}
    for item in known:
        latest.setdefault(item.period, item)
    followed: dict[int, list[Rate]] = {item.id: [] for item in latest.values()}
    rates: list[Rate] = []
    times: list[Timeliness] = []
    for is_times, number, _place, document in connection.execute(query, values):
        if is_times:
            times.append(_TIMES_DECODER.decode(document))
            continue
        if number != values["of"] and number not in followed:
            continue
        rate = decode_rate(document)
        if number == values["of"]:
            rates.append(rate)
        if number in followed and is_followed(rate):
            followed[number].append(rate)
    ordered = sorted(latest.values(), key=lambda item: (item.period.first, item.period.last))
    return Told(rates, [(item, followed[item.id]) for item in ordered], times)


_DECODER = msgspec.json.Decoder(Rate)
_TIMES_DECODER = msgspec.json.Decoder(Timeliness)


def decode_rate(document: str) -> Rate:
    """Return the rate that a published document holds."""
    return _DECODER.decode(document)


def _rates(connection: Connection, query: sa.Select[Any], **values: Any) -> list[Rate]:
    return [decode_rate(document) for (document,) in connection.execute(query, values)]


def in_period_order(items: Sequence[Release]) -> Iterator[Release]:
    """Yield releases from the oldest period to the newest, editions ascending."""
    yield from sorted(items, key=lambda item: (item.period.first, item.period.last, item.edition))
