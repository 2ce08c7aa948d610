"""Opening hours: from a day on, never changed; a device is silent for a working day by them."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from fractions import Fraction

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from survey.db import reading, writing
from survey.devices import fleet, hours, watch
from survey.devices.fleet import DeviceError
from survey.devices.hours import USUAL, Hours, Timetable
from survey.intake.accept import now_milliseconds
from survey.register.snapshot import load
from survey.tally.tables import tally
from tests.fixtures.builders import bring, rating
from tests.fixtures.city import register_of
from tests.fixtures.devices import client_of, enrolled, points_in_force

ZONE = zoneinfo.ZoneInfo("Asia/Ho_Chi_Minh")
BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
MONDAY = dt.date(2026, 11, 23)
DAY = dt.timedelta(days=1)

HALVES: hours.Week = ((("07:30", "11:30"), ("13:00", "17:00")),) * 5 + ((("08:00", "11:00"),), ())
CLOSED: hours.Week = ((),) * 7


def instant(day: dt.date, time: str, zone: dt.tzinfo = ZONE) -> int:
    moment = dt.datetime.combine(day, dt.time.fromisoformat(time), zone)
    return int(moment.timestamp() * 1000)


def table(week: hours.Week | None, from_on: dt.date = dt.date(2026, 1, 1)) -> Timetable:
    return Timetable((Hours("P", from_on, 1, week),))


FRIDAY = MONDAY + 4 * DAY
NEXT = MONDAY + 7 * DAY


@pytest.mark.parametrize(
    ("week", "last", "now", "share"),
    [
        (USUAL, (FRIDAY, "17:00"), (NEXT, "07:30"), Fraction(0)),  # a weekend is no working day
        (USUAL, (FRIDAY, "12:15"), (NEXT, "12:14"), Fraction(569, 570)),
        (USUAL, (FRIDAY, "12:15"), (NEXT, "12:15"), Fraction(1)),
        (USUAL, (MONDAY, "17:00"), (MONDAY + DAY, "17:00"), Fraction(1)),
        (USUAL, (MONDAY, "07:30"), (MONDAY, "16:59"), Fraction(569, 570)),
        (HALVES, (MONDAY, "11:30"), (MONDAY, "13:00"), Fraction(0)),  # nor is midday
        (HALVES, (FRIDAY, "17:00"), (FRIDAY + DAY, "11:00"), Fraction(1)),  # a short day is one
        (HALVES, (MONDAY, "11:30"), (MONDAY + DAY, "11:30"), Fraction(1)),
        (CLOSED, (MONDAY, "08:00"), (MONDAY + 400 * DAY, "08:00"), Fraction(0)),
        (None, (FRIDAY, "17:00"), (NEXT, "17:00"), Fraction(1)),  # taken back: the usual ones
    ],
)
def test_a_working_day_is_counted_in_the_hours_of_the_point(week, last, now, share):
    assert table(week).open_days(ZONE, instant(*last), instant(*now)) == share


def test_without_hours_the_usual_ones_are_supposed():
    since, until = instant(MONDAY, "07:30"), instant(MONDAY, "17:00")
    assert Timetable().open_days(ZONE, since, until) == 1
    assert Timetable().week_on(MONDAY) is None


def test_a_day_that_a_clock_change_makes_shorter_is_one_day():
    night = (((("00:00", "06:00")),),) * 7
    sunday = dt.date(2026, 3, 29)  # at two it is three
    since, until = instant(sunday, "00:00", BERLIN), instant(sunday, "06:00", BERLIN)
    assert until - since == 5 * 3_600_000
    assert table(night).open_days(BERLIN, since, until) == 1
    assert table(night).open_days(BERLIN, since, until - 3_600_000) == Fraction(4, 5)


times = st.integers(0, 24 * 60 - 1).map(lambda minute: f"{minute // 60:02}:{minute % 60:02}")
days = st.lists(times, unique=True, max_size=4).map(
    lambda found: tuple(zip(*[iter(sorted(found)[: len(found) // 2 * 2])] * 2, strict=True))
)
weeks = st.tuples(*[days] * 7)
moments = st.integers(0, 20 * 24 * 60).map(lambda minute: instant(MONDAY, "00:00") + minute * 60000)


@given(week=weeks, first=moments, second=moments, third=moments)
def test_open_time_only_grows_and_adds_up(week, first, second, third):
    hours.check_week(week)
    first, second, third = sorted((first, second, third))
    held = table(week)
    whole = held.open_days(ZONE, first, third)
    before, after = held.open_days(ZONE, first, second), held.open_days(ZONE, second, third)
    assert 0 <= before <= whole <= 1
    assert min(before + after, Fraction(1)) == whole


@given(week=weeks, day=st.integers(0, 6))
def test_hours_out_of_order_are_refused(week, day):
    for bad in (
        (("12:00", "12:00"),),
        (("12:00", "11:00"),),
        (("08:00", "12:00"), ("11:00", "13:00")),
        (("08:00", "12:00"), ("12:00", "13:00")),
        (("8:00", "12:00"),),
        (("08:00", "24:00"),),
        (("08:00", "09:00"), ("10:00", "11:00"), ("12:00", "13:00")),
    ):
        with pytest.raises(DeviceError) as error:
            hours.check_week((*week[:day], bad, *week[day + 1 :]))
        assert error.value.code == "hours"
    with pytest.raises(DeviceError):
        hours.check_week(week[:6])


def test_hours_hold_from_their_day_on_and_the_later_word_counts(hcmc):
    register, point = register_of(hcmc), points_in_force(hcmc)[0]
    at = now_milliseconds()
    today = dt.datetime.fromtimestamp(at / 1000, register.city.zone).date()
    with writing(hcmc) as connection:
        for week, ahead in ((HALVES, 10), (USUAL, 0), (CLOSED, 0), (None, 20)):
            from_on = today + ahead * DAY
            hours.set_hours(connection, register, point, week, from_on=from_on, at=at)
    with reading(hcmc) as connection:
        found = hours.timetable(connection, point)
    assert found.week_on(today - DAY) is None
    assert found.week_on(today) == found.week_on(today + 9 * DAY) == CLOSED
    assert found.week_on(today + 10 * DAY) == found.week_on(today + 19 * DAY) == HALVES
    assert found.week_on(today + 20 * DAY) is None
    for statement in ("DELETE FROM point_hours", "UPDATE point_hours SET week = 'null'"):
        with pytest.raises(Exception, match="append-only"), writing(hcmc) as connection:
            connection.exec_driver_sql(statement)


def test_the_past_other_points_and_nonsense_are_refused(hcmc):
    register, at = register_of(hcmc), now_milliseconds()
    today = dt.datetime.fromtimestamp(at / 1000, register.city.zone).date()
    retired = next(code for code, point in register.points.items() if point.valid_to is not None)
    good = {"point": points_in_force(hcmc)[0], "week": USUAL, "from_on": today}
    for changes, code in (
        ({"from_on": today - DAY}, "past"),
        ({"point": "NOWHERE"}, "point"),
        ({"point": retired}, "point"),
        ({"week": USUAL[:3]}, "hours"),
    ):
        with writing(hcmc) as connection, pytest.raises(DeviceError) as error:
            hours.set_hours(connection, register, at=at, **good | changes)
        assert error.value.code == code
    with reading(hcmc) as connection:
        assert hours.timetables(connection) == {}


def test_a_device_is_silent_after_an_open_day_without_a_word(hcmc):
    device = enrolled(hcmc, days=30)
    register, zone = register_of(hcmc), register_of(hcmc).city.zone
    today = dt.datetime.now(zone).date()  # hours can only be set from today on
    friday = today + (4 - today.weekday()) % 7 * DAY
    following = friday + 3 * DAY
    seen_at = instant(friday, "16:59")
    with writing(hcmc) as connection:  # the flag is measured from the last contact
        fleet.change(connection, device.id, seen_at=seen_at, enrolled_at=seen_at - 10**9)

    def flags(at: int) -> tuple[str, ...]:
        with reading(hcmc) as connection:
            return watch.seen(connection, zone, at=at)[0].flags

    assert "silent" not in flags(instant(following, "07:29"))
    assert "silent" not in flags(instant(following, "16:58"))
    assert "silent" in flags(instant(following, "17:00"))
    with writing(hcmc) as connection:
        hours.set_hours(
            connection,
            register,
            device.point,
            CLOSED,
            from_on=today,
            at=now_milliseconds(),
        )
    assert "silent" not in flags(instant(following + 30 * DAY, "17:00"))


def test_devices_are_told_hours_report_and_the_most_used_field_first(hcmc):
    register, device = register_of(hcmc), enrolled(hcmc)
    address = f"/api/v1/points/{device.point}"
    paper = device.client.get(address).json
    assert paper["hours"] is None
    assert paper["report"] == {"phone": "1022", "texts": register.city.contact.report}
    assert paper["public_url"] == "http://127.0.0.1:8000"
    last = paper["fields"][-1]["code"]
    unit = paper["unit"]
    bring(hcmc, register, [rating(register, receiving_unit=unit, field=last)])
    with reading(hcmc) as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(tally)).scalar()
    today = dt.datetime.now(register.city.zone).date()
    with writing(hcmc) as connection:
        assert load(connection).points[device.point].in_force(today)
        hours.set_hours(
            connection, register, device.point, HALVES, from_on=today, at=now_milliseconds()
        )
    told = client_of(hcmc).get(address).json
    assert told["hours"] == [[list(span) for span in day] for day in HALVES]
    assert told["fields"][0]["code"] == last
    rest = [field for field in paper["fields"] if field["code"] != last]
    assert told["fields"][1:] == rest
