"""The register as one frozen value in memory, and the cheap way to keep it current."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from survey.db import reading
from survey.register import read, tables
from survey.register.items import (
    BreakMark,
    Field,
    FieldGroup,
    Point,
    Published,
    Publisher,
    Succession,
    Unit,
)
from survey.terms.city import City
from survey.terms.measure import MeasureRule, Target
from survey.terms.name import name_key, search_key
from survey.terms.questionnaire import Question
from survey.terms.response import UNCLASSIFIED

__all__ = [
    "BreakMark",
    "Field",
    "FieldGroup",
    "Point",
    "Published",
    "Publisher",
    "Register",
    "RegisterCache",
    "Succession",
    "Unit",
    "load",
]


@dataclass(frozen=True)
class Register:
    """Everything that one version of the register says.

    Mappings are keyed by code, questionnaires by SHA-256. ``fields`` holds the built-in
    ``unclassified`` too. ``handling`` is unit → (field, first day, last day or None).
    Nothing in it may be changed.
    """

    city: City
    kind: str
    version: int
    units: Mapping[str, Unit]
    successions: tuple[Succession, ...]
    fields: Mapping[str, Field]
    field_groups: Mapping[str, FieldGroup]
    handling: Mapping[str, tuple[read.Handling, ...]]
    points: Mapping[str, Point]
    questionnaires: Mapping[str, Published]
    rules: tuple[MeasureRule, ...]
    targets: tuple[Target, ...]
    publishers: tuple[Publisher, ...]
    break_marks: tuple[BreakMark, ...]

    # units

    def unit_on(self, code: str, on: dt.date) -> Unit | None:
        """Return the unit with that code if it is in force on that day."""
        unit = self.units.get(code)
        return unit if unit is not None and unit.in_force(on) else None

    def unit_named(self, name: str, on: dt.date) -> tuple[Unit, ...]:
        """Return the units of that name in force on that day: none, one or several."""
        known = self._units_by_name.get(name_key(name), ())
        return tuple(unit for unit in known if unit.in_force(on))

    def units_in_force(self, first_on: dt.date, last_on: dt.date) -> tuple[Unit, ...]:
        """Return the units in force on any day between the two, inclusive, by code."""
        return tuple(unit for unit in self.units.values() if unit.overlaps(first_on, last_on))

    def unit_name(self, code: str, language: str) -> str:
        """Return a unit's name in a language, else in the first one; else the code itself."""
        unit = self.units.get(code)
        return unit.names.get(language, unit.name) if unit else code

    def children(self, unit: str, on: dt.date) -> tuple[str, ...]:
        """Return the codes of a unit's children in force on that day."""
        known = self._children.get(unit, ())
        return tuple(code for code in known if self.units[code].in_force(on))

    def successors(self, unit: str) -> tuple[Succession, ...]:
        """Return what became of a unit."""
        return tuple(self._successors.get(unit, ()))

    def predecessors(self, unit: str) -> tuple[Succession, ...]:
        """Return what a unit came from."""
        return tuple(self._predecessors.get(unit, ()))

    # fields

    def field_name(self, code: str, language: str) -> str:
        """Return a field's name in a language, else in the first one; else the code itself."""
        field = self.fields.get(code)
        if field is None:
            return code
        return field.names.get(language) or field.names.get(self.city.languages[0], code)

    def field_named(self, name: str, on: dt.date) -> tuple[Field, ...]:
        """Return the fields of that name, in any language, in force on that day."""
        known = self._fields_by_name.get(name_key(name), ())
        return tuple(field for field in known if field.in_force(on))

    def fields_in_force(self, first_on: dt.date, last_on: dt.date) -> tuple[Field, ...]:
        """Return the fields in force on any day between the two, without ``unclassified``."""
        return tuple(
            field
            for field in self.fields.values()
            if field.code != UNCLASSIFIED and field.overlaps(first_on, last_on)
        )

    def handled(self, unit: str, on: dt.date) -> tuple[str, ...]:
        """Return the codes of the fields that a unit handles on that day, by name."""
        return tuple(
            field
            for field, valid_from, valid_to in self.handling.get(unit, ())
            if valid_from <= on and (valid_to is None or on <= valid_to)
        )

    def handlers(self, field: str, on: dt.date) -> tuple[str, ...]:
        """Return the codes of the units that handle a field on that day."""
        return tuple(
            unit
            for unit, valid_from, valid_to in self._handlers.get(field, ())
            if valid_from <= on and (valid_to is None or on <= valid_to)
        )

    # questionnaires

    def question(self, question_id: str, language: str = "") -> Question:
        """Return a question, in the first language unless another is asked for and there.

        Raises KeyError for an unknown id.
        """
        return self._newest_with[question_id].text(language).question(question_id)

    def questionnaires_with(self, question_id: str) -> tuple[Published, ...]:
        """Return every version that asks a question, by its first day of validity."""
        return tuple(
            published
            for published in self.questionnaires.values()
            if any(question.id == question_id for question in published.questionnaire.questions)
        )

    def questionnaire_by_id(self, questionnaire_id: str) -> Published | None:
        """Return the version with that id (``one-stop/2``)."""
        return self._questionnaires_by_id.get(questionnaire_id)

    def questionnaire_in_force(self, name: str, on: dt.date) -> Published | None:
        """Return the version in force on that day of a questionnaire (the name before /)."""
        for published in self.questionnaires.values():
            if published.questionnaire.id.partition("/")[0] == name and published.in_force(on):
                return published
        return None

    # indexes, made when first asked for

    @cached_property
    def _units_by_name(self) -> dict[str, list[Unit]]:
        index: dict[str, list[Unit]] = {}
        for unit in self.units.values():
            for key in {name_key(name) for name in (unit.name, *unit.names.values())}:
                index.setdefault(key, []).append(unit)
        return index

    @cached_property
    def _fields_by_name(self) -> dict[str, list[Field]]:
        index: dict[str, list[Field]] = {}
        for field in self.fields.values():
            for key in {name_key(name) for name in field.names.values()}:
                index.setdefault(key, []).append(field)
        return index

    @cached_property
    def _children(self) -> dict[str, list[str]]:
        index: dict[str, list[str]] = {}
        for unit in self.units.values():
            if unit.parent is not None:
                index.setdefault(unit.parent, []).append(unit.code)
        return index

    @cached_property
    def _successors(self) -> dict[str, list[Succession]]:
        return _by(attrgetter("unit"), self.successions)

    @cached_property
    def _predecessors(self) -> dict[str, list[Succession]]:
        return _by(attrgetter("successor"), self.successions)

    @cached_property
    def _handlers(self) -> dict[str, list[read.Handling]]:
        index: dict[str, list[read.Handling]] = {}
        for unit, fields in self.handling.items():
            for field, valid_from, valid_to in fields:
                index.setdefault(field, []).append((unit, valid_from, valid_to))
        return index

    @cached_property
    def _questionnaires_by_id(self) -> dict[str, Published]:
        return {each.questionnaire.id: each for each in self.questionnaires.values()}

    @cached_property
    def _newest_with(self) -> dict[str, Published]:
        return {
            question.id: published
            for published in self.questionnaires.values()
            for question in published.questionnaire.questions
        }


def _by(
    key: Callable[[Succession], str], found: Iterable[Succession]
) -> dict[str, list[Succession]]:
    index: dict[str, list[Succession]] = {}
    for each in found:
        index.setdefault(key(each), []).append(each)
    return index


def load(connection: Connection) -> Register:
    """Read the register. Raises LookupError where the database has no city yet."""
    city, kind = read.city(connection)
    fields = read.fields(connection)
    first = city.languages[0]
    order = {code: search_key(field.names.get(first, code)) for code, field in fields.items()}
    return Register(
        city=city,
        kind=kind,
        version=_version(connection),
        units=read.units(connection),
        successions=read.successions(connection),
        fields=dict(sorted(fields.items(), key=lambda item: order[item[0]])),
        field_groups=read.field_groups(connection),
        handling=read.handling(connection, order),
        points=read.points(connection),
        questionnaires=read.questionnaires(connection, first),
        rules=read.rules(connection),
        targets=read.targets(connection),
        publishers=read.publishers(connection),
        break_marks=read.break_marks(connection),
    )


def _version(connection: Connection) -> int:
    loads = tables.register_load.c.id
    return connection.execute(sa.select(sa.func.max(loads))).scalar() or 0


class RegisterCache:
    """Keeps the last snapshot of one database; an instance lives in the application."""

    def __init__(self, seconds: float = 1.0) -> None:
        self._register: Register | None = None
        self._seconds, self._asked_at = seconds, float("-inf")

    def current(self, engine: Engine) -> Register:
        """Return the register as it was at most some seconds ago, without asking in between.

        For pages: a load shows on them within that time. While the database does not answer,
        the last register serves, so that a form can be given back with what was typed.
        """
        now = time.monotonic()
        known = self._register
        if known is not None and now - self._asked_at <= self._seconds:
            return known
        try:
            with reading(engine) as connection:
                found = self.get(connection)
        except sa.exc.DBAPIError:
            if known is None:
                raise
            return known
        self._asked_at = now
        return found

    def get(self, connection: Connection) -> Register:
        """Return the current register; reads it anew only when a load has added to it."""
        register = self._register
        if register is None or register.version != _version(connection):
            register = load(connection)
            self._register = register
        return register
