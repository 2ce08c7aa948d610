"""Citizens beside staff: the difference, its interval, and how both are printed."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import pytest
from sqlalchemy.engine import Engine

from survey.analyse.holders import pairs, points, shares
from survey.analyse.selection import Selection
from survey.analyse.view import View, view
from survey.db import reading
from survey.estimate.cells import Cell
from survey.stats.difference import difference
from survey.terms.period import parse_period
from tests.analyse.conftest import application
from tests.fixtures.builders import WARD
from tests.fixtures.city import register_of

NOW = dt.datetime(2026, 10, 20, tzinfo=dt.UTC)


def shown(engine: Engine, period: str = "2026-Q3", **changes: object) -> View:
    asked = Selection((parse_period(period),), **changes)  # type: ignore[arg-type]
    with application(engine).test_request_context(), reading(engine) as connection:
        return view(connection, register_of(engine), asked, "vi", NOW)


def test_the_difference_is_citizens_less_staff_with_newcombes_interval(city: Engine):
    found = shown(city, by="linh_vuc", units=(WARD,)).pairs
    assert found is not None
    assert [row.name for row in found.rows] == ["Hộ tịch"]
    pair = found.rows[0]
    # 40 of 44 and 33 of 35 by citizens, 30 of 39 by staff
    assert (pair.citizen, pair.citizen_n) == ("92,4\N{NO-BREAK SPACE}%", "79")
    assert (pair.staff, pair.staff_n) == ("76,9\N{NO-BREAK SPACE}%", "39")
    wanted = difference(73, 79, 30, 39)
    assert pair.difference == points(Fraction(73, 79) - Fraction(30, 39)) == "+15,5"
    ends = [points(Fraction(round(end * 10**6), 10**6)) for end in (wanted.low, wanted.high)]
    assert pair.range == " … ".join(ends)
    assert pair.clear == (wanted.low > 0)
    assert found.total is not None
    assert found.total.staff_n == "39"


def test_where_one_of_the_two_gave_nothing_there_is_no_pair(city: Engine):
    assert shown(city, by="don_vi", fields=("CTHUC",)).pairs is None
    assert pairs([], None, 30) is None


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (Fraction(1, 8), "+12,5"),
        (Fraction(-1, 8), "−12,5"),
        (Fraction(0), "0,0"),
        (Fraction(-1, 5000), "0,0"),
        (Fraction(-1, 2000), "−0,1"),
        (Fraction(1), "+100,0"),
    ],
)
def test_points_are_rounded_half_up_with_their_sign(share: Fraction, text: str):
    assert points(share) == text


def test_shares_are_of_all_ratings_largest_first():
    parts = {"a": Cell(satisfied=1, answered=1), "b": Cell(satisfied=3, answered=7), "c": Cell()}
    found = shares(parts, {"a": "A", "b": "B"})
    assert [(each.name, each.share, each.width) for each in found] == [
        ("B", "87,5\N{NO-BREAK SPACE}%", 87.5),
        ("A", "12,5\N{NO-BREAK SPACE}%", 12.5),
    ]


def test_months_are_joined_but_not_across_a_break(city: Engine):
    found = shown(city, by="linh_vuc").panels
    assert found is not None
    assert found.months[-1] == "2026-09"
    assert len(found.months) == 12
    civil = next(panel for panel in found.panels if panel.name == "Hộ tịch")
    marked = [point.month for point in civil.points if point.mark is not None]
    assert marked == ["2026-06", "2026-07", "2026-08", "2026-09"]
    assert len(civil.joins) == 3
    assert "4 tháng có đánh giá" in civil.text


def test_breaks_stand_at_their_month(city: Engine):
    found = shown(city, period="2025-05..2026-09", by="linh_vuc").panels
    assert found is not None
    assert [(each.letter, each.day.isoformat()) for each in found.breaks] == [
        ("a", "2025-06-19"),
        ("b", "2025-07-01"),
    ]
    places = [found.months.index(month) for month in ("2025-06", "2025-07")]
    points_there = [found.panels[0].points[place].x for place in places]
    before = found.panels[0].points[places[0] - 1].x
    assert before < found.breaks[0].x < points_there[0] < found.breaks[1].x < points_there[1]


def test_small_lines_are_not_drawn_but_counted(city: Engine):
    found = shown(city, by="linh_vuc")
    assert found.panels is not None
    assert "Chứng thực" not in {panel.name for panel in found.panels.panels}
    assert "Chứng thực" in {row.name for row in found.sections[0].rows.rows}


def test_a_running_period_gets_no_verdict(city: Engine):
    asked = Selection((parse_period("2026-Q3"),), by="khong", units=(WARD,))
    badges = []
    for now in (NOW, dt.datetime(2026, 9, 30, tzinfo=dt.UTC)):
        with application(city).test_request_context(), reading(city) as connection:
            found = view(connection, register_of(city), asked, "vi", now)
        badges.append(found.sections[0].rows.rows[0].badge)
    assert badges[0]
    assert badges[1] == ""
