"""Totals instead of rows: long and wide files, what supersedes what, and what is not whole."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from survey.db import reading
from survey.intake.imports.report import Report
from survey.ledger.tables import counted as counted_table
from survey.ledger.tables import set_aside
from survey.settings import ROOT
from tests.fixtures.builders import bring, rating, void
from tests.fixtures.city import HCMC, register_of
from tests.intake.import_case import (
    LABELS,
    bring_file,
    counted,
    csv_bytes,
    found,
    table_sizes,
    xlsx_bytes,
)

BASE = """
month = { column = "tháng", format = "%m/%Y" }
resolving_unit = { column = "đơn vị" }
field = { column = "lĩnh vực" }
source = { constant = "national_portal" }
channel = { constant = "portal" }
holder = { constant = "citizen" }
assurance = { constant = "vouched" }
question = { constant = "one-stop.overall/1" }
"""
LABELLED = """
"Rất hài lòng" = 5
"Hài lòng" = 4
"Bình thường" = 3
"Không hài lòng" = 2
"Rất không hài lòng" = 1
"""
WIDE = f"{BASE}\n[option_columns]{LABELLED}"
LONG = f'{BASE}\ncount = "số"\n[option]\ncolumn = "mức"\n[option.labels]{LABELLED}'
THOUSANDS = '\n[numbers]\nthousands = "."\n'

WHERE = ("07/2026", "Phường Sài Gòn", "Hộ tịch")
WIDE_HEADER = ("tháng", "đơn vị", "lĩnh vực", *LABELS)
LONG_HEADER = ("tháng", "đơn vị", "lĩnh vực", "mức", "số")


def wide(
    engine: Engine, folder: Path, *rows: tuple[str, ...], text: str = WIDE, **named: Any
) -> Report:
    return bring_file(engine, folder, csv_bytes(rows, WIDE_HEADER), text, kind="counts", **named)


def long(
    engine: Engine, folder: Path, *rows: tuple[str, ...], text: str = LONG, **named: Any
) -> Report:
    return bring_file(engine, folder, csv_bytes(rows, LONG_HEADER), text, kind="counts", **named)


def ward(*numbers: int) -> dict[tuple[str, str, int], int]:
    """Return what the tally says of the ward in July, best option first."""
    return {
        ("26740C", "2026-07", value): number
        for value, number in zip((5, 4, 3, 2, 1), numbers, strict=True)
        if number
    }


def test_wide_and_long_say_the_same(hcmc: Engine, tmp_path: Path) -> None:
    report = wide(hcmc, tmp_path, (*WHERE, "1.250", "40", "3", "0", "1"), text=WIDE + THOUSANDS)
    assert (report.status, report.n_items, report.n_accepted) == ("committed", 1, 1)
    assert counted(hcmc) == ward(1250, 40, 3, 0, 1)
    assert counted(hcmc, "receiving") == {}
    void(hcmc, "batch", uuid.UUID(report.batch))
    numbers = ("1250", "40", "3", "0", "1")
    rows = [(*WHERE, *pair) for pair in zip(LABELS, numbers, strict=True)]
    report = long(hcmc, tmp_path, *rows, on="2026-10-03")
    assert (report.status, report.n_rows, report.n_accepted) == ("committed", 5, 1)
    assert counted(hcmc) == ward(1250, 40, 3, 0, 1)


def test_one_column_may_serve_both_roles(hcmc: Engine, tmp_path: Path) -> None:
    both = 'receiving_unit = { column = "đơn vị" }\n' + WIDE
    report = wide(hcmc, tmp_path, (*WHERE, "5", "4", "3", "2", "1"), text=both)
    assert report.n_accepted == 2
    assert counted(hcmc) == counted(hcmc, "receiving") == ward(5, 4, 3, 2, 1)


def test_a_later_total_supersedes_and_both_are_kept(hcmc: Engine, tmp_path: Path) -> None:
    first = wide(hcmc, tmp_path, (*WHERE, "5", "4", "3", "2", "1"))
    second = wide(hcmc, tmp_path, (*WHERE, "6", "4", "3", "2", "1"), on="2026-10-02")
    assert found(second, "note") == {f"overlap:{first.batch}": []}
    assert counted(hcmc) == ward(6, 4, 3, 2, 1)
    with reading(hcmc) as connection:
        assert (
            connection.execute(sa.select(sa.func.count()).select_from(counted_table)).scalar() == 2
        )
    void(hcmc, "batch", uuid.UUID(second.batch))
    assert counted(hcmc) == ward(5, 4, 3, 2, 1)


def test_totals_are_refused_where_rows_stand(hcmc: Engine, tmp_path: Path) -> None:
    register = register_of(hcmc)
    series = {"source": "national_portal", "channel": "portal", "assurance": "vouched"}
    bring(hcmc, register, [rating(register, 4, **series)])
    rows = [(*WHERE, "5", "4", "3", "2", "1"), ("08/2026", *WHERE[1:], "5", "4", "3", "2", "1")]
    report = wide(hcmc, tmp_path, *rows)
    assert (report.status, found(report)) == (
        "refused",
        {"rows_exist:national_portal 2026-07": [2]},
    )
    report = wide(hcmc, tmp_path, *rows, set_aside=True)
    assert (report.n_accepted, report.n_set_aside) == (1, 1)
    august = {("26740C", "2026-08", value): value for value in (5, 4, 3, 2, 1)}
    assert counted(hcmc) == ward(0, 1, 0, 0, 0) | august
    with reading(hcmc) as connection:
        (kept,) = connection.execute(sa.select(set_aside)).all()
    assert (kept.code, kept.kind) == ("rows_exist", "row")


BAD = {
    "value_missing": (*WHERE, "5", "", "3", "2", "1"),
    "count:-1": (*WHERE, "5", "-1", "3", "2", "1"),
    "count:1.250": (*WHERE, "1.250", "4", "3", "2", "1"),
    "count:4,5": (*WHERE, "5", "4,5", "3", "2", "1"),
    "count:9999999999999999999": (*WHERE, "9999999999999999999", "4", "3", "2", "1"),
    "formula:=SUM(A1)": (*WHERE, "=SUM(A1)", "4", "3", "2", "1"),
    "month:2026-07": ("2026-07", *WHERE[1:], "5", "4", "3", "2", "1"),
    "time_future:2026-11": ("11/2026", *WHERE[1:], "5", "4", "3", "2", "1"),
    "unit_unknown:Phường X": (WHERE[0], "Phường X", WHERE[2], "5", "4", "3", "2", "1"),
    "field_unknown:X": (*WHERE[:2], "X", "5", "4", "3", "2", "1"),
}


@pytest.mark.parametrize("code", BAD)
def test_bad_rows(hcmc: Engine, tmp_path: Path, code: str) -> None:
    good = ("06/2026", *WHERE[1:], "1", "1", "1", "1", "1")
    before = table_sizes(hcmc)
    report = wide(hcmc, tmp_path, good, BAD[code])
    assert (report.status, found(report)) == ("refused", {code: [3]})
    assert table_sizes(hcmc) == before
    report = wide(hcmc, tmp_path, good, BAD[code], set_aside=True)
    assert (report.status, report.n_accepted, report.n_set_aside) == ("committed", 1, 1)
    assert sum(counted(hcmc).values()) == 5


def test_an_empty_cell_is_nought_only_where_the_map_says_so(hcmc: Engine, tmp_path: Path) -> None:
    text = WIDE + '\n[numbers]\nempty = "0"\n'
    assert wide(hcmc, tmp_path, (*WHERE, "5", "", "", "", ""), text=text).n_accepted == 1
    assert counted(hcmc) == ward(5, 0, 0, 0, 0)


def test_the_same_total_twice_is_not_chosen_from(hcmc: Engine, tmp_path: Path) -> None:
    numbers = ("5", "4", "3", "2", "1")
    rows = [(*WHERE, *numbers), (WHERE[0], "26740C", "HTICH", *numbers)]
    report = wide(hcmc, tmp_path, *rows, set_aside=True)
    total = "26740C HTICH 2026-07 national_portal/portal/citizen/vouched one-stop.overall/1"
    assert found(report) == {f"count_twice:{total}": [3], f"total_incomplete:{total}": [2]}
    assert (report.n_bad, report.n_accepted) == (2, 0)


def test_a_total_with_a_bad_row_is_not_whole(hcmc: Engine, tmp_path: Path) -> None:
    rows = [
        (*WHERE, "Hài lòng", "4"),
        (*WHERE, "Bình thường", "vài"),
        ("06/2026", *WHERE[1:], "Hài lòng", "7"),
        (*WHERE, "Tạm", "1"),
    ]
    report = long(hcmc, tmp_path, *rows, set_aside=True)
    codes = {code.partition(":")[0]: rows for code, rows in found(report).items()}
    assert codes == {"count": [3], "label_unknown": [5], "total_incomplete": [2]}
    assert counted(hcmc) == {("26740C", "2026-06", 4): 7}


def test_a_row_of_an_unknown_total_makes_every_total_doubtful(hcmc: Engine, tmp_path: Path) -> None:
    rows = [(*WHERE, "Hài lòng", "4"), (WHERE[0], "Phường X", WHERE[2], "Bình thường", "3")]
    report = long(hcmc, tmp_path, *rows, set_aside=True)
    assert (report.status, found(report, "file")) == ("refused", {"total_unknown:3": []})
    assert counted(hcmc) == {}


def test_a_workbook_of_totals(hcmc: Engine, tmp_path: Path) -> None:
    content = xlsx_bytes([(*WHERE, 5, 4.0, 3, 2, 1)], WIDE_HEADER)
    assert bring_file(hcmc, tmp_path, content, WIDE, kind="counts").n_accepted == 1
    assert counted(hcmc) == ward(5, 4, 3, 2, 1)


def test_the_same_file_is_refused(hcmc: Engine, tmp_path: Path) -> None:
    first = wide(hcmc, tmp_path, (*WHERE, "5", "4", "3", "2", "1"))
    again = wide(hcmc, tmp_path, (*WHERE, "5", "4", "3", "2", "1"))
    assert found(again, "file") == {f"file_known:{first.batch}": []}


def test_the_example_and_its_map(hcmc: Engine, tmp_path: Path) -> None:
    content = (ROOT / "tests" / "data" / "imports" / "national-portal-totals.csv").read_bytes()
    text = (HCMC / "maps" / "national-portal-totals.toml").read_text(encoding="utf-8")
    report = bring_file(hcmc, tmp_path, content, text, kind="counts")
    assert (report.status, report.findings) == ("committed", [])
    assert sum(counted(hcmc).values()) == 2183


def test_totals_are_never_of_what_we_take_ourselves(hcmc: Engine, tmp_path: Path) -> None:
    text = WIDE.replace('"national_portal"', '"own"')
    report = wide(hcmc, tmp_path, (*WHERE, "5", "4", "3", "2", "1"), text=text)
    assert (report.status, [each.code for each in report.findings]) == ("refused", ["source"])
