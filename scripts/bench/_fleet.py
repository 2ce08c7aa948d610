"""Simulated devices: enrolled, their ratings sealed, their batches sent over real sockets."""

from __future__ import annotations

import datetime as dt
import os
import socket
import uuid
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy.engine import Engine

from scripts.example_device import base64url, canonical, jwk, new_key, sign
from survey.db import reading, writing
from survey.devices.enrol import enrol, make_code
from survey.devices.fleet import create_device
from survey.devices.keys import Key, key_text
from survey.intake.accept import now_milliseconds
from survey.register.snapshot import Point, Register
from survey.register.snapshot import load as load_register

BATCH = 100
FIELD = "HTICH"
WEEK = 7 * 24 * 3_600_000


class Answered(NamedTuple):
    """A response: its status, the seconds to wait where it says so, and its body."""

    status: int
    retry_after: float
    body: bytes


class Simulated:
    """A device with its key and the batches that wait in it, as JSON of their items."""

    def __init__(self, name: uuid.UUID, key: ec.EllipticCurvePrivateKey, body: dict[str, Any]):
        self.id, self.key, self._body = name, key, body
        self.batches: list[bytes] = []
        self.counter = 0

    def rate(self, number: int, now: int) -> None:
        """Seal ratings, one every 40 seconds up to now (UTC seconds), in batches of 100."""
        for start in range(0, number, BATCH):
            ages = range(number - start, max(number - start - BATCH, 0), -1)
            self.batches.append(b",".join(self._item(now - 40 * age) for age in ages))

    def _item(self, answered_at: int) -> bytes:
        self.counter += 1
        answers = {name: [1 + self.counter % 5] for name in self._body["answers"]}
        own = {"id": str(uuid.uuid4()), "answered_at": answered_at, "answers": answers}
        item = {"counter": self.counter, "body": self._body | own, "dossier": ""}
        signed = canonical(item | {"protocol": 1, "device": str(self.id)})
        return canonical(item | {"signature": sign(self.key, signed)})

    def request(self, place: int, path: str = "/api/v1/devices/{}/batches") -> bytes:
        """Return the HTTP request of one of its batches, signed now."""
        first = place * BATCH + 1
        head = {"protocol": 1, "sent_at": now_milliseconds(), "first": first}
        head |= {"last": first + BATCH - 1, "queue": len(self.batches) - place}
        body = canonical(head)[:-1] + b',"items":[' + self.batches[place] + b"]}"
        lines = (
            f"POST {path.format(self.id)} HTTP/1.1",
            "Host: localhost",
            "Connection: close",
            "Content-Type: application/json",
            f"Content-Length: {len(body)}",
            f"Device-Signature: {sign(self.key, body)}",
        )
        return "\r\n".join([*lines, "", ""]).encode() + body


def make_fleet(engine: Engine, size: int) -> list[Simulated]:
    """Enrol devices, spread over the reception points that are in force."""
    with reading(engine) as connection:
        register = load_register(connection)
    today = dt.datetime.now(register.city.zone).date()
    points = [
        point
        for point in register.points.values()
        if point.in_force(today) and FIELD in register.handled(point.unit, today)
    ]
    at, fleet = now_milliseconds() - WEEK, []
    with writing(engine) as connection:
        for number in range(size):
            key, point = new_key(), points[number % len(points)]
            made = create_device(
                connection, register, kind="kiosk", point=point.code, name=f"Kiosk {number}", at=at
            )
            secret = base64url(os.urandom(24))
            code = make_code(connection, secret, made, at=at)
            enrol(connection, secret, code, key_text(Key(**jwk(key))), at=at)
            fleet.append(Simulated(made, key, _body(register, point, today)))
    return fleet


def _body(register: Register, point: Point, today: dt.date) -> dict[str, Any]:
    published = register.questionnaire_in_force(register.city.phone_questionnaire, today)
    if published is None:
        raise SystemExit("The city has no questionnaire today.")
    asked = [question.id for question in published.questionnaire.questions if question.required]
    return {
        "version": 1,
        "questionnaire": published.sha256,
        "receiving_unit": point.unit,
        "resolving_unit": "unknown",
        "field": FIELD,
        "point": point.code,
        "source": "own",
        "channel": "kiosk",
        "holder": "citizen",
        "assurance": "open",
        "occasion": "unknown",
        "language": "vi",
        "service_on": "",
        "dossier": "",
        "comment": "",
        "answers": dict.fromkeys(asked, ()),
    }


def ask(address: str, request: bytes) -> Answered:
    """Send one request over a connection of its own; OSError where there is no answer."""
    host, port = address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=120) as line:
        line.sendall(request)
        parts = []
        while part := line.recv(1 << 18):
            parts.append(part)
    head, _, body = b"".join(parts).partition(b"\r\n\r\n")
    fields = dict(each.split(b": ", 1) for each in head.split(b"\r\n")[1:])
    return Answered(int(head.split(b" ", 2)[1]), float(fields.get(b"Retry-After", b"0")), body)
