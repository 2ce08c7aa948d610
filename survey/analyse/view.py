"""One view: from the address to everything that its page shows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy.engine import Connection

from survey.analyse.counts import gather, spans_of
from survey.analyse.families import Family, Line, Name, families, judge
from survey.analyse.holders import Pairs, Share, pairs, shares
from survey.analyse.names import (
    AXIS_HEADS,
    CHANNELS,
    PATH,
    ROLES,
    Names,
    family_name,
    place_name,
    series_key,
    span_name,
)
from survey.analyse.panels import Named, Panels, panels
from survey.analyse.selection import Selection
from survey.publish import wording
from survey.publish.figure import Figure, Thresholds, figures
from survey.publish.rows import Entry, Table, name_order, tables_in_order
from survey.register.snapshot import Register
from survey.terms.period import Period
from survey.web import numbers
from survey.web.texts import gettext

MOST_SECTIONS = 8
"""So many families are split along the axis; the others are named with all together."""


@dataclass(frozen=True)
class Section:
    """One family: all together, and split along the axis, every mark on one scale."""

    name: Name
    title: str
    question: str
    role: str
    why: str
    total: Table
    rows: Table

    @property
    def is_official(self) -> bool:
        """Whether verdicts stand in it."""
        return self.name.kind == "official"


@dataclass(frozen=True)
class Provenance:
    """Who held the device and through which channel, of one line."""

    period: str
    holders: tuple[Share, ...]
    channels: tuple[Share, ...]


@dataclass(frozen=True)
class View:
    """What the page shows; without ``sections`` there are no ratings.

    ``others`` are reference series that are not split, one row each.
    """

    selection: Selection
    periods: str
    place: str
    axis: str
    sections: tuple[Section, ...]
    others: Table | None
    pairs: Pairs | None
    provenance: Provenance | None
    panels: Panels | None
    minimum_badge: int


@dataclass(frozen=True)
class Counts:
    """The families of a view that are split along its axis, judged, and those that are not."""

    split: list[Family]
    others: list[Family]


def count(
    connection: Connection, register: Register, selection: Selection, now: dt.datetime
) -> Counts:
    """Return the families of a view with their rates.

    Split are measures and their parts, and series where the view names some; without any
    measure the largest series. ``now`` is an aware instant.
    """
    spans = spans_of(register, _periods(selection))
    counts = gather(connection, register, selection, spans, selection.by)
    found = families(register, selection, counts, selection.by)
    split = [each for each in found if selection.patterns or each.name.kind != "reference"]
    split = (split or found[:1])[:MOST_SECTIONS]
    others = [each for each in found if each not in split]
    as_of = now.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    lines = [line for each in split for line in (*each.lines, *each.totals)]
    lines += [line for each in others for line in each.totals]
    judge(register, selection, lines, selection.by, as_of)
    return Counts(split, others)


def _periods(selection: Selection) -> Iterable[Period]:
    if selection.by != "thang":
        return selection.periods
    months = {month for period in selection.periods for month in period.months}
    return [Period(month, month) for month in sorted(months)]


def view(
    connection: Connection,
    register: Register,
    selection: Selection,
    language: str,
    now: dt.datetime,
) -> View:
    """Return everything that the page of a view shows."""
    counts = count(connection, register, selection, now)
    today = now.astimezone(register.city.zone).date()
    shown = _Shown(register, selection, language, today)
    sections = [shown.section(each) for each in counts.split]
    lead = counts.split[0] if counts.split else None
    return View(
        selection=selection,
        periods=", ".join(numbers.period_name(period) for period in selection.periods),
        place=place_name(register, selection, language),
        axis=str(AXIS_HEADS[selection.by]),
        sections=tuple(sections),
        others=shown.others(counts.others),
        pairs=None if lead is None else shown.pairs(lead),
        provenance=None if lead is None else shown.provenance(lead),
        panels=None if lead is None else shown.panels(connection, lead),
        minimum_badge=register.city.minimum_badge,
    )


class _Shown:
    """Turns families into what a page shows."""

    def __init__(
        self, register: Register, selection: Selection, language: str, today: dt.date
    ) -> None:
        self._register, self._selection = register, selection
        self._language, self._today = language, today

    def section(self, family: Family) -> Section:
        """Return a family's table: all together first, then its lines in the order asked for."""
        names = self._names(family.lines)
        figured = dict(self._figured([*family.totals, *family.lines]))
        lines = ordered(self._selection, family.lines, names, figured)
        has_rows = self._selection.by not in ("khong", "thang")
        totals = family.totals if has_rows else []
        tables = tables_in_order(
            [
                [
                    Entry(gettext("Tất cả"), "", line.rate, names.total_remark(line))
                    for line in totals
                ],
                [
                    Entry(names.name(line), names.path(line), line.rate, names.remark(line))
                    for line in lines
                ],
            ],
            [[figured[id(line)] for line in totals], [figured[id(line)] for line in lines]],
            least=self._register.city.minimum_badge,
        )
        question = self._register.question(family.name.question, self._language)
        rate = family.totals[0].rate
        is_apart = family.name.kind == "reference" and rate is not None
        return Section(
            name=family.name,
            title=family_name(family.name),
            question=question.text,
            role=str(ROLES[family.name.unit_role]),
            why=wording.why_apart(rate) if is_apart and rate is not None else "",
            total=tables[0],
            rows=tables[1],
        )

    def _names(self, lines: Sequence[Line]) -> Names:
        return Names(self._register, self._selection, self._language, lines)

    def limits(self, last_on: dt.date) -> Thresholds:
        """Return from how many answers what is shown: in the house every rate is."""
        badge = self._register.city.minimum_badge
        return Thresholds(1, badge, is_preliminary=last_on >= self._today)

    def _figured(self, lines: Sequence[Line]) -> Iterable[tuple[int, Figure | None]]:
        """Yield each line's figure, printed; no verdict for a period that has not ended."""
        for is_open in (False, True):
            kept = [line for line in lines if (line.span.period.last_on >= self._today) == is_open]
            rates = [line.rate for line in kept if line.rate is not None]
            limits = Thresholds(1, self._register.city.minimum_badge, is_preliminary=is_open)
            found = figures(rates, limits)
            yield from ((id(line), each) for line, each in zip(kept, found, strict=True))

    def others(self, found: Sequence[Family]) -> Table | None:
        """Return the reference series that are not split, a row each and span."""
        lines = [(family, line) for family in found for line in family.totals]
        if not lines:
            return None
        figured = dict(self._figured([line for _, line in lines]))
        has_spans = len({id(line.span) for _, line in lines}) > 1
        has_questions = len({family.name.question for family in found}) > 1
        entries = [
            Entry(
                wording.series_sentence(series_key(family.name.series)),
                f"{PATH}?{self._selection.query(patterns=(family.name.series,))}",
                line.rate,
                self._remark(family, line, has_spans, has_questions),
            )
            for family, line in lines
        ]
        return tables_in_order(
            [entries],
            [[figured[id(line)] for _, line in lines]],
            least=self._register.city.minimum_badge,
        )[0]

    def _remark(self, family: Family, line: Line, has_spans: bool, has_questions: bool) -> str:
        parts = [span_name(line.span)] if has_spans else []
        if has_questions:
            parts.append(self._register.question(family.name.question, self._language).text)
        return " · ".join(parts)

    def pairs(self, family: Family) -> Pairs | None:
        """Return the citizens' rate beside the staff's, line by line and for all together."""
        if self._selection.by in ("chuoi", "nguoi_cam"):
            return pairs([], _newest(family.totals), self._register.city.minimum_badge)
        names = self._names(family.lines)
        figured = dict(self._figured(family.lines))
        lines = ordered(self._selection, family.lines, names, figured)
        entries = [(names.name(line), names.path(line), names.remark(line), line) for line in lines]
        has_rows = self._selection.by not in ("khong", "thang")
        total = _newest(family.totals) if has_rows and len(family.totals) == 1 else None
        return pairs(entries, total, self._register.city.minimum_badge)

    def provenance(self, family: Family) -> Provenance | None:
        """Return the shares of holders and channels, of the newest span."""
        line = _newest(family.totals)
        if line is None or not line.sum.cell.answered:
            return None
        holders = {name: str(text) for name, text in wording.HOLDERS.items()}
        channels = {name: str(text) for name, text in CHANNELS.items()}
        return Provenance(
            span_name(line.span),
            shares(line.by_holder, holders),
            shares(line.by_channel, channels),
        )

    def panels(self, connection: Connection, family: Family) -> Panels | None:
        """Return the small multiples of the lines with most ratings."""
        names = self._names(family.lines)
        sizes: dict[str, int] = {}
        newest: dict[str, Line] = {}
        for line in family.lines:
            sizes[line.at] = sizes.get(line.at, 0) + line.sum.cell.answered
            newest[line.at] = line
        if set(sizes) <= {""}:
            named = [Named("", family_name(family.name), "")]
        else:
            plain = Names(self._register, self._selection, self._language, newest.values())
            named = [
                Named(at, plain.name(newest[at]), names.path(newest[at]))
                for at in sorted(sizes, key=lambda at: (-sizes[at], at))
                if sizes[at] >= self._register.city.minimum_shown
            ]
        last_on = max(period.last_on for period in self._selection.periods)
        return panels(
            connection,
            self._register,
            self._selection,
            family,
            named,
            self._selection.by,
            self.limits(last_on),
            self._language,
        )


def _newest(lines: Sequence[Line]) -> Line | None:
    return max(lines, key=lambda line: line.span.last_on, default=None)


Value = Callable[[Figure], float]
_VALUES: dict[str, Value] = {
    "ty_le": lambda figure: figure.satisfied / figure.answered,
    "so": lambda figure: figure.answered,
    "thap": lambda figure: figure.shares[0],
}


def ordered(
    selection: Selection,
    lines: Sequence[Line],
    names: Names,
    figured: dict[int, Figure | None],
) -> list[Line]:
    """Return lines in the order of the view; those without a rating last, ties by name."""
    value = _VALUES.get(selection.order)
    is_time = selection.by in ("thang", "khong")

    def by_name(line: Line) -> tuple[str, dt.date]:
        return "" if is_time else name_order(names.name(line)), line.span.first_on

    result = sorted(lines, key=by_name)
    if value is None:
        return result[::-1] if selection.descends else result

    def key(line: Line) -> tuple[bool, float]:
        figure = figured[id(line)]
        if figure is None:
            return True, 0.0
        number = value(figure)
        return False, -number if selection.descends else number

    return sorted(result, key=key)
