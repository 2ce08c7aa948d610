"""Times of files: formats, zones, and clocks that are put forward and back."""

from __future__ import annotations

import datetime as dt
import zoneinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.intake.imports.faults import Faults, RefusedError
from survey.intake.imports.mapping import DayEntry, MonthEntry, TimeEntry
from survey.intake.imports.table import Cell, Formula
from survey.intake.imports.times import Clock, DayColumn, MonthColumn, TimeColumn

SAIGON = zoneinfo.ZoneInfo("Asia/Ho_Chi_Minh")
LONDON = zoneinfo.ZoneInfo("Europe/London")
ZONES = ("Europe/London", "Australia/Lord_Howe", "America/St_Johns", "Africa/Cairo", "UTC")
NOW = int(dt.datetime(2030, 1, 1, tzinfo=dt.UTC).timestamp())
FORMAT = "%Y-%m-%d %H:%M:%S"


def read(
    cell: Cell,
    *,
    zone: str = "Europe/London",
    format: str = FORMAT,
    city: zoneinfo.ZoneInfo = LONDON,
    ambiguous: str = "earlier",
    now: int = NOW,
) -> tuple[str, dt.date, str] | str:
    """Return the instant in ISO 8601, the day, the day without a time; or the code of the fault."""
    entry = TimeEntry("t", format, zone, ambiguous)  # type: ignore[arg-type]
    faults: Faults = {}
    (moment,) = TimeColumn(entry, city, now).read([cell], faults)
    if moment is None:
        ((fault,),) = faults.values()
        return fault.code
    instant = dt.datetime.fromtimestamp(moment[0], dt.UTC)
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ"), moment[1], moment[2]


def test_local_time_becomes_an_instant() -> None:
    assert read("2023-07-03 10:00:00") == ("2023-07-03T09:00:00Z", dt.date(2023, 7, 3), "")
    assert read("2023-12-03 10:00:00") == ("2023-12-03T10:00:00Z", dt.date(2023, 12, 3), "")
    assert read(dt.datetime(2023, 7, 3, 10)) == read("2023-07-03 10:00:00")  # noqa: DTZ001


def test_the_service_day_is_the_citys() -> None:
    evening = read("2023-07-03 20:00:00", city=SAIGON)
    assert evening == ("2023-07-03T19:00:00Z", dt.date(2023, 7, 4), "")


@pytest.mark.parametrize(
    ("ambiguous", "instant"),
    [
        ("earlier", "2023-10-29T00:30:00Z"),
        ("later", "2023-10-29T01:30:00Z"),
        ("refuse", "time_was_twice"),
    ],
)
def test_a_time_that_was_twice(ambiguous: str, instant: str) -> None:
    found = read("2023-10-29 01:30:00", ambiguous=ambiguous)
    assert (found if isinstance(found, str) else found[0]) == instant
    # an hour earlier and later there is one answer
    for hour, utc in ((0, "2023-10-28T23:59:59Z"), (2, "2023-10-29T02:59:59Z")):
        assert read(f"2023-10-29 0{hour}:59:59", ambiguous=ambiguous)[0] == utc


@pytest.mark.parametrize("ambiguous", ["earlier", "later", "refuse"])
def test_a_time_that_never_was(ambiguous: str) -> None:
    assert read("2024-03-31 01:30:00", ambiguous=ambiguous) == "time_never_was"
    assert read("2024-03-31 00:59:59", ambiguous=ambiguous)[0] == "2024-03-31T00:59:59Z"
    assert read("2024-03-31 02:00:00", ambiguous=ambiguous)[0] == "2024-03-31T01:00:00Z"


@given(
    st.sampled_from(ZONES),
    st.datetimes(dt.datetime(1971, 1, 1), dt.datetime(2029, 12, 30)),  # noqa: DTZ001
)
def test_a_clock_goes_there_and_back(zone_name: str, local: dt.datetime) -> None:
    """Whatever instant is found shows that very local time in the zone; a gap has none."""
    zone = zoneinfo.ZoneInfo(zone_name)
    local = local.replace(microsecond=0)
    second = local.hour * 3600 + local.minute * 60 + local.second
    instants = {
        Clock(zone, rule).instant(local.date(), second)
        for rule in ("earlier", "later", "refuse")  # type: ignore[arg-type]
    }
    found = {each for each in instants if isinstance(each, int)}
    for instant in found:
        shown = dt.datetime.fromtimestamp(instant, zone).replace(tzinfo=None)
        assert shown == local
    codes = instants - found
    assert (len(found), codes) in (
        (1, set()),
        (0, {"time_never_was"}),
        (2, {"time_was_twice"}),
    )


@pytest.mark.parametrize("zone", ["Africa/Cairo", "Europe/London"])
def test_a_day_without_a_time_begins_when_it_begins(zone: str) -> None:
    """In Cairo clocks went from midnight to one on 2024-04-26: that day began at one."""
    city = zoneinfo.ZoneInfo(zone)
    for day in (dt.date(2024, 4, 26), dt.date(2024, 3, 31)):
        found = read(day.isoformat(), zone=zone, format="%Y-%m-%d", city=city)
        assert found[1:] == (day, day.isoformat())
        instant = dt.datetime.fromisoformat(found[0])
        before = instant - dt.timedelta(seconds=1)
        assert instant.astimezone(city).date() == day
        assert before.astimezone(city).date() == day - dt.timedelta(days=1)


@pytest.mark.parametrize(
    ("format", "cell", "instant"),
    [
        ("%d/%m/%Y %H:%M", "3/7/2023 9:05", "2023-07-03T08:05:00Z"),
        ("%Y-%m-%dT%H:%M:%S%z", "2023-07-03T10:00:00+07:00", "2023-07-03T03:00:00Z"),
        ("%Y-%m-%dT%H:%M:%S%z", "2023-07-03T10:00:00Z", "2023-07-03T10:00:00Z"),
        ("%Y%m%d%H%M%S", "20230703100000", "2023-07-03T09:00:00Z"),
        ("%H giờ %M, ngày %d/%m/%Y", "10 giờ 00, ngày 03/07/2023", "2023-07-03T09:00:00Z"),
        ("excel", "45110.5", "2023-07-03T11:00:00Z"),
    ],
)
def test_formats(format: str, cell: str, instant: str) -> None:
    assert read(cell, format=format)[0] == instant


@pytest.mark.parametrize(
    "cell",
    ["", "2023-7-3", "2023-02-29 10:00:00", "2023-07-03 24:00:00", "2023-07-03 10:60:00", "x",
     "03/07/2023 10:00:00", "0001-01-01 00:00:00", "2023-07-03 10:00:00 ", "２023-07-03 10:00:00"],
)  # fmt: skip
def test_what_is_no_time(cell: str) -> None:
    expected = "2023-07-03T09:00:00Z" if cell.endswith("00 ") else "time"
    found = read(cell)
    assert (found if isinstance(found, str) else found[0]) == expected


def test_computed_and_future_times() -> None:
    assert read(Formula("A2", "=NOW()")) == "formula"
    now = int(dt.datetime(2023, 7, 3, 9, tzinfo=dt.UTC).timestamp())
    assert read("2023-07-03 10:00:00", now=now)[0] == "2023-07-03T09:00:00Z"
    assert read("2023-07-03 10:00:01", now=now) == "time_future"


@pytest.mark.parametrize(
    ("format", "zone", "code"),
    [
        ("%Y-%m-%d %I:%M %p", "Europe/London", "format"),
        ("%d/%m", "Europe/London", "format"),
        ("%Y-%m-%d %M", "Europe/London", "format"),
        ("%Y-%m-%d %Y", "Europe/London", "format"),
        ("%Y-%m-%d %", "Europe/London", "format"),
        (FORMAT, "", "zone"),
        (FORMAT, "Asia/Saigon City", "zone"),
        (FORMAT, "../../etc/passwd", "zone"),
    ],
)
def test_what_a_map_may_not_say(format: str, zone: str, code: str) -> None:
    with pytest.raises(RefusedError) as refused:
        read("2023-07-03 10:00:00", format=format, zone=zone)
    assert refused.value.fault.code == code


@given(st.text() | st.floats().map(str) | st.dates().map(str))
def test_no_cell_is_more_than_a_fault(cell: str) -> None:
    for format in (FORMAT, "excel", "%Y-%m-%d", "%Y-%m-%dT%H:%M:%S%z"):
        found = read(cell, format=format)
        assert isinstance(found, tuple) or found in ("time", "time_future", "time_never_was")


def test_days_and_months() -> None:
    faults: Faults = {}
    days = DayColumn(DayEntry("d", "%d/%m/%Y"), dt.date(2026, 7, 10))
    cells = ["10/07/2026", "", "11/07/2026", "31/06/2026", dt.datetime(2026, 7, 1)]  # noqa: DTZ001
    assert days.read(cells, faults) == [
        dt.date(2026, 7, 10), None, None, None, dt.date(2026, 7, 1)
    ]  # fmt: skip
    assert {place: each[0].code for place, each in faults.items()} == {2: "time_future", 3: "time"}
    faults = {}
    months = MonthColumn(MonthEntry("m", "%m/%Y"), "2026-07")
    cells = ["7/2026", "08/2026", "2026-07", dt.datetime(2026, 7, 1), ""]  # noqa: DTZ001
    assert months.read(cells, faults) == ["2026-07", "", "", "2026-07", ""]
    assert {place: each[0].code for place, each in faults.items()} == {
        1: "time_future", 2: "month", 4: "month"
    }  # fmt: skip
    assert MonthColumn(MonthEntry(constant="2026-07"), "2026-07").read(["", ""], {}) == [
        "2026-07",
        "2026-07",
    ]
    for constant in ("2026-7-1", "2026-08", "x"):
        with pytest.raises(RefusedError):
            MonthColumn(MonthEntry(constant=constant), "2026-07")
