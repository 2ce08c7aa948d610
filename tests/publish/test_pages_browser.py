"""The public pages in a real browser: reading, keyboard, narrow screens, without script."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import pytest
from playwright.sync_api import Page
from sqlalchemy.engine import Engine

from tests.fixtures.pages import RULES, violations
from tests.publish.conftest import SAI_GON
from tests.publish.figures import pages_app

Open = Callable[..., Page]

PATHS = (
    "/",
    "/don-vi/?q=sai+gon",
    "/linh-vuc/",
    f"/don-vi/{SAI_GON}",
    "/don-vi/26743C",
    "/don-vi/26740A",
    "/linh-vuc/DD",
    "/ky/2026-10",
    "/ky/2025-Q2",
    "/cach-tinh",
    "/quyen-rieng-tu",
    "/khong-co",
)


@pytest.fixture
def site(published: Engine, serve: Callable[[Any], str]) -> Iterator[str]:
    """The address of the published city."""
    return serve(pages_app(published, is_sample=True, page_seconds=60))


def test_axe_finds_nothing(site: str, open_page: Open) -> None:
    page = open_page(expected_statuses=(404,))
    assert not found(page, site, PATHS)


def test_the_dark_theme_has_contrast_too(site: str, open_page: Open) -> None:
    page = open_page(expected_statuses=(404,), color_scheme="dark")
    paths = ("/", f"/don-vi/{SAI_GON}", "/don-vi/26743C", "/cach-tinh")
    assert not found(page, site, paths, ["color-contrast"])


def found(page: Page, site: str, paths: Iterable[str], rules: Sequence[str] = RULES) -> list[str]:
    told = []
    for path in paths:
        page.goto(site + path)
        told += violations(page, rules)
    return told


@pytest.mark.parametrize("language", ["", "/en"])
def test_nothing_is_cut_off_at_320_pixels(site: str, open_page: Open, language: str) -> None:
    page = open_page(width=320, height=640, expected_statuses=(404,))
    for path in PATHS:
        page.goto(site + language + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path


def test_a_wide_page_zoomed_four_times_is_read_without_scrolling_sideways(
    site: str, open_page: Open
) -> None:
    page = open_page(width=1280 // 4, height=1024 // 4, device_scale_factor=4)
    for path in ("/", f"/don-vi/{SAI_GON}"):
        page.goto(site + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path


def test_texts_may_be_spaced_wider(site: str, open_page: Open) -> None:
    """WCAG 1.4.12: nothing overflows when a reader sets wider spaces."""
    page = open_page(width=360, bypass_csp=True)
    page.goto(f"{site}/don-vi/{SAI_GON}")
    page.add_style_tag(
        content="* { line-height: 1.5 !important; letter-spacing: .12em !important;"
        " word-spacing: .16em !important } p { margin-bottom: 2em !important }"
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_the_keyboard_goes_first_to_the_content(site: str, open_page: Open) -> None:
    page = open_page()
    page.goto(site)
    page.keyboard.press("Tab")
    skip = page.locator(":focus")
    assert skip.inner_text() == "Đến nội dung chính"
    assert skip.bounding_box()["y"] >= 0  # type: ignore[index]
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_focus_is_seen(site: str, open_page: Open) -> None:
    page = open_page()
    page.goto(f"{site}/don-vi/{SAI_GON}")
    for _ in range(12):
        page.keyboard.press("Tab")
        style = page.evaluate(
            "(s => [s.outlineStyle, parseFloat(s.outlineWidth)])"
            "(getComputedStyle(document.activeElement))"
        )
        assert style[0] != "none"
        assert style[1] >= 2


def test_the_same_is_said_without_script(site: str, open_page: Open) -> None:
    texts = []
    for has_script in (True, False):
        page = open_page(java_script_enabled=has_script)
        page.goto(f"{site}/don-vi/{SAI_GON}")
        texts.append(page.locator("main").inner_text())
    assert texts[0] == texts[1]


def test_the_search_works_without_script(site: str, open_page: Open) -> None:
    page = open_page(java_script_enabled=False)
    page.goto(site)
    page.get_by_role("searchbox").fill("tan dinh")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Phường Tân Định").first.click()
    assert page.get_by_role("heading", level=1).inner_text() == "Phường Tân Định"


def test_the_list_is_filtered_as_one_types(site: str, open_page: Open) -> None:
    page = open_page()
    page.goto(f"{site}/don-vi/")
    box = page.get_by_role("searchbox")
    box.fill("sai gon")
    assert page.locator("tbody tr:visible").count() == 1
    assert page.get_by_role("link", name="Phường Sài Gòn").is_visible()
    assert page.locator("#past").is_hidden()
    box.fill("ben nghe")
    assert page.get_by_role("link", name="Phường Bến Nghé").is_visible()
    box.fill("khong co dau")
    assert page.get_by_role("status").inner_text() == "Không có đơn vị nào như vậy."
    box.fill("")
    assert page.locator("tbody tr:visible").count() > 168
    assert page.get_by_role("status").inner_text() == ""


def test_charts_are_drawn_and_wide_or_small(site: str, open_page: Open) -> None:
    for width, shown, hidden in ((1280, ".wide", ".small"), (360, ".small", ".wide")):
        page = open_page(width=width)
        page.goto(f"{site}/don-vi/{SAI_GON}")
        assert page.locator(f".history-chart{shown}").is_visible()
        assert page.locator(f".history-chart{hidden}").is_hidden()
        assert page.locator(".hero-chart").is_visible()


def test_labels_stay_inside_the_drawing(site: str, open_page: Open) -> None:
    page = open_page(width=1280)
    for path in (f"/don-vi/{SAI_GON}", "/", "/don-vi/26743C"):
        page.goto(site + path)
        page.evaluate("document.fonts.ready")
        outside = page.evaluate(
            """() => [...document.querySelectorAll("main svg text")].filter((text) => {
              const own = text.getBoundingClientRect();
              const all = text.ownerSVGElement.getBoundingClientRect();
              return own.width && (own.left < all.left - 3 || own.right > all.right + 3);
            }).map((text) => text.textContent)"""
        )
        assert not outside, path


def test_paper_gets_the_notice_without_what_one_presses(site: str, open_page: Open) -> None:
    page = open_page(width=800)
    page.goto(f"{site}/don-vi/{SAI_GON}")
    page.emulate_media(media="print")
    assert page.get_by_text("https://hailong.example/don-vi/26740C/2026-Q3/1").is_visible()
    assert page.locator(".sample").is_visible()
    assert page.locator(".hero-chart").is_visible()
    for gone in (".menu", ".finder", ".links", ".as-table"):
        assert page.locator(f"{gone}:visible").count() == 0


def test_figures_stand_in_columns(site: str, open_page: Open) -> None:
    """The vendored font is the one in use, and its figures are of one width."""
    page = open_page()
    page.goto(f"{site}/don-vi/{SAI_GON}")
    assert page.evaluate(
        "document.fonts.ready.then(() => document.fonts.check('16px \"Be Vietnam Pro\"'))"
    )
    widths = page.evaluate(
        """() => ["111", "000", "474"].map((digits) => {
          const span = document.createElement("td");
          span.className = "number";
          span.textContent = digits;
          document.querySelector("table tbody tr").append(span);
          const range = document.createRange();
          range.selectNodeContents(span);
          const { width } = range.getBoundingClientRect();
          span.remove();
          return width;
        })"""
    )
    assert max(widths) - min(widths) < 0.1
