"""Which units belong to an officer's own, on a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable

from survey.register.snapshot import Register


def own_units(register: Register, unit: str | None, on: dt.date) -> frozenset[str]:
    """Return the codes of a unit, its children to any depth, and whom these succeeded.

    Children are those of that day. A predecessor belongs to its successors once it is no longer
    in force: its old ratings stay readable by whoever does its work. A unit that is not in force
    on that day, or is unknown, reaches nothing, itself included: its successor keeps the records.
    """
    if unit is None or register.unit_on(unit, on) is None:
        return frozenset()
    present = _closure([unit], lambda code: register.children(code, on))

    def dissolved(code: str) -> Iterable[str]:
        for each in register.predecessors(code):
            if each.happened_on <= on and register.unit_on(each.unit, on) is None:
                yield each.unit

    return _closure(present, dissolved)


def _closure(start: Iterable[str], following: Callable[[str], Iterable[str]]) -> frozenset[str]:
    found: set[str] = set()
    waiting = list(start)
    while waiting:
        code = waiting.pop()
        if code not in found:
            found.add(code)
            waiting.extend(following(code))
    return frozenset(found)
