"""The signed token in a form's address: one opened form is one rating, without a cookie."""

from __future__ import annotations

import hashlib
import hmac
import uuid

import msgspec
from itsdangerous import BadData, Signer
from itsdangerous.encoding import base64_decode, base64_encode

_ID_BYTES = 16
_Parts = tuple[bytes, str, bytes, int]
"""What a token is made of: it stands in a link for each field, so in as few bytes as there are."""


class FormToken(msgspec.Struct, frozen=True):
    """What one opened form is: the future response's id, point, questionnaire and time.

    ``opened_at`` is in UTC seconds; it is also the time of the answer, so that the same form sent
    twice seals the same body. ``questionnaire`` is the SHA-256 of the version that is shown.
    """

    id: uuid.UUID
    point: str
    questionnaire: str
    opened_at: int


class Tokens:
    """Makes and reads tokens with the deployment's secret key.

    ``kind`` tells apart what must not stand in for each other: a token of one kind is none of
    another.
    """

    def __init__(self, secret_key: str, hours: int, kind: str = "form") -> None:
        self._key = secret_key.encode()
        self._signer = Signer(secret_key, salt=kind)
        self._seconds = hours * 3600

    def make(self, point: str, questionnaire: str, now: int) -> str:
        """Return the token of a newly opened form; ``now`` in UTC seconds."""
        parts = (uuid.uuid4().bytes, point, bytes.fromhex(questionnaire), now)
        return self._signer.sign(base64_encode(msgspec.msgpack.encode(parts))).decode()

    def read(self, text: str) -> FormToken | None:
        """Return what a token says, or None where it was tampered with."""
        try:
            packed = base64_decode(self._signer.unsign(text))
            name, point, questionnaire, opened_at = msgspec.msgpack.decode(packed, type=_Parts)
            return FormToken(uuid.UUID(bytes=name), point, questionnaire.hex(), opened_at)
        except (BadData, msgspec.DecodeError, ValueError):
            return None

    def is_expired(self, token: FormToken, now: int) -> bool:
        """Tell whether a form has been open for too long."""
        return not 0 <= now - token.opened_at <= self._seconds

    def comment_salt(self, token: FormToken) -> bytes:
        """Return the salt of the form's comment: the same each time that the form is sent."""
        digest = hmac.new(self._key, b"comment" + token.id.bytes, hashlib.sha256).digest()
        return digest[:_ID_BYTES]
