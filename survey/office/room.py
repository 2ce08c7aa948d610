"""What the pages of the office have in common: a unit that must be there, and a few words."""

from __future__ import annotations

from flask import abort

from survey.estimate.rate import SeriesKey
from survey.ledger.tables import UNKNOWN
from survey.publish import wording
from survey.register.snapshot import Register
from survey.staff.guard import demand_unit
from survey.terms.response import UNCLASSIFIED
from survey.web.language import current_language
from survey.web.texts import gettext


def demand_known_unit(register: Register, code: str) -> None:
    """Answer 403 for a unit that the view's right does not cover, 404 for one that is none."""
    demand_unit(code)
    if code not in register.units:
        abort(404)


def unit_words(register: Register, code: str) -> str:
    """Name a unit in the language of the page."""
    if code == UNKNOWN:
        return gettext("không rõ đơn vị")
    return register.unit_name(code, current_language())


def field_words(register: Register, code: str) -> str:
    """Name a field in the language of the page."""
    if code == UNCLASSIFIED:
        return gettext("chưa rõ lĩnh vực")
    return register.field_name(code, current_language())


def series_words(series: str) -> str:
    """Describe a series: source, channel, who held the device, who vouches for it."""
    parts = series.split("/")
    return wording.series_sentence(SeriesKey(*parts)) if len(parts) == 4 else series
