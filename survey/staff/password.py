"""The page where staff change their own password."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as BaseResponse

from survey.db import writing
from survey.forms.staff import OwnPasswordForm
from survey.staff import accounts, sessions, throttle
from survey.staff.deeds import now_milliseconds, record
from survey.staff.door import refused
from survey.staff.guard import TOKEN, Guard, current_officer, needs
from survey.staff.proof import look


def make_blueprint(guard: Guard) -> Blueprint:
    """Return the blueprint with ``/mat-khau``."""
    blueprint = Blueprint("password", __name__)
    views = _Views(guard)
    blueprint.add_url_rule("/mat-khau", "show", views.show, methods=["GET"])
    blueprint.add_url_rule("/mat-khau", "change", views.change, methods=["POST"])
    guard.protect(blueprint)
    return blueprint


class _Views:
    def __init__(self, guard: Guard) -> None:
        self._guard = guard

    @needs("password.change")
    def show(self) -> str:
        """Show the form."""
        return render_template("staff/password.html", form=OwnPasswordForm())

    @needs("password.change")
    def change(self) -> BaseResponse | str | tuple[str, int]:
        """Change the password: every session of the account ends, this one goes on under anew."""
        form = OwnPasswordForm()
        if not form.validate():
            return render_template("staff/password.html", form=form), 400
        officer, at = current_officer(), now_milliseconds()
        proof = look(
            self._guard.engine,
            self._guard.settings.secret_key,
            name=officer.name,
            password=form.old.data,
            address=request.environ.get("REMOTE_ADDR", ""),
            at=at,
        )
        if not proof.is_right:
            return refused("staff/password.html", proof, form=form)
        with writing(self._guard.engine) as connection:
            throttle.succeed(connection, proof.attempt)
            accounts.set_password(connection, officer.name, form.new.data)
            token = sessions.begin(connection, officer.name, at=at, limits=self._guard.limits)
            record(connection, by=officer.name, deed="password.change", unit=officer.unit, at=at)
        session.clear()
        session[TOKEN] = token
        return redirect(url_for("sign_in.show"), code=303)
