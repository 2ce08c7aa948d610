"""Which figures of one family and period are sums of others, as an outsider knows them too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from survey.register.snapshot import Register
from survey.terms.period import Period

Relation = tuple[int, list[int]]


class Cell(NamedTuple):
    """Whose ratings a figure counts, and of which field (None: all).

    ``unit`` None is the city. ``is_rest`` is what no row shows: of the city the ratings without
    a known unit, of a unit with its children those that belong to none of the rows below it.
    """

    unit: str | None
    with_children: bool
    field: str | None
    is_rest: bool = False


class Key(NamedTuple):
    """A cell of a period, or of some days of it."""

    period: Period
    days: tuple[str, str]
    cell: Cell


Named = tuple[Key, list[Key]]
"""A total and its parts."""


class Sums(NamedTuple):
    """Figures and how they add up.

    ``place`` gives the number of each key. Keys that are the same sum by force (a total with a
    single part) share a number, so that they are shown or hidden together. ``counts`` are by
    number, ``relations`` pairs of a total's number and its parts'.
    """

    place: dict[Key, int]
    counts: list[int]
    relations: list[Relation]


def sums_of(counts: Mapping[Key, int], register: Register) -> Sums:
    """Find every relation between the counts of one family, within periods and across them.

    ``counts`` are of every scope that ratings exist for; empty cells are left out, since nobody
    can tell them from hidden ones.
    """
    tables: dict[tuple[Period, tuple[str, str]], dict[Cell, int]] = {}
    for key, count in counts.items():
        if count:
            tables.setdefault((key.period, key.days), {})[key.cell] = count
    named: list[Named] = []
    known: dict[Key, int] = {}
    for (period, days), cells in sorted(tables.items()):
        table = _Table(cells, register)
        for total, parts in table.relations():
            keys = [Key(period, days, part) for part in parts]
            named.append((Key(period, days, total), keys))
        known |= {Key(period, days, cell): count for cell, count in table.counts.items()}
    return _numbered(known, named + list(_over_time(known)))


def _over_time(counts: Mapping[Key, int]) -> Iterator[Named]:
    """Every figure of a whole with those of its parts, where all of them are there."""
    spans: dict[Cell, dict[Period, list[Key]]] = {}
    for key in counts:
        spans.setdefault(key.cell, {}).setdefault(key.period, []).append(key)
    for key, count in counts.items():
        parts = [
            part
            for period in key.period.parts
            for part in spans[key.cell].get(period, ())
            if key.days[0] <= part.days[0] and part.days[1] <= key.days[1]
        ]
        if parts and sum(counts[part] for part in parts) == count:
            yield key, parts


def _numbered(counts: Mapping[Key, int], named: Sequence[Named]) -> Sums:
    same = _Same(counts)
    for total, parts in named:
        if len(parts) == 1:
            same.join(total, parts[0])
    number = {
        head: at for at, head in enumerate(sorted({same.head(key) for key in counts}, key=_order))
    }
    place = {key: number[same.head(key)] for key in counts}
    found = {
        (place[total], tuple(sorted({place[part] for part in parts})))
        for total, parts in named
        if len(parts) > 1
    }
    relations = [(total, list(parts)) for total, parts in sorted(found)]
    return Sums(place, [counts[head] for head in number], relations)


def _key(cell: Cell) -> tuple[str, ...]:
    return tuple(str(member or "") for member in cell)


def _order(key: Key) -> tuple[object, ...]:
    return (key.period, key.days, _key(key.cell))


class _Same:
    """Keys joined into classes; each has one head."""

    def __init__(self, keys: Iterable[Key]) -> None:
        self._up = {key: key for key in keys}

    def head(self, key: Key) -> Key:
        while (above := self._up[key]) is not key:
            self._up[key] = key = self._up[above]
        return key

    def join(self, one: Key, other: Key) -> None:
        first, second = self.head(one), self.head(other)
        if first is not second:
            first, second = sorted((first, second), key=_order)
            self._up[second] = first


class _Table:
    """The counts with what their relations need besides: remainders that no row shows."""

    def __init__(self, counts: dict[Cell, int], register: Register) -> None:
        self.counts = counts
        self._units = sorted(
            {cell.unit for cell in counts if cell.unit is not None and not cell.with_children}
        )
        whole = sorted({cell.unit for cell in counts if cell.unit and cell.with_children})
        below = {unit: set(_upwards(unit, register)) for unit in self._units}
        self._own = {head: [unit for unit in self._units if head in below[unit]] for head in whole}
        self._fields = sorted({cell.field for cell in counts if cell.field is not None})

    def relations(self) -> list[tuple[Cell, list[Cell]]]:
        """Every total with its parts: units and their children first, then the fields."""
        found: list[tuple[Cell, list[Cell]]] = []
        for field in (*self._fields, None):
            for head in self._own:
                total = Cell(head, True, field)
                if total in self.counts:
                    found += self._both_views(total, self._own[head], self._inside(head))
            city = Cell(None, False, field)
            if city in self.counts:
                found += self._both_views(city, self._units, list(self._own))
        return found + list(self._over_fields())

    def _inside(self, head: str) -> list[str]:
        """Units whose row with children lies within that of another."""
        own = set(self._own[head])
        return [unit for unit, units in self._own.items() if unit != head and own > set(units)]

    def _both_views(
        self, total: Cell, units: Sequence[str], inner: Sequence[str]
    ) -> Iterator[tuple[Cell, list[Cell]]]:
        """A total over the units' own rows, and over the largest rows with children."""
        own = [Cell(unit, False, total.field) for unit in units]
        yield from self._closed(total, own)
        largest = [
            unit
            for unit in inner
            if not any(set(self._own[unit]) < set(self._own[other]) for other in inner)
        ]
        if largest:
            covered = {unit for head in largest for unit in self._own[head]}
            rows = [Cell(head, True, total.field) for head in largest]
            rest = [Cell(unit, False, total.field) for unit in units if unit not in covered]
            yield from self._closed(total, rows + rest)

    def _closed(self, total: Cell, parts: Sequence[Cell]) -> Iterator[tuple[Cell, list[Cell]]]:
        """A total with its parts and, where they do not make it up, the rest."""
        known = [part for part in parts if part in self.counts]
        missing = self.counts[total] - sum(self.counts[part] for part in known)
        if missing < 0:  # a part counts what its total leaves out: nothing can be subtracted
            return
        if missing:
            rest = total._replace(is_rest=True)
            if self.counts.setdefault(rest, missing) != missing:
                return
            known.append(rest)
        yield total, known

    def _over_fields(self) -> Iterator[tuple[Cell, list[Cell]]]:
        rows: dict[Cell, list[Cell]] = {}
        for cell in self.counts:
            if cell.field is not None:
                rows.setdefault(cell._replace(field=None), []).append(cell)
        for total, parts in rows.items():
            if self.counts.get(total) == sum(self.counts[part] for part in parts):
                yield total, sorted(parts, key=_key)


def _upwards(unit: str, register: Register) -> Iterator[str]:
    """A unit and those above it, without the city's own."""
    item = register.units.get(unit)
    while item is not None:
        yield item.code
        item = register.units.get(item.parent) if item.parent else None
