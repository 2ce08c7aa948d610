"""Releases of a real ledger: what they hide can be recomputed from the ledger up to their head."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy.engine import Engine

from survey.db import reading
from survey.publish.editions import Release, all_rates, releases
from survey.publish.release import make_release
from survey.publish.verify import verify_release
from survey.terms.period import parse_period
from tests.fixtures.builders import OFFICIAL, WARD, WARD_B, bring, ratings, void
from tests.fixtures.city import register_of


@pytest.fixture
def made(hcmc: Engine) -> list[Release]:
    """A month, its quarter, the month again after late arrivals and a void, the quarter again."""
    register = register_of(hcmc)

    def rate(unit: str, field: str, number: int, day: str, on: str) -> list[object]:
        items = ratings(
            register,
            {5: number - 1, 2: 1},
            **OFFICIAL,
            receiving_unit=unit,
            resolving_unit=unit,
            field=field,
            service_on=day,
        )
        outcomes = bring(hcmc, register, items, on=on)
        assert {each.status for each in outcomes} == {"accepted"}
        return list(items)

    def release(period: str, on: str, reason: str = "") -> None:
        now = dt.datetime.fromisoformat(f"{on}T03:00:00+00:00")
        make_release(hcmc, register, parse_period(period), now=now, reason=reason)

    for unit, number in ((WARD, 40), (WARD_B, 15)):
        rate(unit, "HTICH", number, "2026-07-10", "2026-10-01")
        rate(unit, "DD", number + 10, "2026-08-10", "2026-10-01")
    rate(WARD, "CTHUC", 4, "2026-08-11", "2026-10-01")
    release("2026-07", "2026-10-02")
    release("2026-Q3", "2026-10-03")
    late = rate(WARD, "HTICH", 14, "2026-07-11", "2026-10-04")
    rate(WARD_B, "HTICH", 3, "2026-07-11", "2026-10-04")
    void(hcmc, "response", late[0].body.id, on="2026-10-05")  # type: ignore[attr-defined]
    release("2026-07", "2026-10-06", "Late ratings")
    release("2026-Q3", "2026-10-07", "Late ratings")
    rate(WARD, "HTICH", 30, "2026-07-12", "2026-10-08")
    with reading(hcmc) as connection:
        return sorted(releases(connection), key=lambda item: item.id)


def test_releases_hold_after_later_arrivals_and_voids(hcmc, made):
    register = register_of(hcmc)
    with reading(hcmc) as connection:
        assert [verify_release(connection, register, item) for item in made] == [None] * 4


def test_something_is_hidden_and_something_stays(hcmc, made):
    assert made[1].report["disclosure"]["small"] > 0
    assert made[1].report["disclosure"]["complement"] > 0
    assert made[3].report["disclosure"]["stays_as_before"] > 0
    with reading(hcmc) as connection:
        last = all_rates(connection, made[3])
    assert {rate.edition for rate in last if "earlier_edition" in rate.flags} == {1}
    assert all((rate.answered or 0) >= 10 for rate in last)
