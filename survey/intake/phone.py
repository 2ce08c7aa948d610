"""The form on a citizen's own phone: choose the field, one answer, Submit. No cookie, no script."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import sqlalchemy as sa
from flask import (
    Blueprint,
    abort,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from sqlalchemy.engine import Engine
from werkzeug.wrappers import Response as BaseResponse

from survey.db import Busy, reading
from survey.forms.rating import RatingForm
from survey.intake.accept import Rating, now_milliseconds
from survey.intake.check import UNKNOWN, Outcome
from survey.intake.deliver import deliver
from survey.intake.receipts import find_receipt, find_response, most_used_fields
from survey.intake.token import FormToken, Tokens
from survey.ledger.book import comment_commitment
from survey.register.snapshot import Point, Published, Register, RegisterCache
from survey.settings import Settings
from survey.terms.dossier import dossier_hash
from survey.terms.name import search_key
from survey.terms.period import parse_period
from survey.terms.questionnaire import Option, Question
from survey.terms.receipt import normal_receipt, receipt_code
from survey.terms.response import UNCLASSIFIED, Body
from survey.web.headers import no_store
from survey.web.language import current_language

RETRY_SECONDS = 2


def make_blueprint(engine: Engine, registers: RegisterCache, settings: Settings) -> Blueprint:
    """Return the blueprint with the form, its thanks and the receipts."""
    blueprint = Blueprint("phone", __name__)
    door = _Door(engine, registers, settings)
    rules = (
        ("/danh-gia/<point>", "open", door.open, ["GET"]),
        ("/danh-gia/<point>/<token>", "fields", door.fields, ["GET"]),
        ("/danh-gia/<point>/<token>/<field>", "form", door.form, ["GET", "POST"]),
        ("/bien-nhan/", "receipts", door.receipts, ["GET"]),
        ("/bien-nhan/<code>", "receipt", door.receipt, ["GET"]),
    )
    for rule, endpoint, view, methods in rules:
        blueprint.add_url_rule(rule, endpoint, view, methods=methods)
    blueprint.after_request(no_store)
    return blueprint


def ordered(best_first: bool) -> Callable[[Question], tuple[Option, ...]]:
    """The order of the answers: the same for everybody, "don't know" always last."""

    def options(question: Question) -> tuple[Option, ...]:
        inside = [each for each in question.scale.options if not each.outside]
        outside = [each for each in question.scale.options if each.outside]
        return (*(inside if best_first else reversed(inside)), *outside)

    return options


class _Door:
    """The views, with what they need from the application."""

    def __init__(self, engine: Engine, registers: RegisterCache, settings: Settings) -> None:
        self._engine, self._registers, self._settings = engine, registers, settings
        self._tokens = Tokens(settings.secret_key, settings.form_hours)

    def open(self, point: str) -> BaseResponse | str:
        """Open a form: redirect to the address that carries its token. Records nothing."""
        register, found = self._point(point)
        if not found.in_force(self._today(register)):
            return self._retired(register, found)
        return redirect(url_for(".fields", point=found.code, token=self._new(register, found)))

    def fields(self, point: str, token: str) -> BaseResponse | str:
        """Show the fields that the point's unit handles, or the receipt of a spent form."""
        register, found = self._point(point)
        opened = self._tokens.read(token)
        if opened is None or opened.point != found.code or self._expired(opened):
            return redirect(url_for(".open", point=found.code))
        spent = self._spent(register, found, opened)
        if spent is not None:
            return spent
        codes = self._handled(register, found, self._day(register, opened))
        if len(codes) == 1:
            return redirect(url_for(".form", point=found.code, token=token, field=codes[0]))
        typed = request.args.get("q", "")[:100]
        wanted = search_key(typed)
        language = current_language()
        names = {code: register.field_name(code, language) for code in codes}
        shown = [code for code in codes if wanted in search_key(names[code])]
        return render_template(
            "intake/fields.html",
            register=register,
            point=found,
            unit=register.units[found.unit],
            token=token,
            names=names,
            fields=shown,
            typed=typed,
            unclassified=UNCLASSIFIED,
        )

    def form(self, point: str, token: str, field: str) -> BaseResponse | str:
        """Show the form, or take it in: the same form sent twice is one rating."""
        register, found = self._point(point)
        opened = self._tokens.read(token)
        if opened is not None and opened.point != found.code:
            opened = None
        is_stale = opened is None or self._expired(opened)
        if is_stale and not found.in_force(self._today(register)):
            return self._retired(register, found)
        if field not in (*register.handled(found.unit, self._day(register, opened)), UNCLASSIFIED):
            abort(404)
        if request.method == "GET":
            return self._show(register, found, token, opened, field)
        return self._take(register, found, token, opened, field)

    def _show(
        self, register: Register, point: Point, token: str, opened: FormToken | None, field: str
    ) -> BaseResponse | str:
        if opened is None or self._expired(opened):
            fresh = self._new(register, point)
            return redirect(url_for(".form", point=point.code, token=fresh, field=field))
        published = register.questionnaires.get(opened.questionnaire)
        if published is None:
            return redirect(url_for(".open", point=point.code))
        spent = self._spent(register, point, opened)
        return spent or self._page(register, point, token, field, self._inputs(register, published))

    def _take(
        self, register: Register, point: Point, token: str, opened: FormToken | None, field: str
    ) -> BaseResponse | str:
        published = self._published(register, opened)
        form = self._inputs(register, published)
        if not form.validate():
            return self._page(register, point, token, field, form, status=HTTPStatus.BAD_REQUEST)
        if opened is None or self._expired(opened):
            # what was typed stays; the person only presses Submit once more
            fresh = self._new(register, point)
            return self._page(register, point, fresh, field, form, notice="expired")
        rating = self._rating(opened, published, point, field, form)
        try:
            outcome = deliver(self._engine, register, [rating], received_at=now_milliseconds())[0]
        except (Busy, sa.exc.OperationalError, sa.exc.InterfaceError):
            return self._busy(register, point, token, field, form)
        return self._after(point, token, outcome)

    def _after(self, point: Point, token: str, outcome: Outcome) -> BaseResponse:
        if outcome.status == "rejected":
            abort(400)
        return redirect(
            url_for(".fields", point=point.code, token=token), code=HTTPStatus.SEE_OTHER
        )

    def _busy(
        self, register: Register, point: Point, token: str, field: str, form: RatingForm
    ) -> BaseResponse:
        status = HTTPStatus.SERVICE_UNAVAILABLE
        response = self._page(register, point, token, field, form, notice="busy", status=status)
        response.headers["Retry-After"] = str(RETRY_SECONDS)
        return response

    def _rating(
        self,
        opened: FormToken,
        published: Published,
        point: Point,
        field: str,
        form: RatingForm,
    ) -> Rating:
        salt = self._tokens.comment_salt(opened)
        code = form.dossier_code
        body = Body(
            id=opened.id,
            questionnaire=published.sha256,
            receiving_unit=point.unit,
            resolving_unit=UNKNOWN,
            field=field,
            point=point.code,
            source="own",
            channel="phone",
            holder="citizen",
            assurance="claimed" if code else "open",
            occasion=UNKNOWN,
            language=current_language(),
            answered_at=opened.opened_at,
            service_on="",
            dossier=dossier_hash(code, self._settings.dossier_key.encode()) if code else "",
            answers=form.answers,
            comment=comment_commitment(salt, form.comment) if form.comment else "",
        )
        return Rating(body, form.comment, salt if form.comment else b"")

    def _page(
        self,
        register: Register,
        point: Point,
        token: str,
        field: str,
        form: RatingForm,
        *,
        notice: str = "",
        status: int = HTTPStatus.OK,
    ) -> BaseResponse:
        page = render_template(
            "intake/rating.html",
            register=register,
            unit=register.units[point.unit],
            action=url_for(".form", point=point.code, token=token, field=field),
            change=url_for(".fields", point=point.code, token=token),
            field=field,
            form=form,
            errors=form.errors,
            options=ordered(register.city.best_first),
            today=self._today(register),
            notice=notice,
        )
        return make_response(page, status)

    def _spent(self, register: Register, point: Point, opened: FormToken) -> str | None:
        with reading(self._engine) as connection:
            row = find_response(connection, opened.id)
        if row is None:
            return None
        return render_template(
            "intake/thanks.html",
            register=register,
            point=point,
            unit=register.units[point.unit],
            code=receipt_code(opened.id),
        )

    def receipts(self) -> BaseResponse | str:
        """Show the page where a receipt code is typed, or go to the receipt."""
        typed = request.args.get("ma", "")[:40]
        code = normal_receipt(typed)
        if code is not None:
            return redirect(url_for(".receipt", code=code))
        return self._receipt_page(typed=typed, row=None)

    def receipt(self, code: str) -> BaseResponse | str:
        """Say that a rating was recorded, where and in which month it counts; never the answer."""
        normal = normal_receipt(code)
        if normal is not None and normal != code:
            return redirect(url_for(".receipt", code=normal))
        with reading(self._engine) as connection:
            row = find_receipt(connection, normal) if normal else None
        if row is None:
            return make_response(self._receipt_page(typed=code[:40], row=None), 404)
        return self._receipt_page(typed=code, row=row)

    def _receipt_page(self, **context: Any) -> str:
        register = self._registers.current(self._engine)
        return render_template(
            "intake/receipt.html", register=register, month=parse_period, **context
        )

    def _retired(self, register: Register, point: Point) -> BaseResponse:
        successor = register.points.get(point.successor or "")
        page = render_template(
            "intake/retired.html",
            register=register,
            point=point,
            unit=register.units[point.unit],
            successor=successor,
        )
        return make_response(page, HTTPStatus.GONE)

    def _point(self, code: str) -> tuple[Register, Point]:
        register = self._registers.current(self._engine)
        point = register.points.get(code) or register.points.get(code.upper())
        if point is None:
            page = render_template("intake/unknown_point.html", register=register, code=code[:20])
            abort(make_response(page, HTTPStatus.NOT_FOUND))
        return register, point

    def _handled(self, register: Register, point: Point, day: dt.date) -> list[str]:
        handled = register.handled(point.unit, day)
        with reading(self._engine) as connection:
            used = most_used_fields(connection, point.unit)
        return sorted(handled, key=lambda code: -used.get(code, 0))

    def _published(self, register: Register, opened: FormToken | None) -> Published:
        found = register.questionnaires.get(opened.questionnaire) if opened else None
        return found or self._current(register)

    def _current(self, register: Register) -> Published:
        name = register.city.phone_questionnaire
        found = register.questionnaire_in_force(name, self._today(register))
        if found is None:
            abort(404)
        return found

    def _inputs(self, register: Register, published: Published) -> RatingForm:
        city = register.city
        return RatingForm(
            published.text(current_language()), city.dossier_pattern, city.dossier_example
        )

    def _new(self, register: Register, point: Point) -> str:
        return self._tokens.make(point.code, self._current(register).sha256, int(time.time()))

    def _expired(self, opened: FormToken) -> bool:
        return self._tokens.is_expired(opened, int(time.time()))

    def _day(self, register: Register, opened: FormToken | None) -> dt.date:
        """The day a form was opened, on which its answer counts; the present one where it is stale.

        Who opens a form on a unit's last day may send it after midnight.
        """
        if opened is None or self._expired(opened):
            return self._today(register)
        return dt.datetime.fromtimestamp(opened.opened_at, register.city.zone).date()

    @staticmethod
    def _today(register: Register) -> dt.date:
        return dt.datetime.now(register.city.zone).date()
