"""What the filter's inputs propose: units, fields and series, by code and name."""

from __future__ import annotations

from dataclasses import dataclass

from survey.analyse.selection import Selection
from survey.publish import wording
from survey.publish.rows import name_order
from survey.register.snapshot import Register
from survey.terms.series import SOURCES
from survey.web.texts import gettext


@dataclass(frozen=True)
class Offers:
    """Pairs of what is typed and what it means."""

    units: tuple[tuple[str, str], ...]
    fields: tuple[tuple[str, str], ...]
    series: tuple[tuple[str, str], ...]


def offers(register: Register, selection: Selection | None, language: str) -> Offers:
    """Return what can be typed: units and fields of the view's periods, patterns of series.

    Without a view they are those that have not ended.
    """
    if selection is None:
        units = [unit for unit in register.units.values() if unit.valid_to is None]
        fields = [field for field in register.fields.values() if field.valid_to is None]
    else:
        first = min(period.first_on for period in selection.periods)
        last = max(period.last_on for period in selection.periods)
        units = list(register.units_in_force(first, last))
        fields = [field for field in register.fields.values() if field.overlaps(first, last)]
    return Offers(
        units=_by_name([(unit.code, register.unit_name(unit.code, language)) for unit in units]),
        fields=_by_name(
            [(field.code, register.field_name(field.code, language)) for field in fields]
        ),
        series=_patterns(register),
    )


def _by_name(pairs: list[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(pairs, key=lambda pair: (name_order(pair[1]), pair[0])))


def _patterns(register: Register) -> tuple[tuple[str, str], ...]:
    """Return the patterns of the rules, those of each source, and those of each holder."""
    ruled = [
        pattern for rule in register.rules if rule.kind == "ratings" for pattern in rule.series
    ]
    found = {pattern: gettext("trong quy định tính tỷ lệ chính thức") for pattern in ruled}
    for source in SOURCES:
        found.setdefault(f"{source}/*/*/*", str(wording.SOURCES.get(source, source)))
    for holder in ("citizen", "staff", "interviewer"):
        found.setdefault(f"*/*/{holder}/*", str(wording.HOLDERS.get(holder, holder)))
    return tuple(found.items())
