import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.stats import interval
from survey.stats.clustering import (
    clustered_interval,
    design_effect,
    intraclass_correlation,
    planned_design_effect,
)
from survey.stats.design import survey_design
from survey.stats.survey_proportion import survey_proportion

COUNTS = st.lists(
    st.integers(1, 30).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
    min_size=8,
    max_size=30,
)


def answers_of(satisfied, answered):
    y = np.concatenate([[1] * s + [0] * (n - s) for s, n in zip(satisfied, answered, strict=True)])
    return y, np.repeat(np.arange(len(answered)), answered)


@given(COUNTS)
def test_counts_agree_with_the_design_engine(pairs):
    satisfied, answered = zip(*pairs, strict=True)
    y, clusters = answers_of(satisfied, answered)
    design = survey_design(weights=np.ones(y.size), stages=clusters)
    engine = survey_proportion(design, y, method="wilson")
    found = clustered_interval(satisfied, answered)
    assert found.estimate == pytest.approx(engine.estimate)
    assert found.se == pytest.approx(engine.se, abs=1e-12)
    assert found.df == len(answered) - 1
    if 0 < found.estimate < 1:
        assert found.n_effective == pytest.approx(engine.n_effective)
        assert (found.low, found.high) == pytest.approx((engine.low, engine.high))
    assert 0 <= found.low <= found.estimate <= found.high <= 1


def test_all_satisfied_uses_the_design_effect_of_others():
    plain = clustered_interval([10] * 9, [10] * 9)
    wide = clustered_interval([10] * 9, [10] * 9, deff=3)
    assert plain.high == wide.high == 1.0
    assert wide.n_effective == 30
    assert wide.low < plain.low


def test_few_clusters_are_flagged():
    found = clustered_interval([9, 3], [10, 10])
    want = interval(12, 20)
    assert found.few_clusters
    assert (found.low, found.high, found.method) == (want.low, want.high, "wilson")
    assert found.n_effective == 20


def test_nothing_answered():
    found = clustered_interval([0, 0], [0, 0])
    assert math.isnan(found.estimate)
    assert math.isnan(found.low)
    assert found.n == 0


def test_correlation_of_equal_answers_is_one_and_of_alternating_ones_zero():
    clusters = np.repeat(np.arange(10), 6)
    assert intraclass_correlation(clusters % 2, clusters) == pytest.approx(1)
    assert intraclass_correlation(np.arange(60) % 2, clusters) == 0


def test_correlation_is_found_in_simulated_answers():
    rng = np.random.default_rng(1)
    p = rng.beta(8, 2, 2000)  # intraclass correlation 1 / (8 + 2 + 1)
    y, clusters = rng.random((2000, 12)) < p[:, None], np.repeat(np.arange(2000), 12)
    assert intraclass_correlation(y.reshape(-1), clusters) == pytest.approx(1 / 11, abs=0.01)


@given(st.permutations(range(24)))
def test_order_and_names_do_not_matter(order):
    y, clusters = np.arange(24) % 5, np.arange(24) // 7
    plain = intraclass_correlation(y, clusters)
    named = [f"c{9 - cluster}" for cluster in clusters[order]]
    assert intraclass_correlation(y[order], named) == pytest.approx(plain)


def test_correlation_that_does_not_exist():
    assert math.isnan(intraclass_correlation([1, 0, 1], [1, 2, 3]))
    assert math.isnan(intraclass_correlation([1, 0, 1], [1, 1, 1]))
    assert math.isnan(intraclass_correlation([1, 1, 1, 1], [1, 1, 2, 2]))
    left_out = intraclass_correlation([1, 0, 1, np.nan], [1, 1, 2, 2])
    assert left_out == intraclass_correlation([1, 0, 1], [1, 1, 2])


def test_design_effect_of_a_simple_sample_is_one():
    y = np.arange(30) % 4
    design = survey_design(fpc=np.full(30, 300))
    assert design_effect(design, y) == pytest.approx(1)
    assert math.isnan(design_effect(design, np.ones(30)))
    half = design_effect(design, y, subset=np.arange(30) < 15)
    assert 0.9 < half < 1.2


def test_planned_effects_are_vectors():
    found = planned_design_effect([1, 11], 0.05)
    np.testing.assert_allclose(found, [1, 1.5])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: clustered_interval([3], [2]), "satisfied must not exceed answered"),
        (lambda: clustered_interval([1], [2], deff=0.5), "deff must be at least 1"),
        (lambda: clustered_interval([1], [2], level=1), "level must lie"),
        (lambda: planned_design_effect(0.5, 0), "cluster_size must be at least 1"),
        (lambda: planned_design_effect(5, 2), "correlation must lie"),
        (lambda: intraclass_correlation([1, 0], [1]), "clusters must have 2 rows"),
        (lambda: intraclass_correlation([1, 0], [1, None]), "clusters must not be missing"),
        (
            lambda: design_effect(survey_design(weights=[0.5, 0.5]), [1, 0]),
            "weights must add up to a population",
        ),
    ],
)
def test_errors_name_the_argument(call, message):
    with pytest.raises(ValueError, match=message):
        call()
