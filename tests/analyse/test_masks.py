"""What a file of responses hides: never fewer than ten alike, and nothing by subtraction."""

from __future__ import annotations

import itertools
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from survey.analyse.masks import ALL, FIELD, SERIES, UNIT, Cell, masks

MONTHS = ("2026-07", "2026-08", "2026-09")
CELLS = st.builds(
    Cell,
    question=st.just("q/1"),
    month=st.sampled_from(MONTHS),
    series=st.sampled_from(["a", "b"]),
    unit=st.sampled_from(["U", "V", "W"]),
    field=st.sampled_from(["X", "Y", "Z"]),
)
COUNTS = st.dictionaries(CELLS, st.integers(1, 40), max_size=40)


def shown(cell: Cell, level: int) -> tuple[object, ...]:
    return (
        cell.month,
        cell.series if level < SERIES else "",
        cell.unit if level < UNIT else "",
        cell.field if level < FIELD else "",
    )


def alike(counts: dict[Cell, int], levels: dict[Cell, int]) -> Counter[tuple[object, ...]]:
    found: Counter[tuple[object, ...]] = Counter()
    for cell, number in counts.items():
        if levels[cell] != ALL:
            found[shown(cell, levels[cell])] += number
    return found


@given(COUNTS)
def test_at_least_ten_rows_are_alike(counts: dict[Cell, int]):
    found = alike(counts, masks(counts, 10))
    assert all(number >= 10 for number in found.values())


@given(COUNTS)
def test_what_is_left_of_a_public_sum_is_nothing_or_ten(counts: dict[Cell, int]):
    """A sum over a month's fields, units or series, or over a quarter's months, is public."""
    levels = masks(counts, 10)
    for width in (2, 3, 4):  # month and series; and unit; and field over the months
        sums: Counter[tuple[object, ...]] = Counter()
        left: Counter[tuple[object, ...]] = Counter()
        for cell, number in counts.items():
            key = (cell.month, cell.series, cell.unit)[:width] if width < 4 else cell[2:]
            hidden = {2: UNIT, 3: FIELD, 4: FIELD}[width]
            sums[key] += number
            left[key] += number if levels[cell] >= hidden else 0
        for key, rest in left.items():
            assert rest == 0 or rest >= 10 or rest == sums[key], (key, rest)


@given(COUNTS, st.randoms())
def test_the_order_of_the_counts_does_not_matter(counts: dict[Cell, int], random: object):
    items = list(counts.items())
    random.shuffle(items)  # type: ignore[attr-defined]
    assert masks(dict(items), 10) == masks(counts, 10)


@given(COUNTS)
def test_what_is_large_everywhere_is_shown_whole(counts: dict[Cell, int]):
    large = {cell: number + 10 for cell, number in counts.items()}
    assert set(masks(large, 10).values()) <= {0}


def test_each_step_is_taken_only_where_the_one_before_is_not_enough():
    def cell(field: str, unit: str = "U", series: str = "a", month: str = "2026-07") -> Cell:
        return Cell("q/1", month, series, unit, field)

    counts = {
        **{cell("X"): 50, cell("Y"): 6, cell("Z"): 7},  # two small fields make thirteen
        cell("X", "V"): 4,  # alone in its unit
        cell("X", "W"): 8,  # with the one before it makes twelve
        cell("X", month="2026-10"): 3,  # alone in its month
    }
    found = masks(counts, 10)
    assert [found[cell(field)] for field in "XYZ"] == [0, FIELD, FIELD]
    assert found[cell("X", "V")] == found[cell("X", "W")] == UNIT
    assert found[cell("X", month="2026-10")] == ALL
    joined = masks({**counts, cell("X", "U", "b"): 3}, 10)
    assert joined[cell("X", "U", "b")] == joined[cell("X", "V")] == SERIES, "3 and 12 make fifteen"


def test_a_month_is_hidden_with_a_small_one_of_its_quarter():
    counts = {
        Cell("q/1", month, "a", "U", field): number
        for (month, field), number in zip(
            itertools.product(MONTHS, "XY"), (30, 60, 20, 60, 4, 60), strict=True
        )
    }
    found = masks(counts, 10)
    of_x = {month: found[Cell("q/1", month, "a", "U", "X")] for month in MONTHS}
    assert of_x["2026-09"] > 0
    assert of_x["2026-08"] > 0, "else the quarter less two months tells the third"
