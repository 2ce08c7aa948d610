"""Days that are united and taken away are the days of a set."""

from __future__ import annotations

import datetime as dt
import itertools
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey.register.folder.content import read_folder
from survey.register.folder.handling import common, united, without
from survey.register.folder.rows import Days
from tests.register.conftest import LONDON

START = dt.date(2025, 1, 1)
SPAN = 30
"""Days beyond the span stand for all later ones."""

numbers = st.integers(0, SPAN - 1)
ends = st.none() | numbers
periods = st.lists(
    st.tuples(numbers, ends).map(
        lambda pair: Days(
            START + dt.timedelta(pair[0]),
            None if pair[1] is None else START + dt.timedelta(max(pair[0], pair[1])),
        )
    ),
    max_size=5,
)


def days_of(found: list[Days]) -> set[int]:
    return {
        number
        for number in range(SPAN + 1)
        for days in found
        if days.valid_from <= START + dt.timedelta(number) <= days.last
    }


@settings(deadline=None)
@given(periods)
def test_united(given_periods: list[Days]) -> None:
    found = united(given_periods)
    assert days_of(found) == days_of(given_periods)
    for earlier, later in itertools.pairwise(found):
        assert earlier.valid_to is not None
        assert earlier.valid_to + dt.timedelta(1) < later.valid_from


@settings(deadline=None)
@given(periods, periods)
def test_without(kept: list[Days], removed: list[Days]) -> None:
    assert days_of(without(united(kept), removed)) == days_of(kept) - days_of(removed)


@settings(deadline=None)
@given(periods)
def test_common(given_periods: list[Days]) -> None:
    if given_periods:
        found = common(given_periods)
        shared = set.intersection(*(days_of([days]) for days in given_periods))
        assert days_of([found] if found else []) == shared


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], [("2023-01-01", None)]),
        (["no,,"], []),
        (["no,2024-01-01,"], [("2023-01-01", "2023-12-31")]),
        (
            ["no,2024-01-01,2024-01-31"],
            [("2023-01-01", "2023-12-31"), ("2024-02-01", None)],
        ),
        (["no,2024-01-01,", "yes,2023-06-01,"], [("2023-01-01", "2023-12-31")]),
    ],
)
def test_corrections(
    tmp_path: Path, rows: list[str], expected: list[tuple[str, str | None]]
) -> None:
    """A row that denies has the last word; a row that claims adds nothing to what a rule says."""
    folder = Path(shutil.copytree(LONDON, tmp_path / "london"))
    lines = [f"GP-EARLS,gp.consultation,{row},test" for row in rows]
    text = "\n".join(["unit,field,handles,valid_from,valid_to,basis", *lines])
    (folder / "unit_fields.csv").write_text(text, encoding="utf-8")
    found = [
        (str(row.values["valid_from"]), row.values["valid_to"] and str(row.values["valid_to"]))
        for row in read_folder(folder).rows["unit_field"]
        if row.values["unit"] == "GP-EARLS"
    ]
    assert found == expected
