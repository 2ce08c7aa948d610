"""Rows on their way into a table, each with the place it was read from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec

from survey.register.folder.files import Folder, Line

_Key = TypeVar("_Key")


@dataclass(frozen=True)
class Row:
    """Values by column, and where they come from."""

    where: str
    values: dict[str, Any]

    @classmethod
    def of(cls, line: Line[Any], values: dict[str, Any]) -> Row:
        """Return a row that comes from a line of a file."""
        return cls(line.where, values)


Rows = dict[str, list[Row]]
"""Rows by table name."""


class Days(msgspec.Struct, frozen=True):
    """From one day to another, inclusive; None: in force."""

    valid_from: dt.date
    valid_to: dt.date | None = None

    @property
    def last(self) -> dt.date:
        """The last day, or the end of time."""
        return self.valid_to or dt.date.max

    def covers(self, other: Days) -> bool:
        """Tell whether every day of the other lies in this one."""
        return self.valid_from <= other.valid_from and other.last <= self.last

    def overlaps(self, other: Days) -> bool:
        """Tell whether the two share a day."""
        return self.valid_from <= other.last and other.valid_from <= self.last


def days_of(value: Any) -> Days:
    """Return the days of anything that has ``valid_from`` and ``valid_to``."""
    return Days(value.valid_from, value.valid_to)


def check_languages(
    folder: Folder, where: str, texts: Mapping[str, str], languages: tuple[str, ...]
) -> None:
    """Refuse a text that lacks the first language or has one that the city does not speak."""
    if not texts.get(languages[0]):
        folder.refuse("text_missing", where, languages[0])
    for language in texts.keys() - set(languages):
        folder.refuse("language_unknown", where, language)


def only_once(
    folder: Folder, lines: Iterable[Line[Any]], key: Callable[[Any], _Key]
) -> dict[_Key, Line[Any]]:
    """Return lines by key; the second of a key is refused, and so are days in the wrong order."""
    found: dict[_Key, Line[Any]] = {}
    for line in lines:
        name = key(line.value)
        if name in found:
            folder.refuse("twice", line.where, f"{name}, first in {found[name].where}")
        elif has_ordered_days(folder, line):
            found[name] = line
    return found


def has_ordered_days(folder: Folder, line: Line[Any]) -> bool:
    """Tell whether the days are in order, after refusing them if they are not."""
    first, last = getattr(line.value, "valid_from", None), getattr(line.value, "valid_to", None)
    if first is not None and last is not None and last < first:
        folder.refuse("dates", line.where, f"{first}..{last}")
        return False
    return True


def refuse_overlaps(
    folder: Folder, lines: Iterable[Line[Any]], key: Callable[[Any], object]
) -> None:
    """Refuse a line whose days overlap those of an earlier line with the same key."""
    earlier: dict[object, list[Line[Any]]] = {}
    for line in lines:
        known = earlier.setdefault(key(line.value), [])
        for other in known:
            if days_of(line.value).overlaps(days_of(other.value)):
                folder.refuse("overlap", line.where, f"{key(line.value)}, also {other.where}")
        known.append(line)
