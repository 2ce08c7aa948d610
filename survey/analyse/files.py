"""The files of a view: CSV, and workbooks with a code book and a method sheet."""

from __future__ import annotations

import csv
import datetime as dt
import io
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Any

import xlsxwriter
from sqlalchemy.engine import Connection

from survey.analyse import responses, tallies
from survey.analyse.codebook import HEAD, code_book, method
from survey.analyse.selection import Selection
from survey.publish.twins import csv_cell
from survey.register.snapshot import Register
from survey.web import numbers
from survey.web.texts import gettext

NAMES = {"tallies": "so-dem", "responses": "phieu", "code_book": "bang-ma"}
MOST_ROWS = {"csv": 1_000_000, "xlsx": 200_000}
"""Rows of responses in one file. A sheet holds a million, but takes a minute to write."""

_IN_MEMORY = 4 * 1024 * 1024
_CHUNK = 64 * 1024
_SHEET = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}


@dataclass(frozen=True)
class Made:
    """A finished file: its name and its bytes, read from disk as they are sent."""

    name: str
    chunks: Iterator[bytes]


@dataclass(frozen=True)
class Refusal:
    """Why a file is not made, in a sentence."""

    text: str


Table = tuple[Sequence[str], Iterable[Sequence[Any]]]


def make(
    kind: str,
    ending: str,
    connection: Connection,
    register: Register,
    selection: Selection,
    language: str,
    now: dt.datetime,
) -> Made | Refusal:
    """Return a file of a view: ``tallies``, ``responses`` or ``code_book``, as CSV or XLSX.

    It is whole before its first byte is sent, so that an error never ends in half a file.
    """
    if kind == "responses":
        found = responses.Responses(connection, register, selection)
        if found.number() > MOST_ROWS[ending]:
            return _too_many(ending)
        table: Table = responses.COLUMNS, found.rows()
    elif kind == "tallies":
        lines = tallies.rows(connection, register, selection, language, now)
        table = tallies.COLUMNS, (list(line.values()) for line in lines)
    else:
        table = HEAD, code_book(register, selection, language)
    file: IO[bytes] = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 (closed when sent)
    if ending == "csv":
        _write_csv(file, table)
    else:
        book = HEAD, code_book(register, selection, language)
        how = ("", ""), method(register, selection, language, now, kind)
        _write_book(file, {kind: table, "code_book": book, "method": how})
    period = "_".join(str(each) for each in selection.periods[:3])
    place = selection.unit or register.city.code
    return Made(f"hai-long_{NAMES[kind]}_{place}_{period}.{ending}", _read(file))


def _too_many(ending: str) -> Refusal:
    number = numbers.count(MOST_ROWS[ending])
    if ending == "xlsx":
        return Refusal(
            gettext("Quá %(number)s dòng cho XLSX: hãy tải CSV hoặc thu hẹp bộ lọc.", number=number)
        )
    return Refusal(gettext("Quá %(number)s dòng: hãy thu hẹp bộ lọc.", number=number))


def _write_csv(file: IO[bytes], table: Table) -> None:
    head, rows = table
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=False)
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows([csv_cell(value) for value in row] for row in rows)
    text.flush()
    text.detach()


def _write_book(file: IO[bytes], sheets: dict[str, Table]) -> None:
    book = xlsxwriter.Workbook(file, _SHEET)
    bold = book.add_format({"bold": True})
    for name, (head, rows) in sheets.items():
        sheet = book.add_worksheet(name)
        first = 1 if any(head) else 0
        if first:
            sheet.write_row(0, 0, head, bold)
            sheet.freeze_panes(1, 0)
        for place, row in enumerate(rows, start=first):
            sheet.write_row(place, 0, ["" if value is None else value for value in row])
    book.close()


def _read(file: IO[bytes]) -> Iterator[bytes]:
    file.seek(0)
    with file:
        while chunk := file.read(_CHUNK):
            yield chunk
