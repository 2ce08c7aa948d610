import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.stats import interval
from survey.stats.sequence import (
    confidence_sequence,
    log_evidence,
    normal_mixture_sequence,
    running_intersection,
)
from tests.stats.reference import cases, close


@st.composite
def pairs(draw, largest=10**7):
    answered = draw(st.integers(1, largest))
    return draw(st.integers(0, answered)), answered


@pytest.mark.parametrize("case", cases("confidence_sequence", "bbcs"), ids=lambda case: case["id"])
def test_reference_numbers(case):
    given_, want, tolerance = case["inputs"], case["expected"], case["tolerance"]
    prior = given_["a"], given_["b"]
    found = confidence_sequence(given_["s"], given_["n"], level=1 - given_["alpha"], prior=prior)
    assert close(found.low, want[0], tolerance)
    assert close(found.high, want[1], tolerance)


@pytest.mark.parametrize("case", cases("confidence_sequence", "nmcs"), ids=lambda case: case["id"])
def test_reference_numbers_of_the_normal_mixture(case):
    given_, want, tolerance = case["inputs"], case["expected"], case["tolerance"]
    found = normal_mixture_sequence(
        given_["s"], given_["n"], rho2=given_["rho2"], level=1 - given_["alpha"]
    )
    assert close(found.low, want[0], tolerance)
    assert close(found.high, want[1], tolerance)


@pytest.mark.simulation
def test_coverage_simulation_of_the_reference():
    case = cases("confidence_sequence", "coverage")[0]
    p, horizon = case["inputs"]["p"], case["inputs"]["horizon"]
    streams, start = case["inputs"]["replications"], case["inputs"]["start_wilson"]
    rng = np.random.default_rng(91)
    satisfied = np.cumsum(rng.random((streams, horizon)) < p, axis=1)
    n = np.arange(1, horizon + 1)
    # Dissatisfied answers stay few: one small table of counts holds every state of the streams.
    most = int((n - satisfied).max())
    few, answered = np.meshgrid(np.arange(most + 1), n, indexing="ij")
    possible = few <= answered
    few, answered = np.where(possible, few, 0), answered
    outside = log_evidence(answered - few, answered, p) >= np.log(1 / case["inputs"]["alpha"])
    wilson = interval(answered - few, answered)
    missed = (wilson.low > p) | (wilson.high < p)
    state = (n - satisfied, np.broadcast_to(n - 1, satisfied.shape))
    ever_outside = outside[state].any(axis=1).mean()
    assert ever_outside <= case["expected"]["beta_binomial_ever_miss_max"]
    ever_missed = missed[state][:, start - 1 :].any(axis=1).mean()
    assert abs(ever_missed - case["expected"]["wilson95_ever_miss_observed_here"]) < 0.05


@given(pair=pairs(), prior=st.sampled_from([(1.0, 1.0), (10.0, 1.0), (0.5, 0.5)]))
def test_the_ends_are_where_the_evidence_suffices(pair, prior):
    found = confidence_sequence(*pair, prior=prior)
    for end in (found.low, found.high):
        if 0 < end < 1:
            slope = abs(pair[0] / pair[1] - end) * pair[1] / (end * (1 - end))
            # What the rounding of the end itself makes of the evidence.
            allowed = 1e-6 + slope * 1e-15
            assert log_evidence(*pair, end, prior=prior) == pytest.approx(math.log(20), abs=allowed)


@given(pair=pairs(), level=st.sampled_from([0.5, 0.9, 0.95, 0.999]))
def test_inside_zero_to_one_contains_the_rate_and_is_wider_than_wilson(pair, level):
    found = confidence_sequence(*pair, level=level)
    assert 0 <= found.low <= pair[0] / pair[1] <= found.high <= 1
    plain = interval(*pair, method="clopper_pearson", level=level)
    assert found.high - found.low >= (plain.high - plain.low) * 0.9


@given(pair=pairs(10**6))
def test_dissatisfied_is_the_mirror_image(pair):
    satisfied, answered = pair
    found = confidence_sequence(satisfied, answered, prior=(3.0, 1.0))
    mirror = confidence_sequence(answered - satisfied, answered, prior=(1.0, 3.0))
    assert found.low == pytest.approx(1 - mirror.high, abs=1e-11)


# Ten million answers and more: solved with mpmath 1.4.1 at 60 digits.
LARGE = [
    (9_100_000, 10_000_000, 0.90956749958415939, 0.91043125544159418),
    (10_000_000, 10_000_000, 0.99999808861902424, 1.0),
    (9_999_999, 10_000_000, 0.9999977785446805, 0.9999999999999995),
    (7_000_000, 14_000_000, 0.49937329614308049, 0.50062670385691951),
    (1, 10_000_000, 4.9999995250000427e-16, 2.2214553195040658e-6),
]


@pytest.mark.parametrize(("satisfied", "answered", "low", "high"), LARGE)
def test_stable_at_ten_million(satisfied, answered, low, high):
    found = confidence_sequence(satisfied, answered)
    assert found.low == pytest.approx(low, rel=1e-10)
    assert found.high == pytest.approx(high, rel=1e-10)


def test_ends_are_exact_and_nothing_answered_is_nan():
    found = confidence_sequence([0, 5, 0], [5, 5, 0])
    assert found.low[0] == 0.0
    assert found.high[1] == 1.0
    assert np.isnan(found.low).tolist() == [False, False, True]
    # For nobody of n: (1 - p)^n = alpha / (n + 1).
    assert found.high[0] == pytest.approx(1 - (0.05 / 6) ** (1 / 5))
    assert log_evidence(0, 0, 0.9) == 0
    assert math.isnan(normal_mixture_sequence(0, 0).low)


def test_arrays_equal_scalars():
    found = confidence_sequence([[3], [90]], [100, 1000])
    one = confidence_sequence(90, 1000)
    assert (found.low[1, 1], found.high[1, 1]) == (one.low, one.high)
    assert type(one.low) is float
    assert log_evidence([3, 90], 100, 0.5).shape == (2,)


def test_running_intersection_only_shrinks():
    rng = np.random.default_rng(1)
    satisfied, n = np.cumsum(rng.random(3000) < 0.9), np.arange(1, 3001)
    found = confidence_sequence(satisfied, n)
    running = running_intersection(found.low, found.high)
    assert running.drifted_at is None
    assert (np.diff(running.low) >= 0).all()
    assert (np.diff(running.high) <= 0).all()
    assert (running.low >= found.low).all()
    assert running.low[-1] <= 0.9 <= running.high[-1]


def test_running_intersection_tells_of_drift():
    satisfied = np.cumsum(np.r_[np.ones(2000, int), np.zeros(2000, int)])
    found = confidence_sequence(satisfied, np.arange(1, 4001))
    running = running_intersection(np.r_[np.nan, found.low], np.r_[np.nan, found.high])
    assert 2000 < running.drifted_at < 2100
    assert np.isnan(running.low[0])


def test_bad_arguments_are_named():
    with pytest.raises(ValueError, match="prior must be two positive numbers"):
        confidence_sequence(1, 2, prior=(0, 1))
    with pytest.raises(ValueError, match="prior must be two positive numbers"):
        log_evidence(1, 2, 0.5, prior=(1, float("nan")))
    with pytest.raises(ValueError, match="rate must lie strictly between"):
        log_evidence(1, 2, 1.0)
    with pytest.raises(ValueError, match="rho2 must be positive"):
        normal_mixture_sequence(1, 2, rho2=0)
    with pytest.raises(ValueError, match="level must"):
        confidence_sequence(1, 2, level=1)
    with pytest.raises(ValueError, match="satisfied must be whole numbers"):
        confidence_sequence(1.5, 2)
    with pytest.raises(ValueError, match="low and high must be rows of one length"):
        running_intersection([1.0], [1.0, 2.0])
