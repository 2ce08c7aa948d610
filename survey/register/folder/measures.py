"""``measure_rules.toml`` and ``targets.toml``: what is summed, and against what it is held."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

import msgspec

from survey.register.folder.fields import Fields, GroupLine
from survey.register.folder.files import Folder, Line
from survey.register.folder.rows import Row, refuse_overlaps
from survey.terms.canonical import canonical_json
from survey.terms.measure import DOSSIER_MEASURES, MeasureRule, Target
from survey.terms.questionnaire import Question

_Term = TypeVar("_Term", MeasureRule, Target)


def parse_rules(folder: Folder, questions: Mapping[str, Question]) -> list[Row]:
    """Return the rows of the table ``measure_rule``.

    Refuses two rules of one measure on one day, and a question that is unknown or no rating.
    """
    lines = folder.items("measure_rules.toml", "rule", MeasureRule)
    refuse_overlaps(folder, lines, lambda rule: rule.measure)
    for line in lines:
        for id_ in line.value.questions:
            if id_ not in questions:
                folder.refuse("question_unknown", line.where, id_)
            elif questions[id_].role != "rating":
                folder.refuse("question_no_rating", line.where, id_)
    return [Row.of(line, _values(line.value, "measure")) for line in lines]


def parse_targets(
    folder: Folder, rules: Iterable[Row], groups: Iterable[Line[GroupLine]], fields: Fields
) -> list[Row]:
    """Return the rows of the table ``target``.

    Refuses a measure without a rule, an unknown group or field, and two targets of one measure,
    level and fields on one day.
    """
    lines = folder.items("targets.toml", "target", Target)
    refuse_overlaps(folder, lines, lambda target: (target.measure, target.level, target.fields))
    measures = {row.values["measure"] for row in rules} | set(DOSSIER_MEASURES)
    names = {line.value.code for line in groups}
    for line in lines:
        if line.value.measure not in measures:
            folder.refuse("measure_unknown", line.where, line.value.measure)
        selector = line.value.selector
        known = fields if selector.kind == "field" else names
        for name in selector.names:
            if name not in known:
                folder.refuse("field_or_group_unknown", line.where, name)
    return [Row.of(line, _values(line.value, "measure", "level", "fields")) for line in lines]


def _values(term: _Term, *columns: str) -> dict[str, Any]:
    document = msgspec.structs.replace(term, valid_to=None)
    return {
        **{column: getattr(term, column) for column in columns},
        "valid_from": term.valid_from,
        "valid_to": term.valid_to,
        "document": canonical_json(document).decode(),
    }
