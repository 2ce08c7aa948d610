"""Dossier counts add up over units, fields and months, whatever their sources leave out."""

from __future__ import annotations

from sqlalchemy.engine import Engine

from survey.db import reading
from survey.tally.dossiers import DossierCounts, Parts, dossier_counts
from survey.terms.period import parse_period
from tests.fixtures.builders import bring, dossiers
from tests.fixtures.city import register_of


def _parts(resolved: int, early: int | None, on_time: int | None, late: int | None) -> Parts:
    return {
        "received": resolved,
        "resolved": resolved,
        "early": early,
        "on_time": on_time,
        "late": late,
        "pending": 0,
    }


def _sum(*rows: Parts) -> Parts:
    counts = DossierCounts(
        frozenset({"2026-07"}), {(None, "DD"): [("2026-07", row) for row in rows]}
    )
    found = counts.over(None, ["DD"])
    assert found is not None
    return found


def test_one_source_that_folds_early_into_on_time_makes_the_sum_do_so() -> None:
    split, folded = _parts(100, 60, 35, 5), _parts(50, None, 48, 2)
    found = _sum(split, folded)
    assert (found["early"], found["on_time"], found["late"]) == (None, 143, 7)
    assert found["resolved"] == 150


def test_without_such_a_source_early_stays_apart() -> None:
    found = _sum(_parts(100, 60, 35, 5), _parts(50, 20, 28, 2))
    assert (found["early"], found["on_time"], found["late"]) == (80, 63, 7)


def test_a_source_that_says_neither_makes_both_unknown() -> None:
    found = _sum(_parts(100, 60, 35, 5), _parts(50, None, None, 2))
    assert (found["early"], found["on_time"], found["late"]) == (None, None, 7)


HALF_YEAR = ("2026-04", "2026-05", "2026-06")


def _months(*pending: int | None) -> list[tuple[str, Parts]]:
    counted = zip(HALF_YEAR, pending, strict=False)
    return [(month, _parts(10, 5, 4, 1) | {"pending": left}) for month, left in counted]


def test_what_is_pending_is_that_of_the_last_month() -> None:
    rows = {("A", "DD"): _months(30, 20, 7), ("B", "DD"): _months(9, 8)}
    counts = DossierCounts(frozenset(HALF_YEAR), rows)
    assert counts.part("A", "DD", "pending") == 7
    assert counts.part("A", "DD", "resolved") == 30
    found = counts.over("B", ["DD"])
    assert found is not None
    assert (found["resolved"], found["pending"]) == (20, None)


def test_a_unit_that_came_or_went_needs_counts_of_its_own_months_only(hcmc: Engine) -> None:
    """A ward of 2025-07-01, and one of those before it, in a year with counts of all its months."""
    register = register_of(hcmc)
    before, after = "26740A", "26740C"
    months = [f"2025-{month:02}" for month in range(1, 13)]
    counted = [
        dossiers(unit=before if month <= "2025-06" else after, month=month, resolved=10)
        for month in months
    ]
    bring(hcmc, register, [*counted[:5], *counted[6:]], on="2026-01-05")
    year = parse_period("2025")
    with reading(hcmc) as connection:
        found = dossier_counts(connection, register, year)
    assert found.part(after, "HTICH", "resolved") == 60
    assert found.part(before, "HTICH", "resolved") is None  # June is not there
    assert found.units() == [after]
    bring(hcmc, register, counted[5:6], on="2026-01-06")
    with reading(hcmc) as connection:
        found = dossier_counts(connection, register, year)
    assert found.units() == [None, before, after]
    assert found.part(None, None, "resolved") == 120
