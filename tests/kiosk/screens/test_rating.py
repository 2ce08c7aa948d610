"""The way through a rating: what is recorded, what is shown, what is gone afterwards."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect
from sqlalchemy.engine import Engine

from tests.fixtures.builders import OVERALL
from tests.kiosk.client import new_code
from tests.kiosk.screens_case import DOSSIER, POINT, TABLET, Person, Stand, stand_at

ANSWERS = [5, 4, 3, 2, 1]


@pytest.fixture
def stand(hcmc: Engine, serve: Any, open_page: Any) -> Stand:
    """Makes a person at an enrolled device."""
    return stand_at(hcmc, serve, open_page)


def test_a_code_from_the_keypad_enrols(
    hcmc: Engine, serve: Any, open_page: Any, stand: Stand
) -> None:
    url = stand().url
    page = open_page(expected_statuses=(403,))
    page.goto(f"{url}/kiosk/")
    person = Person(page, url).on("enrol")
    for digit in "00000000":
        person.press(digit)
    person.press("Kích hoạt")
    expect(page.locator(".said")).to_contain_text("Mã không đúng")
    for _ in range(8):
        person.press("Xóa một ký tự")
    for digit in new_code(hcmc, "kiosk", POINT):
        person.press(digit)
    person.press("Kích hoạt").on("staff")
    expect(page.locator("h1")).to_have_text("Thiết bị sẵn sàng")
    expect(page.locator(".checks")).to_contain_text("one-stop/2")
    person.press("Về màn hình đánh giá").on("attract")


def test_every_answer_takes_the_same_touches(stand: Stand) -> None:
    person = stand()
    person.page.evaluate("touches = 0; addEventListener('pointerdown', () => touches++, true)")
    taken = []
    for number in range(len(ANSWERS)):
        before = person.page.evaluate("touches")
        person.start().answer(number).send()
        taken.append(person.page.evaluate("touches") - before)
        person.done()
    assert taken == [4] * len(ANSWERS)
    said = [item["body"]["answers"] for item in person.items()]
    assert said == [{OVERALL: [value]} for value in ANSWERS]
    assert len({item["body"]["field"] for item in person.items()}) == 1


def test_a_field_of_a_later_page_is_found(stand: Stand) -> None:
    person = stand()
    person.page.locator(".start").first.click()
    last = person.on("fields").page.evaluate("app.device.point.fields.at(-1).code")
    while not person.page.locator(f"[data-field={last}]").count():
        person.press("Lĩnh vực khác")
    person.page.locator(f"[data-field={last}]").click()
    person.on("question").answer(0).send().done()
    assert person.items()[0]["body"]["field"] == last


def test_a_point_of_one_field_asks_at_once(stand: Stand) -> None:
    person = stand()
    only = {"code": "DD", "names": {"vi": "Đất đai", "en": "Land"}}
    person.place({"point": {"fields": [only]}})
    person.page.locator(".start").first.click()
    person.on("question").answer(0).send().done()
    assert person.items()[0]["body"]["field"] == "DD"


def test_everything_that_may_be_said_arrives(stand: Stand) -> None:
    person = stand(TABLET, "tablet").start().answer(3)
    person.page.locator(".answer", has_text="Trả kết quả trễ hẹn").click()
    person.press("Nói thêm").page.locator(".answer", has_text="Cá nhân").click()
    person.to_part("dossier")
    for key in DOSSIER:
        person.press(key)
    person.to_part("comment").page.locator("textarea").fill("Chờ lâu")
    person.send()
    receipt = person.page.locator(".code").inner_text().replace(" ", "")
    assert len(receipt) == 13
    person.done()
    (item,) = person.items()
    assert item["body"]["answers"] == {
        OVERALL: [2],
        "one-stop.reasons/1": [11],
        "one-stop.respondent/1": [1],
    }
    assert (item["comment"], item["dossier_code"]) == ("Chờ lâu", DOSSIER)
    assert item["body"]["holder"] != "unknown"


def test_a_wrong_dossier_code_is_named_and_may_be_left_out(stand: Stand) -> None:
    person = stand().start().answer().to_part("dossier")
    person.press("1").page.locator(".steps .main").click()
    expect(person.page.locator(".said")).to_contain_text("chưa đúng dạng")
    person.press("Xóa một ký tự").send().done()
    assert "dossier_code" not in person.items()[0]


def test_a_scanner_is_taken_anywhere_and_presses_nothing(stand: Stand) -> None:
    person = stand().start().answer()
    person.page.get_by_role("button", name="Gửi đánh giá").focus()
    person.scan(DOSSIER)
    expect(person.page.locator("#said-once")).to_have_text("Đã nhận mã hồ sơ.")
    person.on("several").send().done()
    assert person.items()[0]["dossier_code"] == DOSSIER


def test_a_double_touch_answers_once_and_chooses_nothing_below(stand: Stand) -> None:
    person = stand().start()
    person.page.locator(".answers .answer").nth(3).dblclick()
    expect(person.on("several").page.locator("input:checked")).to_have_count(0)
    person.send().done()
    assert len(person.items()) == 1


def test_harassment_shows_at_once_where_to_report(stand: Stand) -> None:
    person = stand().start().answer()
    assert not person.page.locator(".report").count()
    person.page.locator(".answer", has_text="Gây phiền hà").click()
    expect(person.page.locator(".report")).to_be_in_viewport(ratio=1)
    expect(person.page.locator(".report")).to_contain_text("1022")


def test_an_answer_may_be_changed_before_it_is_sent(stand: Stand) -> None:
    person = stand().start().answer(4).press("Đổi câu trả lời").on("question")
    person.answer(0).send().done()
    (item,) = person.items()
    assert item["body"]["answers"] == {OVERALL: [5]}


def test_a_rating_may_be_taken_back_for_four_seconds(stand: Stand) -> None:
    person = stand(clock=True).start().answer(0).send()
    person.press("Rút lại đánh giá").on("undone").sealed()
    person.press("Xong").on("attract")
    person.start().answer(0).send()
    person.page.clock.run_for(4_100)
    expect(person.page.get_by_role("button", name="Rút lại đánh giá")).to_have_count(0)
    person.sealed().page.clock.run_for(12_000)
    person.on("attract")
    first, second = person.items()
    assert "undone" in first
    assert "body" not in first
    assert (first["counter"], second["counter"]) == (1, 2)


def test_the_first_screen_tells_no_figure(stand: Stand) -> None:
    person = stand().start().answer(0).send().done()
    text = person.page.locator("main").inner_text()
    assert not any(sign.isdigit() or sign == "%" for sign in text), text
