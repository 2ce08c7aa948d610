"""What an analyst looks at: periods, units, fields, question, series, and by what it is split."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal
from urllib.parse import urlencode

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from werkzeug.datastructures import MultiDict

from survey.forms.analyse import NAMES, FilterForm, filter_form, split
from survey.publish.editions import newest
from survey.register.snapshot import Register
from survey.tally.tables import tally
from survey.terms.name import name_key
from survey.terms.period import Period, quarter_of
from survey.web.texts import gettext

Axis = Literal["linh_vuc", "don_vi", "thang", "chuoi", "nguoi_cam", "kenh", "khong"]

SHOWN_TWINS = 4
"""So many of the codes behind one name are listed."""


@dataclass(frozen=True)
class Selection:
    """One view of the ratings; its address says all of it.

    ``units`` and ``fields`` are codes, none of them meaning all; ``question`` "" means all;
    ``patterns`` of series, none meaning every one. ``order`` is a name of
    ``survey.forms.analyse.ORDERS``.
    """

    periods: tuple[Period, ...]
    units: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    question: str = ""
    patterns: tuple[str, ...] = ()
    by: Axis = "linh_vuc"
    order: str = "ten"
    descends: bool = False

    @property
    def unit(self) -> str | None:
        """The one unit, or None for the city or for several."""
        return self.units[0] if len(self.units) == 1 else None

    @property
    def field(self) -> str | None:
        """The one field, or None for all or for several."""
        return self.fields[0] if len(self.fields) == 1 else None

    def query(self, **changes: object) -> str:
        """Return the address behind ``?`` of this view, or of one that differs in something."""
        other = replace(self, **changes)  # type: ignore[arg-type]
        order = ("-" if other.descends else "") + other.order
        pairs = [
            ("ky", ",".join(str(period) for period in other.periods)),
            ("don_vi", ",".join(other.units)),
            ("linh_vuc", ",".join(other.fields)),
            ("cau_hoi", other.question),
            ("chuoi", ",".join(other.patterns)),
            ("theo", other.by),
            ("xep", "" if order == "ten" else order),
        ]
        return urlencode([pair for pair in pairs if pair[1]], safe="/,.*")


@dataclass(frozen=True)
class Asked:
    """The form as it was sent, and the view that it asks for; None where it cannot be shown."""

    form: FilterForm
    selection: Selection | None

    @property
    def errors(self) -> list[tuple[str, str]]:
        """The inputs' ids with what is wrong with them."""
        return [(name, str(text)) for name, texts in self.form.errors.items() for text in texts]


def ask(
    connection: Connection, register: Register, given: Iterable[tuple[str, str]], language: str
) -> Asked:
    """Return the view that an address asks for, or what is wrong with it, input by input."""
    form = filter_form(_joined(given), questions_of(register, language))
    is_sound = form.validate()
    units = _codes(form.don_vi, register.units, _units_named(register), unit_problem)
    fields = _codes(form.linh_vuc, register.fields, _fields_named(register), field_problem)
    if not is_sound or units is None or fields is None:
        return Asked(form, None)
    order = form.xep.data or "ten"
    return Asked(
        form,
        Selection(
            periods=form.periods or (default_period(connection),),
            units=units,
            fields=fields,
            question=form.cau_hoi.data or "",
            patterns=split(form.chuoi.data),
            by=form.theo.data or ("don_vi" if len(fields) == 1 and not units else "linh_vuc"),
            order=order.removeprefix("-"),
            descends=order.startswith("-"),
        ),
    )


def _joined(given: Iterable[tuple[str, str]]) -> MultiDict[str, str]:
    """Join what stands in the address several times: ``don_vi=A&don_vi=B`` is ``A, B``."""
    texts: dict[str, list[str]] = {}
    for name, value in given:
        if name in NAMES and value:
            texts.setdefault(name, []).append(value)
    return MultiDict((name, ", ".join(values)) for name, values in texts.items())


def questions_of(register: Register, language: str) -> list[tuple[str, str]]:
    """Return every question that gives a rate, with its text; those of the rules first."""
    known = [
        question.id
        for published in register.questionnaires.values()
        for question in published.questionnaire.questions
        if question.role == "rating" and question.scale.satisfied_set
    ]
    leading = [question for rule in register.rules for question in rule.questions]
    ids = [each for each in dict.fromkeys([*leading, *known]) if each in set(known)]
    return [(each, f"{register.question(each, language).text} ({each})") for each in ids]


def default_period(connection: Connection) -> Period:
    """Return the newest released quarter, else the quarter of the newest rating."""
    release = newest(connection)
    if release is not None:
        return release.period
    month = connection.execute(sa.select(sa.func.max(tally.c.month))).scalar() or "2026-01"
    return quarter_of(month)


Find = Callable[[str], Sequence[str]]


def _codes(
    input: object, known: object, find: Find, problem: Callable[[str, Sequence[str]], str]
) -> tuple[str, ...] | None:
    """Return the codes that an input names by code or by name; tell it what is wrong."""
    found: list[str] = []
    errors: list[str] = []
    for text in split(input.data):  # type: ignore[attr-defined]
        codes = [text] if text in known else find(text)  # type: ignore[operator]
        if len(codes) == 1:
            found.append(codes[0])
        else:
            errors.append(problem(text[:60], codes))
    if not errors:
        return tuple(dict.fromkeys(found))
    input.errors = [*input.errors, *errors]  # type: ignore[attr-defined]
    return None


def _units_named(register: Register) -> Find:
    """Find units by name: those in force before those that have ended."""

    def find(text: str) -> list[str]:
        key = name_key(text)
        named = [
            unit
            for unit in register.units.values()
            if key in {name_key(name) for name in (unit.name, *unit.names.values())}
        ]
        return [unit.code for unit in named if unit.valid_to is None] or [u.code for u in named]

    return find


def _fields_named(register: Register) -> Find:
    def find(text: str) -> list[str]:
        key = name_key(text)
        return [
            field.code
            for field in register.fields.values()
            if key in {name_key(name) for name in field.names.values()}
        ]

    return find


def unit_problem(text: str, codes: Sequence[str]) -> str:
    """Say that no unit has this code or name, or that several have."""
    if not codes:
        return gettext("Không có đơn vị “%(given)s”.", given=text)
    return gettext(
        "Nhiều đơn vị tên “%(given)s”: viết mã, ví dụ %(codes)s.",
        given=text,
        codes=", ".join(codes[:SHOWN_TWINS]),
    )


def field_problem(text: str, codes: Sequence[str]) -> str:
    """Say that no field has this code or name, or that several have."""
    if not codes:
        return gettext("Không có lĩnh vực “%(given)s”.", given=text)
    return gettext(
        "Nhiều lĩnh vực tên “%(given)s”: viết mã, ví dụ %(codes)s.",
        given=text,
        codes=", ".join(codes[:SHOWN_TWINS]),
    )
