"""Units and fields of a file: matched by code or by name, and only with a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence

from survey.intake.imports.cells import translated, unknown
from survey.intake.imports.faults import Fault, Faults, RefusedError, blame
from survey.intake.imports.mapping import Entry
from survey.intake.imports.table import Cell, Chunk, Formula, plain, shown
from survey.register.items import Dated
from survey.register.snapshot import Register
from survey.terms.name import name_key
from survey.terms.response import UNCLASSIFIED

UNKNOWN = "unknown"
_KEPT = 200_000

Match = tuple[str, ...]
"""The codes that a word may mean on a day."""


class Places:
    """An entry of the map that names units or fields, on the day of each row.

    ``always`` is the word that is good on every day (``unknown``, ``unclassified``).
    """

    def __init__(
        self,
        entry: Entry,
        kind: str,
        match: Callable[[str, dt.date], Match],
        last_seen: Callable[[str], str],
        always: str,
    ) -> None:
        self._entry = entry
        self._kind = kind
        self._match = match
        self._last_seen = last_seen
        self._always = always
        self._values = {plain(word): value for word, value in entry.values.items()}
        self._found: dict[tuple[Cell, dt.date | None], str | Fault] = {}
        self._has_faults = False
        named = [entry.constant, entry.empty, *entry.values.values()]
        for word in filter(None, named):
            if word != always and not last_seen(word):
                raise RefusedError(f"{kind}_unknown", value=word, detail="in the map")

    def read(self, chunk: Chunk, days: Sequence[dt.date | None], faults: Faults) -> list[str]:
        """Return a code for each row.

        A row without a day gets no code and no fault: it has one already. Codes:
        ``value_missing``, ``formula``, ``unit_unknown`` (never heard of), ``unit_not_in_force`` (on
        that day), ``unit_ambiguous`` (several of that name on that day); for fields likewise.
        """
        found = self._found
        if len(found) > _KEPT:
            found.clear()
        column = self._entry.column
        cells = chunk.columns[column] if column else [self._entry.constant] * len(chunk)
        keys = list(zip(cells, days, strict=True))
        for key in set(keys).difference(found):
            found[key] = self._look(*key)
        codes = [found[key] for key in keys]
        if self._has_faults:
            for place, code in enumerate(codes):
                if isinstance(code, Fault):
                    blame(faults, place, code)
        return codes  # type: ignore[return-value]  # rows with faults are dropped by the caller

    def _look(self, cell: Cell, day: dt.date | None) -> str | Fault:
        if day is None:
            return ""
        code = self._match_cell(cell, day)
        self._has_faults |= isinstance(code, Fault)
        return code

    def _match_cell(self, cell: Cell, day: dt.date) -> str | Fault:
        column = self._entry.column
        if isinstance(cell, Formula):
            return Fault("formula", column, shown(cell))
        text = plain(cell if isinstance(cell, str) else shown(cell))
        word = translated(text, self._entry, self._values)
        if not word:
            return Fault("value_missing", column)
        if word == self._always:
            return word
        codes = self._match(word, day)
        if len(codes) == 1:
            return codes[0]
        if codes:
            return Fault(f"{self._kind}_ambiguous", column, shown(text), ", ".join(codes))
        seen = self._last_seen(word)
        if seen:
            return Fault(f"{self._kind}_not_in_force", column, shown(text), seen)
        return unknown(f"{self._kind}_unknown", column, text)


def unit_places(register: Register, entry: Entry) -> Places:
    """Return the reader of an entry that names units."""

    def match(word: str, day: dt.date) -> Match:
        by_code = register.unit_on(word, day)
        codes = {unit.code for unit in register.unit_named(word, day)}
        return tuple(sorted(codes | ({by_code.code} if by_code else set())))

    names = (
        (unit, (unit.code, unit.name, *unit.names.values())) for unit in register.units.values()
    )
    return Places(entry, "unit", match, _Seen(names).when, UNKNOWN)


def field_places(register: Register, entry: Entry) -> Places:
    """Return the reader of an entry that names fields."""

    def match(word: str, day: dt.date) -> Match:
        by_code = register.fields.get(word)
        codes = {field.code for field in register.field_named(word, day)}
        is_there = by_code is not None and by_code.in_force(day)
        return tuple(sorted(codes | ({word} if is_there else set())))

    names = ((field, (field.code, *field.names.values())) for field in register.fields.values())
    return Places(entry, "field", match, _Seen(names).when, UNCLASSIFIED)


class _Seen:
    """When a word was the code or a name of something: to tell a person, never to match."""

    def __init__(self, names: Iterable[tuple[Dated, Sequence[str]]]) -> None:
        self._names = names
        self._index: dict[str, set[str]] = {}

    def when(self, word: str) -> str:
        """Return the spans of validity of everything that was ever called that, or ""."""
        if not self._index:
            for item, words in self._names:
                span = f"{item.valid_from} to {item.valid_to or 'today'}"
                for key in map(name_key, words):
                    self._index.setdefault(key, set()).add(span)
        return "; ".join(sorted(self._index.get(name_key(word), ())))
