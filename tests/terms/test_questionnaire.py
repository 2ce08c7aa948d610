"""Questionnaires: sound or named, sealed by their content, the same in every language."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from survey.terms.problem import InvalidTermError
from survey.terms.questionnaire import (
    Option,
    Question,
    Questionnaire,
    Scale,
    check_questionnaire,
    check_scale,
    same_structure,
)

OPTIONS = (
    Option(2, "Có", "happy"),
    Option(1, "Không", "unhappy"),
    Option(0, "Không biết", "unknown", outside=True),
)
SCALE = Scale("yes-no/1", OPTIONS, (2,))
QUESTION = Question("form.overall/1", "Hài lòng?", SCALE, required=True)
FORM = Questionnaire("form/1", "vi", "Phiếu", (QUESTION,), comment="Ý kiến", dossier="Mã hồ sơ")


def with_scale(**changes: Any) -> Questionnaire:
    return with_question(scale=msgspec.structs.replace(SCALE, **changes))


def with_question(**changes: Any) -> Questionnaire:
    return with_form(questions=(msgspec.structs.replace(QUESTION, **changes),))


def with_form(**changes: Any) -> Questionnaire:
    return msgspec.structs.replace(FORM, **changes)


def test_a_sound_questionnaire_is_returned() -> None:
    assert check_questionnaire(FORM) is FORM
    assert check_scale(SCALE) is SCALE
    assert SCALE.outside_values == {0}
    assert FORM.question("form.overall/1") is QUESTION
    with pytest.raises(KeyError):
        FORM.question("form.overall/2")


@pytest.mark.parametrize(
    ("form", "code"),
    [
        (with_form(id="form"), "questionnaire_id"),
        (with_form(id="Form/1"), "questionnaire_id"),
        (with_form(id="form/0"), "questionnaire_id"),
        (with_form(id="form/1\n"), "questionnaire_id"),
        (with_form(title=""), "text"),
        (with_form(comment="a\nb"), "text"),
        (with_form(questions=(QUESTION, QUESTION)), "question_twice"),
        (with_form(questions=()), "rating_missing"),
        (with_question(role="about"), "rating_missing"),
        (with_question(id="overall"), "question_id"),
        (with_question(text="a\x00b"), "text"),
        (with_scale(id="yes-no"), "scale_id"),
        (with_scale(options=()), "option_twice"),
        (with_scale(options=(*OPTIONS, OPTIONS[0])), "option_twice"),
        (with_scale(options=(*OPTIONS, Option(-1, "x"))), "option_value"),
        (with_scale(options=(*OPTIONS, Option(1000, "x"))), "option_value"),
        (with_scale(options=(*OPTIONS, Option(3, ""))), "text"),
        (with_scale(options=(*OPTIONS, Option(3, "x", "smiling"))), "face"),
        (with_scale(satisfied_set=(3,)), "satisfied_set"),
        (with_scale(satisfied_set=(0, 2)), "satisfied_set"),
        (with_scale(satisfied_set=(2, 1)), "satisfied_set"),
        (with_scale(satisfied_set=()), "satisfied_set"),
    ],
)
def test_what_is_wrong_is_named(form: Questionnaire, code: str) -> None:
    with pytest.raises(InvalidTermError) as caught:
        check_questionnaire(form)
    assert caught.value.problem.code == code


@pytest.mark.parametrize(
    "form",
    [
        with_form(title="Phiếu khác"),
        with_question(text="Ông/Bà hài lòng?"),
        with_question(required=False),
        with_scale(satisfied_set=(1, 2)),
        with_scale(options=(OPTIONS[1], OPTIONS[0], OPTIONS[2])),
    ],
)
def test_another_content_has_another_seal(form: Questionnaire) -> None:
    assert form.sha256 != FORM.sha256


def test_a_translation_has_the_same_structure() -> None:
    english = Questionnaire(
        "form/1",
        "en",
        "Form",
        (
            Question(
                "form.overall/1",
                "Satisfied?",
                Scale(
                    "yes-no/1",
                    tuple(
                        msgspec.structs.replace(option, label=label)
                        for option, label in zip(OPTIONS, ("Yes", "No", "?"), strict=True)
                    ),
                    (2,),
                ),
                required=True,
            ),
        ),
        comment="Comment",
        dossier="Dossier",
    )
    assert same_structure(FORM, english)


@pytest.mark.parametrize(
    "form",
    [
        with_form(id="form/2"),
        with_form(comment=""),
        with_form(dossier=""),
        with_form(questions=()),
        with_question(id="form.overall/2"),
        with_question(choose="many"),
        with_question(required=False),
        with_question(role="about"),
        with_scale(id="yes-no/2"),
        with_scale(satisfied_set=(1,)),
        with_scale(options=OPTIONS[:2]),
        with_scale(options=(*OPTIONS[:2], msgspec.structs.replace(OPTIONS[2], outside=False))),
        with_scale(options=(*OPTIONS[:2], msgspec.structs.replace(OPTIONS[2], alert=True))),
        with_scale(options=(*OPTIONS[:2], msgspec.structs.replace(OPTIONS[2], face=""))),
    ],
)
def test_another_structure_is_seen(form: Questionnaire) -> None:
    assert not same_structure(FORM, form)
