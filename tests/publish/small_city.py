"""A city of a few units and fields whose ratings tests set by hand, and what it releases."""

from __future__ import annotations

import datetime as dt
import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from survey.estimate.rate import Rate, SeriesKey
from survey.publish.disclose import Disclosed, disclose
from survey.publish.editions import Release, all_rates, releases
from survey.publish.tables import published_rate, release
from survey.register.items import Unit
from survey.register.snapshot import Register
from survey.terms.period import Period, parse_period

SERIES = SeriesKey("one_stop", "desk", "citizen", "vouched")
PARENTS = {"CITY": None, "A": "CITY", "B": "CITY", "C": "CITY", "D": "CITY", "D1": "D", "D2": "D"}
HEADS = ("D",)


class Atom(NamedTuple):
    """Ratings of one month, unit and field; no published figure is finer."""

    month: str
    unit: str
    field: str


Scope = tuple[str | None, bool, str | None]


class SmallCity:
    """Ratings by atom, and the releases made of them on one connection."""

    def __init__(self, connection: Connection, register: Register) -> None:
        units = {
            code: Unit(
                code=code,
                name=code,
                names={},
                kind="ward",
                parent=parent,
                valid_from=dt.date(2000, 1, 1),
                valid_to=None,
            )
            for code, parent in PARENTS.items()
        }
        self.register = replace(register, units=units)
        self.connection = connection
        self.ratings: Counter[Atom] = Counter()
        self.satisfied: Counter[Atom] = Counter()

    def rate(self, month: str, table: Mapping[str, Mapping[str, int]]) -> None:
        """Add ratings of a month: unit → field → number, all of them satisfied."""
        for unit, row in table.items():
            for field, number in row.items():
                self.ratings[Atom(month, unit, field)] += number
                self.satisfied[Atom(month, unit, field)] += number

    def rates(self, period: Period, edition: int) -> list[Rate]:
        """Return every rate of a period, as the estimate makes them."""
        answered: Counter[Scope] = Counter()
        satisfied: Counter[Scope] = Counter()
        for atom in self.ratings:
            if atom.month in period.months:
                for scope in scopes(atom):
                    answered[scope] += self.ratings[atom]
                    satisfied[scope] += self.satisfied[atom]
        return [
            rate_of(scope, period, edition, answered[scope], satisfied[scope])
            for scope in sorted(answered, key=str)
        ]

    def disclose(self, text: str, *, sample: int = 0) -> Disclosed:
        """Return what a release of the period would show now."""
        period, earlier = parse_period(text), releases(self.connection)
        edition = 1 + sum(item.period == period for item in earlier)
        rates = self.rates(period, edition)
        return disclose(
            self.connection,
            self.register,
            period,
            rates,
            earlier,
            count=lambda other: self.rates(other, 0),
            sample=sample,
        )

    def release(self, text: str) -> Disclosed:
        """Publish a period as it is now, and return what was disclosed."""
        found = self.disclose(text)
        write(self.connection, text, found.rates)
        return found


def scopes(atom: Atom) -> list[Scope]:
    """Return whose figures count an atom."""
    own: list[tuple[str | None, bool]] = [(None, False)]
    if atom.unit != "unknown":
        own.append((atom.unit, False))
        own += [(head, True) for head in HEADS if head in (atom.unit, PARENTS[atom.unit])]
    return [(*who, field) for who, field in itertools.product(own, (atom.field, None))]


def rate_of(
    scope: Scope, period: Period, edition: int, answered: int, satisfied: int, **members: object
) -> Rate:
    """Return a bare rate with the members that disclosure looks at."""
    known: dict[str, object] = {
        "measure": "field_ratings",
        "official": True,
        "series": (SERIES,),
        "unit": scope[0],
        "unit_role": "resolving",
        "with_children": scope[1],
        "field": scope[2],
        "period": str(period),
        "edition": edition,
        "question": "one-stop.overall/1",
        "scale": "hai-long-5/1",
        "satisfied_set": (4, 5),
        "satisfied": satisfied,
        "answered": answered,
        "sample": False,
        "head": edition,
        "as_of": "2026-10-15T02:00:00Z",
    }
    return Rate(**(known | members))  # type: ignore[arg-type]


def write(connection: Connection, text: str, rates: Sequence[Rate]) -> None:
    """Write a release as it is published, the next edition of its period."""
    before = releases(connection)
    number = 1 + len(before)
    connection.execute(
        sa.insert(release),
        {
            "id": number,
            "period": text,
            "edition": 1 + sum(str(item.period) == text for item in before),
            "preliminary": False,
            "made_at": 1000 * number,
            "head": number,
            "reason": "",
            "report": "{}",
            "document_sha256": "",
        },
    )
    rows = [
        {
            "release": number,
            "place": place,
            "unit": rate.unit,
            "field": rate.field,
            "document": msgspec.json.encode(rate).decode(),
        }
        for place, rate in enumerate(rates)
    ]
    if rows:
        connection.execute(sa.insert(published_rate), rows)


def shown(found: Disclosed | Sequence[Rate]) -> dict[str, int]:
    """Return what is shown: ``unit field`` → answered; + for children, * for an old figure."""
    rates = found.rates if isinstance(found, Disclosed) else found
    return {
        f"{rate.unit or 'city'}{'+' * rate.with_children} {rate.field or 'all'}"
        f"{'*' * ('earlier_edition' in rate.flags)}": rate.answered or 0
        for rate in rates
    }


def published(connection: Connection) -> list[tuple[Release, list[Rate]]]:
    """Return every release with its rates, in the order in which they were made."""
    made = sorted(releases(connection), key=lambda item: item.id)
    return [(item, all_rates(connection, item)) for item in made]
