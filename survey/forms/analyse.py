"""The analysts' filter: what stands in the address, checked as far as words alone allow.

What was typed stands in messages: they are plain texts, since lazy ones pass for safe HTML.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, SelectField, StringField
from wtforms.i18n import DummyTranslations
from wtforms.validators import Length, ValidationError

from survey.terms.period import Period, parse_period
from survey.terms.problem import InvalidTermError
from survey.terms.series import check_pattern

MOST_TYPED = 2000
MOST_PERIODS, MOST_MONTHS = 24, 60
MOST_NAMES, MOST_PATTERNS = 60, 20

NAMES = ("ky", "don_vi", "linh_vuc", "cau_hoi", "chuoi", "theo", "xep")
"""What the filter reads from the address; anything else there is left alone."""

AXES = {
    "linh_vuc": _l("lĩnh vực"),
    "don_vi": _l("đơn vị"),
    "thang": _l("tháng"),
    "chuoi": _l("nguồn"),
    "nguoi_cam": _l("người cầm thiết bị"),
    "kenh": _l("kênh"),
    "khong": _l("không chia"),
}
ORDERS = ("ten", "ty_le", "so", "thap")
"""By name, rate, number of ratings, the interval's lower end; ``-`` before it: descending."""

_NO_TRANSLATIONS = DummyTranslations()
_SEPARATOR = re.compile(r"[,;\n]")


def split(text: str | None) -> tuple[str, ...]:
    """Return the parts of a list as typed: between commas, semicolons or lines, each once.

    >>> split(" 26740C, 26737C;26740C,, ")
    ('26740C', '26737C')
    """
    parts = (part.strip() for part in _SEPARATOR.split(text or ""))
    return tuple(dict.fromkeys(part for part in parts if part))


def _periods(_form: FlaskForm, input: Field) -> None:
    """Refuse what is no period, and more months than one page can hold."""
    texts = split(input.data)
    found = [_period(text) for text in texts]
    wrong = [text for text, period in zip(texts, found, strict=True) if period is None]
    if wrong:
        raise ValidationError(
            gettext(
                "Không hiểu kỳ “%(given)s”. Viết 2026-10, 2026-Q3, 2026 hoặc 2026-01..2026-06.",
                given=wrong[0][:40],
            )
        )
    months = sum(len(period.months) for period in found if period is not None)
    if len(found) > MOST_PERIODS or months > MOST_MONTHS:
        raise ValidationError(
            gettext(
                "Nhiều nhất %(periods)s kỳ, tổng cộng %(months)s tháng.",
                periods=MOST_PERIODS,
                months=MOST_MONTHS,
            )
        )


def _period(text: str) -> Period | None:
    try:
        period = parse_period(text)
    except InvalidTermError:
        return None
    # A run may be longer than anybody waits for; its months are not even listed.
    years = int(period.last[:4]) - int(period.first[:4])
    return period if years <= MOST_MONTHS // 12 else None


def _at_most(number: int) -> Callable[[FlaskForm, Field], None]:
    def check(_form: FlaskForm, input: Field) -> None:
        if len(split(input.data)) > number:
            raise ValidationError(gettext("Nhiều nhất %(number)s mục.", number=number))

    return check


def _patterns(_form: FlaskForm, input: Field) -> None:
    for text in split(input.data):
        try:
            check_pattern(text)
        except InvalidTermError as error:
            raise ValidationError(
                gettext(
                    "Không hiểu nguồn “%(given)s”. Viết nguồn/kênh/người cầm/bảo đảm, dấu * là bất"
                    " kỳ, ví dụ own/kiosk/*/*.",
                    given=text[:60],
                )
            ) from error


_LONGEST = Length(max=MOST_TYPED, message=_l("Quá dài."))


class FilterForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """A form that is sent by GET, so that every view has an address; it changes nothing."""

    class Meta:
        csrf = False

        def get_translations(self, _form: FlaskForm) -> DummyTranslations:
            """Return none: every message is our own."""
            return _NO_TRANSLATIONS

    ky = StringField(_l("Kỳ"), [_LONGEST, _periods])
    don_vi = StringField(_l("Đơn vị"), [_LONGEST, _at_most(MOST_NAMES)])
    linh_vuc = StringField(_l("Lĩnh vực"), [_LONGEST, _at_most(MOST_NAMES)])
    cau_hoi = SelectField(_l("Câu hỏi"), validate_choice=False)
    chuoi = StringField(_l("Nguồn"), [_LONGEST, _at_most(MOST_PATTERNS), _patterns])
    theo = SelectField(_l("Chia theo"), validate_choice=False)
    xep = StringField(_l("Sắp xếp"))

    def validate_theo(self, input: Field) -> None:
        """Refuse an axis that there is not."""
        if input.data and input.data not in AXES:
            raise ValidationError(
                gettext("Không chia được theo “%(given)s”.", given=input.data[:40])
            )

    def validate_cau_hoi(self, input: Field) -> None:
        """Refuse a question that nobody was asked."""
        if input.data and input.data not in {value for value, _ in input.choices}:
            raise ValidationError(gettext("Không có câu hỏi “%(given)s”.", given=input.data[:60]))

    def validate_xep(self, input: Field) -> None:
        """Refuse an order that there is not."""
        if input.data and input.data.removeprefix("-") not in ORDERS:
            raise ValidationError(
                gettext("Không sắp xếp được theo “%(given)s”.", given=input.data[:40])
            )

    @property
    def periods(self) -> tuple[Period, ...]:
        """The periods as given, each once; none where none was typed."""
        return tuple(parse_period(text) for text in split(self.ky.data))


def filter_form(given: Mapping[str, str], questions: Sequence[tuple[str, str]]) -> FilterForm:
    """Return the form with what the address gives, a text a name.

    ``given`` is a mapping as Werkzeug makes them; ``questions`` are ids with their texts.
    """
    form: Any = FilterForm(formdata=given)
    form.cau_hoi.choices = [("", _l("mọi câu hỏi")), *questions]
    form.theo.choices = [("", _l("tự chọn")), *AXES.items()]
    return form  # type: ignore[no-any-return]
