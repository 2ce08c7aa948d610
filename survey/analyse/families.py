"""Sums that may be compared with each other: a measure, a part of one, or one series."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import msgspec

from survey.analyse.counts import Counted, Key, Span
from survey.analyse.selection import Selection
from survey.estimate.cells import Cell, Place
from survey.estimate.groups import REFERENCE, Group, Scope, groups_of
from survey.estimate.rate import Rate
from survey.estimate.rates import Edition, Sum, rates_of
from survey.ledger.tables import UNKNOWN
from survey.register.snapshot import Register
from survey.tally.dossiers import DossierCounts
from survey.terms.series import Series, parse_series

Kind = Literal["official", "part", "reference"]
KINDS: tuple[Kind, ...] = ("official", "part", "reference")
"""A measure as its rule sums it; some of its series; a series that no rule sums."""

SERIES_AXES = {"chuoi": "", "nguoi_cam": "holder", "kenh": "channel"}
"""Axes that are read off the series, and which part of it."""


_NO_DOSSIERS = DossierCounts(frozenset({"none"}), {})
"""Coverage is left to the published pages: it needs every dossier count of the period."""


@dataclass(frozen=True)
class Name:
    """What a family counts: ``measure`` for a measure and its parts, else ``series``."""

    kind: Kind
    measure: str
    series: str
    question: str
    unit_role: str


@dataclass(slots=True)
class Line:
    """One sum of a family: ``at`` on the axis ("" is all together), over one span.

    ``by_holder`` splits its cell by who held the device, ``by_channel`` by the channel.
    ``rate`` is filled in by :func:`judge`.
    """

    at: str
    span: Span
    group: Group
    sum: Sum = field(default_factory=lambda: Sum(Cell(), set()))
    by_holder: dict[str, Cell] = field(default_factory=dict)
    by_channel: dict[str, Cell] = field(default_factory=dict)
    values: dict[int, int] = field(default_factory=dict)
    rate: Rate | None = None

    def add(self, series: Series, key: Key, counted: Counted) -> None:
        """Add what was counted of one series."""
        self.sum.cell += counted.cell
        self.sum.series.add(key.series)
        for parts, name in ((self.by_holder, series.holder), (self.by_channel, series.channel)):
            part = parts.get(name)
            if part is None:
                part = parts[name] = Cell()
            part += counted.cell
        for value, number in counted.values.items():
            self.values[value] = self.values.get(value, 0) + number


@dataclass
class Family:
    """The lines of one family, and all of it together, a line a span."""

    name: Name
    lines: list[Line]
    totals: list[Line]

    @property
    def answered(self) -> int:
        """How many ratings it has in all spans."""
        return sum(line.sum.cell.answered for line in self.totals)


def families(
    register: Register, selection: Selection, counts: Mapping[Key, Counted], by: str
) -> list[Family]:
    """Return the families of a view: measures first, then their parts, then series by size.

    ``by`` is the axis; along the series, who held the device, or the channel, a measure falls
    into parts, which are no official rates.
    """
    gathered = _Gathered(register, selection, by)
    for key, counted in counts.items():
        gathered.add(key, counted)
    result = [
        Family(name, list(draft.lines.values()), list(draft.totals.values()))
        for name, draft in gathered.drafts.items()
    ]
    return sorted(result, key=lambda each: (KINDS.index(each.name.kind), -each.answered))


@dataclass
class _Draft:
    """A family in the making; keyed by identity, since hashing a group costs more than adding."""

    lines: dict[tuple[str, int, int], Line] = field(default_factory=dict)
    totals: dict[tuple[int, int], Line] = field(default_factory=dict)


class _Gathered:
    def __init__(self, register: Register, selection: Selection, by: str) -> None:
        self._register, self._selection, self._by = register, selection, by
        self.drafts: dict[Name, _Draft] = {}
        self._groups: dict[Group, Group] = {}
        self._known: dict[tuple[Span, str, str, str], list[tuple[_Draft, Group, Group]]] = {}

    def add(self, key: Key, counted: Counted) -> None:
        """Add one sum to every family that takes it."""
        of = key.span, key.unit_role, key.question, key.series
        takers = self._known.get(of)
        if takers is None:
            takers = self._known[of] = list(self._takers(key))
        if not takers:
            return
        series = _series(key.series)
        at, span = _place(series, key, self._by), key.span
        for draft, group, own in takers:
            line = draft.lines.get((at, id(span), id(own)))
            if line is None:
                line = draft.lines[at, id(span), id(own)] = Line(at, span, own)
            line.add(series, key, counted)
            total = draft.totals.get((id(span), id(group)))
            if total is None:
                total = draft.totals[id(span), id(group)] = Line("", span, group)
            total.add(series, key, counted)

    def _takers(self, key: Key) -> Iterable[tuple[_Draft, Group, Group]]:
        for name, group in _named(self._register, self._selection, key):
            own = _part(group) if self._by in SERIES_AXES else group
            draft = self.drafts.setdefault(name, _Draft())
            yield (
                draft,
                self._groups.setdefault(group, group),
                self._groups.setdefault(own, own),
            )


_known_series: dict[str, Series] = {}


def _series(text: str) -> Series:
    """There are a few dozen series, and one in every row."""
    if text not in _known_series:
        _known_series[text] = parse_series(text)
    return _known_series[text]


def _place(series: Series, key: Key, by: str) -> str:
    part = SERIES_AXES.get(by)
    if part is None:
        return key.at
    return getattr(series, part) if part else key.series


def _named(register: Register, selection: Selection, key: Key) -> Iterable[tuple[Name, Group]]:
    span = key.span
    place = Place(key.unit_role, "", "", key.question, key.series)
    for group in groups_of(register, place, span.period, span.first_on, span.last_on):
        if group.measure.startswith(REFERENCE):
            yield Name("reference", "", key.series, group.question, group.unit_role), group
        elif _is_whole(register, selection, group):
            yield Name("official", group.measure, "", group.question, group.unit_role), group
        else:
            yield Name("part", group.measure, "", group.question, group.unit_role), _part(group)


def _is_whole(register: Register, selection: Selection, group: Group) -> bool:
    """Tell whether the view has every series that the measure's rule sums."""
    wanted = {
        pattern
        for rule in register.rules
        if rule.measure == group.measure and rule.in_force(group.first_on, group.last_on)
        for pattern in rule.series
    }
    return not selection.patterns or wanted <= set(selection.patterns)


def _part(group: Group) -> Group:
    """Return the group of a part of a measure: no official rate, compared in words only."""
    if not group.official:
        return group
    name = f"{REFERENCE} of {group.measure}"
    return msgspec.structs.replace(group, measure=name, official=False, once_per_dossier=False)


def judge(
    register: Register, selection: Selection, lines: Iterable[Line], by: str, as_of: str
) -> None:
    """Give each line its rate: interval and, where a target binds it, the verdict.

    A sum over several chosen units or fields is no rate that a target is set for.
    """
    by_period: dict[object, list[Line]] = {}
    for line in lines:
        by_period.setdefault(line.span.period, []).append(line)
    for members in by_period.values():
        edition = Edition(members[0].span.period, 0, 0, as_of, register.kind == "sample")
        scopes = [_scope(selection, line, by) for line in members]
        ordered = [
            ((line.group, scope), line.sum) for line, scope in zip(members, scopes, strict=True)
        ]
        rates = rates_of(register, edition, ordered, _NO_DOSSIERS)
        for line, rate in zip(members, rates, strict=True):
            is_bound = _is_bound(selection, line, by)
            line.rate = rate if is_bound else _without_target(rate)


def _scope(selection: Selection, line: Line, by: str) -> Scope:
    at = line.at or None
    unit = at if by == "don_vi" and at else selection.unit
    return Scope(unit, False, at if by == "linh_vuc" and at else selection.field)


def _is_bound(selection: Selection, line: Line, by: str) -> bool:
    units = 1 if by == "don_vi" and line.at else len(selection.units)
    fields = 1 if by == "linh_vuc" and line.at else len(selection.fields)
    return units < 2 and fields < 2 and line.at != UNKNOWN


def _without_target(rate: Rate) -> Rate:
    verdict = "no_ratings" if rate.verdict == "no_ratings" else None
    return msgspec.structs.replace(rate, target=None, verdict=verdict, reached_by_count=None)
