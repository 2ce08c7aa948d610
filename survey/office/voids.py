"""Pages of voids: propose, list, and confirm what another unit proposed."""

from __future__ import annotations

import uuid

import sqlalchemy as sa
from flask import abort, flash, redirect, render_template, request, url_for
from sqlalchemy.engine import Connection
from werkzeug.wrappers import Response

from survey.db import reading, writing
from survey.forms.office import ProposeForm
from survey.intake.void import VoidError, confirm_void, propose_void
from survey.office import voids_list
from survey.office.room import field_words, unit_words
from survey.office.turning import read_place
from survey.office.voids_list import Target
from survey.register.snapshot import Register
from survey.staff.deeds import now_milliseconds, record
from survey.staff.guard import Guard, current_officer, demand_unit, needs, reach
from survey.terms.period import parse_period
from survey.terms.receipt import normal_receipt
from survey.web.texts import Lazy, gettext
from survey.web.texts import lazy_gettext as _l

_ERRORS: dict[str, Lazy] = {
    "reason_missing": _l("Xin nói rõ lý do: lý do được giữ mãi."),
    "target_unknown": _l("Không tìm thấy đánh giá hoặc lần nhập nào có mã này."),
    "voided": _l("Đánh giá hoặc lần nhập này đã bị hủy trước đó."),
    "proposal_unknown": _l("Không có đề nghị này."),
    "same_account": _l("Người đề nghị không thể tự xác nhận."),
    "same_unit": _l("Phải do tài khoản của đơn vị khác xác nhận."),
}


class Voids:
    """The views, with what they need from the application."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard

    @needs("voids.read")
    def voids(self) -> str:
        """List the proposals about the officer's units, those that wait and those confirmed."""
        register, today = self._guard.now()
        officer = current_officer()
        after = read_place(request.args.get("sau", ""))
        with reading(self._guard.engine) as connection:
            found, has_older = voids_list.listed(connection, reach(register, today), after)
        return render_template(
            "office/voids.html",
            proposals=found,
            is_later=after is not None,
            older=found[-1].place if has_older else None,
            may_propose=officer.may("voids.propose"),
            may_confirm=officer.may("voids.confirm"),
            **_words(register),
        )

    @needs("voids.confirm")
    def waiting(self) -> str:
        """List what waits for an account of another unit than the one that proposed it."""
        register, _ = self._guard.now()
        with reading(self._guard.engine) as connection:
            found = voids_list.waiting(connection, _own_unit())
        return render_template("office/voids_waiting.html", proposals=found, **_words(register))

    @needs("voids.propose")
    def ask_propose(self) -> str:
        """Ask what is to be voided, and why."""
        return render_template("office/void_new.html", form=ProposeForm())

    @needs("voids.propose")
    def propose(self) -> Response | tuple[str, int]:
        """Propose a void: nothing changes until an account of another unit confirms it."""
        form = ProposeForm()
        if not form.validate():
            return render_template("office/void_new.html", form=form), 400
        try:
            with writing(self._guard.engine) as connection:
                self._propose(connection, form)
        except VoidError as error:
            form.target.errors = [str(_ERRORS.get(error.code, error.code))]
            return render_template("office/void_new.html", form=form), 409
        flash(gettext("Đã gửi đề nghị. Tài khoản của một đơn vị khác phải xác nhận."))
        return redirect(url_for(".voids"), code=303)

    def _propose(self, connection: Connection, form: ProposeForm) -> None:
        code = normal_receipt(form.target.data)
        target = voids_list.find_target(connection, code, form.target_id)
        if target is None:
            raise VoidError("target_unknown", "There is no such rating or import.")
        self._demand(target)
        officer, at = current_officer(), now_milliseconds()
        propose_void(
            connection,
            target.kind,
            target.id,
            reason=form.reason.data,
            by=officer.name,
            unit=_own_unit(),
            at=at,
        )
        record(
            connection,
            by=officer.name,
            deed="void.propose",
            unit=target.unit,
            subject=f"{target.kind} {target.id}",
            detail=form.reason.data,
            at=at,
        )

    def _demand(self, target: Target) -> None:
        """Answer 403 for another unit's rating; an import may hold those of every unit."""
        if target.unit is not None:
            demand_unit(target.unit)
        elif reach(*self._guard.now()) is not None:
            abort(403)

    @needs("voids.confirm")
    def confirm(self, proposal: uuid.UUID) -> Response:
        """Confirm a proposal of another unit: it takes effect at once."""
        officer, at = current_officer(), now_milliseconds()
        try:
            with writing(self._guard.engine) as connection:
                found = voids_list.find(connection, proposal)
                if found is None:
                    abort(404)
                confirm_void(connection, proposal, by=officer.name, unit=_own_unit(), at=at)
                record(
                    connection,
                    by=officer.name,
                    deed="void.confirm",
                    unit=found.unit,
                    subject=f"{found.kind} {found.target}",
                    detail=f"{found.proposed_by} ({found.proposed_unit or '-'}): {found.reason}",
                    at=at,
                )
        except VoidError as error:
            flash(str(_ERRORS.get(error.code, error.code)), "error")
        except sa.exc.IntegrityError:
            flash(str(_ERRORS["voided"]), "error")
        else:
            flash(gettext("Đã hủy. Lần công bố sau của kỳ đó sẽ nói rõ."))
        return redirect(url_for(".voids_waiting"), code=303)


def _own_unit() -> str:
    return current_officer().unit or ""


def _words(register: Register) -> dict[str, object]:
    return {
        "month_period": parse_period,
        "unit_words": lambda code: unit_words(register, code) if code else gettext("thành phố"),
        "field_words": lambda code: field_words(register, code),
    }
