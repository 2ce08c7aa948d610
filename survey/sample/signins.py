"""Sign-ins to look around with: one a role, random for each sample database, never a real one."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine, make_url

from survey.register.snapshot import Register
from survey.settings import ROOT, read_secrets
from survey.staff import accounts
from survey.staff.roles import Role
from survey.tally.tables import tally

NAMES: Mapping[Role, str] = {
    Role.ADMINISTRATOR: "mau.quan-tri",
    Role.AGENCY: "mau.co-quan",
    Role.ANALYST: "mau.phan-tich",
    Role.INSPECTOR: "mau.thanh-tra",
}


@dataclass(frozen=True)
class SignIn:
    """A name and a password to be printed; ``unit`` is the code of the agency, if any."""

    name: str
    password: str
    role: Role
    unit: str | None


def password_file(engine: Engine) -> Path:
    """Return where the passwords are kept: beside an SQLite database, else under ``var/``."""
    url = make_url(engine.url)
    if engine.dialect.name == "sqlite" and url.database:
        return Path(f"{url.database}.sign-ins")
    return ROOT / "var" / f"{url.database}.sign-ins"


def sample_sign_ins(
    connection: Connection, register: Register, file: Path, *, at: int
) -> list[SignIn]:
    """Return one sign-in for each role; makes the accounts, and the file (mode 600), if need be.

    A second start returns the same. An account whose password is in no file gets a new one, one
    that was disabled stays so and is left out. A real database gets none: returns nothing.
    """
    if register.kind != "sample":
        return []
    known, unit = read_secrets(file), _agency(connection, register)
    made: list[SignIn] = []
    for role, name in NAMES.items():
        if role is Role.AGENCY and unit is None:  # a city without a desk has no officer at one
            continue
        password = known.get(name) or accounts.random_password()
        place = unit if role is Role.AGENCY else None
        found = accounts.find(connection, name)
        if found is None:
            accounts.add_account(connection, name, password, role=role, unit=place, created_at=at)
        elif found.disabled_at is not None:
            continue
        elif name not in known:
            accounts.set_password(connection, name, password)
        made.append(SignIn(name, password, role, found.unit if found else place))
    lines = {each.name: each.password for each in made}
    if lines.items() - known.items():
        _write(file, known | lines)
    return made


def _agency(connection: Connection, register: Register) -> str | None:
    """Return the unit in force with the most answers at its desks, else any with a desk."""
    in_force = sorted({each.unit for each in register.points.values() if each.valid_to is None})
    answers = sa.func.sum(tally.c.counting)
    query = sa.select(tally.c.unit).where(tally.c.unit_role == "receiving")
    used = connection.execute(query.group_by(tally.c.unit).order_by(answers.desc())).scalars()
    return next((unit for unit in (*used, *in_force) if unit in in_force), None)


def _write(file: Path, passwords: Mapping[str, str]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(f"{name}={password}\n" for name, password in passwords.items())
    # never readable by others, not even for the moment before a chmod
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
        os.fchmod(descriptor, 0o600)
        handle.write(text)
