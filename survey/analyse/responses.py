"""The counted responses of a view as they may leave the house: by month, without ids and texts."""

from __future__ import annotations

import itertools
import operator
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
from survey.estimate.groups import groups_of
from survey.ledger.tables import answer, response
from survey.register.snapshot import Register
from survey.tally.tables import tally
from survey.terms.period import Period, quarter_of
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

_MONTH = operator.itemgetter(1)


class Responses:
    """The rows of one view, and how many of them are left out altogether."""

    def __init__(self, connection: Connection, register: Register, selection: Selection) -> None:
        self._connection, self._register, self._selection = connection, register, selection
        self.months = sorted({month for each in selection.periods for month in each.months})
        self._roles = _Roles(register, self.months)
        self._levels = masks(self._counts(), register.city.minimum_shown)
        self._shown: dict[tuple[str, ...], tuple[tuple[str, ...], str] | None] = {}

    def _counts(self) -> Counter[Cell]:
        """Count the cells of every quarter that the view touches, from the tally."""
        quarters = {quarter_of(month) for month in self.months}
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
        for _, of_month in itertools.groupby(found, key=_MONTH):
            by_response: dict[Any, list[Any]] = {}
            for row in of_month:
                by_response.setdefault(row[0], []).append(row)
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
                # only compared: making it an id costs as much as all the rest of its row
                sa.type_coerce(response.c.id, sa.types.NullType()),
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
        others = ""
        if len(rows) > 1:
            others = "|".join(
                sorted(f"{row[-2]}={row[-1]}" for row in rows if not self._roles.is_rating(row[-2]))
            )
        for _, *place, value in rows:
            of = tuple(place)
            if of not in self._shown:
                self._shown[of] = self._place(*of)
            shown = self._shown[of]
            if shown is not None:
                satisfied = self._roles.is_satisfied(of[-1], value)
                yield (*shown[0], value, satisfied, others, shown[1])

    def _place(
        self, month: str, receiving: str, resolving: str, field: str, series: str, question: str
    ) -> tuple[tuple[str, ...], str] | None:
        """Return what the file shows of where an answer was given, and what it hides of it.

        None where the view does not count the answer, or the file must leave it out.
        """
        if not self._takes(question, series):
            return None
        role = self._roles.of(question, series)
        unit = {"resolving": resolving, "receiving": receiving}.get(role)
        if unit is None or (self._selection.units and unit not in self._selection.units):
            return None
        level = self._levels.get(Cell(question, month, series, unit, field), ALL)
        if level == ALL:
            return None
        parts = series.split("/") if level < SERIES else ["", "", "", ""]
        return (
            month,
            role if level < SERIES else "",
            unit if level < UNIT else "",
            field if level < FIELD else "",
            *parts,
            question,
        ), HIDDEN_WORDS[level]

    def _takes(self, question: str, series: str) -> bool:
        if self._selection.question not in ("", question):
            return False
        patterns, value = self._selection.patterns, parse_series(series)
        return not patterns or any(matches(value, pattern) for pattern in patterns)


class _Roles:
    """Which role of its unit a series counts, and what its questions mean."""

    def __init__(self, register: Register, months: list[str]) -> None:
        self._register = register
        span = spans_of(register, [Period(months[-1], months[-1])])[-1]
        self._span: Span = span
        self._known: dict[tuple[str, str], str] = {}
        self._ratings: dict[str, Any] = {}
        self._satisfied: dict[tuple[str, int], str] = {}

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
        key = question, value
        if key not in self._satisfied:
            scale = self._question(question).scale
            counts = "1" if value in scale.satisfied_set else "0"
            self._satisfied[key] = "" if value in scale.outside_values else counts
        return self._satisfied[key]

    def _question(self, question: str) -> Any:
        if question not in self._ratings:
            self._ratings[question] = rating_question(self._register, question)
        return self._ratings[question]
