"""Releases in the browser: nothing is written before the yes, and then exactly once."""

from __future__ import annotations

import html
import re

import pytest
import sqlalchemy as sa

from survey.db import metadata, reading
from survey.publish.editions import all_rates, releases
from survey.publish.release import make_release, preview_release
from survey.publish.verify import verify_release
from survey.staff.roles import Role
from survey.terms.period import parse_period
from tests.analyse.conftest import MADE_AT, fill
from tests.fixtures.builders import OFFICIAL, WARD, bring, ratings
from tests.fixtures.city import register_of
from tests.office.making import application, deeds, post
from tests.staff.signing import sign_in

LIST, PREVIEW = "/quan-tri/cong-bo", "/quan-tri/cong-bo/xem-truoc"
Q3 = parse_period("2026-Q3")


@pytest.fixture
def city(hcmc):
    fill(hcmc, register_of(hcmc))
    return hcmc


@pytest.fixture
def app(city, tmp_path):
    return application(city, tmp_path)


@pytest.fixture
def maker(app, city):
    return sign_in(app, city, Role.ADMINISTRATOR)


def made(engine):
    with reading(engine) as connection:
        return releases(connection)


def contents(engine):
    """Every table's number of rows but the sessions'."""
    tables = (each for each in metadata.sorted_tables if each.name != "staff_session")
    with reading(engine) as connection:
        return {
            each.name: connection.execute(sa.select(sa.func.count()).select_from(each)).scalar()
            for each in tables
        }


def words(page):
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_a_preview_is_what_the_release_will_be_and_writes_nothing(city):
    register = register_of(city)
    before = contents(city)
    found = preview_release(city, register, Q3, now=MADE_AT)
    assert contents(city) == before
    release = make_release(city, register, Q3, now=MADE_AT)
    with reading(city) as connection:
        shown = all_rates(connection, release)
    assert [each.rate for each in found.frozen.rates] == [each.rate for each in shown]
    assert found.frozen.report["disclosure"] == release.report["disclosure"]


def test_a_release_is_previewed_confirmed_and_noted(city, maker):
    before = contents(city)
    page = maker.get(PREVIEW, query_string={"ky": "2026-Q3"})
    assert page.status_code == 200
    assert contents(city) == before
    text = words(page.text)
    assert "Quý III năm 2026, lần 1" in text
    assert "Toàn thành phố" in text
    assert "Quá ít đánh giá" in text
    assert "Kỳ này chưa công bố lần nào." in text
    answer = post(maker, LIST, ky="2026-Q3", lan="1")
    assert answer.status_code == 303
    (release,) = made(city)
    assert (str(release.period), release.edition) == ("2026-Q3", 1)
    with reading(city) as connection:
        assert verify_release(connection, register_of(city), release) is None
    (noted,) = [each for each in deeds(city) if each.deed == "release.make"]
    assert (noted.account, noted.subject) == ("administrator.city", "2026-Q3/1")
    assert "Đã công bố: Quý III năm 2026, lần 1." in words(maker.get(answer.location).text)
    # pressed twice, or by somebody else meanwhile: once is made
    again = post(maker, LIST, ky="2026-Q3", lan="1", ly_do="nhầm")
    assert again.status_code == 409
    assert "Có người vừa công bố kỳ này" in again.text
    assert len(made(city)) == 1


def test_a_later_edition_says_what_changes(city, maker):
    register = register_of(city)
    make_release(city, register, Q3, now=MADE_AT)
    refused = maker.get(PREVIEW, query_string={"ky": "2026-Q3"})
    assert refused.status_code == 409
    assert "xin ghi lý do" in refused.text
    query = {"ky": "2026-Q3", "ly_do": "Bổ sung dữ liệu đến muộn"}
    assert "Không số nào khác lần 1." in words(maker.get(PREVIEW, query_string=query).text)
    place = {"receiving_unit": WARD, "resolving_unit": WARD, "field": "HTICH"}
    bring(city, register, ratings(register, {1: 31, 5: 20}, day="2026-09-02", **place, **OFFICIAL))
    page = maker.get(PREVIEW, query_string=query)
    text = words(page.text)
    assert "Khác gì lần công bố trước" in text
    name = register.unit_name(WARD, "vi")
    rows = [words(each) for each in re.findall(r"<tr>.*?</tr>", page.text, re.S)]
    changed = next(row for row in rows if row.startswith(f"{name} · Hộ tịch"))
    with reading(city) as connection:
        old = next(
            each
            for each in all_rates(connection, made(city)[0])
            if (each.unit, each.field, each.official) == (WARD, "HTICH", True)
        )
    assert f" {old.answered} " in changed
    assert f" {old.answered + 51} " in changed
    assert post(maker, LIST, lan="2", **query).status_code == 303
    assert [each.reason for each in made(city)] == ["Bổ sung dữ liệu đến muộn", ""]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({}, 400),
        ({"ky": "2026-Q5"}, 400),
        ({"ky": "9999"}, 400),
        ({"ky": "9999", "tam_tinh": "y"}, 400),
        ({"ky": "0001-01..2026-09"}, 400),
        ({"ky": "2026-Q3", "ly_do": "x\x00"}, 400),
        ({"ky": "2026-Q3", "tam_tinh": "y"}, 409),
        ({"ky": "2026-Q3", "lan": "x"}, 400),
        ({"ky": "2026-Q3", "lan": "7"}, 409),
        ({"ky": "a" * 5000}, 400),
    ],
)
def test_what_cannot_be_released_is_said_and_written_nowhere(city, maker, query, status):
    if "lan" not in query:
        assert maker.get(PREVIEW, query_string=query).status_code == status
    assert post(maker, LIST, **query).status_code == status
    assert made(city) == []


def test_who_may_read_may_not_make(city, app):
    inspector = sign_in(app, city, Role.INSPECTOR)
    page = inspector.get(PREVIEW, query_string={"ky": "2026-Q3"})
    assert page.status_code == 200
    assert "không công bố được" in page.text
    assert '<form method="post" action="/quan-tri/cong-bo"' not in page.text
    assert post(inspector, LIST, ky="2026-Q3", lan="1").status_code == 403
    assert made(city) == []
    agency = sign_in(app, city, Role.AGENCY, WARD)
    assert agency.get(LIST).status_code == 403
