"""From columns of cells to sealed bodies of ratings."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Iterable, Sequence
from itertools import repeat

import msgspec

from survey.intake.accept import Rating
from survey.intake.imports.cells import Column, Words, label_column
from survey.intake.imports.context import Context
from survey.intake.imports.faults import Fault, Faults, RefusedError, blame
from survey.intake.imports.identity import comment_salt
from survey.intake.imports.mapping import AnswerEntry, Entry, RatingsMap
from survey.intake.imports.places import UNKNOWN, field_places, unit_places
from survey.intake.imports.table import Cell, Chunk, Formula, composed, shown, whole
from survey.intake.imports.times import DayColumn, Moment, TimeColumn
from survey.ledger.book import comment_commitment
from survey.terms.dossier import dossier_hash, has_shape, normal_code
from survey.terms.response import MAX_COMMENT, Body, clean_comment, seal
from survey.terms.series import ASSURANCES, CHANNELS, DELIVERED, HOLDERS, OCCASIONS

_LANGUAGE = re.compile(r"[a-z]{2,3}|unknown")


class Draft(msgspec.Struct, frozen=True):
    """A row that could be read: its number, its rating and what was found of it, its day."""

    number: int
    rating: Rating
    day: dt.date


class RatingRows:
    """Reads chunks of rows by one map.

    Raises RefusedError where the map names what is not there.
    """

    def __init__(self, mapping: RatingsMap, context: Context) -> None:
        register, zone = context.register, context.register.city.zone
        self._context = context
        self._map = mapping
        self._time = TimeColumn(mapping.time, zone, context.now)
        self._service = DayColumn(mapping.service_on, context.today) if mapping.service_on else None
        self._receiving = unit_places(register, mapping.receiving_unit)
        self._resolving = (
            self._receiving
            if mapping.resolving_unit == mapping.receiving_unit
            else unit_places(register, mapping.resolving_unit)
        )
        self._field = field_places(register, mapping.field)
        self._words = [
            Words(entry, code, vocabulary(known).get)
            for entry, code, known in (
                (mapping.source, "source", DELIVERED),
                (mapping.channel, "channel", CHANNELS),
                (mapping.holder, "holder", HOLDERS),
                (mapping.assurance, "assurance", ASSURANCES),
                (mapping.occasion, "occasion", OCCASIONS),
            )
        ]
        questionnaires = {
            published.questionnaire.id: sha256
            for sha256, published in register.questionnaires.items()
        }
        self._questionnaire = Words(
            mapping.questionnaire, "questionnaire_unknown", questionnaires.get
        )
        language = mapping.language or Entry(constant=UNKNOWN)
        self._language = Words(
            language, "language", lambda word: word if _LANGUAGE.fullmatch(word) else None
        )
        self._answers = Answers(mapping.answer, context)
        self._dossiers = self._dossier_column()

    def _dossier_column(self) -> Column[str] | None:
        entry = self._map.dossier
        if entry is None:
            return None
        pattern = self._context.register.city.dossier_pattern
        key = self._context.options.dossier_key.encode()

        def find(text: str) -> str | Fault:
            code = normal_code(text)
            if not code:
                return ""
            if not has_shape(code, pattern):
                return Fault("dossier_code", entry.column, masked(code))
            return dossier_hash(code, key)

        return Column(entry.column, find)

    def read(self, chunk: Chunk) -> tuple[list[Draft], Faults]:
        """Return the rows that can be read, and by place in the chunk what is wrong with others."""
        faults: Faults = {}
        moments = self._time.read(chunk.columns[self._map.time.column], faults)
        given = [None] * len(chunk) if self._service is None else self._given(chunk, faults)
        days = [_day(moment, day) for moment, day in zip(moments, given, strict=True)]
        receiving = self._receiving.read(chunk, days, faults)
        resolving = receiving
        if self._resolving is not self._receiving:
            resolving = self._resolving.read(chunk, days, faults)
        fields = self._field.read(chunk, days, faults)
        words = [each.read(chunk, faults) for each in self._words]
        questionnaires = self._questionnaire.read(chunk, faults)
        languages = self._language.read(chunk, faults)
        answers = self._answers.read(chunk, faults)
        dossiers = [""] * len(chunk)
        if self._dossiers is not None:
            dossiers = self._dossiers.read(chunk.columns[self._dossiers.name], faults)
        comments = self._comments(chunk, faults)
        ids = self._ids(chunk, words[0], faults)
        salts = self._salts(ids, comments)
        seconds = [moment[0] if moment is not None else 0 for moment in moments]
        bodies = zip(
            ids, questionnaires, receiving, resolving, fields, repeat(""), *words, languages,
            seconds, map(_service_on, moments, given), dossiers, answers,
            map(_commitment, salts, comments),
        )  # fmt: skip
        rows = zip(chunk.numbers, days, comments, salts, bodies, strict=True)
        find = self._context.delivery.check.find
        drafts = []
        for place, (number, day, comment, salt, values) in enumerate(rows):
            if place not in faults and day is not None:
                body = Body(*values)
                rating = Rating(body, comment, salt, seal(body), finding=find(body))
                drafts.append(Draft(number, rating, day))
        return drafts, faults

    def _salts(self, ids: Sequence[uuid.UUID], comments: Sequence[str]) -> list[bytes]:
        if self._map.comment is None:
            return [b""] * len(ids)
        key = self._context.options.secret_key
        pairs = zip(ids, comments, strict=True)
        return [comment_salt(row_id, key) if comment else b"" for row_id, comment in pairs]

    def _given(self, chunk: Chunk, faults: Faults) -> list[dt.date | None]:
        assert self._service is not None  # noqa: S101 (asked by the caller)
        return self._service.read(chunk.columns[self._service.column], faults)

    def _ids(self, chunk: Chunk, sources: Sequence[str], faults: Faults) -> list[uuid.UUID]:
        entry = self._map.external_id
        externals = [""] * len(chunk)
        if entry is not None:
            externals = texts(chunk.columns[entry.column], entry.column, faults)
        return self._context.identity.ids(sources, externals, chunk.numbers)

    def _comments(self, chunk: Chunk, faults: Faults) -> list[str]:
        entry = self._map.comment
        if entry is None:
            return [""] * len(chunk)
        comments = []
        raw = texts(chunk.columns[entry.column], entry.column, faults)
        for place, text in enumerate(raw):
            comment = clean_comment(text) if text else ""
            if len(comment) > MAX_COMMENT:
                blame(faults, place, Fault("comment_too_long", entry.column, str(len(comment))))
            comments.append(comment)
        return comments

    def cells(self, chunk: Chunk, place: int) -> dict[str, str]:
        """Return a row as it stands, without its comment; a dossier code only as its keyed hash."""
        found = {name: whole(cells[place]) for name, cells in chunk.columns.items()}
        if self._map.comment is not None:
            found.pop(self._map.comment.column, None)
        if self._map.dossier is not None:
            column = self._map.dossier.column
            key = self._context.options.dossier_key.encode()
            code = normal_code(found[column])
            found[column] = f"hmac:{dossier_hash(code, key)}" if code else ""
        return found

    def comment(self, chunk: Chunk, place: int) -> str:
        """Return a row's comment as far as it can be kept."""
        if self._map.comment is None:
            return ""
        cell = chunk.columns[self._map.comment.column][place]
        return clean_comment(cell)[:MAX_COMMENT] if isinstance(cell, str) else ""


class Answers:
    """The columns of answers of a map."""

    def __init__(self, entries: Sequence[AnswerEntry], context: Context) -> None:
        questions = {
            question.id: question
            for published in context.register.questionnaires.values()
            for question in published.questionnaire.questions
        }
        known = vocabulary(questions)
        fixed = [entry.question for entry in entries if isinstance(entry.question, str)]
        for entry in entries:
            named = entry.question if isinstance(entry.question, str) else entry.question.constant
            if named and named not in questions:
                raise RefusedError("question_unknown", value=named, detail="in the map")
            if named and not set(entry.labels.values()) <= questions[named].scale.values:
                odd = set(entry.labels.values()) - questions[named].scale.values
                raise RefusedError("label_value", column=entry.column, value=str(sorted(odd)))
        if len(set(fixed)) < len(fixed):
            raise RefusedError("map_entry", value="answer", detail="a question twice")
        self._columns = [
            (
                entry.column,
                entry.question
                if isinstance(entry.question, str)
                else Words(entry.question, "question_unknown", known.get),
                label_column(entry.column, entry.labels, entry.separator),
            )
            for entry in entries
        ]

    def read(self, chunk: Chunk, faults: Faults) -> list[dict[str, tuple[int, ...]]]:
        """Return the answers of each row, values by question. Code: ``answer_missing`` (none)."""
        answers: list[dict[str, tuple[int, ...]]] = [{} for _ in range(len(chunk))]
        for name, question, column in self._columns:
            values = column.read(chunk.columns[name], faults)
            asked = (
                [question] * len(chunk)
                if isinstance(question, str)
                else question.read(chunk, faults)
            )
            for place, (question_id, chosen) in enumerate(zip(asked, values, strict=True)):
                if chosen:
                    answers[place][question_id] = chosen
        for place, found in enumerate(answers):
            if not found:
                blame(faults, place, Fault("answer_missing", self._columns[0][0]))
        return answers


def vocabulary(words: Iterable[str]) -> dict[str, str]:
    """Return words as a mapping to themselves, whose ``get`` is a check."""
    return {word: word for word in words}


def texts(cells: Sequence[Cell], column: str, faults: Faults) -> list[str]:
    """Return the cells as text; a computed cell is a fault (``formula``)."""
    found = []
    for place, cell in enumerate(cells):
        if isinstance(cell, Formula):
            blame(faults, place, Fault("formula", column, shown(cell)))
        found.append(composed(whole(cell)))
    return found


def masked(code: str) -> str:
    """Return the shape of a dossier code, without the code.

    >>> masked("H29-2603")
    'A99-9999'
    """
    shape = ("9" if char.isdigit() else "A" if char.isalpha() else char for char in code)
    return "".join(shape)


def _commitment(salt: bytes, comment: str) -> str:
    return comment_commitment(salt, comment) if comment else ""


def _service_on(moment: Moment | None, given: dt.date | None) -> str:
    """Return the service day as far as the file gives one."""
    if given is not None:
        return given.isoformat()
    return moment[2] if moment is not None else ""


def _day(moment: Moment | None, given: dt.date | None) -> dt.date | None:
    if moment is None:
        return None
    return given if given is not None else moment[1]
