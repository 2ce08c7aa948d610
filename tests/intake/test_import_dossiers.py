"""Counts of dossiers: kept as given, reported where their parts do not add up."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import Engine

from survey.db import reading
from survey.estimate.rates import Edition, estimate
from survey.intake.imports.report import Report
from survey.settings import ROOT
from survey.tally.dossiers import dossier_counts
from survey.terms.period import parse_period
from tests.fixtures.builders import OFFICIAL, WARD, WARD_B, bring, ratings, void
from tests.fixtures.city import HCMC, register_of
from tests.intake.import_case import bring_file, csv_bytes, finding, found, table_sizes

MAP = """
month = { column = "tháng", format = "%m/%Y" }
unit = { column = "đơn vị" }
field = { column = "lĩnh vực" }
source = { constant = "one_stop" }

[parts]
received = "nhận"
resolved = "xong"
early = "sớm"
on_time = "đúng"
late = "trễ"
pending = "đang"
"""
HEADER = ("tháng", "đơn vị", "lĩnh vực", "nhận", "xong", "sớm", "đúng", "trễ", "đang")
WHERE = ("07/2026", "Phường Sài Gòn", "Hộ tịch")
GOOD = (*WHERE, "110", "100", "60", "38", "2", "10")


def dossiers(engine: Engine, folder: Path, *rows: tuple[str, ...], **named: Any) -> Report:
    return bring_file(engine, folder, csv_bytes(rows, HEADER), MAP, kind="dossiers", **named)


def parts(engine: Engine, unit: str = "26740C", field: str = "HTICH") -> list[int | None]:
    """Return what stands of a unit and field in July, in the order of the file."""
    with reading(engine) as connection:
        found = dossier_counts(connection, register_of(engine), parse_period("2026-07"))
    names = ("received", "resolved", "early", "on_time", "late", "pending")
    return [found.part(unit, field, name) for name in names]


def coverage(engine: Engine) -> dict[str | None, float | None]:
    """Return the coverage of the official rates of July by unit, the city None."""
    edition = Edition(parse_period("2026-07"), 1, 0, "", sample=False)
    with reading(engine) as connection:
        rates = estimate(connection, register_of(engine), edition)
    return {
        each.unit: each.coverage
        for each in rates
        if each.official and each.field == "HTICH" and not each.with_children
    }


def test_counts_are_kept_as_given(hcmc: Engine, tmp_path: Path) -> None:
    report = dossiers(hcmc, tmp_path, GOOD)
    assert (report.status, report.n_accepted, report.findings) == ("committed", 1, [])
    assert (report.sources, report.months) == (["one_stop"], ["2026-07", "2026-07"])
    assert parts(hcmc) == [110, 100, 60, 38, 2, 10]


def test_published_parts_that_do_not_add_up_are_reported_and_kept(
    hcmc: Engine, tmp_path: Path
) -> None:
    """The three levels that the portal of Thừa Thiên Huế published."""
    published = [
        ("Hộ tịch", "268763", "257141", "124907", "102770", "19852", ""),
        ("Đất đai", "68544", "61827", "43434", "11795", "4331", ""),
        ("Chứng thực", "1665", "1611", "952", "388", "268", ""),
    ]
    report = dossiers(hcmc, tmp_path, *((*WHERE[:2], *cells) for cells in published))
    assert (report.status, report.n_accepted, report.n_bad) == ("committed", 3, 0)
    missing = {each.rows[0]: each.detail for each in report.findings}
    assert {each.code for each in report.findings} == {"parts_do_not_add_up"}
    assert missing == {
        2: "257141 resolved, 247529 in parts: +9612",
        3: "61827 resolved, 59560 in parts: +2267",
        4: "1611 resolved, 1608 in parts: +3",
    }
    assert parts(hcmc) == [268763, 257141, 124907, 102770, 19852, None]


def test_a_part_that_is_more_than_its_total_is_reported(hcmc: Engine, tmp_path: Path) -> None:
    report = dossiers(hcmc, tmp_path, (*WHERE, "", "100", "", "", "109", ""))
    assert (report.status, report.n_accepted) == ("committed", 1)
    assert finding(report, "parts_do_not_add_up").detail == "100 resolved, 109 in parts: -9"
    assert parts(hcmc) == [None, 100, None, None, 109, None]


def test_a_later_count_supersedes_and_both_are_kept(hcmc: Engine, tmp_path: Path) -> None:
    first = dossiers(hcmc, tmp_path, GOOD)
    later = (*WHERE, "120", "105", "60", "43", "2", "15")
    second = dossiers(hcmc, tmp_path, later, on="2026-10-02")
    assert found(second, "note") == {f"overlap:{first.batch}": []}
    assert parts(hcmc) == [120, 105, 60, 43, 2, 15]
    assert table_sizes(hcmc)["dossier_count"] == 2
    void(hcmc, "batch", uuid.UUID(second.batch), on="2026-10-03")
    assert parts(hcmc) == [110, 100, 60, 38, 2, 10]


def test_the_city_is_covered_where_every_unit_that_was_rated_has_dossiers(
    hcmc: Engine, tmp_path: Path
) -> None:
    register = register_of(hcmc)
    for unit in (WARD, WARD_B):
        place = {"receiving_unit": unit, "resolving_unit": unit}
        bring(hcmc, register, ratings(register, {5: 30}, **place, **OFFICIAL))
    dossiers(hcmc, tmp_path, GOOD)
    assert coverage(hcmc) == {None: None, WARD: 0.3, WARD_B: None}
    dossiers(hcmc, tmp_path, (WHERE[0], WARD_B, *GOOD[2:]))
    assert coverage(hcmc) == {None: 0.3, WARD: 0.3, WARD_B: 0.3}


def test_an_empty_cell_is_unknown(hcmc: Engine, tmp_path: Path) -> None:
    dossiers(hcmc, tmp_path, (*WHERE, "", "100", "", "", "2", ""))
    assert parts(hcmc) == [None, 100, None, None, 2, None]


BAD = {
    "value_missing": (*WHERE, "", "", "", "", "", ""),
    "count:một": (*WHERE, "một", "100", "60", "38", "2", "10"),
    "month:13/2026": ("13/2026", *GOOD[1:]),
    "time_future:2026-11": ("11/2026", *GOOD[1:]),
    "unit_not_in_force:Phường Bến Nghé": (WHERE[0], "Phường Bến Nghé", *GOOD[2:]),
    "count_twice:26740C HTICH 2026-07 one_stop": (WHERE[0], "26740C", *GOOD[2:]),
}


@pytest.mark.parametrize("code", BAD)
def test_bad_rows(hcmc: Engine, tmp_path: Path, code: str) -> None:
    before = table_sizes(hcmc)
    report = dossiers(hcmc, tmp_path, GOOD, BAD[code])
    assert (report.status, found(report)) == ("refused", {code: [3]})
    assert table_sizes(hcmc) == before
    report = dossiers(hcmc, tmp_path, GOOD, BAD[code], set_aside=True)
    assert (report.n_accepted, report.n_set_aside) == (1, 1)
    assert parts(hcmc) == [110, 100, 60, 38, 2, 10]


def test_the_same_file_is_refused_until_voided(hcmc: Engine, tmp_path: Path) -> None:
    first = dossiers(hcmc, tmp_path, GOOD)
    assert finding(dossiers(hcmc, tmp_path, GOOD), "file_known").value == first.batch
    void(hcmc, "batch", uuid.UUID(first.batch))
    assert parts(hcmc) == [None] * 6
    again = dossiers(hcmc, tmp_path, GOOD, on="2026-10-03")
    assert (again.status, again.attempt) == ("committed", 2)
    assert parts(hcmc) == [110, 100, 60, 38, 2, 10]


def test_the_example_and_its_map(hcmc: Engine, tmp_path: Path) -> None:
    content = (ROOT / "tests" / "data" / "imports" / "dossiers.csv").read_bytes()
    text = (HCMC / "maps" / "dossiers.toml").read_text(encoding="utf-8")
    report = bring_file(hcmc, tmp_path, content, text, kind="dossiers")
    assert (report.status, report.n_accepted) == ("committed", 4)
    assert [each.code for each in report.findings] == ["parts_do_not_add_up"]
