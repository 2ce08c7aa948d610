"""What staff send to make one-time links."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, HiddenField, IntegerField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange

from survey.forms.makers import MAX_MAP
from survey.forms.staff import MISSING, TOO_LONG, StaffForm

MOST_DAYS = 366


class LinksForm(StaffForm):
    """A file of dossiers, the point that hands the links out, and how long they are good."""

    diem = StringField(
        filters=[lambda text: (text or "").strip().upper()],
        validators=[InputRequired(MISSING), Length(max=40, message=TOO_LONG)],
    )
    tep = FileField(validators=[FileRequired(_l("Xin chọn tệp."))])
    ngay = IntegerField(
        default=90,
        validators=[
            InputRequired(_l("Xin ghi số ngày.")),
            NumberRange(1, MOST_DAYS, message=_l("Từ 1 đến 366 ngày.")),
        ],
    )
    bo_qua = BooleanField()
    ban_do = TextAreaField(validators=[Length(max=MAX_MAP, message=TOO_LONG)])


class ParcelForm(StaffForm):
    """What was seen, sealed; ``phan`` is the part of the slips, from 1."""

    goi = HiddenField(validators=[InputRequired(MISSING)])
    phan = IntegerField(default=1)
