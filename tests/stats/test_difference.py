import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import xlogy

from survey.stats.difference import METHODS, difference, paired_difference
from survey.stats.restricted import restricted_estimate
from tests.stats.reference import cases, close

METHOD_NAMES = ["newcombe", "agresti_caffo", "miettinen_nurminen"]


@st.composite
def two_samples(draw, largest=300):
    n1, n2 = draw(st.integers(1, largest)), draw(st.integers(1, largest))
    return draw(st.integers(0, n1)), n1, draw(st.integers(0, n2)), n2


# Several pairs of samples take hardly longer than one, so half of the examples hold twice as many.
PAIRS = st.lists(two_samples(), min_size=1, max_size=8).map(lambda rows: np.array(rows).T)
FEWER = settings(max_examples=settings.default.max_examples // 2)


@pytest.mark.parametrize("case", cases("two_proportions", "diff"), ids=lambda case: case["id"])
@pytest.mark.parametrize("method", METHOD_NAMES)
def test_reference_numbers(case, method):
    given_, want, tolerance = case["inputs"], case["expected"], case["tolerance"]
    samples = [given_[name] for name in ("s1", "n1", "s2", "n2")]
    found = difference(*samples, method=method, level=given_["level"])
    abs_key = "miettinen_nurminen_abs" if method == "miettinen_nurminen" else "abs"
    assert close(found.estimate, want["diff"], tolerance)
    assert close(found.low, want[method][0], tolerance, abs_key)
    assert close(found.high, want[method][1], tolerance, abs_key)


@pytest.mark.parametrize("case", cases("two_proportions", "paired"), ids=lambda case: case["id"])
def test_reference_numbers_of_pairs(case):
    given_, want, tolerance = case["inputs"], case["expected"], case["tolerance"]
    cells = [given_[name] for name in ("both", "first_only", "second_only", "neither")]
    found = paired_difference(*cells, level=given_["level"])
    assert close(found.estimate, want["diff"], tolerance)
    assert close(found.low, want["newcombe_paired"][0], tolerance)
    assert close(found.high, want["newcombe_paired"][1], tolerance)


@pytest.mark.parametrize("method", METHOD_NAMES)
@FEWER
@given(samples=PAIRS)
def test_swapping_the_samples_turns_the_sign(method, samples):
    s1, n1, s2, n2 = samples
    found, swapped = (
        difference(s1, n1, s2, n2, method=method),
        difference(s2, n2, s1, n1, method=method),
    )
    assert found.low == pytest.approx(-swapped.high, abs=1e-9)
    assert found.high == pytest.approx(-swapped.low, abs=1e-9)


@pytest.mark.parametrize("method", ["newcombe", "miettinen_nurminen"])
@FEWER
@given(samples=PAIRS)
def test_contains_the_estimate_within_minus_one_and_one(method, samples):
    found = difference(*samples, method=method)
    assert ((found.low >= -1) & (found.low <= found.estimate + 1e-12)).all()
    assert ((found.high >= found.estimate - 1e-12) & (found.high <= 1)).all()


@pytest.mark.parametrize("method", METHOD_NAMES)
@FEWER
@given(samples=PAIRS, factor=st.integers(2, 9))
def test_narrows_with_more_answers(method, samples, factor):
    small = difference(*samples, method=method)
    large = difference(*(factor * samples), method=method)
    assert (large.high - large.low < small.high - small.low).all()


@given(samples=two_samples(40), shift=st.floats(-0.99, 0.99))
def test_the_restricted_estimate_is_the_most_likely(samples, shift):
    s1, n1, s2, n2 = samples
    arrays = [np.array([count]) for count in samples]
    p1, p2 = restricted_estimate(*arrays, np.array([shift]))
    assert p1[0] - p2[0] == pytest.approx(shift, abs=1e-12)

    def likelihood(a, b):
        return xlogy(s1, a) + xlogy(n1 - s1, 1 - a) + xlogy(s2, b) + xlogy(n2 - s2, 1 - b)

    others = np.linspace(max(0, -shift), min(1, 1 - shift), 301)
    best = likelihood(p1[0], p2[0])
    assert (likelihood(np.clip(others + shift, 0, 1), others) <= best + 1e-6).all()


@pytest.mark.parametrize("method", METHOD_NAMES)
def test_arrays_equal_scalars_and_empty_samples_are_nan(method):
    rows = [(9, 10, 3, 10), (0, 0, 3, 10), (10, 10, 0, 20), (5, 5, 5, 5)]
    found = difference(*np.array(rows).T, method=method)
    assert np.isnan(found.low).tolist() == [False, True, False, False]
    assert np.isnan(found.high).tolist() == np.isnan(found.estimate).tolist()
    for row in (0, 2, 3):
        one = difference(*rows[row], method=method)
        assert (found.low[row], found.high[row]) == (one.low, one.high)
        assert type(one.low) is float


@given(cells=st.tuples(*[st.integers(0, 200)] * 4).filter(any))
def test_pairs_contain_the_estimate_and_turn_with_the_order(cells):
    both, first, second, neither = cells
    found = paired_difference(both, first, second, neither)
    swapped = paired_difference(both, second, first, neither)
    assert -1 - 1e-12 <= found.low <= found.estimate <= found.high <= 1 + 1e-12
    assert found.low == pytest.approx(-swapped.high, abs=1e-12)


def test_no_pair_is_nan():
    found = paired_difference([0, 5], [0, 5], [0, 5], [0, 5])
    assert np.isnan(found.estimate).tolist() == [True, False]
    assert np.isnan(found.low).tolist() == [True, False]


def test_bad_arguments_are_named():
    with pytest.raises(ValueError, match="satisfied_b must not exceed answered_b"):
        difference(1, 2, 3, 2)
    with pytest.raises(ValueError, match="answered_a must be whole numbers"):
        difference(1, 2.5, 1, 2)
    with pytest.raises(ValueError, match="second_only must not be negative"):
        paired_difference(1, 1, -1, 1)
    with pytest.raises(ValueError, match="level must"):
        paired_difference(1, 1, 1, 1, level=1)
    with pytest.raises(ValueError, match="must have one shape"):
        difference([1, 1], 2, [1, 1, 1], 2)
    with pytest.raises(ValueError, match="method") as caught:
        difference(1, 2, 1, 2, method="score")
    assert all(repr(name) in str(caught.value) for name in METHOD_NAMES)
    assert sorted(METHODS) == sorted(METHOD_NAMES)
