"""What staff type to sign in and to keep accounts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import PasswordField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Regexp, ValidationError

from survey.forms.sent import SentForm

MAXIMUM_PASSWORD = 1000
"""Characters; more would only make the server work."""

MISSING = _l("Xin điền vào ô này.")
TOO_LONG = _l("Nội dung này quá dài.")


class StaffForm(SentForm):
    """A form of the desks, with its token against forgery."""

    @property
    def faults(self) -> list[tuple[str, str]]:
        """Every error with the id of its input, in the order of the page."""
        return [
            (name, str(texts[0]))
            for name, texts in self.errors.items()
            if name and name != "csrf_token" and texts
        ]

    @property
    def is_stale(self) -> bool:
        """Whether the page was open for too long, or comes from elsewhere."""
        return "csrf_token" in self.errors


class SignInForm(StaffForm):
    """Name and password."""

    name = StringField(validators=[InputRequired(MISSING), Length(max=80, message=TOO_LONG)])
    password = PasswordField(
        validators=[InputRequired(MISSING), Length(max=MAXIMUM_PASSWORD, message=TOO_LONG)]
    )


class OwnPasswordForm(StaffForm):
    """The old password, and the new one twice."""

    old = PasswordField(
        validators=[InputRequired(MISSING), Length(max=MAXIMUM_PASSWORD, message=TOO_LONG)]
    )
    new = PasswordField(
        validators=[
            InputRequired(MISSING),
            Length(min=12, message=_l("Mật khẩu cần ít nhất 12 ký tự.")),
            Length(max=MAXIMUM_PASSWORD, message=TOO_LONG),
        ]
    )
    again = PasswordField(validators=[InputRequired(MISSING)])

    def validate_again(self, field: PasswordField) -> None:
        """The same twice: nobody sees what they type."""
        if field.data != self.new.data:
            raise ValidationError(_l("Hai lần nhập mật khẩu mới không giống nhau."))


class PlaceForm(StaffForm):
    """What an account is for: a role, and the unit that the person works for.

    ``roles`` and ``units`` are pairs of code and name; the unit may be left out.
    """

    role = SelectField(validators=[InputRequired(MISSING)])
    unit = SelectField()

    def __init__(
        self, roles: Sequence[tuple[str, Any]], units: Sequence[tuple[str, str]], **values: Any
    ) -> None:
        super().__init__(**values)
        # nobody becomes an administrator because that stood first
        self.role.choices = [("", _l("– chọn vai trò –")), *roles]
        self.unit.choices = [("", _l("– toàn thành phố –")), *units]

    def validate_unit(self, field: SelectField) -> None:
        """An agency officer's rights are those over a unit."""
        if self.role.data == "agency" and not field.data:
            raise ValidationError(_l("Xin chọn cơ quan của cán bộ này."))


class AccountForm(PlaceForm):
    """A new account."""

    name = StringField(
        validators=[
            InputRequired(MISSING),
            Regexp(
                r"[a-z0-9][a-z0-9._-]{1,79}\Z",
                message=_l("Tên gồm 2 đến 80 chữ thường không dấu, chữ số, dấu . _ hoặc -."),
            ),
        ]
    )
