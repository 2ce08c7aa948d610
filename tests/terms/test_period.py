"""Periods: one spelling each, whole months, and the arithmetic of overlap."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.terms.period import Period, month_of, parse_period
from survey.terms.problem import InvalidTermError

months = st.builds(
    lambda year, month: f"{year:04d}-{month:02d}", st.integers(1, 9999), st.integers(1, 12)
)
periods = st.tuples(months, months).map(lambda pair: Period(min(pair), max(pair)))
near = st.builds(
    lambda year, month: f"{year:04d}-{month:02d}", st.integers(2024, 2026), st.integers(1, 12)
)
near_periods = st.tuples(near, near).map(lambda pair: Period(min(pair), max(pair)))


@given(periods)
def test_text_and_period_are_one_to_one(period: Period) -> None:
    assert parse_period(str(period)) == period


@given(st.text(alphabet="0123456789-Q.٢০²", max_size=18))
def test_what_is_accepted_prints_as_it_was_written(text: str) -> None:
    try:
        period = parse_period(text)
    except InvalidTermError:
        return
    assert str(period) == text
    assert text.isascii()
    assert period.first_on <= period.last_on


@given(near_periods)
def test_months_fill_the_period(period: Period) -> None:
    assert period.months[0] == period.first
    assert period.months[-1] == period.last
    days = (period.last_on - period.first_on).days + 1
    assert {month_of(period.first_on + dt.timedelta(n)) for n in range(days)} == set(period.months)
    assert period.first_on.day == 1
    assert (period.last_on + dt.timedelta(1)).day == 1


@given(near_periods, near_periods)
def test_overlap_and_containment_are_those_of_the_months(one: Period, other: Period) -> None:
    shared = set(one.months) & set(other.months)
    assert one.overlaps(other) == bool(shared) == other.overlaps(one)
    assert one.contains(other) == (set(other.months) <= set(one.months))


@given(near_periods)
def test_parts_are_the_period_cut_up(period: Period) -> None:
    if period.kind == "month":
        assert period.parts == ()
    else:
        assert [month for part in period.parts for month in part.months] == list(period.months)


@pytest.mark.parametrize(
    ("text", "kind", "first_on", "last_on"),
    [
        ("2026-10", "month", dt.date(2026, 10, 1), dt.date(2026, 10, 31)),
        ("2024-02", "month", dt.date(2024, 2, 1), dt.date(2024, 2, 29)),
        ("2026-Q3", "quarter", dt.date(2026, 7, 1), dt.date(2026, 9, 30)),
        ("2026", "year", dt.date(2026, 1, 1), dt.date(2026, 12, 31)),
        ("2023-07..2024-04", "run", dt.date(2023, 7, 1), dt.date(2024, 4, 30)),
        ("2026-02..2026-04", "run", dt.date(2026, 2, 1), dt.date(2026, 4, 30)),
    ],
)
def test_kinds(text: str, kind: str, first_on: dt.date, last_on: dt.date) -> None:
    period = parse_period(text)
    assert (period.kind, period.first_on, period.last_on) == (kind, first_on, last_on)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-13",
        "2026-Q5",
        "26",
        "0000",
        "0000-Q1",
        "0000-05",
        "2026-1",
        "2026-01..2026-12",  # 2026
        "2026-07..2026-09",  # 2026-Q3
        "2026-05..2026-05",  # 2026-05
        "2026-05..2026-04",
        "2026-05..",
        "..2026-05",
        "2026..2027",
        "2026-05\n",
        " 2026",
        "٢٠٢٦-10",
    ],
)
def test_refused(text: str) -> None:
    with pytest.raises(InvalidTermError):
        parse_period(text)
