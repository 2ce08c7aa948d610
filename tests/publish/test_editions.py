"""What a page reads of the releases: one statement, and only its own rows."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from survey.db import reading
from survey.publish.editions import (
    city_rates,
    field_rates,
    releases,
    timeliness,
    told_of_city,
    told_of_field,
    told_of_unit,
    unit_rates,
)
from tests.publish.conftest import SAI_GON


def test_a_page_is_told_what_its_release_says(published: Engine) -> None:
    with reading(published) as connection:
        known = releases(connection)
        newest = next(each for each in known if str(each.period) == "2026-Q3")
        assert len(told_of_unit(connection, known, newest, SAI_GON).timeliness) == 3
        for of in known:
            unit = told_of_unit(connection, known, of, SAI_GON)
            assert unit.rates == unit_rates(connection, of, SAI_GON)
            assert unit.timeliness == timeliness(connection, of, SAI_GON)
            city = told_of_city(connection, known, of)
            assert city.rates == city_rates(connection, of)
            assert city.timeliness == timeliness(connection, of, None)
            field = told_of_field(connection, known, of, "DD")
            assert field.rates == field_rates(connection, of, "DD")


def test_the_history_holds_the_newest_edition_of_each_period(published: Engine) -> None:
    with reading(published) as connection:
        known = releases(connection)
        old = next(each for each in known if (str(each.period), each.edition) == ("2025-Q4", 1))
        unit = told_of_unit(connection, known, old, SAI_GON).history
        field = told_of_field(connection, known, old, "DD").history
        unit_of = {release.id: unit_rates(connection, release, SAI_GON) for release in known}
        field_of = {release.id: field_rates(connection, release, "DD") for release in known}
    periods = [(str(release.period), release.edition) for release, _ in unit]
    quarters = ["2025-Q2", "2025-Q3", "2025-Q4", "2026-Q1", "2026-Q2", "2026-Q3"]
    assert periods == [(q, 2 if q == "2025-Q4" else 1) for q in quarters] + [("2026-10", 1)]
    for release, rates in unit:
        assert rates == [rate for rate in unit_of[release.id] if rate.field is None]
    for release, rates in field:
        assert rates == [rate for rate in field_of[release.id] if rate.unit is None]


@pytest.mark.parametrize("place", ["unit", "field", "city"])
def test_no_page_reads_every_rate_ever_published(published: Engine, place: str) -> None:
    """The plan is SQLite's: a few rows are read whole by PostgreSQL, index or not."""
    asked: list[tuple[str, object]] = []

    def note(_connection, _cursor, statement, parameters, *_rest) -> None:  # type: ignore[no-untyped-def]
        asked.append((statement, parameters))

    with reading(published) as connection:
        known = releases(connection)
        sa.event.listen(connection, "before_cursor_execute", note)
        if place == "unit":
            told_of_unit(connection, known, known[0], SAI_GON)
        elif place == "field":
            told_of_field(connection, known, known[0], "DD")
        else:
            told_of_city(connection, known, known[0])
        ((statement, parameters),) = asked
        steps = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()  # type: ignore[arg-type]
    read = [step[3] for step in steps if "published_" in step[3]]
    assert len(read) == 2
    assert all(step.startswith("SEARCH") and "(release=? AND " in step for step in read), read
