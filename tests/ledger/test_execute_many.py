"""Many rows in one statement come back as they went in, whatever a text holds."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Engine

from survey.db import execute_many, insert_all, insert_new, make_engine, writing

kept = sa.Table(
    "kept",
    sa.MetaData(),
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("digest", sa.LargeBinary(40)),
    sa.Column("words", sa.Text, nullable=False),
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("small", sa.SmallInteger),
    sa.Column("is_odd", sa.Boolean, nullable=False),
    sa.Column("day", sa.Date, nullable=False),
    sa.Column("batch", sa.Uuid),
)

# neither database keeps NUL or half a surrogate pair in a text
WORDS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
ROWS = st.lists(
    st.tuples(
        st.uuids(),
        st.none() | st.binary(max_size=40),
        WORDS,
        st.integers(-(2**63), 2**63 - 1),
        st.none() | st.integers(-(2**15), 2**15 - 1),
        st.booleans(),
        st.dates(),
        st.none() | st.uuids(),
    ),
    max_size=8,
    unique_by=lambda row: row[0],
)


@pytest.fixture
def engine(fresh_database_url: str) -> Iterator[Engine]:
    engine = make_engine(fresh_database_url)
    kept.create(engine)
    yield engine
    engine.dispose()


def test_rows_come_back_as_they_went_in(engine: Engine) -> None:
    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(ROWS)
    def check(rows: list[tuple[object, ...]]) -> None:
        with writing(engine) as connection:
            connection.execute(sa.delete(kept))
            execute_many(connection, insert_all(kept), rows)
            found = connection.execute(sa.select(kept)).all()
        assert sorted(map(tuple, found), key=lambda row: row[0]) == sorted(
            rows, key=lambda row: row[0]
        )

    check()


def test_a_row_that_is_there_is_left_as_it_is(engine: Engine) -> None:
    first, second = uuid.UUID(int=1), uuid.UUID(int=2)
    day = dt.date(2026, 11, 2)
    with writing(engine) as connection:
        insert = insert_new(connection.dialect.name, kept)
        execute_many(connection, insert, [(first, b"\0\xff", "một", 1, None, True, day, None)])
        others = [(name, None, "hai", 2, 2, False, day, first) for name in (first, second)]
        execute_many(connection, insert, others)
        found = connection.execute(sa.select(kept.c.words).order_by(kept.c.number)).scalars()
        assert list(found) == ["một", "hai"]


def test_a_failure_does_not_tell_what_a_row_held(engine: Engine) -> None:
    row = (uuid.UUID(int=1), None, "điều người dân viết", 1, None, True, dt.date(2026, 11, 2), None)
    with pytest.raises(sa.exc.IntegrityError) as told, writing(engine) as connection:
        execute_many(connection, insert_all(kept), [row, row])
    assert "người dân" not in str(told.value)
