"""The voices of the sample: which series rate, how much, and by which questionnaire."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from survey.register.snapshot import Published, Register
from survey.sample.shape import BREAK_ON
from survey.terms.measure import MeasureRule
from survey.terms.series import Series, matches

OFFICIAL_SHARE = 0.8
"""Of all ratings, those that some rule takes."""


@dataclass(frozen=True)
class Voice:
    """A series in the sample.

    ``share`` is its weight among its like, ``lift`` what it adds to the log odds of a satisfied
    answer (who rates in front of a clerk is kinder), ``units`` the share of the units that have
    it. ``only_official``: not there in a city none of whose rules takes it.
    """

    series: Series
    share: float
    lift: float
    units: float = 1.0
    since: dt.date = dt.date.min
    only_official: bool = False


VOICES = (
    Voice(Series("one_stop", "desk", "citizen", "vouched"), 0.62, 0.0, only_official=True),
    Voice(Series("one_stop", "desk", "staff", "vouched"), 0.20, 0.9, only_official=True),
    Voice(Series("one_stop", "portal", "citizen", "vouched"), 0.12, -0.1, only_official=True),
    Voice(
        Series("own", "phone", "citizen", "token"), 0.06, -0.2, since=BREAK_ON, only_official=True
    ),
    Voice(Series("agency_survey", "sms", "citizen", "open"), 0.10, -0.1, 0.06),
    Voice(Series("agency_survey", "paper", "citizen", "open"), 0.05, 0.2, 0.06),
    Voice(Series("own", "kiosk", "citizen", "open"), 0.40, -0.2, 0.14),
    Voice(Series("own", "phone", "citizen", "open"), 0.20, -0.5, 0.25),
    Voice(Series("own", "phone", "citizen", "claimed"), 0.15, -0.4, 0.25, since=BREAK_ON),
    Voice(Series("own", "tablet", "staff", "open"), 0.10, 1.0, 0.08),
)

PORTAL = Series("national_portal", "portal", "citizen", "vouched")
"""The series that hands over totals and no rows."""

_FIRST_WORDS = ("own", "phone", "citizen", "open")
_SURVEY_WORDS = ("institute_survey", "interview", "interviewer", "open")


def rating_rules(register: Register, on: dt.date) -> list[MeasureRule]:
    """Return the rules for ratings that hold on a day."""
    return [rule for rule in register.rules if rule.kind == "ratings" and rule.in_force(on, on)]


def rule_for(register: Register, series: Series, on: dt.date) -> MeasureRule | None:
    """Return the rule that takes a series on a day, if any."""
    return next((rule for rule in rating_rules(register, on) if rule.takes(str(series))), None)


def official_voices(register: Register, on: dt.date) -> tuple[Voice, ...]:
    """Return the voices that a rule takes on a day; of unnamed series one a pattern."""
    known = [
        voice
        for voice in VOICES
        if voice.since <= on and rule_for(register, voice.series, on) is not None
    ]
    if known:
        return tuple(known)
    patterns = sorted({text for rule in rating_rules(register, on) for text in rule.series})
    return tuple(Voice(_fill(pattern, _FIRST_WORDS), 1.0, 0.0) for pattern in patterns)


def reference_voices(register: Register, on: dt.date) -> tuple[Voice, ...]:
    """Return the voices that no rule takes on a day."""
    return tuple(
        voice
        for voice in VOICES
        if voice.since <= on
        and not voice.only_official
        and rule_for(register, voice.series, on) is None
    )


def survey_voice(rule: MeasureRule) -> Voice:
    """Return the voice of a survey's rule."""
    return Voice(_fill(rule.series[0], _SURVEY_WORDS), 1.0, -1.1)


def _fill(pattern: str, words: tuple[str, ...]) -> Series:
    """Return a series that fits a pattern, these words in the open places."""
    parts = (
        word if part == "*" else part for part, word in zip(pattern.split("/"), words, strict=True)
    )
    series = Series(*parts)
    assert matches(series, pattern)  # noqa: S101 (by construction)
    return series


def questionnaire_for(register: Register, series: Series, on: dt.date) -> Published:
    """Return the version that a series' ratings answer on a day.

    What a rule takes answers the rule's first question. Of the rest, an agency's own survey asks
    the shortest form without such a question, where there is one, and all others what a phone
    shows. Raises LookupError where no version is in force.
    """
    rule = rule_for(register, series, on)
    found: Published | None
    if rule is not None:
        found = asking(register, rule.questions[0], on)
    else:
        other = _other_form(register, on) if series.source == "agency_survey" else None
        found = other or register.questionnaire_in_force(register.city.phone_questionnaire, on)
    if found is None:
        raise LookupError(f"no questionnaire for {series} on {on}")
    return found


def asking(register: Register, question: str, on: dt.date) -> Published | None:
    """Return the version in force on a day that asks a question."""
    versions = register.questionnaires_with(question)
    return next((version for version in versions if version.in_force(on)), None)


def _other_form(register: Register, on: dt.date) -> Published | None:
    ruled = {question for rule in register.rules for question in rule.questions}
    others = [
        version
        for version in register.questionnaires.values()
        if version.in_force(on)
        and not ruled & {question.id for question in version.questionnaire.questions}
    ]
    return min(others, key=lambda item: len(item.questionnaire.questions), default=None)
