"""The lists of all units and of all fields, with their leading rates."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy.engine import Connection

from survey.estimate.rate import Rate
from survey.publish.editions import Release, units_rates
from survey.publish.figure import Figure, figures, thresholds
from survey.publish.frame import Link, unit_place
from survey.publish.rows import Entry, Table, name_order, tables_in_order
from survey.publish.standing import stand
from survey.publish.unit_page import kind_name
from survey.register.items import Unit
from survey.register.snapshot import Register
from survey.web import numbers


@dataclass(frozen=True)
class ListedKind:
    """Units of one kind in force in the period, by name."""

    kind: str
    units: Table


@dataclass(frozen=True)
class PastUnit:
    """A unit that has ended, and when."""

    link: Link
    kind: str
    ended_on: str


@dataclass(frozen=True)
class UnitList:
    """The units in force, those that have ended, and what was searched for.

    The kind with most units comes first: it is the one that most people look for.
    """

    kinds: tuple[ListedKind, ...]
    past: tuple[PastUnit, ...]
    searched: str
    minimum: int
    period: str

    @property
    def is_empty(self) -> bool:
        """Whether the search found nothing."""
        return not self.kinds and not self.past


def unit_list(
    connection: Connection, register: Register, release: Release, searched: str, language: str
) -> UnitList:
    """Return the list of units whose name holds what was searched for, diacritics or not."""
    key = name_order(searched)
    wanted = {
        code
        for code, unit in register.units.items()
        if key in name_order(f"{register.unit_name(code, language)} {unit.name} {code}")
    }
    period = release.period
    in_force = [
        unit
        for unit in register.units_in_force(period.first_on, period.last_on)
        if unit.code in wanted and _is_served(register, unit, release)
    ]
    present = {unit.code for unit in in_force}
    return UnitList(
        kinds=_kinds(connection, register, release, in_force, language),
        past=tuple(
            _past(register, unit, language)
            for unit in _by_name(register, register.units.values(), language)
            if unit.code in wanted - present
            and unit.valid_to is not None
            and _is_served(register, unit, release)
        ),
        searched=searched,
        minimum=thresholds(register, release).shown,
        period=numbers.period_name(period),
    )


def _is_served(register: Register, unit: Unit, release: Release) -> bool:
    """Leave out the unit that is the city itself (or another province): its page is the city's."""
    return unit.parent is not None or not register.children(
        unit.code, min(unit.valid_to or release.period.last_on, release.period.last_on)
    )


def _kinds(
    connection: Connection,
    register: Register,
    release: Release,
    units: Sequence[Unit],
    language: str,
) -> tuple[ListedKind, ...]:
    leads = _leads(register, release, units_rates(connection, release))
    by_kind: dict[str, list[Unit]] = {}
    for unit in _by_name(register, units, language):
        by_kind.setdefault(unit.kind, []).append(unit)
    groups = sorted(by_kind.values(), key=lambda group: (-len(group), group[0].kind))
    listed = tables_in_order(
        [
            [
                Entry(register.unit_name(unit.code, language), unit_place(unit.code).path, None)
                for unit in group
            ]
            for group in groups
        ],
        [[leads.get(unit.code) for unit in group] for group in groups],
    )
    return tuple(
        ListedKind(kind_name(register, group[0].kind, language), units)
        for group, units in zip(groups, listed, strict=True)
    )


def _leads(register: Register, release: Release, rates: Sequence[Rate]) -> dict[str, Figure]:
    """Return each unit's official rate; a reference series leads only on the unit's own page."""
    official = [rate for rate in rates if rate.official]
    by_unit: dict[str, list[Figure]] = {}
    for shown in figures(official, thresholds(register, release)):
        if shown is not None and shown.rate.unit is not None:
            by_unit.setdefault(shown.rate.unit, []).append(shown)
    leads = {code: stand(register, found).lead for code, found in by_unit.items()}
    return {code: lead for code, lead in leads.items() if lead is not None}


def _by_name(register: Register, units: Iterable[Unit], language: str) -> list[Unit]:
    return sorted(
        units, key=lambda unit: (name_order(register.unit_name(unit.code, language)), unit.code)
    )


def _past(register: Register, unit: Unit, language: str) -> PastUnit:
    return PastUnit(
        Link(unit_place(unit.code).path, register.unit_name(unit.code, language)),
        kind_name(register, unit.kind, language),
        "" if unit.valid_to is None else numbers.day(unit.valid_to, language),
    )
