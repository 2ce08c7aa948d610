import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.stats import reached
from survey.stats.coverage import Silence, silent_share, worst_case
from tests.stats.reference import cases, close

TARGET = Fraction(9, 10)


@st.composite
def triples(draw, largest=10**6):
    population = draw(st.integers(1, largest))
    answered = draw(st.integers(0, population))
    return draw(st.integers(0, answered)), answered, population


@pytest.mark.parametrize("case", cases("finite_population"), ids=lambda case: case["id"])
def test_reference_numbers(case):
    given_, want, tolerance = case["inputs"], case["expected"], case["tolerance"]
    found = worst_case(given_["s"], given_["n"], given_["N"])
    assert close(found.low, want["manski"][0], tolerance)
    assert close(found.high, want["manski"][1], tolerance)
    assert close(found.coverage, want["response_rate"], tolerance)


@pytest.mark.parametrize("case", cases("standardise_manski"), ids=lambda case: case["id"])
def test_reference_numbers_over_several_cells(case):
    given_, want = case["inputs"], case["expected"]["manski"]
    found = worst_case(sum(given_["satisfied"]), sum(given_["rated"]), sum(given_["dossiers"]))
    assert close(found.low, want[0], case["tolerance"])
    assert close(found.high, want[1], case["tolerance"])


@given(triple=triples(), data=st.data())
def test_bounds_hold_whatever_the_silent_think(triple, data):
    satisfied, answered, population = triple
    silent = data.draw(st.integers(0, population - answered))
    found = worst_case(*triple)
    assert found.low <= (satisfied + silent) / population <= found.high
    assert found.high - found.low == pytest.approx(1 - found.coverage)


def test_bounds_without_answers_are_everything():
    found = worst_case(0, 0, 50)
    assert (found.coverage, found.low, found.high) == (0, 0, 1)


def test_odd_cells_are_stated_not_clipped():
    found = worst_case([5, 0, 5], [6, 0, 6], [5, 0, 12])
    assert found.consistent.tolist() == [False, True, True]
    for numbers in (found.coverage, found.low, found.high):
        assert np.isnan(numbers).tolist() == [True, True, False]
    assert worst_case(5, 6, 5).consistent is False


@given(triple=triples(), target=st.fractions(0, 1, max_denominator=1000))
def test_the_silent_share_is_the_tipping_point(triple, target):
    satisfied, answered, population = triple
    silent = population - answered
    found = silent_share(*triple, target)
    none, every = (reached(satisfied + k, population, target, ">=") for k in (0, silent))
    want = {True: Silence.CERTAIN, False: Silence.POSSIBLE if every else Silence.IMPOSSIBLE}
    assert found.state is want[none]
    if silent:
        exact = (target * population - satisfied) / silent
        assert found.needed == pytest.approx(float(exact), rel=1e-12)
        assert (found.needed <= 0) is none
    else:
        assert math.isnan(found.needed)


def test_silent_share_over_arrays_and_large_counts():
    found = silent_share([285, 199, 10, 0], [300, 300, 10, 0], [1000, 1000, 8, 0], TARGET)
    assert found.state.tolist() == ["possible", "impossible", "unknown", "unknown"]
    assert found.needed[0] == pytest.approx(615 / 700)
    assert silent_share(0, 0, 2**62, TARGET).needed == pytest.approx(0.9)


def test_bad_arguments_are_named():
    with pytest.raises(ValueError, match="population must be whole numbers"):
        worst_case(1, 2, 3.5)
    with pytest.raises(ValueError, match="satisfied must not exceed answered"):
        silent_share(3, 2, 5, TARGET)
    with pytest.raises(ValueError, match="target must be a Fraction"):
        silent_share(1, 2, 5, 0.9)
