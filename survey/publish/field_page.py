"""The page of one field: the city's rate, and every unit's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.engine import Connection

from survey.estimate.rate import Rate
from survey.publish.editions import Release, told_of_field
from survey.publish.figure import Thresholds, thresholds
from survey.publish.frame import field_place, frame, unit_place
from survey.publish.punctuality import dossier_rows
from survey.publish.report import Report, Source, report
from survey.publish.rows import Entry, Table, tables
from survey.publish.standing import alike
from survey.publish.unit_page import kind_name
from survey.register.snapshot import Register


@dataclass(frozen=True)
class UnitGroup:
    """The units of one kind, by name."""

    kind: str
    units: Table


@dataclass(frozen=True)
class FieldPage:
    """Everything that the template of a field says."""

    code: str
    name: str
    report: Report
    groups: tuple[UnitGroup, ...]


def field_page(
    connection: Connection,
    register: Register,
    known: Sequence[Release],
    release: Release,
    code: str,
    language: str,
) -> FieldPage:
    """Return the page of a field in a release."""
    published = told_of_field(connection, known, release, code)
    limits = thresholds(register, release)
    told = report(
        Source(
            register=register,
            frame=frame(register, known, release, field_place(code)),
            limits=limits,
            rates=[rate for rate in published.rates if rate.unit is None],
            known=published.history,
            unit=None,
            dossiers=dossier_rows(register, published.timeliness, language),
            language=language,
        )
    )
    return FieldPage(
        code=code,
        name=register.field_name(code, language),
        report=told,
        groups=_groups(register, release, code, published.rates, told, limits, language),
    )


def _groups(
    register: Register,
    release: Release,
    code: str,
    rates: Sequence[Rate],
    told: Report,
    limits: Thresholds,
    language: str,
) -> tuple[UnitGroup, ...]:
    """Return the units that handle the field or have a rate in it; the largest kind first.

    None in a month, which is published of the whole city's fields only.
    """
    if release.period.kind == "month":
        return ()
    found: dict[str, Rate | None] = dict.fromkeys(register.handlers(code, release.period.last_on))
    if told.lead is not None:
        same = alike(rates, told.lead.figure.rate)
        found.update({rate.unit: rate for rate in same if rate.unit is not None})
    by_kind: dict[str, list[Entry]] = {}
    for unit, rate in found.items():
        kind = register.units[unit].kind if unit in register.units else ""
        entry = Entry(register.unit_name(unit, language), unit_place(unit).path, rate)
        by_kind.setdefault(kind, []).append(entry)
    kinds = sorted(by_kind, key=lambda kind: (-len(by_kind[kind]), kind))
    listed = tables([by_kind[kind] for kind in kinds], limits)
    return tuple(
        UnitGroup(kind_name(register, kind, language), units)
        for kind, units in zip(kinds, listed, strict=True)
    )
