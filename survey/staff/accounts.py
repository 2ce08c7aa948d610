"""Accounts: who there is, what their role is, and the proof of a password."""

from __future__ import annotations

import re
import secrets
import unicodedata
from dataclasses import dataclass
from functools import cache

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy.engine import Connection

from survey.db import insert_new, is_postgresql
from survey.staff import sessions
from survey.staff.roles import Role
from survey.staff.tables import account

MINIMUM_PASSWORD = 12
ONE_TIME_MILLISECONDS = 72 * 3_600_000
"""How long a password that somebody else made opens the page where it is changed."""

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,79}")
_HASHER = PasswordHasher()


class AccountError(ValueError):
    """An account cannot be made, changed or proved; ``code`` is stable, the message says why."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


@dataclass(frozen=True)
class Account:
    """One account as staff see it; times in UTC milliseconds."""

    name: str
    role: Role
    unit: str | None
    created_at: int
    disabled_at: int | None
    one_time_until: int | None


def add_account(
    connection: Connection,
    name: str,
    password: str,
    *,
    role: Role,
    unit: str | None,
    created_at: int,
    is_one_time: bool = False,
) -> None:
    """Make an account (argon2id, the library's RFC 9106 low-memory parameters).

    Raises AccountError for a malformed or taken name, a short password, and an agency officer
    without a unit.
    """
    if not _NAME.fullmatch(name):
        raise AccountError(
            "name", "A name is 2 to 80 lower-case letters, digits, dots, dashes or underscores."
        )
    _check_unit(role, unit)
    row = {
        "name": name,
        "password_hash": _hash(password),
        "unit": unit,
        "created_at": created_at,
        "role": role.value,
        "disabled_at": None,
        "one_time_until": created_at + ONE_TIME_MILLISECONDS if is_one_time else None,
    }
    insert = insert_new(connection.dialect.name, account).returning(account.c.name)
    if connection.execute(insert, row).first() is None:
        raise AccountError("taken", f"There is an account {name} already.")


def stored_hash(connection: Connection, name: str, *, at: int | None = None) -> str | None:
    """Return the hash that a password of an account must match, None where nothing may.

    Nothing may for an unknown or disabled account, and, at a time that is given, for a one-time
    password that is out of date.
    """
    if not _NAME.fullmatch(name):  # nor may any: PostgreSQL would not even look for a NUL
        return None
    query = sa.select(account.c.password_hash).where(
        account.c.name == name, account.c.disabled_at.is_(None)
    )
    if at is not None:
        until = account.c.one_time_until
        query = query.where(sa.or_(until.is_(None), until > at))
    found: str | None = connection.execute(query).scalar()
    return found


def matches(stored: str | None, password: str) -> bool:
    """Tell whether a password matches a hash; without one it takes the same time and is no."""
    stand_in = _nobody()  # asked for in both cases: the first one makes it
    try:
        _HASHER.verify(stored or stand_in, _normal(password))
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


def prove(connection: Connection, name: str, password: str) -> None:
    """Check a password. Raises AccountError where name and password do not belong together."""
    if not matches(stored_hash(connection, name), password):
        raise AccountError("proof", "Name and password do not belong together.")


def set_password(
    connection: Connection, name: str, password: str, *, one_time_until: int | None = None
) -> None:
    """Give an account another password and end its sessions.

    Raises AccountError for an unknown account and a short password.
    """
    _change(connection, name, password_hash=_hash(password), one_time_until=one_time_until)


def set_role(connection: Connection, name: str, role: Role, unit: str | None) -> None:
    """Give an account another role and unit and end its sessions.

    Raises AccountError for an unknown account, an agency officer without a unit, and the last
    administrator.
    """
    _check_unit(role, unit)
    if role is not Role.ADMINISTRATOR:
        _check_not_last(connection, name)
    _change(connection, name, role=role.value, unit=unit)


def disable(connection: Connection, name: str, *, at: int) -> None:
    """Let nobody in with an account any more, and end its sessions.

    Raises AccountError for an unknown account and for the last administrator.
    """
    _check_not_last(connection, name)
    _change(connection, name, disabled_at=at)


def enable(connection: Connection, name: str) -> None:
    """Let the person of a disabled account in again. Raises AccountError for an unknown one."""
    _change(connection, name, disabled_at=None)


def find(connection: Connection, name: str) -> Account | None:
    """Return one account, None where there is none."""
    if not _NAME.fullmatch(name):
        return None
    row = connection.execute(_select().where(account.c.name == name)).first()
    return _account(row) if row is not None else None


def listed(connection: Connection) -> list[Account]:
    """Return every account by name."""
    return [_account(row) for row in connection.execute(_select().order_by(account.c.name))]


def random_password() -> str:
    """Return a password of 100 random bits in groups that can be read out on the telephone.

    >>> len(random_password())
    24
    """
    letters = "abcdefghijkmnpqrstuvwxyz23456789"  # 32, without those easily taken for another
    groups = ("".join(secrets.choice(letters) for _ in range(4)) for _ in range(5))
    return "-".join(groups)


def _select() -> sa.Select[tuple[object, ...]]:
    columns = account.c
    return sa.select(
        columns.name,
        columns.role,
        columns.unit,
        columns.created_at,
        columns.disabled_at,
        columns.one_time_until,
    )


def _account(row: sa.Row[tuple[object, ...]]) -> Account:
    values = row._mapping
    return Account(**{**values, "role": Role(values["role"])})


def _change(connection: Connection, name: str, **values: object) -> None:
    query = sa.update(account).where(account.c.name == name).values(**values)
    if connection.execute(query).rowcount == 0:
        raise AccountError("unknown", f"There is no account {name}.")
    sessions.end_all(connection, name)


def _check_unit(role: Role, unit: str | None) -> None:
    if role is Role.AGENCY and unit is None:
        raise AccountError("unit", "An agency officer works for a unit: name it.")


def _check_not_last(connection: Connection, name: str) -> None:
    """Refuse to take the last administrator away; those who change accounts wait for each other."""
    if is_postgresql(connection):
        connection.execute(sa.text("LOCK TABLE account IN SHARE ROW EXCLUSIVE MODE"))
    active = sa.select(account.c.name).where(
        account.c.role == Role.ADMINISTRATOR.value, account.c.disabled_at.is_(None)
    )
    if list(connection.execute(active).scalars()) == [name]:
        raise AccountError("last", f"{name} is the last administrator.")


@cache
def _nobody() -> str:
    """What is verified where no account has that name, so that both cases take the same time.

    Made by the first sign-in, since it takes a tenth of a second of every command's start.
    """
    return _HASHER.hash("nobody has this password")


def _hash(password: str) -> str:
    normal = _normal(password)
    if len(normal) < MINIMUM_PASSWORD:
        raise AccountError("short", f"A password has at least {MINIMUM_PASSWORD} characters.")
    return _HASHER.hash(normal)


def _normal(password: str) -> str:
    """Return a password in one form of Unicode: keyboards write ``ế`` in several."""
    return unicodedata.normalize("NFC", password)
