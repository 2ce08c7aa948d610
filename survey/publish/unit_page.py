"""The page of one unit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy.engine import Connection

from survey.estimate.rate import Rate
from survey.publish.editions import Release, told_of_unit
from survey.publish.figure import Thresholds, thresholds
from survey.publish.frame import Link, field_place, frame, unit_place
from survey.publish.punctuality import dossier_rows
from survey.publish.report import Report, Source, report
from survey.publish.rows import NOTHING, Entry, Table, name_order, table
from survey.publish.standing import alike
from survey.register.items import Succession, Unit
from survey.register.snapshot import Register
from survey.web import numbers


@dataclass(frozen=True)
class Kin:
    """A unit that this one came from or became: in part after a split, and since when."""

    link: Link
    is_part: bool
    day: str


@dataclass(frozen=True)
class UnitPage:
    """Everything that the template of a unit says.

    ``is_of_period`` tells whether there was such a unit in the period; ``heirs`` are, for a unit
    that went over to none, those that its children went over to.
    """

    code: str
    name: str
    kind: str
    parent: Link | None
    report: Report
    fields: Table
    predecessors: tuple[Kin, ...]
    successors: tuple[Kin, ...]
    heirs: tuple[Link, ...]
    started_on: str
    ended_on: str
    is_of_period: bool


def unit_page(
    connection: Connection,
    register: Register,
    known: Sequence[Release],
    release: Release,
    unit: Unit,
    language: str,
) -> UnitPage:
    """Return the page of a unit in a release."""
    published = told_of_unit(connection, known, release, unit.code)
    of_its_time = [each for each in known if _is_of(unit, each) or each.period == release.period]
    limits = thresholds(register, release)
    source = Source(
        register=register,
        frame=frame(register, of_its_time, release, unit_place(unit.code)),
        limits=limits,
        rates=[rate for rate in published.rates if rate.field is None],
        known=published.history,
        unit=unit.code,
        dossiers=dossier_rows(register, published.timeliness, language),
        language=language,
    )
    told = report(source)
    return UnitPage(
        code=unit.code,
        name=register.unit_name(unit.code, language),
        kind=kind_name(register, unit.kind, language),
        parent=_unit_link(register, unit.parent, language) if unit.parent else None,
        report=told,
        fields=_fields(register, release, unit, published.rates, told, limits, language),
        predecessors=_kin(register, register.predecessors(unit.code), language, is_before=True),
        successors=_kin(register, register.successors(unit.code), language, is_before=False),
        heirs=_heirs(register, unit, language),
        started_on=numbers.day(unit.valid_from, language),
        ended_on="" if unit.valid_to is None else numbers.day(unit.valid_to, language),
        is_of_period=_is_of(unit, release),
    )


def _fields(
    register: Register,
    release: Release,
    unit: Unit,
    rates: Iterable[Rate],
    told: Report,
    limits: Thresholds,
    language: str,
) -> Table:
    """Return the unit's fields: those with the leading rate's kind, and all that it handles.

    None where the unit was not there, and in a month, which is published of whole units only.
    """
    if release.period.kind == "month" or not _is_of(unit, release):
        return NOTHING
    last_on = release.period.last_on
    on = last_on if unit.valid_to is None else min(last_on, unit.valid_to)
    found: dict[str, Rate | None] = dict.fromkeys(register.handled(unit.code, on))
    if told.lead is not None:
        same = alike(rates, told.lead.figure.rate)
        found.update({rate.field: rate for rate in same if rate.field is not None})
    return table(
        [
            Entry(register.field_name(code, language), field_place(code).path, rate)
            for code, rate in found.items()
        ],
        limits,
    )


def kind_name(register: Register, kind: str, language: str) -> str:
    """Name a kind of unit in a language, else in the city's first one."""
    names = register.city.kinds.get(kind, {})
    return names.get(language) or names.get(register.city.languages[0], kind)


def _is_of(unit: Unit, release: Release) -> bool:
    return unit.overlaps(release.period.first_on, release.period.last_on)


def _heirs(register: Register, unit: Unit, language: str) -> tuple[Link, ...]:
    if unit.valid_to is None or register.successors(unit.code):
        return ()
    codes = {
        each.successor
        for child in register.children(unit.code, unit.valid_to)
        for each in register.successors(child)
    }
    links = [_unit_link(register, code, language) for code in codes]
    return tuple(sorted(links, key=lambda link: name_order(link.text)))


def _unit_link(register: Register, code: str, language: str) -> Link:
    return Link(unit_place(code).path, register.unit_name(code, language))


def _kin(
    register: Register, found: Iterable[Succession], language: str, *, is_before: bool
) -> tuple[Kin, ...]:
    return tuple(
        Kin(
            _unit_link(register, each.unit if is_before else each.successor, language),
            each.kind == "split",
            numbers.day(each.happened_on, language),
        )
        for each in found
    )
