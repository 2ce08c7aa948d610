"""Enrolment: staff get a one-time code, the device shows it with its new key, once."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import uuid

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from survey.devices.fleet import Device, DeviceError, change, locked
from survey.devices.tables import enrolment_code

DIGITS = 8
CODE_MINUTES = 15
_CODE = re.compile(rf"[0-9]{{{DIGITS}}}")


def make_code(connection: Connection, secret: str, device_id: uuid.UUID, *, at: int) -> str:
    """Return a new one-time code for a device; one that it had before is worth nothing now.

    Raises DeviceError with ``device_unknown``, ``revoked`` or ``enrolled``: a device is enrolled
    once, and one that has lost its key is revoked and made anew.
    """
    found = locked(connection, device_id)
    if found.revoked_at is not None:
        raise DeviceError("revoked", f"Device {device_id} is revoked.")
    if found.public_key is not None:
        raise DeviceError("enrolled", f"Device {device_id} has its key already.")
    columns = enrolment_code.c
    gone = sa.or_(columns.device == device_id, columns.expires_at <= at)
    connection.execute(sa.delete(enrolment_code).where(gone))
    while True:
        code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
        digest = _digest(secret, code)
        taken = sa.select(columns.device).where(columns.digest == digest)
        if connection.execute(taken).first() is None:
            break
    row = {"digest": digest, "device": device_id, "expires_at": at + CODE_MINUTES * 60_000}
    connection.execute(sa.insert(enrolment_code), row)
    return code


def enrol(connection: Connection, secret: str, code: str, key: str, *, at: int) -> Device:
    """Give the device of a code its public key (``survey.devices.keys.key_text``).

    The same code with the same key again, while the code would be valid, is a reply that was lost:
    the device is returned as the first time. Raises DeviceError (``code``) for any other code that
    is unknown, used or too old: which of them is not told.
    """
    columns = enrolment_code.c
    query = sa.select(columns.device, columns.expires_at)
    shaped = code if _CODE.fullmatch(code) else ""
    row = connection.execute(query.where(columns.digest == _digest(secret, shaped))).first()
    if row is None or row.expires_at <= at:
        raise _refusal()
    found = locked(connection, row.device)
    if found.revoked_at is not None or found.public_key not in (None, key):
        raise _refusal()
    if found.public_key is None:
        change(connection, found.id, public_key=key, enrolled_at=at)
    return locked(connection, found.id)


def _refusal() -> DeviceError:
    return DeviceError("code", "No device waits for this code: it is wrong, used or too old.")


def _digest(secret: str, code: str) -> bytes:
    return hmac.new(secret.encode(), f"enrolment {code}".encode(), hashlib.sha256).digest()
