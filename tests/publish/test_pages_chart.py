"""Shares to coordinates."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.publish.chart import FAINTEST, Axis, axis_for, clamp, mark, stack

share = st.floats(min_value=0, max_value=1)


@pytest.mark.parametrize(
    ("shares", "low"),
    [
        ([0.948, 0.91], 80),
        ([0.78], 70),
        ([0.55], 50),
        ([0.49], 40),
        ([0.31], 20),
        ([0.05], 0),
        ([1.0], 80),
        ([], 0),
    ],
)
def test_an_axis_begins_at_a_round_number(shares: list[float], low: int) -> None:
    axis = axis_for(shares, 0, 100)
    assert (axis.low, axis.high) == (low, 100)


@given(st.lists(share, max_size=20))
def test_an_axis_holds_everything_and_its_ticks_reach_both_ends(shares: list[float]) -> None:
    axis = axis_for(shares, 10, 250)
    assert all(axis.low <= 100 * each for each in shares)
    ticks = [tick.percent for tick in axis.ticks]
    assert ticks[0] == axis.low
    assert ticks[-1] == 100
    assert 4 <= len(ticks) <= 6
    assert {round(b - a, 6) for a, b in itertools.pairwise(ticks)} <= {5, 10, 20}


@given(share, share)
def test_a_larger_share_stands_further_on(one: float, other: float) -> None:
    across, upwards = Axis(0, 100, 0, 240), Axis(0, 100, 300, 20)
    if one <= other:
        assert across.place(one) <= across.place(other)
        assert upwards.place(one) >= upwards.place(other)


@given(share, share, share)
def test_a_mark_can_be_seen_and_stays_inside(a: float, b: float, c: float) -> None:
    low, rate, high = sorted((a, b, c))
    axis = axis_for([low], 6, 234)
    drawn = mark(axis, low, high, rate, 0.91)
    assert drawn.width >= FAINTEST - 0.11
    assert drawn.left - 0.2 <= drawn.dot <= drawn.left + drawn.width + 0.2
    assert drawn.left >= 0
    assert drawn.left + drawn.width <= 240
    assert drawn.target is not None


def test_a_mark_without_target() -> None:
    assert mark(Axis(0, 100, 0, 100), 0.1, 0.9, 0.5).target is None


@pytest.mark.parametrize(("at", "moved"), [(5, 20), (50, 50), (99, 80)])
def test_a_label_stays_between_the_edges(at: float, moved: float) -> None:
    assert clamp(at, 20, 0, 100) == moved


@given(st.lists(st.tuples(share, st.sampled_from(["met", "not_met", "not_enough"])), max_size=60))
def test_dots_keep_their_side_of_the_target_and_never_overlap(
    rates: list[tuple[float, str]],
) -> None:
    axis = axis_for([0.0], 10, 350)
    border = axis.place(0.91)
    dots = stack(rates, axis, 12, border)
    assert len({(dot.x, dot.y) for dot in dots}) == len(rates)
    below = sum(axis.place(each) < border for each, _ in rates)
    assert sum(dot.x < border for dot in dots) == below
    assert all(dot.y < 0 for dot in dots)
