"""``flask staff``: accounts kept by whoever runs the system, and recorded as theirs."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from survey.db import reading
from survey.staff import accounts
from survey.staff.deeds import COMMAND_LINE
from survey.staff.tables import deed

pytestmark = pytest.mark.usefixtures("quick_passwords")

PASSWORD = "mười hai ký tự"
TYPED = f"{PASSWORD}\n" * 2


def test_accounts_are_made_listed_changed_and_disabled(run, hcmc):
    for name, role in (("an", "administrator"), ("binh", "analyst")):
        assert run("staff", "add", name, "--role", role, typed=TYPED).exit_code == 0
    assert run("staff", "list").output == (
        "an\tadministrator\t-\tactive\nbinh\tanalyst\t-\tactive\n"
    )
    assert run("staff", "role", "binh", "agency").exit_code == 1
    assert run("staff", "role", "binh", "agency", "--unit", "nowhere").exit_code == 1
    assert run("staff", "role", "binh", "agency", "--unit", "26740C").exit_code == 0
    changed = run("staff", "password", "binh", typed=f"{PASSWORD}!\n" * 2)
    assert changed.exit_code == 0
    assert PASSWORD not in changed.output
    with reading(hcmc) as connection:
        accounts.prove(connection, "binh", f"{PASSWORD}!")
    assert run("staff", "disable", "binh").exit_code == 0
    assert run("staff", "list").output.endswith("binh\tagency\t26740C\tdisabled\n")
    with reading(hcmc) as connection:
        rows = connection.execute(sa.select(deed).order_by(deed.c.id)).all()
    assert {row.account for row in rows} == {COMMAND_LINE}
    assert [(row.deed, row.subject) for row in rows] == [
        ("account.add", "an"),
        ("account.add", "binh"),
        ("account.place", "binh"),
        ("account.password", "binh"),
        ("account.disable", "binh"),
    ]


def test_what_cannot_be_done_is_said(run):
    assert run("staff", "add", "an", "--role", "administrator", typed=TYPED).exit_code == 0
    last = run("staff", "disable", "an")
    assert last.exit_code == 1
    assert "last administrator" in last.output
    assert "no account nobody" in run("staff", "disable", "nobody").output
    assert run("staff", "add", "chi", "--role", "owner", typed=TYPED).exit_code == 2
    assert "at least 12" in run("staff", "password", "an", typed="short\nshort\n").output
