"""Reading what was published: releases, and their rates by city, unit and field."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from survey.estimate.rate import Rate, Timeliness
from survey.publish.tables import published_rate, published_timeliness, release
from survey.terms.period import Period, parse_period


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


def all_rates(connection: Connection, of: Release) -> list[Rate]:
    """Return every rate of a release, in the order in which they were published."""
    return _rates(connection, of, [])


def city_rates(connection: Connection, of: Release) -> list[Rate]:
    """Return the city's rates: all fields together, and each field."""
    return _rates(connection, of, [published_rate.c.unit.is_(None)])


def unit_rates(connection: Connection, of: Release, unit: str) -> list[Rate]:
    """Return the rates of one unit, its own and those with its children."""
    return _rates(connection, of, [published_rate.c.unit == unit])


def field_rates(connection: Connection, of: Release, field: str) -> list[Rate]:
    """Return the rates of one field: the city's and every unit's."""
    return _rates(connection, of, [published_rate.c.field == field])


def units_rates(connection: Connection, of: Release) -> list[Rate]:
    """Return the rate of every unit over all its fields."""
    return _rates(
        connection, of, [published_rate.c.unit.is_not(None), published_rate.c.field.is_(None)]
    )


def timeliness(connection: Connection, of: Release, unit: str | None) -> list[Timeliness]:
    """Return the on-time and late shares of a unit, or of the city (None)."""
    table = published_timeliness
    where = table.c.unit.is_(None) if unit is None else table.c.unit == unit
    query = (
        sa.select(table.c.document).where(table.c.release == of.id, where).order_by(table.c.place)
    )
    return [msgspec.json.decode(row.document, type=Timeliness) for row in connection.execute(query)]


def history(
    connection: Connection, unit: str | None, field: str | None
) -> list[tuple[Release, list[Rate]]]:
    """Return the rates of one unit (None: city) and field (None: all), oldest period first.

    Only the newest edition of each period.
    """
    latest: dict[Period, Release] = {}
    for item in releases(connection):
        latest.setdefault(item.period, item)
    of_unit = published_rate.c.unit.is_(None) if unit is None else published_rate.c.unit == unit
    of_field = (
        published_rate.c.field.is_(None) if field is None else published_rate.c.field == field
    )
    query = (
        sa.select(published_rate.c.release, published_rate.c.document)
        .where(
            published_rate.c.release.in_([item.id for item in latest.values()]), of_unit, of_field
        )
        .order_by(published_rate.c.release, published_rate.c.place)
    )
    rates: dict[int, list[Rate]] = {}
    for row in connection.execute(query):
        rates.setdefault(row.release, []).append(decode_rate(row.document))
    ordered = sorted(latest.values(), key=lambda item: (item.period.first, item.period.last))
    return [(item, rates.get(item.id, [])) for item in ordered]


_DECODER = msgspec.json.Decoder(Rate)


def decode_rate(document: str) -> Rate:
    """Return the rate that a published document holds."""
    return _DECODER.decode(document)


def _rates(
    connection: Connection, of: Release, conditions: Sequence[sa.ColumnElement[bool]]
) -> list[Rate]:
    query = (
        sa.select(published_rate.c.document)
        .where(published_rate.c.release == of.id, *conditions)
        .order_by(published_rate.c.place)
    )
    return [decode_rate(row.document) for row in connection.execute(query)]


def in_period_order(items: Sequence[Release]) -> Iterator[Release]:
    """Yield releases from the oldest period to the newest, editions ascending."""
    yield from sorted(items, key=lambda item: (item.period.first, item.period.last, item.edition))
