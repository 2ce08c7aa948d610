"""Releases and imports in a real browser: both languages, narrow, by keyboard, without script."""

from __future__ import annotations

import re

import pytest

from survey.publish.release import make_release
from survey.staff.roles import Role
from survey.terms.period import parse_period
from tests.analyse.conftest import MADE_AT, fill
from tests.fixtures.builders import OFFICIAL, WARD, bring, ratings
from tests.fixtures.city import register_of
from tests.fixtures.pages import violations
from tests.office.making import IMPORTS, RATINGS_MAP, application, ended, send
from tests.staff.signing import sign_in

pytestmark = pytest.mark.usefixtures("one_database")

WAYS = [("", "light"), ("/en", "dark")]


@pytest.fixture
def city(hcmc):
    register = register_of(hcmc)
    fill(hcmc, register)
    make_release(hcmc, register, parse_period("2026-Q3"), now=MADE_AT)
    place = {"receiving_unit": WARD, "resolving_unit": WARD, "field": "HTICH"}
    bring(hcmc, register, ratings(register, {1: 31, 5: 20}, day="2026-09-02", **place, **OFFICIAL))
    return hcmc


@pytest.fixture
def maker(city, serve, tmp_path):
    """The address of the application, a client, and what opens a page signed in as it is."""
    app = application(city, tmp_path)
    return serve(app), sign_in(app, city, Role.ADMINISTRATOR)


@pytest.fixture
def open_signed_in(maker, open_page):
    site, client = maker
    cookie = client.get_cookie("hai-long")

    def open_one(path, **context):
        page = open_page(**context)
        page.context.add_cookies([{"name": "hai-long", "value": cookie.value, "url": site}])
        page.goto(site + path)
        return page

    return open_one


def looks_right(page):
    assert violations(page) == []
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= page.viewport_size["width"]


@pytest.mark.parametrize(("prefix", "scheme"), WAYS)
def test_releases_and_their_preview(open_signed_in, prefix, scheme):
    page = open_signed_in(f"{prefix}/quan-tri/cong-bo", width=320, color_scheme=scheme)
    looks_right(page)
    page.fill("#ky", "2026-Q3")
    page.fill("#ly_do", "Bổ sung dữ liệu đến muộn")
    page.keyboard.press("Enter")
    page.wait_for_selector("#differs")
    looks_right(page)
    assert page.locator("section[aria-labelledby=differs] tbody tr").count() > 0


@pytest.mark.parametrize(("prefix", "scheme"), WAYS)
def test_a_file_from_its_choice_to_the_ledger(open_signed_in, prefix, scheme):
    page = open_signed_in(f"{prefix}/quan-tri/nhap", width=320, color_scheme=scheme)
    looks_right(page)
    page.set_input_files("#tep", IMPORTS / "one-stop-ratings.csv")
    page.fill("#ban_do", RATINGS_MAP)
    page.click("form[enctype] .button")
    page.wait_for_selector("#run")
    if page.locator("#run[data-running]").count():
        looks_right(page)
    page.wait_for_selector("#report", timeout=60_000)  # the script sees that the run has ended
    looks_right(page)
    page.click("form[action$='/ghi'] .button")
    page.wait_for_selector("#report", timeout=60_000)
    words = "Taken in." if prefix else "Đã nhập."
    assert words in page.inner_text("section[aria-labelledby=report]")
    looks_right(page)
    assert page.locator("form[action$='/ghi']").count() == 0


def test_without_a_script_a_link_shows_the_progress(maker, open_signed_in):
    site, client = maker
    sent = send(client)
    path = re.sub(r"^https?://[^/]+", "", sent.location)
    page = open_signed_in(path, java_script_enabled=False)
    ended(client, path)
    if page.locator("#run a").count():
        page.click("#run a")
    assert page.locator("#report").is_visible()
    assert site in page.url
