"""Protection where earlier figures of some cells are public."""

import numpy as np
import pytest

from survey.stats.protection import protect
from survey.stats.successive import NEVER, protect_again

ROW = [(3, [0, 1, 2])]


def again(counts, before, **options):
    unchanged = [old == now for old, now in zip(before, counts, strict=True)]
    return protect_again(counts, ROW, before, unchanged, **options).hidden.tolist()


def test_unchanged_figures_are_shown():
    assert again([40, 50, 60, 150], [40, 50, 60, 150]) == [False] * 4


def test_small_changes_that_sum_to_ten_cover_each_other():
    assert again([44, 56, 60, 160], [40, 50, 60, 150]) == [True, True, False, False]


def test_small_changes_that_sum_to_less_take_another_along():
    assert again([43, 54, 75, 172], [40, 50, 60, 150]) == [True, True, True, False]


def test_a_fall_is_a_change():
    assert again([37, 50, 75, 162], [40, 50, 60, 150]) == [True, False, False, True]


def test_a_count_that_became_small_is_hidden():
    assert again([4, 50, 80, 134], [40, 50, 60, 150])[0]


def test_a_new_small_cell_beside_public_ones():
    """Everything else is as it was, so the total, which grew by 4, keeps its old figure."""
    assert again([40, 50, 4, 94], [40, 50, NEVER, 90]) == [False, False, True, True]


def test_earlier_figures_need_not_add_up():
    assert again([40, 50, 60, 150], [40, 50, 60, 140]) == [False] * 4


def test_without_earlier_figures_it_is_protection():
    counts = [4, 30, 20, 54]
    hidden = protect(counts, ROW).hidden.tolist()
    assert again(counts, [NEVER] * 4) == hidden
    assert again(counts, [NEVER] * 4, attack=False) == hidden


def test_only_small_cells_are_exposed():
    found = protect_again([4, 30, 20, 54], ROW, [NEVER, 30, 20, 54], [False, True, True, True])
    assert found.exposed.tolist() == [0]
    able = np.array([False, True, True, True])
    public = [NEVER, 30, 20, 70]
    found = protect_again([20, 30, 20, 70], ROW, public, [False, True, True, True], eligible=able)
    assert found.hidden.tolist() == [True, False, False, False]
    assert found.exposed.size == 0


@pytest.mark.parametrize(
    ("before", "unchanged", "message"),
    [
        ([40, 50, 60], [False] * 4, "before must have 4 figures"),
        ([40, 50, 60, -2], [False] * 4, "before must have 4 figures"),
        ([41, 50, 60, 150], [True] * 4, "unchanged: cell 0 has another count"),
    ],
)
def test_mistakes_are_named(before, unchanged, message):
    with pytest.raises(ValueError, match=message):
        protect_again([40, 50, 60, 150], ROW, before, unchanged)
