"""Answers are kept until something new is published."""

from __future__ import annotations

import pytest
from flask import Flask, Response, request
from flask.testing import FlaskClient

from survey.web import kept
from survey.web.kept import KeptAnswers, keep


class Press:
    """An application that counts what it renders and what it is asked."""

    def __init__(self, seconds: float) -> None:
        self.stamp, self.asked, self.rendered = 1, 0, 0
        self.is_gone = self.is_late = False
        app = Flask("press")
        app.add_url_rule("/page/<name>", "page", self.page)
        app.add_url_rule("/list", "list", self.list)
        app.add_url_rule("/own", "own", self.own)
        app.wsgi_app = KeptAnswers(app.wsgi_app, self.ask, seconds)  # type: ignore[method-assign, assignment]
        self.client: FlaskClient = app.test_client()

    def ask(self) -> int:
        self.asked += 1
        if self.is_gone:
            raise ConnectionError
        return self.stamp

    def page(self, name: str) -> Response:
        self.rendered += 1
        if self.is_late:
            self.stamp += 1
        keep()
        status = 404 if name == "none" else 200
        return Response(f"page {self.rendered}", status, {"X-Own": "kept too"})

    def list(self) -> str:
        self.rendered += 1
        keep(by_query=True)
        return request.args.get("q", "all")

    def own(self) -> str:
        self.rendered += 1
        return "mine"


def test_a_page_is_rendered_once_whatever_stands_behind_it() -> None:
    press = Press(seconds=60)
    answers = [press.client.get(path) for path in ("/page/a", "/page/a", "/page/a?ref=x")]
    assert {answer.text for answer in answers} == {"page 1"}
    assert {answer.headers["X-Own"] for answer in answers} == {"kept too"}
    assert (press.asked, press.rendered) == (1, 1)


def test_a_page_that_depends_on_its_query_is_kept_by_it() -> None:
    press = Press(seconds=60)
    found = [press.client.get(f"/list{query}").text for query in ("", "?q=a", "?q=b", "?q=a", "")]
    assert found == ["all", "a", "b", "a", "all"]
    assert press.rendered == 3


def test_a_page_of_one_person_is_not_kept() -> None:
    press = Press(seconds=60)
    assert [press.client.get("/own").text for _ in range(2)] == ["mine", "mine"]
    assert press.rendered == 2
    assert "ETag" not in press.client.get("/own").headers


def test_only_what_is_new_travels_again() -> None:
    press = Press(seconds=60)
    tag = press.client.get("/page/a").headers["ETag"]
    for sent in (tag, f"W/{tag}", f'"other", {tag}'):
        again = press.client.get("/page/a", headers={"If-None-Match": sent})
        assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
        assert "Content-Length" not in again.headers
    assert press.client.get("/page/a", headers={"If-None-Match": '"other"'}).status_code == 200


def test_something_new_clears_what_is_kept() -> None:
    press = Press(seconds=0)
    first = press.client.get("/page/a")
    press.stamp = 2
    assert press.client.get("/page/a").headers["ETag"] != first.headers["ETag"]


def test_what_is_not_there_is_not_kept() -> None:
    press = Press(seconds=60)
    assert [press.client.get("/page/none").status_code for _ in range(2)] == [404, 404]
    assert press.rendered == 2


def test_other_methods_pass_by() -> None:
    press = Press(seconds=60)
    press.client.get("/page/a")
    assert press.client.post("/page/a").status_code == 405
    head = press.client.head("/page/a")
    assert (head.status_code, head.data) == (200, b"")


def test_the_longest_unread_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "CAPACITY", 20)
    press = Press(seconds=60)
    for key in "abcabda":
        press.client.get(f"/page/{key}")
    # 6 bytes a page: a, b, c fit; d puts out c, which was asked for longest ago
    assert press.rendered == 4
    press.client.get("/page/c")
    assert press.rendered == 5


def test_a_page_rendered_while_something_new_came_is_not_kept() -> None:
    press = Press(seconds=0)
    press.is_late = True
    old = press.client.get("/page/a").text
    press.is_late = False
    assert press.client.get("/page/a").text != old


def test_what_is_kept_serves_while_the_database_is_gone() -> None:
    press = Press(seconds=0)
    first = press.client.get("/page/a").text
    press.is_gone = True
    assert press.client.get("/page/a").text == first


def test_whoever_asks_for_the_head_alone_gets_the_same_headers() -> None:
    press = Press(seconds=60)
    head, page = press.client.head("/page/a"), press.client.get("/page/a")
    assert (head.data, page.data) == (b"", b"page 1")
    assert head.headers == page.headers
    assert "ETag" in head.headers
    tag = {"If-None-Match": page.headers["ETag"]}
    assert press.client.head("/page/a", headers=tag).status_code == 304
    assert press.client.head("/own").text == ""
    assert press.client.head("/page/none").status_code == 404
