"""The counted responses of a view as they may leave the house: by month, without ids and texts."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from survey.analyse.counts import Span, spans_of
from survey.analyse.days import is_first, is_voided
from survey.analyse.masks import ALL, FIELD, SERIES, UNIT, Cell, masks
from survey.analyse.selection import Selection
from survey.estimate.cells import Place, rating_question
from survey.estimate.rates import groups_of
from survey.ledger.tables import answer, response
from survey.register.snapshot import Register
from survey.tally.tables import tally
from survey.terms.period import Period, parse_period
from survey.terms.series import matches, parse_series

COLUMNS = (
    "month",
    "unit_role",
    "unit",
    "field",
    "source",
    "channel",
    "holder",
    "assurance",
    "question",
    "value",
    "satisfied",
    "other_answers",
    "hidden",
)
HIDDEN_WORDS = {0: "", FIELD: "field", UNIT: "field|unit", SERIES: "field|unit|series"}
"""What a row hides, as the column ``hidden`` says it."""


class Responses:
    """The rows of one view, and how many of them are left out altogether."""

    def __init__(self, connection: Connection, register: Register, selection: Selection) -> None:
        self._connection, self._register, self._selection = connection, register, selection
        self.months = sorted({month for each in selection.periods for month in each.months})
        self._roles = _Roles(register, self.months)
        self._levels = masks(self._counts(), register.city.minimum_shown)
        self._series: dict[str, bool] = {}

    def _counts(self) -> Counter[Cell]:
        """Count the cells of every quarter that the view touches, from the tally."""
        quarters = {parse_period(f"{m[:4]}-Q{(int(m[5:]) + 2) // 3}") for m in self.months}
        months = sorted({month for quarter in quarters for month in quarter.months})
        columns = (
            tally.c.unit_role,
            tally.c.unit,
            tally.c.month,
            tally.c.field,
            tally.c.question,
            tally.c.series,
        )
        query = (
            sa.select(*columns, sa.func.sum(tally.c.counting))
            .where(tally.c.month.in_(months))
            .group_by(*columns)
        )
        found: Counter[Cell] = Counter()
        for role, unit, month, field, question, series, number in self._connection.execute(query):
            if number and self._roles.of(question, series) == role:
                found[Cell(question, month, series, unit, field)] += int(number)
        return found

    @property
    def left_out(self) -> int:
        """How many cells of the quarters are too rare for any row to be given."""
        return sum(level == ALL for level in self._levels.values())

    def number(self) -> int:
        """Return about how many rows there are: no fewer than the file will have."""
        conditions: list[sa.ColumnElement[bool]] = [tally.c.month.in_(self.months)]
        if self._selection.units:
            conditions.append(tally.c.unit.in_(self._selection.units))
        if self._selection.fields:
            conditions.append(tally.c.field.in_(self._selection.fields))
        if self._selection.question:
            conditions.append(tally.c.question == self._selection.question)
        query = (
            sa.select(tally.c.unit_role, sa.func.sum(tally.c.counting))
            .where(*conditions)
            .group_by(tally.c.unit_role)
        )
        return max((int(number) for _, number in self._connection.execute(query)), default=0)

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """Yield the rows, a month at a time and in the order of their own columns.

        So their order says nothing of when or where a rating was given.
        """
        found = self._connection.execution_options(yield_per=5000).execute(self._query())
        for _, of_month in itertools.groupby(found, key=lambda row: row.month):
            by_response: dict[Any, list[Any]] = {}
            for row in of_month:
                by_response.setdefault(row.id, []).append(row)
            made = [line for rows in by_response.values() for line in self._lines(rows)]
            yield from sorted(made)

    def _query(self) -> sa.Select[Any]:
        conditions: list[sa.ColumnElement[bool]] = [
            response.c.month.in_(self.months),
            ~is_voided(),
            is_first(),
        ]
        if self._selection.fields:
            conditions.append(response.c.field.in_(self._selection.fields))
        if self._selection.units:
            units = self._selection.units
            conditions.append(
                sa.or_(response.c.receiving_unit.in_(units), response.c.resolved_by.in_(units))
            )
        return (
            sa.select(
                response.c.id,
                response.c.month,
                response.c.receiving_unit,
                response.c.resolved_by,
                response.c.field,
                response.c.series,
                answer.c.question,
                answer.c.value,
            )
            .join_from(response, answer, answer.c.response == response.c.id)
            .where(*conditions)
            .order_by(response.c.month)
        )

    def _lines(self, rows: list[Any]) -> Iterator[tuple[Any, ...]]:
        """Yield a row a rating of one response, with its other answers beside it."""
        others = sorted(
            f"{row.question}={row.value}" for row in rows if not self._roles.is_rating(row.question)
        )
        for row in rows:
            role = self._roles.of(row.question, row.series) if self._takes(row) else ""
            unit = {"resolving": row.resolved_by, "receiving": row.receiving_unit}.get(role)
            if unit is None or (self._selection.units and unit not in self._selection.units):
                continue
            level = self._levels.get(
                Cell(row.question, row.month, row.series, unit, row.field), ALL
            )
            if level == ALL:
                continue
            series = row.series.split("/") if level < SERIES else ["", "", "", ""]
            yield (
                row.month,
                role if level < SERIES else "",
                unit if level < UNIT else "",
                row.field if level < FIELD else "",
                *series,
                row.question,
                row.value,
                self._roles.is_satisfied(row.question, row.value),
                "|".join(others),
                HIDDEN_WORDS[level],
            )

    def _takes(self, row: Any) -> bool:
        if not self._roles.is_rating(row.question):
            return False
        if self._selection.question and row.question != self._selection.question:
            return False
        if row.series not in self._series:
            patterns = self._selection.patterns
            series = parse_series(row.series)
            self._series[row.series] = not patterns or any(
                matches(series, pattern) for pattern in patterns
            )
        return self._series[row.series]


class _Roles:
    """Which role of its unit a series counts, and what its questions mean."""

    def __init__(self, register: Register, months: list[str]) -> None:
        self._register = register
        span = spans_of(register, [Period(months[-1], months[-1])])[-1]
        self._span: Span = span
        self._known: dict[tuple[str, str], str] = {}
        self._ratings: dict[str, Any] = {}

    def of(self, question: str, series: str) -> str:
        """Return ``resolving`` or ``receiving``; "" for a question that gives no rate."""
        key = question, series
        if key not in self._known:
            self._known[key] = self._find(question, series) if self.is_rating(question) else ""
        return self._known[key]

    def _find(self, question: str, series: str) -> str:
        span = self._span
        for role in ("resolving", "receiving"):
            place = Place(role, "", "", question, series)
            if groups_of(self._register, place, span.period, span.first_on, span.last_on):
                return role
        return ""

    def is_rating(self, question: str) -> bool:
        """Tell whether a question gives a rate."""
        return self._question(question) is not None

    def is_satisfied(self, question: str, value: int) -> str:
        """Return ``1`` or ``0``, "" for an answer outside the denominator."""
        scale = self._question(question).scale
        if value in scale.outside_values:
            return ""
        return "1" if value in scale.satisfied_set else "0"

    def _question(self, question: str) -> Any:
        if question not in self._ratings:
            self._ratings[question] = rating_question(self._register, question)
        return self._ratings[question]
