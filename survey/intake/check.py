"""What an item must satisfy to be counted, and what becomes of one that does not."""

from __future__ import annotations

import datetime as dt
import re
from typing import Literal

import msgspec

from survey.register.items import Dated
from survey.register.snapshot import Published, Register
from survey.terms.counts import DOSSIER_PARTS, CountedBody, DossierBody
from survey.terms.period import month_of, parse_period
from survey.terms.problem import InvalidTermError
from survey.terms.questionnaire import Questionnaire
from survey.terms.response import UNCLASSIFIED, Body, check_body, local_day
from survey.terms.series import parse_series

UNKNOWN = "unknown"
RETIRED_DAYS = 90
"""How long after its end a questionnaire's answers still count: devices come back late."""

_RETIRED = dt.timedelta(days=RETIRED_DAYS)
_FUTURE = dt.timedelta(days=1)
_MAX_COUNT = 10**9
_NEVER = (dt.date.max, dt.date.min)
_KEPT = 20_000
"""How many different names, and how many different answers, are remembered in one delivery."""

_PLAIN = re.compile("[^\x00-\x1f\x7f\ud800-\udfff]{0,400}")
_DIGEST = re.compile("[0-9a-f]{64}")


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
    """Measure one response; see :class:`ResponseCheck`."""
    return ResponseCheck(register, received_at).find(body)


class ResponseCheck:
    """Measures responses by the questionnaire version that each answers and by the register.

    Rejected: what is no answer to its questionnaire. Set aside: what may be right but cannot be
    counted now (``questionnaire_unknown``, ``questionnaire_retired``, ``unit_unknown``,
    ``field_unknown``, ``time_future``). ``received_at`` is in UTC milliseconds. One object is for
    the responses of one delivery: what many of them have in common is looked at once.
    """

    def __init__(self, register: Register, received_at: int) -> None:
        self._register = register
        self._zone = register.city.zone
        self._latest = received_at / 1000 + _FUTURE.total_seconds()
        received = dt.datetime.fromtimestamp(received_at / 1000, self._zone)
        self._last_on = (received + _FUTURE).date()
        self._contents: dict[tuple[object, ...], _Content] = {}
        self._spans: dict[tuple[str, ...], tuple[dt.date, dt.date] | None] = {}

    def find(self, body: Body, answered_at: int | None = None) -> Finding:
        """Return what becomes of a response, and what the server adds to it.

        ``answered_at`` (UTC seconds) stands for the body's own where that clock was off.
        """
        if answered_at is not None:
            body = msgspec.structs.replace(body, answered_at=answered_at)
        span = self._span(body)
        if span is None or not _has_digests(body):
            return Finding(Outcome("rejected", "malformed"))
        content = self._content(body)
        if content.outcome is not ACCEPTED:
            return Finding(content.outcome)
        try:
            day = local_day(body, self._zone)
        except (OverflowError, OSError, ValueError):
            return Finding(Outcome("rejected", "answered_at", str(body.answered_at)))
        outcome = ACCEPTED
        if not span[0] <= day <= span[1] or body.answered_at > self._latest:
            outcome = self._dated(body, day)
        if outcome is ACCEPTED and not content.first_on <= day <= content.last_on:
            outcome = Outcome("set_aside", "questionnaire_retired", content.questionnaire_id)
        return Finding(
            outcome,
            content.questionnaire_id,
            day,
            month_of(day),
            body.resolving_unit,
            content.alert,
        )

    def _span(self, body: Body) -> tuple[dt.date, dt.date] | None:
        """The days on which units and field are there, None where a name cannot be kept."""
        names = (
            body.questionnaire,
            body.receiving_unit,
            body.resolving_unit,
            body.field,
            body.point,
            body.language,
        )
        if names not in self._spans:
            if len(self._spans) >= _KEPT:
                self._spans.clear()
            self._spans[names] = None
            if _PLAIN.fullmatch("".join(names)) is not None:
                self._spans[names] = self._common_days(body)
        return self._spans[names]

    def _common_days(self, body: Body) -> tuple[dt.date, dt.date]:
        """The days on which all are in force, up to the present one; none where one is unknown."""
        dated: list[Dated | None] = [
            self._register.units.get(unit)
            for unit in (body.receiving_unit, body.resolving_unit)
            if unit != UNKNOWN
        ]
        if body.field != UNCLASSIFIED:
            dated.append(self._register.fields.get(body.field))
        if None in dated:
            return _NEVER
        firsts = [each.valid_from for each in dated if each is not None]
        lasts = [each.valid_to for each in dated if each is not None and each.valid_to is not None]
        return max([dt.date.min, *firsts]), min([self._last_on, *lasts])

    def _content(self, body: Body) -> _Content:
        """Look at what a response says apart from who, when and where."""
        key = (
            body.questionnaire,
            body.source,
            body.channel,
            body.holder,
            body.assurance,
            body.occasion,
            body.service_on,
            *body.answers.items(),
        )
        found = self._contents.get(key)
        if found is None:
            if len(self._contents) >= _KEPT:
                self._contents.clear()
            found = self._contents[key] = self._read(body)
        return found

    def _read(self, body: Body) -> _Content:
        if not all(body.answers.values()):
            return _Content(Outcome("rejected", "malformed"))
        published = self._register.questionnaires.get(body.questionnaire)
        if published is None:
            return _Content(Outcome("set_aside", "questionnaire_unknown", body.questionnaire))
        problems = check_body(body, published.questionnaire)
        if problems:
            first = problems[0]
            detail = f"{first.where} {first.detail}".strip()
            return _Content(Outcome("rejected", first.code, detail))
        return _Content(
            ACCEPTED,
            published.questionnaire.id,
            published.valid_from,
            _last_day(published),
            has_alert(published.questionnaire, body.answers),
        )

    def _dated(self, body: Body, day: dt.date) -> Outcome:
        if day > self._last_on or body.answered_at > self._latest:
            return Outcome("set_aside", "time_future", day.isoformat())
        for unit in (body.receiving_unit, body.resolving_unit):
            if unit != UNKNOWN and self._register.unit_on(unit, day) is None:
                return Outcome("set_aside", "unit_unknown", f"{unit} {day.isoformat()}")
        if not _field_in_force(self._register, body.field, day):
            return Outcome("set_aside", "field_unknown", f"{body.field} {day.isoformat()}")
        return ACCEPTED


def _has_digests(body: Body) -> bool:
    """Tell whether the ledger can hold digests so that their very characters can be made again."""
    if not (body.dossier or body.comment):
        return True
    return all(
        _DIGEST.fullmatch(digest) is not None for digest in (body.dossier, body.comment) if digest
    )


class _Content(msgspec.Struct, frozen=True):
    """What becomes of what a response says, and the days on which its questionnaire counts."""

    outcome: Outcome
    questionnaire_id: str = ""
    first_on: dt.date = dt.date.min
    last_on: dt.date = dt.date.max
    alert: bool = False


def _last_day(published: Published) -> dt.date:
    """The last day on which answers to a version count."""
    end = published.valid_to
    return dt.date.max if end is None or end > dt.date.max - _RETIRED else end + _RETIRED


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
    if not body.source or _PLAIN.fullmatch(body.source) is None:
        return Outcome("rejected", "source", repr(body.source))
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
