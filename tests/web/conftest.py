"""A small application of its own for what every page shares."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask, abort, render_template_string, url_for
from flask.testing import FlaskClient

from survey.db import Busy
from survey.settings import ROOT
from survey.terms.problem import InvalidTermError
from survey.web.errors import UNAVAILABLE
from survey.web.setup import init_web
from survey.web.site import Site

SITE = Site(("vi", "en"), {"vi": "Thành phố Thử", "en": "Test City"}, is_sample=False)

MakeClient = Callable[..., FlaskClient]


class DatabaseGoneError(Exception):
    """Stands for an exception of another room."""


@pytest.fixture
def make_client() -> MakeClient:
    """Makes a client of an application with pages that fail in each of the known ways."""

    def make(
        site: Callable[[], Site] = lambda: SITE, public_url: str = "http://127.0.0.1:8000"
    ) -> FlaskClient:
        app = Flask("test", template_folder=ROOT / "templates", static_folder=ROOT / "static")
        init_web(
            app,
            site=site,
            public_url=public_url,
            site_seconds=0,
            answers={DatabaseGoneError: UNAVAILABLE},
        )
        app.config["MAX_CONTENT_LENGTH"] = 100
        _add_pages(app)
        return app.test_client()

    return make


@pytest.fixture
def client(make_client: MakeClient) -> FlaskClient:
    """A client of the usual city."""
    return make_client()


def _add_pages(app: Flask) -> None:
    @app.get("/")
    def home() -> str:
        return render_template_string("{% extends 'base.html' %}")

    @app.get("/tim")
    def search() -> str:
        return render_template_string("{% set keep_query = true %}{% extends 'base.html' %}")

    @app.get("/trang/<name>")
    def page(name: str) -> str:
        return url_for("page", name=name)

    @app.route("/hong/<how>", methods=["GET", "POST"])
    @app.route("/hong/<how>.json", methods=["GET", "POST"])
    def broken(how: str) -> str:
        raise {
            "busy": Busy(),
            "term": InvalidTermError("period", detail="2026-13"),
            "gone": DatabaseGoneError(),
            "bug": ZeroDivisionError(),
        }[how]

    @app.route("/trang-thai/<int:status>")
    def status(status: int) -> str:
        abort(status)

    @app.post("/gui")
    def send() -> str:
        from flask import request

        return request.get_data(as_text=True)
