"""One item of a device's batch: read, its signature checked, its body held against the device."""

from __future__ import annotations

import hashlib
import uuid
from operator import attrgetter
from typing import Any

import msgspec

from survey.devices.fleet import Device
from survey.devices.keys import from_base64url, is_signed
from survey.intake.check import UNKNOWN, Outcome
from survey.ledger.book import SALT_BYTES
from survey.register.snapshot import Register
from survey.terms.canonical import canonical_json, commitment
from survey.terms.dossier import dossier_hash, has_shape, normal_code
from survey.terms.response import MAX_COMMENT, Body, clean_comment, seal

PROTOCOL = 1
MAX_COUNTER = 2**53 - 1
_MAX_INSTANT = 2**33
"""In UTC seconds: the year 2242."""
_GIVEN = (
    "source",
    "channel",
    "holder",
    "assurance",
    "point",
    "receiving_unit",
    "resolving_unit",
    "service_on",
    "dossier",
)
"""What is given with the device, where it stands and what it holds; nobody may choose it."""
_given = attrgetter(*_GIVEN)


class Item(msgspec.Struct, frozen=True):
    """What a device sealed under one counter: a rating, or (``undone``) that one was taken back.

    ``signature`` is over the canonical JSON of ``signed``; what a citizen typed is not in it, only
    the salted commitments to it. ``comment_salt``, ``dossier_salt`` (16 bytes each) and
    ``signature`` (r and s, 32 bytes each) are base64url without padding; ``dossier`` is
    SHA-256(salt ‖ code) in hexadecimal, or "".
    """

    counter: int
    signature: str
    body: Body | None = None
    undone: uuid.UUID | None = None
    comment: str = ""
    comment_salt: str = ""
    dossier: str = ""
    dossier_code: str = ""
    dossier_salt: str = ""

    @property
    def id(self) -> uuid.UUID | None:
        """The id of the rating that it is about."""
        return self.body.id if self.body is not None else self.undone

    def signed(self, device_id: uuid.UUID) -> bytes:
        """Return the bytes that the signature is over."""
        what: dict[str, Any] = {"undone": self.undone}
        if self.body is not None:
            what = {"body": self.body, "dossier": self.dossier}
        head = {"protocol": PROTOCOL, "device": device_id, "counter": self.counter}
        return canonical_json(head | what)


class Named(msgspec.Struct, frozen=True):
    """What can be told of an item that cannot be read."""

    counter: int | None = None


class Read(msgspec.Struct, frozen=True):
    """An item as far as it could be read; ``refusal`` says why it goes no further.

    ``is_own`` says that the device's signature fits: only then does the item take its counter.
    ``body`` is a rating as the ledger keeps it, with the keyed hash of the dossier code, and
    ``sealed`` its seal; both only where nothing is refused.
    """

    counter: int | None
    raw: bytes
    item: Item | None = None
    digest: bytes = b""
    is_own: bool = False
    refusal: Outcome | None = None
    signature: bytes = b""
    body: Body | None = None
    sealed: bytes = b""

    @property
    def document(self) -> str:
        """The item without what a citizen typed, for the quarantine."""
        if self.item is None:
            return ""
        bare = msgspec.structs.replace(
            self.item, comment="", comment_salt="", dossier_code="", dossier_salt=""
        )
        return canonical_json(bare).decode()


def read_item(raw: bytes, device: Device, register: Register, dossier_key: str) -> Read:
    """Read an item; refused are ``malformed``, ``signature`` and whatever ``_misfit`` names.

    ``dossier_key`` is the key of the dossier hash.
    """
    try:
        item = msgspec.json.decode(raw, type=Item)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        return Read(_counter(raw), raw, refusal=Outcome("rejected", "malformed", str(error)[:200]))
    is_one = (item.body is None) != (item.undone is None)
    if not is_one or not 1 <= item.counter <= MAX_COUNTER:
        refusal = Outcome("rejected", "malformed", "one of body and undone, and a counter from 1")
        return Read(_counter(raw), raw, refusal=refusal)
    signed = item.signed(device.id)
    digest = hashlib.sha256(signed).digest()
    signature = from_base64url(item.signature)
    if not is_signed(device.public_key or "", signed, signature):
        refusal = Outcome("rejected", "signature", "not signed by this device's key")
        return Read(item.counter, raw, item, digest, refusal=refusal)
    refused = _misfit(item, item.body, device, register) if item.body is not None else None
    if item.body is None or refused is not None:
        return Read(item.counter, raw, item, digest, True, refused, signature)
    body = _counted(item, item.body, dossier_key)
    return Read(item.counter, raw, item, digest, True, None, signature, body, seal(body))


def _counter(raw: bytes) -> int | None:
    try:
        counter = msgspec.json.decode(raw, type=Named).counter
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return counter if counter is not None and 1 <= counter <= MAX_COUNTER else None


def _misfit(item: Item, body: Body, device: Device, register: Register) -> Outcome | None:
    """Return why a body cannot be this device's: nothing in it decides who held the device."""
    point = register.points.get(body.point)
    place = (point.code, point.unit) if point is not None else (None, None)
    assurance = "claimed" if item.dossier_code else "open"
    expected = ("own", device.kind, device.holder, assurance, *place, UNKNOWN, "", "")
    found = _given(body)
    if found != expected:
        each = zip(_GIVEN, found, expected, strict=True)
        name, value = next((name, is_) for name, is_, ought in each if is_ != ought)
        return Outcome("rejected", name, str(value)[:80])
    if not 0 <= body.answered_at < _MAX_INSTANT:
        return Outcome("rejected", "answered_at", str(body.answered_at))
    if not _is_clean_comment(item, body):
        return Outcome("rejected", "comment")
    if not _is_own_code(item, register.city.dossier_pattern):
        return Outcome("rejected", "dossier_code")
    return None


def _is_clean_comment(item: Item, body: Body) -> bool:
    if bool(body.comment) != bool(item.comment) or len(item.comment) > MAX_COMMENT:
        return False
    return clean_comment(item.comment) == item.comment


def _is_own_code(item: Item, pattern: str) -> bool:
    """Tell whether a dossier code is the one that was signed, in normal form and of the shape."""
    code, salt = item.dossier_code, from_base64url(item.dossier_salt)
    if not code:
        return not item.dossier
    return (
        len(salt) == SALT_BYTES
        and code == normal_code(code)
        and has_shape(code, pattern)
        and commitment(salt, code.encode()).hex() == item.dossier
    )


def _counted(item: Item, body: Body, dossier_key: str) -> Body:
    """Return the body as the ledger keeps it: with the keyed hash of the dossier code.

    The key stays here, so a device cannot make that hash; what it signed is the same body without.
    """
    if not item.dossier_code:
        return body
    return msgspec.structs.replace(
        body, dossier=dossier_hash(item.dossier_code, dossier_key.encode())
    )
