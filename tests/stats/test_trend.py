import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2_contingency

from survey.stats.trend import trend_test
from tests.stats.reference import cases, close


@pytest.mark.parametrize("case", cases("tests_scales", "trend"), ids=lambda case: case["id"])
def test_reference_numbers(case):
    given_, want, tolerance = case["inputs"], case["expected"], case["tolerance"]
    found = trend_test(given_["x"], given_["n"], given_["score"])
    assert close(found.chi2, want["trend_X2"], tolerance)
    assert close(found.p_value, want["trend_p"], tolerance)
    assert close(found.homogeneity_chi2, want["homog_X2"], tolerance)
    assert close(found.homogeneity_p_value, want["homog_p"], tolerance)


rows = st.lists(
    st.integers(1, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
    min_size=2,
    max_size=12,
).filter(lambda rows: 0 < sum(s for s, _ in rows) < sum(n for _, n in rows))


@given(rows=rows)
def test_trend_is_a_part_of_what_differs(rows):
    satisfied, answered = np.array(rows).T
    found = trend_test(satisfied, answered)
    assert found.chi2 <= found.homogeneity_chi2 * (1 + 1e-9) + 1e-9
    pearson = chi2_contingency([satisfied, answered - satisfied], correction=False)
    assert found.homogeneity_chi2 == pytest.approx(pearson.statistic, abs=1e-9)


@given(rows=rows, scale=st.floats(0.1, 50), shift=st.floats(-50, 50))
def test_the_scale_of_the_scores_does_not_matter(rows, scale, shift):
    satisfied, answered = np.array(rows).T
    scores = np.arange(len(rows)) * scale + shift
    found, plain = trend_test(satisfied, answered, scores), trend_test(satisfied, answered)
    assert found.chi2 == pytest.approx(plain.chi2, rel=1e-6, abs=1e-9)
    assert found.slope * scale == pytest.approx(plain.slope, rel=1e-6, abs=1e-9)


def test_slope_has_the_direction_and_size_of_the_change():
    assert trend_test([80, 85, 90], [100, 100, 100]).slope == pytest.approx(0.05)
    assert trend_test([90, 85, 80], [100, 100, 100]).slope == pytest.approx(-0.05)


def test_periods_without_answers_are_left_out():
    found = trend_test([80, 0, 90], [100, 0, 100], [1, 2, 3])
    assert found.chi2 == trend_test([80, 90], [100, 100], [1, 3]).chi2
    assert found.homogeneity_df == 1


@pytest.mark.parametrize("satisfied", [[0, 0], [5, 5]])
def test_no_variation_is_stated_as_nan(satisfied):
    found = trend_test(satisfied, [5, 5])
    assert math.isnan(found.chi2)
    assert math.isnan(found.p_value)


def test_too_little_is_stated_as_nan():
    assert math.isnan(trend_test([3], [5]).homogeneity_p_value)
    assert math.isnan(trend_test([0, 0], [0, 0]).slope)
    same_score = trend_test([3, 4], [5, 5], [1, 1])
    assert math.isnan(same_score.chi2)
    assert math.isnan(same_score.p_value)
    assert same_score.homogeneity_chi2 > 0


def test_bad_arguments_are_named():
    with pytest.raises(ValueError, match="scores must be finite, one for each of the 2 periods"):
        trend_test([1, 1], [2, 2], [1, float("nan")])
    with pytest.raises(ValueError, match="scores must be finite"):
        trend_test([1, 1], [2, 2], [1, 2, 3])
    with pytest.raises(ValueError, match="satisfied must not exceed answered"):
        trend_test([3, 1], [2, 2])
    with pytest.raises(ValueError, match="answered must be a list"):
        trend_test([3, 1], [[2, 2]])
