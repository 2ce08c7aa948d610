"""Dossier codes: shape, normal form and keyed hash. The code itself is never stored."""

from __future__ import annotations

import hmac
import re
import unicodedata

_MAX_LENGTH = 64


def normal_code(text: str) -> str:
    """Return the code in normal form: composed, upper case, without white space."""
    composed = unicodedata.normalize("NFC", text)
    return "".join(composed.split()).upper()[: _MAX_LENGTH + 1]


def has_shape(code: str, pattern: str) -> bool:
    """Tell whether a code in normal form has the shape that the city's pattern gives.

    Digits of other scripts are no digits: else one dossier would have many codes.
    """
    return len(code) <= _MAX_LENGTH and re.fullmatch(pattern, code, re.ASCII) is not None


def dossier_hash(code: str, key: bytes) -> str:
    """Return the keyed hash of a code in normal form: HMAC-SHA-256, 64 hexadecimal digits.

    A plain hash could be reversed by trying all codes of a day; the key is what prevents it.
    """
    return hmac.digest(key, code.encode(), "sha256").hex()
