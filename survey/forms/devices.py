"""What staff type at the device desk: a new device, another place, opening hours."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import DateField, HiddenField, RadioField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Regexp, ValidationError

from survey.forms.staff import MISSING, TOO_LONG, StaffForm
from survey.terms.response import clean_comment

MOST_NAME = 80
DAYS, TIMES = 7, 4


class MoveForm(StaffForm):
    """Where a device is to stand; ``points`` are pairs of code and name."""

    point = SelectField(validators=[InputRequired(MISSING)])

    def __init__(self, points: Sequence[tuple[str, str]], **values: Any) -> None:
        super().__init__(**values)
        self.point.choices = [("", _l("– chọn điểm tiếp nhận –")), *points]


class DeviceForm(MoveForm):
    """A new device. ``new`` is its id: the form that is sent twice makes one device."""

    kind = RadioField(validators=[InputRequired(MISSING)])
    name = StringField(
        filters=[lambda text: clean_comment(text or "")],
        validators=[
            InputRequired(MISSING),
            Length(max=MOST_NAME, message=TOO_LONG),
            Regexp(r"[^\n]+\Z", message=MISSING),
        ],
    )
    new = HiddenField()

    def __init__(
        self, points: Sequence[tuple[str, str]], kinds: Sequence[tuple[str, Any]], **values: Any
    ) -> None:
        super().__init__(points, **values)
        self.kind.choices = list(kinds)

    @property
    def new_id(self) -> uuid.UUID:
        """The id that the form came with; another one where somebody changed it."""
        try:
            return uuid.UUID(self.new.data or "")
        except ValueError:
            return uuid.uuid4()


class HoursForm(StaffForm):
    """From when on a point is open when: four times a day, of which none, two or all are typed."""

    from_on = DateField(validators=[InputRequired(_l("Xin chọn một ngày."))])

    def __init__(self, *words: Any, today: dt.date, **named: Any) -> None:
        super().__init__(*words, **named)
        self._today = today

    def validate_from_on(self, field: DateField) -> None:
        """What has passed stays as it was."""
        if field.data is not None and field.data < self._today:
            raise ValidationError(_l("Ngày này đã qua: chỉ đặt được từ hôm nay trở đi."))

    def inputs(self, day: int) -> list[StringField]:
        """Return the four inputs of a day, 0 for Monday."""
        return [self[_input(day, place)] for place in range(TIMES)]

    @property
    def week(self) -> tuple[tuple[tuple[str, str], ...], ...]:
        """The spans of each day, Monday first, as they were typed."""
        return tuple(self._spans(day) for day in range(DAYS))

    def _spans(self, day: int) -> tuple[tuple[str, str], ...]:
        times = [(each.data or "").strip() for each in self.inputs(day)]
        pairs = ((times[0], times[1]), (times[2], times[3]))
        return tuple(pair for pair in pairs if any(pair))


def week_values(week: Sequence[Sequence[tuple[str, str]]]) -> dict[str, str]:
    """Return the values with which a form shows a week."""
    return {
        _input(day, place): time
        for day, spans in enumerate(week)
        for place, time in enumerate(time for span in spans for time in span)
    }


def _input(day: int, place: int) -> str:
    return f"time_{day}_{place}"


for _day in range(DAYS):
    for _place in range(TIMES):
        setattr(HoursForm, _input(_day, _place), StringField(validators=[Length(max=5)]))
