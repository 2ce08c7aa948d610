import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from survey.stats import Interval, interval
from survey.stats.proportion import BLOCK, METHODS
from tests.stats.reference import cases, close

METHOD_NAMES = ["wilson", "clopper_pearson", "jeffreys", "agresti_coull"]
INSIDE = ["wilson", "clopper_pearson", "jeffreys"]


@st.composite
def pairs(draw, largest=10**9):
    answered = draw(st.integers(1, largest))
    return draw(st.integers(0, answered)), answered


@pytest.mark.parametrize("case", cases("proportion_ci"), ids=lambda case: case["id"])
@pytest.mark.parametrize("method", METHOD_NAMES)
def test_reference_numbers(case, method):
    given_ = case["inputs"]
    found = interval(given_["s"], given_["n"], method=method, level=given_["level"])
    want = case["expected"][method]
    assert close(found.low, want["lo"], case["tolerance"])
    assert close(found.high, want["hi"], case["tolerance"])


@pytest.mark.parametrize("method", METHOD_NAMES)
def test_arrays_equal_scalars_across_blocks(method):
    rng = np.random.default_rng(7)
    answered = rng.integers(0, 50, BLOCK + 11)
    satisfied = rng.binomial(answered, 0.8)
    found = interval(satisfied, answered, method=method)
    for row in (0, 1, BLOCK - 1, BLOCK, BLOCK + 10):
        one = interval(int(satisfied[row]), int(answered[row]), method=method)
        np.testing.assert_array_equal([found.low[row], found.high[row]], [one.low, one.high])


def test_shape_is_kept_and_broadcast():
    found = interval([[1], [2]], [4, 5, 6])
    assert found.low.shape == found.high.shape == (2, 3)
    assert interval([], []).low.shape == (0,)


def test_scalars_of_numpy_come_out_as_python_floats():
    found = interval(np.int64(3), np.int32(4))
    assert type(found.low) is float
    assert type(found.high) is float
    assert found == Interval(found.low, found.high, "wilson", 0.95)


@pytest.mark.parametrize("method", METHOD_NAMES)
def test_nothing_answered_is_nan(method):
    found = interval(0, 0, method=method)
    assert math.isnan(found.low)
    assert math.isnan(found.high)


@pytest.mark.parametrize("method", INSIDE)
@given(answered=st.integers(1, 10**7))
def test_ends_are_exact(method, answered):
    assert interval(0, answered, method=method).low == 0.0
    assert interval(answered, answered, method=method).high == 1.0


@pytest.mark.parametrize("method", INSIDE)
@given(pair=pairs(), level=st.sampled_from([0.5, 0.9, 0.95, 0.99]))
def test_inside_zero_to_one_and_contains_the_rate(method, pair, level):
    found = interval(*pair, method=method, level=level)
    assert 0 <= found.low <= pair[0] / pair[1] <= found.high <= 1


@pytest.mark.parametrize("method", METHOD_NAMES)
@given(pair=pairs(10**6), factor=st.integers(2, 50))
def test_narrows_with_more_answers(method, pair, factor):
    satisfied, answered = pair
    small = interval(satisfied, answered, method=method)
    large = interval(satisfied * factor, answered * factor, method=method)
    assert large.high - large.low < small.high - small.low


@pytest.mark.parametrize("method", METHOD_NAMES)
@given(pair=pairs(10**6))
def test_dissatisfied_is_the_mirror_image(method, pair):
    satisfied, answered = pair
    found = interval(satisfied, answered, method=method)
    mirror = interval(answered - satisfied, answered, method=method)
    assert found.low == pytest.approx(1 - mirror.high, abs=1e-12)


@given(rows=st.lists(pairs(1000), min_size=2, max_size=20), seed=st.integers(0, 99))
def test_order_of_rows_does_not_matter(rows, seed):
    satisfied, answered = np.array(rows).T
    order = np.random.default_rng(seed).permutation(len(rows))
    found, shuffled = interval(satisfied, answered), interval(satisfied[order], answered[order])
    np.testing.assert_array_equal(found.low[order], shuffled.low)


@given(pair=pairs(10**6))
def test_clopper_pearson_is_no_narrower_than_its_tail(pair):
    found = interval(*pair, method="clopper_pearson")
    if pair[0] > 0:
        assert binom.sf(pair[0] - 1, pair[1], found.low) == pytest.approx(0.025, rel=1e-6)
    if pair[0] < pair[1]:
        assert binom.cdf(pair[0], pair[1], found.high) == pytest.approx(0.025, rel=1e-6)


@pytest.mark.parametrize(
    ("satisfied", "answered", "message"),
    [
        (float("nan"), 3, "satisfied must not be NaN"),
        (1, [3, float("nan")], "answered must not be NaN"),
        (float("inf"), 3, "satisfied must be whole numbers"),
        (-1, 3, "satisfied must not be negative"),
        (1, -3, "answered must not be negative"),
        (1.5, 3, "satisfied must be whole numbers"),
        ("1", 3, "satisfied must be whole numbers"),
        (True, 3, "satisfied must be whole numbers"),
        (None, 3, "satisfied must be whole numbers"),
        (1, 2**70, "answered must be whole numbers below"),
        (1, np.uint64(2**63 + 1), "answered must be whole numbers below"),
        (4, 3, "satisfied must not exceed answered, got 4 of 3"),
        ([1, 4], [3, 3], "satisfied must not exceed answered, got 4 of 3"),
        ([1, 2], [3, 3, 3], "satisfied and answered must have one shape"),
    ],
)
def test_bad_counts_are_named(satisfied, answered, message):
    with pytest.raises(ValueError, match=message):
        interval(satisfied, answered)


@pytest.mark.parametrize("level", [0, 1, 95, -0.5, float("nan")])
def test_bad_level_is_named(level):
    with pytest.raises(ValueError, match="level must lie strictly between 0 and 1"):
        interval(1, 2, level=level)


def test_unknown_method_lists_all_valid_ones():
    with pytest.raises(ValueError, match="method") as caught:
        interval(1, 2, method="wald")
    assert all(repr(name) in str(caught.value) for name in METHODS)
    assert sorted(METHODS) == sorted(METHOD_NAMES)
