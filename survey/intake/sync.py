"""The machine's door: enrolment, sealed batches, and what a device shows (``/api/v1/``)."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from http import HTTPStatus
from typing import TypeVar

import msgspec
from flask import Blueprint, Response, request
from sqlalchemy.engine import Connection, Engine

from survey.db import reading, writing
from survey.devices import fleet, log, throttle
from survey.devices.enrol import enrol
from survey.devices.fleet import Device, DeviceError, Placement
from survey.devices.hours import timetable
from survey.devices.keys import from_base64url, is_signed, key_text
from survey.devices.outages import note
from survey.intake import sync_words as words
from survey.intake.accept import now_milliseconds
from survey.intake.deliver import committed
from survey.intake.receipts import most_used_fields
from survey.intake.sync_batch import Arrival, Taken, take_batch
from survey.intake.sync_item import PROTOCOL, Named, Read, read_item
from survey.intake.sync_openapi import document
from survey.register.snapshot import Point, Register, RegisterCache
from survey.settings import Settings
from survey.web.errors import Answer, respond

SIGNATURE = "Device-Signature"
SERVER_TIME = "Server-Time"
BATCH_BYTES = 2 * 1024 * 1024
SEVEN_DAYS = 7 * 24 * 3_600_000
"""So long after its revocation a device's ratings are still set aside for staff."""

_PROBLEMS = {
    "malformed": (400, "The request cannot be read", "Compare it with /api/v1/openapi.json."),
    "protocol": (400, "Unknown protocol number", f"This server speaks protocol {PROTOCOL}."),
    "range": (400, "Counters outside the range", "first and last must frame the counters."),
    "code": (403, "No device waits for this code", "Ask for a new code: one counts 15 minutes."),
    "device_unknown": (401, "Unknown device", "Enrol this device; keep what it holds."),
    "signature": (401, "The signature does not fit", "Sign the very bytes of the request."),
    "revoked": (403, "This device is revoked", "It was revoked more than seven days ago."),
    "too_large": (413, "The batch is too large", "Send fewer items at once."),
    "too_many": (429, "Too many attempts", "Wait as long as Retry-After says."),
    "point_unknown": (404, "No such reception point", "Ask staff for the point's code."),
    "questionnaire_unknown": (404, "No such questionnaire", "Ask for the point again."),
}
"""Code → status, title and advice."""

_Words = TypeVar("_Words")


class _Refusal(Exception):  # noqa: N818 (an answer, not a mistake)
    def __init__(self, code: str, retry_after: int | None = None) -> None:
        self.code, self.retry_after = code, retry_after
        super().__init__(code)


def make_blueprint(engine: Engine, registers: RegisterCache, settings: Settings) -> Blueprint:
    """Return the blueprint of ``/api/v1/``."""
    blueprint = Blueprint("sync", __name__, url_prefix="/api/v1")
    door = _Door(engine, registers, settings)
    rules = (
        ("/openapi.json", "openapi", door.openapi, ["GET"]),
        ("/points/<point>", "point", door.point, ["GET"]),
        ("/questionnaires/<sha256>", "questionnaire", door.questionnaire, ["GET"]),
        ("/devices", "enrolment", door.enrolment, ["POST"]),
        ("/devices/<uuid:device>/batches", "batches", door.batches, ["POST"]),
    )
    for rule, endpoint, view, methods in rules:
        blueprint.add_url_rule(rule, endpoint, view, methods=methods)
    blueprint.register_error_handler(_Refusal, _refuse)
    blueprint.after_request(_timed)
    return blueprint


def _timed(response: Response) -> Response:
    """Tell the server's time with every answer, and keep nothing unless the view said so."""
    response.headers[SERVER_TIME] = str(now_milliseconds())
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def _refuse(refusal: _Refusal) -> Response:
    status, title, advice = _PROBLEMS[refusal.code]
    return respond(Answer(status, refusal.code, title, advice, refusal.retry_after))


def _answer(said: msgspec.Struct, status: int = HTTPStatus.OK) -> Response:
    return Response(msgspec.json.encode(said), status, mimetype="application/json")


class _Door:
    """The views, with what they need from the application."""

    def __init__(self, engine: Engine, registers: RegisterCache, settings: Settings) -> None:
        self._engine, self._registers, self._settings = engine, registers, settings
        self._openapi = msgspec.json.encode(document(settings.public_url))

    def openapi(self) -> Response:
        """Describe these addresses (OpenAPI 3.1)."""
        return Response(self._openapi, mimetype="application/json")

    def point(self, point: str) -> Response:
        """Say what a device at a reception point shows today: its fields and questionnaire."""
        register = self._registers.current(self._engine)
        found = register.points.get(point)
        if found is None:
            raise _Refusal("point_unknown")
        with reading(self._engine) as connection:
            paper = _point_paper(connection, register, found, self._settings.public_url)
        return _answer(paper)

    def questionnaire(self, sha256: str) -> Response:
        """Give a published questionnaire version in every language."""
        found = self._registers.current(self._engine).questionnaires.get(sha256)
        if found is None:
            raise _Refusal("questionnaire_unknown")
        texts = {name: msgspec.to_builtins(text) for name, text in found.texts.items()}
        response = _answer(words.QuestionnairePaper(sha256, found.questionnaire.id, texts))
        # another language may be added to a version, so it is not kept for ever
        response.headers["Cache-Control"] = "public, max-age=3600"
        return response

    def enrolment(self) -> Response:
        """Give a device its place in exchange for a one-time code and its public key."""
        said = _read(words.Enrolment)
        key = key_text(said.key)
        if not is_signed(key, request.get_data(), _signature()):
            raise _Refusal("signature")
        secret, at = self._settings.secret_key, now_milliseconds()
        backs = throttle.backs_of(secret, request.remote_addr or "")
        with writing(self._engine) as connection:
            wait = throttle.count(connection, backs, at=at)
        if wait:
            raise _Refusal("too_many", retry_after=-(-wait // 1000))
        try:
            with writing(self._engine) as connection:
                device = enrol(connection, secret, said.code, key, at=at)
                throttle.take_back(connection, backs)
                places = fleet.placements(connection, device.id)
                standing = _standing(self._registers.get(connection), device, places, at)
                highest = log.counters(connection, device.id, device.through).highest
        except DeviceError as error:
            raise _Refusal(error.code) from error
        enrolled = words.Enrolled(PROTOCOL, now_milliseconds(), standing, highest + 1)
        return _answer(enrolled, HTTPStatus.CREATED)

    def batches(self, device: uuid.UUID) -> Response:
        """Take a batch in; what is acknowledged is committed."""
        if (request.content_length or 0) > BATCH_BYTES:
            raise _Refusal("too_large")
        with reading(self._engine) as connection:
            known = fleet.find(connection, device)
        if known is None or known.public_key is None:
            raise _Refusal("device_unknown")
        if not is_signed(known.public_key, request.get_data(), _signature()):
            raise _Refusal("signature")
        envelope = _read(words.Envelope)
        _check_range(envelope)
        register = self._registers.current(self._engine)
        received_at = now_milliseconds()
        # neither key nor kind ever changes, so signatures are checked before anybody has to wait
        key = self._settings.dossier_key
        reads = [read_item(bytes(raw), known, register, key) for raw in envelope.items]

        def take(connection: Connection) -> words.Reply:
            return self._take(connection, register, device, envelope, reads, received_at)

        return _answer(committed(self._engine, take))

    def _take(
        self,
        connection: Connection,
        register: Register,
        device_id: uuid.UUID,
        envelope: words.Envelope,
        reads: list[Read],
        received_at: int,
    ) -> words.Reply:
        device = fleet.locked(connection, device_id)
        if device.revoked_at is not None and received_at > device.revoked_at + SEVEN_DAYS:
            raise _Refusal("revoked")
        offset = received_at - envelope.sent_at
        places = fleet.placements(connection, device_id)
        arrival = Arrival(received_at, offset)
        taken = take_batch(connection, register, device, places, reads, arrival)
        if envelope.outage is not None:
            sent_at = envelope.sent_at
            note(connection, device, envelope.outage, sent_at=sent_at, received_at=received_at)
        counters = log.counters(connection, device_id, device.through)
        if _is_news(device, envelope, taken):
            fleet.change(
                connection,
                device_id,
                through=counters.through,
                seen_at=received_at,
                sent_at=envelope.sent_at,
                clock_offset=offset,
                queue=envelope.queue,
                version=envelope.version.replace("\0", ""),
                storage=envelope.storage,
            )
        return words.Reply(
            PROTOCOL,
            now_milliseconds(),
            offset,
            _standing(register, device, places, received_at),
            words.Counters(counters.through, counters.highest, counters.missing),
            [words.ItemOutcome.of(each) for each in taken],
        )


def _read(kind: type[_Words]) -> _Words:
    try:
        protocol = msgspec.json.decode(request.get_data(), type=_Protocol).protocol
        if protocol != PROTOCOL:
            raise _Refusal("protocol")
        return msgspec.json.decode(request.get_data(), type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise _Refusal("malformed") from error


class _Protocol(msgspec.Struct):
    protocol: int


def _signature() -> bytes:
    return from_base64url(request.headers.get(SIGNATURE, ""))


def _check_range(envelope: words.Envelope) -> None:
    """Refuse a batch whose items lie outside the counters that it names."""
    for raw in envelope.items:
        try:
            counter = msgspec.json.decode(raw, type=Named).counter
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            continue  # the item alone is malformed
        if counter is not None and not envelope.first <= counter <= envelope.last:
            raise _Refusal("range")


def _is_news(device: Device, envelope: words.Envelope, taken: list[Taken]) -> bool:
    """Tell a new message from an old one that somebody sends once more."""
    if device.sent_at is None or envelope.sent_at > device.sent_at:
        return True
    return any(each.outcome.status in ("accepted", "set_aside") for each in taken)


def _standing(
    register: Register, device: Device, places: Sequence[Placement], at: int
) -> words.Standing:
    point = fleet.place_at(places, at)
    found = register.points.get(point)
    return words.Standing(
        id=device.id,
        kind=device.kind,
        holder=device.holder,
        name=device.name,
        point=point,
        receiving_unit=found.unit if found is not None else "",
        questionnaire=_questionnaire(register),
        is_revoked=device.revoked_at is not None,
    )


def _questionnaire(register: Register) -> str | None:
    name = register.city.phone_questionnaire
    found = register.questionnaire_in_force(name, _today(register))
    return found.sha256 if found is not None else None


def _today(register: Register) -> dt.date:
    return dt.datetime.now(register.city.zone).date()


def _point_paper(
    connection: Connection, register: Register, point: Point, public_url: str
) -> words.PointPaper:
    today, city = _today(register), register.city
    unit = register.units[point.unit]
    week = timetable(connection, point.code).week_on(today)
    used = most_used_fields(connection, unit.code)
    return words.PointPaper(
        server_time=now_milliseconds(),
        point=point.code,
        names=dict(point.names),
        unit=unit.code,
        unit_names={
            language: register.unit_name(unit.code, language) for language in city.languages
        },
        in_force=point.in_force(today),
        successor=point.successor,
        fields=[
            words.FieldName(code, dict(register.fields[code].names))
            for code in sorted(
                register.handled(unit.code, today), key=lambda code: -used.get(code, 0)
            )
        ],
        languages=list(city.languages),
        best_first=city.best_first,
        dossier_pattern=city.dossier_pattern,
        dossier_example=city.dossier_example,
        questionnaire=_questionnaire(register),
        hours=[list(day) for day in week] if week is not None else None,
        time_zone=register.city.time_zone,
        report=_report(register),
        public_url=public_url,
    )


def _report(register: Register) -> words.Report | None:
    contact = register.city.contact
    if not contact.report_phone and not contact.report:
        return None
    return words.Report(contact.report_phone, dict(contact.report))
