"""Every page of the office in a real browser: rules of access, narrow screens, paper."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from survey.staff.roles import Role
from tests.fixtures.builders import WARD, WARD_B
from tests.fixtures.pages import violations
from tests.office.conftest import ADMIN, AGENCY, INSPECTOR, Office, application
from tests.office.test_aside_pages import item_of, row_aside
from tests.office.test_voids_pages import propose, rated

pytestmark = pytest.mark.usefixtures("one_database")

POINT = "N81A4"

Open = Callable[..., Page]
Serve = Callable[[Any], str]


def paths(office: Office) -> list[str]:
    """Return an address of each type of page, with something on it."""
    propose(office, office.sign_in(AGENCY, WARD_B, name="minh"), rated(office, WARD_B))
    return [
        "/quan-tri/",
        "/quan-tri/?q=phuong+sai+gon",
        f"/quan-tri/don-vi/{WARD}",
        "/quan-tri/don-vi/26740A",
        f"/quan-tri/don-vi/{WARD}/to",
        f"/quan-tri/diem/{POINT}",
        "/quan-tri/diem/ZK9YT",
        f"/quan-tri/diem/{POINT}/to?kho=A5",
        "/quan-tri/y-kien",
        "/quan-tri/y-kien?thang=x",
        "/quan-tri/y-kien/xoa",
        "/quan-tri/de-rieng",
        f"/quan-tri/de-rieng/{item_of(office, WARD)}",
        f"/quan-tri/de-rieng/{row_aside(office)}",
        "/quan-tri/huy",
        "/quan-tri/huy/de-nghi",
        "/quan-tri/huy/cho-xac-nhan",
    ]


def enter(page: Page, office: Office, site: str, role: Role, unit: str | None = None) -> None:
    """Sign a browser's page in."""
    cookie = office.sign_in(role, unit).get_cookie("hai-long")
    assert cookie is not None
    page.context.add_cookies([{"name": "hai-long", "value": cookie.value, "url": site}])


def start(office: Office, serve: Serve) -> str:
    """Serve the office without TLS, as a browser on this machine sees it."""
    office.app = application(office.engine, "http://127.0.0.1:8000")
    return serve(office.app)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(busy: Office, serve: Serve, open_page: Open, theme: str) -> None:
    site = start(busy, serve)
    page = open_page(width=1366, height=768, expected_statuses=(400,), color_scheme=theme)
    enter(page, busy, site, ADMIN)
    visited = paths(busy)
    found = [fault for path in visited for fault in faults(page, site + path)]
    enter(page, busy, site, INSPECTOR)
    found += faults(page, f"{site}/quan-tri/y-kien/danh-dau")
    assert not found


def faults(page: Page, address: str) -> list[str]:
    answer = page.goto(address)
    assert answer is not None
    assert answer.status in (200, 400), address
    assert page.locator("h1").count() == 1, address
    return violations(page)


@pytest.mark.parametrize("language", ["", "/en"])
def test_nothing_is_cut_off_at_320_pixels(
    busy: Office, serve: Serve, open_page: Open, language: str
) -> None:
    site = start(busy, serve)
    page = open_page(width=320, height=640, expected_statuses=(400,))
    enter(page, busy, site, ADMIN)
    for path in paths(busy):
        page.goto(site + language + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path


@pytest.mark.parametrize(("paper", "width", "height"), [("A4", 595, 842), ("A5", 420, 595)])
def test_a_sheet_prints_on_one_page_of_its_size(
    office: Office, serve: Serve, open_page: Open, paper: str, width: int, height: int
) -> None:
    site = start(office, serve)
    page = open_page(width=1366, height=768)
    enter(page, office, site, AGENCY, WARD)
    page.goto(f"{site}/quan-tri/diem/{POINT}/to?kho={paper}")
    assert fits(page)
    printed = page.pdf(prefer_css_page_size=True)
    boxes = re.findall(rb"/MediaBox \[([^\]]*)\]", printed)
    assert len(boxes) == 1
    _, _, right, top = (float(each) for each in boxes[0].split())
    assert (round(right), round(top)) == pytest.approx((width, height), abs=1)


def fits(page: Page) -> bool:
    """Tell whether nothing on the sheet runs out of it or over something else."""
    return bool(
        page.evaluate(
            """() => [...document.querySelectorAll('.sheet')].every(sheet => {
                const parts = [...sheet.children].filter(e => !e.matches('.sheet-sample'))
                    .map(e => e.getBoundingClientRect());
                const frame = sheet.getBoundingClientRect();
                return parts.every((box, i) => box.bottom <= frame.bottom &&
                    (i === 0 || box.top >= parts[i - 1].bottom - 1));
            })"""
        )
    )


def test_an_item_is_closed_by_keyboard(busy: Office, serve: Serve, open_page: Open) -> None:
    site = start(busy, serve)
    page = open_page(width=1366, height=768)
    enter(page, busy, site, ADMIN)
    page.goto(f"{site}/quan-tri/de-rieng/{item_of(busy, WARD)}")
    page.locator("#reason").focus()
    page.keyboard.type("Thử thiết bị")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site}/quan-tri/de-rieng")
    assert page.locator(".notice").inner_text() == "Đã đóng lại."
