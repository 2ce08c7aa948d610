"""Measures, their dated rules, and targets: what is summed, and against what it is held."""

from __future__ import annotations

import datetime as dt
import re
from fractions import Fraction
from typing import Final, Literal, cast

import msgspec

from survey.terms.problem import InvalidTermError
from survey.terms.series import check_pattern, matches, parse_series

UnitRole = Literal["receiving", "resolving"]
SelectorKind = Literal["each", "all", "group", "field"]

DOSSIER_MEASURES: Final = ("on_time", "late")
"""Measures counted from dossiers, which need no rule: on time (early included) or late, each over
resolved."""

_DECIMAL = re.compile(r"(0(\.\d{1,9})?|1(\.0{1,9})?)")
_NAME = r"[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*"
_SELECTOR = re.compile(rf"(each|all)(?:-except:({_NAME}(?:\|{_NAME})*))?|(group|field):({_NAME})")


class MeasureRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The only thing that sums series: from ``valid_from`` on, which series make a measure.

    ``questions`` are question ids, the one that leads first. ``official`` measures get the badge;
    ``basis`` is the legal text. Raises InvalidTermError (``series_pattern``, ``dates``,
    ``rule_empty``).
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
        _check_days(self.valid_from, self.valid_to)
        if self.kind != "publication" and not (self.questions and self.series):
            raise InvalidTermError("rule_empty", detail=self.measure)

    def takes(self, series: str) -> bool:
        """Tell whether the rule sums this series."""
        value = parse_series(series)
        return any(matches(value, pattern) for pattern in self.series)

    def in_force(self, first_on: dt.date, last_on: dt.date) -> bool:
        """Tell whether the rule holds on any day between the two, inclusive."""
        return self.valid_from <= last_on and (self.valid_to is None or self.valid_to >= first_on)


class FieldSelector(msgspec.Struct, frozen=True):
    """Which fields a target binds, and whether one by one or summed.

    ``names`` are the groups left out (``each``, ``all``), or the one group or field meant.
    """

    kind: SelectorKind
    names: tuple[str, ...] = ()


def parse_selector(text: str) -> FieldSelector:
    """Parse the ``fields`` of a target.

    ``each``: every field by itself. ``all``: all fields summed. ``each-except:a|b`` and
    ``all-except:a|b``: the same without the fields of the groups a and b. ``group:a``: the fields
    of one group summed. ``field:X``: one field. Raises InvalidTermError (``fields``) for the rest.

    >>> parse_selector("all-except:land|investment").names
    ('land', 'investment')
    """
    match = _SELECTOR.fullmatch(text)
    if match is None:
        raise InvalidTermError("fields", detail=text)
    whole, left_out, single, name = match.groups()
    if single:
        return FieldSelector(cast(SelectorKind, single), (name,))
    left_out_names = tuple(left_out.split("|")) if left_out else ()
    return FieldSelector(cast(SelectorKind, whole), left_out_names)


class Target(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A dated target.

    ``level`` says whose rate it binds, ``fields`` which fields (:func:`parse_selector`).
    ``value`` is a decimal share 0..1 as text, compared exactly. From ``carried_on_from`` the
    plan that set it has run out and the target is carried on. Raises InvalidTermError
    (``fields``, ``value``, ``dates``).
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

    def __post_init__(self) -> None:
        parse_selector(self.fields)
        if _DECIMAL.fullmatch(self.value) is None:
            raise InvalidTermError("value", detail=self.value)
        _check_days(self.valid_from, self.valid_to)
        if self.carried_on_from is not None:
            _check_days(self.valid_from, self.carried_on_from)

    @property
    def fraction(self) -> Fraction:
        """The value as an exact fraction."""
        return Fraction(self.value)

    @property
    def selector(self) -> FieldSelector:
        """The ``fields``, parsed."""
        return parse_selector(self.fields)

    def in_force(self, day: dt.date) -> bool:
        """Tell whether the target holds on that day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


def _check_days(first_on: dt.date, last_on: dt.date | None) -> None:
    if last_on is not None and last_on < first_on:
        raise InvalidTermError("dates", detail=f"{first_on}..{last_on}")
