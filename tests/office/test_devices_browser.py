"""The device desk in a real browser: rules of access, narrow screens, keyboard, paper."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from survey.db import reading, writing
from survey.devices import fleet, log
from survey.intake.accept import now_milliseconds
from tests.fixtures.devices import TestDevice, enrolled
from tests.fixtures.pages import violations
from tests.office.conftest import ADMIN, Office
from tests.office.test_pages_browser import Open, Serve, enter, faults, start

pytestmark = pytest.mark.usefixtures("one_database")

LIST = "/quan-tri/thiet-bi"
DAY = 24 * 3_600_000


@pytest.fixture
def fleeted(office: Office) -> Office:
    """The city with a device that is as it should be, one with every fault, and one that waits."""
    well, ill = enrolled(office.engine, days=30), enrolled(office.engine, days=30)
    well.send([well.item()])
    ill.send([ill.item(), ill.item(counter=9), ill.item(ill.body(holder="staff"))])
    TestDevice(office.engine, office.app.test_client(), "tablet")
    seen_at = now_milliseconds() - 9 * DAY
    with writing(office.engine) as connection:
        fleet.change(
            connection, ill.id, seen_at=seen_at, clock_offset=-DAY, storage="tight", queue=1200
        )
    office.devices = [well.id, ill.id]  # type: ignore[attr-defined]
    return office


def paths(office: Office) -> list[str]:
    """Return an address of each type of page, with something on it."""
    well, ill = office.devices  # type: ignore[attr-defined]
    with reading(office.engine) as connection:
        (item,) = log.open_rejected(connection, ill)
        point = fleet.placements(connection, ill)[-1].point
    one = f"{LIST}/{ill}"
    return [
        LIST,
        f"{LIST}?co=silent",
        f"{LIST}/{well}",
        one,
        f"{one}/chuyen",
        f"{one}/thu-hoi",
        f"{one}/tu-choi/{item.digest.hex()}",
        f"{LIST}/moi",
        f"{LIST}/gio/{point}",
        f"{LIST}/huong-dan",
    ]


@pytest.mark.parametrize(("theme", "width"), [("light", 1366), ("dark", 1366), ("light", 320)])
def test_axe_finds_nothing(
    fleeted: Office, serve: Serve, open_page: Open, theme: str, width: int
) -> None:
    site = start(fleeted, serve)
    page = open_page(width=width, height=768, color_scheme=theme)
    enter(page, fleeted, site, ADMIN)
    assert not [fault for path in paths(fleeted) for fault in faults(page, site + path)]


@pytest.mark.parametrize("language", ["", "/en"])
def test_nothing_is_cut_off_at_320_pixels(
    fleeted: Office, serve: Serve, open_page: Open, language: str
) -> None:
    site = start(fleeted, serve)
    page = open_page(width=320, height=640)
    enter(page, fleeted, site, ADMIN)
    for path in paths(fleeted):
        page.goto(site + language + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path


def test_a_device_is_made_by_keyboard(office: Office, serve: Serve, open_page: Open) -> None:
    site = start(office, serve)
    page = open_page(width=1366, height=768)
    enter(page, office, site, ADMIN)
    page.goto(f"{site}{LIST}/moi")
    page.locator("input[name=kind]").first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.type("Sảnh A")
    page.keyboard.press("Enter")
    page.wait_for_selector(".enrolment")
    assert len(page.locator(".enrolment").inner_text().replace(" ", "")) == 8
    assert fits_narrow(page)


def fits_narrow(page: Page) -> bool:
    """Tell whether the page, which has no address of its own, fits a narrow screen."""
    page.set_viewport_size({"width": 320, "height": 640})
    return bool(page.evaluate("document.documentElement.scrollWidth <= 320"))


def test_a_fault_in_the_hours_is_seen_and_hours_are_kept(
    office: Office, serve: Serve, open_page: Open
) -> None:
    site, device = start(office, serve), enrolled(office.engine)
    page = open_page(width=1366, height=900, expected_statuses=(400,))
    enter(page, office, site, ADMIN)
    page.goto(f"{site}{LIST}/gio/{device.point}")
    page.fill("#time_0_1", "07:00")
    page.keyboard.press("Enter")
    page.wait_for_selector("#time_0_0-error")
    page.locator(".errors a").click()
    assert page.evaluate("document.activeElement.id") == "time_0_0"
    assert not violations(page)
    page.fill("#time_0_1", "16:30")
    page.keyboard.press("Enter")
    page.wait_for_selector(".notice[role=status]")
    assert "07:30–16:30" in page.locator(".week").first.inner_text()


def test_the_guide_prints_without_the_way_to_it(
    office: Office, serve: Serve, open_page: Open
) -> None:
    site = start(office, serve)
    page = open_page(width=1366, height=768)
    enter(page, office, site, ADMIN)
    page.goto(f"{site}{LIST}/huong-dan")
    page.emulate_media(media="print")
    for hidden in (".top", ".crumbs", ".who", ".guide .tools"):
        assert not page.locator(hidden).first.is_visible(), hidden
    assert page.locator(".guide h1").is_visible()
    wide = page.evaluate(
        "[...document.querySelectorAll('.guide pre')].some(e => e.scrollWidth > e.clientWidth + 1)"
    )
    assert not wide
