"""Columns of words, labels and numbers: each distinct cell is looked at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from survey.intake.imports.faults import Fault, Faults, RefusedError, blame
from survey.intake.imports.mapping import Entry, NumberEntry
from survey.intake.imports.table import Cell, Chunk, Formula, plain, shown

_KEPT = 100_000
"""How many distinct cells of a column are remembered."""

MAX_COUNT = 10**9

Value = TypeVar("Value")


class Column(Generic[Value]):
    """Turns the cells of a column into values; ``find`` answers for one cell's text.

    ``find`` gets the plain text (composed, trimmed) and returns the value, or a fault.
    """

    def __init__(self, name: str, find: Callable[[str], Value | Fault]) -> None:
        self.name = name
        self._find = find
        self._found: dict[Cell, Value | Fault] = {}
        self._has_faults = False

    def read(self, cells: Sequence[Cell], faults: Faults) -> list[Value]:
        """Return a value for each cell; where there is a fault, the fault stands in its place."""
        found = self._found
        if len(found) > _KEPT:
            found.clear()
        for cell in set(cells).difference(found):
            found[cell] = self._look(cell)
        values = [found[cell] for cell in cells]
        if self._has_faults:
            for place, value in enumerate(values):
                if isinstance(value, Fault):
                    blame(faults, place, value)
        return values  # type: ignore[return-value]  # rows with faults are dropped by the caller

    def _look(self, cell: Cell) -> Value | Fault:
        value: Value | Fault
        if isinstance(cell, Formula):
            value = Fault("formula", self.name, shown(cell))
        else:
            value = self._find(plain(cell if isinstance(cell, str) else shown(cell)))
        if isinstance(value, Fault):
            self._has_faults = True
        return value


class Words:
    """An entry of the map that is a column or a constant, as words of a vocabulary.

    ``check`` returns the value that a word stands for, or None where it is unknown; ``code`` is
    the fault's code.
    """

    def __init__(self, entry: Entry, code: str, check: Callable[[str], str | None]) -> None:
        self._entry = entry
        self._code = code
        self._check = check
        self._constant = ""
        if entry.constant:
            value = check(entry.constant)
            if value is None:
                raise RefusedError(code, value=entry.constant, detail="in the map")
            self._constant = value
        for word in (*entry.values.values(), *filter(None, [entry.empty])):
            if check(word) is None:
                raise RefusedError(code, value=word, detail="in the map")
        self._values = {plain(word): value for word, value in entry.values.items()}
        self._column = Column(entry.column, self._find)

    def read(self, chunk: Chunk, faults: Faults) -> list[str]:
        """Return a word for each row. Codes: ``value_missing``, ``formula``, the entry's own."""
        if self._constant:
            return [self._constant] * len(chunk)
        return self._column.read(chunk.columns[self._entry.column], faults)

    def _find(self, text: str) -> str | Fault:
        word = translated(text, self._entry, self._values)
        if not word:
            return Fault("value_missing", self._entry.column)
        value = self._check(word)
        return unknown(self._code, self._entry.column, text) if value is None else value


def translated(text: str, entry: Entry, values: dict[str, str]) -> str:
    """Return what a cell stands for by the map: its ``values``, its ``empty``, or itself."""
    return values.get(text, text) or entry.empty


def unknown(code: str, column: str, text: str, detail: str = "") -> Fault:
    """Return the fault of a word that nobody knows; one that starts with = is a formula."""
    return Fault("formula" if text.startswith("=") else code, column, shown(text), detail)


def label_column(column: str, labels: dict[str, int], separator: str) -> Column[tuple[int, ...]]:
    """Return a column of labels, as the values of their options in ascending order.

    An empty cell is no answer. Codes: ``label_unknown``, ``formula``.
    """
    known = {plain(label): value for label, value in labels.items()}

    def find(text: str) -> tuple[int, ...] | Fault:
        if text in known:
            return (known[text],)
        if not text:
            return ()
        parts = [plain(part) for part in text.split(separator)] if separator else [text]
        for part in parts:
            if part not in known:
                return unknown("label_unknown", column, part)
        return tuple(sorted({known[part] for part in parts}))

    return Column(column, find)


def number_column(column: str, entry: NumberEntry) -> Column[int | None]:
    """Return a column of counts; an empty cell is None, or 0 where the map says so.

    Codes: ``count`` (no whole number from 0 to 999,999,999), ``formula``.
    """

    def find(text: str) -> int | Fault | None:
        if not text:
            return int(entry.empty) if entry.empty else None
        number = _whole(text, entry.thousands)
        return unknown("count", column, text) if number is None else number

    return Column(column, find)


def _whole(text: str, thousands: str) -> int | None:
    groups = text.split(thousands) if thousands else [text]
    if thousands == " ":
        groups = text.split()
    if len(groups) > 1 and not (1 <= len(groups[0]) <= 3 and {len(g) for g in groups[1:]} == {3}):
        return None
    digits = "".join(groups)
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 12:
        return None
    return int(digits) if int(digits) < MAX_COUNT else None
