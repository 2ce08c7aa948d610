from fractions import Fraction
from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.stats.finite_sequence import finite_confidence_sequence
from survey.stats.sequence import confidence_sequence
from tests.stats.reference import cases, close


@st.composite
def triples(draw, largest=80):
    population = draw(st.integers(1, largest))
    answered = draw(st.integers(1, population))
    return draw(st.integers(0, answered)), answered, population


@pytest.mark.parametrize("case", cases("confidence_sequence", "worcs"), ids=lambda case: case["id"])
def test_reference_numbers(case):
    given_, want = case["inputs"], case["expected"]
    found = finite_confidence_sequence(
        given_["s"],
        given_["n"],
        given_["N"],
        level=1 - given_["alpha"],
        prior=(given_["a"], given_["b"]),
    )
    assert [found.low_count, found.high_count] == want["M"]
    assert close(found.low, want["rate"][0], case["tolerance"])
    assert close(found.high, want["rate"][1], case["tolerance"])


@given(triple=triples(), percent=st.sampled_from([50, 80, 95, 99]))
def test_equals_the_set_in_exact_rationals(triple, percent):
    s, n, population = triple
    alpha = Fraction(100 - percent, 100)

    def is_inside(marked):
        # Uniform prior: 1 / (N + 1) against C(M, s) C(N - M, n - s) (n + 1) / (C(N, n) (N + 1)).
        likelihood = Fraction(
            comb(marked, s) * comb(population - marked, n - s), comb(population, n)
        )
        return likelihood * (n + 1) > alpha

    inside = [marked for marked in range(population + 1) if is_inside(marked)]
    found = finite_confidence_sequence(*triple, level=percent / 100)
    assert [found.low_count, found.high_count] == [inside[0], inside[-1]]
    assert inside == list(range(inside[0], inside[-1] + 1))


def test_ends_in_a_single_number_when_all_have_answered():
    found = finite_confidence_sequence(7, 10, 10)
    assert (found.low_count, found.high_count, found.low) == (7, 7, 0.7)


@pytest.mark.simulation
def test_holds_over_the_whole_history():
    rng = np.random.default_rng(17)
    population, marked, histories = 300, 270, 300
    marks = np.tile(np.arange(population) >= marked, (histories, 1))
    dissatisfied = np.cumsum(rng.permuted(marks, axis=1), axis=1)
    # One small table of counts holds every state of the histories.
    few, answered = np.ogrid[: population - marked + 1, 1 : population + 1]
    satisfied = np.maximum(answered - few, 0)
    found = finite_confidence_sequence(satisfied, answered + 0 * few, population)
    outside = (found.low_count > marked) | (found.high_count < marked)
    missed = outside[dissatisfied, np.arange(population)].any(axis=1)
    assert missed.mean() <= 0.05


def test_a_large_population_gives_the_plain_sequence_and_a_city_is_within_reach():
    plain = confidence_sequence(900, 1000)
    found = finite_confidence_sequence(900, 1000, 10**9)
    assert found.low == pytest.approx(plain.low, abs=1e-6)
    assert found.high == pytest.approx(plain.high, abs=1e-6)
    city = finite_confidence_sequence(9_000_000, 10_000_000, 14_000_000)
    without = confidence_sequence(9_000_000, 10_000_000)
    assert without.low < city.low < 0.9 < city.high < without.high


def test_odd_cells_are_stated():
    found = finite_confidence_sequence([9, 0, 5], [10, 0, 10], [20, 4, 9])
    assert found.consistent.tolist() == [True, True, False]
    assert found.low_count.tolist() == [12, -1, -1]
    assert np.isnan(found.high).tolist() == [False, True, True]


def test_bad_arguments_are_named():
    with pytest.raises(ValueError, match="population must not be NaN"):
        finite_confidence_sequence(1, 2, float("nan"))
    with pytest.raises(ValueError, match="prior must be two positive"):
        finite_confidence_sequence(1, 2, 3, prior=(-1, 1))
    with pytest.raises(ValueError, match="satisfied must not exceed answered"):
        finite_confidence_sequence(3, 2, 5)
