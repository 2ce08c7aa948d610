"""What staff type in the office: reasons, codes, decisions."""

from __future__ import annotations

import uuid

from flask_babel import lazy_gettext as _l
from wtforms import StringField, TextAreaField
from wtforms.validators import InputRequired, Length, ValidationError

from survey.forms.staff import MISSING, TOO_LONG, StaffForm
from survey.terms.receipt import normal_receipt
from survey.terms.response import clean_comment

MOST_REASON = 500

_LEAST_REASON = 5


def _clean(text: str | None) -> str:
    return clean_comment(text or "")


def _reason(_form: StaffForm, input: TextAreaField) -> None:
    if len(input.data) < _LEAST_REASON:
        raise ValidationError(_l("Xin nói rõ lý do: lý do được giữ mãi."))


class ReasonForm(StaffForm):
    """A reason, which is kept for ever."""

    reason = TextAreaField(
        filters=[_clean], validators=[_reason, Length(max=MOST_REASON, message=TOO_LONG)]
    )


class EraseForm(ReasonForm):
    """Whose comment is to be erased."""

    code = StringField(validators=[InputRequired(MISSING), Length(max=80, message=TOO_LONG)])

    def validate_code(self, input: StringField) -> None:
        """Thirteen characters, however they are typed."""
        if normal_receipt(input.data) is None:
            raise ValidationError(_l("Mã biên nhận gồm 13 chữ và số."))


class ProposeForm(ReasonForm):
    """What is to be voided: a rating by its receipt code or id, an import by its id."""

    target = StringField(validators=[InputRequired(MISSING), Length(max=80, message=TOO_LONG)])

    def validate_target(self, input: StringField) -> None:
        """A receipt code, or an id."""
        if normal_receipt(input.data) is None and self.target_id is None:
            raise ValidationError(_l("Đây không phải mã biên nhận, cũng không phải mã lần nhập."))

    @property
    def target_id(self) -> uuid.UUID | None:
        """The id that was typed, None where it is none."""
        try:
            return uuid.UUID((self.target.data or "").strip())
        except ValueError:
            return None


class DecideForm(ReasonForm):
    """What becomes of an item set aside; each decision has its own button."""

    decision = StringField()

    def validate_decision(self, input: StringField) -> None:
        """One of the two buttons."""
        if input.data not in ("released", "closed"):
            raise ValidationError(_l("Xin chọn đưa vào tính hoặc đóng lại."))
