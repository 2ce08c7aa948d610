"""``/quan-tri/tai-khoan/``: who has an account, and what administrators do about it."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from flask import Blueprint, abort, make_response, redirect, render_template, url_for
from sqlalchemy.engine import Connection
from werkzeug.wrappers import Response as BaseResponse

from survey.db import reading, writing
from survey.forms.staff import AccountForm, PlaceForm
from survey.staff import accounts
from survey.staff.accounts import Account, AccountError
from survey.staff.deeds import now_milliseconds, record
from survey.staff.guard import Guard, current_officer, needs
from survey.staff.roles import Role
from survey.staff.wording import ROLE_NAMES
from survey.web.language import current_language
from survey.web.texts import lazy_gettext as _l

FAULTS = {
    "taken": _l("Đã có tài khoản mang tên này."),
    "last": _l("Đây là tài khoản quản trị cuối cùng: không thể khóa hay đổi vai trò."),
}
"""What an administrator can do wrong that no form sees beforehand."""


def make_blueprint(guard: Guard) -> Blueprint:
    """Return the blueprint of the pages about accounts."""
    blueprint = Blueprint("accounts", __name__, url_prefix="/quan-tri")
    views = _Views(guard)
    rules: tuple[tuple[str, str, Callable[..., Any], list[str]], ...] = (
        ("/tai-khoan/", "all", views.all, ["GET"]),
        ("/lap-tai-khoan", "new", views.new, ["GET"]),
        ("/lap-tai-khoan", "add", views.add, ["POST"]),
        ("/tai-khoan/<name>", "one", views.one, ["GET"]),
        ("/tai-khoan/<name>", "place", views.place, ["POST"]),
        ("/tai-khoan/<name>/mat-khau", "password", views.password, ["POST"]),
        ("/tai-khoan/<name>/khoa", "disable", views.disable, ["POST"]),
        ("/tai-khoan/<name>/mo", "enable", views.enable, ["POST"]),
    )
    for rule, endpoint, view, methods in rules:
        blueprint.add_url_rule(rule, endpoint, view, methods=methods)
    guard.protect(blueprint, menu=[("accounts.all", _l("Tài khoản"))])
    return blueprint


class _Views:
    def __init__(self, guard: Guard) -> None:
        self._guard = guard

    @needs("accounts.read")
    def all(self) -> str:
        """List every account."""
        with reading(self._guard.engine) as connection:
            found = accounts.listed(connection)
        register, _ = self._guard.now()
        return render_template(
            "staff/accounts.html",
            accounts=found,
            register=register,
            role_names=ROLE_NAMES,
        )

    @needs("accounts.change")
    def new(self) -> str:
        """Show the form of a new account."""
        return render_template("staff/account_new.html", form=self._form(AccountForm))

    @needs("accounts.change")
    def add(self) -> BaseResponse:
        """Make an account; its one-time password is on this page and nowhere else."""
        form, password, at = self._form(AccountForm), accounts.random_password(), now_milliseconds()
        if not form.validate():
            return _bad("staff/account_new.html", form=form)
        try:
            with writing(self._guard.engine) as connection:
                accounts.add_account(
                    connection,
                    form.name.data,
                    password,
                    role=Role(form.role.data),
                    unit=form.unit.data or None,
                    created_at=at,
                    is_one_time=True,
                )
                self._record(connection, "account.add", form.name.data, at)
        except AccountError as error:
            return _bad("staff/account_new.html", form=form, fault=_told(error))
        return _password_page(form.name.data, password)

    @needs("accounts.change")
    def one(self, name: str) -> str:
        """Show an account with what can be changed of it."""
        return self._page(self._account(name))

    @needs("accounts.change")
    def place(self, name: str) -> BaseResponse:
        """Give an account another role or unit."""
        found, form = self._account(name), self._form(PlaceForm)
        if not form.validate():
            return make_response(self._page(found, form=form), HTTPStatus.BAD_REQUEST)
        role, unit = Role(form.role.data), form.unit.data or None
        detail = f"{found.role} {found.unit or '-'} → {role} {unit or '-'}"

        def change(connection: Connection, _at: int) -> None:
            accounts.set_role(connection, name, role, unit)

        return self._do(found, "account.place", change, detail)

    @needs("accounts.change")
    def password(self, name: str) -> BaseResponse:
        """Give an account a one-time password."""
        found, password = self._account(name), accounts.random_password()

        def change(connection: Connection, at: int) -> None:
            until = at + accounts.ONE_TIME_MILLISECONDS
            accounts.set_password(connection, name, password, one_time_until=until)

        done = self._do(found, "account.password", change)
        return (
            done if done.status_code >= HTTPStatus.BAD_REQUEST else _password_page(name, password)
        )

    @needs("accounts.change")
    def disable(self, name: str) -> BaseResponse:
        """Let nobody in with an account any more."""

        def change(connection: Connection, at: int) -> None:
            accounts.disable(connection, name, at=at)

        return self._do(self._account(name), "account.disable", change)

    @needs("accounts.change")
    def enable(self, name: str) -> BaseResponse:
        """Let the person in again, with the password that they had."""

        def change(connection: Connection, _at: int) -> None:
            accounts.enable(connection, name)

        return self._do(self._account(name), "account.enable", change)

    def _do(
        self,
        found: Account,
        deed: str,
        change: Callable[[Connection, int], None],
        detail: str = "",
    ) -> BaseResponse:
        """Change an account and record it, in one transaction."""
        at = now_milliseconds()
        try:
            with writing(self._guard.engine) as connection:
                change(connection, at)
                self._record(connection, deed, found.name, at, detail)
        except AccountError as error:
            page = self._page(found, fault=_told(error))
            return make_response(page, HTTPStatus.CONFLICT)
        return redirect(url_for(".all"), code=303)

    def _record(
        self, connection: Connection, deed: str, name: str, at: int, detail: str = ""
    ) -> None:
        changed = accounts.find(connection, name)
        unit = changed.unit if changed is not None else None
        by = current_officer().name
        record(connection, by=by, deed=deed, unit=unit, subject=name, detail=detail, at=at)

    def _account(self, name: str) -> Account:
        with reading(self._guard.engine) as connection:
            found = accounts.find(connection, name)
        if found is None:
            abort(404)
        return found

    def _page(self, found: Account, *, form: PlaceForm | None = None, fault: Any = "") -> str:
        form = form or self._form(PlaceForm, role=found.role.value, unit=found.unit or "")
        return render_template(
            "staff/account.html",
            account=found,
            form=form,
            fault=fault,
            role_name=ROLE_NAMES[found.role],
        )

    def _form(self, kind: type[Any], **values: Any) -> Any:
        register, today = self._guard.now()
        language = current_language()
        units = [
            (unit.code, f"{register.unit_name(unit.code, language)} ({unit.code})")
            for unit in register.units_in_force(today, today)
        ]
        return kind([(role.value, name) for role, name in ROLE_NAMES.items()], units, **values)


def _told(error: AccountError) -> Any:
    if error.code not in FAULTS:
        raise error
    return FAULTS[error.code]


def _bad(template: str, **context: Any) -> BaseResponse:
    return make_response(render_template(template, **context), HTTPStatus.BAD_REQUEST)


def _password_page(name: str, password: str) -> BaseResponse:
    page = render_template("staff/account_password.html", name=name, password=password)
    return make_response(page)
