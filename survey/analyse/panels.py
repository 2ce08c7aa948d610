"""Small multiples: the same measure month by month, a panel a line, all on one scale."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy.engine import Connection

from survey.analyse.counts import COLUMNS, Span, gather, spans_of
from survey.analyse.families import Family, Line, Name, families, judge
from survey.analyse.selection import Selection
from survey.publish.chart import Axis, Mark, Tick, axis_for
from survey.publish.figure import Figure, Thresholds, figures, target_fraction
from survey.publish.history import marks_of
from survey.register.snapshot import Register
from survey.terms.period import Period, month_of
from survey.web import numbers
from survey.web.texts import gettext

LONGEST, SHORTEST = 24, 12
"""Months that are drawn: as many as the view has, but no fewer and no more."""

MOST = 12
"""So many panels are drawn, those with most ratings; the table has every line."""

WIDTH, HEIGHT = 240, 132
LEFT, RIGHT, TOP, BOTTOM = 30, 6, 12, 20


@dataclass(frozen=True, slots=True)
class Point:
    """One month: its centre and, where it has ratings, the interval from top to bottom."""

    x: float
    mark: Mark | None
    month: str
    text: str


@dataclass(frozen=True)
class Panel:
    """One line through the months; ``text`` says the same in words."""

    name: str
    path: str
    points: tuple[Point, ...]
    joins: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Break:
    """A day across which no line is read: its letter, its place in every panel, its reason."""

    letter: str
    x: float
    day: dt.date
    text: str


@dataclass(frozen=True)
class Panels:
    """The panels with what they share: scale, target, months and breaks."""

    panels: tuple[Panel, ...]
    ticks: tuple[Tick, ...]
    months: tuple[str, ...]
    first: str
    last: str
    breaks: tuple[Break, ...]
    target_y: float | None
    target: str
    left_out: int
    bar: float

    @property
    def labels(self) -> tuple[str, ...]:
        """The months as the head of a table writes them."""
        return tuple(numbers.period_tick(Period(month, month))[0] for month in self.months)


@dataclass(frozen=True)
class Named:
    """A line of the view: its place on the axis, its name, and the address of its own view."""

    at: str
    name: str
    path: str


def window(periods: Sequence[Period]) -> tuple[str, ...]:
    """Return the months that are drawn: those of the view, with earlier ones up to a year."""
    last = max(period.last for period in periods)
    first = min(period.first for period in periods)
    months = [last]
    while len(months) < LONGEST and (months[0] > first or len(months) < SHORTEST):
        months.insert(0, _before(months[0]))
    return tuple(months)


def _before(month: str) -> str:
    return month_of(dt.date(int(month[:4]), int(month[5:]), 1) - dt.timedelta(days=1))


def panels(
    connection: Connection,
    register: Register,
    selection: Selection,
    lead: Family,
    named: Sequence[Named],
    by: str,
    limits: Thresholds,
    language: str,
) -> Panels | None:
    """Return the panels of the named lines of a family, or None where two months have nothing.

    A month that a rule cuts is left empty: its days belong to two rules.
    """
    shown = named[:MOST]
    months = window(selection.periods)
    spans = [
        span
        for span in spans_of(register, [Period(month, month) for month in months])
        if span.is_whole
    ]
    lines = _lines(connection, register, selection, lead, shown, spans, by)
    drawn = _figures(lines, limits)
    if len({month for _, month in drawn}) < 2:
        return None
    left_out = len(named) - len(shown)
    return _draw(register, selection, lead.name, shown, left_out, months, drawn, language)


def _lines(
    connection: Connection,
    register: Register,
    selection: Selection,
    lead: Family,
    shown: Sequence[Named],
    spans: Sequence[Span],
    by: str,
) -> dict[tuple[str, str], Line]:
    """Return the judged lines of a family by place and month, those of the view if it has all."""
    if by == "thang":
        held = {line.span.period.first: line for line in lead.lines if line.span.is_whole}
        if {span.period.first for span in spans} <= set(held):
            return {("", month): line for month, line in held.items()}
    narrowed = replace(_narrowed(selection, spans, shown, by), question=lead.name.question)
    counts = gather(connection, register, narrowed, spans, by, (lead.name.unit_role,))
    found = families(register, narrowed, counts, by)
    family = next((each for each in found if each.name == lead.name), None)
    if family is None:
        return {}
    lines = {(line.at, line.span.period.first): line for line in _chosen(family, shown)}
    judge(register, narrowed, lines.values(), by, "")
    return lines


def _narrowed(
    selection: Selection, spans: Sequence[Span], shown: Sequence[Named], by: str
) -> Selection:
    column = COLUMNS.get(by)
    codes = tuple(each.at for each in shown)
    periods = tuple(span.period for span in spans)
    if column == "unit":
        return replace(selection, periods=periods, units=codes)
    if column == "field":
        return replace(selection, periods=periods, fields=codes)
    return replace(selection, periods=periods)


def _chosen(family: Family, shown: Sequence[Named]) -> list[Line]:
    if [each.at for each in shown] == [""]:
        return family.totals
    wanted = {each.at for each in shown}
    return [line for line in family.lines if line.at in wanted]


def _figures(
    lines: dict[tuple[str, str], Line], limits: Thresholds
) -> dict[tuple[str, str], Figure]:
    rates = [line.rate for line in lines.values() if line.rate is not None]
    found = figures(rates, limits)
    return {key: each for key, each in zip(lines, found, strict=True) if each is not None}


def _draw(
    register: Register,
    selection: Selection,
    lead: Name,
    shown: Sequence[Named],
    left_out: int,
    months: Sequence[str],
    drawn: dict[tuple[str, str], Figure],
    language: str,
) -> Panels:
    least = register.city.minimum_badge
    wide = [each for each in drawn.values() if each.answered >= least] or list(drawn.values())
    axis = axis_for([share for each in wide for share in each.shares], HEIGHT - BOTTOM, TOP)
    step = (WIDTH - LEFT - RIGHT) / len(months)
    centres = {month: round(LEFT + step * (at + 0.5), 1) for at, month in enumerate(months)}
    breaks = _breaks(register, selection, lead, months, step, language)
    targets = {each.target for each in drawn.values()}
    target = targets.pop() if len(targets) == 1 else None
    share = target_fraction(target)
    return Panels(
        panels=tuple(_panel(each, centres, drawn, axis, breaks) for each in shown),
        ticks=(Tick(axis.place(axis.low / 100), axis.low), Tick(axis.place(1.0), 100)),
        months=tuple(months),
        first=numbers.period_tick(Period(months[0], months[0]))[0],
        last=numbers.period_tick(Period(months[-1], months[-1]))[0],
        breaks=breaks,
        target_y=None if share is None else axis.place(float(share)),
        target="" if target is None else numbers.share(target.value),
        left_out=left_out,
        bar=round(min(step * 0.6, 8.0), 1),
    )


def _breaks(
    register: Register,
    selection: Selection,
    lead: Name,
    months: Sequence[str],
    step: float,
    language: str,
) -> tuple[Break, ...]:
    found = sorted(
        (
            mark
            for mark in marks_of(register, lead.measure, selection.unit)
            if months[0] < month_of(mark.happened_on) <= months[-1]
        ),
        key=lambda mark: mark.happened_on,
    )
    places = {month: at for at, month in enumerate(months)}
    return tuple(
        Break(
            chr(ord("a") + number),
            round(LEFT + step * places[month_of(mark.happened_on)], 1),
            mark.happened_on,
            mark.texts.get(language) or next(iter(mark.texts.values()), ""),
        )
        for number, mark in enumerate(found)
    )


def _panel(
    named: Named,
    centres: dict[str, float],
    drawn: dict[tuple[str, str], Figure],
    axis: Axis,
    breaks: Sequence[Break],
) -> Panel:
    points = []
    for month, x in centres.items():
        found = drawn.get((named.at, month))
        points.append(
            Point(
                x,
                None if found is None else found.mark(axis),
                month,
                "" if found is None else numbers.decimal(found.percent),
            )
        )
    return Panel(
        named.name,
        named.path,
        tuple(points),
        tuple(_joined(points, breaks)),
        _words(
            named, [drawn[key] for key in ((named.at, month) for month in centres) if key in drawn]
        ),
    )


def _joined(points: Sequence[Point], breaks: Sequence[Break]) -> list[str]:
    """Return the paths between neighbouring months with no break between them."""
    paths = []
    for before, here in itertools.pairwise(points):
        is_cut = any(before.x < each.x <= here.x for each in breaks)
        if before.mark is not None and here.mark is not None and not is_cut:
            paths.append(f"M{before.x} {before.mark.dot}L{here.x} {here.mark.dot}")
    return paths


def _words(named: Named, found: Sequence[Figure]) -> str:
    if not found:
        return gettext("%(name)s: không có đánh giá.", name=named.name)
    least = min(found, key=lambda each: each.percent)
    most = max(found, key=lambda each: each.percent)
    return gettext(
        "%(name)s: %(number)s tháng có đánh giá; tháng cuối %(last)s; thấp nhất %(least)s,"
        " cao nhất %(most)s.",
        name=named.name,
        number=len(found),
        last=numbers.percent(found[-1].percent),
        least=numbers.percent(least.percent),
        most=numbers.percent(most.percent),
    )
