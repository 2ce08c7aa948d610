"""``fields.csv`` and ``field_groups.toml``: fields of procedures, and groups a plan names."""

from __future__ import annotations

import datetime as dt
from typing import Final

import msgspec

from survey.register.folder.files import Code, Folder, Line, Texts
from survey.register.folder.rows import check_languages, only_once
from survey.terms.response import UNCLASSIFIED

_UNCLASSIFIED_NAMES: Final = {"vi": "Chưa phân loại", "en": "Unclassified"}


class FieldLine(msgspec.Struct, frozen=True):
    """A row of ``fields.csv``; ``level`` holds levels of government joined by ``|``."""

    code: Code
    names: Texts
    valid_from: dt.date
    valid_to: dt.date | None = None
    level: str = ""

    @property
    def levels(self) -> frozenset[str]:
        """The levels at which the field is worked on."""
        return frozenset(self.level.split("|")) if self.level else frozenset()


class GroupLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An item of ``field_groups.toml``."""

    code: Code
    names: Texts
    fields: tuple[str, ...]


Fields = dict[str, Line[FieldLine]]


def parse_fields(folder: Folder, languages: tuple[str, ...]) -> Fields:
    """Return the sound lines of ``fields.csv`` by code, with the built-in ``unclassified``.

    A city whose languages the built-in names do not cover writes that row itself.
    """
    lines = folder.csv("fields.csv", FieldLine, languages, required=True)
    fields: Fields = only_once(folder, lines, lambda field: field.code)
    if UNCLASSIFIED not in fields:
        names = {
            language: _UNCLASSIFIED_NAMES.get(language, _UNCLASSIFIED_NAMES["en"])
            for language in languages
        }
        built_in = FieldLine(code=UNCLASSIFIED, names=names, valid_from=dt.date.min)
        fields[UNCLASSIFIED] = Line("built-in", built_in)
    return fields


def parse_groups(
    folder: Folder, languages: tuple[str, ...], fields: Fields
) -> list[Line[GroupLine]]:
    """Return the sound items of ``field_groups.toml``; refuses a group of unknown fields."""
    groups = only_once(
        folder, folder.items("field_groups.toml", "group", GroupLine), lambda group: group.code
    )
    for line in groups.values():
        check_languages(folder, line.where, line.value.names, languages)
        if not line.value.fields or len(set(line.value.fields)) != len(line.value.fields):
            folder.refuse("fields", line.where, line.value.fields)
        for code in line.value.fields:
            if code not in fields:
                folder.refuse("field_unknown", line.where, code)
    return list(groups.values())
