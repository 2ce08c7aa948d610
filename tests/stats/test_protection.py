import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey.stats.attack import System, components
from survey.stats.audit import audit
from survey.stats.margins import crossed, with_totals
from survey.stats.neighbourhood import Neighbourhoods
from survey.stats.protection import narrow, protect
from survey.stats.suppression import suppress, unprotected

# Two groupings that overlap without being nested: 7 + 8, and 7 + 8 + 4 + 31.
OVERLAP = [7, 8, 4, 31, 15, 50], [(4, [0, 1]), (5, [0, 1, 2, 3])]

# A table costs more than a number, and has many cells to go wrong in.
FEWER = settings(max_examples=settings.default.max_examples // 2)


@st.composite
def tables(draw):
    shape = draw(st.lists(st.integers(1, 3), min_size=2, max_size=3))
    size = int(np.prod(shape))
    cells = draw(st.lists(st.integers(0, 30), min_size=size, max_size=size))
    return np.array(cells, dtype=np.int64).reshape(shape)


def skewed(shape, seed):
    rng = np.random.default_rng(seed)
    return rng.poisson(rng.lognormal(2.2, 1.2, shape))


@FEWER
@given(tables(), st.integers(1, 12))
def test_every_hidden_count_keeps_its_width(table, width):
    counts, matrix = with_totals(table).ravel(), crossed(table.shape)
    found = protect(counts, matrix, width=width)
    assert audit(counts, matrix, found.hidden, width=width).exposed.tolist() == []
    assert found.exposed.size == 0
    assert unprotected(counts, matrix, found.hidden).size == 0
    first = suppress(counts, matrix)
    assert (found.hidden >= first).all()
    assert found.added.tolist() == np.flatnonzero(found.hidden & ~first).tolist()


@FEWER
@given(tables(), st.data())
def test_narrow_is_what_the_audit_exposes(table, data):
    """On tables that fit into one neighbourhood the proof finds every cell that can move."""
    counts, matrix = with_totals(table).ravel(), crossed(table.shape)
    hidden = np.array(
        data.draw(st.lists(st.booleans(), min_size=counts.size, max_size=counts.size))
    )
    assert narrow(counts, matrix, hidden).tolist() == (
        audit(counts, matrix, hidden).exposed.tolist()
    )


@pytest.mark.parametrize("seed", range(3))
def test_neighbourhoods_prove_what_the_audit_finds(seed, monkeypatch):
    """With neighbourhoods much smaller than the table, and the whole as a last resort."""
    monkeypatch.setattr("survey.stats.protection.WHOLE", 0)
    monkeypatch.setattr("survey.stats.protection.NEIGHBOURHOODS", (12, 20))
    table = skewed((6, 5, 3), seed)
    counts, matrix = with_totals(table).ravel(), crossed(table.shape)
    hidden = suppress(counts, matrix)
    hidden[np.flatnonzero(hidden)[::7]] = False  # not as it should be: some are exposed
    exposed = audit(counts, matrix, hidden).exposed
    assert exposed.size > 0
    assert narrow(counts, matrix, hidden).tolist() == exposed.tolist()


def test_overlap_is_found_and_mended():
    counts, margins = OVERLAP
    assert np.flatnonzero(suppress(counts, margins)).tolist() == [0, 1, 2]
    found = protect(counts, margins)
    assert (found.added.tolist(), found.exposed.tolist()) == ([3], [])
    assert found.rounds == 2


def test_published_cells_leave_it_exposed():
    counts, margins = OVERLAP
    published = np.array([False, False, False, True, True, True])
    found = protect(counts, margins, published=published)
    assert np.flatnonzero(found.hidden).tolist() == [0, 1, 2]
    assert found.exposed.tolist() == [2]


def test_nothing_is_hidden_around_a_cell_that_is_told_anyway():
    """The 4 is public by what was published, so that the 60 and the 110 may be shown."""
    counts, margins = [*OVERLAP[0], 60, 110], [*OVERLAP[1], (7, [5, 6])]
    published = np.isin(np.arange(8), [3, 4, 5])
    found = protect(counts, margins, published=published)
    assert np.flatnonzero(found.hidden).tolist() == [0, 1, 2]
    assert found.exposed.tolist() == [2]


@FEWER
@given(tables(), st.data())
def test_exposed_is_what_no_hiding_could_protect(table, data):
    counts, matrix = with_totals(table).ravel(), crossed(table.shape)
    flags = st.lists(st.booleans(), min_size=counts.size, max_size=counts.size)
    published = np.array(data.draw(flags))
    found = protect(counts, matrix, published=published)
    exposed = found.exposed.tolist()
    assert audit(counts, matrix, found.hidden).exposed.tolist() == exposed
    at_most = audit(counts, matrix, ~published).exposed.tolist()
    assert exposed == [cell for cell in at_most if found.hidden[cell]]


def test_help_comes_from_further_away():
    """All cells next to the narrow one are hidden or public: one further on is taken."""
    counts, margins = [3, 40, 43, 60, 103], [(2, [0, 1]), (4, [2, 3])]
    published = np.array([False, True, False, True, False])
    found = protect(counts, margins, published=published)
    assert np.flatnonzero(found.hidden).tolist() == [0, 2, 4]
    assert found.exposed.size == 0


def test_same_input_same_result():
    table = skewed((8, 6, 2), 5)
    counts, matrix = with_totals(table).ravel(), crossed(table.shape)
    one, two = protect(counts, matrix), protect(counts, matrix)
    assert (one.hidden == two.hidden).all()


def test_nothing_to_protect():
    assert protect([], []).hidden.size == 0
    found = protect([40, 50, 90], [(2, [0, 1])])
    assert (found.hidden.any(), found.rounds, found.programmes) == (False, 1, 0)
    assert protect([4], []).exposed.size == 0


def test_width_is_checked():
    with pytest.raises(ValueError, match="width must be at least 1"):
        protect([4], [], width=0)
    with pytest.raises(ValueError, match="width must be at least 1"):
        narrow([4], [], [True], width=0)


def test_neighbourhood_leaves_no_relation_with_one_cell():
    """Around the corner of a full 3 x 3 x 3 block: what is taken in can move."""
    shape = (3, 3, 3)
    matrix = crossed(shape)
    inner = np.zeros([size + 1 for size in shape], dtype=bool)
    inner[:-1, :-1, :-1] = True
    inside = matrix[:, inner.ravel()]
    inside = inside[np.diff(inside.indptr) > 0].astype(float)
    system = System(np.arange(27), inside, np.full(27, 5.0), np.zeros(27), np.full(27, np.inf))
    around = Neighbourhoods(system, system.truth, np.random.default_rng(0)).around
    cells = around(0, 8)
    assert 0 in cells
    assert len(set(cells)) == cells.size >= 8
    assert (inside[:, cells].sum(axis=1) != 1).all()
    assert around(0, 100).size == 27
    assert components(system)[0].size == 27
