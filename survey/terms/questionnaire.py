"""Questionnaires: questions, scales and their satisfied sets, as immutable versions.

A questionnaire carries its texts in one language. The version in the city's first language is the
one that is sealed (its canonical JSON has a SHA-256); every other language is a second value of
the same structure, bound to that hash.
"""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from survey.terms.canonical import canonical_json, sha256_hex
from survey.terms.problem import InvalidTermError

_VERSIONED = re.compile(r"[a-z0-9]+(?:[.-][a-z0-9]+)*/[1-9][0-9]*")
_PRINTABLE = re.compile(r"[^\x00-\x1f\x7f]+")

FACES = ("very-happy", "happy", "neutral", "unhappy", "very-unhappy", "unknown", "")


class Option(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One answer that can be chosen.

    ``outside`` keeps it out of the denominator ("don't know"); ``group`` is the factor of a
    reason; ``alert`` marks a reason that the inspector must see (corruption, harassment).
    """

    value: int
    label: str
    face: str = ""
    outside: bool = False
    group: str = ""
    alert: bool = False


class Scale(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A versioned list of options, best first, and those of them that count as satisfied.

    An empty ``satisfied_set`` means that the scale is no measure of satisfaction (reasons,
    "person or organisation", scores).
    """

    id: str
    options: tuple[Option, ...]
    satisfied_set: tuple[int, ...] = ()

    @property
    def values(self) -> frozenset[int]:
        """Every value that an answer may have."""
        return frozenset(option.value for option in self.options)

    @property
    def outside_values(self) -> frozenset[int]:
        """The values that stay outside the denominator."""
        return frozenset(option.value for option in self.options if option.outside)


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A question; its id pins wording, scale and satisfied set.

    Only a ``rating`` gives a rate; its scale has a satisfied set.
    """

    id: str
    text: str
    scale: Scale
    choose: Literal["one", "many"] = "one"
    required: bool = False
    role: Literal["rating", "reason", "about"] = "rating"


class Questionnaire(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A published version: which questions are asked, in which order, in one language."""

    id: str
    language: str
    title: str
    questions: tuple[Question, ...]
    comment: str = ""
    dossier: str = ""

    @property
    def sha256(self) -> str:
        """SHA-256 of the canonical JSON, 64 hexadecimal digits."""
        return sha256_hex(canonical_json(self))

    def question(self, question_id: str) -> Question:
        """Return the question with that id; KeyError if there is none."""
        for question in self.questions:
            if question.id == question_id:
                return question
        raise KeyError(question_id)


def check_questionnaire(questionnaire: Questionnaire) -> Questionnaire:
    """Return the questionnaire unchanged if it is sound.

    Raises InvalidTermError with ``questionnaire_id``, ``question_id``, ``question_twice``,
    ``text``, ``scale_id``, ``option_value``, ``option_twice``, ``face``, ``satisfied_set``
    or ``rating_missing``.
    """
    _need(_VERSIONED.fullmatch(questionnaire.id), "questionnaire_id", questionnaire.id)
    _need(_PRINTABLE.fullmatch(questionnaire.title), "text", questionnaire.id)
    for text in (questionnaire.comment, questionnaire.dossier):
        _need(not text or _PRINTABLE.fullmatch(text), "text", questionnaire.id)
    ids = [question.id for question in questionnaire.questions]
    _need(len(set(ids)) == len(ids), "question_twice", questionnaire.id)
    _need(
        any(question.role == "rating" for question in questionnaire.questions),
        "rating_missing",
        questionnaire.id,
    )
    for question in questionnaire.questions:
        _need(_VERSIONED.fullmatch(question.id), "question_id", question.id)
        _need(_PRINTABLE.fullmatch(question.text), "text", question.id)
        check_scale(question.scale)
        is_rating = question.role == "rating"
        _need(not is_rating or question.scale.satisfied_set, "satisfied_set", question.id)
    return questionnaire


def check_scale(scale: Scale) -> Scale:
    """Return the scale unchanged if it is sound; raises InvalidTermError otherwise."""
    _need(_VERSIONED.fullmatch(scale.id), "scale_id", scale.id)
    values = [option.value for option in scale.options]
    _need(values and len(set(values)) == len(values), "option_twice", scale.id)
    _need(all(0 <= value < 1000 for value in values), "option_value", scale.id)
    _need(all(_PRINTABLE.fullmatch(option.label) for option in scale.options), "text", scale.id)
    _need(all(option.face in FACES for option in scale.options), "face", scale.id)
    counted = scale.values - scale.outside_values
    _need(set(scale.satisfied_set) <= counted, "satisfied_set", scale.id)
    _need(scale.satisfied_set == tuple(sorted(set(scale.satisfied_set))), "satisfied_set", scale.id)
    return scale


def same_structure(one: Questionnaire, other: Questionnaire) -> bool:
    """Tell whether two questionnaires differ in nothing but their texts and language."""
    return _bare(one) == _bare(other)


def _bare(questionnaire: Questionnaire) -> object:
    questions = [
        (
            question.id,
            question.choose,
            question.required,
            question.role,
            question.scale.id,
            question.scale.satisfied_set,
            tuple(
                (option.value, option.face, option.outside, bool(option.group), option.alert)
                for option in question.scale.options
            ),
        )
        for question in questionnaire.questions
    ]
    texts = (bool(questionnaire.comment), bool(questionnaire.dossier))
    return questionnaire.id, texts, questions


def _need(condition: object, code: str, where: str) -> None:
    if not condition:
        raise InvalidTermError(code, where)
