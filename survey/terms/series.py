"""Series: where a rating comes from and who held the device. Never pooled but by a rule."""

from __future__ import annotations

from typing import Final

import msgspec

from survey.terms.problem import InvalidTermError

SOURCES: Final = (
    "own",
    "one_stop",
    "national_portal",
    "agency_survey",
    "institute_survey",
    "sector_survey",
)
DELIVERED: Final = tuple(source for source in SOURCES if source != "own")
"""Sources of files. What this system takes itself comes with a token, a link or a signature; a file
that says so proves nothing."""
CHANNELS: Final = (
    "phone",
    "kiosk",
    "tablet",
    "paper",
    "desk",
    "portal",
    "sms",
    "interview",
    "unknown",
)
HOLDERS: Final = ("citizen", "staff", "interviewer", "unknown")
ASSURANCES: Final = ("open", "claimed", "token", "vouched")
OCCASIONS: Final = ("receipt", "supplement", "refusal", "return", "unknown")

_PARTS: Final = (
    ("source", SOURCES),
    ("channel", CHANNELS),
    ("holder", HOLDERS),
    ("assurance", ASSURANCES),
)


class Series(msgspec.Struct, frozen=True, order=True):
    """A series of ratings; ``str(series)`` is the key used in tables and in CSV.

    Raises InvalidTermError (``source``, ``channel``, ``holder``, ``assurance``) for a word that
    is none of the vocabulary.
    """

    source: str
    channel: str
    holder: str
    assurance: str

    def __post_init__(self) -> None:
        for name, words in _PARTS:
            if getattr(self, name) not in words:
                raise InvalidTermError(name, detail=str(getattr(self, name)))

    def __str__(self) -> str:
        return f"{self.source}/{self.channel}/{self.holder}/{self.assurance}"


def parse_series(text: str) -> Series:
    """Parse ``source/channel/holder/assurance``.

    >>> parse_series("own/phone/citizen/open").channel
    'phone'
    """
    parts = text.split("/")
    if len(parts) != len(_PARTS):
        raise InvalidTermError("series", detail=text)
    return Series(*parts)


def matches(series: Series, pattern: str) -> bool:
    """Tell whether a series fits a pattern such as ``one_stop/*/*/*`` or ``*/*/*/token``.

    Raises InvalidTermError (``series_pattern``) for a malformed pattern.
    """
    words = check_pattern(pattern).split("/")
    own = (series.source, series.channel, series.holder, series.assurance)
    return all(word in ("*", part) for word, part in zip(words, own, strict=True))


def check_pattern(pattern: str) -> str:
    """Return the pattern unchanged; raises InvalidTermError (``series_pattern``) if malformed."""
    words = pattern.split("/")
    if len(words) != len(_PARTS) or any(
        word != "*" and word not in vocabulary
        for word, (_, vocabulary) in zip(words, _PARTS, strict=True)
    ):
        raise InvalidTermError("series_pattern", detail=pattern)
    return pattern


_RANK: Final = {"token": 0, "vouched": 1, "claimed": 2, "open": 3}


def precedence(series: Series) -> tuple[int, int]:
    """Rank of a rating among those of one dossier: the smallest counts.

    Token before vouched before claimed, and a device in the citizen's own hands before any other.
    """
    return _RANK[series.assurance], 0 if series.holder == "citizen" else 1
