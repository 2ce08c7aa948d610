"""What an item must satisfy to be counted, and what becomes of one that does not."""

from __future__ import annotations

import datetime as dt
from typing import Literal

import msgspec

from survey.register.snapshot import Register
from survey.terms.counts import DOSSIER_PARTS, CountedBody, DossierBody
from survey.terms.period import month_of, parse_period
from survey.terms.problem import InvalidTermError
from survey.terms.questionnaire import Questionnaire
from survey.terms.response import UNCLASSIFIED, Body, check_body, local_day
from survey.terms.series import parse_series

UNKNOWN = "unknown"
RETIRED_DAYS = 90
"""How long after its end a questionnaire's answers still count: devices come back late."""

_FUTURE = dt.timedelta(days=1)
_MAX_COUNT = 10**9


class Outcome(msgspec.Struct, frozen=True):
    """What became of one item.

    ``accepted``: written and counted. ``already``: the same body is there. ``set_aside``: stored,
    not counted, for staff. ``rejected``: not stored. ``code`` says why, ``detail`` names the value.
    """

    status: Literal["accepted", "already", "set_aside", "rejected"]
    code: str = ""
    detail: str = ""


ACCEPTED = Outcome("accepted")
ALREADY = Outcome("already")


class Finding(msgspec.Struct, frozen=True):
    """The result of checking a response, with what the server adds to it."""

    outcome: Outcome
    questionnaire_id: str = ""
    counted_on: dt.date = dt.date.min
    month: str = ""
    resolved_by: str = UNKNOWN
    alert: bool = False


def check_response(register: Register, body: Body, received_at: int) -> Finding:
    """Measure a response by the questionnaire version that it answers and by the register.

    Rejected: what is no answer to its questionnaire. Set aside: what may be right but cannot be
    counted now (``questionnaire_unknown``, ``questionnaire_retired``, ``unit_unknown``,
    ``field_unknown``, ``time_future``). ``received_at`` is in UTC milliseconds.
    """
    published = register.questionnaires.get(body.questionnaire)
    if published is None:
        return Finding(Outcome("set_aside", "questionnaire_unknown", body.questionnaire))
    problems = check_body(body, published.questionnaire)
    if problems:
        first = problems[0]
        return Finding(Outcome("rejected", first.code, f"{first.where} {first.detail}".strip()))
    try:
        day = local_day(body, register.city.zone)
    except (OverflowError, OSError, ValueError):
        return Finding(Outcome("rejected", "answered_at", str(body.answered_at)))
    outcome = _dated(register, body, day, received_at)
    if outcome is ACCEPTED and not _answers_in_time(published, day):
        outcome = Outcome("set_aside", "questionnaire_retired", published.questionnaire.id)
    return Finding(
        outcome,
        questionnaire_id=published.questionnaire.id,
        counted_on=day,
        month=month_of(day),
        resolved_by=body.resolving_unit,
        alert=has_alert(published.questionnaire, body.answers),
    )


def _answers_in_time(published: object, day: dt.date) -> bool:
    valid_from: dt.date = published.valid_from  # type: ignore[attr-defined]
    valid_to: dt.date | None = published.valid_to  # type: ignore[attr-defined]
    last = None if valid_to is None else valid_to + dt.timedelta(days=RETIRED_DAYS)
    return valid_from <= day and (last is None or day <= last)


def _dated(register: Register, body: Body, day: dt.date, received_at: int) -> Outcome:
    received = dt.datetime.fromtimestamp(received_at / 1000, register.city.zone)
    if day > (received + _FUTURE).date() or body.answered_at > received_at / 1000 + 86400:
        return Outcome("set_aside", "time_future", day.isoformat())
    for unit in (body.receiving_unit, body.resolving_unit):
        if unit != UNKNOWN and register.unit_on(unit, day) is None:
            return Outcome("set_aside", "unit_unknown", f"{unit} {day.isoformat()}")
    if not _field_in_force(register, body.field, day):
        return Outcome("set_aside", "field_unknown", f"{body.field} {day.isoformat()}")
    return ACCEPTED


def _field_in_force(register: Register, code: str, day: dt.date) -> bool:
    if code == UNCLASSIFIED:
        return True
    field = register.fields.get(code)
    return (
        field is not None
        and field.valid_from <= day
        and (field.valid_to is None or day <= field.valid_to)
    )


def has_alert(questionnaire: Questionnaire, answers: dict[str, tuple[int, ...]]) -> bool:
    """Tell whether an answer names a reason that the inspector must see."""
    for question in questionnaire.questions:
        if question.role == "reason" and question.id in answers:
            chosen = answers[question.id]
            if any(option.alert and option.value in chosen for option in question.scale.options):
                return True
    return False


def check_counted(register: Register, body: CountedBody) -> Outcome:
    """Measure a total by the register: question, options, unit, field, month and counts."""
    try:
        question = register.question(body.question)
        parse_series(body.series)
        month = parse_period(body.month)
    except KeyError:
        return Outcome("rejected", "question_unknown", body.question)
    except InvalidTermError as error:
        return Outcome("rejected", error.problem.code, error.problem.detail)
    if month.kind != "month":
        return Outcome("rejected", "period", body.month)
    if body.unit_role not in ("receiving", "resolving"):
        return Outcome("rejected", "unit_role", body.unit_role)
    values = {str(value) for value in question.scale.values}
    for value, count in body.counts.items():
        if value not in values:
            return Outcome("rejected", "answer_unknown", value)
        if not 0 <= count < _MAX_COUNT:
            return Outcome("rejected", "count", str(count))
    return _placed(register, body.unit, body.field, month.last_on)


def check_dossiers(register: Register, body: DossierBody) -> Outcome:
    """Measure a dossier count by the register; parts that do not add up are no error."""
    try:
        month = parse_period(body.month)
    except InvalidTermError:
        return Outcome("rejected", "period", body.month)
    if month.kind != "month":
        return Outcome("rejected", "period", body.month)
    for part in DOSSIER_PARTS:
        count = getattr(body, part)
        if count is not None and not 0 <= count < _MAX_COUNT:
            return Outcome("rejected", "count", f"{part} {count}")
    return _placed(register, body.unit, body.field, month.last_on)


def _placed(register: Register, unit: str, field: str, day: dt.date) -> Outcome:
    if unit != UNKNOWN and register.unit_on(unit, day) is None:
        return Outcome("rejected", "unit_unknown", f"{unit} {day.isoformat()}")
    if not _field_in_force(register, field, day):
        return Outcome("rejected", "field_unknown", f"{field} {day.isoformat()}")
    return ACCEPTED
