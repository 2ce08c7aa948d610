"""Pages of comments: reading them, and erasing one at a person's request."""

from __future__ import annotations

import datetime as dt

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from survey.db import writing
from survey.forms.office import EraseForm
from survey.intake.receipts import find_receipt
from survey.ledger.erasure import erase_comment
from survey.office.comments_read import Asked, Said, alert_reasons, read
from survey.office.room import field_words, series_words, unit_words
from survey.office.turning import read_place
from survey.register.snapshot import Register
from survey.staff.deeds import now_milliseconds, record
from survey.staff.guard import Guard, current_officer, demand_unit, needs, reach
from survey.terms.name import search_key
from survey.terms.period import parse_period
from survey.terms.problem import InvalidTermError
from survey.terms.receipt import normal_receipt
from survey.web.language import current_language
from survey.web.texts import gettext

MOST_TYPED = 200


class Comments:
    """The views, with what they need from the application."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard

    @needs("comments.read")
    def comments(self) -> tuple[str, int]:
        """Show the comments of the officer's units, the newest first."""
        return self._page(marked=False)

    @needs("comments.marked")
    def marked(self) -> tuple[str, int]:
        """Show what names a reason that the inspector must see."""
        return self._page(marked=True)

    def _page(self, *, marked: bool) -> tuple[str, int]:
        register, today = self._guard.now()
        officer, language = current_officer(), current_language()
        typed = request.args.get("don_vi", "")[:MOST_TYPED].strip()
        month = request.args.get("thang", "")[:MOST_TYPED].strip()
        unit, faults = _unit(register, typed, today), _month_faults(month)
        if typed and unit is None:
            faults.insert(0, ("don_vi", gettext("Không có đơn vị nào có mã hoặc tên như vậy.")))
        if unit is not None:
            demand_unit(unit)
        codes = reach(register, today)
        asked = Asked(
            units=[unit] if unit is not None else codes,
            month=month,
            marked=marked,
            sees_marked=officer.may("comments.marked"),
            after=read_place(request.args.get("sau", "")),
        )
        said: list[Said] = []
        has_older, reasons = False, {}
        if not faults:
            with writing(self._guard.engine) as connection:
                said, has_older = read(connection, asked, by=officer.name, at=now_milliseconds())
                reasons = alert_reasons(connection, register, said, language)
        page = render_template(
            "office/comments.html",
            marked=marked,
            sees_marked=asked.sees_marked,
            may_erase=officer.may("comments.erase"),
            said=said,
            older=said[-1].place if has_older else None,
            is_later=asked.after is not None,
            reasons=reasons,
            typed=typed,
            month=month,
            faults=faults,
            offers=_offers(register, codes),
            month_period=parse_period,
            unit_words=lambda code: unit_words(register, code),
            field_words=lambda code: field_words(register, code),
            series_words=series_words,
        )
        return page, 400 if faults else 200

    @needs("comments.erase")
    def ask_erase(self) -> str:
        """Ask whose comment is to be erased, and why."""
        return render_template("office/erase.html", form=EraseForm())

    @needs("comments.erase")
    def erase(self) -> Response | tuple[str, int]:
        """Erase the comment of a rating by its receipt code; the rating stays and counts."""
        form = EraseForm()
        if not form.validate():
            return render_template("office/erase.html", form=form), 400
        code = normal_receipt(form.code.data) or ""
        with writing(self._guard.engine) as connection:
            number = erase_comment(connection, code)
            if number:
                found = find_receipt(connection, code)
                record(
                    connection,
                    by=current_officer().name,
                    deed="comment.erase",
                    unit=found.receiving_unit if found is not None else None,
                    subject=code,
                    detail=form.reason.data,
                    at=now_milliseconds(),
                )
        if not number:
            form.code.errors = [gettext("Không có ý kiến nào đi với mã biên nhận này.")]
            return render_template("office/erase.html", form=form), 404
        flash(gettext("Đã xóa ý kiến của phiếu %(code)s. Đánh giá vẫn được tính.", code=code))
        return redirect(url_for(".comments"), code=303)


def _unit(register: Register, typed: str, today: dt.date) -> str | None:
    """Return the code of the unit that was typed, by code or by name."""
    if typed in register.units:
        return typed
    code = typed.partition(" ")[0]  # an offer of the list: code and name
    if code in register.units:
        return code
    named = register.unit_named(typed, today) if typed else ()
    return named[0].code if len(named) == 1 else None


def _month_faults(month: str) -> list[tuple[str, str]]:
    try:
        if not month or parse_period(month).kind == "month":
            return []
    except InvalidTermError:
        pass
    return [("thang", gettext("Viết tháng như 2026-10."))]


def _offers(register: Register, codes: frozenset[str] | None) -> list[str]:
    """Return the units that can be asked for, as code and name."""
    shown = register.units if codes is None else sorted(codes)
    offers = [f"{code} {unit_words(register, code)}" for code in shown]
    return sorted(offers, key=lambda offer: search_key(offer.partition(" ")[2]))
