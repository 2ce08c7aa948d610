"""What a load would change, and what no load may change."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from survey.db import metadata
from survey.register.folder.rows import Row, Rows
from survey.terms.problem import Problem

MAY_END = {
    "unit": ("valid_to",),
    "field": ("valid_to",),
    "unit_field": ("valid_to",),
    "reception_point": ("valid_to", "successor"),
    "questionnaire": ("valid_to",),
    "measure_rule": ("valid_to",),
    "target": ("valid_to",),
    "obliged_publisher": ("valid_to",),
}
"""Columns that may be filled in where they were empty; nothing else of a row ever changes."""

KEYS = {"questionnaire": ("id",)}
"""Where a row is told apart by something else than its primary key."""

_SHOWN, _BEFORE = 80, 30
"""How many characters of a value a problem shows, and how many of them before what differs."""

Key = tuple[Any, ...]


@dataclass
class Difference:
    """Rows to add and rows to end, by table, and what is refused."""

    added: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    ended: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def compare(connection: Connection, rows: Rows) -> Difference:
    """Return how the rows of a folder differ from those in the database.

    Problems: ``changed`` (a value that may not change), ``removed`` (a row that the folder lacks).
    """
    difference = Difference()
    for name, wanted in rows.items():
        table = metadata.tables[name]
        keys = KEYS.get(name, tuple(column.name for column in table.primary_key))
        known = _known(connection, table, keys)
        for row in wanted:
            key = tuple(row.values[column] for column in keys)
            _compare_row(difference, name, row, known.pop(key, None))
        for key in known:
            difference.problems.append(Problem("removed", name, " ".join(map(str, key))))
    return difference


def _known(
    connection: Connection, table: sa.Table, keys: tuple[str, ...]
) -> dict[Key, dict[str, Any]]:
    rows = connection.execute(sa.select(table)).mappings()
    return {tuple(row[column] for column in keys): dict(row) for row in rows}


def _compare_row(difference: Difference, name: str, row: Row, known: dict[str, Any] | None) -> None:
    if known is None:
        difference.added.setdefault(name, []).append(row.values)
        return
    may_end = MAY_END.get(name, ())
    is_ended = False
    changes = []
    for column, value in row.values.items():
        old = known[column]
        if column in may_end and old is None and value is not None:
            is_ended = True
        elif old != (list(value) if isinstance(value, tuple) else value):
            changes.append(_change(column, old, value))
    if changes:
        difference.problems.append(Problem("changed", row.where, "; ".join(changes)))
    elif is_ended:
        difference.ended.setdefault(name, []).append(row.values)


def _change(column: str, old: Any, new: Any) -> str:
    was, now = ("empty" if value is None else str(value) for value in (old, new))
    differs = (
        place for place, (one, other) in enumerate(zip(was, now, strict=False)) if one != other
    )
    is_long = max(len(was), len(now)) > _SHOWN  # else two long documents would look alike
    start = max(0, next(differs, 0) - _BEFORE) if is_long else 0
    return f"{column} was {_short(was, start)}, now {_short(now, start)}"


def _short(text: str, start: int) -> str:
    end = start + _SHOWN
    return f"{'…' if start else ''}{text[start:end]}{'…' if len(text) > end else ''}"


def write(connection: Connection, difference: Difference) -> None:
    """Add and end the rows of a difference."""
    for name, values in difference.added.items():
        connection.execute(sa.insert(metadata.tables[name]), values)
    for name, values in difference.ended.items():
        table = metadata.tables[name]
        keys = [column.name for column in table.primary_key]
        columns = MAY_END[name]
        statement = sa.update(table).where(
            *(table.c[key] == sa.bindparam(f"key_{key}") for key in keys)
        )
        connection.execute(
            statement.values({column: sa.bindparam(f"new_{column}") for column in columns}),
            [
                {
                    **{f"key_{key}": row[key] for key in keys},
                    **{f"new_{column}": row[column] for column in columns},
                }
                for row in values
            ],
        )
