"""No clock drops a rating: it counts in the right month, or near it with a mark."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from survey.devices.clock import NOISE, SLACK, correct

YEAR = 366 * 24 * 3600
NOW = 1_790_000_000
wrong = st.integers(-YEAR, YEAR)
ages = st.integers(0, YEAR)


@given(wrong=wrong, age=ages, life=ages, latency=st.integers(0, 30))
def test_a_clock_that_stays_as_wrong_as_it_is_is_put_right(wrong, age, life, latency):
    given_at = NOW - min(age, life)
    sent_at = NOW - latency  # true time; the device reads it as sent_at + wrong
    offset = NOW - (sent_at + wrong)
    found = correct(given_at + wrong, offset, earliest=NOW - life, latest=NOW, floor=0)
    assert abs(found.at - given_at) <= NOISE + latency
    assert ("clock_off" in found.marks) == (abs(offset) > 24 * 3600)


@given(before=wrong, after=wrong, age=ages, life=ages, floor=ages)
def test_a_clock_that_was_set_in_between_stays_within_what_is_possible(
    before, after, age, life, floor
):
    earliest, given_at = NOW - life, NOW - min(age, life)
    offset = -after
    floor_at = earliest + min(floor, life)
    found = correct(given_at + before, offset, earliest=earliest, latest=NOW, floor=floor_at)
    assert earliest <= found.at <= NOW
    raw = given_at + before + (offset if abs(offset) > NOISE else 0)
    if not earliest - SLACK <= raw <= NOW + SLACK:
        assert "clock_bounds" in found.marks
    if found.at < floor_at - SLACK:
        assert "clock_back" in found.marks
    if not found.marks:
        assert abs(raw - found.at) <= SLACK


@given(age=ages)
def test_a_clock_that_is_right_is_left_alone(age):
    found = correct(NOW - age, 0, earliest=NOW - YEAR, latest=NOW, floor=NOW - age - 100)
    assert (found.at, found.marks) == (NOW - age, ())
