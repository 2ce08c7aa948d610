"""What staff type to make a release, and to bring a file in."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, Regexp, ValidationError

from survey.forms.staff import MISSING, TOO_LONG, StaffForm
from survey.terms.period import Period, parse_period
from survey.terms.problem import InvalidTermError

MAX_MAP = 100_000
"""Characters of a map."""

FIRST_YEAR, MOST_MONTHS = 2000, 60

_NO_NUL = Regexp(r"[^\x00]*\Z", message=_l("Nội dung này có ký tự không lưu được."))

KINDS = (
    ("ratings", _l("Từng đánh giá")),
    ("counts", _l("Tổng số đánh giá")),
    ("dossiers", _l("Số hồ sơ")),
)
"""Kinds of imports, in their own words and those of people."""


class ReleaseForm(StaffForm):
    """A period, whether it is preliminary, and why it is made anew.

    ``today`` is the city's day, to refuse what has not begun.
    """

    ky = StringField(validators=[InputRequired(MISSING), Length(max=20, message=TOO_LONG)])
    tam_tinh = BooleanField()
    ly_do = StringField(validators=[Length(max=500, message=TOO_LONG), _NO_NUL])
    lan = HiddenField(validators=[Optional(), Regexp(r"[0-9]{1,6}\Z")])

    def __init__(self, *words: Any, today: dt.date, **named: Any) -> None:
        super().__init__(*words, **named)
        self._today = today

    @property
    def period(self) -> Period:
        """The period, of a form that was found right."""
        return parse_period(self.ky.data.strip())

    def validate_ky(self, field: StringField) -> None:
        """A period that exists, has begun and can be computed."""
        try:
            period = parse_period(field.data.strip())
        except InvalidTermError as error:
            raise ValidationError(
                _l("Không phải một kỳ. Ví dụ: 2026-10, 2026-Q3, 2026, 2023-07..2024-04.")
            ) from error
        if period.first_on > self._today:
            raise ValidationError(_l("Kỳ này chưa bắt đầu."))
        if period.first_on.year < FIRST_YEAR or _months(period) > MOST_MONTHS:
            raise ValidationError(_l("Kỳ này quá dài hoặc quá xa trước đây."))


def _months(period: Period) -> int:
    first, last = period.first_on, period.last_on
    return 12 * (last.year - first.year) + last.month - first.month + 1


class MapForm(StaffForm):
    """What the file holds and what its columns mean."""

    loai = SelectField(choices=KINDS)
    ban_do = TextAreaField(validators=[Length(max=MAX_MAP, message=TOO_LONG), _NO_NUL])
    de_rieng = BooleanField()


class UploadForm(MapForm):
    """A file, and a map that was saved or is typed. ``saved`` is name → kind."""

    tep = FileField(validators=[FileRequired(_l("Xin chọn tệp."))])
    da_luu = SelectField(validate_choice=False)

    def __init__(self, *words: Any, saved: dict[str, str], **named: Any) -> None:
        super().__init__(*words, **named)
        self._saved = saved
        self.da_luu.choices = [("", _l("nhập ở ô bên dưới")), *((name, name) for name in saved)]

    def validate_da_luu(self, field: SelectField) -> None:
        """A map that is there and of the kind that was chosen."""
        name = field.data or ""
        if name and name not in self._saved:
            raise ValidationError(_l("Không có bản đồ cột này."))
        if name and self._saved[name] != self.loai.data:
            raise ValidationError(_l("Bản đồ cột này dành cho loại tệp khác."))

    def validate_ban_do(self, field: TextAreaField) -> None:
        """One of the two maps must be there."""
        if not self.da_luu.data and not (field.data or "").strip():
            raise ValidationError(_l("Xin chọn bản đồ cột đã lưu hoặc nhập bản đồ cột."))


class CommitForm(StaffForm):
    """What was seen when the import was said to be right."""

    da_xem = HiddenField(validators=[InputRequired(MISSING)])


class SaveMapForm(StaffForm):
    """The name that a map is saved under."""

    ten = StringField(
        validators=[InputRequired(MISSING), Length(max=80, message=TOO_LONG), _NO_NUL]
    )
