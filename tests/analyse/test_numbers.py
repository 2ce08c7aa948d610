"""The analysts' numbers: those of the public, the same however they are cut."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest
from sqlalchemy.engine import Engine

from survey.analyse.counts import gather, spans_of
from survey.analyse.days import count_days
from survey.analyse.selection import Selection
from survey.analyse.view import count
from survey.db import reading
from survey.estimate.rate import Rate
from survey.estimate.rates import Edition, estimate
from survey.publish.editions import all_rates, releases
from survey.tally.recount import recount
from survey.terms.period import Period, parse_period
from tests.analyse.conftest import fill_cut_month
from tests.fixtures.builders import OVERALL, WARD, WARD_B
from tests.fixtures.city import register_of

NOW = dt.datetime(2026, 10, 20, tzinfo=dt.UTC)
EVIDENCE = (
    "measure", "official", "series", "unit", "unit_role", "field", "period", "days", "question",
    "scale", "satisfied_set", "satisfied", "answered", "outside_denominator", "repeats", "voided",
    "from_totals_share", "rate", "interval", "target", "reached_by_count", "verdict",
)  # fmt: skip


def selection(period: str = "2026-Q3", **changes: object) -> Selection:
    return Selection((parse_period(period),), **changes)  # type: ignore[arg-type]


def evidence(rate: Rate) -> tuple[object, ...]:
    return tuple(getattr(rate, name) for name in EVIDENCE)


def rates_of(engine: Engine, asked: Selection) -> list[Rate]:
    """Return the rates of every line of a view, all together last."""
    with reading(engine) as connection:
        found = count(connection, register_of(engine), asked, NOW)
    lines = [line for each in found.split for line in each.lines]
    lines += [line for each in [*found.split, *found.others] for line in each.totals]
    return [line.rate for line in lines if line.rate is not None]


@pytest.mark.parametrize(
    "changes",
    [
        {"by": "linh_vuc"},
        {"by": "don_vi"},
        {"by": "khong"},
        {"by": "linh_vuc", "units": (WARD,)},
        {"by": "don_vi", "fields": ("HTICH",)},
        {"by": "khong", "units": (WARD_B,), "fields": ("DD",)},
    ],
)
def test_a_released_quarter_has_the_published_rates(city: Engine, changes: dict[str, object]):
    with reading(city) as connection:
        public = {
            evidence(rate)
            for rate in all_rates(connection, releases(connection)[0])
            if not rate.suppressed and not rate.with_children
        }
    mine = {evidence(rate) for rate in rates_of(city, selection(**changes))}
    assert public & mine
    asked = [rate for rate in public if _is_in(rate, changes)]
    assert set(asked) <= mine


def _is_in(rate: tuple[object, ...], changes: dict[str, object]) -> bool:
    """Tell whether a published rate stands in a view: the same place, or one on its axis."""
    found = dict(zip(EVIDENCE, rate, strict=True))
    units, fields = changes.get("units"), changes.get("fields")
    unit, field = found["unit"], found["field"]
    if not found["official"]:  # a reference series is shown with all together only
        return unit == (units[0] if units else None) and field == (fields[0] if fields else None)  # type: ignore[index]
    is_unit = unit == (units[0] if units else None)  # type: ignore[index]
    is_field = field == (fields[0] if fields else None)  # type: ignore[index]
    match changes["by"]:
        case "linh_vuc":
            return is_unit
        case "don_vi":
            return is_field
        case _:
            return is_unit and is_field


def test_a_period_that_a_rule_cuts_has_the_estimated_rates(hcmc: Engine):
    register = register_of(hcmc)
    fill_cut_month(hcmc, register)
    period = parse_period("2025-Q2")
    with reading(hcmc) as connection:
        edition = Edition(period, 0, 0, "", False)
        wanted = {
            evidence(rate)
            for rate in estimate(connection, register, edition)
            if rate.official and rate.unit is None and not rate.with_children
        }
    mine = {evidence(rate) for rate in rates_of(hcmc, selection("2025-Q2")) if rate.official}
    assert len(wanted) == 4
    assert mine == wanted


@pytest.mark.parametrize(
    ("first", "last"), [("2025-06-01", "2025-06-18"), ("2025-06-19", "2025-06-30")]
)
def test_days_are_counted_as_a_recount_does(hcmc: Engine, first: str, last: str):
    register = register_of(hcmc)
    fill_cut_month(hcmc, register)
    days = dt.date.fromisoformat(first), dt.date.fromisoformat(last)
    with reading(hcmc) as connection:
        mine: Counter[object] = Counter()
        for *key, counts in count_days(connection, selection("2025-06"), *days):
            mine[tuple(key), counts] += 1
        wanted: Counter[object] = Counter()
        for key, counts in recount(connection, first_on=days[0], last_on=days[1]).items():
            role, unit, _, field, question, series, _, value = key
            wanted[(role, unit, field, question, series, value), counts] += 1
    assert _summed(mine) == _summed(wanted)


def _summed(found: Counter[object]) -> dict[object, list[int]]:
    sums: dict[object, list[int]] = {}
    for (key, counts), times in found.items():  # type: ignore[misc]
        held = sums.setdefault(key, [0, 0, 0, 0])
        for place, number in enumerate(counts):
            held[place] += times * number
    return sums


def test_every_axis_adds_up_to_the_same(city: Engine):
    totals = set()
    for by in ("linh_vuc", "don_vi", "thang", "chuoi", "nguoi_cam", "kenh", "khong"):
        with reading(city) as connection:
            found = count(connection, register_of(city), selection(by=by), NOW)
        lead = found.split[0]
        totals.add(
            (
                sum(line.sum.cell.answered for line in lead.lines),
                sum(line.sum.cell.satisfied for line in lead.lines),
            )
        )
    assert len(totals) == 1


def test_parts_of_a_measure_get_no_official_verdict(city: Engine):
    for changes in ({"by": "nguoi_cam"}, {"by": "kenh"}, {"by": "chuoi"}):
        found = rates_of(city, selection(units=(WARD,), **changes))
        official = [rate for rate in found if rate.official]
        assert [(rate.unit, rate.answered) for rate in official] == [(WARD, 153)]
    part = rates_of(city, selection(units=(WARD,), by="khong", patterns=("*/*/staff/*",)))
    assert {(rate.official, rate.measure, rate.answered) for rate in part} == {
        (False, "reference", 39)
    }


def test_the_patterns_of_the_rule_are_the_whole_measure(city: Engine):
    patterns = ("one_stop/*/*/*", "national_portal/*/*/*", "*/*/*/token")
    found = rates_of(city, selection(by="khong", patterns=patterns))
    assert {rate.official for rate in found} == {True}


def test_a_sum_of_chosen_units_is_held_against_no_target(city: Engine):
    found = rates_of(city, selection(by="linh_vuc", units=(WARD, WARD_B)))
    assert found
    assert {rate.target for rate in found} == {None}
    apart = rates_of(city, selection(by="don_vi", units=(WARD, WARD_B)))
    assert [rate.target is None for rate in apart[:2]] == [False, False]


def test_overlapping_periods_each_count_what_is_theirs(city: Engine):
    periods = tuple(parse_period(text) for text in ("2026-Q3", "2026-07", "2026-08..2026-09"))
    asked = Selection(periods, by="khong")
    found = [rate for rate in rates_of(city, asked) if rate.official]
    numbers = {rate.period: rate.answered for rate in found}
    assert numbers["2026-Q3"] == numbers["2026-07"] + numbers["2026-08..2026-09"]  # type: ignore[operator]


def test_a_single_statement_counts_a_period_without_its_months(city: Engine):
    """What is summed in the database and what is summed month by month is the same."""
    register = register_of(city)
    asked = selection(by="don_vi")
    with reading(city) as connection:
        spans = spans_of(register, asked.periods)
        whole = gather(connection, register, asked, spans, "don_vi")
        months = spans_of(register, [Period(m, m) for m in asked.periods[0].months])
        parts = gather(connection, register, asked, months, "don_vi")
    sums: Counter[object] = Counter()
    for key, counted in parts.items():
        sums[key.at, key.unit_role, key.question, key.series] += counted.cell.answered
    assert dict(sums) == {
        (key.at, key.unit_role, key.question, key.series): counted.cell.answered
        for key, counted in whole.items()
    }
    assert {question for _, _, question, _ in sums} == {OVERALL}  # type: ignore[misc]
