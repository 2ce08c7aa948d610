"""From a file of dossiers to the links that are wanted, with a report that names every bad row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import msgspec
from sqlalchemy.engine import Connection

from survey.intake.imports.cells import Column, Words
from survey.intake.imports.delimited import DelimitedTable
from survey.intake.imports.faults import Fault, Faults, RefusedError, blame
from survey.intake.imports.files import InputFile, opened
from survey.intake.imports.mapping import (
    DayEntry,
    Entry,
    FileEntry,
    LinksMap,
    columns_of,
    parse_map,
)
from survey.intake.imports.places import UNKNOWN, field_places, unit_places
from survey.intake.imports.rating_rows import masked
from survey.intake.imports.report import Collector, Report
from survey.intake.imports.table import Chunk, Table, plain
from survey.intake.imports.times import DayColumn
from survey.intake.imports.workbook import WorkbookTable
from survey.intake.link_batches import Wanted, already_linked
from survey.register.snapshot import Point, Register
from survey.terms.dossier import dossier_hash, has_shape, normal_code
from survey.terms.series import OCCASIONS

CHUNK = 5000
MAX_ROWS = 5000
"""Rows of a batch that is made on a page; on the command line there is no limit."""

MAX_BYTES = 4 * 1024 * 1024
"""Bytes of a file that is sent by a browser."""


class Headers(msgspec.Struct, frozen=True):
    """The headers that a file has where there is no map; the last three may be missing."""

    dossier: str
    field: str
    occasion: str
    receiving_unit: str
    resolving_unit: str
    service_on: str
    day_format: str
    occasions: dict[str, str]


VIETNAMESE = Headers(
    "Mã hồ sơ",
    "Lĩnh vực",
    "Dịp",
    "Đơn vị tiếp nhận",
    "Đơn vị giải quyết",
    "Ngày giải quyết",
    "%d/%m/%Y",
    {
        "Nhận hồ sơ": "receipt",
        "Bổ sung hồ sơ": "supplement",
        "Từ chối": "refusal",
        "Trả kết quả": "return",
        "Không rõ": UNKNOWN,
    },
)
ENGLISH = Headers(
    "dossier",
    "field",
    "occasion",
    "receiving_unit",
    "resolving_unit",
    "service_on",
    "%Y-%m-%d",
    {},
)


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """What links are asked for: by which point, with which map (empty: by known headers), when.

    ``at`` is the server's time in UTC milliseconds. With ``skips_bad`` bad rows are left out;
    without it they refuse the file.
    """

    point: Point
    file_name: str
    at: int
    dossier_key: str
    map_text: str = ""
    skips_bad: bool = False
    max_rows: int = 0
    max_bytes: int = MAX_BYTES


class Row(msgspec.Struct, frozen=True):
    """A row that a link can be made for: its number, the dossier's code, and what is wanted."""

    number: int
    code: str
    wanted: Wanted


def read_rows(
    connection: Connection, register: Register, path: Path, ask: Ask
) -> tuple[list[Row], Report]:
    """Read a file; never raises for anything that is in it or in the map: the report says it.

    Of two rows of one dossier and occasion none is taken, and none that has a link already. The
    report's status is ``refused``, ``nothing_new`` or ``dry_run``.
    """
    report = Report("links", file=ask.file_name.encode("utf-8", "replace").decode())
    collector = Collector()
    rows: list[Row] = []
    try:
        with opened(path, ask.max_bytes) as file:
            report.sha256 = file.sha256
            rows = _Reader(register, ask, file, report, collector).read()
        rows = _once(rows, collector)
        rows = _new(connection, rows, ask, collector)
        report.n_items = report.n_accepted = len(rows)
        report.n_bad = report.n_rows - len(rows)
        _settle(report, ask)
    except RefusedError as error:
        rows, report.status = [], "refused"
        collector.add("file", error.fault)
    report.findings = collector.findings()
    return rows, report


def _settle(report: Report, ask: Ask) -> None:
    if not report.n_rows:
        raise RefusedError("no_rows")
    if report.n_bad and not ask.skips_bad:
        report.status = "refused"
    else:
        report.status = "dry_run" if report.n_accepted else "nothing_new"


def _once(rows: list[Row], collector: Collector) -> list[Row]:
    """Leave out every row whose dossier and occasion another row has too."""
    places: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        places.setdefault((row.wanted.dossier, row.wanted.occasion), []).append(row)
    for several in places.values():
        for row in several if len(several) > 1 else ():
            collector.add("row", Fault("link_twice", value=masked(row.code)), row.number)
    return [several[0] for several in places.values() if len(several) == 1]


def _new(connection: Connection, rows: list[Row], ask: Ask, collector: Collector) -> list[Row]:
    turns = ((row.wanted.dossier, row.wanted.occasion) for row in rows)
    there = already_linked(connection, turns, ask.at)
    kept = []
    for row in rows:
        if (row.wanted.dossier, row.wanted.occasion) in there:
            collector.add("row", Fault("link_there", value=masked(row.code)), row.number)
        else:
            kept.append(row)
    return kept


def map_of(header: Sequence[str]) -> LinksMap:
    """Return the map of a file with known headers, Vietnamese or English.

    Raises RefusedError with ``columns_missing``; the value names the Vietnamese headers.
    """
    there = set(header)
    for words in (VIETNAMESE, ENGLISH):
        if {words.dossier, words.field, words.occasion} <= there:
            break
    else:
        needed = [VIETNAMESE.dossier, VIETNAMESE.field, VIETNAMESE.occasion]
        missing = ", ".join(name for name in needed if name not in there)
        raise RefusedError("columns_missing", value=missing, detail=" | ".join(header)[:1000])

    def unit(column: str) -> Entry | None:
        return Entry(column=column, empty=UNKNOWN) if column in there else None

    return LinksMap(
        dossier=Entry(column=words.dossier),
        field=Entry(column=words.field),
        occasion=Entry(column=words.occasion, values=words.occasions, empty=UNKNOWN),
        receiving_unit=unit(words.receiving_unit),
        resolving_unit=unit(words.resolving_unit),
        service_on=DayEntry(words.service_on, words.day_format)
        if words.service_on in there
        else None,
    )


class _Reader:
    """Reads one file by its map."""

    def __init__(
        self, register: Register, ask: Ask, file: InputFile, report: Report, collector: Collector
    ) -> None:
        self._register, self._ask, self._file = register, ask, file
        self._report, self._collector = report, collector
        self._today = dt.datetime.fromtimestamp(ask.at / 1000, register.city.zone).date()

    def read(self) -> list[Row]:
        table, mapping = self._open()
        self._report.form = dict(table.form)
        wanted = columns_of(mapping)
        known = set(map(plain, wanted))
        self._report.ignored = [name for name in table.header if name not in known]
        cells = _Cells(self._register, self._ask, self._today, mapping)
        rows: list[Row] = []
        for chunk in table.chunks(wanted, CHUNK):
            for number, n_cells in chunk.ragged:
                fault = Fault("cells", value=str(n_cells), detail=f"≠ {len(table.header)}")
                self._collector.add("row", fault, number)
            self._report.n_rows += len(chunk) + len(chunk.ragged)
            if self._ask.max_rows and self._report.n_rows > self._ask.max_rows:
                raise RefusedError("too_many_links", detail=str(self._ask.max_rows))
            rows += self._whole(chunk, *cells.read(chunk))
        self._file.check_unchanged()
        self._report.n_blank = table.n_blank
        return rows

    def _open(self) -> tuple[Table, LinksMap]:
        if self._ask.map_text.strip():
            mapping = parse_map(self._ask.map_text, LinksMap)
            return self._table(mapping.file, columns_of(mapping)), mapping
        table = self._table(FileEntry(), _named(self._file))
        return table, map_of(table.header)

    def _table(self, entry: FileEntry, wanted: Sequence[str]) -> Table:
        if self._file.kind == "xlsx":
            return WorkbookTable(self._file, entry)
        return DelimitedTable(self._file, entry, wanted)

    def _whole(self, chunk: Chunk, rows: list[Row | None], faults: Faults) -> list[Row]:
        for place, several in sorted(faults.items()):
            for fault in several:
                self._collector.add("row", fault, chunk.numbers[place])
        return [row for place, row in enumerate(rows) if row is not None and place not in faults]


class _Cells:
    """Reads chunks of rows by one map. Raises RefusedError where it names what is not there."""

    def __init__(self, register: Register, ask: Ask, today: dt.date, mapping: LinksMap) -> None:
        self._register, self._unit = register, ask.point.unit
        self._key = ask.dossier_key.encode()
        self._today = today
        self._map = mapping
        self._day = DayColumn(mapping.service_on, today) if mapping.service_on else None
        self._dossier = _dossier_column(mapping.dossier.column, register.city.dossier_pattern)
        self._field = field_places(register, mapping.field)
        own = Entry(constant=self._unit)
        self._receiving = unit_places(register, mapping.receiving_unit or own)
        self._resolving = unit_places(register, mapping.resolving_unit or Entry(constant=UNKNOWN))
        known = {word: word for word in OCCASIONS}
        self._occasion = Words(mapping.occasion, "occasion", known.get)

    def read(self, chunk: Chunk) -> tuple[list[Row | None], Faults]:
        faults: Faults = {}
        days = [self._today] * len(chunk)
        if self._day is not None and self._map.service_on is not None:
            read = self._day.read(chunk.columns[self._map.service_on.column], faults)
            days = [day or self._today for day in read]
        columns = (
            self._dossier.read(chunk.columns[self._map.dossier.column], faults),
            self._occasion.read(chunk, faults),
            self._field.read(chunk, days, faults),
            self._receiving.read(chunk, days, faults),
            self._resolving.read(chunk, days, faults),
        )
        self._check_questionnaires(days, faults)
        rows: list[Row | None] = []
        for place, values in enumerate(zip(*columns, strict=True)):
            is_bad = place in faults
            rows.append(None if is_bad else self._row(chunk.numbers[place], days[place], *values))
        return rows, faults

    def _check_questionnaires(self, days: Sequence[dt.date], faults: Faults) -> None:
        """Blame a day on which no questionnaire was in force: its rating could not count."""
        name = self._register.city.phone_questionnaire
        there = {day: self._register.questionnaire_in_force(name, day) for day in set(days)}
        for place, day in enumerate(days):
            if there[day] is None:
                blame(faults, place, Fault("questionnaire_retired", value=day.isoformat()))

    def _row(
        self,
        number: int,
        day: dt.date,
        code: str,
        occasion: str,
        field: str,
        receiving: str,
        resolving: str,
    ) -> Row:
        wanted = Wanted(
            dossier_hash(code, self._key),
            occasion,
            field,
            self._unit if receiving == UNKNOWN else receiving,
            resolving,
            day.isoformat(),
        )
        return Row(number, code, wanted)


def _dossier_column(column: str, pattern: str) -> Column[str]:
    def find(text: str) -> str | Fault:
        code = normal_code(text)
        if not code:
            return Fault("value_missing", column)
        return code if has_shape(code, pattern) else Fault("dossier_code", column, masked(code))

    return Column(column, find)


def _named(file: InputFile) -> tuple[str, ...]:
    """Return the headers that a file without a map must have, in the language of its own."""
    start = file.stream.read(4096).replace(b"\0", b"")
    file.stream.seek(0)
    words = ENGLISH if ENGLISH.dossier.encode() in start.partition(b"\n")[0] else VIETNAMESE
    return words.dossier, words.field, words.occasion
