"""XLSX files: one sheet, read row by row; a cell that is computed is never taken."""

from __future__ import annotations

import datetime as dt
import warnings
from collections.abc import Iterator, Sequence
from typing import Any

from survey.intake.imports.faults import RefusedError
from survey.intake.imports.files import InputFile
from survey.intake.imports.mapping import FileEntry
from survey.intake.imports.table import Cell, Chunk, Formula, Row, gather, plain

MAX_ROWS = 1_048_576
"""As many rows as a sheet can have."""


class WorkbookTable:
    """A workbook that was opened; see :class:`survey.intake.imports.table.Table`."""

    def __init__(self, file: InputFile, entry: FileEntry) -> None:
        self.n_blank = 0
        self._sheet = _sheet(file, entry.sheet)
        self._rows = self._read_rows()
        self._header_row = max(entry.header_row, 1)
        self.header = self._read_header()
        self.form = {"type": "xlsx", "sheet": str(self._sheet.title)}

    def chunks(self, wanted: Sequence[str], size: int) -> Iterator[Chunk]:
        """Yield the rows; raises RefusedError with ``xlsx_broken`` or ``too_many_rows``."""
        return gather(self._fitted(), self.header, wanted, size)

    def _read_header(self) -> list[str]:
        for number, cells in self._rows:
            if number == self._header_row:
                names = [plain(_name(cell)) for cell in cells]
                while names and not names[-1]:
                    names.pop()
                if names:
                    return names
                break
        raise RefusedError("header_missing", value=str(self._header_row))

    def _fitted(self) -> Iterator[Row]:
        """A sheet keeps no empty cells at the end of a row: put them back, or take them off."""
        width = len(self.header)
        for number, cells in self._rows:
            if not any(cells):
                self.n_blank += 1
                continue
            while len(cells) > width and not cells[-1]:
                cells = cells[:-1]
            yield number, cells + ("",) * (width - len(cells))

    def _read_rows(self) -> Iterator[tuple[int, tuple[Cell, ...]]]:
        number = 0
        try:
            for row in self._sheet.iter_rows():
                number += 1
                if number > MAX_ROWS:
                    raise RefusedError("too_many_rows", value=str(MAX_ROWS))
                yield number, tuple(map(_cell, row))
        except RefusedError:
            raise
        except Exception as error:
            # whatever a broken or hostile workbook makes the parser say
            raise RefusedError(
                "xlsx_broken", value=f"row {number + 1}", detail=_told(error)
            ) from error


def _sheet(file: InputFile, name: str) -> Any:
    # here alone: it takes long to load, and a CSV file does not need it
    from openpyxl import load_workbook

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and extensions that are not read
            book = load_workbook(file.stream, read_only=True, keep_links=False)
            sheets = {sheet.title: sheet for sheet in book.worksheets}
    except Exception as error:
        # whatever a broken or hostile workbook makes the parser say
        raise RefusedError("xlsx_broken", detail=_told(error)) from error
    if name and name not in sheets:
        raise RefusedError("sheet_missing", value=name, detail=", ".join(sheets))
    if not sheets:
        raise RefusedError("file_empty")
    if not name and len(sheets) > 1:
        raise RefusedError("sheet_unnamed", detail=", ".join(sheets))
    sheet = sheets[name] if name else next(iter(sheets.values()))
    sheet.reset_dimensions()  # what the file says of its own size is not to be trusted
    return sheet


def _cell(cell: Any) -> Cell:
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "f":
        return Formula(cell.coordinate, str(value))
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, dt.datetime):
        return value.replace(tzinfo=None)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _name(cell: Cell) -> str:
    return cell if isinstance(cell, str) else ""


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:300]
