"""Receipt codes: short, speakable, made by anyone who knows the response id."""

from __future__ import annotations

import hashlib
import uuid

from survey.terms import crockford

LENGTH = 13


def receipt_code(response_id: uuid.UUID) -> str:
    """Return the first 65 bits of SHA-256 of the id's 16 bytes in Crockford's base 32.

    >>> len(receipt_code(uuid.UUID(int=0)))
    13
    """
    digest = int.from_bytes(hashlib.sha256(response_id.bytes).digest(), "big")
    return crockford.encode(digest >> (256 - crockford.BITS * LENGTH), LENGTH)


def normal_receipt(text: str) -> str | None:
    """Return a typed code in normal form, or None where it is no code.

    Case, spaces and dashes do not matter, O reads as 0 and I or L as 1 (Crockford).
    """
    return crockford.normal(text, LENGTH)
