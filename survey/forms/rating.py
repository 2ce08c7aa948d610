"""The rating form: one required question, everything else optional, built from a questionnaire."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.i18n import DummyTranslations
from wtforms.validators import StopValidation, ValidationError

from survey.forms.sent import SentForm
from survey.terms.dossier import has_shape, normal_code
from survey.terms.questionnaire import Option, Question, Questionnaire
from survey.terms.response import MAX_COMMENT, clean_comment

_NO_TRANSLATIONS = DummyTranslations()


class _Form(SentForm):
    """No cookie and so no session: the signed token in the address stands in for CSRF."""

    class Meta:
        csrf = False

        def get_translations(self, _form: FlaskForm) -> DummyTranslations:
            """Return none: every message is our own, and a lookup a question takes its time."""
            return _NO_TRANSLATIONS


@dataclass(frozen=True)
class Group:
    """Options under one heading (the factor of a reason); "" where there is none."""

    name: str
    options: tuple[Option, ...]


@dataclass(frozen=True)
class Asked:
    """A question with the input that holds its answer."""

    question: Question
    input: Field

    @property
    def groups(self) -> Iterator[Group]:
        """The options in their groups, in the order of the scale."""
        names = dict.fromkeys(option.group for option in self.question.scale.options)
        for name in names:
            members = (each for each in self.question.scale.options if each.group == name)
            yield Group(name, tuple(members))

    def is_chosen(self, option: Option) -> bool:
        """Tell whether the person chose this option before."""
        return str(option.value) in _as_list(self.input.data)


class RatingForm:
    """A questionnaire with what a person typed into it."""

    def __init__(self, questionnaire: Questionnaire, dossier_pattern: str, example: str) -> None:
        self.questionnaire = questionnaire
        self.inputs: FlaskForm = _inputs(questionnaire, dossier_pattern, example)()

    @property
    def asked(self) -> list[Asked]:
        """The questions with their inputs, in order."""
        return [
            Asked(question, self.inputs[f"q{place}"])
            for place, question in enumerate(self.questionnaire.questions)
        ]

    def validate(self) -> bool:
        """Tell whether what was typed is complete and sound; errors then stand at the inputs."""
        return bool(self.inputs.validate())

    @property
    def answers(self) -> dict[str, tuple[int, ...]]:
        """The chosen values by question id, ascending; questions left out are not there.

        To be read after :meth:`validate` said yes.
        """
        chosen = {}
        for asked in self.asked:
            values = _as_list(asked.input.data)
            if values:
                chosen[asked.question.id] = tuple(sorted({int(value) for value in values}))
        return chosen

    @property
    def errors(self) -> list[tuple[str, str]]:
        """Every error with the id of its input, in the order of the page.

        Where several questions need an answer, each error says to which it belongs.
        """
        of = {each.input.name: f"{each.question.text} " for each in self.asked}
        if sum(each.question.required for each in self.asked) < 2:
            of = {}
        return [
            (name, f"{of.get(name, '')}{texts[0]}")
            for name, texts in self.inputs.errors.items()
            if name and texts
        ]

    @property
    def has_more(self) -> bool:
        """Whether anything optional was filled in or is wrong: it must then be in sight."""
        optional = [asked.input for asked in self.asked if not asked.question.required]
        texts = [self.inputs[name] for name in ("comment", "dossier") if name in self.inputs]
        return any(each.data or each.errors for each in (*optional, *texts))

    @property
    def comment(self) -> str:
        """The comment, cleaned, or an empty text."""
        return clean_comment(self.inputs["comment"].data or "") if "comment" in self.inputs else ""

    @property
    def dossier_code(self) -> str:
        """The dossier code in normal form, or an empty text."""
        return normal_code(self.inputs["dossier"].data or "") if "dossier" in self.inputs else ""


@lru_cache(maxsize=32)
def _inputs(questionnaire: Questionnaire, pattern: str, example: str) -> type[FlaskForm]:
    """Make the class of a questionnaire's inputs, once for each version and language."""
    attributes: dict[str, Any] = {
        f"q{place}": _INPUTS[question.choose](question)
        for place, question in enumerate(questionnaire.questions)
    }
    if questionnaire.comment:
        attributes["comment"] = TextAreaField(validators=[_comment_length])
    if questionnaire.dossier:
        attributes["dossier"] = StringField(validators=[_dossier_shape(pattern, example)])
    return type("Inputs", (_Form,), attributes)


def _one(question: Question) -> RadioField:
    # the template draws the options; what may be chosen is checked by ``_known``
    validators = [_required, _known(question)] if question.required else [_known(question)]
    return RadioField(choices=[], validators=validators, validate_choice=False)


def _many(question: Question) -> SelectMultipleField:
    return SelectMultipleField(choices=[], validators=[_known(question)], validate_choice=False)


_INPUTS: dict[str, Callable[[Question], Field]] = {"one": _one, "many": _many}


def _required(_form: FlaskForm, field: Field) -> None:
    if not field.data:
        raise StopValidation(_l("Xin Quý Ông/Bà chọn một mức."))


def _known(question: Question) -> Callable[[FlaskForm, Field], None]:
    values = {str(value) for value in question.scale.values}

    def check(_form: FlaskForm, field: Field) -> None:
        if not set(_as_list(field.data)) <= values:
            raise ValidationError(_l("Lựa chọn này không có trong phiếu. Xin chọn lại."))

    return check


def _as_list(data: Any) -> list[str]:
    if not data:
        return []
    return data if isinstance(data, list) else [data]


def _comment_length(_form: FlaskForm, field: Field) -> None:
    length = len(clean_comment(field.data or ""))
    if length > MAX_COMMENT:
        raise ValidationError(
            _l(
                "Ý kiến dài %(length)s ký tự; tối đa %(maximum)s. Xin Quý Ông/Bà viết ngắn hơn.",
                length=length,
                maximum=MAX_COMMENT,
            )
        )


def _dossier_shape(pattern: str, example: str) -> Callable[[FlaskForm, Field], None]:
    def check(_form: FlaskForm, field: Field) -> None:
        code = normal_code(field.data or "")
        if code and not has_shape(code, pattern):
            raise ValidationError(
                _l(
                    "Mã hồ sơ không đúng dạng (ví dụ %(example)s). Xin kiểm tra lại hoặc để trống.",
                    example=example,
                )
            )

    return check
