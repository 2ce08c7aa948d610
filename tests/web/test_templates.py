"""How templates write."""

from __future__ import annotations

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup, escape

from survey.web.language import in_language
from survey.web.setup import init_web
from survey.web.site import Site
from survey.web.templates import text

PAGE = """{% macro cell(value) %}<td>{{ value }}</td>{% endmacro %}
{% set part %}<i>{{ word }}</i>{% endset %}
<p title="{{ word }}">{{ cell(word) }}{{ part }}{{ number }}|{{ share }}|{{ safe }}|{{ none }}</p>
{% for each in [1, 2] %}{{ _('Mã lỗi %(status)s', status=each) }};{% endfor %}
{{ _('Mã lỗi %(status)s', **{'status': word}) }} {{ address('/don-vi/' ~ word) }}"""


@pytest.fixture
def app() -> Flask:
    app = Flask("test")
    init_web(app, site=Site, public_url="")

    @app.get("/")
    def page() -> str:
        template = app.jinja_env.from_string(PAGE)
        return template.render(word="<a&'\">", number=5, share=0.5, safe=Markup("<b>"))

    return app


@given(st.text(alphabet="<>&'\"%a"))
def test_a_value_in_a_text_is_made_safe(value: str) -> None:
    assert text("Mã lỗi %(status)s", status=value) == f"Mã lỗi {escape(value)}"


def test_texts_are_those_of_the_language() -> None:
    found = []
    for language in ("vi", "en", "vi"):
        with in_language(language):
            found.append((text("Lĩnh vực"), text("Mã lỗi %(status)s", status=5)))
    assert found == [("Lĩnh vực", "Mã lỗi 5"), ("Fields", "Error code 5"), ("Lĩnh vực", "Mã lỗi 5")]


def test_a_per_cent_sign_is_written_twice_in_every_text() -> None:
    assert text("100 %% đúng") == text("%(share)s %% đúng", share=100) == "100 % đúng"


def test_a_template_writes_what_it_is_given_and_nothing_unsafe(app: Flask) -> None:
    safe = "&lt;a&amp;&#39;&#34;&gt;"
    assert app.test_client().get("/").text == (
        f'<p title="{safe}"><td>{safe}</td><i>{safe}</i>5|0.5|<b>|None</p>\n'
        f"Mã lỗi 1;Mã lỗi 2;Mã lỗi {safe} /don-vi/{safe}"
    )
