"""Rates with their evidence: the contract's example, sums, rules apart, reference series."""

from __future__ import annotations

import datetime as dt
import itertools
from collections import Counter

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from survey.db import reading
from survey.estimate.groups import stretches
from survey.estimate.rate import Rate, suppress_rate
from survey.estimate.rates import Edition, estimate
from survey.estimate.timeliness import timeliness
from survey.ledger.sequencer import sequence
from survey.terms.period import parse_period
from tests.fixtures.builders import (
    OFFICIAL,
    OVERALL,
    PHONE,
    WARD,
    WARD_B,
    bring,
    dossier_of,
    dossiers,
    rating,
    ratings,
    totals,
    void,
)
from tests.fixtures.city import register_of

TOKEN = PHONE | {"assurance": "token"}
PORTAL = {
    "source": "national_portal",
    "channel": "portal",
    "holder": "citizen",
    "assurance": "vouched",
}


def rates_of(engine, register, period="2026-Q3", head=None) -> list[Rate]:
    edition = Edition(parse_period(period), 1, 1843022, "2026-10-15T02:00:00Z", False)
    with reading(engine) as connection:
        return estimate(connection, register, edition, head=head)


def one(rates, **wanted) -> Rate:
    wanted = {"with_children": False, "days": None, "question": OVERALL} | wanted
    found = [rate for rate in rates if all(getattr(rate, name) == v for name, v in wanted.items())]
    assert len(found) == 1, [(each.measure, each.unit, each.field, each.days) for each in found]
    return found[0]


def test_the_example_of_the_contract(hcmc):
    register = register_of(hcmc)
    place = {"field": "DD", "resolving_unit": WARD}
    vouched = ratings(register, {5: 900, 4: 290, 2: 60}, **place, **OFFICIAL)
    first = dossier_of(1)
    given_by_token = [
        rating(register, 5, dossier=dossier_of(n), **place, **TOKEN) for n in (1, 2, 3)
    ] + ratings(register, {1: 5}, **place, **TOKEN)
    repeated = [rating(register, 1, dossier=first, **place, **OFFICIAL) for _ in range(3)]
    wrong = ratings(register, {5: 2}, **place, **OFFICIAL)
    bring(hcmc, register, [*vouched, *given_by_token, *repeated, *wrong])
    for item in wrong:
        void(hcmc, "response", item.body.id)
    months = (("2026-07", 1400), ("2026-08", 1300), ("2026-09", 1400))
    bring(hcmc, register, [dossiers(field="DD", month=m, resolved=n) for m, n in months])
    rate = one(rates_of(hcmc, register), unit=WARD, field="DD", measure="field_ratings")
    found = msgspec.json.decode(msgspec.json.encode(rate))
    assert found == {
        "measure": "field_ratings",
        "official": True,
        "series": [OFFICIAL, TOKEN],
        "unit": "26740C",
        "unit_role": "resolving",
        "with_children": False,
        "field": "DD",
        "period": "2026-Q3",
        "days": None,
        "edition": 1,
        "question": "one-stop.overall/1",
        "scale": "hai-long-5/1",
        "satisfied_set": [4, 5],
        "questionnaires": ["one-stop/2"],
        "satisfied": 1193,
        "answered": 1258,
        "outside_denominator": 0,
        "repeats": 3,
        "voided": 2,
        "from_totals_share": 0.0,
        "rate": 0.948331,
        "interval": {"method": "wilson", "level": 0.95, "low": 0.934676, "high": 0.959255},
        "target": {
            "value": "0.91",
            "comparator": ">=",
            "source": "4832/QĐ-UBND I.2.3 b",
            "basis": "derived",
        },
        "reached_by_count": True,
        "verdict": "met",
        "dossiers": 4100,
        "coverage": 0.306829,
        "bounds": {"low": 0.290976, "high": 0.984146},
        "per_100_dossiers": None,
        "flags": [],
        "suppressed": False,
        "sample": False,
        "head": 1843022,
        "as_of": "2026-10-15T02:00:00Z",
    }


@pytest.mark.parametrize("resolved", [0, 4])
def test_more_ratings_than_dossiers_give_no_coverage_and_a_flag(hcmc, resolved):
    register = register_of(hcmc)
    bring(hcmc, register, ratings(register, {5: 5}, **OFFICIAL))
    bring(hcmc, register, [dossiers(resolved=resolved)])
    rate = one(rates_of(hcmc, register, "2026-07"), unit=WARD, field="HTICH")
    assert (rate.coverage, rate.bounds, rate.flags) == (None, None, ("n_exceeds_dossiers",))
    assert rate.dossiers == resolved


def test_dossiers_of_part_of_the_period_are_none(hcmc):
    register = register_of(hcmc)
    bring(hcmc, register, [*ratings(register, {5: 5}, **OFFICIAL), dossiers(resolved=40)])
    rate = one(rates_of(hcmc, register), unit=WARD, field="HTICH")
    assert (rate.dossiers, rate.coverage, rate.per_100_dossiers) == (None, None, None)


def test_a_cell_whose_ratings_were_all_voided_has_no_rate(hcmc):
    register = register_of(hcmc)
    item = rating(register, 5, **OFFICIAL)
    bring(hcmc, register, [item])
    void(hcmc, "response", item.body.id)
    rate = one(rates_of(hcmc, register), unit=WARD, field="HTICH")
    assert (rate.verdict, rate.rate, rate.interval) == ("no_ratings", None, None)
    assert (rate.answered, rate.voided, rate.reached_by_count) == (0, 1, None)


def test_totals_show_their_share(hcmc):
    register = register_of(hcmc)
    bring(hcmc, register, [totals({5: 30, 2: 10}), *ratings(register, {5: 60}, **TOKEN)])
    rate = one(rates_of(hcmc, register), unit=WARD, field="HTICH", measure="field_ratings")
    assert (rate.satisfied, rate.answered, rate.from_totals_share) == (90, 100, 0.4)


def test_dont_know_is_outside_the_denominator(london):
    register = register_of(london)
    series = OFFICIAL | {"source": "agency_survey", "assurance": "open"}
    place = {"receiving_unit": "GP-EARLS", "resolving_unit": "GP-EARLS"}
    items = [
        rating(
            register,
            0,
            questionnaire_id="fft/1",
            field="gp.consultation",
            language="en",
            answers={"fft.recommend/1": (value,)},
            **place,
            **series,
        )
        for value in (5, 4, 3, 0, 0)
    ]
    bring(london, register, items)
    rate = one(
        rates_of(london, register),
        unit="GP-EARLS",
        field="gp.consultation",
        question="fft.recommend/1",
    )
    assert (rate.satisfied, rate.answered, rate.outside_denominator) == (2, 3, 2)
    assert rate.target is not None
    assert rate.target.value == "0.91"


def test_reference_series_are_never_pooled_and_never_official(hcmc):
    register = register_of(hcmc)
    kiosk = PHONE | {"channel": "kiosk"}
    bring(hcmc, register, ratings(register, {5: 3, 1: 1}, **PHONE))
    bring(hcmc, register, ratings(register, {5: 2}, **kiosk))
    bring(hcmc, register, [*ratings(register, {4: 7}, **OFFICIAL), dossiers(resolved=50)])
    rates = rates_of(hcmc, register, "2026-07")
    found = {
        tuple(series.channel for series in rate.series): rate
        for rate in rates
        if rate.unit == WARD and rate.field is None
    }
    assert set(found) == {("phone",), ("kiosk",), ("desk",)}
    assert [found[key].answered for key in (("phone",), ("kiosk",), ("desk",))] == [4, 2, 7]
    for rate in rates:
        assert len(rate.series) == 1
        assert rate.official == (rate.measure == "field_ratings")
        assert rate.official == (rate.series[0].source == "one_stop")
        assert rate.verdict in ("met", "not_met", "not_enough") or rate.target is None
    phone = one(rates, unit=WARD, field="HTICH", unit_role="receiving", answered=4)
    assert (phone.measure, phone.coverage, phone.per_100_dossiers) == ("reference", None, 8.0)


def test_a_desk_series_is_the_receiving_units_and_an_official_rate_the_resolving_units(hcmc):
    register = register_of(hcmc)
    places = {"receiving_unit": WARD, "resolving_unit": WARD_B}
    bring(hcmc, register, ratings(register, {5: 2}, **places, **OFFICIAL))
    bring(hcmc, register, ratings(register, {5: 3}, **places, **PHONE))
    rates = rates_of(hcmc, register)
    assert {rate.unit for rate in rates if rate.official} == {None, WARD_B}
    assert {rate.unit for rate in rates if not rate.official} == {None, WARD}


def days_of(rates):
    return {
        rate.days: rate
        for rate in rates
        if rate.official and rate.unit is None and rate.field is None
    }


def test_a_change_of_rule_inside_a_period_keeps_both_rates_apart(hcmc):
    register = register_of(hcmc)
    place = {"receiving_unit": "26740A", "resolving_unit": "26740A"}
    place["questionnaire_id"] = "one-stop/1"
    days = ["2025-04-01", "2025-06-01", "2025-06-18", "2025-06-19", "2025-06-30"]
    items = []
    for number, day in enumerate(days, start=1):
        items += ratings(register, {5: number, 1: 1}, day=day, **place, **OFFICIAL)
        items += ratings(register, {4: 10 * number}, day=day, **place, **PORTAL)
    late_total = totals({5: 500}, unit="26740A", month="2025-06", **TOKEN)
    bring(hcmc, register, [*items, late_total], on="2025-07-01")
    rates = rates_of(hcmc, register, "2025-Q2")
    before, after = "2025-04-01/2025-06-18", "2025-06-19/2025-06-30"
    assert {key: (r.satisfied, r.answered) for key, r in days_of(rates).items()} == {
        before: (6, 9),
        after: (9 + 90 + 500, 11 + 90 + 500),
    }
    reference = [r for r in rates if not r.official and r.unit is None and r.field is None]
    assert [(r.days, r.answered, r.series[0].source) for r in reference] == [
        (before, 60, "national_portal")
    ]
    assert all(rate.dossiers is None for rate in rates)
    head = sequence(hcmc)
    assert rates_of(hcmc, register, "2025-Q2", head=head) == rates
    later = rates_of(hcmc, register, "2025-Q3")
    assert later == []


def test_stretches_cover_a_period_without_overlap(hcmc):
    register = register_of(hcmc)
    day = dt.timedelta(days=1)
    for text in ("2025-06", "2025-Q2", "2025", "2025-05..2025-07", "2026-Q3", "2025-07"):
        period = parse_period(text)
        found = stretches(register, period)
        assert (found[0][0], found[-1][1]) == (period.first_on, period.last_on)
        for (_, last), (first, _) in itertools.pairwise(found):
            assert first == last + day
        cut = period.first_on < dt.date(2025, 6, 19) <= period.last_on
        assert len(found) == (2 if cut else 1)


@pytest.mark.parametrize("period", ["2025-05", "2025-Q2", "2025"])
def test_with_its_children_is_another_row(hcmc, period):
    register = register_of(hcmc)
    items = []
    for unit, count in (("760A", 2), ("26734A", 3), ("26740A", 4)):
        place = {"receiving_unit": unit, "resolving_unit": unit}
        items += ratings(
            register,
            {5: count},
            day="2025-05-10",
            questionnaire_id="one-stop/1",
            **place,
            **OFFICIAL,
        )
    bring(hcmc, register, items)
    rates = [
        rate
        for rate in rates_of(hcmc, register, period)
        if rate.unit == "760A" and rate.field is None
    ]
    assert {rate.with_children: rate.answered for rate in rates} == {False: 2, True: 9}
    assert all(rate.dossiers is None for rate in rates if rate.with_children)


def test_a_suppressed_rate_gives_nothing_away(hcmc):
    register = register_of(hcmc)
    bring(hcmc, register, ratings(register, {5: 5}, **OFFICIAL))
    rate = one(rates_of(hcmc, register), unit=WARD, field="HTICH")
    hidden = msgspec.to_builtins(suppress_rate(rate))
    numbers = {
        name
        for name, value in hidden.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }
    assert hidden["suppressed"] is True
    assert numbers == {"edition", "head"}
    assert hidden["interval"] is hidden["bounds"] is None


def test_on_time_shares_keep_parts_that_do_not_add_up(hcmc):
    register = register_of(hcmc)
    items = [
        dossiers(field="HTICH", resolved=100, early=40, on_time=58, late=1),
        dossiers(field="DD", resolved=50, early=0, on_time=48, late=2),
    ]
    bring(hcmc, register, items)
    with reading(hcmc) as connection:
        rows = timeliness(connection, register, parse_period("2026-07"))
    found = {(row.unit, row.fields): row for row in rows}
    other = found[WARD, "field:HTICH"]
    assert (other.measure, other.share, other.missing) == ("on_time", 0.98, 1)
    assert other.reached_by_count is True
    land = found[WARD, "group:land"]
    assert (land.measure, land.share, land.reached_by_count) == ("late", 0.04, False)


cells = st.dictionaries(
    st.tuples(st.sampled_from([WARD, WARD_B, "26743C"]), st.sampled_from(["HTICH", "DD", "GDDT"])),
    st.tuples(st.integers(0, 6), st.integers(0, 4)),
    min_size=1,
    max_size=6,
)


@settings(max_examples=settings.default.max_examples // 5, suppress_health_check=list(HealthCheck))
@given(drawn=cells)
def test_units_sum_to_the_city_and_fields_to_all(hcmc, drawn):
    register = register_of(hcmc)
    fields = [code for code in ("HTICH", "DD", "GDDT") if code in register.fields]
    items = [
        item
        for (unit, field), (good, bad) in drawn.items()
        if field in fields
        for item in ratings(
            register, {5: good, 2: bad}, field=field, resolving_unit=unit, **OFFICIAL
        )
    ]
    bring(hcmc, register, items)
    rates = [rate for rate in rates_of(hcmc, register) if rate.official]
    by_field: Counter = Counter()
    by_unit: Counter = Counter()
    for rate in rates:
        assert rate.satisfied is not None
        assert rate.answered is not None
        counts = Counter(satisfied=rate.satisfied, answered=rate.answered)
        if rate.field is not None:
            by_field.update({(rate.unit, name): n for name, n in counts.items()})
        if rate.unit is not None:
            by_unit.update({(rate.field, name): n for name, n in counts.items()})
    for rate in rates:
        if rate.field is None:
            assert by_field[rate.unit, "answered"] == rate.answered
            assert by_field[rate.unit, "satisfied"] == rate.satisfied
        if rate.unit is None:
            assert by_unit[rate.field, "answered"] == rate.answered
            assert by_unit[rate.field, "satisfied"] == rate.satisfied
