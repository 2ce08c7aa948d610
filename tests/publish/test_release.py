"""Releases: a period and an edition of the whole city, frozen at a head."""

from __future__ import annotations

import datetime as dt
import threading

import msgspec
import pytest
import sqlalchemy as sa

from survey.db import reading
from survey.estimate.rates import Edition, estimate
from survey.ledger.tables import entry
from survey.publish.editions import (
    all_rates,
    city_rates,
    field_rates,
    newest,
    releases,
    timeliness,
    told_of_city,
    told_of_field,
    told_of_unit,
    unit_rates,
)
from survey.publish.release import ReleaseRefusedError, make_release
from survey.publish.verify import verify_release
from survey.tally.recount import kept, recount
from survey.terms.period import parse_period
from tests.fixtures.builders import (
    OFFICIAL,
    WARD,
    bring,
    dossiers,
    rating,
    ratings,
    totals,
    void,
)
from tests.fixtures.city import register_of
from tests.fixtures.crowd import patiently, together

NOW = dt.datetime(2026, 10, 15, 2, tzinfo=dt.UTC)


def make(engine, register, period="2026-Q3", now=NOW, **options):
    return make_release(engine, register, parse_period(period), now=now, **options)


def refusal(engine, register, period, **options):
    with pytest.raises(ReleaseRefusedError) as found:
        make(engine, register, period, **options)
    return found.value.code


def verified(engine, register):
    with reading(engine) as connection:
        return [verify_release(connection, register, each) for each in releases(connection)]


def test_a_release_holds_what_was_counted_and_reads_back(hcmc):
    register = register_of(hcmc)
    bring(hcmc, register, [*ratings(register, {5: 30, 1: 5}, **OFFICIAL), dossiers(resolved=9)])
    made = make(hcmc, register)
    assert (str(made.period), made.edition, made.head, made.replaces) == ("2026-Q3", 1, 36, None)
    assert made.made_at == NOW
    assert not made.preliminary
    with reading(hcmc) as connection:
        rates = all_rates(connection, made)
        assert newest(connection) == newest(connection, made.period) == made
        assert newest(connection, parse_period("2026-Q2")) is None
        ward = unit_rates(connection, made, WARD)
        assert {rate.field for rate in ward} == {None, "HTICH"}
        assert {rate.unit for rate in city_rates(connection, made)} == {None}
        assert {rate.unit for rate in field_rates(connection, made, "HTICH")} == {None, WARD}
        told = told_of_unit(connection, releases(connection), made, WARD)
        assert told.rates == ward
        assert told.history == [(made, [rate for rate in ward if rate.field is None])]
        assert told.timeliness == timeliness(connection, made, WARD)
        of_city = told_of_city(connection, releases(connection), made)
        assert of_city.rates == city_rates(connection, made)
        of_field = told_of_field(connection, releases(connection), made, "HTICH")
        assert of_field.rates == field_rates(connection, made, "HTICH")
        assert of_field.history == [(made, [rate for rate in of_field.rates if not rate.unit])]
    assert all((rate.answered, rate.satisfied) == (35, 30) for rate in rates)
    assert all((rate.head, rate.edition, rate.sample) == (36, 1, False) for rate in rates)
    assert verified(hcmc, register) == [None]


def test_a_period_that_has_not_ended_is_preliminary(hcmc):
    register = register_of(hcmc)
    assert refusal(hcmc, register, "2026-Q4") == "not_ended"
    assert refusal(hcmc, register, "2026-Q3", preliminary=True) == "ended"
    assert refusal(hcmc, register, "2027-Q1", preliminary=True) == "not_begun"
    assert make(hcmc, register, "2026-Q4", preliminary=True).preliminary
    final = dt.datetime(2027, 1, 5, tzinfo=dt.UTC)
    assert not make(hcmc, register, "2026-Q4", now=final, reason="Kỳ đã kết thúc").preliminary


@pytest.mark.parametrize(
    ("hour", "has_ended"), [("2026-09-30T16:59:59", False), ("2026-09-30T17:00:00", True)]
)
def test_a_period_ends_at_the_citys_midnight(hcmc, hour, has_ended):
    register = register_of(hcmc)
    now = dt.datetime.fromisoformat(hour).replace(tzinfo=dt.UTC)
    if has_ended:
        assert make(hcmc, register, now=now).edition == 1
    else:
        assert refusal(hcmc, register, "2026-Q3", now=now) == "not_ended"


def test_a_later_edition_says_why_and_the_old_one_stays(hcmc):
    register = register_of(hcmc)
    items = ratings(register, {5: 30, 1: 5}, **OFFICIAL)
    bring(hcmc, register, items)
    first = make(hcmc, register)
    assert refusal(hcmc, register, "2026-Q3", reason="  ") == "reason_missing"
    bring(hcmc, register, ratings(register, {5: 14}, **OFFICIAL), on="2026-10-20")
    void(hcmc, "response", items[0].body.id, on="2026-10-21")
    second = make(hcmc, register, reason="Phiếu đến muộn")
    assert (second.edition, second.replaces, second.head) == (2, 1, 50)
    assert second.report["entries_since_last_edition"] == {"response": 14, "void": 1}
    with reading(hcmc) as connection:
        old, new = (unit_rates(connection, each, WARD)[0] for each in (first, second))
        assert newest(connection, first.period) == second
        assert newest(connection, first.period, 1) == first
    assert (old.satisfied, old.answered, old.voided) == (30, 35, 0)
    assert (new.satisfied, new.answered, new.voided) == (43, 48, 1)
    assert verified(hcmc, register) == [None, None]


def test_runs_of_months_overlap_no_released_period(hcmc):
    register = register_of(hcmc)
    make(hcmc, register, "2026-Q3")
    assert refusal(hcmc, register, "2026-05..2026-08") == "overlap"
    assert refusal(hcmc, register, "2026-09..2026-10", preliminary=True) == "overlap"
    make(hcmc, register, "2026-03..2026-06")
    assert refusal(hcmc, register, "2026-Q2") == "overlap"
    assert refusal(hcmc, register, "2026-06") == "overlap"
    assert make(hcmc, register, "2026-07").edition == 1
    assert make(hcmc, register, "2026-03..2026-06", reason="x").edition == 2


def test_without_a_period_the_newest_quarter_leads(hcmc):
    register = register_of(hcmc)
    for period in ("2026-09", "2026-Q2", "2026-Q1"):
        make(hcmc, register, period)
    with reading(hcmc) as connection:
        found = newest(connection)
    assert found is not None
    assert str(found.period) == "2026-Q2"


def test_figures_of_a_release_are_those_of_its_head(hcmc):
    register = register_of(hcmc)
    bring(
        hcmc,
        register,
        [
            *ratings(register, {5: 12, 2: 3}, **OFFICIAL),
            totals({4: 6}, month="2026-08", source="national_portal"),
        ],
    )
    made = make(hcmc, register)
    edition = Edition(made.period, 1, made.head, "2026-10-15T02:00:00Z", False)
    with reading(hcmc) as connection:
        published = all_rates(connection, made)
        recounted = estimate(connection, register, edition, head=made.head)
    assert published
    shown = [msgspec.json.encode(rate) for rate in recounted]
    assert all(msgspec.json.encode(rate) in shown for rate in published if not rate.suppressed)


def test_writers_go_on_while_releases_are_made(hcmc):
    register = register_of(hcmc)
    bring(hcmc, register, ratings(register, {5: 20}, **OFFICIAL))
    done = threading.Event()
    made = []

    def write():
        while not done.is_set():
            patiently(bring, hcmc, register, [rating(register, 4, **OFFICIAL)])

    def release():
        try:
            for _ in range(3):
                made.append(patiently(make, hcmc, register, reason="Thử"))
        finally:
            done.set()

    together([write, write, release])
    assert verified(hcmc, register) == [None] * 3
    with reading(hcmc) as connection:
        for each in made:
            counts = recount(connection, head=each.head)
            counted = sum(c[0] for key, c in counts.items() if key[0] == "resolving")
            assert counted == each.head


def test_a_release_numbers_what_is_left(hcmc):
    register = register_of(hcmc)
    bring(hcmc, register, ratings(register, {5: 12}, **OFFICIAL))
    made = make(hcmc, register)
    with reading(hcmc) as connection:
        assert connection.execute(sa.select(sa.func.max(entry.c.number))).scalar() == made.head
        assert recount(connection, head=made.head) == kept(connection)
