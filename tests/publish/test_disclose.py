"""What a release shows, rule by rule, on tables small enough to check by hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import Connection

from survey.db import writing
from survey.estimate.rate import SeriesKey
from survey.publish.disclose import _Judged, disclose
from survey.publish.editions import releases
from survey.publish.sums import Cell, Key, sums_of
from survey.terms.period import Period, parse_period
from tests.fixtures.city import LONDON, register_of
from tests.publish.figures import city_database
from tests.publish.small_city import SmallCity, rate_of, shown, write

KIOSK = SeriesKey("own", "kiosk", "citizen", "open")
PHONE = SeriesKey("own", "phone", "citizen", "open")
SUMMER = ("2026-07", "2026-08", "2026-09")


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    path: Path = tmp_path_factory.mktemp("city") / "city.sqlite"
    engine = city_database(path, city=LONDON)
    register = register_of(engine)
    with writing(engine) as opened:
        opened.info["register"] = register
        yield opened
        opened.rollback()
    engine.dispose()


@pytest.fixture
def city(connection: Connection) -> Iterator[SmallCity]:
    with connection.begin_nested() as savepoint:
        yield SmallCity(connection, connection.info["register"])
        savepoint.rollback()


def test_under_ten_is_hidden_and_leaves_no_row(city):
    city.rate("2026-07", {"A": {"F": 9}})
    assert city.disclose("2026-Q3").rates == []
    city.rate("2026-07", {"A": {"F": 1}})
    assert set(shown(city.disclose("2026-Q3")).values()) == {10}


def test_a_small_field_takes_the_next_smallest_with_it(city):
    city.rate("2026-07", {"A": {"F": 40, "G": 4, "H": 20}})
    assert shown(city.disclose("2026-Q3")) == {
        "city all": 64,
        "city F": 40,
        "A all": 64,
        "A F": 40,
    }


def test_a_small_unit_takes_the_next_smallest_with_it(city):
    city.rate("2026-07", {"A": {"F": 40}, "B": {"F": 4}, "C": {"F": 20}})
    found = city.disclose("2026-Q3")
    assert shown(found) == {"city all": 64, "city F": 64, "A all": 40, "A F": 40}
    assert found.report == {"complement": 2, "shown": 4, "small": 2} | {
        "attacked": True,
        "exposed": 0,
    }


def test_ratings_of_no_known_unit_are_a_part_of_the_city(city):
    city.rate("2026-07", {"A": {"F": 40}, "B": {"F": 20}, "unknown": {"F": 4}})
    assert shown(city.disclose("2026-Q3")) == {"city all": 64, "city F": 64, "A all": 40, "A F": 40}


def test_a_small_child_is_not_told_by_its_parent(city):
    city.rate("2026-07", {"A": {"F": 90}, "D": {"F": 20}, "D1": {"F": 30}, "D2": {"F": 4}})
    assert shown(city.disclose("2026-Q3")) == {
        f"{row} {field}": count
        for row, count in (("city", 144), ("A", 90), ("D+", 54), ("D1", 30))
        for field in ("F", "all")
    }


def test_the_view_over_parents_gives_nothing_away_either(city):
    """City 98 = A 94 + D+ 4, where no unit's own row would tell."""
    city.rate("2026-07", {"A": {"F": 94}, "B": {"F": 30}, "D1": {"F": 2}, "D2": {"F": 2}})
    assert shown(city.disclose("2026-Q3")) == {
        "city F": 128,
        "city all": 128,
        "A F": 94,
        "A all": 94,
    }


def test_months_show_units_and_fields_but_not_units_by_field(city):
    city.rate("2026-07", {"A": {"F": 40, "G": 30}, "B": {"F": 50, "G": 60}})
    assert set(shown(city.disclose("2026-07"))) == {
        "city all",
        "city F",
        "city G",
        "A all",
        "B all",
    }
    assert city.disclose("2026-07").report["not_in_months"] == 4
    assert "A F" in shown(city.disclose("2026-Q3"))


def test_in_a_month_unit_and_field_give_nothing_away_together(city):
    """A does nothing but F, so A's total and F's tell B's 4 of F."""
    city.rate("2026-07", {"A": {"F": 40}, "B": {"F": 4, "G": 60}, "C": {"G": 70}})
    found = shown(city.disclose("2026-07"))
    assert not {"city F", "A all"} <= set(found)
    assert not {"city G", "B all", "C all"} <= set(found)


def test_a_small_month_is_not_told_by_its_quarter(city):
    for month, number in zip(SUMMER, (40, 50, 4), strict=True):
        city.rate(month, {"A": {"F": number}, "B": {"F": 100}})
    assert shown(city.release("2026-07")) == {
        "city all": 140,
        "city F": 140,
        "A all": 40,
        "B all": 100,
    }
    city.release("2026-08")
    assert shown(city.release("2026-09")) == {"city all": 104, "city F": 104}
    quarter = city.release("2026-Q3")
    assert shown(quarter) == {"city all": 394, "city F": 394}


def test_two_small_months_that_make_ten_cover_each_other(city):
    for month, number in zip(SUMMER, (40, 5, 6), strict=True):
        city.rate(month, {"A": {"F": number}, "B": {"F": 100}})
        city.release(month)
    assert shown(city.release("2026-Q3"))["A all"] == 51


def test_two_small_months_that_make_less_do_not(city):
    for month, number in zip(SUMMER, (40, 5, 4), strict=True):
        city.rate(month, {"A": {"F": number}, "B": {"F": 100}})
        city.release(month)
    assert "A all" not in shown(city.release("2026-Q3"))


def test_empty_months_are_not_held_against_a_quarter(city):
    for month, number in zip(SUMMER, (40, 0, 0), strict=True):
        city.rate(month, {"A": {"F": number}, "B": {"F": 100}})
        city.release(month)
    assert shown(city.release("2026-Q3"))["A all"] == 40


def test_few_late_arrivals_since_the_months_keep_a_quarter_back(city):
    for month in SUMMER:
        city.rate(month, {"A": {"F": 40}, "B": {"F": 100}})
        city.release(month)
    city.rate("2026-08", {"A": {"F": 3}, "B": {"F": 60}})
    assert "A all" not in shown(city.disclose("2026-Q3"))
    city.rate("2026-08", {"A": {"F": 8}})
    assert shown(city.disclose("2026-Q3"))["A all"] == 131


def test_a_small_month_is_not_told_by_the_months_after_its_quarter(city):
    for month, number in zip(SUMMER, (40, 50, 4), strict=True):
        city.rate(month, {"A": {"F": number}, "B": {"F": 100}, "C": {"F": 90}})
    assert shown(city.release("2026-Q3"))["A all"] == 94
    assert shown(city.release("2026-07"))["A all"] == 40
    august = city.release("2026-08")
    assert "A all" not in shown(august)
    assert "A all" not in shown(city.release("2026-09"))


def test_a_small_quarter_is_not_told_by_its_year(city):
    for quarter, number in enumerate((40, 50, 4, 60), 1):
        city.rate(f"2026-{3 * quarter:02d}", {"A": {"F": number}, "B": {"F": 100}})
        city.release(f"2026-Q{quarter}")
    year = shown(city.release("2026"))
    assert "A all" not in year
    assert year["city all"] == 554


def test_a_quarter_known_by_its_months_counts_in_its_year(city):
    for month in range(1, 13):
        city.rate(f"2026-{month:02d}", {"A": {"F": 4 if month == 12 else 40}, "B": {"F": 100}})
        city.release(f"2026-{month:02d}")
    assert "A all" not in shown(city.release("2026"))


def test_another_edition_without_changes_shows_the_same(city):
    city.rate("2026-07", {"A": {"F": 40, "G": 4, "H": 20}, "B": {"F": 60, "G": 7, "H": 80}})
    first = city.release("2026-Q3")
    second = city.release("2026-Q3")
    assert shown(second) == shown(first)
    assert {rate.edition for rate in second.rates} == {2}


def test_a_figure_that_changed_by_few_stays_as_it_was(city):
    city.rate("2026-07", {"A": {"F": 40}, "B": {"F": 100}, "C": {"F": 60}})
    city.release("2026-Q3")
    city.rate("2026-07", {"A": {"F": 3}, "B": {"F": 50}, "C": {"F": 8}})
    second = city.release("2026-Q3")
    figures = shown(second)
    assert {key: figures[key] for key in figures if key.endswith(("all", "all*"))} == {
        "city all": 261,
        "A all*": 40,
        "B all": 150,
        "C all*": 60,
    }
    assert {rate.unit: rate.edition for rate in second.rates} == {None: 2, "A": 1, "B": 2, "C": 1}
    assert second.report["stays_as_before"] == 4


def test_an_old_figure_that_stays_again_is_marked_once(city):
    city.rate("2026-07", {"A": {"F": 40}, "B": {"F": 60}})
    city.release("2026-Q3")
    for _ in range(2):
        city.rate("2026-07", {"A": {"F": 1}, "B": {"F": 2}})
        again = city.release("2026-Q3")
    assert {rate.flags for rate in again.rates} == {("earlier_edition",)}
    assert {rate.edition for rate in again.rates} == {1}


def test_changes_of_others_do_not_tell_a_small_one(city):
    """The city's 53 less B's 50 would tell A's 3; B is hidden and too far off to stay."""
    city.rate("2026-07", {"A": {"F": 40}, "B": {"F": 100}})
    city.release("2026-Q3")
    city.rate("2026-07", {"A": {"F": 3}, "B": {"F": 50}})
    assert shown(city.release("2026-Q3")) == {
        "city all": 193,
        "city F": 193,
        "A all*": 40,
        "A F*": 40,
    }


def test_another_answer_in_place_of_a_cancelled_one_is_a_change(city):
    city.rate("2026-07", {"A": {"F": 40}, "B": {"F": 100}})
    city.release("2026-Q3")
    city.satisfied.subtract(dict.fromkeys(city.satisfied, 1))
    assert set(shown(city.release("2026-Q3"))) == {
        f"{unit} {field}*" for unit in ("city", "A", "B") for field in ("F", "all")
    }


def test_a_cancelled_import_does_not_stay(city):
    city.rate("2026-07", {"A": {"F": 300}, "B": {"F": 100}, "C": {"F": 60}})
    city.release("2026-Q3")
    city.rate("2026-07", {"A": {"F": -295}, "B": {"F": 30}})
    figures = shown(city.release("2026-Q3"))
    assert not [key for key in figures if key.startswith("A ")]
    assert "city all" not in figures or "B all" not in figures


def test_the_difference_to_an_older_edition_is_not_small_either(city):
    city.rate("2026-07", {"A": {"F": 40}, "B": {"F": 100}, "C": {"F": 80}})
    city.release("2026-Q3")
    city.rate("2026-07", {"A": {"F": 15}, "B": {"F": 20}})
    assert shown(city.release("2026-Q3"))["A all"] == 55
    city.rate("2026-07", {"A": {"F": -12}, "B": {"F": 20}})
    assert shown(city.release("2026-Q3"))["A all*"] == 55


def test_what_was_hidden_stays_hidden_while_nothing_changes(city):
    """An edition made for other reasons must not choose other figures to hide."""
    city.rate("2026-07", {"A": {"F": 15, "G": 60}, "B": {"F": 4, "G": 50}, "C": {"F": 16, "G": 40}})
    first = shown(city.release("2026-Q3"))
    assert "B F" not in first
    for _ in range(3):
        assert shown(city.release("2026-Q3")) == first


def test_reference_series_are_not_added_up(city, connection):
    period = parse_period("2026-Q3")
    rates = [
        rate_of((unit, False, None), period, 1, count, count, measure="reference", series=(series,))
        for series, counts in ((KIOSK, (40, 50)), (PHONE, (4, 6)))
        for unit, count in ((None, sum(counts)), ("A", counts[0]), ("B", counts[1]))
    ]
    found = disclose(connection, city.register, period, rates, [])
    assert [(rate.series[0].channel, rate.unit) for rate in found.rates] == [
        ("kiosk", None),
        ("kiosk", "A"),
        ("kiosk", "B"),
        ("phone", None),
    ]


def test_stretches_of_one_rule_are_held_against_months_by_days(city, connection):
    """June's last days are a stretch of the quarter as well: the same figure, 3 more."""
    days = "2025-06-19/2025-06-30"
    june, quarter = parse_period("2025-06"), parse_period("2025-Q2")
    write(
        connection,
        "2025-06",
        [rate_of((unit, False, None), june, 1, 40, 40, days=days) for unit in (None, "A")],
    )
    rates = [rate_of((unit, False, None), quarter, 1, 43, 43, days=days) for unit in (None, "A")]
    rates += [
        rate_of((unit, False, None), quarter, 1, 70, 70, days="2025-04-01/2025-06-18")
        for unit in (None, "A")
    ]
    found = disclose(connection, city.register, quarter, rates, releases(connection))
    assert [(rate.days, rate.answered) for rate in found.rates] == [
        ("2025-04-01/2025-06-18", 70)
    ] * 2


def test_the_order_of_the_rates_does_not_matter(city, connection):
    numbers = iter((3, 14, 25, 8, 19, 30, 41, 2, 13, 4, 15, 26, 37, 11, 22))
    table = {
        unit: {field: next(numbers) for field in "FGH"} for unit in ("A", "B", "C", "D1", "D2")
    }
    city.rate("2026-07", table)
    period = parse_period("2026-Q3")
    rates = city.rates(period, 1)
    expected = shown(disclose(connection, city.register, period, rates, []))
    for step in (2, 3, 5):
        rates = [rate for start in range(step) for rate in rates[start::step]]
        found = disclose(connection, city.register, period, rates, [])
        assert shown(found) == expected
        assert [rate for rate in rates if rate in found.rates] == found.rates


def test_what_cannot_be_protected_is_counted_and_named_for_the_house(city, connection):
    """A release made without protection told what C has, and nothing can call it back."""
    city.rate("2026-07", {"A": {"F": 40}, "B": {"F": 100}, "C": {"F": 4}})
    period = parse_period("2026-Q3")
    write(connection, "2026-Q3", [rate for rate in city.rates(period, 1) if rate.unit != "C"])
    found = disclose(connection, city.register, period, city.rates(period, 2), releases(connection))
    assert found.report["exposed"] == 2
    assert found.exposed == (
        "2026-Q3 field_ratings C F",
        "2026-Q3 field_ratings C all",
    )


def test_sums_close_over_units_children_and_fields(city):
    period, days = parse_period("2026-Q3"), ("2026-07-01", "2026-09-30")

    def key(unit: str | None, with_children: bool = False, is_rest: bool = False) -> Key:
        return Key(period, days, Cell(unit, with_children, None, is_rest))

    counts = {key(None): 70, key("A"): 20, key("D"): 10, key("D1"): 35, key("D", True): 45}
    sums = sums_of(counts, city.register)
    of = sums.place
    assert sums.counts[of[key(None, is_rest=True)]] == 5
    assert {(total, *sorted(parts)) for total, parts in sums.relations} == {
        (of[total], *sorted(of[part] for part in parts))
        for total, parts in (
            (key("D", True), [key("D"), key("D1")]),
            (key(None), [key("A"), key("D"), key("D1"), key(None, is_rest=True)]),
            (key(None), [key("A"), key("D", True), key(None, is_rest=True)]),
        )
    }


def test_sums_close_over_the_parts_of_a_period(city):
    cell = Cell("A", False, None)
    numbers = {"2026-Q3": 60, "2026-07": 10, "2026-08": 20, "2026-09": 30}
    counts = {
        Key(period, (str(period.first_on), str(period.last_on)), cell): number
        for period, number in ((parse_period(text), number) for text, number in numbers.items())
    }
    sums = sums_of(counts, city.register)
    (relation,) = sums.relations
    assert (sums.counts[relation[0]], sorted(sums.counts[at] for at in relation[1])) == (
        60,
        [10, 20, 30],
    )


def test_a_total_with_one_part_is_that_part(city):
    period, days = parse_period("2026-Q3"), ("2026-07-01", "2026-09-30")
    cells = (Cell("A", False, None), Cell("A", False, "F"), Cell(None, False, "F"))
    sums = sums_of({Key(period, days, cell): 20 for cell in cells}, city.register)
    assert len(sums.counts) == 1
    assert sums.relations == []


def test_a_large_family_is_attacked_by_a_sample(city, monkeypatch):
    city.rate("2026-07", {"A": {"F": 40, "G": 4, "H": 20}})
    monkeypatch.setattr("survey.publish.disclose.LARGEST", 1)
    report = city.disclose("2026-Q3", sample=2).report
    assert (report["attacked"], report["sample_attacked"], report["sample_exposed"]) == (
        False,
        2,
        0,
    )
    assert "sample_attacked" not in city.disclose("2026-Q3").report
    # one hidden cell beside shown ones is told by subtraction: the sample must say so
    monkeypatch.setattr(_Judged, "_protect", _hide_only_what_is_small)
    assert city.disclose("2026-Q3", sample=9).report["sample_exposed"] > 0


def _hide_only_what_is_small(judged: _Judged, _period: Period) -> None:
    judged._hidden = [count < 10 for count in judged._sums.counts]
    judged._attacked, judged.exposed = set(), []
