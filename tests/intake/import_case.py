"""Files and maps for tests of imports, and the shortest way of importing them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import openpyxl
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from survey.db import metadata, reading
from survey.intake.imports.batches import Kind
from survey.intake.imports.context import ImportOptions, Progress
from survey.intake.imports.delivery import import_file
from survey.intake.imports.messages import TEXTS, lines
from survey.intake.imports.report import Finding, Report
from survey.tally.recount import differences, kept
from tests.fixtures.builders import milliseconds
from tests.fixtures.city import register_of

LABELS = ("Rất hài lòng", "Hài lòng", "Bình thường", "Không hài lòng", "Rất không hài lòng")

MAP = """
time = { column = "time", format = "%Y-%m-%d %H:%M:%S", zone = "Asia/Ho_Chi_Minh" }
receiving_unit = { column = "unit" }
resolving_unit = { column = "unit" }
field = { column = "field" }
source = { constant = "one_stop" }
channel = { constant = "desk" }
holder = { constant = "citizen" }
occasion = { constant = "return" }
assurance = { constant = "vouched" }
questionnaire = { constant = "one-stop/2" }

[[answer]]
question = "one-stop.overall/1"
column = "rating"
labels = { "Rất hài lòng" = 5, "Hài lòng" = 4, "Bình thường" = 3, "Không hài lòng" = 2, \
"Rất không hài lòng" = 1 }
"""
HEADER = ("time", "unit", "field", "rating")
GOOD = ("2026-07-10 09:30:00", "Phường Sài Gòn", "Hộ tịch", "Hài lòng")


def row(**changes: str) -> tuple[str, ...]:
    """Return the good row with other cells by header."""
    return tuple(changes.get(name, cell) for name, cell in zip(HEADER, GOOD, strict=True))


def mapped(*lines_before: str, base: str = MAP, **replacements: str) -> str:
    """Return a map with lines put before it, and entries replaced or (with "") left out."""
    kept_lines = []
    for line in base.splitlines():
        name = line.partition(" = ")[0]
        if name in replacements:
            if replacements[name]:
                kept_lines.append(f"{name} = {replacements[name]}")
        else:
            kept_lines.append(line)
    return "\n".join([*lines_before, *kept_lines])


def csv_bytes(
    rows: Iterable[Sequence[str]],
    header: Sequence[str] = HEADER,
    *,
    delimiter: str = ",",
    encoding: str = "utf-8",
) -> bytes:
    """Return rows as a CSV file."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode(encoding)


def xlsx_bytes(rows: Iterable[Sequence[Any]], header: Sequence[Any] = HEADER) -> bytes:
    """Return rows as a workbook of one sheet."""
    book = openpyxl.Workbook()
    for cells in (header, *rows):
        book.active.append(list(cells))
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


# Some tests import ninety files into one database, whose register never changes.
_register = lru_cache(maxsize=1)(register_of)


def bring_file(
    engine: Engine,
    folder: Path,
    content: bytes,
    map_text: str = MAP,
    *,
    kind: Kind = "ratings",
    name: str = "file.csv",
    commit: bool = True,
    set_aside: bool = False,
    on: str = "2026-10-01",
    progress: Progress = lambda stage, done, total: None,
    **options: Any,
) -> Report:
    """Import a file on a day; afterwards tally and ledger agree, and every finding has a text."""
    path = folder / name
    path.write_bytes(content)
    chosen = {
        "received_at": milliseconds(on),
        "dossier_key": "key of the hash",
        "secret_key": "key of the salts",
        "max_bytes": 10**8,
        "commit": commit,
        "set_aside": set_aside,
    }
    register = _register(engine)
    report = import_file(
        engine, register, kind, path, map_text, ImportOptions(**chosen | options), progress
    )
    with reading(engine) as connection:
        wrong = differences(connection)
    assert wrong == [], wrong
    untold = {each.code for each in report.findings} - TEXTS.keys()
    assert untold == set(), untold
    assert "\n".join(lines(report))
    return report


def found(report: Report, level: str = "row") -> dict[str, list[int]]:
    """Return the rows of the findings of a level by ``code`` or ``code:value``."""
    return {
        f"{each.code}:{each.value}" if each.value else each.code: each.rows
        for each in report.findings
        if each.level == level
    }


def finding(report: Report, code: str) -> Finding:
    """Return the only finding of a code."""
    (only,) = [each for each in report.findings if each.code == code]
    return only


def tallied(engine: Engine) -> Mapping[Any, Any]:
    """Return everything that the tally holds."""
    with reading(engine) as connection:
        return kept(connection)


def counted(engine: Engine, role: str = "resolving") -> dict[tuple[str, str, int], int]:
    """Return the number of answers that count by unit, month and value."""
    sums: dict[tuple[str, str, int], int] = {}
    for (of, unit, month, _, _, _, _, value), counts in tallied(engine).items():
        if of == role:
            key = unit, month, value
            sums[key] = sums.get(key, 0) + counts[0] + counts[3]
    return {key: count for key, count in sums.items() if count}


def table_sizes(engine: Engine) -> dict[str, int]:
    """Return how many rows each table has."""
    with reading(engine) as connection:
        return {
            name: connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
            for name, table in metadata.tables.items()
        }


def everything(engine: Engine) -> str:
    """Return all rows of all tables as text."""
    with reading(engine) as connection:
        return "\n".join(
            str(tuple(row))
            for table in metadata.tables.values()
            for row in connection.execute(sa.select(table))
        )
