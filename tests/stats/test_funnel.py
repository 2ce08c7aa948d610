import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from survey.stats.funnel import funnel, funnel_limits
from tests.stats.reference import cases, close

KEYS = {
    "z": "z",
    "z_winsor": "z_winsor",
    "z_random_effects": "z_random",
    "z_multiplicative": "z_multiplicative",
}


@pytest.mark.parametrize("case", cases("funnel"), ids=lambda case: case["id"])
def test_reference_numbers(case):
    given_, want, tolerance = case["inputs"], case["expected"], case["tolerance"]
    found = funnel(given_["s"], given_["n"], given_["target"], winsor=given_["winsor"])
    assert close(found.phi, want["phi"], tolerance)
    assert close(found.tau2, want["tau2"], tolerance)
    for key, name in KEYS.items():
        pairs = zip(getattr(found, name), want[key], strict=True)
        assert all(close(got, expected, tolerance) for got, expected in pairs)


def test_one_without_answers_takes_no_part():
    found = funnel([9, 0, 80, 50], [10, 0, 100, 50], 0.9)
    without = funnel([9, 80, 50], [10, 100, 50], 0.9)
    assert (found.phi, found.tau2) == (without.phi, without.tau2)
    assert np.isnan(found.z).tolist() == [False, True, False, False]
    nobody = funnel([0], [0], 0.9)
    assert np.isnan(nobody.phi)
    assert nobody.tau2 == 0


@given(seed=st.integers(0, 50))
def test_order_does_not_matter(seed):
    rng = np.random.default_rng(seed)
    n = rng.integers(1, 300, 20)
    s = rng.binomial(n, rng.uniform(0.7, 1, 20))
    order = rng.permutation(20)
    found, shuffled = funnel(s, n, 0.9), funnel(s[order], n[order], 0.9)
    assert found.phi == pytest.approx(shuffled.phi)
    np.testing.assert_allclose(found.z_random[order], shuffled.z_random)
    assert (np.abs(found.z_multiplicative) <= np.abs(found.z) + 1e-12).all()


def test_recovers_the_variance_between_rates():
    rng = np.random.default_rng(5)
    n = rng.integers(200, 2000, 3000)
    rates = np.clip(0.9 + rng.normal(0, 0.03, 3000), 0, 1)
    assert funnel(rng.binomial(n, rates), n, 0.9, winsor=0).tau2 == pytest.approx(0.0009, rel=0.1)
    assert funnel(rng.binomial(n, 0.9), n, 0.9, winsor=0).phi == pytest.approx(1, abs=0.1)


@given(answered=st.integers(1, 5000), target=st.floats(0.05, 0.95), level=st.floats(0.5, 0.998))
def test_exact_limits_lie_within_one_answer_of_the_quantiles(answered, target, level):
    found = funnel_limits([answered], target, level=level)
    tail = (1 - level) / 2
    assert 0 <= found.low[0] <= found.high[0] <= 1
    assert binom.ppf(tail, answered, target) - 1 <= found.low[0] * answered + 1e-9
    assert found.high[0] * answered <= binom.ppf(1 - tail, answered, target) + 1e-9


def test_limits_narrow_and_over_dispersion_widens():
    sizes = [0, 10, 100, 1000, 10_000]
    exact, wide = funnel_limits(sizes, 0.9), funnel_limits(sizes, 0.9, tau2=0.001)
    assert np.isnan(exact.low[0])
    assert np.isnan(wide.high[0])
    assert (np.diff(exact.high[1:] - exact.low[1:]) < 0).all()
    assert (wide.low[2:] < exact.low[2:]).all()
    assert (exact.method, wide.method) == ("binomial", "random")
    assert exact.low[4] == pytest.approx(0.9 - 1.96 * 0.003, abs=1e-4)
    assert wide.high[1] == 1


def test_bad_arguments_are_named():
    with pytest.raises(ValueError, match="target must lie strictly"):
        funnel([1], [2], 1)
    with pytest.raises(ValueError, match="winsor must lie in 0 to below"):
        funnel([1], [2], 0.9, winsor=0.5)
    with pytest.raises(ValueError, match="tau2 must not be negative or NaN"):
        funnel_limits([1], 0.9, tau2=float("nan"))
    with pytest.raises(ValueError, match="answered must not be negative"):
        funnel_limits([-1], 0.9)
    with pytest.raises(ValueError, match="satisfied must not exceed answered"):
        funnel([3], [2], 0.9)
