"""Every route with generated input: a clear answer, and never a fault of the server."""

from __future__ import annotations

import io
import json

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Engine
from werkzeug.routing import BuildError, IntegerConverter, UUIDConverter

from survey.app import create_app
from survey.settings import Settings

REAL = ["26740C", "HTICH", "N81A4", "2026-Q3", "2025", "2026-07", "2023-07..2024-04", "en", "json"]
ODD = ["", ".", "..", "%00", "\x00", "'", '"><script>', "Đ", "Đ", "😀", "9" * 400, "0000-Q1", "-1"]
WORDS = st.sampled_from(REAL) | st.sampled_from(ODD) | st.text(max_size=30)
NAMES = st.sampled_from(["q0", "comment", "dossier", "name", "password", "old", "csrf_token", "x"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=6,
)
BODIES = st.one_of(
    st.fixed_dictionaries({"data": st.dictionaries(NAMES, WORDS, max_size=3)}),
    st.fixed_dictionaries({"json": JSON}),
    NAMES.map(lambda name: {"data": {name: (io.BytesIO(b"5"), "5.txt"), "q1": "5"}}),
)
"""What a form's address may be sent: a form, JSON, a file in the place of a text."""
VALUES = {IntegerConverter: st.integers(min_value=0, max_value=10**12), UUIDConverter: st.uuids()}
"""What a converter takes that takes no words."""


@pytest.fixture
def app(hcmc: Engine) -> Flask:
    url = hcmc.url.render_as_string(hide_password=False)
    return create_app(Settings(database_url=url, secret_key="x" * 32, dossier_key="y" * 32))


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_no_route_answers_with_a_fault(app: Flask, data: st.DataObject) -> None:
    client = app.test_client()
    for rule in app.url_map.iter_rules():
        values: dict[str, object] = {
            name: data.draw(VALUES.get(type(converter), WORDS))
            for name, converter in rule._converters.items()
        }
        if "ending" in values:
            known = sorted(rule._converters["ending"].items)
            values["ending"] = data.draw(st.sampled_from(known))
        with app.test_request_context():
            try:
                path = app.url_map.bind("localhost").build(
                    rule.endpoint, values, append_unknown=False
                )
            except BuildError:
                continue
        prefix = data.draw(st.sampled_from(["", "/en", "/fr"]))
        method = data.draw(st.sampled_from(["GET", "GET", "POST", "HEAD", "OPTIONS", "PUT"]))
        accept = data.draw(st.sampled_from(["text/html", "application/json", "*/*", "x"]))
        answer = client.open(
            prefix + path,
            method=method,
            query_string={data.draw(WORDS): data.draw(WORDS)},
            headers={"Accept": accept},
            **(data.draw(BODIES) if method == "POST" else {}),
        )
        assert answer.status_code < 500, (method, path)


def test_a_program_gets_problem_details(app: Flask) -> None:
    answer = app.test_client().get("/don-vi/KHONGCO.json")
    assert answer.status_code == 404
    assert answer.mimetype == "application/problem+json"
    assert json.loads(answer.data)["code"] == "not_found"


def test_no_public_page_sets_a_cookie_or_may_be_framed(app: Flask) -> None:
    client = app.test_client()
    for path in ("/", "/don-vi/", "/linh-vuc/", "/cach-tinh", "/quyen-rieng-tu", "/en/"):
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert "Set-Cookie" not in answer.headers
        policy = answer.headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy


def test_health_tells_whether_the_database_answers(app: Flask, tmp_path: object) -> None:
    assert app.test_client().get("/healthz").data == b"ok\n"
    gone = create_app(Settings(database_url=f"sqlite:///{tmp_path}/none/none.sqlite"))
    answer = gone.test_client().get("/healthz")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
