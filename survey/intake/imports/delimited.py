"""CSV files: encoding and delimiter are named in the map or certain, never guessed."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator, Sequence

from survey.intake.imports.faults import RefusedError
from survey.intake.imports.files import InputFile
from survey.intake.imports.mapping import FileEntry
from survey.intake.imports.table import Chunk, Row, gather, plain

DELIMITERS = (",", ";", "\t", "|")
MAX_LINE = 1024 * 1024
"""Longest line in characters."""

_BLOCK = 1024 * 1024
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class DelimitedTable:
    """A CSV file that was opened; see :class:`survey.intake.imports.table.Table`."""

    def __init__(self, file: InputFile, entry: FileEntry, wanted: Sequence[str]) -> None:
        self._file = file
        self._encoding = _encoding(file, entry.encoding)
        self.n_blank = 0
        self._number = 0
        encoding = "utf-8-sig" if self._encoding == "utf-8" else self._encoding
        self._text = io.TextIOWrapper(file.stream, encoding=encoding, newline="")
        self._lines = self._read_lines()
        head = self._head(entry.header_row)
        delimiter = entry.delimiter or _delimiter(head, wanted)
        self.header = [plain(name) for name in _cells(head, delimiter)]
        self._delimiter = delimiter
        self.form = {"type": "csv", "encoding": self._encoding, "delimiter": delimiter}

    def chunks(self, wanted: Sequence[str], size: int) -> Iterator[Chunk]:
        """Yield the rows; raises RefusedError as :func:`_read_lines` does, and ``csv_broken``."""
        return gather(self._rows(), self.header, wanted, size)

    def _rows(self) -> Iterator[Row]:
        reader = csv.reader(self._lines, delimiter=self._delimiter, strict=True)
        number = self._number
        try:
            for cells in reader:
                number += 1
                if any(cells):
                    yield number, cells
                else:
                    self.n_blank += 1
        except csv.Error as error:
            line = self._number + reader.line_num
            raise RefusedError("csv_broken", value=f"line {line}", detail=str(error)) from error

    def _head(self, header_row: int) -> str:
        line = ""
        for self._number in range(1, max(header_row, 1) + 1):
            line = next(self._lines, "")
        while line.count('"') % 2:  # a header may go on in the next line
            more = next(self._lines, "")
            if not more or len(line) > MAX_LINE:
                raise RefusedError("csv_broken", value=f"line {self._number}", detail="header")
            line += more
        line = line.removeprefix("\ufeff")
        if not line.strip():
            raise RefusedError("header_missing", value=str(header_row))
        return line

    def _read_lines(self) -> Iterator[str]:
        """Yield lines of text.

        Raises RefusedError with ``encoding`` (the first byte that is none of the encoding, by its
        position), ``nul`` or ``line_too_long``.
        """
        number = 0
        try:
            while line := self._text.readline(MAX_LINE):
                number += 1
                if "\0" in line:
                    raise RefusedError("nul", value=f"line {number}")
                if len(line) == MAX_LINE:
                    raise RefusedError("line_too_long", value=f"line {number}")
                yield line
        except UnicodeError as error:
            at = _first_bad_byte(self._file, self._encoding)
            raise RefusedError("encoding", value=self._encoding, detail=at) from error


def _encoding(file: InputFile, named: str) -> str:
    """Return the encoding that the map names, else what a byte order mark says, else UTF-8."""
    start = file.stream.read(4)
    file.stream.seek(0)
    marked = next((name for mark, name in _MARKS if start.startswith(mark)), "")
    is_other = marked and named and not named.startswith(marked)
    if is_other or (named == "utf-16" and not marked):
        raise RefusedError("encoding_mark", value=named, detail=marked or "none")
    return named or marked or "utf-8"


def _first_bad_byte(file: InputFile, encoding: str) -> str:
    """Return where decoding fails: the byte, its position in the file, and its line."""
    decoder = codecs.getincrementaldecoder(encoding)()
    position, line = 0, 1
    file.stream.seek(0)
    while True:
        block = file.stream.read(_BLOCK)
        waiting = len(decoder.getstate()[0])
        try:
            line += decoder.decode(block, final=not block).count("\n")
        except UnicodeDecodeError as error:
            at = position - waiting + error.start
            line += error.object[: error.start].count(b"\n")
            byte = error.object[error.start]
            return f"byte 0x{byte:02X} at position {at}, line {line}"
        except UnicodeError as error:
            return str(error)
        if not block:
            return ""
        position += len(block)


def _delimiter(head: str, wanted: Sequence[str]) -> str:
    """Return the only delimiter with which the first line has every header of the map.

    Raises RefusedError with ``columns_missing`` where none has, ``delimiter`` where several have
    and read the line differently.
    """
    read = {sign: [plain(cell) for cell in _cells(head, sign)] for sign in DELIMITERS}
    fitting = [sign for sign, cells in read.items() if {plain(name) for name in wanted} <= {*cells}]
    if not fitting:
        best = max(DELIMITERS, key=lambda sign: len(read[sign]))
        missing = [name for name in wanted if plain(name) not in read[best]]
        raise RefusedError(
            "columns_missing", value=", ".join(missing), detail=" | ".join(read[best])[:1000]
        )
    if len({tuple(read[sign]) for sign in fitting}) > 1:
        raise RefusedError("delimiter", value=" ".join(map(repr, fitting)))
    return fitting[0]


def _cells(head: str, sign: str) -> list[str]:
    try:
        return next(csv.reader(io.StringIO(head, newline=""), delimiter=sign), [])
    except csv.Error as error:
        raise RefusedError("csv_broken", value="line 1", detail=str(error)) from error
