from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.stats import percent, reached
from tests.stats.reference import cases

COMPARATORS = [">=", ">", "<=", "<"]


@st.composite
def pairs(draw):
    answered = draw(st.integers(1, 10**12))
    return draw(st.integers(0, answered)), answered


def as_text(value):
    return None if value is None else str(value)


@pytest.mark.parametrize("case", cases("threshold_verdict"), ids=lambda case: case["id"])
def test_reference_numbers(case):
    given_, want = case["inputs"], case["expected"]
    s, n, target = given_["s"], given_["n"], Fraction(given_["target"])
    assert as_text(percent(s, n)) == want["display_half_up"]
    assert as_text(percent(s, n, target=target)) == want["display_guarded"]


@given(pair=pairs())
def test_half_up_of_the_exact_fraction(pair):
    with localcontext() as context:
        context.prec = 60
        exact = Decimal(100 * pair[0]) / Decimal(pair[1])
        want = exact.quantize(Decimal("0.1"), ROUND_HALF_UP)
    assert str(percent(*pair)) == str(want)
    assert as_text(percent([pair[0]], [pair[1]])[0]) == str(want)


def test_half_up_where_floats_round_down():
    assert str(percent(1, 16)) == "6.3"
    assert str(percent(3, 2000)) == "0.2"
    assert str(percent(1, 2000)) == "0.1"
    assert str(percent(0, 5)) == "0.0"
    assert str(percent(5, 5)) == "100.0"


@given(
    pair=pairs(),
    target=st.one_of(
        st.fractions(0, 1, max_denominator=10**5),
        st.integers(0, 1000).map(lambda t: Fraction(t, 1000)),
    ),
    comparator=st.sampled_from(COMPARATORS),
)
def test_never_contradicts_the_exact_comparison(pair, target, comparator):
    printed = percent(*pair, target=target, comparator=comparator)
    (of_array,) = percent([pair[0]], [pair[1]], target=target, comparator=comparator)
    assert str(of_array) == str(printed)
    tenths = int(printed * 10)
    assert reached(tenths, 1000, target, comparator) is reached(*pair, target, comparator)
    assert abs(Fraction(tenths, 1000) - Fraction(*pair)) < Fraction(1, 1000)


@given(answered=st.integers(1, 10**6), tenths=st.integers(1, 999), offset=st.integers(-2, 2))
def test_never_contradicts_close_to_the_target(answered, tenths, offset):
    target = Fraction(tenths, 1000)
    satisfied = min(max(int(answered * target) + offset, 0), answered)
    for comparator in COMPARATORS:
        printed = percent(satisfied, answered, target=target, comparator=comparator)
        assert reached(int(printed * 10), 1000, target, comparator) is reached(
            satisfied, answered, target, comparator
        )


def test_strict_target_just_passed_prints_above_it():
    target = Fraction(4, 100)
    assert str(percent(4001, 100_000, target=target, comparator="<=")) == "4.1"
    assert str(percent(4001, 100_000, target=target)) == "4.0"


def test_arrays_equal_scalars():
    s, n = np.array([[1, 0], [2, 899_999]]), np.array([[16, 0], [3, 1_000_000]])
    found = percent(s, n, target=Fraction(9, 10))
    assert [[as_text(cell) for cell in row] for row in found] == [["6.3", None], ["66.7", "89.9"]]


def test_counts_beyond_machine_integers():
    assert str(percent(2**62, 2**63 - 1)) == "50.0"
    assert as_text(percent([2**62, 0], [2**63 - 1, 0])[0]) == "50.0"


def test_bad_arguments_are_named():
    with pytest.raises(ValueError, match="target must be a Fraction"):
        percent(1, 2, target=0.5)
    with pytest.raises(ValueError, match="comparator must be one of"):
        percent(1, 2, comparator="=")
    with pytest.raises(ValueError, match="satisfied must not be negative"):
        percent(-1, 2)
