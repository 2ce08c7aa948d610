"""Files of a city folder: encoding, columns, and one typed value a row."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import re
import tomllib
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Generic, TypeVar

import msgspec

from survey.terms.problem import Problem

Code = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^(?!.*\.(?:json|csv|xlsx|svg)$)[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*$", max_length=32
    ),
]
"""A code stands in addresses, so it must not look as if it ended in a data format."""

Texts = dict[str, str]
"""A text by language."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_NAME_COLUMN = "name_"
_Value = TypeVar("_Value", bound=msgspec.Struct)


@dataclass(frozen=True)
class Line(Generic[_Value]):
    """A value and the place it came from, such as ``units.csv:17``."""

    where: str
    value: _Value


class Folder:
    """A city folder being read; collects every problem instead of stopping at the first."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.problems: list[Problem] = []
        self._known: set[str] = set()
        self._written: dict[str, set[str]] = {}  # codes by file; without those not read to the end

    def refuse(self, code: str, where: str, detail: object = "") -> None:
        """Record a problem."""
        self.problems.append(Problem(code, where, str(detail)))

    def csv(
        self,
        name: str,
        kind: type[_Value],
        languages: tuple[str, ...] = (),
        *,
        required: bool = False,
    ) -> list[Line[_Value]]:
        """Return one value a row of a CSV file; a missing file has no rows unless required.

        Columns are exactly the members of ``kind``, in any order; those with a default may be
        left out. A member ``names`` is the columns ``name_<language>``, the first one needed.
        """
        text = self._text(name, required=required)
        if text is None:
            return []
        rows = csv.reader(io.StringIO(text, newline=""), strict=True)
        try:
            header = next(rows, [])
            if not self._header_fits(name, header, kind, languages):
                return []
            self._written[name] = set()
            return list(self._lines(name, header, rows, kind, languages))
        except csv.Error as error:
            self._written.pop(name, None)
            self.refuse("csv", f"{name}:{rows.line_num}", error)
            return []

    def toml(self, name: str, *, required: bool = False) -> dict[str, Any]:
        """Return a TOML document, empty where the file is missing or cannot be read."""
        text = self._text(name, required=required)
        if text is None:
            return {}
        try:
            document = tomllib.loads(text)
        except (ValueError, RecursionError) as error:  # a number too long, tables too deep
            self.refuse("toml", name, error)
            return {}
        for place, value in _strings(document, ""):
            self._check_text(f"{name} {place}", value, is_document=True)
        return document

    def items(self, name: str, key: str, kind: type[_Value]) -> list[Line[_Value]]:
        """Return the items of a TOML file's only array of tables, ``[[key]]``."""
        document = self.toml(name)
        for other in document.keys() - {key}:
            self.refuse("key_unknown", name, other)
        tables = document.get(key, [])
        if not isinstance(tables, list):
            self.refuse("toml", name, f"{key} must be written [[{key}]]")
            return []
        return [
            Line(where, value)
            for number, table in enumerate(tables, 1)
            if (value := self.convert(where := f"{name} [[{key}]] {number}", table, kind))
        ]

    def convert(self, where: str, raw: Any, kind: type[_Value]) -> _Value | None:
        """Return a raw table as a value of that kind, or None after naming what is wrong."""
        try:
            return msgspec.convert(raw, kind, strict=True)
        except msgspec.ValidationError as error:
            self.refuse("value", where, f"{error}{_offending(raw, str(error))}")
            return None

    def refuse_unknown_files(self) -> None:
        """Name files that nothing has read, since a misspelt name would be passed over."""
        for path in sorted(self.path.glob("*.*")) + sorted(self.path.glob("questionnaires/*")):
            name = path.relative_to(self.path).as_posix()
            if path.is_file() and path.suffix in (".csv", ".toml") and name not in self._known:
                self.refuse("file_unknown", name)

    def forget_followers(self, name: str, sound: Collection[str], codes: Collection[str]) -> None:
        """Forget problems of these codes that only follow from the file: its bad rows are named.

        Who names a code that stands in the file, in a row that is not ``sound``, is right.
        """
        written = self._written.get(name)
        self.problems = [
            problem
            for problem in self.problems
            if problem.code not in codes
            or problem.detail in sound
            or (written is not None and problem.detail not in written)
        ]

    def digest(self) -> str:
        """Return SHA-256 over the names and contents of the files that were read."""
        total = hashlib.sha256()
        for name in sorted(self._known):
            path = self.path / name
            if path.is_file():
                total.update(f"{name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
        return total.hexdigest()

    def _text(self, name: str, *, required: bool) -> str | None:
        self._known.add(name)
        path = self.path / name
        if not path.is_file():
            if required:
                self.refuse("file_missing", name)
            return None
        try:
            return path.read_bytes().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            self.refuse("not_utf8", name, f"byte {error.start}")
            return None

    def _header_fits(
        self, name: str, header: list[str], kind: type[_Value], languages: tuple[str, ...]
    ) -> bool:
        needed, allowed = _columns(kind, languages)
        wrong = sorted(
            ({column for column in header if column not in allowed} | needed - set(header))
            | {column for column in header if header.count(column) > 1}
        )
        if wrong:
            self.refuse("columns", f"{name}:1", ", ".join(map(repr, wrong)))
        return not wrong

    def _lines(
        self,
        name: str,
        header: list[str],
        rows: Iterator[list[str]],
        kind: type[_Value],
        languages: tuple[str, ...],
    ) -> Iterator[Line[_Value]]:
        start = 2
        for row in rows:
            where, start = f"{name}:{start}", rows.line_num + 1  # type: ignore[attr-defined]
            self._written[name].update(
                cell for column, cell in zip(header, row, strict=False) if column == "code"
            )
            if len(row) != len(header):
                self.refuse("cells", where, f"{len(row)} cells, not {len(header)}: {row}")
                continue
            cells = dict(zip(header, row, strict=True))
            if all([self._check_text(where, cell) for cell in row]):
                value = self._row(where, cells, kind, languages)
                if value is not None:
                    yield Line(where, value)

    def _row(
        self, where: str, cells: dict[str, str], kind: type[_Value], languages: tuple[str, ...]
    ) -> _Value | None:
        raw: dict[str, Any] = {column: cell for column, cell in cells.items() if cell}
        if "names" in kind.__struct_fields__:
            raw["names"] = {
                language: cell
                for language in languages
                if (cell := raw.pop(_NAME_COLUMN + language, ""))
            }
            if languages[0] not in raw["names"]:
                self.refuse("name_missing", where, _NAME_COLUMN + languages[0])
                return None
        for column in raw.keys() & {"valid_from", "valid_to"}:
            day = _day(raw[column])
            if day is None:
                self.refuse("date", where, f"{column}: {raw[column]}")
                return None
            raw[column] = day
        return self.convert(where, raw, kind)

    def _check_text(self, where: str, text: str, *, is_document: bool = False) -> bool:
        if text != unicodedata.normalize("NFC", text):
            self.refuse("not_composed", where, repr(text))
            return False
        if _CONTROL.search(text) or (not is_document and text != text.strip()):
            self.refuse("text", where, repr(text))
            return False
        return True


def _columns(kind: type[msgspec.Struct], languages: tuple[str, ...]) -> tuple[set[str], set[str]]:
    needed: set[str] = set()
    allowed: set[str] = set()
    for member in msgspec.structs.fields(kind):
        if member.name == "names":
            needed.add(_NAME_COLUMN + languages[0])
            allowed.update(_NAME_COLUMN + language for language in languages)
        else:
            allowed.add(member.name)
            if member.required:
                needed.add(member.name)
    return needed, allowed


def _day(text: str) -> dt.date | None:
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.isoformat() == text else None


def _strings(value: Any, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield place or "text", value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield f"{place} key", key
            yield from _strings(inner, f"{place}.{key}".strip("."))
    elif isinstance(value, list):
        for number, inner in enumerate(value, 1):
            yield from _strings(inner, f"{place}[{number}]")


def _offending(raw: Any, message: str) -> str:
    """The value that msgspec's message points at, as far as its path can be followed."""
    path = re.search(r"at `\$(.*)`", message)
    if path is None:
        return ""
    value = raw
    for key, index in re.findall(r"\.([A-Za-z_]+)|\[(\d+)\]", path[1]):
        try:
            value = value[key] if key else value[int(index)]
        except (KeyError, IndexError, TypeError):
            return ""
    return f": {value!r}"
