"""Whoever goes away leaves nothing behind but the main answer."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect
from sqlalchemy.engine import Engine

from survey.db import reading
from survey.ledger.tables import response
from tests.fixtures.builders import OVERALL
from tests.fixtures.city import register_of
from tests.kiosk.screens_case import TABLET, Person, Stand, stand_at

TYPED = "Điều không ai được thấy"


@pytest.fixture
def stand(hcmc: Engine, serve: Any, open_page: Any) -> Stand:
    """Makes a person at an enrolled device."""
    return stand_at(hcmc, serve, open_page)


def writing(stand: Stand) -> Person:
    """Return a person who is writing a comment on a tablet."""
    person = stand(TABLET, "tablet", clock=True).start().answer(4).to_part("comment")
    person.page.locator("textarea").fill(TYPED)
    return person


def assert_only_the_answer_is_left(person: Person) -> None:
    person.sealed()
    assert TYPED not in person.page.content()
    (item,) = person.items()
    assert item["body"]["answers"] == {OVERALL: [1]}
    assert "comment" not in item
    assert not person.rows("drafts")


def test_time_out_warns_counts_down_and_keeps_the_answer(stand: Stand) -> None:
    person = writing(stand)
    warning = person.page.get_by_role("alertdialog")
    person.page.clock.run_for(29_000)
    expect(warning).to_have_count(0)
    person.page.clock.run_for(2_000)
    expect(warning).to_be_visible()
    person.press("Tôi còn ở đây")
    expect(warning).to_have_count(0)
    expect(person.page.locator("textarea")).to_have_value(TYPED)
    person.page.clock.run_for(33_000)
    count = person.page.locator(".count")
    left = int(count.inner_text())  # at most 7: the clock goes on by itself too
    assert 1 < left <= 7
    person.page.clock.run_for(1_000)
    assert int(count.inner_text()) < left
    person.page.clock.run_for(7_000)
    person.on("attract")
    assert_only_the_answer_is_left(person)


def test_a_question_without_an_answer_is_left_after_twenty_seconds(stand: Stand) -> None:
    person = stand(clock=True).start()
    person.page.clock.run_for(20_500)
    expect(person.page.get_by_role("alertdialog")).to_be_visible()
    person.page.clock.run_for(11_000)
    person.on("attract")
    assert not person.items()


def test_who_leaves_between_two_questions_has_given_the_first_answer(
    hcmc: Engine, stand: Stand
) -> None:
    person = stand(clock=True)
    long = register_of(hcmc).questionnaire_by_id("institute-3level/1")
    assert long is not None
    ask = "(path) => fetch(path).then((answer) => answer.json())"
    paper = person.page.evaluate(ask, f"/api/v1/questionnaires/{long.sha256}")
    person.place({"questionnaire": paper})
    person.start()
    person.page.locator(".answers .answer").first.click()
    expect(person.page.locator("h1")).to_contain_text("thái độ")
    person.page.clock.run_for(32_000)
    person.on("attract").sealed()
    (item,) = person.items()
    assert item["body"]["answers"] == {"institute.procedures/1": [3]}
    person.page.evaluate("app.device.sendNow()")
    assert not person.rows("quarantine")
    with reading(hcmc) as connection:
        kept = connection.execute(sa.select(response.c.questionnaire)).scalars().all()
    assert kept == [long.questionnaire.id]


def test_reload_shows_nothing_of_it(stand: Stand) -> None:
    person = writing(stand)
    person.page.reload()
    person.on("attract")
    assert_only_the_answer_is_left(person)


def test_back_ends_the_rating(stand: Stand) -> None:
    person = writing(stand)
    person.page.evaluate("history.back()")
    person.on("attract")
    assert_only_the_answer_is_left(person)


def test_another_language_and_a_turned_device_forget_what_was_typed(stand: Stand) -> None:
    person = writing(stand)
    person.press("English")
    expect(person.page.locator("textarea")).to_have_value("")
    person.page.locator("textarea").fill(TYPED)
    person.page.set_viewport_size({"width": 768, "height": 1024})
    expect(person.page.locator("textarea")).to_have_value("")


def test_language_and_display_go_with_the_person(stand: Stand) -> None:
    person = stand().start("en")
    expect(person.page.locator("h1")).to_contain_text("Are you satisfied")
    person.press("Large text").press("Contrast")
    root = person.page.locator("html")
    expect(root).to_have_attribute("data-large", "")
    expect(root).to_have_attribute("data-contrast", "")
    person.page.locator(".answers .answer").first.click()
    person.on("several").press("Send rating").on("thanks").press("Done").on("attract").sealed()
    assert person.items()[0]["body"]["language"] == "en"
    expect(root).to_have_attribute("lang", "vi")
    assert root.get_attribute("data-large") is None
    assert root.get_attribute("data-contrast") is None


def test_thanks_close_by_themselves(stand: Stand) -> None:
    person = writing(stand).send()
    assert TYPED not in person.page.content()
    person.page.clock.run_for(16_000)
    person.on("attract").sealed()
    assert person.items()[0]["comment"] == TYPED
    assert not person.rows("drafts")


def test_it_sleeps_outside_the_hours_and_wakes_by_itself(stand: Stand) -> None:
    person = stand(clock=True)
    person.place({"point": {"hours": [[] for _ in range(7)]}})
    person.on("sleeping")
    assert not person.page.locator("main button").count()
    person.place({"point": {"hours": [[["00:00", "24:00"]] for _ in range(7)]}})
    person.on("attract")


def test_sleep_waits_until_a_rating_is_over(stand: Stand) -> None:
    person = stand().start()
    person.place({"point": {"hours": [[] for _ in range(7)]}})
    person.answer(0).send().press("Xong").on("sleeping").sealed()
    assert len(person.items()) == 1


def test_a_revoked_device_and_a_closed_point_say_so(stand: Stand) -> None:
    person = stand()
    person.place({"point": {"in_force": False, "successor": "N0001"}})
    person.on("closed")
    expect(person.page.locator("main")).to_contain_text("N0001")
    person.place({"standing": {"is_revoked": True}})
    person.on("revoked")


def test_staff_hold_the_place_for_three_seconds(stand: Stand) -> None:
    person = stand(clock=True)
    person.page.locator("#place").hover()
    person.page.mouse.down()
    person.page.clock.run_for(2_900)
    person.on("attract").page.clock.run_for(200)
    person.on("staff").page.mouse.up()
    with person.page.expect_download() as download:
        person.press("Xuất hàng chờ")
    assert download.value.suggested_filename == "hang-cho.json"


def test_hours_are_those_of_the_city_wherever_the_device_thinks_it_is(stand: Stand) -> None:
    page = stand().page
    looks = """async ([week, instants]) => {
        const { isOpen } = await import(document.documentElement.dataset.base + 'screens/hours.js');
        const zone = app.device.point.time_zone;
        return instants.map((at) => isOpen(week, Date.parse(at), zone));
    }"""
    week = [[["07:30", "17:00"]] if day < 5 else [] for day in range(7)]
    # Wednesday 07:29, 07:30 and 17:00, Saturday 08:00, Monday 08:00 in Ho Chi Minh City
    instants = ["2026-11-25T00:29Z", "2026-11-25T00:30Z", "2026-11-25T10:00Z"]
    instants += ["2026-11-28T01:00Z", "2026-11-30T01:00Z"]
    assert page.evaluate(looks, [week, instants]) == [False, True, False, False, True]
