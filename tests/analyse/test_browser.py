"""The analysts' page in a real browser: axe, keyboard, narrow screens, paper, both languages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page
from sqlalchemy.engine import Engine

from survey.staff.roles import Role
from tests.analyse.conftest import application
from tests.fixtures.builders import WARD
from tests.fixtures.pages import violations
from tests.staff.signing import sign_in

Open = Callable[..., Page]
PATHS = (
    "/phan-tich/",
    "/phan-tich/?ky=2026-Q3&theo=don_vi&xep=-so",
    f"/phan-tich/?ky=2025-Q3&don_vi={WARD}",
    "/phan-tich/?ky=2026-Q2,2026-Q3&theo=nguoi_cam",
    "/phan-tich/?ky=2026-Q3&chuoi=own/kiosk/*/*",
    "/phan-tich/?ky=2026-13&don_vi=x&theo=y",
    "/phan-tich/?ky=2019",
)
COOKIE = "hai-long"


@pytest.fixture
def visit(sample: Engine, serve: Callable[[Any], str], open_page: Open) -> Open:
    """Opens a page of an analyst who is signed in: ``visit(path, width=…, …)``."""
    app = application(sample)
    base = serve(app)
    cookie = sign_in(app, sample, Role.ANALYST).get_cookie(COOKIE)
    assert cookie is not None

    def go(path: str, page: Page | None = None, **options: Any) -> Page:
        if page is None:
            page = open_page(**options)
            page.context.add_cookies([{"name": COOKIE, "value": cookie.value, "url": base}])
        page.goto(base + path)
        return page

    return go


def test_axe_finds_nothing(visit: Open):
    found = []
    page = None
    for language in ("", "/en"):
        for path in PATHS:
            page = visit(language + path, page, width=1366, height=768)
            found += violations(page)
    assert not found, "\n".join(found)


def test_the_dark_theme_has_contrast_too(visit: Open):
    page = visit(PATHS[2], width=1366, height=768, color_scheme="dark")
    assert not violations(page, ["color-contrast"])


@pytest.mark.parametrize("language", ["", "/en"])
def test_nothing_is_cut_off_at_320_pixels(visit: Open, language: str):
    page = None
    for path in PATHS:
        page = visit(language + path, page, width=320, height=640)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path


def test_a_wide_table_scrolls_in_its_own_region_by_keyboard(visit: Open):
    page = visit(PATHS[2], width=360, height=740)
    page.locator(".over-time summary").press("Enter")
    region = page.get_by_role("region", name="Tỷ lệ từng tháng")
    region.evaluate("each => each.addEventListener('scroll', () => each.dataset.moved = 'yes')")
    region.focus()
    page.keyboard.press("ArrowRight")
    page.locator(".scroll[data-moved]").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.parametrize("width", [1366, 360])
def test_one_filters_and_sorts_by_keyboard_alone(visit: Open, width: int):
    page = visit("/phan-tich/?ky=2026-Q3", width=width, height=768, java_script_enabled=False)
    page.get_by_label("Đơn vị").focus()
    page.keyboard.type("Phường Sài Gòn")
    page.keyboard.press("Enter")
    page.wait_for_url("**don_vi=Ph*")
    assert "Phường Sài Gòn" in page.locator(".scope").inner_text()
    head = page.get_by_role("link", name="Đánh giá").first
    head.focus()
    outline = head.evaluate("each => parseFloat(getComputedStyle(each).outlineWidth)")
    assert outline >= 2
    box = head.bounding_box()
    assert box is not None
    assert box["width"] > 20
    page.keyboard.press("Enter")
    page.wait_for_url("**xep=-so*")
    assert "don_vi=26740C" in page.url
    assert page.locator("th[aria-sort=descending]").count() == 1


def test_a_mistake_leads_to_its_input(visit: Open):
    page = visit(PATHS[5], width=360, height=740)
    page.get_by_role("alert").get_by_role("link").first.press("Enter")
    assert page.evaluate("document.activeElement.id") in ("ky", "don_vi", "theo")


def test_a_row_leads_to_its_own_view(visit: Open):
    page = visit("/phan-tich/?ky=2026-Q3&theo=don_vi", width=1366, height=768)
    page.get_by_role("link", name="Phường Sài Gòn").first.click()
    assert "don_vi=26740C" in page.url
    assert page.locator("table.rates tbody tr").count() > 5


def test_every_drawing_is_told_in_words_too(visit: Open):
    page = visit(PATHS[2], width=1366, height=768)
    panels = page.locator("svg.panel")
    assert panels.count() >= 3
    labels = [each.get_attribute("aria-label") or "" for each in panels.all()]
    assert all("tháng có đánh giá" in label for label in labels)
    page.locator(".over-time summary").click()
    rows = page.locator(".month-rates tbody tr")
    assert rows.count() == panels.count()
    assert page.locator(".breaks li").count() >= 1


def test_labels_stay_inside_the_drawing(visit: Open):
    page = visit(PATHS[2], width=1366, height=768)
    page.evaluate("document.fonts.ready")
    outside = page.evaluate(
        """() => [...document.querySelectorAll("main svg text")].filter((text) => {
          const own = text.getBoundingClientRect();
          const all = text.ownerSVGElement.getBoundingClientRect();
          return own.width && (own.left < all.left - 3 || own.right > all.right + 3);
        }).map((text) => text.textContent)"""
    )
    assert not outside


def test_paper_gets_the_tables_without_what_one_presses(visit: Open):
    page = visit(PATHS[2], width=800, height=1100)
    page.emulate_media(media="print")
    assert page.locator("table.rates").first.is_visible()
    assert page.locator("svg.panel").first.is_visible()
    assert page.locator(".sample").is_visible()
    for gone in (".view-filter", ".downloads", ".who", ".menu"):
        assert page.locator(f"{gone}:visible").count() == 0, gone


def test_a_file_is_downloaded(visit: Open):
    page = visit("/phan-tich/?ky=2026-Q3", width=1366, height=768)
    with page.expect_download() as found:
        page.get_by_role("link", name="XLSX").first.click()
    assert found.value.suggested_filename == "hai-long_so-dem_ho-chi-minh_2026-Q3.xlsx"
