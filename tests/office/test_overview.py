"""What a unit received lately: there at once, own units only, never what was answered."""

from __future__ import annotations

import re

from tests.fixtures.builders import WARD, WARD_B
from tests.office.conftest import ADMIN, AGENCY, ANALYST

PATH = "/quan-tri/"


def numbers(page, unit):
    """Return today, this month, 90 days of a unit's first series."""
    row = re.search(rf'/don-vi/{unit}">.*?</tr>\s*<tr>.*?</tr>', page, re.DOTALL)
    return [int(text) for text in re.findall(r'<td class="number">(\d+)</td>', row.group())]


def test_a_rating_from_the_phone_is_there_on_reload(office):
    officer = office.sign_in(AGENCY, WARD)
    assert "chưa có đánh giá trong 90 ngày" in officer.get(PATH).text
    citizen = office.app.test_client()
    form = citizen.get("/danh-gia/N81A4").headers["Location"] + "/HTICH"
    assert citizen.post(form, data={"q0": "1"}).status_code in (200, 303)
    assert numbers(officer.get(PATH).text, WARD) == [1, 1, 1]
    unit = officer.get(f"/quan-tri/don-vi/{WARD}").text
    assert "Trung tâm Phục vụ hành chính công phường Sài Gòn" in unit
    assert "Hệ thống Hài Lòng, trên điện thoại" in unit


def test_counts_are_of_the_own_unit_and_the_right_days(busy):
    page = busy.sign_in(AGENCY, WARD).get(PATH).text
    today, month, recent = numbers(page, WARD)
    assert (today, recent) == (2, 4)
    assert 2 <= month <= 3  # the one of three days ago may be of the month before
    assert f"/don-vi/{WARD_B}" not in page
    city = busy.sign_in(ADMIN).get(PATH).text
    assert numbers(city, WARD_B)[2] == 1  # the one of a hundred days ago is too old


def test_the_city_finds_a_unit_by_its_name(busy):
    page = busy.sign_in(ADMIN).get(PATH, query_string={"q": "sai gon"}).text
    assert f"/don-vi/{WARD}" in page
    assert f"/don-vi/{WARD_B}" not in page
    assert "Không có đơn vị nào" in busy.sign_in(ADMIN).get(PATH, query_string={"q": "\0x"}).text


def test_the_page_of_a_unit_says_no_answer_and_no_text(busy):
    page = busy.sign_in(AGENCY, WARD).get(f"/quan-tri/don-vi/{WARD}").text
    for text in ("Nhanh, hướng dẫn", "Phải chờ lâu", "Bị đòi tiền", "Rất hài lòng", "đòi"):
        assert text not in page
    days = re.findall(r'<td class="number">(\d+)</td></tr>', page.split('id="days"')[1])
    assert [int(each) for each in days[:14]] == [2, 0, 0, 1, *[0] * 10]


def test_foreign_units_are_refused_known_or_not(busy):
    officer = busy.sign_in(AGENCY, WARD)
    for path in ("don-vi/{}", "don-vi/{}/to"):
        assert officer.get(PATH + path.format(WARD_B)).status_code == 403
        assert officer.get(PATH + path.format("nowhere")).status_code == 403
        assert busy.sign_in(ADMIN).get(PATH + path.format("nowhere")).status_code == 404
    assert busy.sign_in(ANALYST).get(PATH).status_code == 403
    assert busy.app.test_client().get(PATH).status_code == 303


def test_a_dissolved_unit_says_who_carries_on(office):
    page = office.sign_in(AGENCY, WARD).get("/quan-tri/don-vi/26740A").text
    assert "Đơn vị đã kết thúc ngày 30/6/2025" in page
    assert f'/don-vi/{WARD}">' in page
