"""Devices of the sample: some as they should be, and one for each thing that can be odd.

Their ratings go through the same door as those of real devices, signed by keys that are thrown away
afterwards, so that nobody can send as one of them. How a device is depends on the present, so each
start lets those that are well report once more.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from sqlalchemy.engine import Connection

from survey.devices import fleet, log, outages
from survey.devices.fleet import Device
from survey.devices.hours import Week, set_hours
from survey.devices.keys import Key, key_text, to_base64url
from survey.intake.sync_batch import Arrival, take_batch
from survey.intake.sync_item import PROTOCOL, read_item
from survey.register.snapshot import Point, Published, Register
from survey.sample.draw import generator
from survey.tally.tables import tally
from survey.terms.canonical import canonical_json

DAY = 24 * 3_600_000
AGE_DAYS, REVOKED_DAYS, SILENT_DAYS = 28, 10, 6
VERSION = "mau-1"
LABEL = "(dữ liệu mẫu)"

HOURS: Week = ((("07:30", "11:30"), ("13:00", "17:00")),) * 5 + ((("07:30", "11:30"),), ())

_NAMESPACE = uuid.UUID("6f1c6f0e-6a52-4a0e-9d2b-52a1f6c4e0d7")
_SATISFIED = 0.88


@dataclass(frozen=True)
class Part:
    """What a device plays; ``daily`` ratings on a working day, ``odd`` as a flag of the desk."""

    name: str
    kind: str
    daily: int
    odd: str = ""

    @property
    def id(self) -> uuid.UUID:
        """The same in every sample."""
        return uuid.uuid5(_NAMESPACE, self.name)


PARTS = (
    Part("Sảnh chính", "kiosk", 9),
    Part("Quầy số 3", "tablet", 5),
    Part("Sảnh bên trái", "kiosk", 7, "silent"),
    Part("Cửa sau", "kiosk", 4, "clock_off"),
    Part("Lầu 1", "kiosk", 6, "gap"),
    Part("Quầy số 5", "tablet", 3, "quarantine"),
    Part("Cạnh thang máy", "kiosk", 4, "counter_twice"),
    Part("Phòng chờ", "kiosk", 5, "storage"),
    Part("Lầu 2", "kiosk", 4, "turned_away"),
    Part("Máy đã thanh lý", "kiosk", 3, "revoked"),
    Part("Máy mới, chưa lắp", "kiosk", 0, "not_enrolled"),
)
_CLOCK = {"clock_off": 47 * 60_000}
"""Milliseconds by which the server is ahead of a device."""


def sample_devices(connection: Connection, register: Register, *, at: int) -> int:
    """Make the sample's devices, or let those that are well report; return how many were made.

    ``at`` is the present in UTC milliseconds. A real database gets none, nor does a city without a
    point or a questionnaire today.
    """
    if register.kind != "sample":
        return 0
    if fleet.find(connection, PARTS[0].id) is not None:
        _report(connection, at)
        return 0
    return _make(connection, register, at)


def _make(connection: Connection, register: Register, at: int) -> int:
    today = dt.datetime.fromtimestamp(at / 1000, register.city.zone).date()
    points = _points(connection, register, today)
    published = register.questionnaire_in_force(register.city.phone_questionnaire, today)
    if not points or published is None:
        return 0
    players = [
        _Player(register, published, part, points[place % len(points)])
        for place, part in enumerate(PARTS)
    ]
    for player in players:
        player.begin(connection, at)
    for back in range(AGE_DAYS, 0, -1):
        for player in players:
            player.play(connection, back, at)
    for player in players:
        player.end(connection, at)
    # the point that newcomers are led to never sleeps
    for point in points[1:2]:
        set_hours(connection, register, point.code, HOURS, from_on=today, at=at)
    return len(players)


def _report(connection: Connection, at: int) -> None:
    for part in PARTS:
        if part.odd not in ("silent", "revoked", "not_enrolled"):
            found = fleet.find(connection, part.id)
            if found is not None and found.revoked_at is None and found.version == VERSION:
                fleet.change(connection, part.id, seen_at=at, sent_at=at)


def _points(connection: Connection, register: Register, today: dt.date) -> list[Point]:
    """Return up to three points where people rate, the most used first."""
    answers = sa.func.sum(tally.c.counting)
    query = sa.select(tally.c.unit, answers).where(tally.c.unit_role == "receiving")
    used = {row[0]: row[1] for row in connection.execute(query.group_by(tally.c.unit))}
    found = [
        point
        for point in register.points.values()
        if point.in_force(today) and register.handled(point.unit, today)
    ]
    return sorted(found, key=lambda point: (-used.get(point.unit, 0), point.code))[:3]


@dataclass
class _Player:
    """One device with its key, its counter, and what it does each day."""

    register: Register
    published: Published
    part: Part
    point: Point
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    counter: int = 0

    def begin(self, connection: Connection, at: int) -> None:
        """Make the device, and enrol it unless it waits for that."""
        part, since = self.part, at - (AGE_DAYS + 1) * DAY
        fleet.create_device(
            connection,
            self.register,
            kind=part.kind,
            point=self.point.code,
            name=f"{part.name} {LABEL}",
            at=at,
            new_id=part.id,
            since=since,
        )
        if part.odd != "not_enrolled":
            numbers = self.key.public_key().public_numbers()
            x, y = (to_base64url(each.to_bytes(32, "big")) for each in (numbers.x, numbers.y))
            public_key = key_text(Key("EC", "P-256", x, y))
            fleet.change(connection, part.id, public_key=public_key, enrolled_at=since)

    def play(self, connection: Connection, back: int, at: int) -> None:
        """Send the ratings of a day; ``back`` is how many days ago it is."""
        moment = dt.datetime.fromtimestamp((at - back * DAY) / 1000, self.register.city.zone)
        last = {"silent": SILENT_DAYS, "revoked": REVOKED_DAYS}.get(self.part.odd, 0)
        if back < last or moment.weekday() > 4 or self.part.odd == "not_enrolled":
            return
        moment = moment.replace(hour=16, minute=45)
        gap_back = self._working_day(at, 7) if self.part.odd == "gap" else None
        chance = generator("device", self.part.name, str(back))
        items = []
        for number in range(self.part.daily):
            self.counter += 4 if (back, number) == (gap_back, 1) else 1
            minutes = 20 + int(420 * (self.part.daily - number) / self.part.daily)
            given_at = moment - dt.timedelta(minutes=minutes)
            items.append(self._item(connection, given_at, bool(chance.random() < _SATISFIED)))
        if back == self._working_day(at, last + 1):
            items += self._flaws(connection, moment)
        self._send(connection, items, int(moment.timestamp() * 1000))

    def _working_day(self, at: int, back: int) -> int:
        """Return the last working day that is at least so many days ago, as such a number."""
        zone = self.register.city.zone
        while dt.datetime.fromtimestamp((at - back * DAY) / 1000, zone).weekday() > 4:
            back += 1
        return back

    def _flaws(self, connection: Connection, moment: dt.datetime) -> list[bytes]:
        """Return what only a device with a fault sends."""
        if self.part.odd == "quarantine":
            self.counter += 1
            return [self._item(connection, moment, True, holder="citizen")]
        if self.part.odd == "counter_twice":
            return [self._item(connection, moment - dt.timedelta(minutes=3), True)]
        return []

    def end(self, connection: Connection, at: int) -> None:
        """Say how the device is."""
        part = self.part
        if part.odd == "not_enrolled":
            return
        days = {"silent": SILENT_DAYS, "revoked": REVOKED_DAYS}.get(part.odd, 0)
        fleet.change(
            connection,
            part.id,
            through=log.counters(connection, part.id, 0).through,
            seen_at=at - days * DAY,
            sent_at=at - days * DAY,
            clock_offset=_CLOCK.get(part.odd, 400),
            queue=12 if part.odd == "silent" else 0,
            version=VERSION,
            storage="tight" if part.odd == "storage" else "persisted",
        )
        if part.odd == "turned_away":
            told = outages.Outage(at - DAY - 3 * 3_600_000, 38, "unavailable")
            ended = {"sent_at": at - DAY, "received_at": at - DAY}
            outages.note(connection, self._device(connection), told, **ended)
        if part.odd == "revoked":
            fleet.revoke(connection, part.id, at=at - days * DAY)

    def _send(self, connection: Connection, items: Sequence[bytes], received_at: int) -> None:
        device = self._device(connection)
        reads = [read_item(item, device, self.register, "") for item in items]
        offset = _CLOCK.get(self.part.odd, 0)
        places = fleet.placements(connection, device.id)
        take_batch(connection, self.register, device, places, reads, Arrival(received_at, offset))

    def _device(self, connection: Connection) -> Device:
        return fleet.locked(connection, self.part.id)

    def _item(
        self, connection: Connection, given_at: dt.datetime, is_satisfied: bool, **changes: Any
    ) -> bytes:
        """Return a sealed rating as it goes over the wire."""
        device, unit = self._device(connection), self.point.unit
        fields = self.register.handled(unit, given_at.date()) or ("unclassified",)
        body = {
            "version": 1,
            "id": uuid.uuid5(self.part.id, f"{self.counter} {given_at.isoformat()}"),
            "questionnaire": self.published.sha256,
            "receiving_unit": unit,
            "resolving_unit": "unknown",
            "field": fields[self.counter % len(fields)],
            "point": self.point.code,
            "source": "own",
            "channel": device.kind,
            "holder": device.holder,
            "assurance": "open",
            "occasion": "unknown",
            "language": self.register.city.languages[0],
            "answered_at": int(given_at.timestamp()) - _CLOCK.get(self.part.odd, 0) // 1000,
            "service_on": "",
            "dossier": "",
            "answers": self._answers(is_satisfied),
            "comment": "",
        } | changes
        signed = {"protocol": PROTOCOL, "device": device.id, "counter": self.counter}
        signed |= {"body": body, "dossier": ""}
        r, s = decode_dss_signature(
            self.key.sign(canonical_json(signed), ec.ECDSA(hashes.SHA256()))
        )
        item = {"counter": self.counter, "body": body, "dossier": ""}
        item["signature"] = to_base64url(r.to_bytes(32, "big") + s.to_bytes(32, "big"))
        return canonical_json(item)

    def _answers(self, is_satisfied: bool) -> dict[str, list[int]]:
        """Answer what has to be answered, with the best or the middle of its scale."""
        answers = {}
        for question in self.published.questionnaire.questions:
            if question.required:
                inside = [option.value for option in question.scale.options if not option.outside]
                best = max(inside) if self.register.city.best_first else min(inside)
                answers[question.id] = [best if is_satisfied else sorted(inside)[len(inside) // 2]]
        return answers
