"""Texts in the language of the page."""

from __future__ import annotations

import pytest
from flask import Flask, render_template_string

from survey.web.language import LanguageMiddleware, current_language
from survey.web.setup import init_web
from survey.web.site import Site
from survey.web.texts import gettext, lazy_gettext, ngettext

LAZY = lazy_gettext("Lĩnh vực")


@pytest.fixture
def app() -> Flask:
    app = Flask("test")
    init_web(app, site=Site, public_url="")

    @app.get("/loi")
    def broken() -> str:
        raise ZeroDivisionError

    @app.get("/")
    def texts() -> str:
        page = "{{ _('Mã lỗi %(status)s', status='<1>') }}|{{ lazy }}"
        numbers = [ngettext("phiếu bị hủy", "phiếu bị hủy", number) for number in (1, 2)]
        found = [gettext("Lĩnh vực"), gettext("Mã lỗi %(status)s", status=5), *numbers]
        return "|".join([*found, str(LAZY), render_template_string(page, lazy=LAZY)])

    return app


def test_vietnamese_texts_are_the_ids(app: Flask) -> None:
    assert app.test_client().get("/").text == (
        "Lĩnh vực|Mã lỗi 5|phiếu bị hủy|phiếu bị hủy|Lĩnh vực|Mã lỗi &lt;1&gt;|Lĩnh vực"
    )


def test_english_texts_come_from_the_catalogue(app: Flask) -> None:
    assert app.test_client().get("/en/").text == (
        "Fields|Error code 5|voided rating|voided ratings|Fields|Error code &lt;1&gt;|Fields"
    )


def test_a_language_without_catalogue_shows_the_ids(app: Flask) -> None:
    app.wsgi_app = LanguageMiddleware(app.wsgi_app, lambda: Site(("fr",)))  # type: ignore[method-assign,assignment]
    assert app.test_client().get("/").text.startswith("Lĩnh vực|")


def test_a_request_leaves_no_language_behind(app: Flask) -> None:
    client = app.test_client()
    client.get("/en/")
    assert current_language() == "vi"
    app.testing = True
    with pytest.raises(ZeroDivisionError):
        client.get("/en/loi")
    assert current_language() == "vi"
    assert gettext("Lĩnh vực") == "Lĩnh vực"
