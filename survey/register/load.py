"""Loads a city folder: everything is checked first, then dated rows are added."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from survey.register import read, tables
from survey.register.differences import compare, write
from survey.register.folder.content import Content, RegisterError, read_folder
from survey.terms.canonical import canonical_json
from survey.terms.city import City
from survey.terms.problem import Problem

__all__ = ["LoadReport", "RegisterError", "apply", "load_folder"]

_FIXED_FACTS = ("code", "time_zone")
"""Facts of a city that every stored day and response rests on, as does its first language."""


@dataclass(frozen=True)
class LoadReport:
    """What a load did: rows added and ended by table, facts of the city put right.

    ``version`` is the register's version after it.
    """

    version: int
    added: dict[str, int] = field(default_factory=dict)
    ended: dict[str, int] = field(default_factory=dict)
    city: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Tell whether the load changed nothing."""
        return not (self.added or self.ended or self.city)


def load_folder(connection: Connection, folder: Path, *, today: dt.date) -> LoadReport:
    """Load a city folder into a database that has that city; ``today`` is noted with the load.

    Loading the same folder again changes nothing. Raises RegisterError, having written nothing,
    with a problem for each bad row, and LookupError where the database has no city yet.
    """
    return apply(connection, read_folder(folder), today=today)


def apply(connection: Connection, content: Content, *, today: dt.date) -> LoadReport:
    """Load a folder that has been read; see :func:`load_folder`."""
    known, _ = read.city(connection)
    facts, problems = _compare_city(known, content.city)
    difference = compare(connection, content.rows)
    problems += difference.problems
    if problems:
        raise RegisterError(problems)
    report = LoadReport(
        version=0,
        added={name: len(rows) for name, rows in difference.added.items()},
        ended={name: len(rows) for name, rows in difference.ended.items()},
        city=facts,
    )
    if not report.is_empty:
        write(connection, difference)
        _write_city(connection, content.city)
        _note(connection, content, report, today)
    version = connection.execute(sa.select(sa.func.max(tables.register_load.c.id))).scalar() or 0
    return LoadReport(version, report.added, report.ended, report.city)


def _compare_city(known: City, wanted: City) -> tuple[tuple[str, ...], list[Problem]]:
    """Return the facts that differ, and those among them that may not."""
    facts = tuple(
        member
        for member in known.__struct_fields__
        if getattr(known, member) != getattr(wanted, member)
    )
    fixed = [fact for fact in facts if fact in _FIXED_FACTS]
    if known.languages[0] != wanted.languages[0]:
        fixed.append("languages")
    return facts, [
        Problem(
            "changed",
            "city.toml",
            f"{fact} was {getattr(known, fact)}, now {getattr(wanted, fact)}",
        )
        for fact in fixed
    ]


def _write_city(connection: Connection, city: City) -> None:
    document = canonical_json(city).decode()
    connection.execute(sa.update(tables.city).values(document=document))


def _note(connection: Connection, content: Content, report: LoadReport, today: dt.date) -> None:
    connection.execute(
        sa.insert(tables.register_load).values(
            loaded_on=today,
            folder_sha256=content.digest,
            summary=msgspec.to_builtins(
                {"added": report.added, "ended": report.ended, "city": report.city}
            ),
        )
    )
