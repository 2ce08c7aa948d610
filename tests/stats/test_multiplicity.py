from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest, false_discovery_control

from survey.stats.multiplicity import METHODS, adjust, flag, target_p_value
from tests.stats.reference import cases, close

TARGET = Fraction(9, 10)
families = st.lists(st.floats(0, 1), min_size=1, max_size=30)


@pytest.mark.parametrize("case", cases("tests_scales", "bh"), ids=lambda case: case["id"])
@pytest.mark.parametrize(("method", "key"), [("bh", "BH"), ("by", "BY"), ("holm", "holm")])
def test_reference_numbers(case, method, key):
    found = adjust(case["inputs"]["p"], method=method)
    for got, want in zip(found, case["expected"][key], strict=True):
        assert close(got, want, case["tolerance"])


@given(p=families)
def test_false_discovery_rate_equals_scipys(p):
    for method in ("bh", "by"):
        np.testing.assert_allclose(
            adjust(p, method=method), false_discovery_control(p, method=method), rtol=1e-12
        )


@given(p=families, seed=st.integers(0, 9))
def test_order_does_not_matter_and_adjusting_never_lowers(p, seed):
    p = np.array(p)
    order = np.random.default_rng(seed).permutation(p.size)
    for method in METHODS:
        found = adjust(p, method=method)
        np.testing.assert_allclose(found[order], adjust(p[order], method=method), rtol=1e-12)
        assert (found >= p - 1e-15).all()
        assert (found <= 1).all()
    assert (adjust(p, method="bh") <= adjust(p, method="by") + 1e-15).all()
    assert (adjust(p, method="bh") <= adjust(p, method="holm") + 1e-15).all()


@given(p=families)
def test_holm_is_the_step_down_rule(p):
    found = flag(p, rate=0.2, method="holm").flagged
    rejected = set()
    for rank, i in enumerate(np.argsort(p, kind="stable")):
        if p[i] * (len(p) - rank) > 0.2:
            break
        rejected.add(i)
    assert set(np.flatnonzero(found)) == rejected


def test_missing_p_values_are_not_counted():
    nan = float("nan")
    found = flag([0.01, nan, 0.04, nan], method="holm")
    assert found.family == 2
    assert found.flagged.tolist() == [True, False, True, False]
    np.testing.assert_array_equal(adjust([nan]), [nan])
    assert adjust([]).shape == (0,)


def test_expected_false_findings():
    found = flag([0.001, 0.002, 0.9], rate=0.1)
    assert (found.count, found.expected_false) == (2, pytest.approx(0.2))
    assert np.isnan(flag([0.001], method="holm").expected_false)


@given(answered=st.integers(1, 400), share=st.fractions(0, 1), target=st.fractions(0, 1))
def test_exact_p_value_is_the_binomial_test(answered, share, target):
    satisfied = int(answered * share)
    for side, alternative in (("below", "less"), ("above", "greater")):
        want = binomtest(satisfied, answered, float(target), alternative=alternative).pvalue
        exact = target_p_value(satisfied, answered, target, side=side, tail="exact")
        assert exact == pytest.approx(want, rel=1e-9, abs=1e-13)
        assert 0 <= target_p_value(satisfied, answered, target, side=side) <= exact


@given(answered=st.integers(1, 400), share=st.fractions(0, 1))
def test_mid_p_values_of_both_sides_add_up_to_one(answered, share):
    satisfied = int(answered * share)
    below = target_p_value(satisfied, answered, TARGET)
    above = target_p_value(satisfied, answered, TARGET, side="above")
    assert below + above == pytest.approx(1)


def test_no_answers_is_nan_in_arrays():
    found = target_p_value([0, 9], [0, 10], TARGET)
    assert np.isnan(found).tolist() == [True, False]
    assert type(target_p_value(9, 10, TARGET)) is float


def test_false_discoveries_are_held_among_many():
    # 60 x 360 cells, a tenth of them truly below: the false share stays under the rate.
    rng = np.random.default_rng(12)
    answered = rng.integers(10, 400, 21_600)
    below = rng.random(21_600) < 0.1
    satisfied = rng.binomial(answered, np.where(below, 0.8, 0.9))
    found = flag(target_p_value(satisfied, answered, TARGET))
    assert found.count > 500
    assert (found.flagged & ~below).sum() / found.count < 0.05


def test_bad_arguments_are_named():
    with pytest.raises(ValueError, match="p_values must lie in 0 to 1"):
        adjust([1.2])
    with pytest.raises(ValueError, match="p_values must be in one row"):
        adjust([[0.2]])
    with pytest.raises(ValueError, match="method must be one of 'bh', 'by', 'holm'"):
        flag([0.2], method="bonferroni")
    with pytest.raises(ValueError, match="rate must lie strictly"):
        flag([0.2], rate=5)
    with pytest.raises(ValueError, match="side must be one of 'below', 'above'"):
        target_p_value(1, 2, TARGET, side="less")
    with pytest.raises(ValueError, match="tail must be one of 'mid_p', 'exact'"):
        target_p_value(1, 2, TARGET, tail="mid")
    with pytest.raises(ValueError, match="target must be a Fraction"):
        target_p_value(1, 2, 0.9)
