"""Which figures of one family and period are sums of others, as an outsider knows them too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from survey.register.snapshot import Register

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


class Sums(NamedTuple):
    """Figures and how they add up.

    ``place`` gives the number of each cell. Cells that are the same sum by force (a total with a
    single part) share a number, so that they are shown or hidden together. ``counts`` are by
    number, ``relations`` pairs of a total's number and its parts'.
    """

    place: dict[Cell, int]
    counts: list[int]
    relations: list[Relation]


def sums_of(counts: Mapping[Cell, int], register: Register) -> Sums:
    """Find every relation between the counts of one family.

    ``counts`` are by cell, of every scope that ratings exist for; empty cells are left out, since
    nobody can tell them from hidden ones.
    """
    table = _Table({cell: count for cell, count in counts.items() if count}, register)
    named = table.relations()
    same = _Same(table.counts)
    for total, parts in named:
        if len(parts) == 1:
            same.join(total, parts[0])
    heads = sorted({same.head(cell) for cell in table.counts}, key=_key)
    number = {head: at for at, head in enumerate(heads)}
    place = {cell: number[same.head(cell)] for cell in table.counts}
    found = {
        (place[total], tuple(sorted({place[part] for part in parts})))
        for total, parts in named
        if len(parts) > 1
    }
    relations = [(total, list(parts)) for total, parts in sorted(found)]
    return Sums(place, [table.counts[head] for head in heads], relations)


def _key(cell: Cell) -> tuple[str, ...]:
    return tuple(str(member or "") for member in cell)


class _Same:
    """Cells joined into classes; each has one head."""

    def __init__(self, cells: Iterable[Cell]) -> None:
        self._up = {cell: cell for cell in cells}

    def head(self, cell: Cell) -> Cell:
        while self._up[cell] != cell:
            self._up[cell] = cell = self._up[self._up[cell]]
        return cell

    def join(self, one: Cell, other: Cell) -> None:
        first, second = sorted((self.head(one), self.head(other)), key=_key)
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
