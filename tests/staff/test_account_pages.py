"""Administrators keep accounts; each change ends sessions, is recorded, and never shuts all out."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from survey.db import reading, writing
from survey.staff import accounts
from survey.staff.accounts import AccountError
from survey.staff.roles import Role
from survey.staff.tables import account, deed
from tests.fixtures.builders import WARD
from tests.fixtures.crowd import patiently, together
from tests.staff.signing import csrf_token, make_account, sign_in

pytestmark = pytest.mark.usefixtures("quick_passwords")

PATH = "/quan-tri/tai-khoan/"


@pytest.fixture
def client(app, hcmc):
    return sign_in(app, hcmc, Role.ADMINISTRATOR, name="an")


def send(client, path, **typed):
    return client.post(path, data=typed | {"csrf_token": csrf_token(client)})


def deeds(engine):
    with reading(engine) as connection:
        rows = connection.execute(sa.select(deed).order_by(deed.c.id)).all()
    return [(row.account, row.deed, row.subject, row.unit) for row in rows]


def state(engine, name):
    with reading(engine) as connection:
        return accounts.find(connection, name)


def test_an_account_is_made_with_a_password_shown_once(client, hcmc):
    made = send(client, "/quan-tri/lap-tai-khoan", name="binh", role="agency", unit=WARD)
    assert made.status_code == 200
    assert made.headers["Cache-Control"] == "no-store"
    password = re.search(r'class="code"[^>]*>([^<]+)<', made.text).group(1)
    with reading(hcmc) as connection:
        accounts.prove(connection, "binh", password)
    assert state(hcmc, "binh").one_time_until is not None
    assert (state(hcmc, "binh").role, state(hcmc, "binh").unit) == (Role.AGENCY, WARD)
    assert deeds(hcmc) == [("an", "account.add", "binh", WARD)]
    assert password not in client.get(PATH).text + client.get(f"{PATH}binh").text


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"name": "Bình"}, "chữ thường không dấu"),
        ({"name": "an"}, "Đã có tài khoản"),
        ({"unit": ""}, "Xin chọn cơ quan"),
        ({"unit": "nowhere"}, "error"),
        ({"role": "owner"}, "error"),
    ],
)
def test_what_is_no_account_is_said_and_kept(client, hcmc, typed, words):
    answer = send(
        client,
        "/quan-tri/lap-tai-khoan",
        **{"name": "binh", "role": "agency", "unit": WARD} | typed,
    )
    assert answer.status_code == 400
    assert words in answer.text
    assert f'value="{typed.get("name", "binh")}"' in answer.text
    assert deeds(hcmc) == []


def test_a_change_is_recorded_and_ends_sessions(app, client, hcmc):
    other = sign_in(app, hcmc, Role.AGENCY, WARD, name="binh")
    assert other.get("/mat-khau").status_code == 200
    assert send(client, f"{PATH}binh", role="analyst", unit="").status_code == 303
    assert other.get("/mat-khau").status_code == 303
    assert (state(hcmc, "binh").role, state(hcmc, "binh").unit) == (Role.ANALYST, None)
    assert send(client, f"{PATH}binh/khoa").status_code == 303
    assert state(hcmc, "binh").disabled_at is not None
    assert send(client, f"{PATH}binh/mo").status_code == 303
    assert state(hcmc, "binh").disabled_at is None
    assert send(client, f"{PATH}binh/mat-khau").status_code == 200
    assert state(hcmc, "binh").one_time_until is not None
    assert [each[1] for each in deeds(hcmc)] == [
        "account.place",
        "account.disable",
        "account.enable",
        "account.password",
    ]
    assert send(client, f"{PATH}nobody/khoa").status_code == 404


def test_the_last_administrator_stays(client, hcmc):
    make_account(hcmc, Role.INSPECTOR)
    for path, typed in ((f"{PATH}an/khoa", {}), (f"{PATH}an", {"role": "analyst", "unit": ""})):
        answer = send(client, path, **typed)
        assert answer.status_code == 409
        assert "cuối cùng" in answer.text
    assert deeds(hcmc) == []
    make_account(hcmc, Role.ADMINISTRATOR, name="binh")
    assert send(client, f"{PATH}an/khoa").status_code == 303


def test_two_administrators_cannot_disable_each_other_at_once(hcmc):
    names = ("an", "binh")
    for name in names:
        make_account(hcmc, Role.ADMINISTRATOR, name=name)
    refused = []

    def disable(name):
        with writing(hcmc) as connection:
            accounts.disable(connection, name, at=1)

    def attempt(name):
        try:
            patiently(disable, name)
        except AccountError as error:
            refused.append(error.code)

    together([lambda name=name: attempt(name) for name in names])
    assert refused == ["last"]
    with reading(hcmc) as connection:
        query = sa.select(sa.func.count()).where(account.c.disabled_at.is_(None))
        assert connection.execute(query).scalar() == 1


def test_inspectors_see_accounts_and_no_button(app, hcmc):
    inspector = sign_in(app, hcmc, Role.INSPECTOR)
    page = inspector.get(PATH)
    assert "inspector.city" in page.text
    assert "lap-tai-khoan" not in page.text
    assert page.text.count("<form") == 1  # that of signing out
