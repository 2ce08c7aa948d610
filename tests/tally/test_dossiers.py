"""Dossier counts add up over units, fields and months, whatever their sources leave out."""

from __future__ import annotations

from survey.tally.dossiers import DossierCounts, Parts


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
