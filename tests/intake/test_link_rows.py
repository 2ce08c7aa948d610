"""A file of dossiers on its way to links: every bad row is named, and nothing is guessed."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from sqlalchemy.engine import Engine

from survey.db import reading
from survey.intake.accept import now_milliseconds
from survey.intake.imports.report import Report
from survey.intake.link_rows import Ask, Row, read_rows
from survey.intake.links import LinkTokens
from tests.fixtures.city import register_of
from tests.intake.link_case import CODE, DOSSIER_KEY, POINT, UNIT, handed_out, one_token, wanted

HEAD = "Mã hồ sơ;Lĩnh vực;Dịp;Đơn vị giải quyết;Ngày giải quyết\n"


def read(
    engine: Engine, path: Path, content: str | bytes = "", **changes: object
) -> tuple[list[Row], Report]:
    """Read a file with that content, or the file that is there."""
    if content:
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8-sig"))
    register = register_of(engine)
    values: dict[str, object] = {
        "point": register.points[POINT],
        "file_name": path.name,
        "at": now_milliseconds(),
        "dossier_key": DOSSIER_KEY,
    }
    with reading(engine) as connection:
        return read_rows(connection, register, path, Ask(**values | changes))  # type: ignore[arg-type]


def found(report: Report) -> dict[str, list[int]]:
    """Return the rows of each code."""
    rows: dict[str, list[int]] = {}
    for each in report.findings:
        rows.setdefault(each.code, []).extend(each.rows)
    return {code: sorted(numbers) for code, numbers in rows.items()}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "hồ sơ.csv"


def test_a_vietnamese_file_is_read_by_its_headers(hcmc, file):
    text = HEAD + (
        f"{CODE};Hộ tịch;Trả kết quả;Phường Sài Gòn;20/11/2026\n"
        f" {CODE.lower()}1 ;HTICH;Nhận hồ sơ;;\n"
        f"{CODE}2;HTICH;;26737C;\n"
    )
    rows, report = read(hcmc, file, text)
    assert (report.status, report.n_rows, report.n_bad, found(report)) == ("dry_run", 3, 0, {})
    first, second, third = rows
    assert first.wanted == wanted(CODE)
    assert second.code == CODE + "1"
    assert (second.wanted.occasion, second.wanted.resolving_unit) == ("receipt", "unknown")
    assert second.wanted.receiving_unit == UNIT
    assert (third.wanted.occasion, third.wanted.resolving_unit) == ("unknown", "26737C")
    assert second.wanted.service_on == third.wanted.service_on >= "2026-11-24"


def test_an_english_file_and_a_workbook_are_read_too(hcmc, file, tmp_path):
    rows, report = read(hcmc, file, f"dossier,field,occasion,x\n{CODE},HTICH,return,1\n")
    assert [row.wanted.occasion for row in rows] == ["return"]
    assert report.ignored == ["x"]
    book = openpyxl.Workbook()
    for cells in (("Mã hồ sơ", "Lĩnh vực", "Dịp"), (CODE, "HTICH", "Từ chối")):
        book.active.append(cells)
    book.save(tmp_path / "a.xlsx")
    rows, report = read(hcmc, tmp_path / "a.xlsx")
    assert [row.wanted.occasion for row in rows] == ["refusal"]


def test_a_map_names_other_headers(hcmc, file):
    mapping = """
        dossier = { column = "Số" }
        field = { constant = "HTICH" }
        occasion = { column = "Loại", values = { "TKQ" = "return" } }
        service_on = { column = "Ngày", format = "%Y-%m-%d" }
    """
    rows, report = read(hcmc, file, f"Số,Loại,Ngày\n{CODE},TKQ,2026-11-20\n", map_text=mapping)
    assert report.status == "dry_run"
    assert rows[0].wanted == wanted(CODE, resolving_unit="unknown")
    _, report = read(hcmc, file, map_text="dossier = 1")
    assert list(found(report)) == ["map"]


def test_every_bad_row_is_named(hcmc, file):
    text = HEAD + (
        f"{CODE};HTICH;Trả kết quả;;\n"
        f"12345;HTICH;Trả kết quả;;\n"
        f"{CODE}3;Không có;Trả kết quả;;\n"
        f"{CODE}4;HTICH;Chơi;;\n"
        f"{CODE}5;HTICH;Trả kết quả;Phường Không Có;\n"
        f"{CODE}6;HTICH;Trả kết quả;;31/12/2999\n"
        f"{CODE}7;HTICH;Trả kết quả\n"
        f";HTICH;Trả kết quả;;\n"
        f"{CODE}9;HTICH;Trả kết quả;;01/07/1999\n"
    )
    rows, report = read(hcmc, file, text)
    assert (rows[0].number, report.status, report.n_bad) == (2, "refused", 8)
    codes = found(report)
    assert codes["dossier_code"] == [3]
    assert codes["field_unknown"] == [4]
    assert codes["occasion"] == [5]
    assert codes["unit_unknown"] == [6]
    assert codes["time_future"] == [7]
    assert codes["cells"] == [8]
    assert codes["value_missing"] == [9]
    assert 10 in codes["questionnaire_retired"]
    assert "H29" not in str([each.value for each in report.findings])
    rows, report = read(hcmc, file, skips_bad=True)
    assert (len(rows), report.status, report.n_accepted) == (1, "dry_run", 1)


def test_the_same_dossier_and_occasion_twice_is_named_and_neither_is_taken(hcmc, file):
    text = HEAD + (
        f"{CODE};HTICH;Trả kết quả;;\n"
        f"{CODE}1;HTICH;Trả kết quả;;\n"
        f"{CODE.replace('H29', 'h29')};CTHUC;Trả kết quả;;\n"
        f"{CODE};HTICH;Nhận hồ sơ;;\n"
    )
    rows, report = read(hcmc, file, text, skips_bad=True)
    assert found(report) == {"link_twice": [2, 4]}
    assert [(row.number, row.wanted.occasion) for row in rows] == [(3, "return"), (5, "receipt")]


def test_a_dossier_that_has_a_link_is_named(hcmc, file):
    one_token(hcmc)
    handed_out(hcmc, wanted(CODE + "1"), days=1, ago=2)
    text = HEAD + f"{CODE};HTICH;Trả kết quả;;\n{CODE}1;HTICH;Trả kết quả;;\n"
    _, report = read(hcmc, file, text)
    assert (report.status, found(report)) == ("refused", {"link_there": [2]})
    rows, report = read(hcmc, file, HEAD + f"{CODE};HTICH;Trả kết quả;;\n", skips_bad=True)
    assert (rows, report.status) == ([], "nothing_new")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_unreadable"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "file_kind"),
        (b"PK\x03\x04" + b"0" * 50, "xlsx_broken"),
        ("Mã hồ sơ,Dịp\nx,y\n", "columns_missing"),
        (HEAD, "no_rows"),
        (b"Ma,\xff\xfe\n", "encoding"),
        (HEAD + "\n".join(f"{CODE}{n};HTICH;;;" for n in range(4)), "too_many_links"),
    ],
)
def test_a_file_that_is_none_is_refused_by_name(hcmc, file, content, code):
    rows, report = read(hcmc, file, content, max_rows=3)
    assert (rows, report.status) == ([], "refused")
    assert code in found(report)


def test_tokens_of_two_keys_differ(hcmc):
    _, [(each, token)] = handed_out(hcmc)
    assert LinkTokens("another").make(each)[:10] == token[:10]
    assert LinkTokens("another").make(each) != token
