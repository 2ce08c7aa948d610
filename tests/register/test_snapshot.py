"""What a snapshot answers, for both cities alike."""

from __future__ import annotations

import csv
import datetime as dt
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

from survey.register.snapshot import Register
from survey.terms.questionnaire import same_structure
from survey.terms.response import UNCLASSIFIED
from tests.fixtures.databases import Databases
from tests.register.conftest import CITIES, HO_CHI_MINH, LONDON, loaded

LATE = dt.date(2026, 1, 2)


@pytest.fixture(scope="module", params=CITIES, ids=lambda folder: folder.name)
def register(databases: Databases, request: pytest.FixtureRequest) -> Iterator[Register]:
    """One city after the other."""
    yield from loaded(databases, request.param)


def rows_of(register: Register, name: str) -> list[dict[str, str]]:
    folder: Path = {"ho-chi-minh": HO_CHI_MINH, "london": LONDON}[register.city.code]
    with (folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_units_are_those_of_the_file(register: Register) -> None:
    first = register.city.languages[0]
    assert [
        (unit.code, unit.name, unit.kind, unit.parent or "", str(unit.valid_from))
        for unit in register.units.values()
    ] == sorted(
        (row["code"], row[f"name_{first}"], row["kind"], row["parent"], row["valid_from"])
        for row in rows_of(register, "units.csv")
    )


def test_a_unit_is_found_by_its_name_on_a_day_it_is_in_force(register: Register) -> None:
    for unit in register.units.values():
        decomposed = unicodedata.normalize("NFD", unit.name).upper()
        assert unit in register.unit_named(decomposed, unit.valid_from)
        assert unit not in register.unit_named(unit.name, unit.valid_from - dt.timedelta(1))
        if unit.valid_to is not None:
            assert unit in register.unit_named(unit.name, unit.valid_to)
            assert unit not in register.unit_named(unit.name, unit.valid_to + dt.timedelta(1))
    assert register.unit_named("Nowhere", LATE) == ()


def test_in_force_in_a_period_is_in_force_on_one_of_its_days(register: Register) -> None:
    first_on, last_on = dt.date(2025, 2, 1), dt.date(2025, 3, 31)
    days = [first_on + dt.timedelta(n) for n in range((last_on - first_on).days + 1)]
    units = {unit.code for unit in register.units_in_force(first_on, last_on)}
    assert units == {
        code for code in register.units if any(register.unit_on(code, day) for day in days)
    }
    fields = {field.code for field in register.fields_in_force(first_on, last_on)}
    assert fields == set(register.fields) - {UNCLASSIFIED}


def test_children_and_parents_agree(register: Register) -> None:
    for day in (dt.date(2023, 1, 2), dt.date(2025, 3, 1), LATE):
        for unit in register.units_in_force(day, day):
            assert (unit.parent is None) or unit.code in register.children(unit.parent, day)
            assert all(
                register.units[code].parent == unit.code
                for code in register.children(unit.code, day)
            )


def test_handled_and_handlers_agree(register: Register) -> None:
    for day in (dt.date(2023, 1, 2), dt.date(2025, 6, 30), dt.date(2025, 7, 1), LATE):
        by_unit = {
            (unit, field) for unit in register.units for field in register.handled(unit, day)
        }
        by_field = {
            (unit, field) for field in register.fields for unit in register.handlers(field, day)
        }
        assert by_unit == by_field
        assert all(register.unit_on(unit, day) for unit, _ in by_unit)
        assert {field for _, field in by_unit} == {
            field.code for field in register.fields_in_force(day, day)
        }


def test_every_unit_that_handles_fields_has_a_point(register: Register) -> None:
    with_point = {point.unit for point in register.points.values() if point.in_force(LATE)}
    assert with_point == {unit for unit in register.units if register.handled(unit, LATE)}


def test_a_point_that_ended_names_a_point_of_the_successor(register: Register) -> None:
    for point in register.points.values():
        if point.successor is not None:
            follower = register.points[point.successor]
            assert follower.unit in {each.successor for each in register.successors(point.unit)}


def test_every_language_has_the_same_structure(register: Register) -> None:
    for published in register.questionnaires.values():
        assert set(published.texts) == set(register.city.languages)
        assert published.sha256 == published.questionnaire.sha256
        for language, text in published.texts.items():
            assert text.language == language
            assert same_structure(published.questionnaire, text)
            assert published.text(language) is text
        assert published.text("xx") is published.questionnaire


def test_a_question_means_the_same_wherever_it_is_asked(register: Register) -> None:
    for published in register.questionnaires.values():
        for question in published.questionnaire.questions:
            assert register.question(question.id).text == question.text
            assert register.question(question.id).scale == question.scale
            assert published in register.questionnaires_with(question.id)
    with pytest.raises(KeyError):
        register.question("none/1")
    assert register.questionnaires_with("none/1") == ()


def test_the_phone_has_a_questionnaire_today(register: Register) -> None:
    published = register.questionnaire_in_force(register.city.phone_questionnaire, LATE)
    assert published is not None
    assert register.questionnaire_by_id(published.questionnaire.id) is published
    assert [question.required for question in published.questionnaire.questions].count(True) == 1
    assert register.questionnaire_in_force("none", LATE) is None
    assert register.questionnaire_by_id("none/1") is None


def test_rules_count_ratings_of_known_questions(register: Register) -> None:
    for rule in register.rules:
        for question_id in rule.questions:
            assert register.question(question_id).scale.satisfied_set


def test_a_unit_s_every_field_has_a_target(register: Register) -> None:
    bound = {
        (target.level, target.fields)
        for target in register.targets
        if target.measure == "field_ratings" and target.in_force(LATE)
    }
    assert bound == {("city", "each"), ("unit", "each"), ("unit", "all")}


def test_publishers_are_units_in_force(register: Register) -> None:
    for publisher in register.publishers:
        assert register.unit_on(publisher.unit, publisher.valid_from) is not None
    assert any(publisher.in_force(LATE) for publisher in register.publishers)


def test_names(register: Register) -> None:
    first = register.city.languages[0]
    for field in register.fields.values():
        assert register.field_name(field.code, first) == field.names[first]
        assert register.field_name(field.code, "xx") == field.names[first]
        for name in field.names.values():
            assert field in register.field_named(unicodedata.normalize("NFD", name), LATE)
    for unit in register.units.values():
        assert register.unit_name(unit.code, "xx") == unit.name
    assert register.unit_name("none", first) == register.field_name("none", first) == "none"
    assert register.field_named("none", LATE) == ()


def test_answers_without_a_field_have_a_place(register: Register) -> None:
    assert register.fields[UNCLASSIFIED].in_force(dt.date(1900, 1, 1))
    assert register.field_name(UNCLASSIFIED, register.city.languages[0])
    assert register.handlers(UNCLASSIFIED, LATE) == ()
