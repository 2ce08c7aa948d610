"""Rules and targets: dated, exact, and clear about which fields are meant."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.terms.measure import FieldSelector, MeasureRule, Target, parse_selector
from survey.terms.problem import InvalidTermError

DAY = dt.date(2025, 6, 19)


def make_target(**changes: Any) -> Target:
    values: dict[str, Any] = {
        "measure": "field_ratings",
        "level": "city",
        "fields": "each",
        "comparator": ">=",
        "value": "0.91",
        "source": "a plan",
        "basis": "law",
        "valid_from": dt.date(2021, 1, 1),
    }
    return Target(**{**values, **changes})


def make_rule(**changes: Any) -> MeasureRule:
    values: dict[str, Any] = {
        "measure": "field_ratings",
        "kind": "ratings",
        "unit_role": "resolving",
        "questions": ("one-stop.overall/1",),
        "series": ("one_stop/*/*/*", "*/*/*/token"),
        "once_per_dossier": True,
        "official": True,
        "basis": "a plan",
        "valid_from": dt.date(2021, 1, 1),
        "valid_to": dt.date(2025, 6, 18),
    }
    return MeasureRule(**{**values, **changes})


@pytest.mark.parametrize(
    ("text", "selector"),
    [
        ("each", FieldSelector("each")),
        ("all", FieldSelector("all")),
        ("each-except:land", FieldSelector("each", ("land",))),
        ("all-except:land|investment", FieldSelector("all", ("land", "investment"))),
        ("group:land", FieldSelector("group", ("land",))),
        ("field:gp.consultation", FieldSelector("field", ("gp.consultation",))),
    ],
)
def test_selectors(text: str, selector: FieldSelector) -> None:
    assert parse_selector(text) == selector
    assert make_target(fields=text).selector == selector


@pytest.mark.parametrize(
    "text",
    [
        "",
        "some",
        "all-except:",
        "all-except",
        "group:",
        "group:a|b",
        "field:a b",
        "each:land",
        "all|each",
    ],
)
def test_unclear_selectors_are_refused(text: str) -> None:
    with pytest.raises(InvalidTermError, match="fields"):
        make_target(fields=text)


@given(st.integers(0, 10**9))
def test_a_value_is_exact(billionths: int) -> None:
    whole, rest = divmod(billionths, 10**9)
    assert make_target(value=f"{whole}.{rest:09d}").fraction == Fraction(billionths, 10**9)


@pytest.mark.parametrize(
    "value", ["", "91", "91%", "1.1", "-0.5", "1/3", "0,91", ".91", "9e-1", "nan", "٠.٩"]
)
def test_a_value_is_a_plain_share(value: str) -> None:
    with pytest.raises(InvalidTermError, match="value"):
        make_target(value=value)


def test_days_must_be_in_order() -> None:
    for changes in ({"valid_to": dt.date(2020, 1, 1)}, {"carried_on_from": dt.date(2020, 1, 1)}):
        with pytest.raises(InvalidTermError, match="dates"):
            make_target(**changes)
    with pytest.raises(InvalidTermError, match="dates"):
        make_rule(valid_to=dt.date(2020, 1, 1))


def test_a_target_holds_to_its_last_day() -> None:
    target = make_target(valid_to=DAY)
    assert target.in_force(DAY)
    assert not target.in_force(DAY + dt.timedelta(1))
    assert not target.in_force(dt.date(2020, 12, 31))
    assert make_target().in_force(dt.date.max)


def test_a_rule_takes_what_its_patterns_name_and_nothing_else() -> None:
    rule = make_rule()
    assert rule.takes("one_stop/desk/staff/vouched")
    assert rule.takes("own/phone/citizen/token")
    assert not rule.takes("own/phone/citizen/claimed")
    assert not rule.takes("national_portal/portal/citizen/vouched")


def test_a_rule_is_in_force_in_a_period_that_touches_it() -> None:
    rule = make_rule()
    assert rule.in_force(dt.date(2025, 4, 1), dt.date(2025, 6, 30))
    assert rule.in_force(dt.date(2025, 6, 18), dt.date(2025, 6, 18))
    assert not rule.in_force(DAY, dt.date(2025, 6, 30))


@pytest.mark.parametrize("changes", [{"questions": ()}, {"series": ()}])
def test_a_rule_that_sums_nothing_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidTermError, match="rule_empty"):
        make_rule(**changes)
    assert make_rule(kind="publication", **changes).kind == "publication"


def test_a_rule_refuses_a_malformed_pattern() -> None:
    with pytest.raises(InvalidTermError, match="series_pattern"):
        make_rule(series=("one_stop",))
