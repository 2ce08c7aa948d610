import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.stats.standardisation import collapse, standardise
from tests.stats.reference import cases, close


@pytest.mark.parametrize("case", cases("standardise_manski"), ids=lambda case: case["id"])
def test_reference_numbers(case):
    given_, want, tolerance = case["inputs"], case["expected"], case["tolerance"]
    found = standardise(
        given_["satisfied"], given_["rated"], given_["dossiers"], level=given_["level"]
    )
    assert close(found.raw, want["raw_rate"], tolerance)
    assert close(found.estimate, want["standardised"], tolerance)
    assert close(found.population_share, want["coverage_of_dossiers"], tolerance)
    assert close(found.variance, want["var"], tolerance)


@st.composite
def cells(draw):
    rows = []
    for _ in range(draw(st.integers(1, 8))):
        population = draw(st.integers(1, 500))
        answered = draw(st.integers(0, population))
        rows.append((draw(st.integers(0, answered)), answered, population))
    return rows


@given(rows=cells(), seed=st.integers(0, 9))
def test_order_of_cells_does_not_matter_and_the_estimate_lies_inside(rows, seed):
    s, n, population = np.array(rows).T
    order = np.random.default_rng(seed).permutation(len(rows))
    found = standardise(s, n, population)
    shuffled = standardise(s[order], n[order], population[order])
    assert found.estimate == pytest.approx(shuffled.estimate, nan_ok=True)
    assert found.variance == pytest.approx(shuffled.variance, nan_ok=True, abs=1e-15)
    if n.any():
        rates = s[n > 0] / n[n > 0]
        assert rates.min() - 1e-12 <= found.estimate <= rates.max() + 1e-12
    if not math.isnan(found.low):
        assert 0 <= found.low <= found.estimate + 1e-12
        assert found.estimate - 1e-12 <= found.high <= 1


@given(rows=cells())
def test_answers_in_proportion_need_no_standardising(rows):
    s, n, _ = np.array(rows).T
    if n.any():
        found = standardise(s, n, n * 7)
        assert found.estimate == pytest.approx(found.raw)


def test_one_cell_is_the_rate_with_finite_population_correction():
    found = standardise([90], [100], [400])
    assert found.variance == pytest.approx(0.09 / 99 * 0.75)
    assert found.effective == pytest.approx(99 / 0.75)


def test_a_full_count_has_no_width():
    found = standardise([9, 1], [10, 1], [10, 1])
    assert found.low == found.high == found.estimate
    assert found.variance == 0


def test_all_satisfied_still_has_a_width():
    found = standardise([10, 20], [10, 20], [100, 900])
    assert found.variance == 0
    assert found.high == 1
    assert 0 < found.low < 1
    # Kish: a tenth of the weight on 10 answers, nine tenths on 20.
    assert found.effective == pytest.approx(1 / (0.01 / 10 + 0.81 / 20))


def test_a_single_answer_of_several_leaves_the_variance_undefined():
    found = standardise([5, 1], [10, 1], [50, 20])
    assert math.isnan(found.variance)
    assert math.isnan(found.low)
    assert not math.isnan(found.estimate)
    assert not math.isnan(standardise([5, 1], [10, 1], [50, 1]).low)


def test_no_answers_at_all():
    found = standardise([0, 0], [0, 0], [5, 6])
    assert math.isnan(found.estimate)
    assert found.population_share == 0


def test_collapse_goes_up_the_ladder_only_as_far_as_needed():
    answered = [50, 1, 0, 40, 1, 3]
    fine, coarse = ["a", "a", "b", "b", "c", "d"], ["x", "x", "x", "x", "y", "y"]
    assert collapse(answered, [fine]).tolist() == [0, 0, 1, 1, 2, 3]
    assert collapse(answered, [fine, coarse]).tolist() == [0, 0, 1, 1, 2, 2]
    assert collapse([5, 5, 5], [["a", "a", "a"]]).tolist() == [0, 1, 2]
    assert collapse([0, 0], [["a", "b"]]).tolist() == [0, 1]


@given(
    answered=st.lists(st.integers(0, 6), min_size=1, max_size=15),
    labels=st.lists(st.integers(0, 2), min_size=15, max_size=15),
)
def test_collapse_leaves_a_small_group_only_where_all_of_it_is_small(answered, labels):
    labels = labels[: len(answered)]
    n, group = np.array(answered), collapse(answered, [labels])
    assert group.tolist() == collapse(answered, [labels]).tolist()
    for name in set(group.tolist()):
        inside = {labels[i] for i in np.flatnonzero(group == name)}
        assert len(inside) == 1
        if n[group == name].sum() < 2:
            assert n[np.array(labels) == inside.pop()].sum() < 2


def test_collapsed_cells_standardise():
    s, n, population = np.array([9, 1, 5]), np.array([10, 1, 9]), np.array([30, 20, 50])
    group = collapse(n, [["a", "a", "b"]])
    sums = [np.bincount(group, weights).astype(int) for weights in (s, n, population)]
    assert not math.isnan(standardise(*sums).variance)


def test_bad_arguments_are_named():
    with pytest.raises(ValueError, match="population must not be below answered, got 2 for 3"):
        standardise([1, 1], [2, 3], [2, 2])
    with pytest.raises(ValueError, match="must have one length"):
        standardise([1, 1], [2, 2], [2, 2, 2])
    with pytest.raises(ValueError, match="population must be a list"):
        standardise([1, 1], [2, 2], 5)
    with pytest.raises(ValueError, match=r"ladder\[0\] must have a label for each of the 2 cells"):
        collapse([1, 1], [["a"]])
    with pytest.raises(ValueError, match="answered must not be negative"):
        collapse([-1], [["a"]])
    with pytest.raises(ValueError, match="level must"):
        standardise([1], [2], [2], level=0)
