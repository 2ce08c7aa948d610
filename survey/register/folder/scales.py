"""``scales.toml`` and ``reasons.toml``: what an answer can be, in every language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from survey.register.folder.files import Folder, Line, Texts
from survey.register.folder.rows import check_languages, only_once
from survey.terms.problem import InvalidTermError
from survey.terms.questionnaire import Option, Scale, check_scale


class OptionText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An option with its label by language."""

    value: int
    label: Texts
    face: str = ""
    outside: bool = False
    alert: bool = False


class ScaleText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An item of ``scales.toml``; options best first."""

    id: str
    option: tuple[OptionText, ...]
    satisfied_set: tuple[int, ...] = ()


class ReasonGroup(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A factor and its reasons."""

    name: Texts
    option: tuple[OptionText, ...]


class ReasonList(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An item of ``reasons.toml``: a list of reasons, which becomes a scale with groups."""

    id: str
    group: tuple[ReasonGroup, ...]


@dataclass(frozen=True)
class Wording:
    """A scale as written, with the group of each option; makes the scale of a language."""

    id: str
    satisfied_set: tuple[int, ...]
    options: tuple[tuple[OptionText, Texts], ...]

    def texts(self) -> list[Texts]:
        """Return every text of the scale."""
        return [text for option, group in self.options for text in (option.label, group) if text]

    def scale(self, language: str) -> Scale:
        """Return the scale in a language that every label has; KeyError if one has not."""
        options = tuple(
            Option(
                value=option.value,
                label=option.label[language],
                face=option.face,
                outside=option.outside,
                group=group[language] if group else "",
                alert=option.alert,
            )
            for option, group in self.options
        )
        return Scale(id=self.id, options=options, satisfied_set=self.satisfied_set)


def parse_scales(folder: Folder, languages: tuple[str, ...]) -> dict[str, Wording]:
    """Return the sound scales by id, reason lists among them; refuses the others."""
    lines: list[Line[Any]] = []
    lines += folder.items("scales.toml", "scale", ScaleText)
    lines += folder.items("reasons.toml", "reasons", ReasonList)
    found = only_once(folder, lines, lambda value: value.id)
    wordings = {id_: _wording(line.value) for id_, line in found.items()}
    sound = [id_ for id_, line in found.items() if _check(folder, line, wordings[id_], languages)]
    return {id_: wordings[id_] for id_ in sound}


def _wording(value: ScaleText | ReasonList) -> Wording:
    if isinstance(value, ScaleText):
        return Wording(value.id, value.satisfied_set, tuple((each, {}) for each in value.option))
    options = tuple((option, group.name) for group in value.group for option in group.option)
    return Wording(value.id, (), options)


def _check(folder: Folder, line: Line[Any], wording: Wording, languages: tuple[str, ...]) -> bool:
    before = len(folder.problems)
    for text in wording.texts():
        check_languages(folder, f"{line.where} {wording.id}", text, languages)
    if len(folder.problems) == before:
        try:
            check_scale(wording.scale(languages[0]))
        except InvalidTermError as error:
            folder.refuse(error.problem.code, line.where, wording.id)
    return len(folder.problems) == before
