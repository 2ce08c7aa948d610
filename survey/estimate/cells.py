"""Exact counts of a stretch of days, summed from the tally by unit, field, question and series."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from survey.register.snapshot import Register
from survey.tally.recount import recount
from survey.tally.tables import tally
from survey.terms.period import Period
from survey.terms.questionnaire import Question


class Cell(msgspec.Struct):
    """Integer counts of answers to one question; adds up with ``+=``."""

    satisfied: int = 0
    answered: int = 0
    outside: int = 0
    repeats: int = 0
    voided: int = 0
    from_totals: int = 0
    questionnaires: frozenset[str] = frozenset()

    def __iadd__(self, other: Cell) -> Cell:
        self.satisfied += other.satisfied
        self.answered += other.answered
        self.outside += other.outside
        self.repeats += other.repeats
        self.voided += other.voided
        self.from_totals += other.from_totals
        self.questionnaires |= other.questionnaires
        return self


class Place(msgspec.Struct, frozen=True):
    """Which ratings a cell counts."""

    unit_role: str
    unit: str
    field: str
    question: str
    series: str


Cells = dict[Place, Cell]


def gather(
    connection: Connection,
    register: Register,
    first_on: dt.date,
    last_on: dt.date,
    *,
    head: int | None = None,
) -> Cells:
    """Return the counts of every rating question from one day to another, inclusive.

    Whole months come from the tally. A month that is only partly asked for, or any month where a
    ``head`` is given, is recounted from the ledger.
    """
    questions: dict[str, Question | None] = {}
    cells: Cells = {}
    rows = (
        _recounted(connection, first_on, last_on, head)
        if head is not None
        else _kept(connection, first_on, last_on)
    )
    for role, unit, field, question_id, series, questionnaire, value, counts in rows:
        if question_id not in questions:
            questions[question_id] = rating_question(register, question_id)
        question = questions[question_id]
        if question is None:
            continue
        place = Place(role, unit, field, question_id, series)
        cell = cells.get(place)
        if cell is None:
            cell = cells[place] = Cell()
        add(cell, question, value, questionnaire, counts)
    return cells


Row = tuple[str, str, str, str, str, str, int, tuple[int, int, int, int]]


def rating_question(register: Register, question_id: str) -> Question | None:
    """Return a question that gives a rate; None for one that gives none."""
    question = register.question(question_id)
    return question if question.role == "rating" and question.scale.satisfied_set else None


def add(
    cell: Cell,
    question: Question,
    value: int,
    questionnaire: str,
    counts: tuple[int, int, int, int],
) -> None:
    """Add the four counts of one answer (``survey.tally.tables.COUNTS``) to a cell."""
    counting, repeats, voided, from_totals = counts
    number = counting + from_totals
    if value in question.scale.outside_values:
        cell.outside += number
    else:
        cell.answered += number
        cell.from_totals += from_totals
        if value in question.scale.satisfied_set:
            cell.satisfied += number
    cell.repeats += repeats
    cell.voided += voided
    if questionnaire and counting:
        cell.questionnaires |= {questionnaire}


def _kept(connection: Connection, first_on: dt.date, last_on: dt.date) -> Iterator[Row]:
    whole, parts = split_days(first_on, last_on)
    if whole is not None:
        yield from _from_tally(connection, whole)
    for start, end in parts:
        yield from _recounted(connection, start, end, None)


def _from_tally(connection: Connection, period: Period) -> Iterator[Row]:
    key = [
        tally.c[name]
        for name in ("unit_role", "unit", "field", "question", "series", "questionnaire", "value")
    ]
    sums = [sa.func.sum(tally.c[name]) for name in ("counting", "repeats", "voided", "from_totals")]
    query = (
        sa.select(*key, *sums)
        .where(tally.c.month >= period.first, tally.c.month <= period.last)
        .group_by(*key)
    )
    for row in connection.execute(query):
        yield (*row[:7], (int(row[7]), int(row[8]), int(row[9]), int(row[10])))


def _recounted(
    connection: Connection, first_on: dt.date, last_on: dt.date, head: int | None
) -> Iterator[Row]:
    for key, counts in recount(connection, head=head, first_on=first_on, last_on=last_on).items():
        role, unit, _month, field, question, series, questionnaire, value = key
        yield role, unit, field, question, series, questionnaire, value, counts


def split_days(
    first_on: dt.date, last_on: dt.date
) -> tuple[Period | None, list[tuple[dt.date, dt.date]]]:
    """Split days into a run of whole months and the parts of months at its ends."""
    day = dt.timedelta(days=1)
    first_whole = first_on if first_on.day == 1 else _next_month(first_on)
    after = last_on + day
    last_whole_end = after if after.day == 1 else last_on.replace(day=1)
    if first_whole >= last_whole_end:
        return None, [(first_on, last_on)]
    parts = []
    if first_on < first_whole:
        parts.append((first_on, first_whole - day))
    if last_whole_end <= last_on:
        parts.append((last_whole_end, last_on))
    last = last_whole_end - day
    return Period(first_whole.isoformat()[:7], last.isoformat()[:7]), parts


def _next_month(day: dt.date) -> dt.date:
    return dt.date(day.year + day.month // 12, day.month % 12 + 1, 1)


def total(cells: Iterable[Cell]) -> Cell:
    """Return the sum of cells."""
    result = Cell()
    for cell in cells:
        result += cell
    return result
