"""Comments: own units only, marked ones for the inspector alone, and every look is noted."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from survey.db import reading
from survey.ledger.tables import comment, response
from survey.office import comments_read
from survey.terms.receipt import receipt_code
from tests.fixtures.builders import WARD, WARD_B
from tests.office.conftest import ADMIN, AGENCY, ANALYST, INSPECTOR

PATH, MARKED = "/quan-tri/y-kien", "/quan-tri/y-kien/danh-dau"
OWN, GRAVE, FOREIGN = "Phải chờ lâu", "Bị đòi tiền", "Riêng của phường B"


def texts(page):
    return re.findall(r'<p class="text">(.*?)</p>', page)


def id_of(office, text):
    row = office.one(comment, text=text)
    return row.response if row is not None else None


def test_an_officer_reads_the_own_comments_but_not_the_marked_one(busy):
    page = busy.sign_in(AGENCY, WARD).get(PATH)
    assert set(texts(page.text)) == {"Nhanh, hướng dẫn rõ ràng", OWN}
    assert GRAVE not in page.text
    assert FOREIGN not in page.text


def test_each_look_is_noted_with_what_was_shown(busy):
    officer = busy.sign_in(AGENCY, WARD, name="lan")
    officer.get(PATH)
    officer.get(PATH)
    looks = busy.deeds("comment.read")
    assert [(each.account, each.unit) for each in looks] == [("lan", WARD)] * 2
    shown = {id_of(busy, "Nhanh, hướng dẫn rõ ràng"), id_of(busy, OWN)}
    assert set(looks[0].subject.split()) == {str(each) for each in shown}
    assert OWN not in "".join(str(tuple(each)) for each in looks)


def test_nothing_is_shown_where_the_look_cannot_be_noted(busy, monkeypatch):
    def fail(*_arguments, **_values):
        raise sa.exc.OperationalError("INSERT", {}, Exception("disk full"))

    monkeypatch.setattr(comments_read, "record", fail)
    answer = busy.sign_in(AGENCY, WARD).get(PATH)
    assert answer.status_code == 503
    assert OWN not in answer.text


def test_the_inspector_reads_what_is_marked_with_its_reason(busy):
    page = busy.sign_in(INSPECTOR).get(MARKED).text
    assert texts(page) == [GRAVE]
    assert "Cần thanh tra:" in page
    assert busy.deeds("comment.read")[-1].detail == "marked"
    assert GRAVE in busy.sign_in(INSPECTOR).get(PATH).text
    admin = busy.sign_in(ADMIN)
    assert admin.get(MARKED).status_code == 403
    assert GRAVE not in admin.get(PATH).text
    assert busy.sign_in(AGENCY, WARD).get(MARKED).status_code == 403
    assert busy.sign_in(ANALYST).get(PATH).status_code == 403


def test_filters_by_unit_and_month(busy):
    admin = busy.sign_in(ADMIN)

    def asked(**query):
        return texts(admin.get(PATH, query_string=query).text)

    assert asked(don_vi=WARD_B) == [FOREIGN]
    assert asked(don_vi=f"{WARD_B} Phường Tân Định") == [FOREIGN]
    assert asked(don_vi="phường sài gòn") != []
    assert asked(thang="2020-01") == []
    month = f"{busy.today():%Y-%m}"
    assert FOREIGN in asked(thang=month)


@pytest.mark.parametrize(
    "query",
    [
        {"don_vi": "nowhere"},
        {"don_vi": "\0"},
        {"thang": "2026"},
        {"thang": "\0"},
        {"thang": "2026-13"},
    ],
)
def test_wrong_filters_are_explained_and_show_nothing(busy, query):
    answer = busy.sign_in(ADMIN).get(PATH, query_string=query)
    assert answer.status_code == 400
    assert "Xin xem lại" in answer.text
    assert texts(answer.text) == []
    assert busy.deeds("comment.read") == []


def test_a_foreign_unit_in_the_filter_is_refused(busy):
    answer = busy.sign_in(AGENCY, WARD).get(PATH, query_string={"don_vi": WARD_B})
    assert answer.status_code == 403
    assert FOREIGN not in answer.text


def test_pages_turn_by_key_and_no_comment_is_left_out(office):
    written = [f"Ý kiến số {number}" for number in range(comments_read.PAGE * 2 + 3)]
    for start in range(0, len(written), 10):  # ten arrive in the same moment
        office.bring(*(office.rating(4, text, unit=WARD) for text in written[start : start + 10]))
    officer = office.sign_in(AGENCY, WARD)
    found, path, pages = [], PATH, 0
    while path:
        page = officer.get(path).text
        found += texts(page)
        pages += 1
        link = re.search(r'href="([^"]*sau=[^"]*)">Cũ hơn<', page)
        path = link.group(1).replace("&amp;", "&") if link else ""
        if pages == 1:  # what arrives meanwhile moves nothing
            office.bring(office.rating(4, "Vừa đến", unit=WARD))
    assert pages == 3
    assert sorted(found) == sorted(written)
    assert officer.get(PATH, query_string={"sau": "x\0"}).status_code == 200


def test_a_comment_is_erased_at_request_and_the_deed_is_noted(busy):
    code = receipt_code(id_of(busy, OWN))
    admin = busy.sign_in(ADMIN, name="quan")
    spelt = f" {code[:4].lower()}-{code[4:]}"
    answer = busy.send(admin, f"{PATH}/xoa", code=spelt, reason="Người viết yêu cầu")
    assert answer.status_code == 303
    assert "Đã xóa ý kiến" in admin.get(answer.headers["Location"]).text
    assert busy.one(comment, text=OWN) is None
    with reading(busy.engine) as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(response)).scalar() == 6
    noted = busy.deeds("comment.erase")[0]
    assert (noted.account, noted.unit, noted.subject) == ("quan", WARD, code)
    assert noted.detail == "Người viết yêu cầu"


def test_erasing_needs_a_known_code_a_reason_and_the_right(busy):
    admin = busy.sign_in(ADMIN)
    code = receipt_code(id_of(busy, OWN))
    for values, status in (
        ({"code": "0" * 13, "reason": "Người viết yêu cầu"}, 404),
        ({"code": "x", "reason": "Người viết yêu cầu"}, 400),
        ({"code": code, "reason": " "}, 400),
        ({"code": code, "reason": "x" * 501}, 400),
        ({}, 400),
    ):
        assert busy.send(admin, f"{PATH}/xoa", **values).status_code == status, values
    assert admin.post(f"{PATH}/xoa", data={"code": code, "reason": "x" * 9}).status_code == 400
    agency = busy.sign_in(AGENCY, WARD)
    assert agency.get(f"{PATH}/xoa").status_code == 403
    assert busy.send(agency, f"{PATH}/xoa", code=code, reason="x" * 9).status_code == 403
    assert busy.one(comment, text=OWN) is not None
    assert busy.deeds("comment.erase") == []
