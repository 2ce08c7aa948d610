"""The tally, summed along one axis for the view that an analyst asks for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from survey.analyse.days import count_days
from survey.analyse.selection import Selection
from survey.db import is_postgresql
from survey.estimate.cells import Cell, add, rating_question, split_days
from survey.estimate.groups import reference_role, stretches
from survey.ledger.tables import UNKNOWN
from survey.register.snapshot import Register
from survey.tally.tables import COUNTS, tally
from survey.terms.period import Period
from survey.terms.questionnaire import Question
from survey.terms.series import matches, parse_series

COLUMNS = {"don_vi": "unit", "linh_vuc": "field"}
"""Axes that are a column of the tally; every other axis is read off the series or the month."""

ROLES = ("resolving", "receiving")
_OWN, _PAST_OWN = "own/", "own0"
"""Between them, in any order of letters, stand the series of our own pages and devices."""
_MEMORY = sa.text("SET LOCAL work_mem = '32MB'")
"""For the sums of this transaction; a quarter of the whole city by unit needs 15 MB of it."""


@dataclass(frozen=True, eq=False, slots=True)
class Span:
    """A period, or the days of it under one rule; made once a view, so it is only itself."""

    period: Period
    first_on: dt.date
    last_on: dt.date

    @property
    def is_whole(self) -> bool:
        """Whether it is all of its period."""
        return (self.first_on, self.last_on) == (self.period.first_on, self.period.last_on)


@dataclass(slots=True)
class Counted:
    """The counts of one place on the axis, and how many gave each answer."""

    cell: Cell = field(default_factory=Cell)
    values: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Key:
    """Which ratings a sum counts; ``at`` is the unit's or field's code, "" on other axes."""

    span: Span
    at: str
    unit_role: str
    question: str
    series: str


Row = tuple[str, str, str, str, str, int, tuple[int, int, int, int]]
"""month, place on the axis, unit role, question, series, value, the four counts"""


def spans_of(register: Register, periods: Iterable[Period]) -> list[Span]:
    """Return the periods in order, split where a rule for ratings begins or ends."""
    return [
        Span(period, first_on, last_on)
        for period in dict.fromkeys(periods)
        for first_on, last_on in stretches(register, period)
    ]


def gather(
    connection: Connection,
    register: Register,
    selection: Selection,
    spans: Sequence[Span],
    by: str,
    roles: Sequence[str] = ROLES,
) -> dict[Key, Counted]:
    """Return the sums of every span along an axis, of the chosen units, fields and series.

    A reference series is counted by one role of its units, a measure by that of its rule; rows
    of the other role are left out later, by the rules. The days of a month that a rule cuts are
    counted in the ledger.
    """
    able = _Able(register, selection)
    found: dict[Key, Counted] = {}
    for span, (_, at, role, question_id, series, value, counts) in _rows(
        connection, register, selection, spans, COLUMNS.get(by, ""), roles
    ):
        question = able.question(question_id)
        if question is None or not able.takes(series):  # a question in SQL would make it sort
            continue
        key = Key(span, at, role, question_id, series)
        counted = found.get(key)
        if counted is None:
            counted = found[key] = Counted()
        add(counted.cell, question, value, "", counts)
        number = counts[0] + counts[3]
        counted.values[value] = counted.values.get(value, 0) + number
    return found


class _Able:
    """Which questions and series a view counts; each is looked up once."""

    def __init__(self, register: Register, selection: Selection) -> None:
        self._register, self._selection = register, selection
        self._questions: dict[str, Question | None] = {}
        self._series: dict[str, bool] = {}

    def question(self, question_id: str) -> Question | None:
        if question_id not in self._questions:
            is_asked = self._selection.question in ("", question_id)
            self._questions[question_id] = (
                rating_question(self._register, question_id) if is_asked else None
            )
        return self._questions[question_id]

    def takes(self, series: str) -> bool:
        if series not in self._series:
            patterns, value = self._selection.patterns, parse_series(series)
            self._series[series] = not patterns or any(matches(value, each) for each in patterns)
        return self._series[series]


def _rows(
    connection: Connection,
    register: Register,
    selection: Selection,
    spans: Sequence[Span],
    column: str,
    roles: Sequence[str],
) -> Iterator[tuple[Span, Row]]:
    whole: dict[str, list[Span]] = {}
    for span in spans:
        months, parts = split_days(span.first_on, span.last_on)
        for month in months.months if months is not None else ():
            whole.setdefault(month, []).append(span)
        for first_on, last_on in parts:
            for row in _of_days(connection, selection, column, first_on, last_on):
                yield span, row
    if not whole:
        return
    for row in _tallied(connection, register, selection, sorted(whole), column, roles):
        for span in whole[row[0]]:
            yield span, row


def _tallied(
    connection: Connection,
    register: Register,
    selection: Selection,
    months: Sequence[str],
    column: str,
    roles: Sequence[str],
) -> Iterator[Row]:
    """Yield the sums of whole months.

    On SQLite they are asked for in the order of its index, month by month and field by field even
    where nobody needs to know the field: so it adds up as it reads and sorts nothing. PostgreSQL
    adds up in memory both roles in one pass, and hands over fewer rows; with less memory it would
    sort them on disk first.
    """
    is_server = is_postgresql(connection)
    if is_server:
        connection.execute(_MEMORY)
    at = column or ("" if is_server else "field")
    place = tally.c[at] if at else sa.literal("").label("place")
    columns = tally.c
    key = (columns.month, columns.unit_role, place, columns.question, columns.series, columns.value)
    groups = [each for each in key if each is not place or at]
    sums = [sa.func.sum(columns[name]) for name in COUNTS]
    wanted = [_of_role(register, role) for role in roles]
    # by the key of SQLite's tally the months of each unit are found without reading others
    every = () if is_server or column != "unit" else (*register.units, UNKNOWN)
    common = _of_all(selection, months, every)
    for condition in [sa.or_(*wanted)] if is_server else wanted:
        query = sa.select(*key, *sums).where(condition, *common).group_by(*groups)
        for row in connection.execute(query):
            month, role, where, question, series, value, counting, repeats, voided, totals = row
            counts = (int(counting), int(repeats), int(voided), int(totals))
            yield month, where if column else "", role, question, series, value, counts


def _of_all(
    selection: Selection, months: Sequence[str], every_unit: Sequence[str]
) -> list[sa.ColumnElement[bool]]:
    """Return what holds for both roles of a unit."""
    conditions: list[sa.ColumnElement[bool]] = [tally.c.month.in_(months)]
    units = selection.units or every_unit
    if units:
        conditions.append(tally.c.unit.in_(units))
    if selection.fields:
        conditions.append(tally.c.field.in_(selection.fields))
    return conditions


def _of_role(register: Register, role: str) -> sa.ColumnElement[bool]:
    """Keep series that a rule may sum by this role of the unit, or that have no other role.

    The rules decide later which do; this only spares reading every rating twice.
    """
    is_own = tally.c.series.between(_OWN, _PAST_OWN)
    patterns = {
        pattern.replace("_", r"\_").replace("*", "%")
        for rule in register.rules
        if rule.kind == "ratings" and rule.unit_role == role
        for pattern in rule.series
    }
    likes = [tally.c.series.like(pattern, escape="\\") for pattern in sorted(patterns)]
    is_counted = sa.or_(is_own if role == reference_role(_OWN) else ~is_own, *likes)
    return sa.and_(tally.c.unit_role == role, is_counted)


def _of_days(
    connection: Connection,
    selection: Selection,
    column: str,
    first_on: dt.date,
    last_on: dt.date,
) -> Iterator[Row]:
    for role, unit, field_code, question, series, value, counts in count_days(
        connection, selection, first_on, last_on
    ):
        at = {"unit": unit, "field": field_code}.get(column, "")
        yield "", at, role, question, series, value, counts
