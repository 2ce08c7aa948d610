import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.stats import interval
from survey.stats.ordinal import ordinal_summary
from tests.stats.reference import cases, close


@pytest.mark.parametrize("case", cases("ordinal_nps"), ids=lambda case: case["id"])
def test_reference_numbers(case):
    given_, want, tolerance = case["inputs"], case["expected"], case["tolerance"]
    found = ordinal_summary(given_["counts_low_to_high"], given_["scores"], given_["top_indices"])
    assert found.answered == want["n"]
    assert close(found.mean, want["mean"], tolerance)
    assert close(found.se_mean, want["se_mean"], tolerance)
    assert close(found.top_share, want["top_share"], tolerance)


@given(frequencies=st.lists(st.integers(0, 300), min_size=1, max_size=7), data=st.data())
def test_equals_the_answers_written_out(frequencies, data):
    top = data.draw(st.lists(st.integers(0, len(frequencies) - 1)))
    scores = list(range(1, len(frequencies) + 1))
    answers = np.repeat(scores, frequencies)
    found = ordinal_summary(frequencies, scores, top)
    if answers.size > 1:
        assert found.mean == pytest.approx(answers.mean())
        assert found.se_mean == pytest.approx(answers.std(ddof=1) / np.sqrt(answers.size))
        assert found.shares.sum() == pytest.approx(1)
        satisfied = int(np.isin(answers - 1, top).sum())
        assert found.top == interval(satisfied, answers.size)


def test_too_little_is_stated_as_nan():
    nothing = ordinal_summary([0, 0], [1, 2], [1])
    assert nothing.answered == 0
    numbers = (nothing.mean, nothing.top_share, nothing.top.low, *nothing.shares)
    assert all(math.isnan(number) for number in numbers)
    one = ordinal_summary([0, 1], [1, 2], [1])
    assert (one.mean, one.top_share) == (2, 1)
    assert math.isnan(one.se_mean)


def test_bad_arguments_are_named():
    with pytest.raises(ValueError, match="frequencies must be a list"):
        ordinal_summary(5, [1], [0])
    with pytest.raises(ValueError, match="scores must be finite, one for each of the 2 answers"):
        ordinal_summary([1, 1], [1], [0])
    with pytest.raises(ValueError, match="scores must be finite"):
        ordinal_summary([1, 1], [1, float("nan")], [0])
    with pytest.raises(ValueError, match="top must hold positions below 2"):
        ordinal_summary([1, 1], [1, 2], [2])
    with pytest.raises(ValueError, match="method must be one of"):
        ordinal_summary([1, 1], [1, 2], [1], method="wald")
