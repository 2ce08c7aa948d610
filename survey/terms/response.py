"""A response: one sealed body, and the only validator of answers."""

from __future__ import annotations

import datetime as dt
import unicodedata
import uuid
from collections.abc import Mapping
from typing import Literal

import msgspec

from survey.terms.canonical import canonical_json
from survey.terms.problem import Problem
from survey.terms.questionnaire import Question, Questionnaire
from survey.terms.series import ASSURANCES, CHANNELS, HOLDERS, OCCASIONS, SOURCES

MAX_COMMENT = 2000
"""Longest comment in characters."""

DEVICES = ("kiosk", "tablet")
"""Channels on which people go away midway: the main answer is kept, and what else they answered."""

UNCLASSIFIED = "unclassified"
"""The field code of a response whose field nobody named."""


class Body(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the sender sealed; never changed, and compared as a whole when it comes again.

    ``answers`` maps a question id to the chosen values in ascending order. ``dossier`` is the
    keyed hash of a dossier code, or "". ``comment`` is the salted commitment of the comment in
    hexadecimal, or "": the text itself stands apart so that it can be erased. ``answered_at`` is
    a UTC instant in whole seconds; ``service_on`` the service day where the source gives one.
    """

    id: uuid.UUID
    questionnaire: str
    receiving_unit: str
    resolving_unit: str
    field: str
    point: str
    source: str
    channel: str
    holder: str
    assurance: str
    occasion: str
    language: str
    answered_at: int
    service_on: str
    dossier: str
    answers: dict[str, tuple[int, ...]]
    comment: str = ""
    version: Literal[1] = 1

    @property
    def series(self) -> str:
        """The series key ``source/channel/holder/assurance``."""
        return f"{self.source}/{self.channel}/{self.holder}/{self.assurance}"


def seal(body: Body) -> bytes:
    """Return the bytes that a commitment is made over: the body's canonical JSON."""
    return canonical_json(body)


def check_body(body: Body, questionnaire: Questionnaire) -> list[Problem]:
    """Return what is wrong with a body, measured by the exact version that it answers.

    An empty list means valid. Codes: ``source``, ``channel``, ``holder``, ``assurance``,
    ``occasion``, ``service_on``, ``question_unknown``, ``answer_missing``, ``answer_unknown``,
    ``answer_many``, ``answer_order``. On our own devices a rating may be broken off.
    """
    problems = [
        Problem(name, name, word)
        for name, word, words in (
            ("source", body.source, SOURCES),
            ("channel", body.channel, CHANNELS),
            ("holder", body.holder, HOLDERS),
            ("assurance", body.assurance, ASSURANCES),
            ("occasion", body.occasion, OCCASIONS),
        )
        if word not in words
    ]
    if body.service_on and not _is_day(body.service_on):
        problems.append(Problem("service_on", "service_on", body.service_on))
    may_break_off = body.source == "own" and body.channel in DEVICES
    return problems + check_answers(body.answers, questionnaire, may_break_off=may_break_off)


def check_answers(
    answers: Mapping[str, tuple[int, ...]],
    questionnaire: Questionnaire,
    *,
    may_break_off: bool = False,
) -> list[Problem]:
    """Return what is wrong with answers, measured by the questionnaire that they answer.

    Where a person ``may_break_off``, the first required question, the main one, is enough.
    """
    known = {question.id: question for question in questionnaire.questions}
    problems = [
        Problem("question_unknown", question_id)
        for question_id in answers
        if question_id not in known
    ]
    required = [question.id for question in questionnaire.questions if question.required]
    needed = required[:1] if may_break_off else required
    for question in questionnaire.questions:
        values = answers.get(question.id, ())
        problems += _check_answer(question, values, is_needed=question.id in needed)
    return problems


def _check_answer(question: Question, values: tuple[int, ...], *, is_needed: bool) -> list[Problem]:
    if not values:
        return [Problem("answer_missing", question.id)] if is_needed else []
    if question.choose == "one" and len(values) > 1:
        return [Problem("answer_many", question.id)]
    if any(value not in question.scale.values for value in values):
        return [Problem("answer_unknown", question.id, str(values))]
    if list(values) != sorted(set(values)):
        return [Problem("answer_order", question.id, str(values))]
    return []


def clean_comment(text: str) -> str:
    """Return a comment in composed form, trimmed, without control characters but line breaks.

    What is a character in a newer Unicode than ours stays, so that every Unicode finds the same
    text clean. Length is not cut here: whoever asks tells the person (:data:`MAX_COMMENT`).
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    kept = (char for char in lines if char == "\n" or _is_written(char))
    return unicodedata.normalize("NFC", "".join(kept)).strip()


def _is_written(char: str) -> bool:
    """Tell a character from a control, a surrogate, private use, and what never will be one."""
    point = ord(char)
    is_never = point & 0xFFFE == 0xFFFE or 0xFDD0 <= point <= 0xFDEF
    return not is_never and unicodedata.category(char) not in ("Cc", "Cs", "Co")


def local_day(body: Body, zone: dt.tzinfo) -> dt.date:
    """Return the service day: the one the source gives, else the local day of the answer."""
    if body.service_on:
        return dt.date.fromisoformat(body.service_on)
    return dt.datetime.fromtimestamp(body.answered_at, zone).date()


def _is_day(text: str) -> bool:
    try:
        return len(text) == 10 and dt.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
