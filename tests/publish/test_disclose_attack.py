"""An outsider with every release and every sum at once learns no small count."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from sqlalchemy.engine import Connection

from survey.db import writing
from survey.terms.period import Period, parse_period
from tests.fixtures.city import LONDON, register_of
from tests.publish.figures import city_database
from tests.publish.small_city import Atom, SmallCity, published, scopes, write

UNITS, FIELDS = ("A", "B", "D", "D1", "D2", "unknown"), ("F", "G", "H")
MONTHS = ("2026-01", "2026-02", "2026-03", "2026-06", "2026-09", "2026-12")
PLANS = (
    ("2026-01", "2026-02", "2026-03", "2026-Q1"),
    ("2026-Q1", "2026-01", "2026-02", "2026-03"),
    ("2026-01", "2026-Q1", "2026-03", "2026-02"),
    ("2026-Q1", "2026-Q2", "2026-Q3", "2026-Q4", "2026"),
    ("2026", "2026-Q1", "2026-Q2", "2026-Q3", "2026-Q4"),
    ("2026-01", "2026-02", "2026-03", "2026-Q1", "2026-Q2", "2026-Q3", "2026", "2026-Q4"),
    ("2026-Q1", "2026-Q1", "2026-01", "2026-Q1"),
)


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    engine = city_database(tmp_path_factory.mktemp("city") / "city.sqlite", city=LONDON)
    register = register_of(engine)
    with writing(engine) as opened:
        opened.info["register"] = register
        yield opened
        opened.rollback()
    engine.dispose()


class Outsider:
    """Knows what was published, that counts are not negative, and when nothing was taken away.

    The unknowns are the ratings of an atom in the first release and what came to it between each
    release and the next.
    """

    def __init__(self, states: list[Counter[Atom]], connection: Connection) -> None:
        self.states = states
        self.atoms = sorted({atom for state in states for atom in state})
        self.truth = np.array(
            [
                state[atom] - (states[at - 1][atom] if at else 0)
                for at, state in enumerate(states)
                for atom in self.atoms
            ]
        )
        rows = []
        for at, (item, rates) in enumerate(published(connection)):
            for rate in rates:
                if rate.edition == item.edition:
                    scope = (rate.unit, rate.with_children, rate.field)
                    rows.append(self.row(at, item.period, scope))
                    assert rows[-1] @ self.truth == rate.answered
        matrix = np.array(rows) if rows else np.zeros((0, self.truth.size))
        self.matrix = sp.csr_array(matrix)
        self.known = matrix @ self.truth

    def row(
        self, at: int, period: Period, scope: tuple[str | None, bool, str | None]
    ) -> np.ndarray:
        """Return which unknowns a figure of the release with that number sums."""
        one = [scope in scopes(atom) and atom.month in period.months for atom in self.atoms]
        at = min(at, len(self.states) - 1)
        late = len(self.states) - at - 1
        return np.array((at + 1) * one + late * len(self.atoms) * [False], dtype=float)

    def width(self, row: np.ndarray) -> float:
        """Return how far apart the whole numbers are that a sum of unknowns may be."""
        ends = []
        for sign in (1, -1):
            found = linprog(
                sign * row, A_eq=self.matrix, b_eq=self.known, bounds=(0, None), method="highs"
            )
            if found.status == 3:
                return np.inf
            assert found.status == 0
            ends.append(sign * found.fun)
        return np.floor(ends[1] + 1e-6) - np.ceil(ends[0] - 1e-6)


def learned(outsider: Outsider, connection: Connection) -> list[tuple[object, ...]]:
    """Return the small counts of released periods that the outsider has within 2."""
    found = []
    for at, (item, _) in enumerate(published(connection)):
        for scope in sorted({scope for atom in outsider.atoms for scope in scopes(atom)}, key=str):
            row = outsider.row(at, item.period, scope)
            count = row @ outsider.truth
            if 1 <= count <= 9 and (width := outsider.width(row)) < 3:
                found.append((at, str(item.period), scope, count, width))
    return found


@st.composite
def histories(draw: st.DrawFn) -> tuple[tuple[str, ...], list[Counter[Atom]], bool]:
    """Draw releases in order, the ratings that come before each, and whether some are late."""
    plan = draw(st.sampled_from(PLANS))
    months = [m for m in MONTHS if any(m in parse_period(text).months for text in plan)]
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    size, share = draw(st.sampled_from((6, 15, 40))), draw(st.sampled_from((0.4, 0.8)))
    cells = [Atom(*key) for key in itertools.product(months, UNITS, FIELDS)]

    def some(share: float, size: float) -> Counter[Atom]:
        numbers = rng.poisson(rng.lognormal(np.log(size), 1, len(cells)))
        taken = rng.random(len(cells)) < share
        return Counter(
            {cell: int(n) for cell, n, yes in zip(cells, numbers, taken, strict=True) if yes and n}
        )

    late = draw(st.booleans())
    first = some(share, size)
    return plan, [first, *(some(0.3 * late, 4) for _ in plan[1:])], late


@settings(max_examples=8, deadline=None)
@given(histories())
def test_no_small_count_can_be_told_from_all_releases_together(connection, history):
    """Where nothing came late the outsider knows even that, else that nothing was taken away."""
    plan, arrivals, is_late = history
    with connection.begin_nested() as savepoint:
        city, states = SmallCity(connection, connection.info["register"]), []
        for text, more in zip(plan, arrivals, strict=True):
            city.ratings += more
            city.satisfied += more
            states.append(Counter(city.ratings))
            assert city.release(text).exposed == ()
        outsider = Outsider(states if is_late else states[:1], connection)
        assert learned(outsider, connection) == []
        savepoint.rollback()


def test_the_outsider_finds_what_is_there_to_find(connection):
    """Releases that hide nothing but small counts are no match for the attack of this test."""
    with connection.begin_nested() as savepoint:
        city = SmallCity(connection, connection.info["register"])
        city.rate("2026-01", {"A": {"F": 4, "G": 30}, "B": {"F": 50, "G": 20}})
        rates = city.rates(parse_period("2026-Q1"), 1)
        write(connection, "2026-Q1", [rate for rate in rates if (rate.answered or 0) >= 10])
        outsider = Outsider([Counter(city.ratings)], connection)
        assert (0, "2026-Q1", ("A", False, "F"), 4, 0) in learned(outsider, connection)
        savepoint.rollback()
