"""Unit names as people write them: one key for the spellings of one name."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_SPACE = re.compile(r"\s+")
_LEADING_ZERO = re.compile(r"\b0+(?=\d)")
_DASH = re.compile(r"\s*[-–—]\s*")
_TONE_MARKS = "\u0300\u0301\u0303\u0309\u0323"
_EARLY_TONE = re.compile(rf"(o)([{_TONE_MARKS}])([ae])(?!\w)|(u)([{_TONE_MARKS}])(y)(?!\w)")


@lru_cache(maxsize=8192)  # the same few hundred names stand in every row of a file
def name_key(name: str) -> str:
    """Return the key by which a name is matched (always together with a date).

    Composed and decomposed Unicode, letter case, runs of white space, dashes, leading zeros of
    numbers and the place of a tone mark (``Hòa``, ``Hoà``) do not distinguish names; diacritics do.

    >>> name_key("Phường 05") == name_key("phường  5")
    True
    """
    text = unicodedata.normalize("NFD", name.casefold()).strip()
    text = unicodedata.normalize("NFC", _EARLY_TONE.sub(_late_tone, text))
    text = _DASH.sub(" - ", _SPACE.sub(" ", text))
    return _LEADING_ZERO.sub("", text).strip()


def _late_tone(match: re.Match[str]) -> str:
    first, tone, second = (part for part in match.groups() if part is not None)
    return f"{first}{second}{tone}"


def search_key(text: str) -> str:
    """Return the text without diacritics and in lower case, for searching.

    >>> search_key("Đất đai")
    'dat dai'
    """
    decomposed = unicodedata.normalize("NFD", text.replace("Đ", "D").replace("đ", "d"))
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    return _SPACE.sub(" ", bare).casefold().strip()
