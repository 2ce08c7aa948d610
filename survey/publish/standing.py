"""Which of a place's rates leads its page, which stand beside it, and which apart."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from survey.estimate.rate import Rate, SeriesKey
from survey.publish.figure import Figure
from survey.register.snapshot import Register

Kind = tuple[str, bool, str, str, tuple[SeriesKey, ...]]


@dataclass(frozen=True)
class Standing:
    """The shown rates of one unit or of the city, over one field or all.

    ``lead`` is the official rate, or where none is shown the largest reference series.
    ``beside`` are the other official rates: those under the rule before, other questions, other
    measures. ``apart`` are the reference series, by size. ``with_children`` is the official rate
    of a unit with its children.
    """

    lead: Figure | None = None
    beside: tuple[Figure, ...] = ()
    apart: tuple[Figure, ...] = ()
    with_children: Figure | None = None

    @property
    def is_official(self) -> bool:
        """Whether an official rate leads."""
        return self.lead is not None and self.lead.rate.official


def stand(register: Register, figures: Iterable[Figure | None]) -> Standing:
    """Order the figures of one unit (or the city) and one field (or all); None is hidden."""
    order = _question_order(register)

    def rank(each: Figure) -> tuple[bool, int]:
        return each.rate.target is None, order.get(each.rate.question, len(order))

    # Under a change of rule the later days lead: sorting keeps what was sorted before.
    shown = [each for each in figures if each is not None]
    shown.sort(key=lambda each: each.rate.days or "", reverse=True)
    own = [each for each in shown if not each.rate.with_children]
    official = sorted((each for each in own if each.rate.official), key=rank)
    reference = sorted((each for each in own if not each.rate.official), key=_by_size)
    wider = [each for each in shown if each.rate.with_children and each.rate.official]
    leading = official or reference
    return Standing(
        lead=leading[0] if leading else None,
        beside=tuple(official[1:]),
        apart=tuple(reference if official else reference[1:]),
        with_children=min(wider, key=rank, default=None),
    )


def _by_size(shown: Figure) -> tuple[int, str]:
    return -shown.answered, repr(shown.rate.series)


def _question_order(register: Register) -> dict[str, int]:
    """The questions of the rules in their order: the first of a rule leads."""
    questions = [question for rule in register.rules for question in rule.questions]
    return {question: place for place, question in enumerate(dict.fromkeys(questions))}


def kind_of(rate: Rate) -> Kind:
    """Return what two rates must share to be one series over fields, units or periods.

    Official rates are one series whatever was handed over in each period; the rule says so.
    """
    series = () if rate.official else rate.series
    return rate.measure, rate.official, rate.unit_role, rate.question, series


def alike(rates: Iterable[Rate], lead: Rate) -> list[Rate]:
    """Return the rates of the same kind and days as the leading one, without children's."""
    kind = kind_of(lead)
    return [
        rate
        for rate in rates
        if kind_of(rate) == kind and rate.days == lead.days and not rate.with_children
    ]
