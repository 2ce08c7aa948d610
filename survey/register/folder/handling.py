"""Which unit handles which field: rules by level and kind of unit, and rows that correct them."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from typing import Literal

import msgspec

from survey.register.folder.fields import FieldLine, Fields
from survey.register.folder.files import Folder, Line
from survey.register.folder.rows import Days, Row, days_of, has_ordered_days
from survey.register.folder.units import UnitLine, Units, ancestors

_ONE = dt.timedelta(days=1)


class RuleLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An item of ``unit_fields.toml``: units of these kinds handle fields of these levels.

    ``under``, where given, keeps it to units below one of these.
    """

    levels: tuple[str, ...]
    kinds: tuple[str, ...]
    basis: str
    valid_from: dt.date
    valid_to: dt.date | None = None
    under: tuple[str, ...] = ()


class CorrectionLine(msgspec.Struct, frozen=True):
    """A row of ``unit_fields.csv``; without a day it holds as long as the unit."""

    unit: str
    field: str
    handles: Literal["yes", "no"]
    basis: str
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None


Claims = dict[tuple[str, str], list[Days]]


def parse_handling(folder: Folder, units: Units, fields: Fields) -> list[Row]:
    """Return the rows of the table ``unit_field``.

    What the rules and the ``yes`` rows say is united, then the ``no`` rows are taken away. Nothing
    reaches beyond the days of its unit and its field.
    """
    claims: Claims = defaultdict(list)
    denials: Claims = defaultdict(list)
    where: dict[tuple[str, str], str] = {}
    for rule in folder.items("unit_fields.toml", "rule", RuleLine):
        if _rule_is_sound(folder, rule, units, fields):
            for key, days in _expand(rule.value, units, fields):
                claims[key].append(days)
                where.setdefault(key, rule.where)
    for line in folder.csv("unit_fields.csv", CorrectionLine):
        correction = _correction(folder, line, units, fields)
        if correction is not None:
            key = (line.value.unit, line.value.field)
            (claims if line.value.handles == "yes" else denials)[key].append(correction)
            where[key] = line.where
    return [
        Row(
            where[unit, field],
            {
                "unit": unit,
                "field": field,
                "valid_from": days.valid_from,
                "valid_to": days.valid_to,
            },
        )
        for (unit, field), claimed in claims.items()
        for days in without(united(claimed), denials.get((unit, field), ()))
    ]


def _rule_is_sound(folder: Folder, rule: Line[RuleLine], units: Units, fields: Fields) -> bool:
    known = {
        "level_unknown": (
            rule.value.levels,
            {lv for f in fields.values() for lv in f.value.levels},
        ),
        "kind_unknown": (rule.value.kinds, {unit.value.kind for unit in units.values()}),
        "unit_unknown": (rule.value.under, set(units)),
    }
    unknown = [
        (code, word)
        for code, (words, vocabulary) in known.items()
        for word in words
        if word not in vocabulary
    ]
    for code, word in unknown:
        folder.refuse(code, rule.where, word)
    return has_ordered_days(folder, rule) and not unknown


def _expand(rule: RuleLine, units: Units, fields: Fields) -> Iterable[tuple[tuple[str, str], Days]]:
    levels = set(rule.levels)
    meant = [line.value for line in fields.values() if line.value.levels & levels]
    for line in units.values():
        unit = line.value
        if unit.kind in rule.kinds and _is_under(units, unit, rule.under):
            for field in meant:
                days = common([days_of(rule), days_of(unit), days_of(field)])
                if days is not None:
                    yield (unit.code, field.code), days


def _is_under(units: Units, unit: UnitLine, above: tuple[str, ...]) -> bool:
    return not above or not set(above).isdisjoint(ancestors(units, unit.code))


def _correction(
    folder: Folder, line: Line[CorrectionLine], units: Units, fields: Fields
) -> Days | None:
    row = line.value
    unit, field = units.get(row.unit), fields.get(row.field)
    if unit is None:
        folder.refuse("unit_unknown", line.where, row.unit)
    if field is None:
        folder.refuse("field_unknown", line.where, row.field)
    if unit is None or field is None or not has_ordered_days(folder, line):
        return None
    return _correction_days(folder, line, unit.value, field.value)


def _correction_days(
    folder: Folder, line: Line[CorrectionLine], unit: UnitLine, field: FieldLine
) -> Days | None:
    own = days_of(unit)
    for day in (line.value.valid_from, line.value.valid_to):
        if day is not None and not own.covers(Days(day, day)):
            folder.refuse("unit_not_in_force", line.where, f"{unit.code} on {day}")
            return None
    given = Days(line.value.valid_from or own.valid_from, line.value.valid_to or own.valid_to)
    days = common([given, days_of(field)])
    if days is None:
        folder.refuse("field_not_in_force", line.where, field.code)
    return days


def common(periods: Iterable[Days]) -> Days | None:
    """Return the days that all have in common, or None."""
    known = list(periods)
    first = max(days.valid_from for days in known)
    last = min(days.last for days in known)
    return _days(first, last) if first <= last else None


def united(periods: Iterable[Days]) -> list[Days]:
    """Return the same days as periods that neither overlap nor touch, in order."""
    found: list[Days] = []
    for days in sorted(periods, key=lambda each: each.valid_from):
        if found and (found[-1].valid_to is None or days.valid_from <= found[-1].valid_to + _ONE):
            found[-1] = _days(found[-1].valid_from, max(found[-1].last, days.last))
        else:
            found.append(days)
    return found


def without(periods: Iterable[Days], removed: Iterable[Days]) -> list[Days]:
    """Return the days of ``periods`` that are in none of ``removed``."""
    left = list(periods)
    for gone in removed:
        left = [piece for days in left for piece in _cut(days, gone)]
    return left


def _cut(days: Days, gone: Days) -> list[Days]:
    if not days.overlaps(gone):
        return [days]
    pieces = []
    if days.valid_from < gone.valid_from:
        pieces.append(_days(days.valid_from, gone.valid_from - _ONE))
    if gone.last < days.last:
        pieces.append(_days(gone.last + _ONE, days.last))
    return pieces


def _days(first: dt.date, last: dt.date) -> Days:
    return Days(first, None if last == dt.date.max else last)
