"""Every exception meets its status and its page."""

from __future__ import annotations

import pytest
from flask import Flask, render_template
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from survey.web import errors
from survey.web.errors import BY_STATUS, PROBLEM_JSON, Answer
from tests.web.conftest import MakeClient


@pytest.mark.parametrize(
    ("path", "status", "text"),
    [
        ("/khong-co", 404, "Không tìm thấy trang này"),
        ("/hong/busy", 503, "Hệ thống đang bận"),
        ("/hong/gone", 503, "tạm thời không phục vụ"),
        ("/hong/term", 400, "Yêu cầu không đọc được"),
        ("/hong/bug", 500, "Hệ thống gặp lỗi"),
        ("/trang-thai/410", 410, "không còn nữa"),
        ("/trang-thai/418", 418, "Yêu cầu không đọc được"),
        ("/trang-thai/502", 502, "Hệ thống gặp lỗi"),
    ],
)
def test_a_person_gets_a_page(client: FlaskClient, path: str, status: int, text: str) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    assert answer.mimetype == "text/html"
    assert text in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_page_is_in_the_persons_language(client: FlaskClient) -> None:
    page = client.get("/en/khong-co")
    assert page.status_code == 404
    assert "cannot be found" in page.text
    assert "Không tìm thấy" not in page.text


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/hong/busy.json", {}),
        ("/khong-co.csv", {}),
        ("/khong-co.xlsx", {}),
        ("/api/v1/khong-co", {}),
        ("/hong/busy", {"Accept": "application/json"}),
        ("/hong/busy", {"Accept": PROBLEM_JSON}),
    ],
)
def test_a_program_gets_problem_details(
    client: FlaskClient, path: str, headers: dict[str, str]
) -> None:
    answer = client.get(path, headers=headers)
    assert answer.mimetype == PROBLEM_JSON
    problem = answer.get_json()
    assert problem["status"] == answer.status_code
    assert problem["code"] == ("busy" if "busy" in path else "not_found")
    assert problem.keys() == {"type", "title", "status", "detail", "code"}


def test_a_term_keeps_its_own_code(client: FlaskClient) -> None:
    assert client.get("/hong/term.json").get_json()["code"] == "period"


def test_busy_says_when_to_come_back(client: FlaskClient) -> None:
    assert client.get("/hong/busy").headers["Retry-After"] == "2"


def test_a_wrong_method_names_the_right_ones(client: FlaskClient) -> None:
    answer = client.post("/trang/x")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


def test_too_much_is_refused(client: FlaskClient) -> None:
    answer = client.post("/gui", data="x" * 1000)
    assert answer.status_code == 413
    assert "quá lớn" in answer.text


def test_the_page_of_last_resort_needs_no_template(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> str:
        raise OSError("no templates")

    assert render_template is errors.render_template
    monkeypatch.setattr(errors, "render_template", broken)
    answer = client.get("/hong/bug")
    assert answer.status_code == 500
    assert "Hệ thống gặp lỗi" in answer.text
    assert "Something went wrong" in answer.text


def test_every_answer_says_what_to_do_and_has_a_code_of_its_own(client: FlaskClient) -> None:
    codes = [answer.code for status, answer in BY_STATUS.items() if answer.status == status]
    assert len(codes) == len(set(codes))
    with client.application.test_request_context():
        for answer in BY_STATUS.values():
            assert isinstance(answer, Answer)
            assert str(answer.title)
            assert str(answer.advice).endswith(".")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(
    path=st.text(max_size=30),
    accept=st.one_of(st.none(), st.text(st.characters(codec="latin-1"), max_size=30)),
)
def test_no_request_breaks_the_answer(client: FlaskClient, path: str, accept: str | None) -> None:
    headers = {} if accept is None else {"Accept": accept.replace("\r", "").replace("\n", "")}
    answer = client.get("/khong/" + path, headers=headers)
    assert answer.status_code == 404


def test_a_bug_shows_nothing_of_itself(make_client: MakeClient) -> None:
    page = make_client().get("/hong/bug").text
    assert "ZeroDivision" not in page
    assert "Traceback" not in page


def test_in_tests_a_bug_is_seen(client: FlaskClient) -> None:
    app: Flask = client.application
    app.config["TESTING"] = True
    with pytest.raises(ZeroDivisionError):
        client.get("/hong/bug")
