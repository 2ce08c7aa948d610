"""Access for everyone, measured from the rendered page: axe, targets, reach, keyboard, zoom."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy.engine import Engine

from tests.kiosk.screens_case import (
    PHONE,
    TABLET,
    TALL,
    WIDE,
    Person,
    Stand,
    stand_at,
    violations,
)

TARGETS = """() => [...document.querySelectorAll("button, label.answer, input.typed, textarea")]
  .map((each) => [each.textContent.trim(), each.getBoundingClientRect(), each])
  .filter(([, { width }]) => width > 0)
  .map(([name, { x, y, width, height }, each]) => ({ name, x, y, width, height,
    size: parseFloat(getComputedStyle(each).fontSize) }))"""
SMALL = """(least) => {
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walk.nextNode()) {
    const holder = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || !holder.checkVisibility()) continue;
    const size = parseFloat(getComputedStyle(holder).fontSize);
    if (size < least) found.push(`${size} ${walk.currentNode.data}`);
  }
  return found;
}"""
CUT_OFF = """[...document.querySelectorAll("button, label.answer")]
  .filter((each) => each.scrollWidth > each.clientWidth + 1)
  .map((each) => each.textContent)"""
MOVING = """[...document.querySelectorAll("*")].map((each) => getComputedStyle(each))
  .filter((style) => style.transitionDuration !== "0s" || style.animationName !== "none").length"""
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def stand(hcmc: Engine, serve: Any, open_page: Any) -> Stand:
    """Makes a person at an enrolled device."""
    return stand_at(hcmc, serve, open_page)


def screens(person: Person, language: str = "vi") -> Iterator[str]:
    """Go through every screen of a rating and stop at each."""
    page = person.page
    yield "attract"
    page.locator(f".start[lang={language}]").click()
    person.on("fields")
    yield "fields"
    page.locator("[data-field]").first.click()
    person.on("question")
    yield "question"
    person.answer(4)
    yield "several"
    more = page.locator(".steps button").nth(1)
    more.click()
    expect(page.locator("main input[type=radio]")).to_have_count(2)
    yield "several"
    more.click()
    person.on("dossier")
    yield "dossier"
    if page.locator(".steps button").count() == 3:
        more.click()
        person.on("comment")
        yield "comment"
    person.send()
    yield "thanks"


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize(("size", "kind"), [(TALL, "kiosk"), (WIDE, "kiosk"), (TABLET, "tablet")])
def test_axe_finds_nothing(stand: Stand, size: tuple[int, int], kind: str, language: str) -> None:
    person = stand(size, kind)
    found = []
    for _ in screens(person, language):
        found += violations(person.page)
    assert not found


def test_axe_finds_nothing_in_high_contrast_or_for_staff(stand: Stand) -> None:
    person = stand(TALL, color_scheme="dark")
    person.press("Tương phản").press("Chữ to")
    found = []
    for _ in screens(person):
        found += violations(person.page)
    person.done()
    person.page.evaluate("document.querySelector('#place').dispatchEvent(new Event('pointerdown'))")
    person.on("staff")
    found += violations(person.page)
    person.place({"point": {"hours": [[] for _ in range(7)]}})
    person.press("Về màn hình đánh giá").on("sleeping")
    assert not found + violations(person.page)


@pytest.mark.parametrize("size", [TALL, WIDE])
def test_what_is_touched_is_large_and_apart(stand: Stand, size: tuple[int, int]) -> None:
    person = stand(size)
    for name in screens(person):
        assert not close_or_small(person.page), name
        assert not person.page.evaluate(SMALL, 24), name


def close_or_small(page: Page) -> list[Any]:
    """Return targets under 96 px, and pairs of them with less than 16 px between."""
    found: list[Any] = []
    # what scrolls below what stays in place is not beside it
    targets = [each for each in page.evaluate(TARGETS) if each["y"] >= 0]
    for number, one in enumerate(targets):
        if min(one["width"], one["height"]) < 95.9:
            found.append(one)
        for other in targets[number + 1 :]:
            across = gap(one, other, "x", "width")
            along = gap(one, other, "y", "height")
            if max(across, along) < 15.9:
                found.append((one, other))
    return found


def gap(one: dict[str, float], other: dict[str, float], side: str, length: str) -> float:
    first, second = sorted((one, other), key=lambda each: each[side])
    return second[side] - first[side] - first[length]


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_tall_kiosk_is_touched_in_its_lower_two_thirds(stand: Stand, language: str) -> None:
    person, height = stand(TALL), TALL[1]
    for name in screens(person, language):
        for each in person.page.evaluate(TARGETS):
            assert each["y"] >= height / 3, (name, each)
            assert each["y"] + each["height"] <= height, (name, each)


def test_a_keyboard_is_enough_and_arrows_send_nothing(stand: Stand) -> None:
    person = stand(TABLET, "tablet")
    keyboard = person.page.keyboard
    keyboard.press("Tab")
    keyboard.press("Enter")
    person.on("fields")
    keyboard.press("Tab")
    keyboard.press("Enter")
    person.on("question")
    keyboard.press("Tab")
    for _ in range(3):
        keyboard.press("ArrowDown")
    expect(person.page.locator("input:checked")).to_have_value("2")
    person.on("question")
    assert not person.rows("drafts")
    keyboard.press("Space")
    person.on("several")
    keyboard.press("Tab")
    keyboard.press("Space")
    expect(person.page.locator("input:checked")).to_have_count(1)
    person.page.get_by_role("button", name="Gửi đánh giá").focus()
    keyboard.press("Enter")
    person.on("thanks").page.get_by_role("button", name="Xong").focus()
    keyboard.press("Enter")
    person.on("attract").sealed()
    assert len(person.items()) == 1


def test_a_switch_that_only_goes_on_and_presses_is_enough(stand: Stand) -> None:
    person = stand(TABLET, "tablet")
    for name in ("attract", "fields", "question"):
        person.on(name)
        person.page.keyboard.press("Tab")
        person.page.keyboard.press("Space")
    person.on("several")
    for _ in range(40):
        person.page.keyboard.press("Tab")
        if person.page.evaluate("document.activeElement.classList.contains('main')"):
            break
    person.page.keyboard.press("Space")
    person.on("thanks")


def test_each_screen_is_announced_by_its_heading(stand: Stand) -> None:
    person = stand(TABLET, "tablet")
    for name in screens(person):
        if name != "attract":
            expect(person.page.locator("h1")).to_be_focused()
        expect(person.page.locator("h1")).to_have_count(1)


def test_the_answers_are_one_group_of_radios(stand: Stand) -> None:
    person = stand(TABLET, "tablet").start()
    group = person.page.get_by_role("group", name="Quý Ông/Bà có hài lòng")
    expect(group.get_by_role("radio")).to_have_count(5)
    expect(group.get_by_role("radio", checked=True)).to_have_count(0)
    boxes = [each.bounding_box() for each in group.locator(".answer").all()]
    assert len({(round(box["width"]), round(box["height"])) for box in boxes if box}) == 1


@pytest.mark.parametrize("size", [(256, 192), (320, 640), PHONE])
def test_nothing_is_cut_off_when_zoomed_to_400_percent(stand: Stand, size: tuple[int, int]) -> None:
    person = stand(size, "tablet")
    for name in screens(person):
        assert person.page.evaluate(WIDER) <= 0, name


def test_large_text_is_not_cut_off(stand: Stand) -> None:
    for size, kind in ((TALL, "kiosk"), (WIDE, "kiosk"), (TABLET, "tablet"), (PHONE, "tablet")):
        person = stand(size, kind).press("Chữ to")
        for name in screens(person, "en"):
            assert person.page.evaluate(WIDER) <= 0, (size, name)
            assert not person.page.evaluate(CUT_OFF), (size, name)


def test_nothing_moves_for_whoever_wants_no_motion(stand: Stand) -> None:
    person = stand(TALL, reduced_motion="reduce").start()
    assert not person.page.evaluate(MOVING)


def test_it_reads_aloud_only_where_the_device_has_a_voice(stand: Stand) -> None:
    person = stand()
    expect(person.page.get_by_role("button", name="Đọc to")).to_have_count(0)
    person.page.evaluate(
        """() => {
          globalThis.voice = { lang: "vi-VN", name: "test", localService: false };
          speechSynthesis.getVoices = () => [voice];
          speechSynthesis.dispatchEvent(new Event("voiceschanged"));
        }"""
    )
    expect(person.page.get_by_role("button", name="Đọc to")).to_have_count(0)
    person.page.evaluate(
        """() => {
          voice.localService = true;
          speechSynthesis.dispatchEvent(new Event("voiceschanged"));
        }"""
    )
    expect(person.page.get_by_role("button", name="Đọc to")).to_have_count(1)
    person.start("en")
    expect(person.page.get_by_role("button", name="Read aloud")).to_have_count(0)
