"""Every case that the sample is there to show, looked for in what was published."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from survey.db import reading
from survey.estimate.rate import Rate
from survey.ledger.tables import comment, counted, dossier_count, response, set_aside, void
from survey.publish.editions import (
    Release,
    all_rates,
    city_rates,
    newest,
    releases,
    timeliness,
    unit_rates,
)
from survey.publish.verify import verify_release
from survey.register.snapshot import Register, load
from survey.sample.cast import Cast, make_cast
from survey.sample.incidents import LATE_ARRIVALS
from survey.tally.recount import differences
from survey.tally.tables import tally
from survey.terms.period import parse_period

QUARTERS = ["2025-Q1", "2025-Q2", "2025-Q3", "2025-Q4", "2026-Q1", "2026-Q2", "2026-Q3"]
EVERY = [(quarter, 1) for quarter in QUARTERS]
EVERY += [("2026-Q2", 2), ("2025", 1), ("2026-07", 1), ("2026-08", 1), ("2026-09", 1)]
LAST = parse_period("2026-Q3")


@pytest.fixture
def connection(sample_to_read: Engine) -> Iterator[Connection]:
    with reading(sample_to_read) as opened:
        yield opened


@pytest.fixture
def register(connection: Connection) -> Register:
    return load(connection)


@pytest.fixture
def cast(register: Register) -> Cast:
    return make_cast(register)


def _release(
    connection: Connection, period: str = "2026-Q3", edition: int | None = None
) -> Release:
    found = newest(connection, parse_period(period), edition)
    assert found is not None
    return found


def _official(rates: list[Rate], field: str | None) -> list[Rate]:
    return [
        rate for rate in rates if rate.official and rate.field == field and not rate.with_children
    ]


def _responses(connection: Connection, *conditions: sa.ColumnElement[bool]) -> int:
    query = sa.select(sa.func.count()).select_from(response).where(*conditions)
    return int(connection.execute(query).scalar_one())


def _by_name(connection: Connection, query: sa.Select[tuple[Any, Any]]) -> dict[Any, int]:
    return {row[0]: int(row[1]) for row in connection.execute(query)}


def test_every_quarter_the_year_and_the_last_months_are_released(connection: Connection) -> None:
    found = [(str(item.period), item.edition) for item in releases(connection)]
    assert sorted(found) == sorted(EVERY)


def test_everything_is_labelled_as_sample(connection: Connection, register: Register) -> None:
    assert register.kind == "sample"
    for item in releases(connection):
        assert item.sample
        assert not item.preliminary
        assert all(rate.sample for rate in all_rates(connection, item))


def test_a_release_is_made_within_the_days_that_the_city_sets(
    connection: Connection, register: Register
) -> None:
    for item in releases(connection):
        if item.edition == 1:
            days = (item.made_at.date() - item.period.last_on).days
            assert 0 < days <= register.city.publish_within_days


def test_tally_and_ledger_agree(connection: Connection) -> None:
    assert differences(connection) == []


@pytest.mark.parametrize(("period", "edition"), EVERY)
def test_every_release_holds(
    connection: Connection, register: Register, period: str, edition: int
) -> None:
    assert verify_release(connection, register, _release(connection, period, edition)) is None


def test_one_cell_is_at_exactly_91_percent(connection: Connection, cast: Cast) -> None:
    unit, field = cast.parts["exact"]
    (rate,) = _official(unit_rates(connection, _release(connection), unit), field)
    assert (rate.satisfied, rate.answered, rate.rate) == (182, 200, 0.91)
    assert rate.reached_by_count is True
    assert rate.verdict == "not_enough"


def test_one_cell_is_at_90_96_percent(connection: Connection, cast: Cast) -> None:
    unit, field = cast.parts["near"]
    (rate,) = _official(unit_rates(connection, _release(connection), unit), field)
    assert (rate.satisfied, rate.answered, rate.rate) == (1137, 1250, 0.9096)
    assert rate.reached_by_count is False


def test_the_featured_unit_shows_every_verdict_and_its_reference_series(
    connection: Connection, cast: Cast
) -> None:
    rates = unit_rates(connection, _release(connection), cast.featured)
    official = [rate for rate in rates if rate.official]
    assert {rate.verdict for rate in official} == {"met", "not_met", "not_enough"}
    assert len([rate for rate in official if rate.field is not None]) >= 6
    channels = {rate.series[0].channel for rate in rates if not rate.official}
    assert {"kiosk", "phone"} <= channels


def test_the_featured_unit_has_a_history_since_it_exists(
    connection: Connection, cast: Cast
) -> None:
    for quarter in QUARTERS[2:]:
        assert _official(unit_rates(connection, _release(connection, quarter), cast.featured), None)


def test_a_cell_with_three_ratings_and_one_with_none_are_hidden(
    connection: Connection, cast: Cast
) -> None:
    rates = unit_rates(connection, _release(connection), cast.featured)
    for name, number in (("three", 3), ("none", 0)):
        unit, field = cast.parts[name]
        assert _official(rates, field) == []
        query = sa.select(sa.func.coalesce(sa.func.sum(tally.c.counting), 0)).where(
            tally.c.unit_role == "resolving",
            tally.c.unit == unit,
            tally.c.field == field,
            tally.c.month.in_(LAST.months),
            tally.c.question == "one-stop.overall/1",
        )
        assert connection.execute(query).scalar_one() == number


def test_one_unit_never_has_enough_and_one_has_none_at_all(
    connection: Connection, cast: Cast
) -> None:
    assert cast.few is not None
    assert cast.silent is not None
    for unit in (cast.few, cast.silent):
        for item in releases(connection):
            assert unit_rates(connection, item, unit) == []
    assert _responses(connection, response.c.resolving_unit == cast.few) > 0
    assert _responses(connection, response.c.resolving_unit == cast.silent) == 0
    assert timeliness(connection, _release(connection), cast.silent)


def test_some_units_are_known_by_totals_only(connection: Connection, cast: Cast) -> None:
    for unit in cast.totals_only:
        (rate,) = _official(unit_rates(connection, _release(connection), unit), None)
        assert rate.from_totals_share == 1.0
        assert {series.source for series in rate.series} == {"national_portal"}
        assert _responses(connection, response.c.resolving_unit == unit) == 0


def test_a_total_was_put_right_and_both_stay(connection: Connection) -> None:
    key = [counted.c[name] for name in ("unit", "field", "month", "series", "question")]
    query = sa.select(sa.func.count(counted.c.id)).group_by(*key)
    query = query.having(sa.func.count(counted.c.id) > 1)
    assert connection.execute(query).scalars().all() == [2]


def test_the_second_edition_has_late_arrivals_and_a_void_and_says_why(
    connection: Connection,
) -> None:
    first, second = _release(connection, "2026-Q2", 1), _release(connection, "2026-Q2", 2)
    assert second.replaces == 1
    assert second.reason
    assert second.report["entries_since_last_edition"]["void"] == 1
    late = _responses(
        connection,
        response.c.month == "2026-06",
        response.c.received_at > int(first.made_at.timestamp() * 1000),
        response.c.series.startswith("own/kiosk/"),
    )
    assert late == LATE_ARRIVALS


def test_voids_are_by_two_accounts(connection: Connection) -> None:
    rows = connection.execute(sa.select(void)).all()
    assert len(rows) == 2
    assert all(row.proposed_by != row.confirmed_by and row.reason for row in rows)
    city = _official(city_rates(connection, _release(connection)), None)
    assert [rate.voided for rate in city] == [1]


def test_units_are_rated_only_while_they_exist(connection: Connection, register: Register) -> None:
    query = sa.select(response.c.resolving_unit, response.c.counted_on).distinct()
    for unit, on in connection.execute(query):
        assert unit == "unknown" or register.unit_on(unit, on) is not None


def test_merged_and_split_wards_have_ratings_before_and_after(
    connection: Connection, register: Register
) -> None:
    rated = set(connection.execute(sa.select(response.c.resolving_unit).distinct()).scalars())
    on = dt.date(2025, 7, 1)
    for kind in ("merge", "split"):
        assert any(
            each.kind == kind and each.happened_on == on and {each.unit, each.successor} <= rated
            for each in register.successions
        )


def test_a_district_shows_itself_and_its_children(connection: Connection) -> None:
    rates = unit_rates(connection, _release(connection, "2025-Q1"), "760A")
    assert {rate.with_children for rate in rates if rate.official} == {False, True}


def test_most_fields_of_the_city_are_shown_and_land_is_among_the_lowest(
    connection: Connection, register: Register
) -> None:
    rates = [
        rate
        for rate in city_rates(connection, _release(connection))
        if rate.official and rate.field
    ]
    fields = register.fields_in_force(LAST.last_on, LAST.last_on)
    assert len(rates) > 0.5 * len(fields)
    large = {rate.field: rate.rate or 0 for rate in rates if (rate.answered or 0) >= 100}
    assert min(large, key=lambda field: large[field]) == "DD"
    assert min(large["CTHUC"], large["HTICH"]) > 0.95


def test_clerks_are_kinder_than_citizens(connection: Connection) -> None:
    shares = {}
    for holder in ("citizen", "staff"):
        query = sa.select(tally.c.value, sa.func.sum(tally.c.counting)).where(
            tally.c.series == f"one_stop/desk/{holder}/vouched",
            tally.c.unit_role == "resolving",
            tally.c.question == "one-stop.overall/1",
        )
        counts = _by_name(connection, query.group_by(tally.c.value))
        shares[holder] = (counts[4] + counts[5]) / sum(counts.values())
    assert shares["staff"] > shares["citizen"]


def test_of_two_ratings_of_a_dossier_the_vouched_one_counts(connection: Connection) -> None:
    query = sa.select(tally.c.series, sa.func.sum(tally.c.repeats)).where(
        tally.c.unit_role == "receiving", tally.c.question == "one-stop.overall/1"
    )
    repeats = _by_name(connection, query.group_by(tally.c.series))
    assert repeats["own/phone/citizen/claimed"] > 20
    assert repeats["one_stop/desk/staff/vouched"] > 5
    assert repeats["one_stop/desk/citizen/vouched"] == 0


def test_parts_of_one_month_do_not_add_up_and_stay_so(connection: Connection, cast: Cast) -> None:
    rows = timeliness(connection, _release(connection, "2026-08"), cast.featured)
    missing = {row.field: row.missing for row in rows}
    gap = cast.parts["steady"][1]
    assert (missing[gap] or 0) > 0
    assert {value for field, value in missing.items() if field not in (gap, None)} <= {0, None}


def test_land_and_investment_are_late(connection: Connection) -> None:
    rows = timeliness(connection, _release(connection), None)
    shares = {row.fields: row for row in rows}
    assert shares["group:land"].reached_by_count is False
    assert (shares["group:land"].share or 0) > 0.04
    assert (shares["group:investment"].share or 0) > 0.04


def test_the_city_is_on_time_as_in_2025_though_some_do_not_tell_early_apart(
    connection: Connection,
) -> None:
    rows = {row.fields: row for row in timeliness(connection, _release(connection, "2025"), None)}
    assert rows["all"].early is None
    assert rows["all"].share == pytest.approx(0.962, abs=0.01)


def test_a_cell_has_more_ratings_than_dossiers(connection: Connection, cast: Cast) -> None:
    unit, field = cast.parts["many"]
    resolved = connection.execute(
        sa.select(sa.func.sum(dossier_count.c.resolved)).where(
            dossier_count.c.unit == unit,
            dossier_count.c.field == field,
            dossier_count.c.month.in_(LAST.months),
        )
    ).scalar_one()
    rated = _responses(
        connection,
        response.c.resolved_by == unit,
        response.c.field == field,
        response.c.month.in_(LAST.months),
    )
    assert rated > resolved


def test_comments_are_labelled_and_about_nobody(connection: Connection) -> None:
    texts = set(connection.execute(sa.select(comment.c.text)).scalars())
    assert len(texts) >= 6
    for text in texts:
        assert text.startswith("[Dữ liệu mẫu]")
        assert not re.search(r"\d{3}|@", text)


def test_one_rating_is_for_the_inspector(connection: Connection) -> None:
    assert _responses(connection, response.c.alert) == 1


def test_what_cannot_be_counted_is_set_aside(connection: Connection) -> None:
    codes = connection.execute(sa.select(set_aside.c.code)).scalars().all()
    assert sorted(codes) == ["body_differs", "unit_unknown"]


def test_the_institute_asks_on_its_own_scale(connection: Connection) -> None:
    rates = city_rates(connection, _release(connection, "2025-Q4"))
    (rate,) = [
        rate for rate in rates if rate.question == "institute.overall/1" and rate.field is None
    ]
    assert rate.scale == "hai-long-3/1"
    assert (rate.answered or 0) >= 200
