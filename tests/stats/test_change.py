import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.stats.change import change, segments
from survey.stats.difference import difference

SATISFIED = [90, 88, 95, 97, 91, 85]
ANSWERED = [100, 99, 101, 100, 98, 90]


def test_disjoint_windows_are_newcombes_independent_samples():
    found = change(SATISFIED, ANSWERED, range(0, 2), range(3, 6))
    want = difference(97 + 91 + 85, 100 + 98 + 90, 90 + 88, 100 + 99)
    assert (found.estimate, found.low, found.high) == pytest.approx(
        (want.estimate, want.low, want.high), abs=1e-12
    )
    assert found.shared == "none"


def test_subtracting_compares_only_what_each_window_has_alone():
    found = change(SATISFIED, ANSWERED, range(0, 4), range(2, 6))
    want = change(SATISFIED, ANSWERED, range(0, 2), range(4, 6))
    assert (found.estimate, found.low, found.high) == (want.estimate, want.low, want.high)
    assert found.shared == "subtract"


def test_keeping_gives_the_difference_of_the_whole_windows():
    found = change(SATISFIED, ANSWERED, range(0, 4), range(2, 6), shared="keep")
    s, n = np.array(SATISFIED), np.array(ANSWERED)
    want = s[2:6].sum() / n[2:6].sum() - s[0:4].sum() / n[0:4].sum()
    assert found.estimate == pytest.approx(want)
    as_if_independent = difference(s[2:6].sum(), n[2:6].sum(), s[:4].sum(), n[:4].sum())
    assert found.low > as_if_independent.low
    assert found.high < as_if_independent.high


@pytest.mark.simulation
def test_keeping_covers_the_true_difference_of_rolling_windows():
    # 4,000 series of 13 months at two rates: the windows differ by one month of twelve.
    rng = np.random.default_rng(20)
    answered = rng.integers(20, 60, 13)
    rates = np.linspace(0.86, 0.95, 13)
    earlier, later = range(0, 12), range(1, 13)
    true = (
        (answered[1:] @ rates[1:]) / answered[1:].sum()
        - (answered[:12] @ rates[:12]) / answered[:12].sum()
    )  # fmt: skip
    held = 0
    for satisfied in rng.binomial(answered, rates, (4000, 13)):
        found = change(satisfied, answered, earlier, later, shared="keep")
        held += found.low <= true <= found.high
    assert 0.94 <= held / 4000 <= 0.975


def test_one_window_inside_the_other_can_only_be_kept():
    quarter, year_to_date = range(0, 3), range(0, 6)
    found = change(SATISFIED, ANSWERED, quarter, year_to_date, shared="keep")
    assert found.low < found.estimate < found.high
    with pytest.raises(ValueError, match="later must not contain earlier"):
        change(SATISFIED, ANSWERED, quarter, year_to_date)
    with pytest.raises(ValueError, match="later must not contain earlier"):
        change(SATISFIED, ANSWERED, year_to_date, year_to_date)


@pytest.mark.parametrize(
    ("breaks", "crossed"), [([2], (2,)), ([4, 1], (1, 4)), ([0], ()), ([5], ()), ([], ())]
)
def test_no_difference_across_a_break(breaks, crossed):
    found = change(SATISFIED, ANSWERED, range(0, 2), range(3, 5), breaks=breaks)
    assert found.breaks == crossed
    assert math.isnan(found.estimate) is math.isnan(found.low) is math.isnan(found.high)
    assert math.isnan(found.estimate) is bool(crossed)


def test_a_break_inside_one_window_forbids_the_comparison_too():
    assert change(SATISFIED, ANSWERED, range(0, 3), range(3, 6), breaks=[1]).breaks == (1,)


def test_a_window_without_answers_is_nan():
    found = change([0, 0, 5, 5], [0, 0, 6, 6], range(0, 2), range(2, 4))
    assert math.isnan(found.low)
    kept = change([0, 0, 5, 5], [0, 0, 6, 6], range(0, 2), range(1, 4), shared="keep")
    assert math.isnan(kept.high)
    shared_empty = change([4, 0, 5], [5, 0, 6], range(0, 2), range(1, 3), shared="keep")
    want = difference(5, 6, 4, 5)
    assert shared_empty.low == pytest.approx(want.low)


@given(periods=st.integers(1, 30), data=st.data())
def test_segments_hold_every_period_once_and_no_break_inside(periods, data):
    breaks = data.draw(st.lists(st.integers(0, periods - 1), max_size=5))
    runs = segments(periods, breaks)
    assert [period for run in runs for period in run] == list(range(periods))
    assert all(at not in run[1:] for run in runs for at in breaks)


def test_bad_arguments_are_named():
    with pytest.raises(ValueError, match="earlier must be a range of step 1"):
        change(SATISFIED, ANSWERED, range(2, 2), range(3, 4))
    with pytest.raises(ValueError, match="later must lie within the 6 periods"):
        change(SATISFIED, ANSWERED, range(0, 2), range(3, 7))
    with pytest.raises(ValueError, match="later must not start or end before earlier"):
        change(SATISFIED, ANSWERED, range(3, 5), range(0, 2))
    with pytest.raises(ValueError, match="breaks must lie within the 6 periods"):
        change(SATISFIED, ANSWERED, range(0, 2), range(3, 5), breaks=[9])
    with pytest.raises(ValueError, match="shared must be one of 'subtract', 'keep'"):
        change(SATISFIED, ANSWERED, range(0, 2), range(3, 5), shared="drop")
    with pytest.raises(ValueError, match="satisfied must be a list"):
        change(3, 4, range(0, 1), range(1, 2))
    with pytest.raises(ValueError, match="breaks must lie"):
        segments(3, [-1])
