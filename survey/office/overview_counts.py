"""How many ratings arrived lately, read from the ledger: they are there at once.

These are counts of what was received, repeats and voided ones included; no rate, and no answer.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from survey.ledger.tables import response

RECENT_DAYS = 90
DAYS = 14
MOST_LAST = 20


@dataclass(frozen=True)
class Recent:
    """Ratings that a unit received in one series: today, this month, in the last 90 days."""

    unit: str
    series: str
    today: int
    month: int
    recent: int
    last_on: dt.date


@dataclass(frozen=True)
class Last:
    """One rating that arrived: when, for which field, from where. Never what was answered."""

    received_at: int
    field: str
    series: str
    point: str


def recent(connection: Connection, units: Collection[str] | None, today: dt.date) -> list[Recent]:
    """Return the counts of units (None: all) by series, the newest first."""
    day, unit, series = response.c.counted_on, response.c.receiving_unit, response.c.series
    last_on = sa.func.max(day)
    query = (
        sa.select(
            unit,
            series,
            _number(day == today),
            _number(day >= today.replace(day=1)),
            sa.func.count(),
            last_on,
        )
        .where(day > today - dt.timedelta(days=RECENT_DAYS), day <= today)
        .group_by(unit, series)
        .order_by(last_on.desc(), unit, series)
    )
    if units is not None:
        query = query.where(unit.in_(sorted(units)))
    return [
        Recent(code, key, int(now), int(month), int(all_), last)
        for code, key, now, month, all_, last in connection.execute(query)
    ]


def by_day(connection: Connection, unit: str, today: dt.date) -> dict[dt.date, int]:
    """Return how many ratings a unit received on each of the last 14 days, the newest first."""
    day = response.c.counted_on
    first = today - dt.timedelta(days=DAYS - 1)
    query = (
        sa.select(day, sa.func.count())
        .where(day >= first, day <= today, response.c.receiving_unit == unit)
        .group_by(day)
    )
    found = {row[0]: int(row[1]) for row in connection.execute(query)}
    days = [today - dt.timedelta(days=back) for back in range(DAYS)]
    return {each: found.get(each, 0) for each in days}


def last(connection: Connection, unit: str, today: dt.date) -> list[Last]:
    """Return a unit's last ratings of the last 14 days, the newest first."""
    day = response.c.counted_on
    query = (
        sa.select(response.c.received_at, response.c.field, response.c.series, response.c.point)
        .where(
            day > today - dt.timedelta(days=DAYS), day <= today, response.c.receiving_unit == unit
        )
        .order_by(response.c.received_at.desc(), response.c.id.desc())
        .limit(MOST_LAST)
    )
    return [Last(*row) for row in connection.execute(query)]


def _number(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.sum(sa.case((condition, 1), else_=0))
