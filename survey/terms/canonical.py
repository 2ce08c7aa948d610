"""Canonical JSON (RFC 8785) and commitments."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

_ENCODER = msgspec.json.Encoder(order="sorted")


def canonical_json(value: Any) -> bytes:
    """Return the RFC 8785 form of a value made of objects, arrays, strings, booleans and integers.

    Keys are ASCII and integers stay below 2**53, which is where msgspec's sorted order and
    RFC 8785 are the same bytes; there are no floats in anything that is sealed.
    """
    return _ENCODER.encode(value)


def sha256_hex(data: bytes) -> str:
    """Return SHA-256 as 64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def commitment(salt: bytes, data: bytes) -> bytes:
    """Return SHA-256(salt ‖ data): binds to the data without telling it (salt: 16 bytes)."""
    return hashlib.sha256(salt + data).digest()
