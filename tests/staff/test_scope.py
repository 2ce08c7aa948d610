"""Own units: the tree of the day, and those that it succeeded, in a made-up history."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from survey.register.items import Succession, Unit
from survey.staff.scope import own_units
from tests.fixtures.city import register_of

OLD, CHANGE, TODAY = dt.date(2020, 1, 1), dt.date(2025, 7, 1), dt.date(2026, 10, 1)


def unit(code, parent=None, valid_from=OLD, valid_to=None):
    return Unit(
        code=code,
        name=code,
        names={},
        kind="ward",
        parent=parent,
        valid_from=valid_from,
        valid_to=valid_to,
    )


@pytest.fixture
def register(hcmc):
    """A became part of B's child C; D split into C and E; F goes on beside G, split from it."""
    ended = CHANGE - dt.timedelta(days=1)
    units = [
        unit("A", valid_to=ended),
        unit("B"),
        unit("C", parent="B", valid_from=CHANGE),
        unit("C2", parent="C", valid_from=CHANGE),
        unit("D", valid_to=ended),
        unit("D0", valid_to=dt.date(2022, 1, 1)),
        unit("E", valid_from=CHANGE),
        unit("F"),
        unit("G", valid_from=CHANGE),
        unit("H", parent="B", valid_to=ended),
        unit("I", parent="B", valid_from=dt.date(2027, 1, 1)),
    ]
    successions = [
        Succession(unit="A", successor="C", kind="merge", happened_on=CHANGE),
        Succession(unit="D", successor="C", kind="split", happened_on=CHANGE),
        Succession(unit="D", successor="E", kind="split", happened_on=CHANGE),
        Succession(unit="D0", successor="D", kind="merge", happened_on=dt.date(2022, 1, 2)),
        Succession(unit="F", successor="G", kind="split", happened_on=CHANGE),
    ]
    return replace(
        register_of(hcmc),
        units={each.code: each for each in units},
        successions=tuple(successions),
    )


@pytest.mark.parametrize(
    ("own", "on", "reached"),
    [
        ("B", TODAY, "B C C2 A D D0"),
        ("C", TODAY, "C C2 A D D0"),
        ("C2", TODAY, "C2"),
        ("E", TODAY, "E D D0"),
        ("G", TODAY, "G"),  # F goes on: its ratings are its own
        ("F", TODAY, "F"),
        ("A", TODAY, ""),  # gone: C keeps its records
        ("B", CHANGE - dt.timedelta(days=1), "B H"),
        ("A", CHANGE - dt.timedelta(days=1), "A"),
        ("C", CHANGE - dt.timedelta(days=1), ""),
        ("nowhere", TODAY, ""),
        (None, TODAY, ""),
    ],
)
def test_own_units_are_those_of_the_day_and_whom_they_succeeded(register, own, on, reached):
    assert own_units(register, own, on) == frozenset(reached.split())
