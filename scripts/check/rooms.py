"""The import contract: each room imports what its line in pyproject.toml names, and nothing else.

import-linter's own contracts order layers or forbid single imports; the design has a table with a
row a room, so the contract is that table. Only direct imports count: what a room leans on may lean
on other things.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import NamedTuple

import grimp
from importlinter import Contract, ContractCheck, fields, output

# Open to every room above them.
BASE = ("survey.terms", "survey.settings", "survey.db")
EVERY_ROOM_BELOW = "*"
# _typeshed is where type checkers keep the standard library's own types.
STANDARD_LIBRARY = sys.stdlib_module_names | {"_typeshed"}


class Room(NamedTuple):
    """A room and what it may import, rooms and packages alike; BASE is not repeated."""

    name: str
    may_import: frozenset[str]


class Import(NamedTuple):
    """One line of code that imports what it may not."""

    importer: str
    imported: str
    line: int


def parse(lines: list[str]) -> list[Room]:
    """Return the rooms from lines like ``survey.tally -> survey.ledger sqlalchemy``, lowest first.

    ``*`` is every room on an earlier line, ``!survey.intake`` takes one out of it. Raises
    ValueError where a line names a room that does not stand on an earlier one: that way back is
    what the contract is there to refuse.
    """
    rooms: list[Room] = []
    for line in lines:
        name, arrow, rest = (part.strip() for part in line.partition("->"))
        if not arrow:
            raise ValueError(f"no arrow in {line!r}")
        earlier = {room.name for room in rooms}
        named = set(rest.split())
        taken_out = {word[1:] for word in named if word.startswith("!")}
        allowed = {word for word in named if word[0] not in "*!"}
        if EVERY_ROOM_BELOW in named:
            allowed |= earlier - taken_out
        allowed |= earlier & set(BASE) if name not in (*BASE, "survey.stats") else set()
        backward = {word for word in allowed if is_own(word)} - earlier
        if backward:
            raise ValueError(f"{name} may not import upwards: {', '.join(sorted(backward))}")
        rooms.append(Room(name, frozenset(allowed)))
    return rooms


def is_own(module: str) -> bool:
    """Return whether a module is the project's own."""
    return module.partition(".")[0] in ("survey", "kiosk")


def room_of(module: str, rooms: list[Room]) -> Room | None:
    """Return the room in which a module stands, None where it stands in none."""
    return next((r for r in rooms if module == r.name or module.startswith(r.name + ".")), None)


def wrong_imports(graph: grimp.ImportGraph, rooms: list[Room]) -> Iterator[Import]:
    """Yield every import that the contract does not name."""
    for importer in sorted(filter(is_own, graph.modules)):
        room = room_of(importer, rooms)
        for imported in sorted(graph.find_modules_directly_imported_by(importer)):
            if room is None or not _is_allowed(imported, room, rooms):
                details = graph.get_import_details(importer=importer, imported=imported)
                yield Import(importer, imported, details[0]["line_number"])


def _is_allowed(imported: str, room: Room, rooms: list[Room]) -> bool:
    if not is_own(imported):
        package = imported.partition(".")[0]
        return package in STANDARD_LIBRARY or package in room.may_import
    target = room_of(imported, rooms)
    return target is not None and (target.name == room.name or target.name in room.may_import)


class RoomsContract(Contract):
    """A contract of the type ``rooms``; its option ``rooms`` holds the lines that parse reads."""

    type_name = "rooms"
    rooms = fields.ListField(subfield=fields.StringField())

    def check(self, graph: grimp.ImportGraph, verbose: bool) -> ContractCheck:
        """Return whether every import of the project is one that the table names."""
        wrong = list(wrong_imports(graph, parse(self.rooms)))  # type: ignore[arg-type]
        return ContractCheck(kept=not wrong, metadata={"wrong": wrong})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print a line an import."""
        for importer, imported, line in check.metadata["wrong"]:
            output.print_error(f"{importer}:{line} may not import {imported}", bold=False)
