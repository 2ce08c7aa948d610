"""The pages of staff in a real browser: by keyboard, narrow, dark, in both languages."""

from __future__ import annotations

import pytest

from survey.db import writing
from survey.staff import accounts
from survey.staff.deeds import record
from survey.staff.roles import Role
from tests.fixtures.builders import WARD
from tests.fixtures.pages import violations
from tests.staff.signing import make_account

pytestmark = pytest.mark.usefixtures("one_database", "quick_passwords")

PASSWORD = "mười hai ký tự"
PATHS = (
    "/dang-nhap",
    "/mat-khau",
    "/quan-tri/tai-khoan/",
    "/quan-tri/tai-khoan/an",
    "/quan-tri/lap-tai-khoan",
    "/quan-tri/nhat-ky/?account=an&since=x",
)


@pytest.fixture
def site(app, hcmc, serve):
    with writing(hcmc) as connection:
        accounts.add_account(
            connection, "an", PASSWORD, role=Role.ADMINISTRATOR, unit=None, created_at=0
        )
        for number in range(60):
            record(connection, by="an", deed="comment.read", unit=WARD, subject="x" * 36, at=number)
    make_account(hcmc, Role.AGENCY, WARD)
    return serve(app)


def by_keyboard(page, site, language=""):
    """Sign in without a mouse, from the first element of the page."""
    page.goto(f"{site}{language}/dang-nhap")
    page.locator("#name").focus()
    page.keyboard.type("an")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector(".who")


@pytest.mark.parametrize(("language", "scheme"), [("", "light"), ("/en", "dark")])
def test_axe_finds_nothing_and_nothing_is_cut_off(site, open_page, language, scheme):
    page = open_page(width=320, height=640, color_scheme=scheme)
    found = []
    page.goto(f"{site}{language}/dang-nhap")
    for path in ("/dang-nhap", *PATHS[1:]):
        if path == PATHS[1]:
            by_keyboard(page, site, language)
        page.goto(site + language + path)
        found += violations(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
    assert found == []


def test_pages_work_without_a_script_and_a_wrong_password_keeps_the_name(site, open_page):
    page = open_page(java_script_enabled=False, expected_statuses=(403,))
    page.goto(f"{site}/dang-nhap?next=/mat-khau")
    page.fill("#name", "an")
    page.fill("#password", "wrong")
    page.click("main button")
    assert page.input_value("#name") == "an"
    assert page.input_value("#password") == ""
    page.fill("#password", PASSWORD)
    page.click("main button")
    assert page.url == f"{site}/mat-khau"
    page.click(".who button")
    assert page.url == f"{site}/dang-nhap"
    page.goto(f"{site}/mat-khau")
    assert page.url == f"{site}/dang-nhap?next=/mat-khau"
