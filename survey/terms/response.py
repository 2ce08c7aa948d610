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
    ``answer_many``, ``answer_order``.
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
    return problems + check_answers(body.answers, questionnaire)


def check_answers(
    answers: Mapping[str, tuple[int, ...]], questionnaire: Questionnaire
) -> list[Problem]:
    """Return what is wrong with answers, measured by the questionnaire that they answer."""
    known = {question.id: question for question in questionnaire.questions}
    problems = [
        Problem("question_unknown", question_id)
        for question_id in answers
        if question_id not in known
    ]
    for question in questionnaire.questions:
        problems += _check_answer(question, answers.get(question.id, ()))
    return problems


def _check_answer(question: Question, values: tuple[int, ...]) -> list[Problem]:
    if not values:
        return [Problem("answer_missing", question.id)] if question.required else []
    if question.choose == "one" and len(values) > 1:
        return [Problem("answer_many", question.id)]
    if any(value not in question.scale.values for value in values):
        return [Problem("answer_unknown", question.id, str(values))]
    if list(values) != sorted(set(values)):
        return [Problem("answer_order", question.id, str(values))]
    return []


def clean_comment(text: str) -> str:
    """Return a comment in composed form, trimmed, without control characters but line breaks.

    Length is not cut here: whoever asks tells the person (:data:`MAX_COMMENT`).
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    kept = (
        char
        for char in lines
        if char == "\n" or unicodedata.category(char) not in ("Cc", "Cs", "Co", "Cn")
    )
    return unicodedata.normalize("NFC", "".join(kept)).strip()


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
