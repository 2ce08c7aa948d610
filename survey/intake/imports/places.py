"""Units and fields of a file: matched by code or by name, and only with a day."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
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
_KEPT = 100_000
_NO_DAY = -1

Match = tuple[str, ...]
"""The codes that a word may mean on a day."""

Named = Sequence[tuple[Dated, Sequence[str]]]
"""Units or fields, each with its code and its names."""


class Places:
    """An entry of the map that names units or fields, on the day of each row.

    ``match`` returns what a word may mean on a day, ``always`` is the word that is good on every
    day (``unknown``, ``unclassified``).
    """

    def __init__(
        self,
        entry: Entry,
        kind: str,
        match: Callable[[str, dt.date], Match],
        named: Named,
        always: str,
    ) -> None:
        self._entry = entry
        self._kind = kind
        self._match = match
        self._seen = Seen(named)
        self._eras = Eras(item for item, _ in named)
        self._always = always
        self._values = {plain(word): value for word, value in entry.values.items()}
        self._found: dict[tuple[Cell, int], str | Fault] = {}
        self._has_faults = False
        for word in filter(None, [entry.constant, entry.empty, *entry.values.values()]):
            if word != always and not self._seen.when(word):
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
        keys = list(zip(cells, self._eras.of(days), strict=True))
        for key in set(keys).difference(found):
            found[key] = self._look(*key)
        codes = [found[key] for key in keys]
        if self._has_faults:
            for place, code in enumerate(codes):
                if isinstance(code, Fault):
                    blame(faults, place, code)
        return codes  # type: ignore[return-value]  # rows with faults are dropped by the caller

    def _look(self, cell: Cell, era: int) -> str | Fault:
        if era == _NO_DAY:
            return ""
        code = self._match_cell(cell, self._eras.first_day(era))
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
        seen = self._seen.when(word)
        if seen:
            return Fault(f"{self._kind}_not_in_force", column, shown(text), seen)
        return unknown(f"{self._kind}_unknown", column, text)


def unit_places(register: Register, entry: Entry) -> Places:
    """Return the reader of an entry that names units."""

    def match(word: str, day: dt.date) -> Match:
        by_code = register.unit_on(word, day)
        codes = {unit.code for unit in register.unit_named(word, day)}
        return tuple(sorted(codes | ({by_code.code} if by_code else set())))

    named = [
        (unit, (unit.code, unit.name, *unit.names.values())) for unit in register.units.values()
    ]
    return Places(entry, "unit", match, named, UNKNOWN)


def field_places(register: Register, entry: Entry) -> Places:
    """Return the reader of an entry that names fields."""

    def match(word: str, day: dt.date) -> Match:
        by_code = register.fields.get(word)
        codes = {field.code for field in register.field_named(word, day)}
        is_there = by_code is not None and by_code.in_force(day)
        return tuple(sorted(codes | ({word} if is_there else set())))

    named = [(field, (field.code, *field.names.values())) for field in register.fields.values()]
    return Places(entry, "field", match, named, UNCLASSIFIED)


class Eras:
    """The stretches of days within which nothing begins or ends.

    What a word means on one day of an era it means on all of them, so it is looked up once for
    each era instead of for each day.
    """

    def __init__(self, items: Iterable[Dated]) -> None:
        turns = {dt.date.min}
        for item in items:
            turns.add(item.valid_from)
            if item.valid_to is not None and item.valid_to < dt.date.max:
                turns.add(item.valid_to + dt.timedelta(days=1))
        self._turns = sorted(turns)
        self._of_day: dict[dt.date | None, int] = {None: _NO_DAY}

    def of(self, days: Sequence[dt.date | None]) -> list[int]:
        """Return the number of the era of each day, -1 where there is no day."""
        known = self._of_day
        for day in set(days).difference(known):
            if day is not None:
                known[day] = bisect_right(self._turns, day) - 1
        return [known[day] for day in days]

    def first_day(self, era: int) -> dt.date:
        """Return the day on which an era begins."""
        return self._turns[era]


class Seen:
    """When a word was the code or a name of something: to tell a person, never to match."""

    def __init__(self, named: Named) -> None:
        self._named = named
        self._index: dict[str, set[str]] = {}

    def when(self, word: str) -> str:
        """Return the spans of validity of everything that was ever called that, or ""."""
        if not self._index:
            for item, words in self._named:
                span = f"{item.valid_from} to {item.valid_to or 'today'}"
                for key in map(name_key, words):
                    self._index.setdefault(key, set()).add(span)
        return "; ".join(sorted(self._index.get(name_key(word), ())))
