"""Accounts: made on the command line, proved by a password."""

from __future__ import annotations

import re

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy.engine import Connection

from survey.db import insert_new
from survey.staff.tables import account

MINIMUM_PASSWORD = 12
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,79}")
_HASHER = PasswordHasher()
# verified where no account has that name, so that both cases take the same time
_NOBODY = _HASHER.hash("nobody has this password")


class AccountError(ValueError):
    """An account cannot be made or proved; the message says why."""


def add_account(
    connection: Connection, name: str, password: str, *, unit: str | None, created_at: int
) -> None:
    """Make an account (argon2id, the library's RFC 9106 low-memory parameters).

    Raises AccountError for a malformed or taken name and for a short password.
    """
    if not _NAME.fullmatch(name):
        raise AccountError(
            "A name is 2 to 80 lower-case letters, digits, dots, dashes or underscores."
        )
    if len(password) < MINIMUM_PASSWORD:
        raise AccountError(f"A password has at least {MINIMUM_PASSWORD} characters.")
    row = {
        "name": name,
        "password_hash": _HASHER.hash(password),
        "unit": unit,
        "created_at": created_at,
    }
    insert = insert_new(connection.dialect.name, account).returning(account.c.name)
    if connection.execute(insert, row).first() is None:
        raise AccountError(f"There is an account {name} already.")


def prove(connection: Connection, name: str, password: str) -> None:
    """Check a password. Raises AccountError where name and password do not belong together."""
    found = connection.execute(
        sa.select(account.c.password_hash).where(account.c.name == name)
    ).scalar()
    try:
        _HASHER.verify(found or _NOBODY, password)
    except (VerificationError, InvalidHashError) as error:
        raise AccountError("Name and password do not belong together.") from error
    if found is None:
        raise AccountError("Name and password do not belong together.")
