"""What of a history is joined, and why not."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from flask import Flask

from survey.estimate.rate import Rate
from survey.publish.editions import Release
from survey.publish.figure import Thresholds
from survey.publish.history import LONGEST, History, marks_of, trace
from survey.publish.timeline import LONGEST_NARROW, timelines
from survey.register.items import BreakMark
from survey.register.snapshot import Register
from survey.terms.period import parse_period
from survey.web.setup import init_web
from survey.web.site import Site
from tests.publish.figures import QR, hidden, rate, reference

LIMITS = Thresholds(10, 30, is_preliminary=False)
QUARTERS = ("2025-Q2", "2025-Q3", "2025-Q4", "2026-Q1")


@pytest.fixture(autouse=True)
def _vietnamese() -> Any:
    app = Flask("test")
    init_web(app, site=Site, public_url="")
    with app.test_request_context("/"):
        yield


def release(period: str, *, preliminary: bool = False) -> Release:
    made_at = dt.datetime(2026, 4, 15, tzinfo=dt.UTC)
    return Release(1, parse_period(period), 1, preliminary, made_at, 1, "", {}, "0" * 64)


def history(known: dict[str, list[Rate]], *marks: BreakMark, lead: Rate | None = None) -> History:
    pairs = [(release(period), rates) for period, rates in known.items()]
    newest = [rates for rates in known.values() if rates][-1][0]
    return trace(pairs, pairs[-1][0], lead or newest, LIMITS, marks, "vi")


def mark(day: str, **members: Any) -> BreakMark:
    known = {"id": "x", "kind": "source", "measure": None, "unit": None, "texts": {"vi": "Vì sao"}}
    return BreakMark(**(known | members), happened_on=dt.date.fromisoformat(day))


def joins(told: History) -> list[bool]:
    return [slot.joins for slot in told.slots]


def test_neighbours_are_joined() -> None:
    assert joins(history({q: [rate(90, 100)] for q in QUARTERS})) == [False, True, True, True]


def test_a_hidden_period_is_a_gap_on_both_sides() -> None:
    known = {q: [rate(90, 100)] for q in QUARTERS}
    known["2025-Q3"] = [hidden(rate(9, 12))]
    told = history(known)
    assert joins(told) == [False, False, False, True]
    assert [slot.figure is None for slot in told.slots] == [False, True, False, False]


def test_a_period_without_release_is_a_gap() -> None:
    told = history({"2025-Q2": [rate(90, 100)], "2025-Q4": [rate(90, 100)]})
    assert joins(told) == [False, False]


def test_a_mark_between_two_periods_breaks_once() -> None:
    told = history({q: [rate(90, 100)] for q in QUARTERS}, mark("2025-10-01"))
    assert joins(told) == [False, True, False, True]
    assert [slot.mark for slot in told.slots] == ["", "", "a", ""]
    assert [(each.letter, each.text) for each in told.breaks] == [("a", "Vì sao")]


def test_a_mark_inside_a_period_sets_it_apart() -> None:
    told = history({q: [rate(90, 100)] for q in QUARTERS}, mark("2025-08-15"))
    assert joins(told) == [False, False, False, True]


def test_marks_outside_what_is_shown_say_nothing() -> None:
    told = history(
        {q: [rate(90, 100)] for q in QUARTERS},
        mark("2020-01-01"),
        mark("2025-04-01"),
        mark("2026-04-01"),
    )
    assert joins(told) == [False, True, True, True]
    assert not told.breaks


@pytest.mark.parametrize(
    "members", [{"question": "one-stop.overall/2"}, {"scale": "x/1"}, {"satisfied_set": (5,)}]
)
def test_another_meaning_breaks_without_any_mark(members: dict[str, Any]) -> None:
    known = {q: [rate(90, 100)] for q in QUARTERS}
    known["2026-Q1"] = [rate(90, 100, **members)]
    told = history(known)
    assert joins(told) == [False, True, True, False]
    assert told.breaks[0].happened_on == dt.date(2026, 1, 1)


def test_the_two_rules_of_one_period_stand_apart() -> None:
    known = {q: [rate(90, 100)] for q in QUARTERS}
    known["2025-Q3"] = [
        rate(40, 50, days="2025-08-11/2025-09-30"),
        rate(30, 40, days="2025-07-01/2025-08-10"),
    ]
    told = history(known)
    assert [slot.is_part for slot in told.slots] == [False, True, True, False, False]
    assert [slot.figure and slot.figure.answered for slot in told.slots][1:3] == [40, 50]
    assert joins(told) == [False, False, False, False, True]


def test_preliminary_figures_are_not_joined() -> None:
    pairs = [(release(q, preliminary=q == "2026-Q1"), [rate(90, 100)]) for q in QUARTERS]
    told = trace(pairs, pairs[-1][0], rate(90, 100), LIMITS, [], "vi")
    assert joins(told) == [False, True, True, False]
    assert [slot.figure and slot.figure.badge for slot in told.slots][-1] is None


def test_only_the_same_kind_of_period_up_to_the_current_one() -> None:
    known = {q: [rate(90, 100)] for q in (*QUARTERS[:2], "2025-08", "2025", *QUARTERS[2:])}
    pairs = [(release(period), rates) for period, rates in known.items()]
    told = trace(pairs, release("2025-Q4"), rate(90, 100), LIMITS, [], "vi")
    assert [str(slot.period) for slot in told.slots] == ["2025-Q2", "2025-Q3", "2025-Q4"]


def test_it_begins_with_the_first_shown_period_and_is_not_endless() -> None:
    quarters = [f"{year}-Q{q}" for year in range(2021, 2026) for q in (1, 2, 3, 4)]
    known: dict[str, list[Rate]] = {quarter: [rate(90, 100)] for quarter in quarters}
    assert len(history(known).slots) == LONGEST
    known |= {quarter: [] for quarter in quarters[:-2]}
    assert [str(slot.period) for slot in history(known).slots] == quarters[-2:]


def test_a_reference_series_follows_only_itself() -> None:
    known = {q: [reference(80, 100), reference(70, 90, QR), rate(90, 100)] for q in QUARTERS}
    told = history(known, lead=reference(80, 100))
    assert {slot.figure and slot.figure.answered for slot in told.slots} == {100}
    assert len(told.slots) == len(QUARTERS)


def test_a_reorganised_city_breaks_the_citys_line_not_a_units(city_register: Register) -> None:
    kinds = {each.kind for each in marks_of(city_register, "field_ratings", None)}
    assert {"org", "source"} <= kinds
    of_unit = marks_of(city_register, "field_ratings", "26740C")
    assert {each.kind for each in of_unit} == {"source"}
    of_planning = marks_of(city_register, "field_ratings", "SQHKT-D")
    assert {each.kind for each in of_planning} == {"source", "org"}
    assert all(each.measure != "sipas" for each in of_unit)


def test_lines_are_drawn_only_where_slots_join() -> None:
    told = history({q: [rate(90, 100)] for q in QUARTERS}, mark("2025-10-01"))
    drawn = timelines(told)
    assert drawn is not None
    wide, small = drawn
    assert len(wide.lines) == 2
    assert [each.letters for each in wide.breaks] == ["a"]
    assert wide.points[1].x < wide.breaks[0].x < wide.points[2].x
    assert len(small.points) == min(LONGEST_NARROW, len(told.slots))
    for timeline in drawn:
        for point in timeline.points:
            assert timeline.size.left <= point.x <= timeline.size.width
            assert point.mark is not None
            assert 0 <= point.mark.left <= timeline.size.height


def test_no_tick_touches_the_targets_label() -> None:
    drawn = timelines(history({q: [rate(90, 100)] for q in QUARTERS}))
    assert drawn is not None
    assert 90 not in [tick.percent for tick in drawn[0].ticks]
    assert drawn[0].target == "91\u00a0%"


def test_one_period_is_no_drawing() -> None:
    assert timelines(history({"2026-Q1": [rate(90, 100)]})) is None


def test_years_are_written_once() -> None:
    drawn = timelines(history({q: [rate(90, 100)] for q in QUARTERS}))
    assert drawn is not None
    assert [(point.upper, point.lower) for point in drawn[0].points] == [
        ("Quý II", "2025"),
        ("Quý III", ""),
        ("Quý IV", ""),
        ("Quý I", "2026"),
    ]
