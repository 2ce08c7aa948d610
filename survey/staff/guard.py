"""The guard of every page of staff: who is there, what the view needs, whether the two agree.

A room with pages for staff makes its blueprint, gives each view its right, and hands it over::

    @needs("points.read")
    def points() -> str:
        codes = reach(register, today)  # None: every unit
        ...

    guard.protect(blueprint, menu=[("office.points", _l("Điểm tiếp nhận"))])

A view without a right answers 403. Views of one unit say ``demand_unit(code)`` before they read or
write anything of it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Blueprint, abort, current_app, g, redirect, request, session, url_for
from flask_wtf import CSRFProtect
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError
from werkzeug.wrappers import Response as BaseResponse

from survey.db import Busy, reading, writing
from survey.register.snapshot import Register, RegisterCache
from survey.settings import Settings
from survey.staff import sessions
from survey.staff.deeds import now_milliseconds
from survey.staff.rights import RIGHTS, Reach, reach_of
from survey.staff.roles import Role
from survey.staff.scope import own_units
from survey.web.headers import no_store

TOKEN = "token"  # noqa: S105 (the name of a value in the session, not the value)
PROTECTED = "staff.protected"
"""Key in ``app.extensions`` of the names of the protected blueprints."""

_SAFE = frozenset(("GET", "HEAD", "OPTIONS"))
_View = TypeVar("_View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Officer:
    """The person who is signed in; ``unit`` is the code of the agency that they work for."""

    name: str
    role: Role
    unit: str | None

    def may(self, right: str) -> bool:
        """Tell whether their role has a right, however far it goes. KeyError: no such right."""
        return reach_of(self.role, right) is not None


@dataclass(frozen=True)
class MenuEntry:
    """A page in the menu of the desks, shown to whoever has the right that its view needs."""

    endpoint: str
    title: Any
    right: str


@dataclass(frozen=True)
class _Visit:
    """What was found out about this request."""

    officer: Officer
    reach: Reach
    guard: Guard


def needs(right: str, *, largest: int | None = None) -> Callable[[_View], _View]:
    """Say which right a view needs; ``largest`` is how many bytes its request may have.

    Raises KeyError where the table of rights has no such right.
    """
    if right not in RIGHTS:
        raise KeyError(f"survey.staff.rights has no right {right!r}")

    def mark(view: _View) -> _View:
        view.right, view.largest = right, largest  # type: ignore[attr-defined]
        return view

    return mark


def right_of(view: Callable[..., Any]) -> str | None:
    """Return the right that a view carries, None where it carries none."""
    return getattr(view, "right", None)


def current_officer() -> Officer:
    """Return who is signed in; on pages that are not protected, answers 401 when nobody is."""
    officer = signed_in()
    if officer is None:
        abort(401)
    return officer


def signed_in() -> Officer | None:
    """Return who is signed in on this page of a protected blueprint, or nobody."""
    found: _Visit | None = g.get("staff_visit")
    return found.officer if found is not None else None


def reach(register: Register, today: dt.date) -> frozenset[str] | None:
    """Return the codes of the units that the current view's right covers; None: all of them."""
    visit = _visit()
    if visit.reach is Reach.ALL:
        return None
    return own_units(register, visit.officer.unit, today)


def demand_unit(code: str) -> None:
    """Answer 403 where the current view's right does not cover a unit, known or unknown."""
    register, today = _visit().guard.now()
    codes = reach(register, today)
    if codes is not None and code not in codes:
        abort(403)


def _visit() -> _Visit:
    found: _Visit | None = g.get("staff_visit")
    if found is None:
        abort(401)
    return found


class Guard:
    """Stands before the blueprints of one application."""

    def __init__(self, engine: Engine, registers: RegisterCache, settings: Settings) -> None:
        self.engine, self.registers, self.settings = engine, registers, settings
        self.csrf = CSRFProtect()
        self.limits = sessions.Limits.of(settings)
        self._offered: list[tuple[str, Any]] = []

    def protect(self, blueprint: Blueprint, menu: Sequence[tuple[str, Any]] = ()) -> None:
        """Let nobody see a view of this blueprint without its right; before it is registered.

        ``menu`` offers some of its pages in the menu: (endpoint with the blueprint's name, title).
        """
        blueprint.before_request(self._admit)
        blueprint.after_request(no_store)
        blueprint.context_processor(self._context)
        self._offered.extend(menu)

        @blueprint.record
        def remember(state: Any) -> None:
            state.app.extensions.setdefault(PROTECTED, set()).add(state.name)

    def now(self) -> tuple[Register, dt.date]:
        """Return the register and the city's day."""
        register = self.registers.current(self.engine)
        return register, dt.datetime.now(register.city.zone).date()

    def moment(self, at: int) -> dt.datetime:
        """Return a time (UTC milliseconds) as the city's clocks show it."""
        register, _ = self.now()
        return dt.datetime.fromtimestamp(at / 1000, register.city.zone)

    def menu(self, officer: Officer) -> list[MenuEntry]:
        """Return the pages that an officer's role opens, in the order of their offering."""
        entries = [
            MenuEntry(endpoint, title, right_of(current_app.view_functions[endpoint]) or "")
            for endpoint, title in self._offered
        ]
        return [entry for entry in entries if entry.right and officer.may(entry.right)]

    def identify(self) -> sessions.Signed | None:
        """Return the open session that the request's cookie names, and keep it open."""
        token = session.get(TOKEN)
        if not isinstance(token, str):
            return None
        at = now_milliseconds()
        with reading(self.engine) as connection:
            found = sessions.find(connection, token, at=at, limits=self.limits)
        if found is not None and found.is_stale(at):
            self._touch(found, at)
        return found

    def _touch(self, found: sessions.Signed, at: int) -> None:
        try:
            with writing(self.engine) as connection:
                sessions.touch(connection, found.digest, at=at)
        except (Busy, DBAPIError):  # the lock is taken, the disk full: pages that read still work
            current_app.logger.warning("The session could not be kept open.")

    def _admit(self) -> BaseResponse | None:
        view = current_app.view_functions[request.endpoint or ""]
        found = self.identify()
        if found is None:
            return _to_sign_in()
        officer = Officer(found.name, found.role, found.unit)
        right = right_of(view)
        reached = reach_of(officer.role, right) if right is not None else None
        if reached is None:
            abort(403)
        if found.must_change and right != "password.change":
            return _to_own_password()
        g.staff_visit = _Visit(officer, reached, self)
        request.max_content_length = getattr(view, "largest", None)
        if request.method not in _SAFE and current_app.config["WTF_CSRF_ENABLED"]:
            self.csrf.protect()
        return None

    def _context(self) -> dict[str, Any]:
        officer = signed_in()
        menu = self.menu(officer) if officer else []
        return {"officer": officer, "desk_menu": menu, "moment": self.moment}


def _to_sign_in() -> BaseResponse:
    if request.method not in ("GET", "HEAD"):
        abort(401)
    query = request.query_string.decode("utf-8", "replace")
    own = f"{request.script_root}{request.path}" + (f"?{query}" if query else "")
    return redirect(url_for("sign_in.show", next=own), code=303)


def _to_own_password() -> BaseResponse:
    if request.method not in ("GET", "HEAD"):
        abort(403)
    return redirect(url_for("password.show"), code=303)
