"""The form in a real browser: a phone, a keyboard, no script, a narrow screen, a screen reader."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page
from sqlalchemy.engine import Engine

from survey.app import create_app
from survey.db import reading
from survey.ledger.tables import response
from survey.settings import Settings
from tests.fixtures.city import register_of
from tests.fixtures.pages import violations

pytestmark = pytest.mark.usefixtures("one_database")

Open = Callable[..., Page]
POINT = "/danh-gia/N81A4"
SPLIT = "914MN"
"""A point that ended with its unit and that no other follows."""
FIRST_LOAD = 50_000
"""Most bytes of a first visit: pages, styles and fonts."""


@pytest.fixture
def site(hcmc: Engine, serve: Callable[[Any], str]) -> str:
    url = hcmc.url.render_as_string(hide_password=False)
    return serve(create_app(Settings(database_url=url, secret_key="x" * 32)))


def first_visit(page: Page, address: str) -> int:
    """Go there and return the bytes of everything that came."""
    received: list[int] = []
    page.on("requestfinished", lambda each: received.append(each.sizes()["responseBodySize"]))
    page.goto(address, wait_until="networkidle")
    return sum(received)


@pytest.mark.parametrize(("prefix", "scheme"), [("", "light"), ("/en", "dark")])
def test_every_step_is_accessible(site: str, open_page: Open, prefix: str, scheme: str) -> None:
    page = open_page(color_scheme=scheme, expected_statuses=(400, 404, 410))
    page.goto(site + prefix + POINT)
    assert violations(page) == []
    page.click("a[href$='/HTICH']")
    assert violations(page) == []
    page.click("form > .button")
    assert page.locator(".errors").is_visible()
    assert violations(page) == []
    page.click(".answer >> nth=4")
    page.click("summary")
    page.click(".grave >> nth=0")
    assert page.locator(".report").is_visible()
    assert violations(page) == []
    page.click("form > .button")
    assert page.locator(".code").inner_text().strip()
    assert violations(page) == []
    for path in ("/bien-nhan/0000000000000", "/danh-gia/KHONGCO", f"/danh-gia/{SPLIT}"):
        page.goto(f"{site}{prefix}{path}")
        assert violations(page) == []


def test_answers_and_submit_are_in_sight_and_light(site: str, open_page: Open) -> None:
    page = open_page(width=360, height=740)
    assert first_visit(page, f"{site}{POINT}/0/HTICH") < FIRST_LOAD
    bottom = page.evaluate(
        "document.querySelector('form > .button').getBoundingClientRect().bottom"
    )
    assert bottom <= 740
    heights = page.evaluate("[...document.querySelectorAll('.answer')].map(e => e.offsetHeight)")
    assert len(heights) == 5
    assert len(set(heights)) == 1
    assert heights[0] >= 44
    assert not page.evaluate("document.querySelector('input:checked')")
    assert page.context.cookies() == []


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_the_first_page_of_the_point_with_the_most_fields_is_light(
    site: str, open_page: Open, hcmc: Engine, prefix: str
) -> None:
    register = register_of(hcmc)
    today = dt.datetime.now(register.city.zone).date()
    points = [each for each in register.points.values() if each.in_force(today)]
    most = max(points, key=lambda each: len(register.handled(each.unit, today)))
    page = open_page(width=360, height=740)
    assert first_visit(page, f"{site}{prefix}/danh-gia/{most.code}") < FIRST_LOAD
    assert page.locator(".picks li").count() > 50


def test_it_works_without_script_and_by_keyboard(site: str, open_page: Open, hcmc: Engine) -> None:
    page = open_page(java_script_enabled=False)
    page.goto(f"{site}{POINT}/0/CTHUC")
    page.focus("#q0")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    with reading(hcmc) as connection:
        assert connection.execute(sa.select(response.c.id)).first() is None
    page.focus("form > .button")
    page.keyboard.press("Enter")
    page.wait_for_selector(".code")
    with reading(hcmc) as connection:
        assert connection.execute(sa.select(response.c.field)).scalar_one() == "CTHUC"


def test_nothing_is_cut_off_at_320_pixels(site: str, open_page: Open) -> None:
    page = open_page(width=320, height=600, expected_statuses=(400,))
    for prefix in ("", "/en"):
        for path in (POINT, f"{POINT}/0/HTICH", "/bien-nhan/"):
            page.goto(site + prefix + path)
            assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
        page.goto(f"{site}{prefix}{POINT}/0/HTICH")
        page.click("summary")
        page.click("form > .button")
        assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_back_and_reload_after_sending_are_the_same_rating(
    site: str, open_page: Open, hcmc: Engine
) -> None:
    page = open_page()
    page.goto(f"{site}{POINT}/0/HTICH")
    page.click(".answer >> nth=0")
    page.click("form > .button")
    page.wait_for_selector(".code")
    page.go_back()
    page.reload()
    with reading(hcmc) as connection:
        assert len(connection.execute(sa.select(response.c.id)).all()) == 1
