"""The map: which column, or which constant, gives each part of a rating, a total or a count."""

from __future__ import annotations

import tomllib
from typing import Any, Literal, TypeVar

import msgspec

from survey.intake.imports.faults import RefusedError

ENCODINGS = ("utf-8", "utf-16", "utf-16-le", "utf-16-be", "cp1258", "cp1252")
"""Encodings that a map may name; cp1258 is Windows' Vietnamese one."""


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a value comes from: a column or a constant.

    ``values`` turns words of the file into ours. ``empty`` is what an empty cell stands for;
    without it an empty cell is a fault.
    """

    column: str = ""
    constant: str = ""
    values: dict[str, str] = {}
    empty: str = ""


class FileEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the file is to be read; what is left out is found in the file and reported."""

    encoding: Literal["", "utf-8", "utf-16", "utf-16-le", "utf-16-be", "cp1258", "cp1252"] = ""
    delimiter: Literal["", ",", ";", "\t", "|"] = ""
    sheet: str = ""
    header_row: int = 1


class TimeEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The time of the answer. ``zone`` is an IANA name; ``format`` uses %Y %m %d %H %M %S %z.

    ``format = "excel"`` reads the serial numbers of a spreadsheet. ``ambiguous`` says which of the
    two instants is meant by a local time that a clock showed twice.
    """

    column: str
    format: str
    zone: str = ""
    ambiguous: Literal["earlier", "later", "refuse"] = "earlier"


class DayEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A day that the source gives."""

    column: str
    format: str


class MonthEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A month: a column with its format (%Y %m, and %d which is then ignored) or ``YYYY-MM``."""

    column: str = ""
    format: str = "%Y-%m"
    constant: str = ""


class AnswerEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A column of answers: label → value of the option.

    ``question`` is a question id or an entry. With ``separator`` a cell holds several labels.
    An empty cell is no answer, unless ``labels`` has the empty word.
    """

    question: str | Entry
    column: str
    labels: dict[str, int]
    separator: str = ""


class OptionEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A column that names the option that a row counts."""

    column: str
    labels: dict[str, int]


class NumberEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How numbers are written: the sign between thousands, if any, and what an empty cell means."""

    thousands: Literal["", ".", ",", " "] = ""
    empty: Literal["", "0"] = ""


class RatingsMap(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The map of a file with one rating a row."""

    time: TimeEntry
    receiving_unit: Entry
    resolving_unit: Entry
    field: Entry
    source: Entry
    channel: Entry
    holder: Entry
    occasion: Entry
    assurance: Entry
    questionnaire: Entry
    answer: tuple[AnswerEntry, ...]
    file: FileEntry = FileEntry()
    service_on: DayEntry | None = None
    external_id: Entry | None = None
    dossier: Entry | None = None
    comment: Entry | None = None
    language: Entry | None = None


class CountsMap(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The map of a file with totals.

    Long: a row an option (``option`` and ``count``). Wide: a column an option
    (``option_columns``: header → value).
    """

    month: MonthEntry
    field: Entry
    source: Entry
    channel: Entry
    holder: Entry
    assurance: Entry
    question: Entry
    receiving_unit: Entry | None = None
    resolving_unit: Entry | None = None
    option: OptionEntry | None = None
    count: str = ""
    option_columns: dict[str, int] = {}
    numbers: NumberEntry = NumberEntry()
    file: FileEntry = FileEntry()


class Parts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The columns of the parts of a dossier count; an empty one is not in the file."""

    received: str = ""
    resolved: str = ""
    early: str = ""
    on_time: str = ""
    late: str = ""
    pending: str = ""


class DossiersMap(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The map of a file with counts of dossiers."""

    month: MonthEntry
    unit: Entry
    field: Entry
    source: Entry
    parts: Parts
    numbers: NumberEntry = NumberEntry()
    file: FileEntry = FileEntry()


class LinksMap(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The map of a file of dossiers, each of which is to get a one-time link."""

    dossier: Entry
    field: Entry
    occasion: Entry
    receiving_unit: Entry | None = None
    resolving_unit: Entry | None = None
    service_on: DayEntry | None = None
    file: FileEntry = FileEntry()


AnyMap = RatingsMap | CountsMap | DossiersMap
"""The map of something that is taken in."""

Mapping = AnyMap | LinksMap

_Map = TypeVar("_Map", bound=Mapping)


def parse_map(text: str, kind: type[_Map]) -> _Map:
    """Read a map from TOML.

    Raises RefusedError with ``map`` (no TOML, an unknown or missing entry, a wrong type; the
    detail names the place) or ``map_entry`` (an entry that is neither a column nor a constant, or
    both).
    """
    try:
        read = msgspec.convert(tomllib.loads(text), kind)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, RecursionError) as error:
        raise RefusedError("map", detail=str(error)) from error
    for name, entry in entries(read):
        if bool(entry.column) == bool(entry.constant):
            raise RefusedError("map_entry", value=name, detail="either a column or a constant")
    _check_layout(read)
    return read


def entries(read: Mapping) -> list[tuple[str, Entry | MonthEntry]]:
    """Return the entries of a map that may be a column or a constant, with their names."""
    found: list[tuple[str, Entry | MonthEntry]] = []
    for name in read.__struct_fields__:
        value = getattr(read, name)
        if isinstance(value, Entry | MonthEntry):
            found.append((name, value))
    if isinstance(read, RatingsMap):
        found += [
            ("answer.question", answer.question)
            for answer in read.answer
            if isinstance(answer.question, Entry)
        ]
    return found


def columns_of(read: Mapping) -> list[str]:
    """Return the headers that a map needs, each once, in the order of the map."""
    names: dict[str, None] = {}
    for name in read.__struct_fields__:
        value = getattr(read, name)
        for part in value if name == "answer" else (value,):
            names |= dict.fromkeys(_columns(name, part))
    return [name for name in names if name]


def _columns(name: str, value: Any) -> list[str]:
    if name == "option_columns":
        return list(value)
    if name == "count":
        return [value]
    if isinstance(value, Parts):
        return [getattr(value, part) for part in value.__struct_fields__]
    found = [getattr(value, "column", "")]
    question = getattr(value, "question", None)
    return [*found, question.column] if isinstance(question, Entry) else found


def _check_layout(read: Mapping) -> None:
    if isinstance(read, RatingsMap):
        if not read.answer:
            raise RefusedError("map_entry", value="answer", detail="no column of answers")
    elif isinstance(read, CountsMap):
        _check_counts(read)
    elif isinstance(read, DossiersMap) and not any(msgspec.structs.astuple(read.parts)):
        raise RefusedError("map_entry", value="parts", detail="no column of counts")


def _check_counts(read: CountsMap) -> None:
    is_long, is_wide = read.option is not None and bool(read.count), bool(read.option_columns)
    if is_long == is_wide or (is_wide and (read.option is not None or read.count)):
        raise RefusedError(
            "map_entry", value="option", detail="either option and count, or option_columns"
        )
    one, other = read.receiving_unit, read.resolving_unit
    if one is None and other is None:
        raise RefusedError("map_entry", value="resolving_unit", detail="no unit")
    if one is not None and other is not None and one != other:
        raise RefusedError(
            "map_entry",
            value="resolving_unit",
            detail="a total has one unit: name one role, or the same column for both",
        )
