"""Which target binds a rate: no row in the register, no verdict."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from survey.register.snapshot import Register
from survey.terms.measure import Target

Level = str


def targets_in_force(
    register: Register, measures: Iterable[str], level: Level, on: dt.date
) -> list[Target]:
    """Return the targets of these measures at a level (``city`` or ``unit``) on a day."""
    wanted = set(measures)
    return [
        target
        for target in register.targets
        if target.measure in wanted and target.level == level and target.in_force(on)
    ]


def binds(register: Register, target: Target, field: str | None) -> bool:
    """Tell whether a target binds the rate of one field, or of all fields together (None)."""
    selector = target.selector
    if field is None:
        return selector.kind == "all" and not selector.names
    if selector.kind == "field":
        return selector.names == (field,)
    return selector.kind == "each" and field not in _members(register, selector.names)


def fields_of(register: Register, target: Target, known: Iterable[str]) -> list[str] | None:
    """Return which of the known fields a target sums, or None where it sums none.

    ``all``, ``all-except`` and ``group`` sum; ``each`` and ``field`` bind single fields.
    """
    selector = target.selector
    members = _members(register, selector.names)
    if selector.kind == "all":
        return [field for field in known if field not in members]
    if selector.kind == "group":
        return [field for field in known if field in members]
    return None


def _members(register: Register, groups: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for group in groups:
        known = register.field_groups.get(group)
        found |= set(known.fields if known is not None else ())
    return found
