import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.stats.ranking import rank_intervals


@given(seed=st.integers(0, 200))
def test_order_does_not_matter_and_ranks_are_possible(seed):
    rng = np.random.default_rng(seed)
    n = rng.integers(0, 500, 12)
    s = rng.binomial(n, rng.uniform(0.5, 1, 12))
    order = rng.permutation(12)
    found, shuffled = rank_intervals(s, n), rank_intervals(s[order], n[order])
    np.testing.assert_array_equal(found.low[order], shuffled.low)
    np.testing.assert_array_equal(found.high[order], shuffled.high)
    inside = found.entered
    assert (found.low[inside] >= 1).all()
    assert (found.low[inside] <= found.high[inside]).all()
    assert (found.high[inside] <= found.among).all()
    assert np.isnan(found.low[~inside]).all()


def test_clear_differences_give_single_ranks():
    found = rank_intervals([9900, 5000, 1000], [10_000, 10_000, 10_000])
    assert found.low.tolist() == found.high.tolist() == [1, 2, 3]


def test_no_difference_gives_every_rank():
    found = rank_intervals([50, 50, 60], [50, 50, 60])
    assert found.low.tolist() == [1, 1, 1]
    assert found.high.tolist() == [3, 3, 3]


def test_too_few_answers_do_not_enter():
    found = rank_intervals([29, 25, 40], [29, 30, 40])
    assert found.entered.tolist() == [False, True, True]
    assert found.among == 2
    assert rank_intervals([0], [0], minimum=0).among == 0
    assert rank_intervals([40], [40]).high.tolist() == [1]


def test_all_true_ranks_are_covered_together():
    # Seeded: in 400 repetitions the level of 0.9 for all ten ranks at once must hold.
    rng = np.random.default_rng(31)
    rates = np.linspace(0.75, 0.97, 10)
    true_rank = 10 - np.arange(10)
    held = 0
    for _ in range(400):
        n = rng.integers(30, 600, 10)
        found = rank_intervals(rng.binomial(n, rates), n, level=0.9)
        held += bool(((found.low <= true_rank) & (true_rank <= found.high)).all())
    assert held / 400 >= 0.9


def test_a_city_of_many_is_within_reach():
    rng = np.random.default_rng(2)
    n = rng.integers(30, 2000, 360)
    found = rank_intervals(rng.binomial(n, 0.9), n)
    assert found.among == 360


def test_bad_arguments_are_named():
    with pytest.raises(ValueError, match="satisfied must be a list"):
        rank_intervals(3, 4)
    with pytest.raises(ValueError, match="minimum must not be negative"):
        rank_intervals([3], [4], minimum=-1)
    with pytest.raises(ValueError, match="level must"):
        rank_intervals([3], [4], level=1)
