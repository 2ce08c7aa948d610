import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtri

from survey.stats.allocation import (
    neyman_allocation,
    power_allocation,
    proportional_allocation,
    stratified_variance,
)
from survey.stats.effective import wilson_ends
from survey.stats.sample_size import sample_size, wilson_sample_size, yamane_sample_size
from tests.stats.reference import cases, close

COCHRAN, YAMANE, NEYMAN, WILSON = (
    cases("sample_size", prefix) for prefix in ("n_", "yamane_", "neyman_", "wilson_n_")
)


def named(case):
    return case["id"]


def test_every_case_is_checked():
    assert len(COCHRAN + YAMANE + NEYMAN + WILSON) == len(cases("sample_size"))


@pytest.mark.parametrize("case", COCHRAN, ids=named)
def test_cochran(case):
    asked = case["inputs"]
    found = sample_size(
        asked["e"],
        p=asked["p"],
        level=asked["level"],
        population=asked["N"],
        deff=asked["deff"],
        response_rate=asked["response_rate"],
    )
    for key, want in case["expected"].items():
        got = getattr(found, key)
        assert got == want if isinstance(want, int) else close(got, want, case["tolerance"])


@pytest.mark.parametrize("case", YAMANE, ids=named)
def test_yamane(case):
    found = yamane_sample_size(case["inputs"]["N"], case["inputs"]["e"])
    assert close(found.n_fpc, case["expected"]["n"], case["tolerance"])
    assert found.n_completed == case["expected"]["n_int"]


@pytest.mark.parametrize("case", WILSON, ids=named)
def test_wilson(case):
    asked = case["inputs"]
    found = wilson_sample_size(asked["half_width"], p=asked["p"], level=asked["level"])
    assert found == case["expected"]["n"]


@pytest.mark.parametrize("case", NEYMAN, ids=named)
def test_neyman(case):
    asked, want, tolerance = case["inputs"], case["expected"], case["tolerance"]
    found = neyman_allocation(asked["N"], asked["S"], asked["n"], minimum=asked["min_per_stratum"])
    shared = proportional_allocation(asked["N"], asked["n"], minimum=asked["min_per_stratum"])
    for allocation, key in ((found, "neyman_real"), (shared, "proportional_real")):
        for got, exact in zip(allocation.exact, want[key], strict=True):
            assert close(got, exact, tolerance)
        check_rounding(allocation, asked["N"], asked["n"], asked["min_per_stratum"])
    variance = stratified_variance(asked["N"], asked["S"], found.exact, fpc=False)
    assert close(variance, want["var_neyman_nofpc"], tolerance)


def check_rounding(found, population, n, minimum):
    """The property that the reference states of whole numbers."""
    population = np.array(population)
    least = np.minimum(minimum, population)
    assert found.n.sum() == n
    assert (found.n >= least).all()
    assert (found.n <= population).all()
    assert (np.abs(found.n - found.bounded) < 1).all()
    assert found.bounded.sum() == pytest.approx(n)
    free = (found.bounded > least + 1e-9) & (found.bounded < population - 1e-9)
    with np.errstate(divide="ignore", invalid="ignore"):
        rates = found.bounded / found.exact
    if free.any():
        assert rates[free] == pytest.approx(np.full(free.sum(), rates[free][0]))
        # A stratum at its minimum would get less by the rule, one that is full would get more.
        shared = rates[free][0] * found.exact
        at_least, at_most = found.bounded <= least + 1e-9, found.bounded >= population - 1e-9
        assert (shared[at_least & ~at_most] <= least[at_least & ~at_most] + 1e-6).all()
        assert (shared[at_most & ~at_least] >= population[at_most & ~at_least] - 1e-6).all()


@st.composite
def strata(draw):
    population = draw(st.lists(st.integers(1, 400), min_size=1, max_size=12))
    least = sum(min(2, size) for size in population)
    n = draw(st.integers(least, sum(population)))
    deviation = draw(
        st.lists(st.floats(0.01, 10), min_size=len(population), max_size=len(population))
    )
    return population, deviation, n


@given(strata())
def test_allocations_are_within_bounds_and_add_up(sample):
    population, deviation, n = sample
    for found in (
        proportional_allocation(population, n),
        neyman_allocation(population, deviation, n),
        power_allocation(population, n, power=0.5, variation=deviation),
    ):
        check_rounding(found, population, n, 2)


@given(strata())
def test_neyman_is_no_worse_than_proportional(sample):
    population, deviation, n = sample
    best = neyman_allocation(population, deviation, n, minimum=1).bounded
    other = proportional_allocation(population, n, minimum=1).bounded
    got, against = (stratified_variance(population, deviation, one) for one in (best, other))
    assert got <= against * (1 + 1e-9) + 1e-15


def test_power_lies_between_equal_and_proportional():
    population = [9000, 900, 100]
    np.testing.assert_allclose(power_allocation(population, 90, power=0).exact, 30)
    np.testing.assert_allclose(
        power_allocation(population, 90, power=1).exact,
        proportional_allocation(population, 90).exact,
    )


def test_caps_are_shared_out():
    found = proportional_allocation([500, 300, 200], 100, maximum=[20, 300, 200])
    assert found.n.tolist() == [20, 48, 32]


@given(st.floats(0.005, 0.49), st.floats(0, 1), st.sampled_from([0.9, 0.95, 0.99]))
def test_wilson_size_is_the_smallest(half_width, p, level):
    z = float(ndtri((1 + level) / 2))
    n = wilson_sample_size(half_width, p=p, level=level)

    def half(size):
        centre = size * p + z * z / 2
        spread = z * math.sqrt(size * p * (1 - p) + z * z / 4)
        low, high = (centre - spread) / (size + z * z), (centre + spread) / (size + z * z)
        return (high - low) / 2

    assert half(n) <= half_width * (1 + 1e-7)
    if n > 1:
        assert half(n - 1) > half_width * (1 - 1e-7)
    if 0 < p < 1:
        low, high = wilson_ends(np.array(p), np.array(float(n)), z)
        assert (high - low) / 2 == pytest.approx(half(n))


def test_arrays_equal_scalars():
    found = sample_size([0.02, 0.05], p=[[0.5], [0.9]], population=5000, response_rate=0.7)
    assert found.n_issue.shape == (2, 2)
    assert (
        found.n_issue[1, 0] == sample_size(0.02, p=0.9, population=5000, response_rate=0.7).n_issue
    )
    assert yamane_sample_size([400, 10_000], 0.05).n_completed.tolist() == [200, 385]
    assert wilson_sample_size([0.02, 0.05], p=0.5).shape == (2,)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: sample_size(0), "margin must lie"),
        (lambda: sample_size(float("nan")), "margin must lie"),
        (lambda: sample_size(0.05, p=1), "p must lie"),
        (lambda: sample_size(0.05, population=0), "population must be at least 1"),
        (lambda: sample_size(0.05, deff=0), "deff must be above 0"),
        (lambda: sample_size(0.05, response_rate=0), "response_rate must lie"),
        (lambda: sample_size(0.05, level=95), "level must lie"),
        (lambda: yamane_sample_size(0.5, 0.05), "population must be at least 1"),
        (lambda: wilson_sample_size(0.5), "half_width must be below 0.5"),
        (lambda: proportional_allocation([10, 0], 4), "population must have no empty stratum"),
        (lambda: proportional_allocation([10, 10], 3), "n must lie between the minima, 4"),
        (lambda: proportional_allocation([10, 10], 21), "and the maxima, 20, got 21"),
        (lambda: proportional_allocation([10, 10], 2.5), "n must be whole numbers"),
        (lambda: neyman_allocation([10, 10], [1, float("nan")], 5), "deviation must be 2 numbers"),
        (lambda: neyman_allocation([10, 10], [0, 0], 5), "deviation must be 2 numbers"),
        (lambda: neyman_allocation([10, 10], [1], 5), "deviation must be 2 numbers"),
        (lambda: power_allocation([10, 10], 5, power=2), "power must lie in 0 to 1"),
        (lambda: stratified_variance([10, 10], [1, 1], [0, 5]), "n must be 2 sizes above 0"),
    ],
)
def test_errors_name_the_argument(call, message):
    with pytest.raises(ValueError, match=message):
        call()
