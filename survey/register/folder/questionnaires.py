"""``questionnaires/*.toml``: versions to publish, sealed in the city's first language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import msgspec

from survey.register.folder.files import Folder, Line, Texts
from survey.register.folder.rows import Row, check_languages, only_once, refuse_overlaps
from survey.register.folder.scales import Wording, parse_scales
from survey.terms.canonical import canonical_json, sha256_hex
from survey.terms.city import City
from survey.terms.problem import InvalidTermError
from survey.terms.questionnaire import (
    Question,
    Questionnaire,
    check_questionnaire,
    same_structure,
)


class QuestionText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A question with its wording by language and the id of its scale."""

    id: str
    text: Texts
    scale: str
    choose: Literal["one", "many"] = "one"
    required: bool = False
    role: Literal["rating", "reason", "about"] = "rating"


class QuestionnaireText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file of ``questionnaires/``; ``comment`` and ``dossier`` label those two inputs."""

    id: str
    title: Texts
    question: tuple[QuestionText, ...]
    valid_from: dt.date
    valid_to: dt.date | None = None
    comment: Texts = {}
    dossier: Texts = {}

    @property
    def name(self) -> str:
        """The name before the slash."""
        return self.id.partition("/")[0]

    def texts(self) -> list[Texts]:
        """Return every text but those of the scales."""
        own = [self.title, self.comment, self.dossier, *(each.text for each in self.question)]
        return [text for text in own if text]


@dataclass
class Questionnaires:
    """What the files say, as rows of three tables."""

    questions: dict[str, Question] = field(default_factory=dict)
    question_rows: list[Row] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    text_rows: list[Row] = field(default_factory=list)


def definition(question: Question) -> bytes:
    """Return what a question id pins: all but whether this questionnaire requires an answer."""
    return canonical_json(msgspec.structs.replace(question, required=False))


def parse_questionnaires(folder: Folder, city: City) -> Questionnaires:
    """Return the questionnaires; refuses a missing text and a question with two meanings."""
    wordings = parse_scales(folder, city.languages)
    lines = list(only_once(folder, _lines(folder), lambda value: value.id).values())
    refuse_overlaps(folder, lines, lambda value: value.name)
    if not lines:
        folder.refuse("questionnaire_missing", "questionnaires/")
    elif city.phone_questionnaire not in {line.value.name for line in lines}:
        folder.refuse("phone_questionnaire", "city.toml", city.phone_questionnaire)
    found = Questionnaires()
    for line in lines:
        if _check_texts(folder, line, wordings, city.languages):
            _add(folder, found, line, wordings, city.languages)
    return found


def _lines(folder: Folder) -> list[Line[QuestionnaireText]]:
    lines = []
    for path in sorted((folder.path / "questionnaires").glob("*.toml")):
        name = f"questionnaires/{path.name}"
        raw = folder.toml(name)
        value = folder.convert(name, raw, QuestionnaireText) if raw else None
        if value is not None and path.stem != value.id.replace("/", "-"):
            folder.refuse("file_name", name, value.id)
        elif value is not None:
            lines.append(Line(name, value))
    return lines


def _check_texts(
    folder: Folder,
    line: Line[QuestionnaireText],
    wordings: Mapping[str, Wording],
    languages: tuple[str, ...],
) -> bool:
    before = len(folder.problems)
    for question in line.value.question:
        if question.scale not in wordings:
            folder.refuse("scale_unknown", f"{line.where} {question.id}", question.scale)
    for text in line.value.texts():
        check_languages(folder, line.where, text, languages)
    return len(folder.problems) == before


def _add(
    folder: Folder,
    found: Questionnaires,
    line: Line[QuestionnaireText],
    wordings: Mapping[str, Wording],
    languages: tuple[str, ...],
) -> None:
    try:
        sealed, *others = [
            _in_language(line.value, wordings, language)
            for language in languages
            if language == languages[0] or language in line.value.title
        ]
        check_questionnaire(sealed)
    except KeyError as error:
        folder.refuse("text_missing", line.where, f"language {error}")
        return
    except InvalidTermError as error:
        folder.refuse(error.problem.code, f"{line.where} {error.problem.where}".strip())
        return
    found.rows.append(_questionnaire_row(line, sealed))
    for question in sealed.questions:
        _add_question(folder, found, line.where, question)
    for other in others:
        found.text_rows.append(_text_row(folder, line.where, sealed, other))


def _in_language(
    value: QuestionnaireText, wordings: Mapping[str, Wording], language: str
) -> Questionnaire:
    return Questionnaire(
        id=value.id,
        language=language,
        title=value.title[language],
        questions=tuple(
            Question(
                id=each.id,
                text=each.text[language],
                scale=wordings[each.scale].scale(language),
                choose=each.choose,
                required=each.required,
                role=each.role,
            )
            for each in value.question
        ),
        comment=value.comment[language] if value.comment else "",
        dossier=value.dossier[language] if value.dossier else "",
    )


def _questionnaire_row(line: Line[QuestionnaireText], sealed: Questionnaire) -> Row:
    return Row.of(
        line,
        {
            "sha256": sealed.sha256,
            "id": sealed.id,
            "document": canonical_json(sealed).decode(),
            "valid_from": line.value.valid_from,
            "valid_to": line.value.valid_to,
        },
    )


def _add_question(folder: Folder, found: Questionnaires, where: str, question: Question) -> None:
    meaning = definition(question)
    known = found.questions.get(question.id)
    if known is None:
        found.questions[question.id] = question
        values = {
            "id": question.id,
            "definition": meaning.decode(),
            "sha256": sha256_hex(meaning),
        }
        found.question_rows.append(Row(where, values))
    elif definition(known) != meaning:
        folder.refuse("question_changed", where, question.id)


def _text_row(folder: Folder, where: str, sealed: Questionnaire, other: Questionnaire) -> Row:
    try:
        check_questionnaire(other)
    except InvalidTermError as error:
        folder.refuse(error.problem.code, where, f"{other.language} {error.problem.where}")
    if not same_structure(sealed, other):
        folder.refuse("structure", where, other.language)
    values = {
        "sha256": sealed.sha256,
        "language": other.language,
        "document": canonical_json(other).decode(),
    }
    return Row(where, values)
