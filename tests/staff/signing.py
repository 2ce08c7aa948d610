"""People of staff for tests of any desk: made and signed in without a password's cost."""

from __future__ import annotations

import re

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine

from survey.db import insert_new, writing
from survey.settings import Settings
from survey.staff import sessions
from survey.staff.deeds import now_milliseconds
from survey.staff.guard import TOKEN
from survey.staff.roles import Role
from survey.staff.tables import account

LIMITS = sessions.Limits.of(Settings(database_url=""))
_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


def make_account(engine: Engine, role: Role, unit: str | None = None, name: str = "") -> str:
    """Make an account that nobody has a password for; return its name."""
    name = name or f"{role.value}.{(unit or 'city').lower()}"
    row = {
        "name": name,
        "password_hash": "-",
        "unit": unit,
        "created_at": 0,
        "role": role.value,
        "disabled_at": None,
        "one_time_until": None,
    }
    with writing(engine) as connection:
        connection.execute(insert_new(engine.dialect.name, account), row)
        stored = connection.execute(sa.select(account.c.role).where(account.c.name == name))
        assert stored.scalar_one() == role.value
    return name


def sign_in(
    app: Flask, engine: Engine, role: Role, unit: str | None = None, name: str = ""
) -> FlaskClient:
    """Return a client of an officer of that role and unit, signed in; the account is made."""
    name = make_account(engine, role, unit, name)
    with writing(engine) as connection:
        token = sessions.begin(connection, name, at=now_milliseconds(), limits=LIMITS)
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie[TOKEN] = token
    return client


def csrf_token(client: FlaskClient, path: str = "/mat-khau") -> str:
    """Return the token that a form on that page carries, to be sent as ``csrf_token``."""
    found = _TOKEN.search(client.get(path).text)
    assert found is not None, path
    return found.group(1)
