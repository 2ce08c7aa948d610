"""The opening hours of a point: what holds, what is to come, and a new row from a day on."""

from __future__ import annotations

import datetime as dt
from http import HTTPStatus

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from survey.db import reading, writing
from survey.devices import hours
from survey.devices.fleet import DeviceError
from survey.devices.hours import USUAL, Timetable
from survey.forms.devices import HoursForm, week_values
from survey.office.devices_list import point_name
from survey.office.devices_words import DAY_NAMES
from survey.office.room import unit_words
from survey.register.snapshot import Point, Register
from survey.staff.deeds import now_milliseconds, record
from survey.staff.guard import Guard, current_officer, demand_unit, needs
from survey.web.texts import Lazy, gettext
from survey.web.texts import lazy_gettext as _l

ERRORS: dict[str, Lazy] = {
    "point": _l("Điểm này khi đó không còn mở."),
    "past": _l("Ngày này đã qua: chỉ đặt được từ hôm nay trở đi."),
    "hours": _l("Giờ ghi dạng 07:30, mỗi giờ sau giờ trước nó; để trống cả cặp nếu không mở."),
}


class OpeningHours:
    """The views, with what they need from the application."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard

    @needs("devices.read")
    def show(self, point: str) -> str:
        """Show the hours of a point, and a form with those that hold today."""
        register, found = self._point(point)
        _, today = self._guard.now()
        with reading(self._guard.engine) as connection:
            table = hours.timetable(connection, point)
        form = HoursForm(
            None, today=today, from_on=today, **week_values(table.week_on(today) or USUAL)
        )
        return self._page(register, found, table, form)

    @needs("devices.change")
    def change(self, point: str) -> Response:
        """Set hours from a day on, or take them back."""
        register, found = self._point(point)
        _, today = self._guard.now()
        form = HoursForm(today=today)
        is_sound = form.validate()
        week = None if "clear" in request.form else form.week
        if week is not None and _has_bad_day(form):
            is_sound = False
        if is_sound:
            try:
                self._set(register, found, week, form.from_on.data)
            except DeviceError as error:
                form.from_on.errors = [str(ERRORS[error.code])]
            else:
                flash(gettext("Đã ghi giờ mở cửa. Thiết bị nhận giờ mới khi nối mạng."))
                return redirect(url_for(".hours", point=point), code=303)
        with reading(self._guard.engine) as connection:
            table = hours.timetable(connection, point)
        page = self._page(register, found, table, form)
        return make_response(page, HTTPStatus.BAD_REQUEST)

    def _set(
        self, register: Register, point: Point, week: hours.Week | None, from_on: dt.date
    ) -> None:
        at = now_milliseconds()
        with writing(self._guard.engine) as connection:
            hours.set_hours(connection, register, point.code, week, from_on=from_on, at=at)
            record(
                connection,
                by=current_officer().name,
                deed="point.hours",
                unit=point.unit,
                subject=point.code,
                detail=f"{from_on} {hours.week_text(week)}",
                at=at,
            )

    def _point(self, code: str) -> tuple[Register, Point]:
        register, _ = self._guard.now()
        point = register.points.get(code)
        if point is None:
            abort(404)
        demand_unit(point.unit)
        return register, point

    def _page(self, register: Register, point: Point, table: Timetable, form: HoursForm) -> str:
        _, today = self._guard.now()
        return render_template(
            "office/device_hours.html",
            point=point,
            name=point_name(point),
            unit_name=unit_words(register, point.unit),
            is_open=point.valid_to is None or point.valid_to >= today,
            today=today,
            week=table.week_on(today),
            coming=[row for row in table.in_force() if row.from_on > today],
            usual=USUAL,
            form=form,
            day_names=DAY_NAMES,
            may_change=current_officer().may("devices.change"),
        )


def _has_bad_day(form: HoursForm) -> bool:
    """Say at the first input of each day what is wrong with it; tell whether any is."""
    is_bad = False
    for number, day in enumerate(form.week):
        try:
            hours.check_day(day)
        except DeviceError as error:
            form.inputs(number)[0].errors = [str(ERRORS[error.code])]
            is_bad = True
    return is_bad
