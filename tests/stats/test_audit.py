import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from survey.stats.attack import System, components, propagated
from survey.stats.audit import audit
from survey.stats.margins import crossed, with_totals
from survey.stats.suppression import suppress
from tests.stats.reference import cases

# A table costs more than a number, and has many cells to go wrong in.
FEWER = settings(max_examples=settings.default.max_examples // 2)


def small_tables(largest, axes=(2, 3)):
    """A crossed table with totals, flat, its relations and its shape."""

    @st.composite
    def draw_table(draw):
        shape = draw(st.lists(st.integers(1, 3), min_size=axes[0], max_size=axes[1]))
        size = int(np.prod(shape))
        cells = draw(st.lists(st.integers(0, largest), min_size=size, max_size=size))
        return np.array(cells, dtype=np.int64).reshape(shape)

    return draw_table()


def masks(n_cells, data):
    return np.array(data.draw(st.lists(st.booleans(), min_size=n_cells, max_size=n_cells)))


def plain_bounds(counts, matrix, hidden):
    """Two programmes for each hidden cell, nothing else."""
    coefficients = matrix.toarray()[:, hidden]
    rest = coefficients @ counts[hidden]
    ends = []
    for at in range(int(hidden.sum())):
        for sign in (1, -1):
            cost = np.zeros(int(hidden.sum()))
            cost[at] = sign
            result = linprog(cost, A_eq=coefficients, b_eq=rest, bounds=(0, None), method="highs")
            ends.append(sign * result.fun if result.status == 0 else np.inf)
    return np.array(ends).reshape(-1, 2)


@pytest.mark.parametrize("case", cases("presentation_suppression", "sup_"), ids=lambda c: c["id"])
def test_reference(case):
    table = np.array(case["inputs"]["table"])
    rows, columns = np.array(case["inputs"]["suppressed_cells"]).T
    hidden = np.zeros((table.shape[0] + 1, table.shape[1] + 1), dtype=bool)
    hidden[rows, columns] = True
    number = np.arange(hidden.size).reshape(hidden.shape)[rows, columns]
    found = audit(with_totals(table).ravel(), crossed(table.shape), hidden.ravel(), width=1)
    place = np.searchsorted(found.cells, number)
    bounds = np.column_stack([found.low[place], found.high[place]])
    want = np.array(case["expected"]["attack_bounds"])
    assert np.abs(bounds - want).max() <= case["tolerance"]["abs"]
    exposed = np.isin(number, found.exposed)
    assert np.column_stack([rows, columns])[exposed].tolist() == case["expected"]["exposed"]


@FEWER
@given(small_tables(25), st.data())
def test_equals_two_programmes_a_cell(table, data):
    """Whatever is hidden, totals too: the shortcuts change nothing, infinite ends included."""
    counts, matrix = with_totals(table).ravel(), crossed(table.shape)
    hidden = masks(counts.size, data)
    found = audit(counts, matrix, hidden)
    want = plain_bounds(counts, matrix, hidden)
    assert found.cells.tolist() == np.flatnonzero(hidden).tolist()
    np.testing.assert_allclose(found.low, want[:, 0], atol=1e-6)
    np.testing.assert_allclose(found.high, want[:, 1], atol=1e-6)


@FEWER
@given(small_tables(3, axes=(2, 2)), st.data())
def test_equals_trying_all_tables(table, data):
    """In a two-way table the ends are whole numbers, and every table can be tried."""
    shape = table.shape
    inner = masks(table.size, data).reshape(shape)
    assume(1 <= inner.sum() <= 4)
    hidden = np.zeros((shape[0] + 1, shape[1] + 1), dtype=bool)
    hidden[:-1, :-1] = inner
    n_hidden = int(inner.sum())
    tried = np.indices((10,) * n_hidden).reshape(n_hidden, -1)
    rows, columns = np.nonzero(inner)
    fits = np.ones(tried.shape[1], dtype=bool)
    for row in range(shape[0]):
        fits &= tried[rows == row].sum(axis=0) == table[row, inner[row]].sum()
    for column in range(shape[1]):
        fits &= tried[columns == column].sum(axis=0) == table[inner[:, column], column].sum()
    found = audit(with_totals(table).ravel(), crossed(shape), hidden.ravel())
    assert found.low.tolist() == tried[:, fits].min(axis=1).tolist()
    assert found.high.tolist() == tried[:, fits].max(axis=1).tolist()


@FEWER
@given(small_tables(60))
def test_truth_lies_inside(table):
    counts, matrix = with_totals(table).ravel(), crossed(table.shape)
    found = audit(counts, matrix, suppress(counts, matrix))
    assert (found.low <= counts[found.cells]).all()
    assert (counts[found.cells] <= found.high).all()
    assert (found.low >= 0).all()


@FEWER
@given(small_tables(60), st.data())
def test_hiding_more_never_narrows(table, data):
    counts, matrix = with_totals(table).ravel(), crossed(table.shape)
    hidden = masks(counts.size, data)
    more = hidden | masks(counts.size, data)
    narrow, wide = audit(counts, matrix, hidden), audit(counts, matrix, more)
    place = np.searchsorted(wide.cells, narrow.cells)
    assert (wide.low[place] <= narrow.low + 1e-6).all()
    assert (wide.high[place] >= narrow.high - 1e-6).all()


@FEWER
@given(small_tables(60), st.integers(0, 10), st.integers(0, 5))
def test_a_sample_has_the_same_bounds(table, sample, seed):
    counts, matrix = with_totals(table).ravel(), crossed(table.shape)
    hidden = suppress(counts, matrix)
    full, part = (
        audit(counts, matrix, hidden),
        audit(counts, matrix, hidden, sample=sample, seed=seed),
    )
    assert part.cells.size == min(sample, full.cells.size)
    assert part.n_hidden == full.n_hidden
    assert part.seed == (seed if sample < full.cells.size else None)
    place = np.searchsorted(full.cells, part.cells)
    np.testing.assert_allclose(part.low, full.low[place], atol=1e-6)
    np.testing.assert_allclose(part.high, full.high[place], atol=1e-6)
    assert set(part.exposed) == set(full.exposed) & set(part.cells)


@FEWER
@given(small_tables(60), st.data())
def test_numbering_does_not_matter(table, data):
    counts, matrix = with_totals(table).ravel(), crossed(table.shape)
    hidden = suppress(counts, matrix)
    order = np.array(data.draw(st.permutations(range(counts.size))))
    plain, mixed = (
        audit(counts, matrix, hidden),
        audit(counts[order], matrix[:, order], hidden[order]),
    )
    place = np.searchsorted(plain.cells, order[mixed.cells])
    np.testing.assert_allclose(mixed.low, plain.low[place], atol=1e-6)
    np.testing.assert_allclose(mixed.high, plain.high[place], atol=1e-6)


def test_hidden_total_without_limit():
    """The total and one part hidden: both may grow together, their difference is known."""
    found = audit([40, 4, 44], [(2, [0, 1])], [False, True, True])
    assert found.low.tolist() == [0, 40]
    assert found.high.tolist() == [np.inf, np.inf]
    assert found.exposed.size == 0


def test_limit_further_up_limits_the_rest():
    """44 hidden with its part 4, but 44 + 50 + 30 = 124 is shown and 30 hidden too."""
    counts, margins = [40, 4, 44, 50, 30, 124], [(2, [0, 1]), (5, [2, 3, 4])]
    found = audit(counts, margins, [False, True, True, False, True, False])
    assert found.low.tolist() == [0, 40, 0]
    assert found.high.tolist() == [34, 74, 34]


def test_two_relations_tell_more_than_each():
    """7 + 8 = 15 and 7 + 8 + 4 + 31 = 50 are shown with 31: the 4 is derived."""
    counts, margins = [7, 8, 4, 31, 15, 50], [(4, [0, 1]), (5, [0, 1, 2, 3])]
    found = audit(counts, margins, [True, True, True, False, False, False])
    assert (found.low[2], found.high[2]) == (4, 4)
    assert found.exposed.tolist() == [2]


def test_separate_tables_are_attacked_apart():
    counts = [4, 20, 24, 3, 30, 33]
    margins = [(2, [0, 1]), (5, [3, 4])]
    found = audit(counts, margins, [True, True, False, True, False, False])
    assert found.high.tolist() == [24, 24, 3]
    assert found.exposed.tolist() == [3]
    system = System(
        np.array([0, 1, 3]),
        sp.csr_array((0, 3)),
        np.array([4.0, 20.0, 3.0]),
        np.zeros(3),
        np.full(3, np.inf),
    )
    assert [part.tolist() for part in components(system)] == [[0], [1], [2]]


def test_what_is_known_beforehand_counts():
    found = audit([4, 20, 24], [(2, [0, 1])], [True, True, False], lower=[0, 10, 0])
    assert found.high.tolist() == [14, 24]
    found = audit([4, 20, 24], [(2, [0, 1])], [True, True, False], lower=3, upper=21)
    assert (found.low.tolist(), found.high.tolist()) == ([3, 3], [21, 21])
    assert audit([4], [], [True], upper=[9]).exposed.size == 0
    assert audit([4], [], [True], lower=3, upper=5).exposed.tolist() == [0]


def test_ends_between_whole_numbers_are_rounded_inward():
    """2a + b = 9 with b shown through c: the halves that no count can have do not count."""
    matrix = np.array([[2, 1, -1]])
    found = audit([4, 1, 9], sp.csr_array(matrix), [True, True, False], width=4)
    assert (found.low.tolist(), found.high.tolist()) == ([0, 0], [4.5, 9])
    assert found.exposed.size == 0
    found = audit([4, 1, 9], sp.csr_array(matrix), [True, True, False], width=5)
    assert found.exposed.tolist() == [0]


def test_nothing_hidden():
    found = audit([40, 50, 90], [(2, [0, 1])], [False, False, False])
    assert (found.cells.size, found.exposed.size, found.n_hidden) == (0, 0, 0)
    assert audit([], [], []).cells.size == 0


def test_outer_bounds_hold_the_truth_and_the_exact_ends():
    counts = with_totals([[5, 3, 20], [4, 8, 30], [50, 40, 7]]).ravel()
    matrix, hidden = crossed((3, 3)), None
    hidden = suppress(counts, matrix)
    found = audit(counts, matrix, hidden)
    n_hidden = int(hidden.sum())
    system = System(
        np.flatnonzero(hidden),
        matrix[:, hidden].astype(float),
        counts[hidden].astype(float),
        np.zeros(n_hidden),
        np.full(n_hidden, np.inf),
    )
    low, high = propagated(system)
    assert (low <= found.low + 1e-6).all()
    assert (high >= found.high - 1e-6).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"lower": 5}, "lower must agree with the true count of cell 0"),
        ({"upper": [9, 19, 9]}, "upper must agree with the true count of cell 1"),
        ({"lower": float("nan")}, "lower must be a number"),
        ({"upper": [9, 9]}, "upper must be a number, or 3"),
        ({"sample": -1}, "sample must not be negative"),
        ({"width": 0}, "width must be at least 1"),
        ({"hidden": [True]}, "hidden must be a boolean mask of 3 cells"),
    ],
)
def test_mistakes_are_named(options, message):
    arguments = {"hidden": [True, True, False], **options}
    with pytest.raises(ValueError, match=message):
        audit([4, 20, 24], [(2, [0, 1])], **arguments)
