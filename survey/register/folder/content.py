"""What a city folder says, as rows for the register's tables."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from survey.register.folder.fields import parse_fields, parse_groups
from survey.register.folder.files import Folder
from survey.register.folder.handling import parse_handling
from survey.register.folder.measures import parse_rules, parse_targets
from survey.register.folder.places import parse_break_marks, parse_points, parse_publishers
from survey.register.folder.questionnaires import parse_questionnaires
from survey.register.folder.rows import Row, Rows
from survey.register.folder.units import parse_units, succession_rows, unit_rows
from survey.terms.city import City, check_city
from survey.terms.problem import InvalidTermError, Problem

_NAMES_A_UNIT = ("parent_unknown", "successor_unknown", "unit_unknown", "kind_unknown")
_NAMES_A_FIELD = ("field_unknown", "level_unknown", "field_or_group_unknown")


class RegisterError(ValueError):
    """The register refuses a load; ``problems`` names every bad row, nothing was written."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("\n".join(map(str, problems)))


@dataclass(frozen=True)
class Content:
    """A checked city folder: ``rows`` by table name, ``digest`` over the files read."""

    city: City
    rows: Rows
    digest: str


def read_folder(path: Path) -> Content:
    """Read and check a whole city folder.

    Raises RegisterError naming file, row and value of each thing that is wrong.
    """
    folder = Folder(path)
    city = _city(folder)
    if city is None:
        raise RegisterError(folder.problems)
    rows = _rows(folder, city)
    folder.refuse_unknown_files()
    if folder.problems:
        raise RegisterError(folder.problems)
    return Content(city, rows, folder.digest())


def _rows(folder: Folder, city: City) -> Rows:
    languages = city.languages
    units = parse_units(folder, city)
    fields = parse_fields(folder, languages)
    groups = parse_groups(folder, languages, fields)
    questionnaires = parse_questionnaires(folder, city)
    rules = parse_rules(folder, questionnaires.questions)
    rows = {
        "unit": unit_rows(units, languages[0]),
        "succession": succession_rows(units),
        "field": [Row.of(line, _field_values(line.value)) for line in fields.values()],
        "field_group": [Row.of(line, msgspec.structs.asdict(line.value)) for line in groups],
        "unit_field": parse_handling(folder, units, fields),
        "reception_point": parse_points(folder, languages, units),
        "question": questionnaires.question_rows,
        "questionnaire": questionnaires.rows,
        "questionnaire_text": questionnaires.text_rows,
        "measure_rule": rules,
        "target": parse_targets(folder, rules, groups, fields),
        "obliged_publisher": parse_publishers(folder, units),
        "break_mark": parse_break_marks(folder, languages, units),
    }
    folder.forget_followers("units.csv", units, _NAMES_A_UNIT)
    folder.forget_followers("fields.csv", fields, _NAMES_A_FIELD)
    return rows


def _field_values(value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in ("code", "names", "valid_from", "valid_to")}


def _city(folder: Folder) -> City | None:
    raw = folder.toml("city.toml", required=True)
    if folder.problems:
        return None
    city = folder.convert("city.toml", raw, City)
    if city is None:
        return None
    try:
        return check_city(city)
    except InvalidTermError as error:
        folder.problems.append(error.problem)
        return None
