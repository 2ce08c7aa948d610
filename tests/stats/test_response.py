import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.stats.response import response_rates

OUTCOMES = (
    "complete",
    "partial",
    "refusal",
    "non_contact",
    "other",
    "unknown_household",
    "unknown_other",
    "not_eligible",
)
outcomes = st.fixed_dictionaries({name: st.integers(0, 500) for name in OUTCOMES})


def test_formulas_of_the_standard_definitions():
    found = response_rates(
        complete=500,
        partial=30,
        refusal=120,
        non_contact=80,
        other=20,
        unknown_household=150,
        unknown_other=50,
        not_eligible=250,
    )
    assert found.rr1 == 500 / (500 + 30 + 120 + 80 + 20 + 150 + 50)
    assert found.eligible_share == 750 / 1000
    assert found.rr3 == 500 / (500 + 30 + 120 + 80 + 20 + 0.75 * 200)


@given(counts=outcomes, eligible_share=st.one_of(st.none(), st.floats(0, 1)))
def test_the_minimum_rate_is_the_lower_one(counts, eligible_share):
    found = response_rates(**counts, eligible_share=eligible_share)
    if not math.isnan(found.rr3):
        assert 0 <= found.rr1 <= found.rr3 <= 1


def test_a_given_share_is_used():
    found = response_rates(complete=50, unknown_other=100, eligible_share=0.5)
    assert (found.rr1, found.rr3, found.eligible_share) == (50 / 150, 0.5, 0.5)
    assert response_rates(complete=50, unknown_other=100, eligible_share=0).rr3 == 1


def test_nothing_known_is_stated_as_nan():
    assert math.isnan(response_rates(complete=0).rr1)
    only_unknown = response_rates(complete=0, unknown_other=10)
    assert only_unknown.rr1 == 0
    assert math.isnan(only_unknown.rr3)


def test_bad_arguments_are_named():
    with pytest.raises(ValueError, match="refusal must not be negative"):
        response_rates(complete=1, refusal=-1)
    with pytest.raises(ValueError, match="complete must be one whole number"):
        response_rates(complete=[1, 2])
    with pytest.raises(ValueError, match="eligible_share must lie in 0 to 1"):
        response_rates(complete=1, eligible_share=1.5)
    with pytest.raises(ValueError, match="eligible_share must lie in 0 to 1"):
        response_rates(complete=1, eligible_share=float("nan"))
