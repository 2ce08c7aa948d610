"""Pages of what was set aside: the list, one item, and the decision on it."""

from __future__ import annotations

import uuid

import sqlalchemy as sa
from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from survey.db import reading, writing
from survey.forms.office import DecideForm
from survey.intake.aside import AsideError, decide
from survey.office import aside_items
from survey.office.aside_items import Item
from survey.office.room import field_words, series_words, unit_words
from survey.office.turning import read_place
from survey.office.uploads_words import TEXTS
from survey.register.snapshot import Register
from survey.staff.deeds import now_milliseconds, record
from survey.staff.guard import Guard, current_officer, demand_unit, needs, reach
from survey.web.texts import Lazy, gettext
from survey.web.texts import lazy_gettext as _l

CODES: dict[str, Lazy] = {
    "body_differs": _l("Cùng mã phiếu nhưng nội dung khác với phiếu đã nhận."),
    "totals_exist": _l("Tháng này của nguồn này đã đến dưới dạng tổng số."),
    "questionnaire_unknown": _l("Mẫu phiếu này chưa có trong hệ thống."),
    "questionnaire_retired": _l("Mẫu phiếu đã hết hạn vào ngày trả lời."),
    "unit_unknown": _l("Không có đơn vị này vào ngày trả lời."),
    "field_unknown": _l("Không có lĩnh vực này vào ngày trả lời."),
    "time_future": _l("Thời điểm trả lời nằm ở tương lai."),
    "already": _l("Phiếu này đã được tính."),
}
"""Why a rating was set aside, by the code that ``accept`` gave."""

_ERRORS: dict[str, Lazy] = {
    "unknown": _l("Không còn mục này."),
    "decided": _l("Mục này đã có quyết định trước đó."),
    "reason_missing": _l("Xin nói rõ lý do: lý do được giữ mãi."),
    "row": _l("Dòng này chưa thành phiếu đánh giá: xin sửa tệp rồi nhập lại."),
    "batch_voided": _l("Lần nhập mang mục này đến đã bị hủy."),
    "not_acceptable": _l("Mục này hiện vẫn chưa tính được."),
}


class Aside:
    """The views, with what they need from the application."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard

    @needs("set_aside.read")
    def items(self) -> str:
        """List what is set aside, or, with ``xem=xong``, what was decided on."""
        register, today = self._guard.now()
        is_open = request.args.get("xem") != "xong"
        after = read_place(request.args.get("sau", ""))
        with reading(self._guard.engine) as connection:
            found, has_older = aside_items.listed(
                connection, reach(register, today), is_open=is_open, after=after
            )
        return render_template(
            "office/aside.html",
            items=found,
            is_open=is_open,
            is_later=after is not None,
            older=found[-1].place if has_older else None,
            **_words(register),
        )

    @needs("set_aside.read")
    def item(self, item: uuid.UUID) -> str:
        """Show one item."""
        register, found = self._find(item)
        return _page(register, found, DecideForm())

    @needs("set_aside.decide")
    def decide(self, item: uuid.UUID) -> Response | tuple[str, int]:
        """Close an item, or release it so that it counts."""
        register, found = self._find(item)
        form = DecideForm()
        if not form.validate():
            return _page(register, found, form), 400
        try:
            self._decide(register, found, form)
        except AsideError as error:
            # what stands there now, which may be somebody else's decision
            register, found = self._find(item)
            return _page(register, found, form, error), 409
        except sa.exc.IntegrityError:
            flash(gettext("Có người khác vừa ghi cùng lúc. Xin thử lại."))
            return redirect(url_for(".aside_item", item=item), code=303)
        flash(
            gettext("Đã đưa vào tính.")
            if form.decision.data == "released"
            else gettext("Đã đóng lại.")
        )
        return redirect(url_for(".aside"), code=303)

    def _decide(self, register: Register, found: Item, form: DecideForm) -> None:
        officer, at = current_officer(), now_milliseconds()
        reason = form.reason.data
        is_released = form.decision.data == "released"
        with writing(self._guard.engine) as connection:
            decide(connection, register, found.id, form.decision.data, reason, officer.name, at)
            record(
                connection,
                by=officer.name,
                deed="set_aside.release" if is_released else "set_aside.close",
                unit=found.unit,
                subject=str(found.id),
                detail=reason,
                at=at,
            )

    def _find(self, item: uuid.UUID) -> tuple[Register, Item]:
        register, today = self._guard.now()
        with reading(self._guard.engine) as connection:
            found = aside_items.find(connection, item)
        if found is None:
            abort(404)
        if found.unit is not None:
            demand_unit(found.unit)
        elif reach(register, today) is not None:
            abort(403)
        return register, found


def _page(
    register: Register, found: Item, form: DecideForm, error: AsideError | None = None
) -> str:
    refusal = ""
    if error is not None:
        refusal = str(_ERRORS.get(error.code, error.code))
        if error.why:
            refusal = f"{refusal} {CODES.get(error.why, error.why)} {error.detail}".strip()
    return render_template(
        "office/aside_item.html",
        item=found,
        form=form,
        refusal=refusal,
        may_decide=current_officer().may("set_aside.decide"),
        **_words(register),
    )


def _words(register: Register) -> dict[str, object]:
    return {
        "unit_words": lambda code: unit_words(register, code),
        "field_words": lambda code: field_words(register, code),
        "series_words": series_words,
        "why": lambda item: (CODES if item.body else TEXTS).get(item.code, item.code),
        "fault_words": lambda code: TEXTS.get(code, code),
    }
