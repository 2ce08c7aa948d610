"""What the pages of the city, a unit and a field have in common: one place, told in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from survey.estimate.rate import Rate
from survey.publish import sentence, wording
from survey.publish.account import Term, account
from survey.publish.chart import Axis, Mark, axis_for, clamp
from survey.publish.editions import Release
from survey.publish.figure import Figure, Thresholds, figures
from survey.publish.frame import Frame
from survey.publish.history import History, marks_of, trace
from survey.publish.punctuality import DossierRow
from survey.publish.rows import NOTHING, Entry, Table, table_in_order
from survey.publish.standing import Standing, stand
from survey.publish.timeline import Timeline, timelines
from survey.register.snapshot import Register
from survey.web import numbers
from survey.web.texts import gettext

HERO_WIDTH = 360.0
HERO_EDGE = 10.0
LETTER = 8.0
"""Width of a letter of the labels, on the generous side."""


@dataclass(frozen=True)
class Label:
    """A text and where its middle stands."""

    at: float
    text: str


@dataclass(frozen=True)
class Hero:
    """The large mark beside the first sentence, its labels, and what it shows in words."""

    axis: Axis
    mark: Mark
    rate: Label
    range: Label
    target: Label | None
    text: str


@dataclass(frozen=True)
class Report:
    """A place in a release. ``lead`` is None where no rate is shown at all.

    ``is_official`` tells whether the lead is; ``days`` names the days that it counts where they are
    not the whole period's, else ""; ``beside``, ``wider`` and ``apart`` are the other
    official rates, the rate with its children and the reference series.
    """

    frame: Frame
    limits: Thresholds
    lead: sentence.Lead | None
    is_official: bool
    days: str
    hero: Hero | None
    facts: tuple[sentence.Fact, ...]
    series: str
    beside: Table
    wider: Table
    apart: Table
    history: History | None
    timelines: tuple[Timeline, Timeline] | None
    account: tuple[Term, ...]
    dossiers: tuple[DossierRow, ...] = ()


@dataclass(frozen=True)
class Source:
    """What a report is made from.

    ``rates`` are those of the place over all its fields (or over the one field), ``known`` the
    same in every period; ``unit`` says whose break marks count.
    """

    register: Register
    frame: Frame
    limits: Thresholds
    rates: Sequence[Rate]
    known: Sequence[tuple[Release, list[Rate]]]
    unit: str | None
    dossiers: Sequence[DossierRow]
    language: str


def report(source: Source) -> Report:
    """Return the report of a place."""
    standing = stand(source.register, figures(source.rates, source.limits))
    lead = standing.lead
    history = None if lead is None else _history(source, lead)
    return Report(
        frame=source.frame,
        limits=source.limits,
        lead=None if lead is None else sentence.lead(lead, source.limits),
        is_official=standing.is_official,
        days="" if lead is None or lead.rate.days is None else wording.days_name(lead.rate.days),
        hero=None if lead is None else _hero(lead),
        facts=() if lead is None else tuple(sentence.facts(lead)),
        series="" if lead is None else wording.series_names(lead.rate.series),
        beside=_beside(source, standing),
        wider=_only(standing.with_children),
        apart=_apart(standing),
        history=history,
        timelines=None if history is None else timelines(history),
        account=()
        if lead is None
        else tuple(account(source.register, lead, source.frame, source.language)),
        dossiers=tuple(source.dossiers),
    )


def _hero(lead: Figure) -> Hero:
    axis = axis_for(lead.shares, HERO_EDGE, HERO_WIDTH - HERO_EDGE)
    drawn = lead.mark(axis)
    middle = drawn.left + drawn.width / 2
    target = None
    if lead.target is not None and drawn.target is not None:
        words = gettext("chỉ tiêu %(value)s", value=numbers.share(lead.target.value))
        target = _label(drawn.target, words)
    return Hero(
        axis=axis,
        mark=drawn,
        rate=_label(drawn.dot, numbers.percent(lead.percent)),
        range=_label(middle, sentence.range_text(lead)),
        target=target,
        text=sentence.chart_text(lead),
    )


def _label(at: float, text: str) -> Label:
    """Return a label that stays inside the drawing, whatever its length."""
    return Label(clamp(at, LETTER * len(text) / 2, 0.0, HERO_WIDTH), text)


def _history(source: Source, lead: Figure) -> History:
    return trace(
        source.known,
        source.frame.release,
        lead.rate,
        source.limits,
        marks_of(source.register, lead.rate.measure, source.unit),
        source.language,
    )


def _beside(source: Source, standing: Standing) -> Table:
    entries = [Entry(_beside_name(source, each.rate), "", each.rate) for each in standing.beside]
    return table_in_order(entries, standing.beside)


def _beside_name(source: Source, rate: Rate) -> str:
    if rate.days is not None:
        return wording.days_name(rate.days)
    try:
        return source.register.question(rate.question, source.language).text
    except KeyError:
        return wording.measure_name(rate.measure)


def _only(shown: Figure | None) -> Table:
    if shown is None:
        return NOTHING
    return table_in_order([Entry("", "", shown.rate)], [shown])


def _apart(standing: Standing) -> Table:
    entries = [
        Entry(wording.series_names(each.rate.series), "", each.rate, wording.why_apart(each.rate))
        for each in standing.apart
    ]
    return table_in_order(entries, standing.apart)
