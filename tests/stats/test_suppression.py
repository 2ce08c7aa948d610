import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from survey.stats.margins import coefficients, crossed, with_totals
from survey.stats.suppression import suppress, unprotected

# Two rows of three, twelve cells with totals; the numbers are laid out as
#  0  1  2 |  3
#  4  5  6 |  7
#  8  9 10 | 11
MARGINS = [
    (3, [0, 1, 2]),
    (7, [4, 5, 6]),
    (11, [8, 9, 10]),
    (8, [0, 4]),
    (9, [1, 5]),
    (10, [2, 6]),
    (11, [3, 7]),
]


@st.composite
def tables(draw, largest=40):
    """A small crossed table of one to three axes, many of its cells under 10."""
    shape = draw(st.lists(st.integers(1, 4), min_size=1, max_size=3))
    size = int(np.prod(shape))
    cells = draw(st.lists(st.integers(0, largest), min_size=size, max_size=size))
    return np.array(cells, dtype=np.int64).reshape(shape)


def remainders(counts, matrix, hidden):
    """(how many hidden cells, their sum) of each relation with hidden cells on one side only."""
    for row in matrix.toarray():
        inside = hidden & (row != 0)
        if inside.any() and len(set(np.sign(row[inside]))) == 1:
            yield int(inside.sum()), int((counts * abs(row))[inside].sum())


def test_nothing_small_nothing_hidden():
    counts = with_totals([[50, 14, 60], [40, 30, 20]]).ravel()
    assert not suppress(counts, MARGINS).any()


def test_one_small_cell_takes_three_more():
    counts = with_totals([[50, 4, 60], [40, 30, 20], [35, 25, 45]]).ravel()
    hidden = suppress(counts, crossed((3, 3))).reshape(4, 4)
    # 25 is the cheapest in column 1; 50 costs half because 35, hidden for 25's row, waits there.
    assert np.argwhere(hidden).tolist() == [[0, 0], [0, 1], [2, 0], [2, 1]]


def test_the_cell_that_settles_two_relations_is_the_cheaper_one():
    """30 settles the row and the column of the two small cells; 20 would settle only its row."""
    counts = with_totals([[4, 30, 20, 60], [50, 5, 70, 80], [90, 95, 81, 82]]).ravel()
    hidden = suppress(counts, crossed((3, 4))).reshape(4, 5)
    assert np.argwhere(hidden).tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]


def test_small_sum_of_small_cells_is_not_enough():
    hidden = suppress([3, 3, 3, 20, 40, 69], [(5, [0, 1, 2, 3, 4])])
    assert hidden.tolist() == [True, True, True, True, False, False]


def test_all_small_row_hides_its_total_by_itself():
    hidden = suppress([1, 2, 3, 6], [(3, [0, 1, 2])])
    assert hidden.all()


def test_small_parts_of_a_large_total_need_no_more():
    hidden = suppress([5, 4, 3, 12], [(3, [0, 1, 2])])
    assert hidden.tolist() == [True, True, True, False]


def test_only_part_hides_the_total():
    """A total with a single part is that part: both are hidden, and so on upwards."""
    counts = [4, 30, 34, 34, 20, 54]
    hidden = suppress(counts, [(2, [0, 1]), (3, [2]), (5, [3, 4])])
    assert hidden.tolist() == [True, True, False, False, False, False]
    hidden = suppress([4, 4, 20, 24], [(1, [0]), (3, [1, 2])])
    assert hidden.tolist() == [True, True, True, False]


def test_total_goes_after_a_part_of_equal_count():
    hidden = suppress([50, 0, 0, 50][::-1], [(0, [1, 2, 3])])
    assert hidden.tolist() == [False, True, True, True]


def test_equal_counts_go_by_cell_number():
    assert suppress([20, 20, 4, 44], [(3, [2, 1, 0])]).tolist() == [True, False, True, False]


def test_nested_sums():
    """A parent with its children, inside a whole: the leak climbs no further than it must."""
    counts = [7, 12, 90, 109, 200, 309]
    margins = [(3, [0, 1, 2]), (5, [3, 4])]
    assert np.flatnonzero(suppress(counts, margins)).tolist() == [0, 1]
    published = np.array([False, True, True, False, False, False])
    hidden = suppress(counts, margins, published=published)
    assert np.flatnonzero(hidden).tolist() == [0, 3, 4]


def test_months_quarters_and_a_year():
    months = [4, 15, 30, 20, 21, 22, 11, 12, 13, 40, 50, 60]
    quarters = [sum(months[at : at + 3]) for at in range(0, 12, 3)]
    counts = [*months, *quarters, sum(quarters)]
    margins = [(12 + q, [3 * q, 3 * q + 1, 3 * q + 2]) for q in range(4)]
    margins.append((16, [12, 13, 14, 15]))
    assert np.flatnonzero(suppress(counts, margins)).tolist() == [0, 1]


def test_two_groupings_share_their_cells():
    """Both views of the same four cells: halves by one rule, halves by another."""
    counts = [3, 40, 50, 60, 43, 110, 53, 100, 153]
    margins = [(4, [0, 1]), (5, [2, 3]), (6, [0, 2]), (7, [1, 3]), (8, [4, 5]), (8, [6, 7])]
    hidden = suppress(counts, margins)
    assert np.flatnonzero(hidden).tolist() == [0, 1, 2, 3]


def test_published_cells_are_never_hidden():
    published = np.array([False, True, False, False])
    hidden = suppress([4, 20, 30, 54], [(3, [0, 1, 2])], published=published)
    assert hidden.tolist() == [True, False, True, False]


def test_small_published_cell_stays():
    published = np.array([True, False, False])
    assert not suppress([4, 20, 24], [(2, [0, 1])], published=published).any()


def test_what_cannot_be_helped_is_listed():
    published = np.array([False, True, True, True])
    margins = [(3, [0, 1, 2])]
    hidden = suppress([4, 20, 30, 54], margins, published=published)
    assert hidden.tolist() == [True, False, False, False]
    assert unprotected([4, 20, 30, 54], margins, hidden).tolist() == [0]


def test_edition_that_adds_a_few_keeps_its_figure_back():
    """Old figure public, 3 more since: the new figure would tell the 3."""
    old, new, more = 0, 1, 2
    published = np.array([True, False, False])
    hidden = suppress([40, 43, 3], [(new, [old, more])], published=published)
    assert hidden.tolist() == [False, True, True]
    assert not suppress([40, 52, 12], [(new, [old, more])], published=published).any()


def test_cells_never_published_count_as_hidden():
    """Months that are not shown: their quarter may be, the sum of one month by column may not."""
    eligible = np.array([False, False, False, True])
    assert suppress([20, 30, 40, 90], [(3, [0, 1, 2])], eligible=eligible).tolist() == [
        True,
        True,
        True,
        False,
    ]
    assert suppress([20, 20], [(1, [0])], eligible=np.array([False, True])).all()


def test_other_minimum():
    margins = [(2, [0, 1])]
    assert not suppress([4, 20, 24], margins, minimum=3).any()
    assert suppress([4, 20, 24], margins, minimum=25).all()


def test_no_cells_no_relations():
    assert suppress([], []).shape == (0,)
    assert suppress(np.zeros(0, dtype=int), []).shape == (0,)
    assert suppress([0, 9, 10], []).tolist() == [True, True, False]
    assert unprotected([], [], []).shape == (0,)


@pytest.mark.parametrize("form", [sp.csr_array, sp.csc_array, sp.coo_array, sp.csr_matrix])
def test_sparse_relations_are_the_same_relations(form):
    counts = with_totals([[50, 4, 60], [40, 30, 20]]).ravel()
    matrix = coefficients(MARGINS, 12)
    assert suppress(counts, form(matrix)).tolist() == suppress(counts, MARGINS).tolist()
    assert suppress(counts, -form(matrix)).tolist() == suppress(counts, MARGINS).tolist()


@pytest.mark.parametrize(
    ("counts", "margins", "options", "message"),
    [
        ([4, -1, 3], [], {}, "counts must not be negative"),
        ([4.5], [], {}, "counts must be whole numbers"),
        ([float("nan")], [], {}, "counts must not be NaN"),
        ([[4]], [], {}, "counts must be a flat array"),
        ([4, 5, 8], [(2, [0, 1])], {}, "counts do not add up in relation 0: off by 1"),
        ([4], [(0, [])], {}, "margins: relation 0 needs"),
        ([4, 4], [(0, [1]), (0, [2])], {}, "margins: relation 1 names cell 2 of 2"),
        ([4, 4], [(0, [-1])], {}, "margins: relation 0 names cell -1 of 2"),
        ([4, 8], [(1, [0, 0])], {}, "margins: relation 0 names cell 0 twice"),
        ([4, 0], [(0, [0, 1])], {}, "margins: relation 0 names cell 0 twice"),
        ([4], sp.csr_array([[1, 1]]), {}, "margins must have 1 columns"),
        ([4, 8], sp.csr_array([[1, -0.5]]), {}, "margins: coefficients must be whole"),
        ([4, 8], sp.csr_array((1, 2)), {}, "margins: relation 0 names no cell"),
        ([4], [], {"minimum": 0}, "minimum must be at least 1"),
        ([4], [], {"published": [True, False]}, "published must be a boolean mask of 1 cells"),
        ([4], [], {"eligible": [1]}, "eligible must be a boolean mask of 1 cells"),
        ([4], [], {"published": [True], "eligible": [False]}, "published: cell 0 is not eligible"),
    ],
)
def test_mistakes_are_named(counts, margins, options, message):
    with pytest.raises(ValueError, match=message):
        suppress(counts, margins, **options)


@given(tables())
def test_no_remainder_is_one_cell_or_small(table):
    counts, matrix = with_totals(table).ravel(), crossed(table.shape)
    hidden = suppress(counts, matrix)
    assert (hidden | (counts >= 10)).all()
    for n_cells, total in remainders(counts, matrix, hidden):
        assert n_cells > 1
        assert total >= 10
    assert unprotected(counts, matrix, hidden).size == 0


@given(tables(), st.data())
def test_public_and_barred_cells_keep_their_state(table, data):
    """Whatever is public or barred, the rule holds but where only public cells are left."""
    counts, matrix = with_totals(table).ravel(), crossed(table.shape)
    states = st.lists(st.sampled_from("opb"), min_size=counts.size, max_size=counts.size)
    state = np.array(data.draw(states))
    public, barred = state == "p", state == "b"
    hidden = suppress(counts, matrix, published=public, eligible=~barred)
    assert not hidden[public].any()
    assert hidden[barred].all()
    assert hidden[(counts < 10) & ~public].all()
    for row in unprotected(counts, matrix, hidden):
        inside = matrix.toarray()[row] != 0
        assert (hidden | public)[inside].all()


@given(tables(), st.integers(1, 30))
def test_unprotected_is_what_one_subtraction_tells(table, minimum):
    counts, matrix = with_totals(table).ravel(), crossed(table.shape)
    hidden = counts < minimum
    told = [(n, total) for n, total in remainders(counts, matrix, hidden)]
    wrong = sum(n == 1 or total < minimum for n, total in told)
    assert unprotected(counts, matrix, hidden, minimum=minimum).size == wrong


@given(tables(), st.randoms(use_true_random=False))
def test_order_of_relations_does_not_matter(table, random):
    counts, matrix = with_totals(table).ravel(), crossed(table.shape)
    order = list(range(matrix.shape[0]))
    random.shuffle(order)
    assert (suppress(counts, matrix[order]) == suppress(counts, matrix)).all()


@given(st.permutations(range(12)), st.data())
def test_numbering_does_not_matter_where_counts_differ(order, data):
    cells = data.draw(st.lists(st.integers(0, 10**6), min_size=6, max_size=6, unique=True))
    counts = with_totals(np.array(cells).reshape(2, 3)).ravel()
    hidden = suppress(counts, MARGINS)
    if np.unique(counts).size < counts.size:
        return
    again = suppress(counts[order], coefficients(MARGINS, 12)[:, order])
    assert (again == hidden[order]).all()


@given(tables())
def test_hiding_again_hides_no_more(table):
    counts, matrix = with_totals(table).ravel(), crossed(table.shape)
    hidden = suppress(counts, matrix)
    assert (suppress(counts, matrix, eligible=~hidden) == hidden).all()
