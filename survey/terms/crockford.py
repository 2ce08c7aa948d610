"""Crockford's base 32: codes that people read aloud and type."""

from __future__ import annotations

_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_READ_AS = str.maketrans("OIL", "011")
BITS = 5
"""Bits of one character."""


def encode(bits: int, length: int) -> str:
    """Return the last ``5 * length`` bits of a number in as many characters.

    >>> encode(33, 3)
    '011'
    """
    return "".join(_DIGITS[(bits >> BITS * place) & 31] for place in range(length - 1, -1, -1))


def normal(text: str, length: int) -> str | None:
    """Return a typed code of that length in normal form, or None where it is no code.

    Case, spaces and dashes do not matter, O reads as 0 and I or L as 1 (Crockford).

    >>> normal("o1l - z", 4)
    '011Z'
    """
    bare = "".join(text.split()).replace("-", "").upper().translate(_READ_AS)
    if len(bare) != length or any(char not in _DIGITS for char in bare):
        return None
    return bare
