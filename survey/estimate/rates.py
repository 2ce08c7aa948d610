"""Every rate of a period: the official ones by their rules, the reference series apart."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Sequence
from functools import cache
from typing import Any

import msgspec
import numpy as np
from sqlalchemy.engine import Connection

from survey.estimate.cells import Cell, Cells, gather
from survey.estimate.groups import (
    REFERENCE,
    Ancestors,
    Group,
    Scope,
    days_of,
    groups_of,
    order,
    rating_rules,
    scopes_of,
    stretches,
)
from survey.estimate.rate import Bounds, IntervalValue, Rate, SeriesKey, TargetValue
from survey.estimate.rate import Verdict as VerdictWord
from survey.estimate.targets import binds, targets_in_force
from survey.register.snapshot import Register
from survey.stats import Interval, interval, reached, verdict
from survey.tally.dossiers import DossierCounts, dossier_counts
from survey.terms.measure import Target
from survey.terms.period import Period
from survey.terms.questionnaire import Scale
from survey.terms.series import parse_series

METHOD, LEVEL = "wilson", 0.95


class Edition(msgspec.Struct, frozen=True):
    """What a release stamps on each of its rates. ``as_of`` is a UTC instant in ISO 8601."""

    period: Period
    number: int
    head: int
    as_of: str
    sample: bool


class Sum(msgspec.Struct):
    """A cell with the series that went into it."""

    cell: Cell
    series: set[str]


Sums = dict[tuple[Group, Scope], Sum]


def estimate(
    connection: Connection, register: Register, edition: Edition, *, head: int | None = None
) -> list[Rate]:
    """Return every rate of the edition's period, not yet suppressed, in a fixed order.

    With ``head`` the ledger is recounted up to that entry instead of reading the tally: the same
    rates must come out. A period that crosses a change of rule yields the rates of both rules,
    each over its own days. Cost: one pass over the period's tallies.
    """
    sums: Sums = {}
    period = edition.period
    for first_on, last_on in stretches(register, period):
        cells = gather(connection, register, first_on, last_on, head=head)
        _add_stretch(sums, register, cells, period, first_on, last_on)
    ordered = sorted(sums.items(), key=lambda item: order(*item[0]))
    return rates_of(
        register, edition, ordered, dossier_counts(connection, register, period, head=head)
    )


def rates_of(
    register: Register,
    edition: Edition,
    ordered: Sequence[tuple[tuple[Group, Scope], Sum]],
    dossiers: DossierCounts,
) -> list[Rate]:
    """Return the rate of each sum in the order given, held against the target that binds it."""
    judged = _judge(register, ordered, edition.period.last_on)
    questions = {group.question for (group, _), _ in ordered}
    scales = {key: register.question(key).scale for key in questions}
    resolved = _resolved(edition.period, ordered, dossiers)
    return [
        _rate(edition, group, scope, scales[group.question], item, judgement, n_dossiers)
        for ((group, scope), item), judgement, n_dossiers in zip(
            ordered, judged, resolved, strict=True
        )
    ]


class Judgement(msgspec.Struct, frozen=True):
    """Interval of a cell, and what it says of the target that binds it, if one does."""

    low: float
    high: float
    target: TargetValue | None = None
    verdict: VerdictWord | None = None
    by_count: bool | None = None


def _judge(
    register: Register, ordered: Sequence[tuple[tuple[Group, Scope], Sum]], on: dt.date
) -> list[Judgement]:
    """Compute every interval in one pass, and every comparison in one pass a target."""
    satisfied = np.array([item.cell.satisfied for _, item in ordered], dtype=np.int64)
    answered = np.array([item.cell.answered for _, item in ordered], dtype=np.int64)
    ends = interval(satisfied, answered, method=METHOD, level=LEVEL)
    judged = [Judgement(float(low), float(high)) for low, high in zip(*_ends(ends), strict=True)]
    bound: dict[Target, list[int]] = {}
    target_for = _Targets(register, on)
    for place, ((group, scope), _) in enumerate(ordered):
        target = target_for(group, scope)
        if target is not None:
            bound.setdefault(target, []).append(place)
    for target, places in bound.items():
        value = TargetValue(target.value, target.comparator, target.source, target.basis)
        part = Interval(ends.low[places], ends.high[places], METHOD, LEVEL)
        says = verdict(part, target.fraction, target.comparator)
        counts = reached(satisfied[places], answered[places], target.fraction, target.comparator)
        for place, word, by_count in zip(places, says, counts, strict=True):
            found = judged[place]
            judged[place] = Judgement(
                found.low,
                found.high,
                value,
                word.value,
                None if by_count is None else bool(by_count),
            )
    return judged


def _ends(found: Interval[Any]) -> tuple[list[float], list[float]]:
    return found.low.tolist(), found.high.tolist()


def _add_stretch(
    sums: Sums,
    register: Register,
    cells: Cells,
    period: Period,
    first_on: dt.date,
    last_on: dt.date,
) -> None:
    ancestors = Ancestors(register, first_on, last_on)
    for place, cell in cells.items():
        groups = groups_of(register, place, period, first_on, last_on)
        for group, scope in itertools.product(
            groups, scopes_of(ancestors, place.unit, place.field)
        ):
            found = sums.get((group, scope))
            if found is None:
                found = sums[group, scope] = Sum(Cell(), set())
            found.cell += cell
            found.series.add(place.series)


def _rate(
    edition: Edition,
    group: Group,
    scope: Scope,
    scale: Scale,
    item: Sum,
    judgement: Judgement,
    n_dossiers: int | None,
) -> Rate:
    cell = item.cell
    some = cell.answered > 0
    rate = Rate(
        measure=REFERENCE if group.measure.startswith(REFERENCE) else group.measure,
        official=group.official,
        series=tuple(_series_key(series) for series in sorted(item.series)),
        unit=scope.unit,
        unit_role=group.unit_role,
        with_children=scope.with_children,
        field=scope.field,
        period=str(edition.period),
        days=days_of(group, edition.period),
        edition=edition.number,
        question=group.question,
        scale=scale.id,
        satisfied_set=scale.satisfied_set,
        questionnaires=tuple(sorted(cell.questionnaires)),
        satisfied=cell.satisfied,
        answered=cell.answered,
        outside_denominator=cell.outside,
        repeats=cell.repeats,
        voided=cell.voided,
        from_totals_share=round(cell.from_totals / cell.answered, 6) if some else None,
        rate=round(cell.satisfied / cell.answered, 6) if some else None,
        interval=_interval_value(judgement) if some else None,
        target=judgement.target,
        reached_by_count=judgement.by_count,
        verdict=judgement.verdict if some else "no_ratings",
        dossiers=n_dossiers,
        sample=edition.sample,
        head=edition.head,
        as_of=edition.as_of,
    )
    return _with_coverage(rate, cell, n_dossiers, group.once_per_dossier) if some else rate


def _resolved(
    period: Period, ordered: Sequence[tuple[tuple[Group, Scope], Sum]], dossiers: DossierCounts
) -> list[int | None]:
    """Return the dossiers behind each rate; the city's where every unit that was rated has any."""
    known = set(dossiers.units())
    partly = {
        (group, scope.field)
        for (group, scope), item in ordered
        if item.cell.answered and not scope.with_children and scope.unit not in known
    }
    return [
        None
        if scope.with_children
        or days_of(group, period) is not None
        or (scope.unit is None and (group, scope.field) in partly)
        else dossiers.part(scope.unit, scope.field, "resolved")
        for (group, scope), _ in ordered
    ]


def _interval_value(judgement: Judgement) -> IntervalValue:
    return IntervalValue(METHOD, LEVEL, round(judgement.low, 6), round(judgement.high, 6))


def _with_coverage(rate: Rate, cell: Cell, n_dossiers: int | None, once_per_dossier: bool) -> Rate:
    """Add coverage and worst-case bounds, or ratings per 100 dossiers where one may rate twice."""
    if n_dossiers is None:
        return rate
    if not once_per_dossier:
        if n_dossiers == 0:
            return rate
        per_100 = round(100 * cell.answered / n_dossiers, 2)
        return msgspec.structs.replace(rate, per_100_dossiers=per_100)
    if cell.answered > n_dossiers:
        return msgspec.structs.replace(rate, flags=("n_exceeds_dossiers",))
    return msgspec.structs.replace(
        rate,
        coverage=round(cell.answered / n_dossiers, 6),
        bounds=Bounds(
            round(cell.satisfied / n_dossiers, 6),
            round((n_dossiers - cell.answered + cell.satisfied) / n_dossiers, 6),
        ),
    )


class _Targets:
    """The target that binds a rate on a day, or None: no row, no verdict.

    A reference series is held against the target of the official ratings, in words only.
    """

    def __init__(self, register: Register, on: dt.date) -> None:
        self._register, self._on = register, on
        self._official = tuple(rule.measure for rule in rating_rules(register) if rule.official)
        self._known: dict[tuple[tuple[str, ...], str, str | None], Target | None] = {}

    def __call__(self, group: Group, scope: Scope) -> Target | None:
        measures = (group.measure,) if group.official else self._official
        key = measures, "city" if scope.unit is None else "unit", scope.field
        if key not in self._known:
            self._known[key] = self._find(*key)
        return self._known[key]

    def _find(self, measures: tuple[str, ...], level: str, field: str | None) -> Target | None:
        found = targets_in_force(self._register, measures, level, self._on)
        return next((each for each in found if binds(self._register, each, field)), None)


@cache
def _series_key(series: str) -> SeriesKey:
    value = parse_series(series)
    return SeriesKey(value.source, value.channel, value.holder, value.assurance)
