"""Headers of every answer."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from survey.web.headers import HEADERS
from tests.web.conftest import MakeClient


@pytest.mark.parametrize("path", ["/", "/khong-co", "/hong/bug", "/static/css/base.css"])
def test_every_answer_carries_them(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    for name, value in HEADERS.items():
        assert answer.headers[name] == value
    assert "Set-Cookie" not in answer.headers


def test_nothing_inline_and_nothing_foreign_is_allowed() -> None:
    policy = HEADERS["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "http" not in policy
    assert "frame-ancestors 'none'" in policy
    assert policy.startswith("default-src 'none'")


def test_an_answer_keeps_its_own(make_client: MakeClient) -> None:
    client = make_client()

    @client.application.get("/nhung")
    def embed() -> tuple[str, dict[str, str]]:
        return "", {"Content-Security-Policy": "frame-ancestors *"}

    assert client.get("/nhung").headers["Content-Security-Policy"] == "frame-ancestors *"


def test_tls_is_asked_for_only_where_there_is_tls(make_client: MakeClient) -> None:
    assert "Strict-Transport-Security" not in make_client().get("/").headers
    secure = make_client(public_url="https://hailong.example")
    assert "max-age=31536000" in secure.get("/").headers["Strict-Transport-Security"]


def test_a_versioned_file_is_kept_for_long(client: FlaskClient) -> None:
    page = client.get("/").text
    start = page.index("/static/css/base.css?v=")
    address = page[start : page.index('"', start)]
    for path in (address, "/static/fonts/be-vietnam-pro-400.woff2"):
        assert "immutable" in client.get(path).headers["Cache-Control"]
    assert "immutable" not in client.get("/static/css/base.css").headers["Cache-Control"]
    assert "immutable" not in client.get("/static/khong.css?v=1").headers["Cache-Control"]
