"""A file as columns of cells, whichever form it came in."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

import msgspec

from survey.intake.imports.faults import RefusedError

SHOWN = 80
"""How many characters of a cell a finding shows."""


class Formula(msgspec.Struct, frozen=True):
    """A cell whose value a spreadsheet computes; never taken as an answer."""

    cell: str
    text: str


Cell = str | dt.datetime | Formula

Row = tuple[int, Sequence[Cell]]
"""The number of a row as a spreadsheet counts it (the first row is 1), and its cells."""


class Chunk(msgspec.Struct, frozen=True):
    """Some rows: their numbers and, by header, the cells of the columns that the map names."""

    numbers: list[int]
    columns: Mapping[str, Sequence[Cell]]
    ragged: list[tuple[int, int]]
    """Rows that have more or fewer cells than the header: their number and how many."""

    def __len__(self) -> int:
        return len(self.numbers)


class Table(Protocol):
    """A file that was opened: its header is read, its rows are still to come."""

    header: list[str]
    form: dict[str, str]
    """How it was read: ``type``, ``encoding``, ``delimiter``, ``sheet``."""

    n_blank: int

    def chunks(self, wanted: Sequence[str], size: int) -> Iterator[Chunk]:
        """Yield the rows in chunks of that size; may be called once."""


def plain(text: str) -> str:
    """Return a word of a file in composed form, white space around it gone and runs of it one.

    >>> plain(" Ha\\u0300i  lo\\u0300ng ") == "Hài lòng"
    True
    """
    return " ".join(composed(text).split())


def composed(text: str) -> str:
    """Return a text in composed form (NFC) without white space around it."""
    stripped = text.strip()
    return stripped if stripped.isascii() else unicodedata.normalize("NFC", stripped)


def whole(cell: Cell) -> str:
    """Return a cell as text, nothing of it cut off."""
    if isinstance(cell, Formula):
        return cell.text
    return cell.isoformat(" ") if isinstance(cell, dt.datetime) else cell


def shown(cell: Cell) -> str:
    """Return a cell as a finding shows it, cut to a readable length."""
    if isinstance(cell, Formula):
        return f"{cell.cell} {cell.text}".strip()[:SHOWN]
    if isinstance(cell, dt.datetime):
        return cell.isoformat(" ")
    return cell if len(cell) <= SHOWN else f"{cell[:SHOWN]}…"


def places(header: Sequence[str], wanted: Sequence[str]) -> list[int]:
    """Return where the wanted headers stand.

    Raises RefusedError with ``columns_missing`` or ``column_twice``.
    """
    missing = [name for name in wanted if plain(name) not in header]
    if missing:
        raise RefusedError(
            "columns_missing", value=", ".join(missing), detail=" | ".join(header)[:1000]
        )
    for name in wanted:
        if header.count(plain(name)) > 1:
            raise RefusedError("column_twice", column=name)
    return [header.index(plain(name)) for name in wanted]


def gather(
    rows: Iterator[Row], header: Sequence[str], wanted: Sequence[str], size: int
) -> Iterator[Chunk]:
    """Yield rows as chunks of columns; a row of another length than the header is ragged."""
    at = places(header, wanted)
    width = len(header)
    numbers: list[int] = []
    kept: list[Sequence[Cell]] = []
    ragged: list[tuple[int, int]] = []
    for number, cells in rows:
        if len(cells) != width:
            ragged.append((number, len(cells)))
        else:
            numbers.append(number)
            kept.append(cells)
        if len(kept) + len(ragged) >= size:
            yield _chunk(numbers, kept, ragged, wanted, at)
            numbers, kept, ragged = [], [], []
    if numbers or ragged:
        yield _chunk(numbers, kept, ragged, wanted, at)


def _chunk(
    numbers: list[int],
    rows: list[Sequence[Cell]],
    ragged: list[tuple[int, int]],
    wanted: Sequence[str],
    at: Sequence[int],
) -> Chunk:
    columns = {name: [row[place] for row in rows] for name, place in zip(wanted, at, strict=True)}
    return Chunk(numbers, columns, ragged)
