"""What staff see on a device: the code is typed at once, and each fault is told in words."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy.engine import Engine

from tests.kiosk.client import application, new_code
from tests.kiosk.screens_case import POINT, TABLET, TALL, WIDE, Stand, stand_at, violations

OUT_OF_SIGHT = """() => [...document.querySelectorAll("button, input")]
  .filter((each) => each.getBoundingClientRect().bottom > innerHeight)
  .map((each) => each.textContent)"""
FAULTS = """async ([since, times, code]) => {
  const { device } = app;
  const counters = { through: 3, highest: 9, missing: [[4, 6], [8, 8]] };
  await device.store.keep({
    contact: { at: since, clockOffset: -366 * 86400000, ...counters },
    outage: { since, times, code },
  });
  await device.load();
}"""


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("size", [TALL, WIDE, TABLET])
def test_the_code_is_typed_at_once_with_every_key_in_sight(
    hcmc: Engine, serve: Any, open_page: Any, size: tuple[int, int], language: str
) -> None:
    page: Page = open_page(*size)
    page.goto(f"{serve(application(hcmc))}/kiosk/")
    if language == "en":
        page.get_by_role("button", name="English").click()
    field = page.locator("#code")
    expect(field).to_be_focused()
    assert not page.evaluate(OUT_OF_SIGHT)
    assert not violations(page)
    code = new_code(hcmc, "kiosk", POINT)
    page.keyboard.type(code[:7])
    page.get_by_role("button", name=code[7], exact=True).click()
    expect(field).to_have_value(code)
    page.locator(".enrol .main").click()
    expect(page.locator("main [data-screen=staff]")).to_be_visible()


@pytest.mark.parametrize(
    ("language", "code", "told"),
    [
        (
            "vi",
            "unavailable",
            ["nhanh 366 ngày", "4–6, 8", "không ghi được (đã thử 38 lần)"],
        ),
        ("vi", "offline", ["không có trả lời (đã thử 38 lần)"]),
        (
            "en",
            "unavailable",
            ["366 days fast", "4–6, 8", "cannot store (attempts: 38)"],
        ),
        ("en", "502", ["the server refuses: 502 (attempts: 38)"]),
    ],
)
def test_each_fault_is_told_in_words(
    hcmc: Engine, serve: Any, open_page: Any, language: str, code: str, told: list[str]
) -> None:
    stand: Stand = stand_at(hcmc, serve, open_page)
    person = stand(TABLET)
    page = person.page
    since = page.evaluate("new Date(2026, 10, 2, 8, 15).getTime()")
    page.evaluate(FAULTS, [since, 38, code])
    page.locator("#place").dispatch_event("pointerdown")
    person.on("staff")
    if language == "en":
        page.get_by_role("button", name="English").click()
    rows = page.locator(".checks .odd")
    for text in told:
        expect(rows.filter(has_text=text)).to_have_count(1)
    expect(rows.filter(has_text=re.compile(r"8:15.*38"))).to_have_count(1)
    assert not violations(page)
