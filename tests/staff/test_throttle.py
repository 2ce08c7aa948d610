"""Guessing passwords slows down, whichever process is asked, and is forgotten after a day."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from survey.db import make_engine, reading, writing
from survey.staff import throttle
from survey.staff.tables import sign_in_attempt
from survey.staff.throttle import ACCOUNT, ADDRESS, Attempt
from survey.throttle import DAY, Back
from tests.fixtures.crowd import patiently, together

AN = Attempt.of("secret", "an", "192.0.2.1")


def count(engine, attempt=AN, at=0):
    with writing(engine) as connection:
        return throttle.count(connection, attempt, at=at)


def failures(engine, key=AN.account):
    with reading(engine) as connection:
        query = sa.select(sign_in_attempt.c.failures).where(sign_in_attempt.c.key == key)
        return connection.execute(query).scalar()


@given(st.integers(min_value=0, max_value=10**9), st.sampled_from([ACCOUNT, ADDRESS]))
def test_more_failures_never_wait_less_and_never_without_end(failed: int, back: Back) -> None:
    assert 0 <= back.wait(failed) <= back.wait(failed + 1) <= back.longest * 1000


def test_an_account_waits_after_five_failures_wherever_they_come_from(engine):
    for number in range(ACCOUNT.free):
        assert count(engine, Attempt.of("secret", "an", f"192.0.2.{number}")) == 0
    elsewhere = Attempt.of("secret", "an", "198.51.100.1")
    assert count(engine, elsewhere) == 1000
    assert count(engine, elsewhere, at=999) == 1
    assert failures(engine) == ACCOUNT.free  # what came too early was not counted
    assert count(engine, elsewhere, at=1000) == 0
    assert count(engine, elsewhere, at=1001) == 1999
    assert count(engine, Attempt.of("secret", "binh", "198.51.100.1"), at=1001) == 0


def test_an_address_waits_whichever_names_it_tries(engine):
    for number in range(ADDRESS.free):
        assert count(engine, Attempt.of("secret", f"name{number}", "192.0.2.1")) == 0
    assert count(engine, Attempt.of("secret", "an", "192.0.2.1")) == 1000
    assert count(engine, Attempt.of("secret", "an", "192.0.2.2")) == 0


def test_success_clears_the_account_and_not_the_address(engine):
    for _ in range(3):
        count(engine)
    with writing(engine) as connection:
        assert throttle.succeed(connection, AN) == 2
    assert failures(engine) is None
    assert failures(engine, AN.address) == 2


def test_attempts_at_the_same_time_count_one_by_one(databases, engine):
    url = engine.url.render_as_string(hide_password=False)
    others = [make_engine(url) for _ in range(8)]  # as eight processes would
    found = []
    together([lambda each=each: found.append(patiently(count, each)) for each in others])
    for each in others:
        each.dispose()
    assert sorted(found) == [0] * ACCOUNT.free + [1000] * (8 - ACCOUNT.free)


def test_all_is_forgotten_after_a_day(engine):
    count(engine)
    other = Attempt.of("secret", "binh", "192.0.2.9")
    count(engine, other, at=DAY - 1)
    assert failures(engine) == 1
    count(engine, other, at=DAY)
    assert failures(engine) is None


def test_no_name_and_no_address_is_kept(engine):
    count(engine)
    with reading(engine) as connection:
        rows = connection.execute(sa.select(sign_in_attempt)).all()
    assert len(rows) == 2
    assert all(len(row.key) == 32 for row in rows)
    assert Attempt.of("another secret", "an", "192.0.2.1") != AN


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("2001:db8::1", "2001:db8::ffff:2", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("192.0.2.1", "192.0.2.2", False),
    ],
)
def test_neighbours_of_one_subscriber_are_one_address(one, other, is_same):
    same = Attempt.of("s", "an", one).address == Attempt.of("s", "an", other).address
    assert same is is_same
