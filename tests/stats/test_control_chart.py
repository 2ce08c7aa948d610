import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from survey.stats.control_chart import laney_chart, p_chart


@given(
    answered=st.lists(st.integers(0, 3000), min_size=1, max_size=8),
    centre=st.floats(0.01, 0.99),
    tail=st.sampled_from([0.00135, 0.01, 0.025, 0.2]),
)
def test_limits_are_the_binomial_ones(answered, centre, tail):
    chart = p_chart([0] * len(answered), answered, centre=centre, tail=tail)
    n = np.array(answered)
    assert (binom.cdf(chart.low_count, n, centre) > tail).all()
    assert (binom.cdf(chart.low_count - 1, n, centre) <= tail).all()
    # The upper limit is computed from the failures, so a tie may fall to the other side.
    assert (binom.sf(chart.high_count - 1, n, centre) > tail * (1 - 1e-9)).all()
    assert (binom.sf(chart.high_count, n, centre) <= tail * (1 + 1e-9)).all()


def test_signals_beyond_the_limits_only():
    chart = p_chart([80, 79, 98, 99, 0], [100, 100, 100, 100, 0], centre=0.9)
    assert chart.signal.tolist() == [0, -1, 0, 1, 0]
    assert np.isnan(chart.low).tolist() == [False] * 4 + [True]


def test_centre_is_the_pooled_rate():
    assert p_chart([80, 45], [100, 50]).centre == pytest.approx(125 / 150)


def test_wobble_beyond_chance_alarms_the_binomial_chart_only():
    rng = np.random.default_rng(3)
    rates = 0.9 + rng.normal(0, 0.01, 24)
    satisfied, answered = (rates * 200_000).astype(int), np.full(24, 200_000)
    assert (p_chart(satisfied, answered).signal != 0).sum() > 10
    found = laney_chart(satisfied, answered)
    assert found.inflation > 5
    assert (found.signal == 0).all()


def test_laney_without_extra_wobble_is_close_to_the_exact_chart():
    rng = np.random.default_rng(4)
    answered = np.full(400, 5000)
    found = laney_chart(rng.binomial(answered, 0.9), answered, centre=0.9)
    exact = p_chart(rng.binomial(answered, 0.9), answered, centre=0.9)
    assert found.inflation == pytest.approx(1, abs=0.1)
    assert found.low[0] == pytest.approx(exact.low[0], abs=0.003)


def test_laney_sees_a_fall():
    satisfied = [9000, 9100, 8900, 9050, 8950, 9000, 9100, 8900, 9000, 5000]
    assert laney_chart(satisfied, [10_000] * 10).signal.tolist()[-1] == -1
    assert laney_chart([0, *satisfied], [0, *[10_000] * 10]).signal.tolist()[0] == 0


def test_bad_arguments_are_named():
    with pytest.raises(ValueError, match="centre must lie strictly between 0 and 1"):
        p_chart([1], [2], centre=1)
    with pytest.raises(ValueError, match="centre must be given"):
        p_chart([2], [2])
    with pytest.raises(ValueError, match="centre must be given"):
        p_chart([0], [0])
    with pytest.raises(ValueError, match="tail must lie strictly"):
        p_chart([1], [2], tail=0)
    with pytest.raises(ValueError, match="answered must hold at least two periods"):
        laney_chart([1, 0], [2, 0])
    with pytest.raises(ValueError, match="satisfied must not be NaN"):
        p_chart([float("nan")], [2])
