"""Receipt codes: short, speakable, made by anyone who knows the response id."""

from __future__ import annotations

import hashlib
import uuid

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_READ_AS = str.maketrans("OIL", "011")
LENGTH = 13


def receipt_code(response_id: uuid.UUID) -> str:
    """Return the first 65 bits of SHA-256 of the id's 16 bytes in Crockford's base 32.

    >>> len(receipt_code(uuid.UUID(int=0)))
    13
    """
    bits = int.from_bytes(hashlib.sha256(response_id.bytes).digest(), "big") >> (256 - 65)
    digits = (_CROCKFORD[(bits >> shift) & 31] for shift in range(60, -1, -5))
    return "".join(digits)


def normal_receipt(text: str) -> str | None:
    """Return a typed code in normal form, or None where it is no code.

    Case, spaces and dashes do not matter, O reads as 0 and I or L as 1 (Crockford).
    """
    bare = "".join(text.split()).replace("-", "").upper().translate(_READ_AS)
    if len(bare) != LENGTH or any(char not in _CROCKFORD for char in bare):
        return None
    return bare
