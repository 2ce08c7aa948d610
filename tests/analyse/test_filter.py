"""The filter in the address: what it understands, what it refuses, and that it never breaks."""

from __future__ import annotations

import re
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Engine

from survey.analyse.selection import Selection, ask
from survey.db import reading
from survey.staff.roles import Role
from survey.terms.period import parse_period
from tests.analyse.conftest import application
from tests.fixtures.builders import WARD
from tests.fixtures.city import register_of
from tests.staff.signing import sign_in

PATH = "/phan-tich/"


def asked(engine: Engine, **given: str) -> Selection | list[tuple[str, str]]:
    return asked_pairs(engine, *given.items())


def asked_pairs(engine: Engine, *pairs: tuple[str, str]) -> Selection | list[tuple[str, str]]:
    register = register_of(engine)
    with application(engine).test_request_context(), reading(engine) as connection:
        found = ask(connection, register, pairs, "vi")
        return found.selection or found.errors


def test_an_empty_address_is_the_newest_released_quarter_by_field(city: Engine):
    assert asked(city) == Selection((parse_period("2026-Q3"),))


def test_an_address_says_everything_and_is_written_as_it_is_read(city: Engine):
    given = {
        "ky": "2026-Q2,2026-07",
        "don_vi": f"{WARD},26737C",
        "linh_vuc": "HTICH,DD",
        "cau_hoi": "one-stop.overall/1",
        "chuoi": "own/kiosk/*/*,*/*/staff/*",
        "theo": "don_vi",
        "xep": "-ty_le",
    }
    found = asked(city, **given)
    assert isinstance(found, Selection)
    assert found.query() == urlencode(given, safe="/,.*")
    assert asked(city, **dict(pair.split("=") for pair in found.query().split("&"))) == found


def test_names_are_understood_with_any_spelling(city: Engine):
    found = asked(city, don_vi="phường  sài gòn", linh_vuc="ĐẤT ĐAI; Civil status")
    assert isinstance(found, Selection)
    assert found.units == (WARD,)
    assert found.fields == ("DD", "HTICH")


def test_the_same_name_given_several_times_is_one_list(city: Engine):
    found = asked_pairs(city, ("don_vi", WARD), ("don_vi", "26737C"), ("don_vi", ""))
    assert isinstance(found, Selection)
    assert found.units == (WARD, "26737C")


@pytest.mark.parametrize(
    ("given", "input", "says"),
    [
        ({"ky": "2026-13"}, "ky", "2026-13"),
        ({"ky": "2026-02..2026-01"}, "ky", "2026-02..2026-01"),
        ({"ky": "0001-01..9999-12"}, "ky", "0001-01..9999-12"),
        ({"ky": "2020,2021,2022,2023,2024,2025"}, "ky", "60"),
        ({"don_vi": "không có"}, "don_vi", "không có"),
        ({"don_vi": ",".join(f"U{n}" for n in range(61))}, "don_vi", "60"),
        ({"linh_vuc": "không có"}, "linh_vuc", "không có"),
        ({"chuoi": "own/kiosk"}, "chuoi", "own/kiosk"),
        ({"chuoi": "own/fax/*/*"}, "chuoi", "own/fax/*/*"),
        ({"cau_hoi": "x/1"}, "cau_hoi", "x/1"),
        ({"theo": "x"}, "theo", "x"),
        ({"xep": "--so"}, "xep", "-so"),
        ({"don_vi": "x" * 3000}, "don_vi", "Quá dài"),
    ],
)
def test_what_is_wrong_is_said_at_its_input(
    city: Engine, given: dict[str, str], input: str, says: str
):
    found = asked(city, **given)
    assert isinstance(found, list)
    assert any(name == input and says in text for name, text in found), found


def test_a_page_with_a_mistake_keeps_what_was_typed_and_names_the_input(analyst: FlaskClient):
    answer = analyst.get(PATH, query_string={"ky": "2026-13", "don_vi": 'x"><b>'})
    assert answer.status_code == 200
    assert 'href="#ky"' in answer.text
    assert 'value="2026-13"' in answer.text
    assert "<b>" not in answer.text.replace("<b>a</b>", "")
    assert 'aria-invalid="true"' in answer.text
    english = analyst.get("/en" + PATH, query_string={"ky": "2026-13"}).text
    assert "The period “2026-13” is not understood." in english
    assert analyst.get(PATH + "so-dem.csv", query_string={"ky": "2026-13"}).status_code == 400


@pytest.mark.parametrize("name", ["ky", "don_vi", "linh_vuc", "cau_hoi", "chuoi", "theo", "xep"])
def test_what_was_typed_is_shown_as_text(analyst: FlaskClient, name: str):
    """A lazily translated message counts as safe HTML, so none may carry what was typed."""
    page = analyst.get(PATH, query_string={name: '"><script>alert(1)</script>'}).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


def test_sorting_is_in_the_address_and_told(analyst: FlaskClient):
    def names(order: str) -> list[str]:
        page = analyst.get(PATH, query_string={"ky": "2026-Q3", "xep": order}).text
        table = page.partition('<table class="rates dense">')[2].partition("</table>")[0]
        rows = table.split("<tbody>")[-1]
        return re.findall(r'<th scope="row"><a [^>]*>([^<]+)</a>', rows)

    assert names("ten") == names("-ten")[::-1] == ["Chứng thực", "Đất đai", "Hộ tịch"]
    assert names("so") == ["Chứng thực", "Đất đai", "Hộ tịch"]
    assert names("-so") == ["Hộ tịch", "Đất đai", "Chứng thực"]
    assert names("-ty_le")[0] == "Chứng thực"
    assert names("-thap")[0] == "Hộ tịch"
    page = analyst.get(PATH, query_string={"ky": "2026-Q3", "xep": "-so"}).text
    assert page.count("aria-sort=") == 1
    assert 'aria-sort="descending"' in page


def test_nothing_is_there_is_said(analyst: FlaskClient):
    page = analyst.get(PATH, query_string={"ky": "2019"}).text
    assert "Không có đánh giá nào trong phạm vi này." in page


ODD = ["", "%00", "\x00", "'", '"><script>', "😀", "9" * 400, "0000-Q1", "-1", "*/*/*/*", "..", ","]
REAL = ["2026-Q3", "2025-06", "2026", "2025-Q2", WARD, "HTICH", "don_vi", "thang", "chuoi", "kenh"]
REAL += ["nguoi_cam", "khong", "own/kiosk/*/*", "*/*/staff/*", "-so", "thap", "one-stop.overall/1"]
TEXTS = st.sampled_from(REAL) | st.sampled_from(ODD) | st.text(max_size=40)
NAMES = st.sampled_from(["ky", "don_vi", "linh_vuc", "cau_hoi", "chuoi", "theo", "xep", "x"])
FILES = st.sampled_from(["", "so-dem.csv", "so-dem.xlsx", "phieu.csv", "phieu.xlsx", "bang-ma.csv"])


@settings(
    max_examples=120,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    query=st.lists(st.tuples(NAMES, TEXTS), max_size=6),
    file=FILES,
    root=st.sampled_from(["", "/en"]),
)
def test_no_address_breaks_it(
    analyst: FlaskClient, query: list[tuple[str, str]], file: str, root: str
):
    answer = analyst.get(root + PATH + file, query_string=query)
    assert answer.status_code in ({200} if not file else {200, 400, 413}), query
    if not file:
        assert "<script>" not in answer.text


@pytest.mark.parametrize("path", ["", "so-dem.csv", "phieu.csv", "phieu.xlsx", "bang-ma.csv"])
def test_only_those_who_may_analyse_see_it(city: Engine, path: str):
    app = application(city)
    assert app.test_client().get(PATH + path).status_code == 303
    assert sign_in(app, city, Role.AGENCY, WARD).get(PATH + path).status_code == 403
    for role in (Role.ANALYST, Role.ADMINISTRATOR, Role.INSPECTOR):
        answer = sign_in(app, city, role).get(PATH + path)
        assert answer.status_code == 200, role
        assert answer.headers["Cache-Control"] == "no-store"
    assert sign_in(app, city, Role.ANALYST).post(PATH + path).status_code == 405
