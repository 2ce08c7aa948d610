import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.stats.stratified import common_odds_ratio, standardised_difference
from tests.stats.reference import cases, close


def columns(tables):
    cells = np.array(tables)
    a, b = cells[:, 0, :], cells[:, 1, :]
    return a[:, 0], a.sum(axis=1), b[:, 0], b.sum(axis=1)


@pytest.mark.parametrize("case", cases("tests_scales", "cmh"), ids=lambda case: case["id"])
def test_reference_numbers(case):
    want, tolerance = case["expected"], case["tolerance"]
    found = common_odds_ratio(*columns(case["inputs"]["strata_tables_row_channel_col_satisfied"]))
    assert close(found.chi2, want["cmh_X2"], tolerance)
    assert close(found.p_value, want["p"], tolerance)
    assert close(found.odds_ratio, want["common_or"], tolerance)
    assert close(found.low, want["ci95"][0], tolerance)
    assert close(found.high, want["ci95"][1], tolerance)


cell_lists = st.lists(
    st.lists(st.lists(st.integers(0, 40), min_size=2, max_size=2), min_size=2, max_size=2),
    min_size=1,
    max_size=8,
)


@given(tables=cell_lists, seed=st.integers(0, 9))
def test_order_of_cells_does_not_matter_and_swapping_inverts(tables, seed):
    s1, n1, s2, n2 = columns(tables)
    order = np.random.default_rng(seed).permutation(len(tables))
    found = common_odds_ratio(s1, n1, s2, n2)
    shuffled = common_odds_ratio(s1[order], n1[order], s2[order], n2[order])
    swapped = common_odds_ratio(s2, n2, s1, n1)
    assert found.odds_ratio == pytest.approx(shuffled.odds_ratio, nan_ok=True)
    assert found.chi2 == pytest.approx(swapped.chi2, nan_ok=True)
    if 0 < found.odds_ratio < math.inf:
        assert found.odds_ratio == pytest.approx(1 / swapped.odds_ratio)
        assert found.low == pytest.approx(1 / swapped.high)
    turned = standardised_difference(s2, n2, s1, n1)
    plain = standardised_difference(s1, n1, s2, n2)
    assert plain.estimate == pytest.approx(-turned.estimate, nan_ok=True)
    assert plain.se == pytest.approx(turned.se, nan_ok=True, abs=1e-12)


def test_cells_asked_one_way_only_add_nothing():
    full = common_odds_ratio([90, 45], [100, 50], [70, 50], [100, 64])
    more = common_odds_ratio([90, 45, 8], [100, 50, 9], [70, 50, 0], [100, 64, 0])
    assert (more.odds_ratio, more.chi2, more.cells) == (full.odds_ratio, full.chi2, 2)


def test_nothing_to_compare_is_stated_as_nan():
    found = common_odds_ratio([3], [4], [0], [0])
    assert math.isnan(found.odds_ratio)
    assert math.isnan(found.p_value)
    assert found.cells == 0
    difference = standardised_difference([3], [4], [0], [0])
    assert math.isnan(difference.estimate)
    assert difference.weight_used == 0
    weighted = standardised_difference([3], [4], [0], [0], weights=[10])
    assert math.isnan(weighted.low)
    assert weighted.weight_used == 0
    assert common_odds_ratio([4], [4], [2], [4]).odds_ratio == math.inf


def test_a_single_cell_is_the_plain_difference():
    found = standardised_difference([90], [100], [70], [100])
    assert found.estimate == pytest.approx(0.2)
    direct = standardised_difference([90], [100], [70], [100], weights=[7])
    assert direct.estimate == pytest.approx(0.2)
    assert direct.se == pytest.approx(math.sqrt(0.09 / 99 + 0.21 / 99))


def test_standardising_removes_what_the_mix_of_cells_explains():
    # Equal rates within each cell; a was asked where rates are high, b where they are low.
    s1, n1, s2, n2 = [95, 16], [100, 20], [19, 80], [20, 100]
    assert sum(s1) / sum(n1) - sum(s2) / sum(n2) > 0.09
    assert standardised_difference(s1, n1, s2, n2).estimate == pytest.approx(0)
    assert standardised_difference(s1, n1, s2, n2, weights=[5, 3]).estimate == pytest.approx(0)
    assert common_odds_ratio(s1, n1, s2, n2).odds_ratio == pytest.approx(1)


def test_weights_and_what_is_left_of_them():
    found = standardised_difference(
        [9, 5, 3], [10, 10, 4], [5, 5, 0], [10, 10, 0], weights=[300, 100, 100]
    )
    assert found.estimate == pytest.approx(0.75 * 0.4)
    assert found.weight_used == pytest.approx(0.8)
    assert found.cells == 2
    assert math.isnan(standardised_difference([1], [1], [1], [2], weights=[1]).se)


@pytest.mark.simulation
@pytest.mark.parametrize("weights", [None, np.full(200, 3)])
def test_standard_errors_are_those_of_repetition_in_many_small_cells(weights):
    rng = np.random.default_rng(8)
    n1, n2 = rng.integers(2, 6, 200), rng.integers(2, 6, 200)
    p1, p2 = rng.uniform(0.5, 0.95, 200), rng.uniform(0.4, 0.9, 200)
    runs = [
        standardised_difference(rng.binomial(n1, p1), n1, rng.binomial(n2, p2), n2, weights=weights)
        for _ in range(1500)
    ]
    seen = np.std([run.estimate for run in runs])
    assert np.mean([run.se for run in runs]) == pytest.approx(seen, rel=0.06)


def test_bad_arguments_are_named():
    with pytest.raises(ValueError, match="satisfied_b must not exceed answered_b"):
        common_odds_ratio([1], [2], [3], [2])
    with pytest.raises(ValueError, match="must have one length"):
        common_odds_ratio([1, 1], [2, 2], [1], [2])
    with pytest.raises(ValueError, match="weights must be one for each of the 1 cells"):
        standardised_difference([1], [2], [1], [2], weights=[1, 2])
    with pytest.raises(ValueError, match="weights must be one for each"):
        standardised_difference([1], [2], [1], [2], weights=[0])
    with pytest.raises(ValueError, match="level must"):
        common_odds_ratio([1], [2], [1], [2], level=0)
    with pytest.raises(ValueError, match="answered_a must be a list"):
        common_odds_ratio([1], 2, [1], [2])
