"""What a register holds, as frozen values. Days are inclusive; ``valid_to`` None: in force."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from survey.terms.questionnaire import Questionnaire


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """Something that holds from one day to another."""

    valid_from: dt.date
    valid_to: dt.date | None

    def in_force(self, on: dt.date) -> bool:
        """Tell whether it holds on that day."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)

    def overlaps(self, first_on: dt.date, last_on: dt.date) -> bool:
        """Tell whether it holds on any day between the two, inclusive."""
        return self.valid_from <= last_on and (self.valid_to is None or first_on <= self.valid_to)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit(Dated):
    """An agency or an administrative unit; ``names`` are those in other languages."""

    code: str
    name: str
    names: Mapping[str, str]
    kind: str
    parent: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Succession:
    """One unit's work going over to another, as a whole (merge) or in part (split)."""

    unit: str
    successor: str
    kind: Literal["merge", "split"]
    happened_on: dt.date


@dataclass(frozen=True, slots=True, kw_only=True)
class Field(Dated):
    """A field of administrative procedures (lĩnh vực); names by language."""

    code: str
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldGroup:
    """Fields that a plan names as one; its meaning never changes."""

    code: str
    names: Mapping[str, str]
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Point(Dated):
    """A reception point (desk, counter) of a unit; its code is in print."""

    code: str
    unit: str
    names: Mapping[str, str]
    successor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Published(Dated):
    """A published questionnaire version: the sealed one, and every language there is.

    ``texts`` includes the first language.
    """

    sha256: str
    questionnaire: Questionnaire
    texts: Mapping[str, Questionnaire]

    def text(self, language: str) -> Questionnaire:
        """Return the questionnaire in a language, or in the first where there is none."""
        return self.texts.get(language, self.questionnaire)


@dataclass(frozen=True, slots=True, kw_only=True)
class Publisher(Dated):
    """A unit that must publish its rate, and the text that says so."""

    unit: str
    basis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakMark:
    """A day across which a line must not be read; texts by language."""

    id: str
    happened_on: dt.date
    kind: Literal["scale", "instrument", "org", "field", "source", "method"]
    measure: str | None
    unit: str | None
    texts: Mapping[str, str]
