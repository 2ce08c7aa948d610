"""Measures, their dated rules, and targets: what is summed, and against what it is held."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import Literal

import msgspec

from survey.terms.series import check_pattern, matches, parse_series

UnitRole = Literal["receiving", "resolving"]


class MeasureRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The only thing that sums series: from ``valid_from`` on, which series make a measure.

    ``questions`` are question ids, the one that leads first. ``official`` measures get the badge;
    ``basis`` is the legal text.
    """

    measure: str
    kind: Literal["ratings", "survey", "publication"]
    unit_role: UnitRole
    questions: tuple[str, ...]
    series: tuple[str, ...]
    once_per_dossier: bool
    official: bool
    basis: str
    valid_from: dt.date
    valid_to: dt.date | None = None

    def __post_init__(self) -> None:
        for pattern in self.series:
            check_pattern(pattern)

    def takes(self, series: str) -> bool:
        """Tell whether the rule sums this series."""
        value = parse_series(series)
        return any(matches(value, pattern) for pattern in self.series)

    def in_force(self, first_on: dt.date, last_on: dt.date) -> bool:
        """Tell whether the rule holds on any day between the two, inclusive."""
        return self.valid_from <= last_on and (self.valid_to is None or self.valid_to >= first_on)


class Target(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A dated target.

    ``level`` says whose rate it binds; ``fields`` whether each field, all fields together, or one
    named group or field. ``value`` is a decimal as text, compared exactly.
    """

    measure: str
    level: Literal["city", "unit"]
    fields: str
    comparator: Literal[">=", ">", "<=", "<"]
    value: str
    source: str
    basis: Literal["law", "derived"]
    valid_from: dt.date
    valid_to: dt.date | None = None
    carried_on_from: dt.date | None = None

    @property
    def fraction(self) -> Fraction:
        """The value as an exact fraction."""
        return Fraction(self.value)

    def in_force(self, day: dt.date) -> bool:
        """Tell whether the target holds on that day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)
