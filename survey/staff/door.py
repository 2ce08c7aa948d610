"""The door: sign in, sign out. Who signs in gets a new session, a new token and nothing old."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any

from flask import (
    Blueprint,
    Flask,
    abort,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from sqlalchemy.engine import Connection
from werkzeug.wrappers import Response as BaseResponse

from survey.db import writing
from survey.forms.staff import SignInForm
from survey.settings import Settings
from survey.staff import accounts, sessions, throttle
from survey.staff.deeds import now_milliseconds, record
from survey.staff.guard import TOKEN, Guard, Officer
from survey.staff.proof import Proof, look
from survey.staff.roles import Role
from survey.web.headers import no_store

_OWN_PATH = re.compile(r"/(?![/\\])[^\x00-\x20\x7f\\]*")


def own_path(text: str) -> str:
    """Return a path of this site to go on to, or nothing where a browser could leave it by that.

    >>> own_path("/quan-tri/?a=1"), own_path("//example.com"), own_path("https://example.com")
    ('/quan-tri/?a=1', '', '')
    """
    return text if _OWN_PATH.fullmatch(text) else ""


def init_sessions(app: Flask, guard: Guard, settings: Settings) -> None:
    """Set the cookie of staff, which no other page touches, and the token of their forms."""
    app.config.update(
        SESSION_COOKIE_NAME="hai-long",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.public_url.startswith("https://"),
        WTF_CSRF_CHECK_DEFAULT=False,  # the citizen's form has no cookie; the guard checks
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session
    )
    app.config.setdefault("WTF_CSRF_ENABLED", True)
    guard.csrf.init_app(app)


def make_blueprint(guard: Guard) -> Blueprint:
    """Return the blueprint with ``/dang-nhap`` and ``/dang-xuat``."""
    blueprint = Blueprint("sign_in", __name__)
    door = _Door(guard)
    blueprint.add_url_rule("/dang-nhap", "show", door.show, methods=["GET"])
    blueprint.add_url_rule("/dang-nhap", "enter", door.enter, methods=["POST"])
    blueprint.add_url_rule("/dang-xuat", "leave", door.leave, methods=["POST"])
    blueprint.after_request(no_store)
    return blueprint


class _Door:
    """The views, with the guard that they open for."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard

    def show(self) -> BaseResponse | str:
        """Show the form; who is signed in already goes on."""
        found = self._guard.identify()
        if found is not None:
            return self._go_on(Officer(found.name, found.role, found.unit))
        return _page(SignInForm())

    def enter(self) -> BaseResponse | str | tuple[str, int]:
        """Prove a name and a password and begin a session."""
        form = SignInForm()
        if not form.validate():
            return _page(form), 400
        name = form.name.data.strip().casefold()
        at = now_milliseconds()
        proof = look(
            self._guard.engine,
            self._guard.settings.secret_key,
            name=name,
            password=form.password.data,
            address=request.environ.get("REMOTE_ADDR", ""),
            at=at,
        )
        if not proof.is_right:
            return refused("staff/sign_in.html", proof, form=form, wanted=_wanted())
        with writing(self._guard.engine) as connection:
            failures = throttle.succeed(connection, proof.attempt)
            token, unit, role = self._begin(connection, name, failures, at)
        session.clear()
        session[TOKEN] = token
        return self._go_on(Officer(name, role, unit))

    def _begin(
        self, connection: Connection, name: str, failures: int, at: int
    ) -> tuple[str, str | None, Role]:
        found = accounts.find(connection, name)
        if found is None or found.disabled_at is not None:  # in the moment between
            abort(403)
        token = sessions.begin(connection, name, at=at, limits=self._guard.limits)
        detail = f"failed before: {failures}" if failures else ""
        record(connection, by=name, deed="session.begin", unit=found.unit, detail=detail, at=at)
        return token, found.unit, found.role

    def leave(self) -> BaseResponse:
        """End the session on the server, and forget the cookie."""
        self._guard.csrf.protect()
        token = session.get(TOKEN)
        found = self._guard.identify()
        if found is not None and isinstance(token, str):
            at = now_milliseconds()
            with writing(self._guard.engine) as connection:
                sessions.end(connection, token)
                record(connection, by=found.name, deed="session.end", unit=found.unit, at=at)
        session.clear()
        return redirect(url_for(".show"), code=303)

    def _go_on(self, officer: Officer) -> BaseResponse:
        menu = self._guard.menu(officer)
        first = url_for(menu[0].endpoint) if menu else url_for("password.show")
        return redirect(_wanted() or first, code=303)


def refused(template: str, proof: Proof, **context: Any) -> BaseResponse:
    """Return the page of a form whose password was wrong, or came too early to be looked at."""
    page = render_template(template, is_wrong=not proof.wait, seconds=proof.seconds, **context)
    if not proof.wait:
        return make_response(page, HTTPStatus.FORBIDDEN)
    response = make_response(page, HTTPStatus.TOO_MANY_REQUESTS)
    response.headers["Retry-After"] = str(proof.seconds)
    return response


def _page(form: SignInForm) -> str:
    return render_template("staff/sign_in.html", form=form, wanted=_wanted())


def _wanted() -> str:
    return own_path(request.args.get("next", ""))
