"""What must hold for any file: order and splitting change nothing, garbage is a report."""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Engine

from survey.db import make_engine, reading
from survey.tally.recount import differences
from tests.fixtures.databases import Databases
from tests.intake.import_case import (
    GOOD,
    HEADER,
    LABELS,
    MAP,
    bring_file,
    csv_bytes,
    mapped,
    table_sizes,
    tallied,
    xlsx_bytes,
)

SLOW = settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
MANY = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
STARTS = (b"", b"PK\x03\x04", b"\xff\xfe", csv_bytes([GOOD]))
WORKBOOK = xlsx_bytes([GOOD] * 3)
CODES = [f"000.00.01.H29-260310-{number:04d}" for number in range(4)]

rows = st.tuples(
    st.integers(1, 28).map("2026-07-{:02d} 09:30:00".format),
    st.sampled_from(["Phường Sài Gòn", "26737C", "Phường Tân Định"]),
    st.sampled_from(["Hộ tịch", "DD", "Chứng thực"]),
    st.sampled_from(LABELS),
    st.sampled_from(["", *CODES]),
)
DOSSIERS = mapped('dossier = { column = "code" }')
COLUMNS = (*HEADER, "code")


@pytest.fixture
def fresh(databases: Databases, hcmc_template: str) -> Callable[[], Any]:
    """Opens a new database of the city, as often as one is asked for."""

    @contextmanager
    def open_one() -> Iterator[Engine]:
        url = databases.copy(hcmc_template)
        engine = make_engine(url)
        try:
            yield engine
        finally:
            engine.dispose()
            databases.drop(url)

    return open_one


@SLOW
@given(st.lists(rows, min_size=1, max_size=30), st.randoms(), st.permutations(range(6)))
def test_the_order_of_rows_and_columns_changes_nothing(
    fresh: Callable[[], Any], tmp_path: Path, found: list[Any], chance: Any, order: list[int]
) -> None:
    numbered = [(*cells, f"P{place}") for place, cells in enumerate(found)]
    columns, map_text = (*COLUMNS, "id"), 'external_id = { column = "id" }\n' + DOSSIERS
    shuffled = list(numbered)
    chance.shuffle(shuffled)
    with fresh() as one, fresh() as other:
        bring_file(one, tmp_path, csv_bytes(numbered, columns), map_text)
        header = [columns[place] for place in order]
        turned = [[cells[place] for place in order] for cells in shuffled]
        bring_file(other, tmp_path, csv_bytes(turned, header), map_text)
        assert tallied(one) == tallied(other)


@SLOW
@given(st.lists(rows, min_size=2, max_size=30), st.lists(st.integers(1, 29), max_size=3))
def test_any_split_into_files_gives_the_same_tallies(
    fresh: Callable[[], Any], tmp_path: Path, found: list[Any], cuts: list[int]
) -> None:
    """With equal times of receipt; which of a dossier's ratings counts goes by time and id."""
    numbered = [(f"P{place}", *cells) for place, cells in enumerate(found)]
    map_text = 'external_id = { column = "id" }\n' + DOSSIERS
    ends = sorted({0, len(found), *(cut for cut in cuts if cut < len(found))})
    with fresh() as one, fresh() as other:
        bring_file(one, tmp_path, csv_bytes(numbered, ("id", *COLUMNS)), map_text)
        for start, end in itertools.pairwise(ends):
            part = csv_bytes(numbered[start:end], ("id", *COLUMNS))
            assert bring_file(other, tmp_path, part, map_text).status == "committed"
        assert tallied(one) == tallied(other)


@SLOW
@given(st.lists(rows, min_size=1, max_size=20))
def test_the_form_of_the_file_changes_nothing(
    fresh: Callable[[], Any], tmp_path: Path, found: list[Any]
) -> None:
    decomposed = [[unicodedata.normalize("NFD", cell) for cell in cells] for cells in found]
    forms = [
        csv_bytes(found, COLUMNS),
        csv_bytes(decomposed, COLUMNS, delimiter=";", encoding="utf-16"),
        xlsx_bytes(found, COLUMNS),
    ]
    tallies = []
    for content in forms:
        with fresh() as engine:
            assert bring_file(engine, tmp_path, content, DOSSIERS).n_bad == 0
            tallies.append(tallied(engine))
    # which twin of a dossier counts goes by time and id, and ids by file: compare the sums
    assert len({_sums(each) for each in tallies}) == 1


def _sums(tally: Any) -> tuple[Any, ...]:
    sums: dict[Any, int] = {}
    for key, counts in tally.items():
        sums[key] = sums.get(key, 0) + counts[0] + counts[1]
    return tuple(sorted(sums.items()))


cells = st.one_of(
    st.text(max_size=30),
    st.sampled_from([*GOOD, *CODES, "=1+1", "\0", "\ufeff", "unknown", "99999999", "-0", "NaN"]),
)


@MANY
@given(st.lists(st.lists(cells, max_size=7), max_size=12), st.sampled_from([",", ";", "\t"]))
def test_garbage_in_cells_is_a_report(
    hcmc: Engine, tmp_path: Path, found: list[list[str]], delimiter: str
) -> None:
    rows = [tuple(each) for each in found]
    content = csv_bytes(rows, COLUMNS, delimiter=delimiter, encoding="utf-8-sig")
    report = bring_file(hcmc, tmp_path, content, DOSSIERS, set_aside=True)
    assert report.status in ("refused", "committed", "nothing_new")
    if report.status == "committed":
        assert report.n_accepted + report.n_set_aside == report.n_rows
    with reading(hcmc) as connection:
        assert differences(connection) == []


@MANY
@given(st.binary(max_size=400), st.sampled_from(STARTS))
def test_garbage_in_files_is_a_report(
    hcmc: Engine, tmp_path: Path, garbage: bytes, start: bytes
) -> None:
    before = table_sizes(hcmc)
    for kind in ("ratings", "counts", "dossiers"):
        report = bring_file(hcmc, tmp_path, start + garbage, MAP, kind=kind, commit=False)  # type: ignore[arg-type]
        assert report.status in ("refused", "dry_run")
    assert table_sizes(hcmc) == before


@MANY
@given(st.data())
def test_a_damaged_workbook_is_a_report(hcmc: Engine, tmp_path: Path, data: st.DataObject) -> None:
    content = bytearray(WORKBOOK)
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    report = bring_file(hcmc, tmp_path, bytes(content), commit=False)
    assert report.status in ("refused", "dry_run")
