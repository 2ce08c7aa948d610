"""What a release will say, what it hides and why, and what differs from the edition before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from survey.estimate.rate import Rate, Timeliness
from survey.publish import wording
from survey.publish.editions import Release
from survey.publish.figure import Figure, Thresholds, figures, thresholds
from survey.publish.punctuality import printed_share
from survey.publish.release import Preview
from survey.publish.standing import kind_of
from survey.register.snapshot import Register
from survey.web import numbers
from survey.web.language import current_language
from survey.web.texts import gettext
from survey.web.texts import lazy_gettext as _l

MOST_CHANGES = 300
"""How many changed figures a page names; how many there are is said."""

SCOPES = (
    ("city", _l("Toàn thành phố")),
    ("fields", _l("Lĩnh vực, toàn thành phố")),
    ("units", _l("Đơn vị, mọi lĩnh vực")),
    ("cells", _l("Đơn vị theo từng lĩnh vực")),
    ("children", _l("Đơn vị cùng đơn vị trực thuộc")),
    ("reference", _l("Nguồn tham khảo, không kết luận")),
)

REASONS = {
    "small": _l("Quá ít đánh giá"),
    "not_in_months": _l("Đơn vị theo từng lĩnh vực: không công bố theo tháng"),
    "small_change": _l("Thay đổi quá nhỏ so với số đã công bố"),
    "complement": _l("Che để không suy ra ô khác bằng một phép trừ"),
    "attack": _l("Che để không suy ra ô khác từ nhiều tổng cùng lúc"),
}
"""Why a figure is hidden, in the codes of :mod:`survey.publish.disclose`."""


@dataclass(frozen=True)
class Row:
    """How many figures of a scope are shown, by verdict; ``silent`` have none."""

    scope: Any
    met: str
    not_met: str
    not_enough: str
    silent: str
    total: str


@dataclass(frozen=True)
class Side:
    """A figure before or after, as it is printed."""

    answered: str
    share: str
    badge: str
    words: str


@dataclass(frozen=True)
class Change:
    """A figure that differs; a side that is None is not shown in that edition."""

    place: str
    what: str
    before: Side | None
    after: Side | None
    size: int


@dataclass(frozen=True)
class Told:
    """Everything that a page says before a release is made."""

    leads: list[tuple[str, Side]]
    rows: list[Row]
    hidden: list[tuple[Any, str]]
    n_shown: str
    n_staying: int
    n_exposed: int
    n_dossiers: str
    changes: list[Change]
    n_changes: int


def tell(register: Register, preview: Preview, before: Published | None) -> Told:
    """Say what a release would be; ``before`` is what the edition before shows, if there is one."""
    frozen, report = preview.frozen, preview.frozen.report["disclosure"]
    limits = _limits(register, preview)
    shown = [each for each in figures(frozen.rates, limits) if each is not None]
    changes = [] if before is None else _changes(register, shown, frozen.timeliness, before)
    return Told(
        leads=[(_what(each.rate), _side(each)) for each in shown if _scope(each.rate) == "city"],
        rows=_rows(shown),
        hidden=[
            (words, numbers.count(report[code]))
            for code, words in REASONS.items()
            if code in report
        ],
        n_shown=numbers.count(len(frozen.rates)),
        n_staying=report.get("stays_as_before", 0),
        n_exposed=report.get("exposed", 0),
        n_dossiers=numbers.count(len(frozen.timeliness)),
        changes=changes[:MOST_CHANGES],
        n_changes=len(changes),
    )


@dataclass(frozen=True)
class Published:
    """What an edition shows."""

    release: Release
    rates: Sequence[Rate]
    timeliness: Sequence[Timeliness]


def _limits(register: Register, preview: Preview) -> Thresholds:
    city = register.city
    return Thresholds(city.minimum_shown, city.minimum_badge, preview.preliminary)


def _scope(rate: Rate) -> str:
    if not rate.official:
        return "reference"
    if rate.with_children:
        return "children"
    if rate.unit is None:
        return "city" if rate.field is None else "fields"
    return "units" if rate.field is None else "cells"


def _rows(shown: Iterable[Figure]) -> list[Row]:
    found = {code: Counter[str | None]() for code, _ in SCOPES}
    for each in shown:
        found[_scope(each.rate)][each.badge] += 1
    return [_row(words, found[code]) for code, words in SCOPES if found[code]]


def _row(scope: Any, found: Counter[str | None]) -> Row:
    return Row(
        scope,
        met=numbers.count(found["met"]),
        not_met=numbers.count(found["not_met"]),
        not_enough=numbers.count(found["not_enough"]),
        silent=numbers.count(found[None]),
        total=numbers.count(found.total()),
    )


def _side(shown: Figure) -> Side:
    share = numbers.percent(shown.percent)
    if shown.rate.interval is not None:
        share = f"{share} ({numbers.percent_range(shown.low, shown.high)})"
    return Side(numbers.count(shown.answered), share, shown.badge or "", wording.row_words(shown))


def _changes(
    register: Register,
    shown: Sequence[Figure],
    times: Sequence[Timeliness],
    before: Published,
) -> list[Change]:
    limits = thresholds(register, before.release)
    was = {_key(each.rate): each for each in figures(before.rates, limits) if each is not None}
    now = {_key(each.rate): each for each in shown}
    found = [
        _change(register, was.get(key), now.get(key))
        for key in dict.fromkeys([*now, *was])
        if _content(was.get(key)) != _content(now.get(key))
    ]
    found += _changed_times(register, times, before.timeliness)
    return sorted(found, key=lambda each: -each.size)


def _key(rate: Rate) -> Hashable:
    return *kind_of(rate), rate.unit, rate.with_children, rate.field, rate.days


def _content(shown: Figure | None) -> Hashable:
    if shown is None:
        return None
    rate = shown.rate
    return shown.answered, shown.satisfied, shown.badge, rate.dossiers, rate.target


def _change(register: Register, was: Figure | None, now: Figure | None) -> Change:
    rate = (now or was).rate  # type: ignore[union-attr]  # one of the two is there
    size = abs((now.answered if now else 0) - (was.answered if was else 0))
    return Change(
        _place(register, rate.unit, rate.field, with_children=rate.with_children),
        _what(rate),
        None if was is None else _side(was),
        None if now is None else _side(now),
        size,
    )


def _changed_times(
    register: Register, now: Sequence[Timeliness], was: Sequence[Timeliness]
) -> list[Change]:
    def key(each: Timeliness) -> Hashable:
        return each.measure, each.unit, each.fields

    old, new = {key(each): each for each in was}, {key(each): each for each in now}
    found = []
    for name in dict.fromkeys([*new, *old]):
        one, other = old.get(name), new.get(name)
        if one != other:
            some = other or one
            assert some is not None  # noqa: S101 (the key is from one of the two)
            words = wording.selected_fields(register, some.fields, current_language())
            place = _place(register, some.unit, some.field)
            size = abs(_resolved(other) - _resolved(one))
            what = f"{wording.measure_name(some.measure)}: {words}"
            found.append(Change(place, what, _time_side(one), _time_side(other), size))
    return found


def _resolved(each: Timeliness | None) -> int:
    return (each.resolved or 0) if each is not None else 0


def _time_side(each: Timeliness | None) -> Side | None:
    if each is None:
        return None
    share = "" if each.share is None else printed_share(each)
    resolved = "" if each.resolved is None else numbers.count(each.resolved)
    return Side(resolved, share, "", "")


def _what(rate: Rate) -> str:
    name = wording.measure_name(rate.measure)
    if not rate.official:
        name = f"{name}: {wording.series_names(rate.series)}"
    return name if rate.days is None else f"{name}, {wording.days_name(rate.days)}"


def _place(
    register: Register, unit: str | None, field: str | None, *, with_children: bool = False
) -> str:
    language = current_language()
    name = gettext("Toàn thành phố") if unit is None else register.unit_name(unit, language)
    if with_children:
        name = f"{name} ({gettext('cùng đơn vị trực thuộc')})"
    return name if field is None else f"{name} · {register.field_name(field, language)}"
