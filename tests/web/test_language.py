"""Languages by address."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from survey.web.language import LANGUAGE, LanguageMiddleware
from survey.web.site import Site
from tests.web.conftest import MakeClient


def test_the_first_language_has_plain_addresses(client: FlaskClient) -> None:
    assert client.get("/trang/x").text == "/trang/x"
    assert '<html lang="vi">' in client.get("/").text


def test_another_language_has_a_prefix_that_addresses_keep(client: FlaskClient) -> None:
    assert client.get("/en/trang/x").text == "/en/trang/x"
    assert '<html lang="en">' in client.get("/en/").text


def test_static_files_have_no_prefix(client: FlaskClient) -> None:
    page = client.get("/en/").text
    assert 'href="/static/css/base.css?v=' in page
    assert "/en/static" not in page


def test_the_bare_prefix_leads_to_the_home_page(client: FlaskClient) -> None:
    answer = client.get("/en")
    assert (answer.status_code, answer.headers["Location"]) == (308, "/en/")


@pytest.mark.parametrize("path", ["/vi/", "/fr/", "/english/", "/enx"])
def test_no_other_prefix_is_a_language(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_a_page_links_to_itself_in_the_other_language(client: FlaskClient) -> None:
    assert 'href="/en/tim?a=1&amp;b=%C4%91" lang="en"' in client.get("/tim?a=1&b=đ").text
    assert 'href="/tim?a=1" lang="vi"' in client.get("/en/tim?a=1").text
    assert 'href="/en/" lang="en"' in client.get("/?a=1").text
    assert 'href="/en/kh%C3%B4ng-c%C3%B3" lang="en"' in client.get("/không-có").text


def test_the_order_of_languages_is_the_citys(make_client: MakeClient) -> None:
    client = make_client(lambda: Site(("en", "vi")))
    assert '<html lang="en">' in client.get("/").text
    assert '<html lang="vi">' in client.get("/vi/").text


def test_one_language_needs_no_choice(make_client: MakeClient) -> None:
    client = make_client(lambda: Site(("en",)))
    assert 'hreflang="vi"' not in client.get("/").text
    assert client.get("/vi/").status_code == 404


def test_the_last_known_site_serves_while_the_database_is_gone(make_client: MakeClient) -> None:
    known = [Site(("en",), {"en": "Test City"})]
    client = make_client(lambda: known.pop())
    for _ in range(2):
        page = client.get("/").text
        assert '<html lang="en">' in page
        assert "Test City" in page


@pytest.mark.parametrize(("is_sample", "seen"), [(True, True), (False, False), (None, False)])
def test_sample_data_are_labelled_on_every_page(
    make_client: MakeClient, is_sample: bool | None, seen: bool
) -> None:
    client = make_client(lambda: Site(("vi",), is_sample=is_sample))
    for path in ("/", "/khong-co"):
        page = client.get(path).text
        assert ("Dữ liệu mẫu" in page) is seen
        assert ('<meta name="robots" content="noindex">' in page) is seen


@given(st.text(max_size=40))
def test_any_path_is_split_without_loss(path: str) -> None:
    seen: dict[str, str] = {}

    def app(environ: dict[str, str], _start: object) -> list[bytes]:
        seen.update(environ)
        return []

    before = {"PATH_INFO": "/" + path, "SCRIPT_NAME": ""}
    middleware = LanguageMiddleware(app, lambda: Site(("vi", "en")))  # type: ignore[arg-type]
    list(middleware(dict(before), lambda *_: None))  # type: ignore[arg-type]
    if seen:
        assert seen["SCRIPT_NAME"] + seen["PATH_INFO"] == "/" + path
        assert seen["SCRIPT_NAME"] in ("", "/en")
        assert seen[LANGUAGE] == ("en" if seen["SCRIPT_NAME"] else "vi")
    else:
        assert path == "en"


def test_flask_is_not_needed_to_know_the_first_language() -> None:
    from survey.web.language import alternates, current_language

    assert current_language() == "vi"
    with Flask("bare").test_request_context("/x"):
        assert [each.path for each in alternates()] == ["/x", "/en/x"]
