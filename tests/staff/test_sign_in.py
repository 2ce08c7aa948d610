"""The door: rotation, limits, forgery, the same answer to every wrong sign-in."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.urls import iri_to_uri

from survey.db import reading, writing
from survey.staff import accounts
from survey.staff.deeds import now_milliseconds
from survey.staff.door import own_path
from survey.staff.roles import Role
from survey.staff.tables import deed, staff_session
from survey.staff.throttle import ACCOUNT
from tests.staff.signing import csrf_token, make_account, sign_in

pytestmark = pytest.mark.usefixtures("quick_passwords")

PASSWORD = "mười hai ký tự"
MINUTE = 60_000


@pytest.fixture
def an(hcmc):
    with writing(hcmc) as connection:
        accounts.add_account(
            connection, "an", PASSWORD, role=Role.ADMINISTRATOR, unit=None, created_at=0
        )


def enter(client, name="an", password=PASSWORD, path="/dang-nhap", token=None):
    token = csrf_token(client, path) if token is None else token
    typed = {"name": name, "password": password, "csrf_token": token}
    return client.post(path, data=typed)


def rows(engine, table):
    with reading(engine) as connection:
        return connection.execute(sa.select(table)).all()


def cookie(client):
    return client.get_cookie("hai-long")


def test_signing_in_leads_to_the_page_that_was_wanted_and_out_again(app, hcmc, an):
    client = app.test_client()
    sent = client.get("/en/quan-tri/nhat-ky/?account=an&unit=")
    assert sent.status_code == 303
    entered = enter(client, path=sent.headers["Location"])
    assert entered.status_code == 303
    assert entered.headers["Location"] == "/en/quan-tri/nhat-ky/?account=an&unit="
    assert client.get(entered.headers["Location"]).status_code == 200
    token = csrf_token(client)
    assert client.post("/dang-xuat").status_code == 400
    assert client.post("/dang-xuat", data={"csrf_token": token}).status_code == 303
    assert client.get("/quan-tri/nhat-ky/").status_code == 303
    assert rows(hcmc, staff_session) == []
    assert [row.deed for row in rows(hcmc, deed)] == ["session.begin", "session.end"]


def test_a_session_is_new_at_each_sign_in_and_its_token_is_in_no_table(app, hcmc, an):
    client = app.test_client()
    client.get("/dang-nhap")
    before = cookie(client).value
    enter(client)
    first = cookie(client).value
    assert first != before
    with client.session_transaction() as held:
        assert set(held) == {"token"}  # nothing from before, the old form's token neither
        token = held["token"]
        held.pop("token")
    enter(client)
    with client.session_transaction() as held:
        assert held["token"] != token
    assert token.encode() not in b"".join(row.digest for row in rows(hcmc, staff_session))


def test_the_cookie_is_kept_from_scripts_other_sites_and_plain_http(app, hcmc):
    answer = app.test_client().get("/dang-nhap")
    said = answer.headers["Set-Cookie"]
    assert said.startswith("hai-long=")
    assert "HttpOnly" in said
    assert "SameSite=Lax" in said
    assert "Secure" not in said
    assert answer.headers["Cache-Control"] == "no-store"
    app.config["SESSION_COOKIE_SECURE"] = True
    assert "Secure" in app.test_client().get("/dang-nhap").headers["Set-Cookie"]


@pytest.mark.parametrize(
    "changes", [{"name": "nobody"}, {"password": PASSWORD + "!"}, {"name": "A\0n"}, {"name": "out"}]
)
def test_every_wrong_sign_in_gets_the_same_page(app, hcmc, an, changes):
    with writing(hcmc) as connection:
        accounts.add_account(
            connection, "out", PASSWORD, role=Role.INSPECTOR, unit=None, created_at=0
        )
        accounts.disable(connection, "out", at=1)
    client = app.test_client()
    token = csrf_token(client, "/dang-nhap")
    known = enter(client, password="not this one", token=token)
    other = enter(client, token=token, **changes)
    assert other.status_code == known.status_code == 403
    varying = re.compile(r'(name="csrf_token"|id="name" name="name" type="text") value="[^"]*"')
    assert varying.sub("", other.text) == varying.sub("", known.text)


def test_a_form_from_elsewhere_does_not_sign_in(app, hcmc, an):
    client = app.test_client()
    client.get("/dang-nhap")
    assert enter(client, token="").status_code == 400
    assert enter(client, token=csrf_token(app.test_client(), "/dang-nhap")).status_code == 400
    assert rows(hcmc, staff_session) == []


def test_guessing_is_slowed_down_and_the_right_password_too(app, hcmc, an):
    client = app.test_client()
    token = csrf_token(client, "/dang-nhap")
    for _ in range(ACCOUNT.free):
        assert enter(client, password="wrong", token=token).status_code == 403
    slowed = enter(client, token=token)
    assert slowed.status_code == 429
    assert int(slowed.headers["Retry-After"]) == 1
    assert rows(hcmc, staff_session) == []


def test_what_the_client_says_of_its_address_is_not_believed(app, hcmc, an):
    client = app.test_client()
    token = csrf_token(client, "/dang-nhap")
    typed = {"password": "wrong", "csrf_token": token}
    answers = [
        client.post(
            "/dang-nhap",
            data=typed | {"name": f"name{number}"},
            headers={"X-Forwarded-For": f"192.0.2.{number}", "Forwarded": f"for=192.0.2.{number}"},
        ).status_code
        for number in range(31)
    ]
    assert answers == [403] * 30 + [429]


@pytest.mark.parametrize(
    ("column", "minutes", "status"),
    [
        ("seen_at", 29, 200),
        ("seen_at", 31, 303),
        ("started_at", 599, 200),
        ("started_at", 601, 303),
    ],
)
def test_a_session_ends_unused_and_in_any_case(app, hcmc, column, minutes, status):
    client = sign_in(app, hcmc, Role.ADMINISTRATOR)
    past = now_milliseconds() - minutes * MINUTE
    with writing(hcmc) as connection:
        connection.execute(sa.update(staff_session).values({column: past}))
    assert client.get("/quan-tri/nhat-ky/").status_code == status


def test_use_keeps_a_session_open_and_is_written_once_a_minute(app, hcmc):
    client = sign_in(app, hcmc, Role.ADMINISTRATOR)
    old = now_milliseconds() - 2 * MINUTE
    with writing(hcmc) as connection:
        connection.execute(sa.update(staff_session).values(seen_at=old))
    client.get("/quan-tri/nhat-ky/")
    seen = rows(hcmc, staff_session)[0].seen_at
    assert seen > old
    client.get("/quan-tri/nhat-ky/")
    assert rows(hcmc, staff_session)[0].seen_at == seen


def test_an_own_password_is_changed_and_other_sessions_end(app, hcmc, an):
    here, there = app.test_client(), app.test_client()
    enter(here)
    enter(there)
    new = "một mật khẩu khác hẳn"
    typed = {"old": PASSWORD, "new": new, "again": new, "csrf_token": csrf_token(here)}
    assert here.post("/mat-khau", data=typed | {"old": "wrong"}).status_code == 403
    assert here.post("/mat-khau", data=typed | {"again": new + "!"}).status_code == 400
    assert here.post("/mat-khau", data=typed | {"new": "x" * 11}).status_code == 400
    assert here.post("/mat-khau", data=typed).status_code == 303
    assert here.get("/mat-khau").status_code == 200
    assert there.get("/mat-khau").status_code == 303
    with reading(hcmc) as connection:
        accounts.prove(connection, "an", new)


def test_a_one_time_password_opens_only_the_page_where_it_is_changed(app, hcmc):
    at = now_milliseconds()
    with writing(hcmc) as connection:
        for name, made_at in (("binh", at), ("chi", at - accounts.ONE_TIME_MILLISECONDS)):
            accounts.add_account(
                connection,
                name,
                PASSWORD,
                role=Role.ADMINISTRATOR,
                unit=None,
                created_at=made_at,
                is_one_time=True,
            )
    client = app.test_client()
    assert enter(client, "chi").status_code == 403  # out of date
    assert enter(client, "binh").status_code == 303
    assert client.get("/quan-tri/nhat-ky/").headers["Location"] == "/mat-khau"
    new = "một mật khẩu khác hẳn"
    typed = {"old": PASSWORD, "new": new, "again": new, "csrf_token": csrf_token(client)}
    assert client.post("/mat-khau", data=typed).status_code == 303
    assert client.get("/quan-tri/nhat-ky/").status_code == 200


def test_no_public_page_reads_or_sets_the_cookie(app, hcmc):
    client = sign_in(app, hcmc, Role.INSPECTOR)
    for path in ("/", "/don-vi/", "/cach-tinh", "/bien-nhan/"):
        answer = client.get(path)
        assert "Set-Cookie" not in answer.headers
        assert "Cookie" not in answer.headers.get("Vary", "")


@given(st.text(max_size=30) | st.from_regex(r"[/\\\t\n a:.@?#]{0,8}example\.com", fullmatch=True))
def test_a_page_to_go_on_to_is_never_elsewhere(text):
    path = own_path(text)
    assert path in ("", text)
    if path:
        # what a browser makes of it: tabs and line ends go, backslashes are slashes
        seen = iri_to_uri(path)
        assert seen[0] == "/"
        assert seen[1:2] not in ("/", "\\")
        assert not set(path) & set("\t\r\n\\\0 ")


def test_a_disabled_account_is_out_at_once(app, hcmc):
    client = sign_in(app, hcmc, Role.INSPECTOR)
    make_account(hcmc, Role.ADMINISTRATOR)
    assert client.get("/quan-tri/nhat-ky/").status_code == 200
    with writing(hcmc) as connection:
        accounts.disable(connection, "inspector.city", at=1)
    assert client.get("/quan-tri/nhat-ky/").status_code == 303
