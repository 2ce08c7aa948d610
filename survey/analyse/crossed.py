"""Which cells of units by fields may leave the house: one decision for every view and axis.

All units by all fields with their totals are weighed at once, over the quarters and years that a
view touches (months for the totals alone, since no unit's field is published by month). So it does
not matter from which side a table is asked for: a cell that one view hides, none shows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from survey.analyse.counts import spans_of
from survey.analyse.families import Name
from survey.estimate.cells import Place
from survey.estimate.groups import REFERENCE, groups_of
from survey.ledger.tables import UNKNOWN
from survey.register.snapshot import Register
from survey.stats import suppress
from survey.tally.tables import tally
from survey.terms.period import Period, parse_period, quarter_of

SMALL, COMPLEMENT = "small", "complement"

Where = tuple[str, str, Period]
"""unit ("" is all of them), field ("" is all of them), period"""

Relation = tuple[int, list[int]]


class Crossed:
    """The cells of one family in the years of some periods, and which of them are hidden."""

    def __init__(
        self, connection: Connection, register: Register, name: Name, periods: Iterable[Period]
    ) -> None:
        years = {month[:4] for period in periods for month in period.months}
        self._register, self._name = register, name
        self._months = [
            month
            for year in sorted(years)
            for month in parse_period(year).months
            if len(spans_of(register, [Period(month, month)])) == 1
        ]
        self._counts = self._summed(self._by_month(connection))
        self._hidden = self._weigh()

    def reason(self, unit: str, field: str, period: Period) -> str:
        """Return why a cell is hidden, "" where it may leave; whole quarters hide together."""
        parts = [period]
        if period.kind == "run":
            parts = [each for each in _quarters(period) if (unit, field, each) in self._counts]
        reasons = [self._one(unit, field, part) for part in parts]
        return next((reason for reason in reasons if reason), "")

    def _one(self, unit: str, field: str, period: Period) -> str:
        where = unit, field, period
        number = self._counts.get(where, 0)
        if number < self._register.city.minimum_shown:
            return SMALL
        return COMPLEMENT if where in self._hidden else ""

    def _by_month(self, connection: Connection) -> Counter[tuple[str, str, str]]:
        question = self._register.question(self._name.question)
        key = (tally.c.unit, tally.c.field, tally.c.month, tally.c.series)
        query = (
            sa.select(*key, sa.func.sum(tally.c.counting + tally.c.from_totals))
            .where(
                tally.c.unit_role == self._name.unit_role,
                tally.c.month.in_(self._months),
                tally.c.question == self._name.question,
                tally.c.value.not_in(sorted(question.scale.outside_values)),
            )
            .group_by(*key)
        )
        taken: dict[tuple[str, str], bool] = {}
        found: Counter[tuple[str, str, str]] = Counter()
        for unit, field, month, series, number in connection.execute(query):
            of = series, month
            if of not in taken:
                taken[of] = self._takes(series, month)
            if taken[of] and number:
                found[unit, field, month] += int(number)
        return found

    def _takes(self, series: str, month: str) -> bool:
        name, period = self._name, Period(month, month)
        place = Place(name.unit_role, "", "", name.question, series)
        groups = groups_of(self._register, place, period, period.first_on, period.last_on)
        wanted = name.measure or f"{REFERENCE} {name.series}"
        return any(group.measure == wanted for group in groups)

    def _summed(self, by_month: Counter[tuple[str, str, str]]) -> Counter[Where]:
        known = set(self._months)
        containing = {
            month: [
                period
                for period in (Period(month, month), quarter_of(month), parse_period(month[:4]))
                if set(period.months) <= known
            ]
            for month in self._months
        }
        sums: Counter[Where] = Counter()
        for (unit, field, month), number in by_month.items():
            for period in containing[month]:
                if period.kind != "month":
                    sums[unit, field, period] += number
                sums[unit, "", period] += number
                sums["", field, period] += number
                sums["", "", period] += number
        return sums

    def _weigh(self) -> set[Where]:
        order = list(self._counts)
        if not order:
            return set()
        number = {where: at for at, where in enumerate(order)}
        counts = np.fromiter(self._counts.values(), dtype=np.int64, count=len(order))
        eligible = np.array([unit != UNKNOWN for unit, _, _ in order], dtype=bool)
        relations = [*_over_places(order, number), *_over_time(order, number)]
        hidden = suppress(
            counts, relations, minimum=self._register.city.minimum_shown, eligible=eligible
        )
        return {order[at] for at in np.flatnonzero(hidden).tolist()}


def _over_places(order: Sequence[Where], number: dict[Where, int]) -> Iterator[Relation]:
    """A unit is the sum of its fields, a field of its units, the city of both."""
    parts: dict[tuple[Where, str], list[int]] = {}
    for unit, field, period in order:
        here = number[unit, field, period]
        if unit and field:
            parts.setdefault(((unit, "", period), "fields"), []).append(here)
            parts.setdefault((("", field, period), "units"), []).append(here)
        elif unit or field:
            parts.setdefault((("", "", period), "units" if unit else "fields"), []).append(here)
    for (total, _), members in parts.items():
        yield number[total], members


def _over_time(order: Sequence[Where], number: dict[Where, int]) -> Iterator[Relation]:
    """A quarter is the sum of its months, a year of its quarters."""
    for unit, field, period in order:
        if period.kind == "month" or (unit and field and period.kind == "quarter"):
            continue
        parts = [
            number[unit, field, part] for part in period.parts if (unit, field, part) in number
        ]
        yield number[unit, field, period], parts


def _quarters(period: Period) -> list[Period]:
    return list(dict.fromkeys(quarter_of(month) for month in period.months))
