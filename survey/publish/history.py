"""How a rate moved: periods in order, joined only where nothing broke between them."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import msgspec

from survey.estimate.rate import Rate
from survey.publish.editions import Release
from survey.publish.figure import Figure, Thresholds, figures
from survey.publish.standing import Kind, kind_of
from survey.register.items import BreakMark
from survey.register.snapshot import Register
from survey.terms.period import Period
from survey.web.texts import gettext

LONGEST = 12
"""So many of the last periods are shown."""


@dataclass(frozen=True)
class Slot:
    """One period, or the days of it under one rule; ``figure`` is None where nothing is shown.

    ``joins`` tells whether the line may come over from the slot before; ``mark`` is the letter of
    the break that stands before it, "" where there is none.
    """

    release: Release
    first_on: dt.date
    last_on: dt.date
    figure: Figure | None
    joins: bool = False
    mark: str = ""

    @property
    def period(self) -> Period:
        """The period that the slot is of."""
        return self.release.period

    @property
    def is_part(self) -> bool:
        """Whether a change of rule cuts the period."""
        return (self.first_on, self.last_on) != (self.period.first_on, self.period.last_on)


@dataclass(frozen=True)
class Break:
    """A day across which no line is read, with its letter in the chart and its reason."""

    letter: str
    happened_on: dt.date
    text: str


@dataclass(frozen=True)
class History:
    """The slots from the oldest to the newest, and the breaks between them."""

    slots: tuple[Slot, ...]
    breaks: tuple[Break, ...]

    @property
    def shown(self) -> list[Figure]:
        """The figures that are shown."""
        return [slot.figure for slot in self.slots if slot.figure is not None]


def trace(
    known: Sequence[tuple[Release, list[Rate]]],
    current: Release,
    lead: Rate,
    limits: Thresholds,
    marks: Iterable[BreakMark],
    language: str,
) -> History:
    """Return the history of the leading rate up to the current release.

    Only periods of the current one's kind (quarters beside quarters), from the first shown on.
    ``marks`` are the register's break marks that concern the page; where question, scale or
    measure differ from one period to the next the line breaks too, mark or no mark.
    """
    found = [
        (release, rates)
        for release, rates in known
        if release.period.kind == current.period.kind and release.period.last <= current.period.last
    ]
    slots = _slots(found, lead, limits)
    begun = list(itertools.dropwhile(lambda slot: slot.figure is None, slots))
    return _cut(begun[-LONGEST:], sorted(marks, key=lambda each: each.happened_on), language)


def _slots(
    known: Sequence[tuple[Release, list[Rate]]], lead: Rate, limits: Thresholds
) -> list[Slot]:
    followed = [
        (release, sorted((rate for rate in rates if _follows(rate, lead)), key=_first_day))
        for release, rates in known
    ]
    final = replace(limits, is_preliminary=False)
    shown = iter(figures([rate for _, rates in followed for rate in rates], final))
    slots: list[Slot] = []
    for release, rates in followed:
        if not rates:
            slots.append(Slot(release, release.period.first_on, release.period.last_on, None))
        for rate in rates:
            found = next(shown)
            if found is not None and release.preliminary:
                found = msgspec.structs.replace(found, badge=None)
            slots.append(Slot(release, *_days(rate, release.period), found))
    return slots


def _first_day(rate: Rate) -> str:
    return rate.days or ""


def _follows(rate: Rate, lead: Rate) -> bool:
    """Tell whether a rate is what the page shows, in another period.

    An official measure may have asked another question then; a reference series is only itself.
    """
    if rate.with_children or rate.official != lead.official or rate.unit_role != lead.unit_role:
        return False
    if lead.official:
        return rate.measure == lead.measure
    return rate.series == lead.series and rate.question == lead.question


def _days(rate: Rate, period: Period) -> tuple[dt.date, dt.date]:
    if rate.days is None:
        return period.first_on, period.last_on
    first, _, last = rate.days.partition("/")
    return dt.date.fromisoformat(first), dt.date.fromisoformat(last)


def _cut(slots: list[Slot], marks: Sequence[BreakMark], language: str) -> History:
    breaks: list[Break] = []
    done: list[Slot] = []
    is_mixed_before = False
    for before, slot in itertools.pairwise([None, *slots]):
        assert slot is not None  # noqa: S101 (only the first of all pairs begins with None)
        here = [mark for mark in marks if before is not None and _stands(mark, before, slot)]
        new = [(mark.happened_on, _text(mark, language)) for mark in here]
        joins = not here and not is_mixed_before and _touch(before, slot)
        if joins and before is not None and _meaning(before) != _meaning(slot):
            joins = False
            new = [(slot.first_on, gettext("Đổi câu hỏi hoặc thang đo."))]
        letters = [chr(ord("a") + len(breaks) + place) for place in range(len(new))]
        breaks += [Break(letter, *each) for letter, each in zip(letters, new, strict=True)]
        done.append(replace(slot, joins=joins, mark=" ".join(letters)))
        is_mixed_before = any(mark.happened_on > slot.first_on for mark in here)
    return History(tuple(done), tuple(breaks))


def _stands(mark: BreakMark, before: Slot, slot: Slot) -> bool:
    """Tell whether a mark falls after the slot before, up to the end of this one."""
    return before.last_on < mark.happened_on <= slot.last_on


def _text(mark: BreakMark, language: str) -> str:
    return mark.texts.get(language) or next(iter(mark.texts.values()), "")


def _touch(before: Slot | None, slot: Slot) -> bool:
    """Tell whether two slots are shown, final, whole and next to each other."""
    if before is None or before.figure is None or slot.figure is None:
        return False
    if before.release.preliminary or slot.release.preliminary or before.is_part or slot.is_part:
        return False
    return before.last_on + dt.timedelta(days=1) == slot.first_on


def _meaning(slot: Slot) -> tuple[Kind, str, tuple[int, ...]] | None:
    if slot.figure is None:
        return None
    rate = slot.figure.rate
    return kind_of(rate), rate.scale, rate.satisfied_set


def marks_of(register: Register, measure: str, unit: str | None) -> list[BreakMark]:
    """Return the break marks that concern a page.

    A change of the city's organisation breaks the city's figures; a unit has its own changes.
    """
    return [
        mark
        for mark in register.break_marks
        if mark.unit in (None, unit)
        and mark.measure in (None, measure)
        and (mark.kind != "org" or unit is None or mark.unit == unit)
    ]
