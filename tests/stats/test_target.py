from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.stats import Verdict, interval, reached, verdict
from tests.stats.reference import cases, close

COMPARATORS = [">=", ">", "<=", "<"]
NINETY = Fraction(9, 10)
targets = st.fractions(0, 1, max_denominator=10**6)


@pytest.mark.parametrize("case", cases("threshold_verdict"), ids=lambda case: case["id"])
def test_reference_numbers(case):
    given_, want = case["inputs"], case["expected"]
    target = Fraction(given_["target"])
    found = interval(given_["s"], given_["n"], level=given_["level"])
    assert close(found.low, want["wilson_lo"], case["tolerance"])
    assert close(found.high, want["wilson_hi"], case["tolerance"])
    assert verdict(found, target, ">=") == want["verdict"]
    assert reached(given_["s"], given_["n"], target, ">=") is want["point_meets"]
    assert (given_["n"] < given_["min_n"]) is want["below_min_n"]


@given(
    answered=st.integers(1, 10**15),
    share=st.fractions(0, 1),
    target=targets,
    comparator=st.sampled_from(COMPARATORS),
)
def test_by_count_equals_exact_fractions(answered, share, target, comparator):
    satisfied = int(answered * share)
    rate = Fraction(satisfied, answered)
    want = {">=": rate >= target, ">": rate > target, "<=": rate <= target, "<": rate < target}
    assert reached(satisfied, answered, target, comparator) is want[comparator]


def test_by_count_on_the_line():
    for answered in (10, 10**6, 9 * 10**17):
        satisfied = answered // 10 * 9
        assert [reached(satisfied, answered, NINETY, c) for c in COMPARATORS] == [
            True,
            False,
            True,
            False,
        ]
        assert reached(satisfied - 1, answered, NINETY, ">=") is False


def test_by_count_over_arrays():
    found = reached(np.array([[9, 8], [0, 10]]), np.array([[10, 10], [0, 10]]), NINETY, ">=")
    assert found.tolist() == [[True, False], [None, True]]
    assert reached(0, 0, NINETY, "<") is None


def bounds(low, high):
    return SimpleNamespace(low=low, high=high)


@pytest.mark.parametrize(
    ("low", "high", "comparator", "want"),
    [
        (0.5, 0.6, ">=", "met"),
        (0.5, 0.6, ">", "not_enough"),
        (0.4, 0.5, ">=", "not_enough"),
        (0.4, 0.5, ">", "not_met"),
        (0.4, 0.5, "<=", "met"),
        (0.4, 0.5, "<", "not_enough"),
        (0.5, 0.6, "<=", "not_enough"),
        (0.5, 0.6, "<", "not_met"),
        (0.6, 0.7, "<=", "not_met"),
        (0.3, 0.4, "<", "met"),
        (0.3, 0.4, ">=", "not_met"),
        (0.5, 0.5, ">=", "met"),
        (float("nan"), float("nan"), "<", "no_ratings"),
    ],
)
def test_verdict_at_the_edges(low, high, comparator, want):
    found = verdict(bounds(low, high), Fraction(1, 2), comparator)
    assert found is Verdict(want)
    assert verdict(bounds(np.array([low]), np.array([high])), Fraction(1, 2), comparator) == [want]


@given(
    ends=st.tuples(st.floats(0, 1), st.floats(0, 1)).map(sorted),
    target=targets,
    comparator=st.sampled_from(COMPARATORS),
)
def test_verdict_equals_exact_comparison_of_the_ends(ends, target, comparator):
    holds = {
        ">=": lambda end: Fraction(end) >= target,
        ">": lambda end: Fraction(end) > target,
        "<=": lambda end: Fraction(end) <= target,
        "<": lambda end: Fraction(end) < target,
    }[comparator]
    low, high = (holds(end) for end in ends)
    want = "not_enough" if low != high else "met" if low else "not_met"
    assert verdict(bounds(*ends), target, comparator) == want


@pytest.mark.parametrize("target", [Fraction(1, 3), Fraction(1, 10), Fraction(7, 10)])
def test_verdict_is_exact_where_the_target_is_no_float(target):
    nearest = float(target)
    assert verdict(bounds(nearest, nearest), target, ">=") == (
        "met" if Fraction(nearest) >= target else "not_met"
    )


@given(answered=st.integers(1, 5000), share=st.fractions(0, 1), target=targets)
def test_firm_verdict_never_contradicts_the_count(answered, share, target):
    satisfied = int(answered * share)
    found = verdict(interval(satisfied, answered), target, ">=")
    if found is Verdict.MET:
        assert reached(satisfied, answered, target, ">=") is True
    if found is Verdict.NOT_MET:
        assert reached(satisfied, answered, target, ">=") is False


@pytest.mark.parametrize("function", [reached, lambda s, n, *rest: verdict(interval(s, n), *rest)])
def test_bad_arguments_are_named(function):
    with pytest.raises(ValueError, match="target must be a Fraction"):
        function(1, 2, 0.5, ">=")
    with pytest.raises(ValueError, match="target must lie in 0 to 1"):
        function(1, 2, Fraction(95), ">=")
    with pytest.raises(ValueError, match="comparator must be one of '>=', '>', '<=', '<'"):
        function(1, 2, NINETY, "==")


def test_by_count_names_bad_counts():
    with pytest.raises(ValueError, match="satisfied must not exceed answered"):
        reached(3, 2, NINETY, ">=")
