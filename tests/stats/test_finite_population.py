from fractions import Fraction
from math import ceil, comb, floor

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from survey.stats import interval
from survey.stats.effective import effective_interval
from survey.stats.finite_population import finite_interval
from tests.stats.reference import cases, close


@st.composite
def triples(draw, largest=60):
    population = draw(st.integers(1, largest))
    answered = draw(st.integers(1, population))
    return draw(st.integers(0, answered)), answered, population


@pytest.mark.parametrize("case", cases("finite_population"), ids=lambda case: case["id"])
def test_reference_numbers(case):
    given_, want, tolerance = case["inputs"], case["expected"], case["tolerance"]
    s, n, population, level = given_["s"], given_["n"], given_["N"], given_["level"]
    found = finite_interval(s, n, population, level=level)
    assert close(found.low, want["wilson_fpc_clipped"][0], tolerance)
    assert close(found.high, want["wilson_fpc_clipped"][1], tolerance)
    if want["n_eff"] is None:
        assert found.effective == float("inf")
    else:
        assert close(found.effective, want["n_eff"], tolerance)
        unclipped = effective_interval(s / n, want["n_eff"], level=level)
        assert close(unclipped.low, want["wilson_fpc"][0], tolerance)
        assert close(unclipped.high, want["wilson_fpc"][1], tolerance)
    exact = finite_interval(s, n, population, method="hypergeometric", level=level)
    assert [exact.low_count, exact.high_count] == want["exact_hypergeometric_M"]
    assert close(exact.low, want["exact_hypergeometric_rate"][0], tolerance)
    assert close(exact.high, want["exact_hypergeometric_rate"][1], tolerance)


def exact_ends(s, n, population, tail):
    def at_least(k, marked):
        ways = sum(comb(marked, i) * comb(population - marked, n - i) for i in range(k, n + 1))
        return Fraction(ways, comb(population, n))

    possible = range(s, population - n + s + 1)
    low = min(m for m in possible if at_least(s, m) > tail)
    high = max(m for m in possible if at_least(n - s, population - m) > tail)
    return low, high


@given(triple=triples(), level=st.sampled_from(["0.5", "0.8", "0.9", "0.95", "0.99"]))
def test_hypergeometric_equals_exact_rationals(triple, level):
    exact = finite_interval(*triple, method="hypergeometric", level=float(level))
    tail = (1 - Fraction(level)) / 2
    assert (exact.low_count, exact.high_count) == exact_ends(*triple, tail)


def test_a_tail_equal_to_half_of_alpha_is_excluded():
    # One member of 40 is satisfied, and it is drawn: probability 1/40 = 0.025 exactly.
    assert finite_interval(1, 1, 40, method="hypergeometric").low_count == 2


@given(triple=triples(10**6))
@example(triple=(1, 79, 80))
def test_stays_within_what_is_possible(triple):
    s, n, population = triple
    for method in ("wilson", "hypergeometric"):
        found = finite_interval(s, n, population, method=method)
        assert s / population <= found.low <= found.high <= (population - n + s) / population
    likely = Fraction(s * population, n)
    assert found.low_count <= ceil(likely)
    assert floor(likely) <= found.high_count
    wilson = finite_interval(s, n, population)
    assert wilson.low <= s / n <= wilson.high + 1e-15


@given(triple=triples(10**5))
def test_never_wider_than_without_correction(triple):
    s, n, population = triple
    plain, found = interval(s, n), finite_interval(s, n, population)
    assert found.high - found.low <= plain.high - plain.low + 1e-12


def test_a_large_population_gives_the_plain_interval():
    plain, found = interval(90, 100), finite_interval(90, 100, 10**12)
    assert found.low == pytest.approx(plain.low, abs=1e-9)
    exact = interval(90, 100, method="clopper_pearson")
    counted = finite_interval(90, 100, 10**8, method="hypergeometric")
    assert counted.low == pytest.approx(exact.low, abs=1e-6)
    assert counted.high == pytest.approx(exact.high, abs=1e-6)


def test_a_city_of_dossiers_is_within_reach():
    found = finite_interval(4_500_000, 5_000_000, 14_000_000, method="hypergeometric")
    approximate = finite_interval(4_500_000, 5_000_000, 14_000_000)
    assert found.low == pytest.approx(approximate.low, abs=1e-6)
    assert found.high == pytest.approx(approximate.high, abs=1e-6)


@pytest.mark.parametrize("method", ["wilson", "hypergeometric"])
def test_arrays_equal_scalars_and_odd_cells_are_stated(method):
    s, n, population = np.array([9, 0, 5, 20]), np.array([9, 0, 10, 20]), np.array([12, 4, 9, 20])
    found = finite_interval(s, n, population, method=method)
    assert found.consistent.tolist() == [True, True, False, True]
    assert np.isnan(found.low).tolist() == [False, True, True, False]
    assert np.isnan(found.high).tolist() == [False, True, True, False]
    assert (found.low[3], found.high[3]) == (1, 1)
    one = finite_interval(9, 9, 12, method=method)
    assert (found.low[0], found.high[0]) == (one.low, one.high)
    empty = finite_interval(0, 0, 0, method=method)
    assert np.isnan(empty.low)


def test_bad_arguments_are_named():
    with pytest.raises(ValueError, match="population must not be negative"):
        finite_interval(1, 2, -3)
    with pytest.raises(ValueError, match="method must be one of 'wilson', 'hypergeometric'"):
        finite_interval(1, 2, 3, method="exact")
    with pytest.raises(ValueError, match="level must"):
        finite_interval(1, 2, 3, level=2)
    with pytest.raises(ValueError, match="satisfied and answered and population must have one"):
        finite_interval([1, 1], [2, 2], [3, 3, 3])
    with pytest.raises(ValueError, match="rate must lie in 0 to 1"):
        effective_interval(1.2, 10)
    with pytest.raises(ValueError, match="effective must not be negative or NaN"):
        effective_interval(0.5, float("nan"))


def test_effective_interval_of_whole_counts_is_wilson():
    plain = interval([0, 3, 10], 10)
    found = effective_interval([0, 0.3, 1], 10)
    np.testing.assert_allclose(found.low, plain.low, atol=1e-15)
    np.testing.assert_allclose(found.high, plain.high, atol=1e-15)
    assert np.isnan(effective_interval(float("nan"), 5).low)
    assert np.isnan(effective_interval(0.5, 0).high)
