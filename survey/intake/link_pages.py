"""One-time links on a citizen's phone: the same form as at a point, spent by its one rating.

Looking at a link records nothing, however often (a mail scanner follows links too). Links that are
used, over, called back, changed or made up get one and the same answer.
"""

from __future__ import annotations

import datetime as dt
import time
from http import HTTPStatus

import msgspec
import sqlalchemy as sa
from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from sqlalchemy.engine import Engine
from werkzeug.wrappers import Response as BaseResponse

from survey.db import Busy, reading
from survey.forms.rating import RatingForm
from survey.intake.accept import Rating, now_milliseconds
from survey.intake.links import Found, Link, LinkTokens, normal_token, sealed_body, spend
from survey.intake.phone import RETRY_SECONDS, ordered
from survey.intake.token import FormToken, Tokens
from survey.ledger.book import comment_commitment
from survey.register.snapshot import Published, Register, RegisterCache
from survey.settings import Settings
from survey.terms.name import search_key
from survey.terms.receipt import receipt_code
from survey.terms.response import UNCLASSIFIED
from survey.web.headers import no_store
from survey.web.language import current_language

MOST_POINTS = 30
"""How many points a search shows."""


def make_blueprint(engine: Engine, registers: RegisterCache, settings: Settings) -> Blueprint:
    """Return the blueprint with ``/m/<token>``, and the search for a point at ``/danh-gia/``."""
    blueprint = Blueprint("links", __name__)
    door = _Door(engine, registers, settings)
    blueprint.add_url_rule("/danh-gia/", "points", door.points, methods=["GET"])
    blueprint.add_url_rule("/m/<token>", "open", door.open, methods=["GET"])
    blueprint.add_url_rule("/m/<token>/<opened>", "form", door.form, methods=["GET"])
    blueprint.add_url_rule("/m/<token>/<opened>", "send", door.send, methods=["POST"])
    blueprint.after_request(no_store)
    return blueprint


class _Visit(msgspec.Struct, frozen=True):
    """A genuine link, the form that was opened with it (None: none of its own), and when."""

    found: Found
    opened: FormToken | None
    text: str
    at: int

    @property
    def link(self) -> Link:
        return self.found.link

    @property
    def is_thanked(self) -> bool:
        """Whether this very form spent the link."""
        return self.opened is not None and self.found.response == self.opened.id

    @property
    def is_open(self) -> bool:
        """Whether the form may be sent: what was opened in time may be sent a little later."""
        at = self.opened.opened_at * 1000 if self.opened is not None else self.at
        return self.is_thanked or self.found.state(min(at, self.at)) == "live"


class _Door:
    """The views, with what they need from the application."""

    def __init__(self, engine: Engine, registers: RegisterCache, settings: Settings) -> None:
        self._engine, self._registers, self._settings = engine, registers, settings
        self._links = LinkTokens(settings.dossier_key)

    def points(self) -> str:
        """Find a reception point by a part of its unit's name, and its form."""
        register = self._registers.current(self._engine)
        return self._points_page(register, request.args.get("q", "")[:100])

    def open(self, token: str) -> BaseResponse:
        """Open a form for a link that is good: redirect to its address. Records nothing."""
        visit = self._visit(token, "")
        register = self._registers.current(self._engine)
        if visit is None or visit.found.state(visit.at) != "live":
            return self._dead(register)
        return redirect(
            url_for(".form", token=normal_token(token), opened=self._new(register, visit.link))
        )

    def form(self, token: str, opened: str) -> BaseResponse:
        """Show the form, or the receipt where this very form was sent."""
        visit = self._visit(token, opened)
        register = self._registers.current(self._engine)
        if visit is not None and visit.is_thanked:
            return self._thanks(register, visit)
        if visit is None or not visit.is_open:
            return self._dead(register)
        published = (
            register.questionnaires.get(visit.opened.questionnaire) if visit.opened else None
        )
        if published is None or self._is_stale(visit):
            return redirect(url_for(".open", token=normal_token(token)))
        return self._page(register, visit.link, token, opened, self._inputs(register, published))

    def send(self, token: str, opened: str) -> BaseResponse:
        """Take the form in: the same form sent twice is one rating, and no other counts."""
        visit = self._visit(token, opened)
        register = self._registers.current(self._engine)
        if visit is None or (visit.opened is None and not visit.is_open):
            return self._dead(register)
        published = self._published(register, visit.link, visit.opened)
        form = self._inputs(register, published)
        if not visit.is_open:
            return self._ordinary(register, visit.link)
        if not form.validate():
            status = HTTPStatus.BAD_REQUEST
            return self._page(register, visit.link, token, opened, form, status=status)
        if visit.opened is None or self._is_stale(visit):
            return self._again(register, visit, token, form)
        return self._take(register, visit, visit.opened, published, form)

    def _again(
        self, register: Register, visit: _Visit, token: str, form: RatingForm
    ) -> BaseResponse:
        """Give the form back with a token of now; what was typed stays."""
        if visit.found.state(visit.at) != "live":
            return self._ordinary(register, visit.link)
        fresh = self._new(register, visit.link)
        return self._page(register, visit.link, token, fresh, form, notice="expired")

    def _take(
        self,
        register: Register,
        visit: _Visit,
        opened: FormToken,
        published: Published,
        form: RatingForm,
    ) -> BaseResponse:
        token = self._links.make(visit.link)
        rating = self._rating(visit.link, opened, published, form)
        try:
            outcome = spend(self._engine, register, visit.link, rating, now_milliseconds())
        except (Busy, sa.exc.OperationalError, sa.exc.InterfaceError):
            status = HTTPStatus.SERVICE_UNAVAILABLE
            answer = self._page(
                register, visit.link, token, visit.text, form, notice="busy", status=status
            )
            answer.headers["Retry-After"] = str(RETRY_SECONDS)
            return answer
        if outcome is None:
            return self._ordinary(register, visit.link)
        if outcome.status == "rejected":
            abort(400)
        return redirect(url_for(".form", token=token, opened=visit.text), HTTPStatus.SEE_OTHER)

    def _rating(
        self, link: Link, opened: FormToken, published: Published, form: RatingForm
    ) -> Rating:
        salt = self._forms(link).comment_salt(opened)
        body = sealed_body(
            link,
            id=opened.id,
            questionnaire=published.sha256,
            language=current_language(),
            answered_at=opened.opened_at,
            answers=form.answers,
            comment=comment_commitment(salt, form.comment) if form.comment else "",
        )
        return Rating(body, form.comment, salt if form.comment else b"")

    def _page(
        self,
        register: Register,
        link: Link,
        token: str,
        opened: str,
        form: RatingForm,
        *,
        notice: str = "",
        status: int = HTTPStatus.OK,
    ) -> BaseResponse:
        action = url_for(".send", token=normal_token(token), opened=opened)
        return self._rating_page(
            register, link, action, form, notice=notice, status=status, is_linked=True
        )

    def _ordinary(self, register: Register, link: Link) -> BaseResponse:
        """Give what was typed back in the form that is open to everybody."""
        point = register.points[link.point]
        published = self._current(register)
        handled = register.handled(point.unit, self._today(register))
        field = link.field if link.field in handled else UNCLASSIFIED
        forms = Tokens(self._settings.secret_key, self._settings.form_hours)
        token = forms.make(point.code, published.sha256, int(time.time()))
        action = url_for("phone.form", point=point.code, token=token, field=field)
        form = RatingForm(
            published.text(current_language()),
            register.city.dossier_pattern,
            register.city.dossier_example,
        )
        return self._rating_page(register, link, action, form, notice="link", field=field)

    def _rating_page(
        self,
        register: Register,
        link: Link,
        action: str,
        form: RatingForm,
        *,
        notice: str,
        status: int = HTTPStatus.OK,
        is_linked: bool = False,
        field: str = "",
    ) -> BaseResponse:
        page = render_template(
            "intake/rating.html",
            register=register,
            unit=register.units[link.receiving_unit],
            action=action,
            change="",
            field=field or link.field,
            form=form,
            errors=form.errors,
            options=ordered(register.city.best_first),
            today=self._today(register),
            notice=notice,
            is_linked=is_linked,
        )
        return make_response(page, status)

    def _thanks(self, register: Register, visit: _Visit) -> BaseResponse:
        page = render_template(
            "intake/thanks.html",
            register=register,
            point=register.points[visit.link.point],
            unit=register.units[visit.link.receiving_unit],
            code=receipt_code(visit.found.response) if visit.found.response else "",
        )
        return make_response(page)

    def _dead(self, register: Register) -> BaseResponse:
        """The one answer for every link that is not good: it tells nothing of why."""
        return make_response(
            render_template("intake/link_dead.html", register=register), HTTPStatus.NOT_FOUND
        )

    def _points_page(self, register: Register, typed: str) -> str:
        language, today, wanted = current_language(), self._today(register), search_key(typed)
        shown = []
        for point in register.points.values() if wanted else ():
            unit = register.unit_name(point.unit, language)
            name = point.names.get(language) or point.names.get(register.city.languages[0], "")
            words = search_key(f"{unit} {name} {point.code}")
            if point.in_force(today) and wanted in words:
                shown.append((point.code, unit, name))
        shown.sort(key=lambda each: (each[1], each[2]))
        return render_template(
            "intake/points.html",
            register=register,
            typed=typed,
            points=shown[:MOST_POINTS],
            has_more=len(shown) > MOST_POINTS,
        )

    def _visit(self, token: str, text: str) -> _Visit | None:
        with reading(self._engine) as connection:
            found = self._links.find(connection, normal_token(token))
        if found is None:
            return None
        return _Visit(found, self._forms(found.link).read(text), text, now_milliseconds())

    def _forms(self, link: Link) -> Tokens:
        """What makes and reads the tokens of this link's forms, and of no other's."""
        return Tokens(self._settings.secret_key, self._settings.form_hours, f"link {link.id}")

    def _new(self, register: Register, link: Link) -> str:
        published = self._published(register, link, None)
        return self._forms(link).make(link.point, published.sha256, int(time.time()))

    def _is_stale(self, visit: _Visit) -> bool:
        """Tell whether the form was open for too long; one that was sent never is."""
        if visit.opened is None:
            return True
        stale = self._forms(visit.link).is_expired(visit.opened, visit.at // 1000)
        return stale and not visit.is_thanked

    def _published(self, register: Register, link: Link, opened: FormToken | None) -> Published:
        """Return the version that was shown; before, the one of the day of the service.

        A rating is measured by the version of its service day: a newer one would not count.
        """
        found = register.questionnaires.get(opened.questionnaire) if opened else None
        if found is None:
            name = register.city.phone_questionnaire
            day = dt.date.fromisoformat(link.service_on)
            found = register.questionnaire_in_force(name, day)
        return found or self._current(register)

    def _current(self, register: Register) -> Published:
        name = register.city.phone_questionnaire
        found = register.questionnaire_in_force(name, self._today(register))
        if found is None:
            abort(404)
        return found

    def _inputs(self, register: Register, published: Published) -> RatingForm:
        """Return the form; the dossier is known, so it is not asked for."""
        asked = msgspec.structs.replace(published.text(current_language()), dossier="")
        return RatingForm(asked, register.city.dossier_pattern, register.city.dossier_example)

    @staticmethod
    def _today(register: Register) -> dt.date:
        return dt.datetime.now(register.city.zone).date()
