"""Device keys: ECDSA on P-256 with SHA-256, as WebCrypto makes them, public halves as JWK."""

from __future__ import annotations

import base64
import binascii
from functools import lru_cache

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from survey.terms.canonical import canonical_json
from survey.terms.problem import InvalidTermError

_SIZE = 32
SIGNATURE_BYTES = 2 * _SIZE
_TO_PLAIN = str.maketrans("-_", "+/")
_ALGORITHM = ec.ECDSA(hashes.SHA256())


class Key(msgspec.Struct, frozen=True):
    """A public key as JWK (RFC 7517, 7518 6.2): what else a JWK may hold is left away."""

    kty: str
    crv: str
    x: str
    y: str


def key_text(key: Key) -> str:
    """Return a key in the one form in which it is kept.

    Raises InvalidTermError (``key``) where it is no point of P-256.
    """
    text = canonical_json(key).decode()
    _loaded(text)
    return text


def is_signed(key: str, data: bytes, signature: bytes) -> bool:
    """Tell whether a signature (r and s, 32 bytes each: IEEE P1363) over data is by this key."""
    if len(signature) != SIGNATURE_BYTES:
        return False
    r, s = (int.from_bytes(part, "big") for part in (signature[:_SIZE], signature[_SIZE:]))
    try:
        _loaded(key).verify(encode_dss_signature(r, s), data, _ALGORITHM)
    except InvalidSignature:
        return False
    return True


def from_base64url(text: str) -> bytes:
    """Return bytes from base64url without padding; empty where it is none.

    >>> from_base64url("-_8")
    b'\\xfb\\xff'
    """
    if not text:
        return b""
    padded = text.translate(_TO_PLAIN) + "=" * (-len(text) % 4)
    try:
        return binascii.a2b_base64(padded, strict_mode=True)
    except (binascii.Error, ValueError):
        return b""


def to_base64url(data: bytes) -> str:
    """Return bytes as base64url without padding.

    >>> to_base64url(b"\\xfb\\xff")
    '-_8'
    """
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@lru_cache(maxsize=2048)
def _loaded(text: str) -> ec.EllipticCurvePublicKey:
    key = msgspec.json.decode(text, type=Key)
    x, y = from_base64url(key.x), from_base64url(key.y)
    if (key.kty, key.crv, len(x), len(y)) != ("EC", "P-256", _SIZE, _SIZE):
        raise InvalidTermError("key", "key", "not a P-256 key")
    numbers = ec.EllipticCurvePublicNumbers(
        int.from_bytes(x, "big"), int.from_bytes(y, "big"), ec.SECP256R1()
    )
    try:
        return numbers.public_key()
    except ValueError as error:
        raise InvalidTermError("key", "key", "not a point of P-256") from error
