"""The page that explains how everything is computed, with the city's own rules and targets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from survey.estimate.rate import TargetValue
from survey.publish import wording
from survey.register.snapshot import Register
from survey.terms.measure import MeasureRule, Target
from survey.web import numbers
from survey.web.texts import gettext


@dataclass(frozen=True, slots=True)
class RuleRow:
    """What a measure sums, since when, and by which text."""

    measure: str
    sources: tuple[str, ...]
    basis: str
    days: str


@dataclass(frozen=True, slots=True)
class TargetRow:
    """A target in words: what, of whom, how much, by which text, whether derived or carried on."""

    measure: str
    whose: str
    words: str
    source: str
    remark: str


@dataclass(frozen=True)
class MethodPage:
    """Rules, targets and thresholds of the city."""

    rules: tuple[RuleRow, ...]
    targets: tuple[TargetRow, ...]
    shown: int
    badge: int


def method_page(register: Register, language: str) -> MethodPage:
    """Return the city's rules and targets in words."""
    return MethodPage(
        rules=tuple(_rule(rule, language) for rule in register.rules if rule.kind != "publication"),
        targets=tuple(_target(register, target, language) for target in register.targets),
        shown=register.city.minimum_shown,
        badge=register.city.minimum_badge,
    )


def _rule(rule: MeasureRule, language: str) -> RuleRow:
    since = numbers.day(rule.valid_from, language)
    days = gettext("từ %(first)s", first=since)
    if rule.valid_to is not None:
        until = numbers.day(rule.valid_to, language)
        days = gettext("từ %(first)s đến %(last)s", first=since, last=until)
    return RuleRow(
        wording.measure_name(rule.measure), tuple(_patterns(rule.series)), rule.basis, days
    )


def _patterns(patterns: Iterable[str]) -> list[str]:
    """Say a pattern of series in words: what is fixed in it, joined by commas."""
    said = []
    for pattern in patterns:
        source, channel, holder, assurance = pattern.split("/")
        parts = [
            words[part]
            for words, part in (
                (wording.SOURCES, source),
                (wording.CHANNELS, channel),
                (wording.HOLDERS, holder),
                (wording.ASSURANCES, assurance),
            )
            if part in words
        ]
        said.append(", ".join(str(part) for part in parts))
    return said


def _target(register: Register, target: Target, language: str) -> TargetRow:
    value = TargetValue(target.value, target.comparator, target.source, target.basis)
    whose = gettext("toàn thành phố") if target.level == "city" else gettext("từng đơn vị")
    fields = wording.selected_fields(register, target.fields, language)
    remarks = []
    if target.basis == "derived":
        remarks.append(gettext("suy ra"))
    if target.carried_on_from is not None:
        day = numbers.day(target.carried_on_from, language)
        remarks.append(gettext("tiếp tục áp dụng từ %(day)s", day=day))
    return TargetRow(
        measure=wording.measure_name(target.measure),
        whose=f"{whose}, {fields}",
        words=wording.target_words(value),
        source=target.source,
        remark=", ".join(remarks),
    )
