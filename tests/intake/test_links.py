"""One-time links: one dossier, one rating; every other use of a link gets one and the same page."""

from __future__ import annotations

import html
import re
import threading
import uuid

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Engine

from survey.app import create_app
from survey.db import reading, writing
from survey.intake.accept import now_milliseconds
from survey.intake.link_batches import (
    DAY,
    withdraw,
)
from survey.intake.links import LENGTH, Link, LinkTokens, normal_token, spoken
from survey.intake.tables import link, link_spent
from survey.ledger.tables import comment, response, set_aside
from survey.terms.receipt import receipt_code
from tests.intake.link_case import (
    CODE,
    DOSSIER_KEY,
    OTHER_UNIT,
    POINT,
    RETIRED,
    UNIT,
    count,
    handed_out,
    one_token,
    opened,
    rows,
    same_tally,
    settings_of,
    wanted,
)


@pytest.fixture
def client(hcmc: Engine) -> FlaskClient:
    return create_app(settings_of(hcmc)).test_client()


def test_a_link_makes_one_rating_with_everything_that_it_says(client, hcmc):
    token = one_token(hcmc, resolving_unit=OTHER_UNIT)
    address = opened(client, token)
    page = client.get(address).get_data(as_text=True)
    assert 'name="dossier"' not in page
    answer = client.post(address, data={"q0": "5", "comment": "Tốt"})
    assert answer.status_code == 303
    (row,) = rows(hcmc)
    assert row["series"] == "own/phone/citizen/token"
    assert (row["receiving_unit"], row["resolving_unit"]) == (UNIT, OTHER_UNIT)
    assert (row["field"], row["point"], row["occasion"]) == ("HTICH", POINT, "return")
    assert row["dossier"].hex() == wanted().dossier
    assert (row["service_on"], row["month"]) == ("2026-11-20", "2026-11")
    (spent,) = rows(hcmc, link_spent)
    assert (spent["link"], spent["response"]) == (token[:10], row["id"])
    thanks = client.get(answer.headers["Location"]).get_data(as_text=True)
    assert receipt_code(row["id"]) in thanks
    assert same_tally(hcmc)


def test_looking_at_a_link_records_nothing_and_sets_no_cookie(client, hcmc):
    token = one_token(hcmc)
    for _ in range(3):
        page = client.get(client.get(f"/m/{token}?q0=5").headers["Location"] + "?q0=5")
        assert page.status_code == 200
        assert "checked" not in page.get_data(as_text=True)
        assert "Set-Cookie" not in page.headers
        assert page.headers["Cache-Control"] == "no-store"
    assert client.head(f"/m/{token}").status_code == 302
    assert count(hcmc, response) == count(hcmc, link_spent) == 0


def test_double_tap_reload_and_back_are_one_rating_with_one_receipt(client, hcmc):
    address = opened(client, one_token(hcmc))
    data = {"q0": "2", "comment": "Chờ lâu"}
    answers = [client.post(address, data=data) for _ in range(3)]
    pages = [client.get(each.headers["Location"]).get_data(as_text=True) for each in answers]
    (row,) = rows(hcmc)
    assert all(receipt_code(row["id"]) in page for page in [*pages, *pages])
    assert len(set(pages)) == 1
    assert count(hcmc, set_aside) == 0
    assert count(hcmc, comment) == 1


def test_another_answer_on_the_same_form_changes_nothing_and_is_kept_for_staff(client, hcmc):
    address = opened(client, one_token(hcmc))
    client.post(address, data={"q0": "5"})
    assert client.post(address, data={"q0": "1"}).status_code == 303
    assert count(hcmc, response) == count(hcmc, set_aside) == count(hcmc, link_spent) == 1
    assert same_tally(hcmc)


def test_every_link_that_is_not_good_gets_the_same_page(client, hcmc):
    used = one_token(hcmc)
    client.post(opened(client, used), data={"q0": "5"})
    _, [(_, over)] = handed_out(hcmc, wanted(CODE + "1"), days=1, ago=2)
    batch, [(_, called_back)] = handed_out(hcmc, wanted(CODE + "2"))
    good = one_token(hcmc, code=CODE + "3")
    with writing(hcmc) as connection:
        withdraw(connection, batch, by="an", reason="In nhầm", at=now_milliseconds())
    changed = good[:-1] + ("0" if good[-1] != "0" else "1")
    foreign = LinkTokens("another key").make(handed_out(hcmc, wanted(CODE + "4"))[1][0][0])
    dead = [used, over, called_back, changed, foreign, "0" * 20, "x", "Ω", "9" * 400]
    answers = [client.get(f"/m/{token}") for token in dead]
    answers += [client.get(f"/m/{token}/abc") for token in dead]
    answers += [client.post(f"/m/{token}/abc", data={"q0": "5"}) for token in dead]
    assert {answer.status_code for answer in answers} == {404}
    bare = {re.sub(r'href="(/en)?/m/[^"]*"', "", each.get_data(as_text=True)) for each in answers}
    assert len(bare) == 1
    assert "/danh-gia/" in bare.pop()
    assert count(hcmc, response) == 1


def test_a_row_changed_in_the_database_is_a_link_no_longer(hcmc):
    _, [(each, token)] = handed_out(hcmc)
    tokens = LinkTokens(DOSSIER_KEY)
    assert tokens.make(each) == token
    for name in Link.__struct_fields__:
        value = getattr(each, name)
        other = {int: lambda v: v + 1, uuid.UUID: lambda _: uuid.uuid4(), str: lambda v: v + "0"}
        changed = {field: getattr(each, field) for field in Link.__struct_fields__}
        changed[name] = other[type(value)](value)
        assert tokens.make(Link(**changed))[-10:] != token[-10:], name
    forged = dict(rows(hcmc, link)[0]) | {"id": "ABCDEFGHJK", "occasion": "receipt"}
    with writing(hcmc) as connection:
        connection.execute(sa.insert(link), forged)
        assert tokens.find(connection, "ABCDEFGHJK" + token[10:]) is None
        assert tokens.find(connection, token) is not None


def test_what_was_handed_out_and_spent_is_never_changed(client, hcmc):
    batch, [(_, token)] = handed_out(hcmc)
    client.post(opened(client, token), data={"q0": "5"})
    with writing(hcmc) as connection:
        withdraw(connection, batch, by="an", reason="In nhầm", at=1)
    for statement in (
        "DELETE FROM link_spent",
        "UPDATE link SET field = 'DD'",
        "DELETE FROM link_withdrawal",
        "UPDATE link_batch SET n_links = 0",
    ):
        with pytest.raises(sa.exc.DBAPIError, match="append-only"), writing(hcmc) as connection:
            connection.execute(sa.text(statement))


def test_of_two_forms_of_a_link_the_first_sent_counts_and_the_other_is_given_back(client, hcmc):
    token = one_token(hcmc)
    first, second = opened(client, token), opened(client, token)
    assert client.post(second, data={"q0": "5"}).status_code == 303
    answer = client.post(first, data={"q0": "1", "comment": "còn <b>đây</b>"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "còn &lt;b&gt;đây&lt;/b&gt;" in page
    assert "Liên kết này không dùng được nữa" in page
    assert count(hcmc, response) == 1
    action = re.search(r'action="(/danh-gia/[^"]+)"', page)
    assert action is not None
    sent = client.post(html.unescape(action[1]), data={"q0": "1", "comment": "còn đây"})
    assert sent.status_code == 303
    series = sorted(row["series"] for row in rows(hcmc))
    assert series == ["own/phone/citizen/open", "own/phone/citizen/token"]
    assert client.get(second).status_code == 200
    assert client.get(first).status_code == 404


def test_of_many_at_the_same_moment_exactly_one_counts(hcmc):
    app = create_app(settings_of(hcmc))
    token = one_token(hcmc)
    addresses = [opened(app.test_client(), token) for _ in range(6)]
    gate, statuses_seen = threading.Barrier(len(addresses)), []

    def send(address: str, value: int) -> None:
        client = app.test_client()
        gate.wait()
        statuses_seen.append(client.post(address, data={"q0": str(value)}).status_code)

    threads = [
        threading.Thread(target=send, args=(address, 1 + place % 5))
        for place, address in enumerate(addresses)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses_seen) == [200] * 5 + [303]
    assert count(hcmc, response) == count(hcmc, link_spent) == 1
    assert count(hcmc, set_aside) == 0
    assert same_tally(hcmc)


def test_a_double_tap_at_the_same_moment_is_one_rating(hcmc):
    app = create_app(settings_of(hcmc))
    address = opened(app.test_client(), one_token(hcmc))
    gate, seen = threading.Barrier(4), []

    def send() -> None:
        client = app.test_client()
        gate.wait()
        seen.append(client.post(address, data={"q0": "4", "comment": "x"}).status_code)

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [303] * 4
    assert count(hcmc, response) == count(hcmc, comment) == 1
    assert count(hcmc, set_aside) == 0


def test_a_form_opened_in_time_may_be_sent_after_the_links_end(client, hcmc, monkeypatch):
    token = one_token(hcmc)
    address = opened(client, token)
    later = now_milliseconds() + 90 * DAY + 60_000
    monkeypatch.setattr("survey.intake.link_pages.now_milliseconds", lambda: later)
    # ninety days later the form itself is stale: nothing is recorded, what was typed comes back
    answer = client.post(address, data={"q0": "5", "comment": "còn đây"})
    assert answer.status_code == 200
    assert "còn đây" in answer.get_data(as_text=True)
    assert client.get(f"/m/{token}").status_code == 404
    assert count(hcmc, response) == 0


def test_the_last_moment_of_a_link_does_not_cut_off_who_is_writing(client, hcmc):
    _, [(_, token)] = handed_out(hcmc, days=1, ago=1 - 0.00003)  # about 2.6 seconds are left
    address = opened(client, token)
    with reading(hcmc) as connection:
        expires_at = connection.execute(sa.select(link.c.expires_at)).scalar_one()
    while now_milliseconds() <= expires_at:
        threading.Event().wait(0.05)
    assert client.get(f"/m/{token}").status_code == 404
    assert client.get(address).status_code == 200
    assert client.post(address, data={"q0": "5"}).status_code == 303
    assert count(hcmc, response) == 1


def test_tampered_form_tokens_lose_nothing(client, hcmc):
    token = one_token(hcmc)
    other = opened(client, one_token(hcmc, code=CODE + "1")).rsplit("/", 1)[1]
    for text in (other, "x", "Ω"):
        answer = client.post(f"/m/{token}/{text}", data={"q0": "4", "comment": "còn đây"})
        page = answer.get_data(as_text=True)
        assert answer.status_code == 200
        assert "còn đây" in page
        assert count(hcmc, response) == 0
        assert client.get(f"/m/{token}/{text}").status_code == 302
    action = re.search(r'<form method="post" action="([^"]+)"', page)
    assert action is not None
    assert client.post(html.unescape(action[1]), data={"q0": "4"}).status_code == 303
    assert count(hcmc, response) == 1


def test_nothing_chosen_comes_back_filled_in_and_leaves_the_link_good(client, hcmc):
    address = opened(client, one_token(hcmc))
    answer = client.post(address, data={"comment": "Xin góp ý"})
    assert answer.status_code == 400
    assert "Xin góp ý" in answer.get_data(as_text=True)
    assert count(hcmc, link_spent) == 0
    assert client.post(address, data={"q0": "3"}).status_code == 303


def test_a_busy_database_gives_the_form_back_filled_in(client, hcmc):
    if hcmc.dialect.name != "sqlite":
        pytest.skip("PostgreSQL's writers do not wait for each other")
    address = opened(client, one_token(hcmc))
    with writing(hcmc):
        answer = client.post(address, data={"q0": "3", "comment": "giữ lại"})
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert "giữ lại" in answer.get_data(as_text=True)
    assert count(hcmc, link_spent) == 0
    assert client.post(address, data={"q0": "3", "comment": "giữ lại"}).status_code == 303


def test_places_are_found_without_diacritics_and_lead_to_the_form(client):
    page = client.get("/danh-gia/?q=phuong+sai+gon").get_data(as_text=True)
    assert f"/danh-gia/{POINT}" in page
    assert RETIRED not in page
    assert client.get("/en/danh-gia/?q=x").status_code == 200
    assert "picks" not in client.get("/danh-gia/").get_data(as_text=True)


def test_english_is_offered_and_recorded(client, hcmc):
    address = opened(client, one_token(hcmc), "/en")
    assert address.startswith("/en/m/")
    assert '<html lang="en">' in client.get(address).get_data(as_text=True)
    client.post(address, data={"q0": "5"})
    assert rows(hcmc)[0]["language"] == "en"


def test_a_token_is_read_however_it_is_typed(client, hcmc):
    token = one_token(hcmc)
    assert len(token) == LENGTH
    for typed in (token.lower(), spoken(token), f" {spoken(token).lower()} "):
        answer = client.get(f"/m/{typed}")
        assert answer.status_code == 302
        assert f"/m/{token}/" in answer.headers["Location"]


@given(st.text(max_size=100))
def test_what_is_typed_as_a_token_has_a_normal_form(typed):
    token = normal_token(typed)
    assert len(token) == LENGTH
    assert normal_token(token) == token


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    data=st.dictionaries(
        st.sampled_from(["q0", "q1", "q2", "comment", "dossier", "x"]),
        st.lists(st.text(max_size=20) | st.sampled_from(["1", "5", "11"]), max_size=3),
    ),
    token=st.text(min_size=1, max_size=30).filter(lambda text: "/" not in text),
)
def test_no_input_is_a_fault_of_the_server(client, hcmc, data, token):
    code = f"000.00.01.H29-260310-{uuid.uuid4().int % 10**8:08d}"
    address = opened(client, one_token(hcmc, code=code))
    assert client.post(address, data=data).status_code in (200, 303, 400)
    assert client.get("/m/" + token).status_code in (404, 308)
    assert client.get("/danh-gia/", query_string={"q": token}).status_code == 200
    assert same_tally(hcmc)
