"""Releases: the list, the preview of the next, and making it."""

from __future__ import annotations

import datetime as dt
from http import HTTPStatus
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy.engine import Connection
from werkzeug.wrappers import Response as BaseResponse

from survey.db import reading
from survey.forms.makers import ReleaseForm
from survey.office.preview import Published, tell
from survey.publish.editions import Release, all_rates, all_timeliness, releases
from survey.publish.release import Preview, ReleaseRefusedError, make_release, preview_release
from survey.register.snapshot import Register
from survey.staff.deeds import record
from survey.staff.guard import Guard, current_officer, needs
from survey.terms.period import Period, month_of, parse_period, quarter_of
from survey.web import numbers
from survey.web.texts import gettext
from survey.web.texts import lazy_gettext as _l

REFUSALS = {
    "not_begun": _l("Kỳ này chưa bắt đầu."),
    "not_ended": _l("Kỳ này chưa kết thúc: chỉ công bố tạm tính được."),
    "ended": _l("Kỳ này đã kết thúc: không công bố tạm tính nữa."),
    "reason_missing": _l("Kỳ này đã công bố: xin ghi lý do của lần công bố mới."),
    "overlap": _l(
        "Kỳ này trùng một phần với kỳ đã công bố: hiệu của hai kỳ sẽ làm lộ những số nhỏ."
    ),
    "other_edition": _l("Có người vừa công bố kỳ này. Xin xem trước lại."),
}
"""Why a release is refused, in the codes of ReleaseRefusedError."""

FIELD_OF = {"reason_missing": "ly_do", "not_ended": "tam_tinh", "ended": "tam_tinh"}


class Releases:
    """The views of releases."""

    def __init__(self, guard: Guard) -> None:
        self._engine, self._registers = guard.engine, guard.registers

    def add_to(self, blueprint: Blueprint) -> None:
        """Add the views to a blueprint."""
        add = blueprint.add_url_rule
        add("/quan-tri/cong-bo", "releases", self.show, methods=["GET"])
        add("/quan-tri/cong-bo/xem-truoc", "preview", self.preview, methods=["GET"])
        add("/quan-tri/cong-bo", "make_release", self.make, methods=["POST"])

    @needs("releases.read")
    def show(self) -> str:
        """List what was released, and offer the next."""
        register, now = self._now()
        form = ReleaseForm(None, today=_today(register, now), meta={"csrf": False})
        return self._page(register, form, now)

    @needs("releases.read")
    def preview(self) -> tuple[str, int] | str:
        """Say what a release would say; nothing is written, nobody waits."""
        register, now = self._now()
        form = ReleaseForm(request.args, today=_today(register, now), meta={"csrf": False})
        if not form.validate():
            return self._page(register, form, now), 400
        try:
            found = preview_release(
                self._engine,
                register,
                form.period,
                now=now,
                preliminary=form.tam_tinh.data,
                reason=form.ly_do.data or "",
            )
        except ReleaseRefusedError as error:
            return self._refused(register, form, now, error)
        return render_template(
            "office/preview.html",
            form=form,
            period=numbers.period_name(form.period),
            edition=found.edition.number,
            preview=found,
            told=tell(register, found, self._published(found)),
            count=numbers.count,
        )

    @needs("releases.make")
    def make(self) -> BaseResponse | tuple[str, int]:
        """Make a release: the one that was previewed, or none."""
        register, now = self._now()
        form = ReleaseForm(today=_today(register, now))
        if not form.validate():
            return self._page(register, form, now), 400
        officer = current_officer()

        def note(connection: Connection, made: Release) -> None:
            record(
                connection,
                by=officer.name,
                deed="release.make",
                unit=officer.unit,
                subject=f"{made.period}/{made.edition}",
                detail=made.reason,
                at=int(now.timestamp() * 1000),
            )

        try:
            made = make_release(
                self._engine,
                register,
                form.period,
                now=now,
                preliminary=form.tam_tinh.data,
                reason=form.ly_do.data or "",
                number=int(form.lan.data) if form.lan.data else None,
                also=note,
            )
        except ReleaseRefusedError as error:
            return self._refused(register, form, now, error)
        return redirect(url_for("makers.releases", moi=f"{made.period}/{made.edition}"), code=303)

    def _now(self) -> tuple[Register, dt.datetime]:
        return self._registers.current(self._engine), dt.datetime.now(dt.UTC)

    def _published(self, preview: Preview) -> Published | None:
        if preview.before is None:
            return None
        with reading(self._engine) as connection:
            rates = all_rates(connection, preview.before)
            return Published(preview.before, rates, all_timeliness(connection, preview.before))

    def _refused(
        self, register: Register, form: ReleaseForm, now: dt.datetime, error: ReleaseRefusedError
    ) -> tuple[str, int]:
        field = form[FIELD_OF.get(error.code, "ky")]
        field.errors = [str(REFUSALS[error.code])]
        return self._page(register, form, now), HTTPStatus.CONFLICT

    def _page(self, register: Register, form: ReleaseForm, now: dt.datetime) -> str:
        with reading(self._engine) as connection:
            known = releases(connection)
        made = request.args.get("moi", "")
        return render_template(
            "office/releases.html",
            form=form,
            offers=_offers(known, _today(register, now)),
            rows=[_row(register, each) for each in known],
            made=next((_name(each) for each in known if _path(each) == made), ""),
        )


def _today(register: Register, now: dt.datetime) -> dt.date:
    return now.astimezone(register.city.zone).date()


def _path(each: Release) -> str:
    return f"{each.period}/{each.edition}"


def _name(each: Release) -> str:
    period = numbers.period_name(each.period)
    return gettext("%(period)s, lần %(edition)s", period=period, edition=each.edition)


def _row(register: Register, each: Release) -> dict[str, Any]:
    disclosure = each.report.get("disclosure", {})
    hidden = ("small", "small_change", "complement", "attack", "not_in_months")
    return {
        "name": _name(each),
        "path": f"/ky/{_path(each)}",
        "made_on": numbers.instant_day(each.made_at, register.city.zone),
        "preliminary": each.preliminary,
        "reason": each.reason,
        "head": numbers.count(each.head),
        "shown": numbers.count(disclosure.get("shown", 0) + disclosure.get("stays_as_before", 0)),
        "hidden": numbers.count(sum(disclosure.get(code, 0) for code in hidden)),
    }


def _offers(known: list[Release], today: dt.date) -> list[tuple[str, str]]:
    """Offer the periods that ended lately and were not released, the longest first."""
    released = {each.period for each in known}
    first = today.replace(day=1)
    months = [month_of(_months_before(first, back)) for back in range(1, 7)]
    starts = [_months_before(first, (today.month - 1) % 3 + 3 * back) for back in (1, 2, 3)]
    quarters = [quarter_of(month_of(start)) for start in starts]
    found = [
        parse_period(str(today.year - 1)),
        *quarters,
        *(Period(month, month) for month in months),
    ]
    return [(str(each), numbers.period_name(each)) for each in found if each not in released]


def _months_before(first: dt.date, number: int) -> dt.date:
    place = first.year * 12 + first.month - 1 - number
    return dt.date(place // 12, place % 12 + 1, 1)
