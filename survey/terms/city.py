"""A city's own facts: names, languages, time zone, shape of a dossier code, thresholds."""

from __future__ import annotations

import re
import zoneinfo

import msgspec

from survey.terms.dossier import has_shape, normal_code
from survey.terms.problem import InvalidTermError


class Contact(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a citizen reports wrongdoing, and who answers for the data; texts by language.

    ``rights`` says which rights the law of the place gives to whoever rates, and which law that is.
    """

    report_phone: str = ""
    report_url: str = ""
    report: dict[str, str] = {}
    controller: dict[str, str] = {}
    rights: dict[str, str] = {}


class City(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Facts of one deployment. ``languages`` holds codes, the first language first.

    ``minimum_shown`` and ``minimum_badge`` are the numbers of answers from which a rate is shown
    and from which it gets a badge. ``publish_within_days`` is how soon after its end a period is
    to be published. ``phone_questionnaire`` is the name before the slash of the questionnaire that
    a citizen's own phone shows; ``kinds`` names the kinds of unit, by language.
    """

    code: str
    names: dict[str, str]
    languages: tuple[str, ...]
    time_zone: str
    phone_questionnaire: str
    dossier_pattern: str = r".+"
    dossier_example: str = ""
    minimum_shown: int = 10
    minimum_badge: int = 30
    publish_within_days: int = 15
    best_first: bool = True
    data_licence: str = "CC BY 4.0"
    kinds: dict[str, dict[str, str]] = {}
    contact: Contact = Contact()

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """The city's time zone."""
        return zoneinfo.ZoneInfo(self.time_zone)


def check_city(city: City) -> City:
    """Return the city unchanged if it is sound.

    Raises InvalidTermError with ``languages``, ``city_name``, ``time_zone``, ``dossier_pattern``,
    ``dossier_example``, ``kinds`` or ``minimum``.
    """
    if not city.languages or len(set(city.languages)) != len(city.languages):
        raise InvalidTermError("languages", "city.toml", str(city.languages))
    if set(city.names) != set(city.languages):
        raise InvalidTermError("city_name", "city.toml", str(sorted(city.names)))
    try:
        zoneinfo.ZoneInfo(city.time_zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidTermError("time_zone", "city.toml", city.time_zone) from error
    _check_dossiers(city)
    for kind, names in city.kinds.items():
        if set(names) != set(city.languages):
            raise InvalidTermError("kinds", "city.toml", kind)
    if not 1 <= city.minimum_shown <= city.minimum_badge:
        raise InvalidTermError("minimum", "city.toml")
    return city


def _check_dossiers(city: City) -> None:
    try:
        re.compile(city.dossier_pattern)
    except re.error as error:
        raise InvalidTermError("dossier_pattern", "city.toml", city.dossier_pattern) from error
    example = city.dossier_example
    if example and not has_shape(normal_code(example), city.dossier_pattern):
        raise InvalidTermError("dossier_example", "city.toml", example)
