"""Files as people send them: every encoding and form is read, or refused by name."""

from __future__ import annotations

import datetime as dt
import io
import unicodedata
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy.engine import Engine

from survey.intake.imports import files
from tests.intake.import_case import (
    GOOD,
    HEADER,
    bring_file,
    counted,
    csv_bytes,
    finding,
    found,
    mapped,
    row,
    table_sizes,
    xlsx_bytes,
)

TONES = "\u0300\u0301\u0303\u0309\u0323"


def in_cp1258(content: bytes) -> bytes:
    """Return a file as Windows writes Vietnamese: tone marks apart, other marks not."""
    text = ""
    for char in content.decode():
        parts = unicodedata.normalize("NFD", char)
        letter = "".join(part for part in parts if part not in TONES)
        text += unicodedata.normalize("NFC", letter)
        text += "".join(part for part in parts if part in TONES)
    return text.encode("cp1258")


ONE = {("26740C", "2026-07", 4): 1}


READ: dict[str, tuple[bytes, str, dict[str, str]]] = {
    "a byte order mark": (
        csv_bytes([GOOD], encoding="utf-8-sig"),
        mapped(),
        {"encoding": "utf-8", "delimiter": ","},
    ),
    "semicolons": (csv_bytes([GOOD], delimiter=";"), mapped(), {"delimiter": ";"}),
    "tabs": (csv_bytes([GOOD], delimiter="\t"), mapped(), {"delimiter": "\t"}),
    "semicolons, named": (
        csv_bytes([GOOD], delimiter=";"),
        mapped('file = { delimiter = ";" }'),
        {"delimiter": ";"},
    ),
    "UTF-16 with its mark": (
        csv_bytes([GOOD], encoding="utf-16"),
        mapped(),
        {"encoding": "utf-16"},
    ),
    "UTF-16 named": (
        csv_bytes([GOOD], encoding="utf-16-be"),
        mapped('file = { encoding = "utf-16-be" }'),
        {"encoding": "utf-16-be"},
    ),
    "Windows' Vietnamese": (
        in_cp1258(csv_bytes([GOOD])),
        mapped('file = { encoding = "cp1258" }'),
        {"encoding": "cp1258"},
    ),
    "lines that end with carriage returns": (
        csv_bytes([GOOD]).replace(b"\r\n", b"\r"),
        mapped(),
        {"delimiter": ","},
    ),
    "300 columns": (
        csv_bytes([(*GOOD, *"x" * 296)], (*HEADER, *(f"c{n}" for n in range(296)))),
        mapped(),
        {"delimiter": ","},
    ),
    "a header that goes on in the next line": (
        csv_bytes([GOOD], ("time", "unit", "field", "mức\nhài lòng")),
        mapped().replace('column = "rating"', 'column = "mức hài lòng"'),
        {"delimiter": ","},
    ),
    "a title above the header": (
        b"B\xc3\xa1o c\xc3\xa1o\r\n" + csv_bytes([GOOD]),
        mapped("file = { header_row = 2 }"),
        {"delimiter": ","},
    ),
    "blank lines": (csv_bytes([GOOD]) + b"\r\n,,,\r\n", mapped(), {"delimiter": ","}),
    "a workbook": (xlsx_bytes([GOOD]), mapped(), {"type": "xlsx", "sheet": "Sheet"}),
    "a workbook with dates": (
        xlsx_bytes([(dt.datetime(2026, 7, 10, 9, 30), *GOOD[1:])]),  # noqa: DTZ001
        mapped(),
        {"type": "xlsx"},
    ),
    "a workbook with empty cells around": (
        xlsx_bytes([GOOD, (None,) * 4, (*GOOD[:0], None)]),
        mapped(),
        {"type": "xlsx"},
    ),
    "serial numbers of a spreadsheet": (
        xlsx_bytes([(46213.395833333336, *GOOD[1:])]),
        mapped(time='{ column = "time", format = "excel", zone = "Asia/Ho_Chi_Minh" }'),
        {"type": "xlsx"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", READ)
def test_is_read(hcmc: Engine, tmp_path: Path, name: str) -> None:
    content, map_text, form = READ[name]
    report = bring_file(hcmc, tmp_path, content, map_text)
    assert (report.status, found(report), found(report, "file")) == ("committed", {}, {})
    assert counted(hcmc) == ONE
    assert form.items() <= report.form.items()


def test_how_a_file_was_read_is_said(hcmc: Engine, tmp_path: Path) -> None:
    content = csv_bytes([(*GOOD, "x", "y")], (*HEADER, "ghi chú", "ghi chú"), delimiter=";")
    report = bring_file(hcmc, tmp_path, content + b";;;;;\r\n", commit=False)
    assert report.form == {"type": "csv", "encoding": "utf-8", "delimiter": ";"}
    assert (report.ignored, report.n_blank) == (["ghi chú", "ghi chú"], 1)


def book(change: Callable[[openpyxl.Workbook], None]) -> bytes:
    """Return a workbook with one good row, changed."""
    made = openpyxl.Workbook()
    made.active.append(list(HEADER))
    made.active.append(list(GOOD))
    change(made)
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


def archive(parts: dict[str, bytes], base: bytes = b"") -> bytes:
    """Return a packed file; with ``base`` a workbook whose parts are replaced."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed:
        if base:
            with zipfile.ZipFile(io.BytesIO(base)) as old:
                parts = {name: old.read(name) for name in old.namelist()} | parts
        for name, content in parts.items():
            packed.writestr(name, content)
    return stream.getvalue()


LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE worksheet [<!ENTITY a0 "ha">'
    + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    + ']><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    '<row r="1"><c r="A1" t="inlineStr"><is><t>&a11;</t></is></c></row></sheetData></worksheet>'
).encode()
FAR_ROW = (
    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    b'<row r="1"><c r="A1" t="inlineStr"><is><t>time</t></is></c></row>'
    b'<row r="99999999999"><c r="A99999999999"><v>1</v></c></row></sheetData></worksheet>'
)
SHEET = "xl/worksheets/sheet1.xml"

REFUSED: dict[str, tuple[bytes, str, str]] = {
    "an empty file": (b"", mapped(), "file_empty"),
    "a header only": (csv_bytes([]), mapped(), "no_rows"),
    "blank lines only": (b"\n\n\n", mapped(), "header_missing"),
    "an empty workbook": (xlsx_bytes([], ()), mapped(), "header_missing"),
    "a workbook with a header only": (xlsx_bytes([]), mapped(), "no_rows"),
    "NUL": (csv_bytes([row(unit="Phường\0")]), mapped(), "nul"),
    "Windows' Vietnamese, not named": (in_cp1258(csv_bytes([GOOD])), mapped(), "encoding"),
    "UTF-16 without a mark": (
        csv_bytes([GOOD], encoding="utf-16-le"),
        mapped('file = { encoding = "utf-16" }'),
        "encoding_mark",
    ),
    "UTF-16, not named": (csv_bytes([GOOD], encoding="utf-16-le"), mapped(), "encoding"),
    "a mark that contradicts the map": (
        csv_bytes([GOOD], encoding="utf-8-sig"),
        mapped('file = { encoding = "cp1258" }'),
        "encoding_mark",
    ),
    "a wrong delimiter": (
        csv_bytes([GOOD], delimiter=";"),
        mapped('file = { delimiter = "," }'),
        "columns_missing",
    ),
    "no such column": (csv_bytes([GOOD], ("time", "u", "f", "r")), mapped(), "columns_missing"),
    "two columns of one name": (
        csv_bytes([(*GOOD, "x")], (*HEADER, "unit")),
        mapped(),
        "column_twice",
    ),
    "an open quotation mark": (csv_bytes([GOOD]) + b'"2026', mapped(), "csv_broken"),
    "a cell of half a megabyte": (
        csv_bytes([row(unit="x" * 500_000)]),
        mapped(),
        "csv_broken",
    ),
    "a line without an end": (csv_bytes([GOOD]) + b"x" * 1_100_000, mapped(), "line_too_long"),
    "an old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, mapped(), "file_kind"),
    "half a workbook": (xlsx_bytes([GOOD])[:3000], mapped(), "xlsx_broken"),
    "a packed file that is no workbook": (archive({"a.txt": b"x"}), mapped(), "xlsx_broken"),
    "two sheets, none named": (book(lambda b: b.create_sheet("B")), mapped(), "sheet_unnamed"),
    "a sheet that is not there": (
        xlsx_bytes([GOOD]),
        mapped('file = { sheet = "Tháng 7" }'),
        "sheet_missing",
    ),
    "a sheet that is no XML": (
        archive({SHEET: b"<worksheet><sheetData><row>"}, xlsx_bytes([GOOD])),
        mapped(),
        "xlsx_broken",
    ),
    "a row at the end of the world": (
        archive({SHEET: FAR_ROW}, xlsx_bytes([GOOD])),
        mapped('file = { header_row = 5000000 }'),
        "too_many_rows",
    ),
    "entities within entities": (
        archive({SHEET: LAUGHS}, xlsx_bytes([GOOD])),
        mapped(),
        "xlsx_broken",
    ),
    "a part that unpacks to far more": (
        archive({SHEET: b" " * (32 * 1024 * 1024)}, xlsx_bytes([GOOD])),
        mapped(),
        "zip_bomb",
    ),
    "a part of strings that is too large": (
        archive({"xl/sharedStrings.xml": b" " * (files.MAX_PART + 1)}, xlsx_bytes([GOOD])),
        mapped(),
        "zip_bomb",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_is_refused(hcmc: Engine, tmp_path: Path, name: str) -> None:
    before = table_sizes(hcmc)
    content, map_text, code = REFUSED[name]
    report = bring_file(hcmc, tmp_path, content, map_text, set_aside=True)
    assert (report.status, [each.code for each in report.findings]) == ("refused", [code])
    assert table_sizes(hcmc) == before


def test_too_many_parts_and_too_large_files(hcmc: Engine, tmp_path: Path) -> None:
    many = archive({f"p{n}": b"" for n in range(files.MAX_PARTS + 1)})
    assert finding(bring_file(hcmc, tmp_path, many), "zip_bomb").detail.endswith("parts")
    content = csv_bytes([GOOD])
    report = bring_file(hcmc, tmp_path, content, max_bytes=len(content) - 1)
    assert finding(report, "file_too_large").value == str(len(content))
    assert bring_file(hcmc, tmp_path, content, max_bytes=len(content)).n_accepted == 1


def test_the_byte_that_is_no_utf8_is_named(hcmc: Engine, tmp_path: Path) -> None:
    good = csv_bytes([GOOD] * 40_000)  # more than one block is read
    content = good + b"2026-07-10 09:30:00,Ph\xdd\xf2ng,x,y\r\n"
    report = bring_file(hcmc, tmp_path, content)
    refused = finding(report, "encoding")
    assert (refused.value, refused.detail) == (
        "utf-8",
        f"byte 0xDD at position {len(good) + 22}, line 40002",
    )


def test_several_delimiters_that_fit_are_not_chosen_from(hcmc: Engine, tmp_path: Path) -> None:
    # each header is there whether the line is cut at commas or at semicolons
    both = b"time,unit,field,rating,;time;unit;field;rating;,x\r\n"
    report = bring_file(hcmc, tmp_path, both + b"x\r\n")
    assert [each.code for each in report.findings] == ["delimiter"]


def test_ragged_rows_are_bad_rows(hcmc: Engine, tmp_path: Path) -> None:
    content = csv_bytes([GOOD, GOOD[:3], (*GOOD, "x"), GOOD])
    report = bring_file(hcmc, tmp_path, content, set_aside=True)
    assert found(report) == {"cells:3": [3], "cells:5": [4]}
    assert (report.n_rows, report.n_accepted) == (4, 2)


def test_computed_cells_are_named_and_not_taken(hcmc: Engine, tmp_path: Path) -> None:
    def change(made: openpyxl.Workbook) -> None:
        made.active["D2"] = '=IF(1=1,"Hài lòng","")'
        made.active.append([*GOOD])
        made.active["A3"] = "=NOW()"

    report = bring_file(hcmc, tmp_path, book(change))
    assert found(report) == {
        'formula:D2 =IF(1=1,"Hài lòng","")': [2],
        "formula:A3 =NOW()": [3],
    }


def test_a_formula_in_a_column_that_nobody_reads_is_no_matter(hcmc: Engine, tmp_path: Path) -> None:
    def change(made: openpyxl.Workbook) -> None:
        made.active["E1"] = "tổng"
        made.active["E2"] = "=SUM(A1:A2)"

    assert bring_file(hcmc, tmp_path, book(change)).n_accepted == 1


def test_numbers_and_errors_in_a_workbook(hcmc: Engine, tmp_path: Path) -> None:
    map_text = mapped('external_id = { column = "id" }').replace(
        'labels = { "Rất hài lòng" = 5', 'labels = { "5" = 5, "TRUE" = 4'
    )
    header = ("id", *HEADER)
    rows = [
        (17, *GOOD[:3], 5),
        (18.0, *GOOD[:3], True),
        (19, *GOOD[:3], "#N/A"),
        (20, *GOOD[:3], 5.5),
    ]
    report = bring_file(hcmc, tmp_path, xlsx_bytes(rows, header), map_text, set_aside=True)
    assert found(report) == {"label_unknown:#N/A": [4], "label_unknown:5.5": [5]}
    assert report.n_accepted == 2
    # the same ids as text are the same ratings
    again = csv_bytes([("17", *GOOD[:3], "5")], header)
    assert bring_file(hcmc, tmp_path, again, map_text).n_already == 1


def test_a_file_that_changes_while_it_is_read_is_refused(hcmc: Engine, tmp_path: Path) -> None:
    path = tmp_path / "file.csv"

    def write_more(stage: str, done: int, total: int) -> None:
        if stage == "read":
            with path.open("ab") as stream:
                stream.write(b"more\r\n")

    report = bring_file(hcmc, tmp_path, csv_bytes([GOOD]), progress=write_more)
    assert [each.code for each in report.findings] == ["file_changed"]
    assert counted(hcmc) == {}
