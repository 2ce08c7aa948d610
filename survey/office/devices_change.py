"""Changing devices: a new one, a new code, another place, and the end of it."""

from __future__ import annotations

import datetime as dt
import uuid
from http import HTTPStatus

from flask import flash, make_response, redirect, render_template, url_for
from sqlalchemy.engine import Connection
from werkzeug.wrappers import Response

from survey.db import reading, writing
from survey.devices import fleet
from survey.devices.enrol import CODE_MINUTES, make_code
from survey.devices.fleet import Device, DeviceError
from survey.forms.devices import DeviceForm, MoveForm
from survey.forms.staff import StaffForm
from survey.office.devices_list import find, point_name, spoken
from survey.office.devices_words import KINDS
from survey.office.room import unit_words
from survey.register.snapshot import Register
from survey.staff.deeds import now_milliseconds, record
from survey.staff.guard import Guard, current_officer, needs
from survey.terms.name import search_key
from survey.web.texts import Lazy, gettext
from survey.web.texts import lazy_gettext as _l

ERRORS: dict[str, Lazy] = {
    "kind": _l("Xin chọn loại thiết bị."),
    "name": _l("Xin đặt tên cho thiết bị."),
    "point": _l("Hôm nay không có điểm tiếp nhận này."),
    "placed": _l("Thiết bị đang đứng ở điểm này."),
    "revoked": _l("Thiết bị này đã bị thu hồi."),
    "enrolled": _l("Thiết bị này đã kích hoạt. Mất khóa thì thu hồi và lập thiết bị mới."),
}


class Changes:
    """The views, with what they need from the application."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard

    @needs("devices.change")
    def new(self) -> str:
        """Ask what the new device is and where it stands."""
        form = DeviceForm(self._points(), list(KINDS.items()), new=str(uuid.uuid4()))
        return render_template("office/device_new.html", form=form)

    @needs("devices.change")
    def add(self) -> Response:
        """Make a device and show its one-time code, here and nowhere else."""
        form = DeviceForm(self._points(), list(KINDS.items()))
        if not form.validate():
            return _bad("office/device_new.html", form=form)
        new, at = form.new_id, now_milliseconds()
        try:
            with writing(self._guard.engine) as connection:
                register = self._guard.registers.get(connection)
                kind, name, point = form.kind.data, form.name.data, form.point.data
                fleet.create_device(
                    connection, register, kind=kind, point=point, name=name, at=at, new_id=new
                )
                self._record(connection, "device.add", new, f"{kind} {point} {name}", at)
                page = self._code(connection, new, at)
        except DeviceError as error:
            if error.code == "there":  # the form was sent twice: one device is enough
                return redirect(url_for(".one", device=new), code=303)
            form[error.code].errors = [str(ERRORS[error.code])]
            return _bad("office/device_new.html", form=form)
        return page

    @needs("devices.change")
    def code(self, device: uuid.UUID) -> Response:
        """Show a new one-time code; the old one is worth nothing from now on."""
        at = now_milliseconds()
        try:
            with writing(self._guard.engine) as connection:
                find(connection, device)
                return self._code(connection, device, at)
        except DeviceError as error:
            return self._refused(device, error)

    @needs("devices.change")
    def ask_move(self, device: uuid.UUID) -> str:
        """Ask where the device is to stand from now on."""
        return self._page("office/device_move.html", device, MoveForm(self._points()))

    @needs("devices.change")
    def move(self, device: uuid.UUID) -> Response:
        """Let the device stand elsewhere; its old ratings stay where they were given."""
        form = MoveForm(self._points())
        if not form.validate():
            page = self._page("office/device_move.html", device, form)
            return make_response(page, HTTPStatus.BAD_REQUEST)
        at, point = now_milliseconds(), form.point.data
        try:
            with writing(self._guard.engine) as connection:
                find(connection, device)
                register = self._guard.registers.get(connection)
                before = fleet.placements(connection, device)[-1].point
                fleet.move(connection, register, device, point, at=at)
                self._record(connection, "device.move", device, f"{before} → {point}", at)
        except DeviceError as error:
            form.point.errors = [str(ERRORS[error.code])]
            page = self._page("office/device_move.html", device, form)
            return make_response(page, HTTPStatus.CONFLICT)
        flash(gettext("Đã chuyển. Phiếu cũ vẫn thuộc điểm cũ."))
        return redirect(url_for(".one", device=device), code=303)

    @needs("devices.change")
    def ask_revoke(self, device: uuid.UUID) -> str:
        """Ask once more: a device that is revoked never comes back."""
        return self._page("office/device_revoke.html", device, StaffForm())

    @needs("devices.change")
    def revoke(self, device: uuid.UUID) -> Response:
        """Trust the device no longer, for good."""
        at = now_milliseconds()
        try:
            with writing(self._guard.engine) as connection:
                find(connection, device)
                fleet.revoke(connection, device, at=at)
                self._record(connection, "device.revoke", device, "", at)
        except DeviceError as error:
            return self._refused(device, error)
        flash(gettext("Đã thu hồi thiết bị."))
        return redirect(url_for(".one", device=device), code=303)

    def _code(self, connection: Connection, device: uuid.UUID, at: int) -> Response:
        code = make_code(connection, self._guard.settings.secret_key, device, at=at)
        self._record(connection, "device.code", device, "", at)
        page = render_template(
            "office/device_code.html",
            device=find(connection, device),
            code=code,
            minutes=CODE_MINUTES,
            until=self._guard.moment(at + CODE_MINUTES * 60_000),
            kiosk=f"{self._guard.settings.public_url}/kiosk/",
        )
        return make_response(page)

    def _record(
        self, connection: Connection, deed: str, device: uuid.UUID, detail: str, at: int
    ) -> None:
        point = fleet.placements(connection, device)[-1].point
        found = self._guard.registers.get(connection).points.get(point)
        record(
            connection,
            by=current_officer().name,
            deed=deed,
            unit=found.unit if found is not None else None,
            subject=str(device),
            detail=detail,
            at=at,
        )

    def _page(self, template: str, device: uuid.UUID, form: StaffForm) -> str:
        found, point = self._place(device)
        register, _ = self._guard.now()
        return render_template(template, device=found, point=point, form=form, **spoken(register))

    def _place(self, device: uuid.UUID) -> tuple[Device, str]:
        with reading(self._guard.engine) as connection:
            found = find(connection, device)
            return found, fleet.placements(connection, device)[-1].point

    def _points(self) -> list[tuple[str, str]]:
        register, today = self._guard.now()
        return point_choices(register, today)

    def _refused(self, device: uuid.UUID, error: DeviceError) -> Response:
        flash(str(ERRORS[error.code]), "error")
        return redirect(url_for(".one", device=device), code=303)


def point_choices(register: Register, today: dt.date) -> list[tuple[str, str]]:
    """Return the points in force as code and name, by unit and name."""
    named = [
        (point.code, f"{unit_words(register, point.unit)} · {point_name(point)} ({point.code})")
        for point in register.points.values()
        if point.in_force(today)
    ]
    return sorted(named, key=lambda pair: search_key(pair[1]))


def _bad(template: str, form: StaffForm) -> Response:
    return make_response(render_template(template, form=form), HTTPStatus.BAD_REQUEST)
