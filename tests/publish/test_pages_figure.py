"""What of a rate is shown: tier, badge, printed numbers, and which rate leads."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.estimate.rate import Rate
from survey.publish.figure import Thresholds, figure, figures
from survey.publish.standing import alike, stand
from survey.register.snapshot import Register
from tests.publish.figures import DESK, KIOSK, QR, hidden, rate, reference

LIMITS = Thresholds(10, 30, is_preliminary=False)


@pytest.mark.parametrize(
    ("answered", "tier"), [(1, "hidden"), (9, "hidden"), (10, "plain"), (29, "plain"), (30, "full")]
)
def test_tiers(answered: int, tier: str) -> None:
    assert LIMITS.tier(rate(answered, answered)) == tier


def test_hidden_suppressed_and_missing_are_one_state() -> None:
    suppressed = hidden(rate(50, 60))
    assert LIMITS.tier(None) == LIMITS.tier(suppressed) == LIMITS.tier(rate(5, 9)) == "hidden"
    assert figures([suppressed, rate(5, 9)], LIMITS) == [None, None]


def test_a_suppressed_rate_stays_hidden_even_if_a_number_slips_through() -> None:
    assert figure(rate(50, 60, suppressed=True), LIMITS) is None


@pytest.mark.parametrize(
    ("made", "badge"),
    [
        (rate(1193, 1258), "met"),
        (rate(84, 100), "not_met"),
        (rate(91, 100), "not_enough"),
        (rate(20, 29), None),
        (reference(1752, 1904), None),
        (rate(93, 100, target=None), None),
    ],
)
def test_badges(made: Rate, badge: str | None) -> None:
    shown = figure(made, LIMITS)
    assert shown is not None
    assert shown.badge == badge


def test_a_period_that_has_not_ended_gets_no_badge_but_its_figures() -> None:
    shown = figure(rate(1193, 1258), Thresholds(10, 30, is_preliminary=True))
    assert shown is not None
    assert shown.badge is None
    assert shown.percent == Decimal("94.8")


def test_numbers_are_printed_from_counts() -> None:
    shown = figure(rate(1193, 1258), LIMITS)
    assert shown is not None
    assert (shown.percent, shown.low, shown.high) == (
        Decimal("94.8"),
        Decimal("93.5"),
        Decimal("95.9"),
    )


@pytest.mark.parametrize(
    ("satisfied", "answered", "printed"), [(9096, 10000, "91.0"), (9095, 10000, "90.9")]
)
def test_print_never_contradicts_the_count(satisfied: int, answered: int, printed: str) -> None:
    shown = figure(rate(satisfied, answered), LIMITS)
    assert shown is not None
    expected = Decimal(printed) if Fraction(satisfied, answered) >= Fraction(91, 100) else None
    assert shown.percent == (expected or Decimal("90.9"))


@given(st.integers(30, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_printed_ends_agree_with_the_verdict(counts: tuple[int, int]) -> None:
    shown = figure(rate(*counts), LIMITS)
    assert shown is not None
    assert shown.low <= shown.percent <= shown.high
    target = Decimal(91)
    if shown.badge == "met":
        assert shown.low >= target
    if shown.badge == "not_met":
        assert shown.high < target
    if shown.badge == "not_enough":
        assert shown.low < target <= shown.high


@given(
    st.lists(
        st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), max_size=12
    )
)
def test_figures_of_a_list_are_those_of_each(counts: list[tuple[int, int]]) -> None:
    rates = [
        rate(*each, target=None) if place % 3 == 0 else rate(*each)
        for place, each in enumerate(counts)
    ]
    assert figures(rates, LIMITS) == [figure(each, LIMITS) for each in rates]


def test_the_official_rate_leads_however_small(city_register: Register) -> None:
    standing = stand(city_register, figures([reference(900, 1000), rate(9, 12)], LIMITS))
    assert standing.lead is not None
    assert standing.lead.rate.official
    assert standing.is_official
    assert [each.answered for each in standing.apart] == [1000]


def test_without_official_figures_the_largest_reference_leads(city_register: Register) -> None:
    rates = [hidden(rate(9, 12)), reference(45, 60), reference(300, 400, QR)]
    standing = stand(city_register, figures(rates, LIMITS))
    assert standing.lead is not None
    assert standing.lead.rate.series == (QR,)
    assert not standing.is_official
    assert [each.rate.series for each in standing.apart] == [(KIOSK,)]


def test_nothing_shown_leads_nothing(city_register: Register) -> None:
    standing = stand(city_register, figures([hidden(rate(9, 12)), reference(5, 8)], LIMITS))
    assert standing.lead is None
    assert not standing.apart


def test_under_a_change_of_rule_the_later_days_lead(city_register: Register) -> None:
    rates = [
        rate(50, 60, days="2025-04-01/2025-06-18"),
        rate(40, 50, days="2025-06-19/2025-06-30"),
    ]
    standing = stand(city_register, figures(rates, LIMITS))
    assert standing.lead is not None
    assert standing.lead.answered == 50
    assert [each.answered for each in standing.beside] == [60]


def test_children_stand_apart_from_the_units_own(city_register: Register) -> None:
    rates = [rate(50, 60), rate(500, 600, with_children=True)]
    standing = stand(city_register, figures(rates, LIMITS))
    assert standing.lead is not None
    assert standing.lead.answered == 60
    assert standing.with_children is not None
    assert standing.with_children.answered == 600
    assert not standing.beside


def test_a_row_is_of_the_leading_kind_only() -> None:
    lead = rate(50, 60)
    rates = [
        rate(9, 10, field="DD", series=(DESK,)),
        rate(8, 10, field="HTICH", with_children=True),
        reference(8, 10, field="HTICH"),
        rate(8, 10, field="HTICH", question="other/1"),
    ]
    assert alike(rates, lead) == rates[:1]
