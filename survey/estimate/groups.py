"""Which sums a period has: the families that its rules make of a cell, and whose rates they are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

import msgspec

from survey.estimate.cells import Place
from survey.register.snapshot import Register
from survey.terms.measure import MeasureRule
from survey.terms.period import Period

REFERENCE = "reference"
"""The measure's name of a series that no rule sums."""


class Group(msgspec.Struct, frozen=True):
    """What makes one family of rates: a measure's rule over some days, or one series."""

    measure: str
    official: bool
    unit_role: str
    question: str
    once_per_dossier: bool
    first_on: dt.date
    last_on: dt.date


class Scope(msgspec.Struct, frozen=True):
    """Whose rate: a unit (None: the city), with its children or not, a field (None: all)."""

    unit: str | None
    with_children: bool
    field: str | None


def stretches(register: Register, period: Period) -> list[tuple[dt.date, dt.date]]:
    """Split a period where a rule for ratings begins or ends; most periods stay whole."""
    starts = {period.first_on}
    for rule in rating_rules(register):
        ends = None if rule.valid_to is None else rule.valid_to + dt.timedelta(days=1)
        starts |= {
            day
            for day in (rule.valid_from, ends)
            if day is not None and period.first_on < day <= period.last_on
        }
    ordered = sorted(starts)
    lasts = [day - dt.timedelta(days=1) for day in ordered[1:]] + [period.last_on]
    return list(zip(ordered, lasts, strict=True))


def rating_rules(register: Register) -> list[MeasureRule]:
    """Return the rules that sum ratings."""
    return [rule for rule in register.rules if rule.kind == "ratings"]


def groups_of(
    register: Register, place: Place, period: Period, first_on: dt.date, last_on: dt.date
) -> list[Group]:
    """Return the families of rates that a cell of some days belongs to.

    A series that a rule sums on other days of the period is a reference series for these days
    only; one that no rule sums at all is one for the whole period.
    """
    able = [
        rule
        for rule in rating_rules(register)
        if rule.in_force(period.first_on, period.last_on)
        and place.question in rule.questions
        and rule.takes(place.series)
    ]
    takers = [rule for rule in able if rule.in_force(first_on, last_on)]
    if not takers and place.unit_role == reference_role(place.series):
        days = (first_on, last_on) if able else (period.first_on, period.last_on)
        name = f"{REFERENCE} {place.series}"
        return [Group(name, False, place.unit_role, place.question, False, *days)]
    return [
        Group(
            rule.measure,
            rule.official,
            rule.unit_role,
            place.question,
            rule.once_per_dossier,
            first_on,
            last_on,
        )
        for rule in takers
        if rule.unit_role == place.unit_role
    ]


def reference_role(series: str) -> str:
    """A desk series speaks of the receiving unit, an imported one of the resolving unit."""
    return "receiving" if series.startswith("own/") else "resolving"


class Ancestors:
    """Units whose "with its children" row takes in a unit: the city's own unit is none of them."""

    def __init__(self, register: Register, first_on: dt.date, last_on: dt.date) -> None:
        self._register = register
        self._parents = {unit.parent for unit in register.units_in_force(first_on, last_on)}
        self._known: dict[str, tuple[str, ...]] = {}

    def of(self, unit: str) -> tuple[str, ...]:
        """Return their codes, from the unit itself upwards."""
        if unit not in self._known:
            self._known[unit] = tuple(self._climb(unit))
        return self._known[unit]

    def _climb(self, code: str) -> Iterator[str]:
        unit = self._register.units.get(code)
        if unit is None:
            return
        if unit.parent is not None and code in self._parents:
            yield code
        parent = self._register.units.get(unit.parent) if unit.parent else None
        while parent is not None and parent.parent is not None:
            yield parent.code
            parent = self._register.units.get(parent.parent)


def scopes_of(ancestors: Ancestors, unit: str, field: str) -> Iterable[Scope]:
    """Yield every scope that a cell of a unit and a field counts in."""
    for code in (field, None):
        yield Scope(None, False, code)
        if unit != "unknown":
            yield Scope(unit, False, code)
            for ancestor in ancestors.of(unit):
                yield Scope(ancestor, True, code)


def order(group: Group, scope: Scope) -> tuple[object, ...]:
    """Return where a rate stands among all of a period: the official ones first."""
    return (
        not group.official,
        group.measure,
        group.first_on,
        group.question,
        scope.unit or "",
        scope.with_children,
        scope.field or "",
    )


def days_of(group: Group, period: Period) -> str | None:
    """Return the days of a family as ``first/last``, None where they are the whole period."""
    whole = (group.first_on, group.last_on) == (period.first_on, period.last_on)
    return None if whole else f"{group.first_on}/{group.last_on}"
