"""Unit names as people write them: one key for the spellings of one name."""

from __future__ import annotations

import re
import unicodedata

_SPACE = re.compile(r"\s+")
_LEADING_ZERO = re.compile(r"\b0+(?=\d)")
_DASH = re.compile(r"\s*[-–—]\s*")


def name_key(name: str) -> str:
    """Return the key by which a name is matched (always together with a date).

    Composed and decomposed Unicode, letter case, runs of white space, dashes and leading zeros of
    numbers do not distinguish names; diacritics do.

    >>> name_key("Phường 05") == name_key("phường  5")
    True
    """
    text = unicodedata.normalize("NFC", name).casefold().strip()
    text = _DASH.sub(" - ", _SPACE.sub(" ", text))
    return _LEADING_ZERO.sub("", text)


def search_key(text: str) -> str:
    """Return the text without diacritics and in lower case, for searching.

    >>> search_key("Đất đai")
    'dat dai'
    """
    decomposed = unicodedata.normalize("NFD", text.replace("Đ", "D").replace("đ", "d"))
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    return _SPACE.sub(" ", bare).casefold().strip()
